package tlsrpt_test

import (
	"strings"
	"testing"

	"wolkwijs/domaincheck/tlsrpt"
)

func TestParse(t *testing.T) {
	for _, tt := range []struct{ txt, err string }{
		{"v=TLSRPTv1; rua=mailto:a@example.org", ""},
		{"v=TLSRPTv1;rua=https://example.org/v1/tlsrpt,mailto:a@example.org;", ""},
		{"v=TLSRPTv1; rua=mailto:a@example.org; future=x", ""},
		{"v=TLSRPTv1", "not a TLS-RPT record"},
		{"v=TLSRPTv10; rua=mailto:a@example.org", "not a TLS-RPT record"},
		{"v=TLSRPTv1;", "no address"},
		{"v=TLSRPTv1; rua=", "no value"},
		{"v=TLSRPTv1; rua=,", "not correct"},
		{"v=TLSRPTv1; rua=a@example.org", "not correct"},
		{"v=TLSRPTv1; rua=http://example.org/", "not correct"},
		{"v=TLSRPTv1; rua=mailto:a@example.org; rua=mailto:b@example.org", ""},
		{"v=TLSRPTv1; rua=mailto:a@example.org; " + strings.Repeat("a", 33) + "=1", "too long"},
	} {
		_, err := tlsrpt.Parse(tt.txt)
		if (err == nil) != (tt.err == "") || err != nil && !strings.Contains(err.Error(), tt.err) {
			t.Errorf("%q: %v; want %q", tt.txt, err, tt.err)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add("v=TLSRPTv1; rua=mailto:a@example.org")
	f.Add("v=TLSRPTv1; rua=https://[::1")
	f.Fuzz(func(t *testing.T, s string) {
		r, err := tlsrpt.Parse(s)
		if (r == nil) == (err == nil) || r != nil && len(r.RUA) == 0 {
			t.Fatalf("%q: %v, %v", s, r, err)
		}
	})
}
