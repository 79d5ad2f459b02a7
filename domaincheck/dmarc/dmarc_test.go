package dmarc_test

import (
	"errors"
	"strings"
	"testing"

	"wolkwijs/domaincheck/dmarc"
	"wolkwijs/domaincheck/syntax"
)

func TestParse(t *testing.T) {
	for _, tt := range []struct {
		txt  string
		want string // part of the English reason; empty: valid
	}{
		{"v=DMARC1; p=none", ""},
		{"v=DMARC1;p=REJECT;", ""},
		{" V = DMARC1 ; P=quarantine ; rua = mailto:a@example.org , mailto:b@example.net!10m", ""},
		{"v=DMARC1; rua=mailto:a@example.org", ""},
		{"v=DMARC1; p=reject; sp=quarantine; np=reject; t=y; psd=u; adkim=s; aspf=r; fo=0:1:d:s", ""},
		{"v=DMARC1; p=reject; pct=any; rf=thing; ri=", ""},
		{"v=DMARC1; p=reject; future=x", ""},
		{"v=DMARC1; p=reject; sp=no; rua=mailto:a@example.org", ""},
		{"v=DMARC1; p=reject; rua=https://example.org/report", ""},

		{"v=dmarc1; p=none", "not a DMARC record"},
		{"v=DMARC2; p=none", "not a DMARC record"},
		{"p=none; v=DMARC1", "not a DMARC record"},
		{"v=DMARC1", "no policy"},
		{"v=DMARC1; p", "name=value"},
		{"v=DMARC1; p=none; p=none", "second time"},
		{"v=DMARC1;; p=none", "nothing between two semicolons"},
		{"v=DMARC1; p=monitor", "can only be `none`"},
		{"v=DMARC1; p=reject; sp=no", "can only be `none`"},
		{"v=DMARC1; p=reject; np=no", "can only be `none`"},
		{"v=DMARC1; p=reject; t=1", "one of these"},
		{"v=DMARC1; p=reject; psd=x", "one of these"},
		{"v=DMARC1; p=reject; adkim=relaxed", "one of these"},
		{"v=DMARC1; p=reject; fo=2", "colons between them"},
		{"v=DMARC1; rua=a@example.org", "begins with `mailto:`"},
		{"v=DMARC1; adkim=relaxed; p=monitor", "one of these"},
		{"v=DMARC1; p=none; rua=a@example.org", "begins with `mailto:`"},
		{"v=DMARC1; p=none; rua=mailto:example.org", "mail address"},
		{"v=DMARC1; p=none; rua=mailto:a@example.org mailto:b@example.org", "mail address"},
		{"v=DMARC1; p=none; rua=mailto:a@example.org!10q", "size limit"},
	} {
		_, err := dmarc.Parse(tt.txt)
		switch {
		case tt.want == "" && err != nil:
			t.Errorf("%q: %v; want it valid", tt.txt, err)
		case tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want)):
			t.Errorf("%q: %v; want %q", tt.txt, err, tt.want)
		}
	}
}

func TestPolicies(t *testing.T) {
	for _, tt := range []struct {
		txt                  string
		p, sp, np, effective dmarc.Policy
	}{
		{"v=DMARC1; p=reject", "reject", "reject", "reject", "reject"},
		{"v=DMARC1; p=reject; sp=none", "reject", "none", "none", "reject"},
		{"v=DMARC1; p=none; np=reject", "none", "none", "reject", "none"},
		{"v=DMARC1; p=reject; t=y", "reject", "reject", "reject", "quarantine"},
		{"v=DMARC1; p=quarantine; t=y", "quarantine", "quarantine", "quarantine", "none"},
		{"v=DMARC1; rua=mailto:a@example.org", "none", "none", "none", "none"},
		// A value that does not exist costs the whole policy.
		{"v=DMARC1; p=reject; sp=no; rua=mailto:a@example.org", "none", "none", "none", "none"},
	} {
		r, err := dmarc.Parse(tt.txt)
		if err != nil {
			t.Errorf("%q: %v", tt.txt, err)
			continue
		}
		if r.P != tt.p || r.SP != tt.sp || r.NP != tt.np || r.Effective() != tt.effective {
			t.Errorf("%q: p=%s sp=%s np=%s, effective %s", tt.txt, r.P, r.SP, r.NP, r.Effective())
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{"v=DMARC1; p=none", "v=DMARC1; rua=mailto:a@b.example!1g,", "v=DMARC1;;", "v=DMARC1; p=\x00", "v=DMARC1; rua=mailto:%00@x"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		r, err := dmarc.Parse(s)
		if (r == nil) == (err == nil) {
			t.Fatalf("record %v and error %v", r, err)
		}
		var fault *syntax.Error
		if errors.As(err, &fault) && (fault.Offset < 0 || fault.Offset > len(s) || fault.Why.NL == "" || fault.Why.EN == "") {
			t.Fatalf("fault %#v in %q", fault, s)
		}
		if err == nil && !dmarc.Is(s) {
			t.Fatalf("%q was read but is no DMARC record", s)
		}
	})
}
