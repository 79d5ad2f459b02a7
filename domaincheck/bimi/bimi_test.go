package bimi_test

import (
	"strings"
	"testing"

	"wolkwijs/domaincheck/bimi"
)

func TestParse(t *testing.T) {
	for _, tt := range []struct{ txt, err string }{
		{"v=BIMI1; l=https://example.org/logo.svg; a=https://example.org/vmc.pem", ""},
		{"v=BIMI1; l=; a=;", ""},
		{"v=BIMI1", ""},
		{"v=BIMI1; avp=personal; lps=sales, help-desk", ""},
		{"v=BIMI1; l=http://example.org/logo.svg", "https://"},
		{"v=BIMI1; l=https:///logo.svg", "https://"},
		{"v=BIMI1; a=self", "https://"},
		{"v=BIMI1; avp=other", "`brand` or `personal`"},
		{"v=BIMI1; lps=a.b", "letters, digits and hyphens"},
		{"v=BIMI1; l=; l=", "second time"},
		{"v=bimi1; l=", "not a BIMI record"},
	} {
		_, err := bimi.Parse(tt.txt)
		if (err == nil) != (tt.err == "") || err != nil && !strings.Contains(err.Error(), tt.err) {
			t.Errorf("%q: %v; want %q", tt.txt, err, tt.err)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add("v=BIMI1; l=https://example.org/logo.svg")
	f.Add("v=BIMI1; lps=,")
	f.Fuzz(func(t *testing.T, s string) {
		if r, err := bimi.Parse(s); (r == nil) == (err == nil) {
			t.Fatalf("%q: %v, %v", s, r, err)
		}
	})
}
