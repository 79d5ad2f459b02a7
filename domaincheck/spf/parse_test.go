package spf_test

import (
	"errors"
	"strings"
	"testing"

	"wolkwijs/domaincheck/spf"
	"wolkwijs/domaincheck/syntax"
)

func TestParse(t *testing.T) {
	for _, tt := range []struct {
		txt  string
		want string // part of the English reason; empty: valid
	}{
		{"v=spf1", ""},
		{"V=SPF1 -ALL", ""},
		{"v=spf1  a   mx ~all  ", ""},
		{"v=spf1 a/24 a//64 a/24//64 a:example.org/24//64 -all", ""},
		{"v=spf1 mx:example.org -ptr ptr:example.org ?all", ""},
		{"v=spf1 ip4:192.0.2.1 ip4:192.0.2.0/24 ip6:2001:db8::/32 ip6:::ffff:192.0.2.1 -all", ""},
		{"v=spf1 include:_spf.example.org redirect=example.net exp=why.%{d}", ""},
		{"v=spf1 exists:%{ir}.%{v}._spf.%{d2} exists:%%.%_%-%{l1r+-}.%{d} -all", ""},
		{"v=spf1 include:%{ir}.%{v}.%{d}.spf.example.org ~all", ""},
		{"v=spf1 x-future=anything/here:%{d} -all", ""},
		{"v=spf1 a:xn--bcher-kva.example.xn--p1ai -all", ""},

		{"v=spf1 all:example.org", "nothing after `all`"},
		{"v=spf1 include: example.org", "names no domain; there must be no space"},
		{"v=spf1 include", "names no domain"},
		{"v=spf1 a: -all", "names no domain"},
		{"v=spf1 a:localhost -all", "does not end in a valid domain name"},
		{"v=spf1 a:example.123 -all", "does not end in a valid domain name"},
		{"v=spf1 a:example.org:8080 -all", "does not end in a valid domain name"},
		{"v=spf1 a:example.org/33 -all", "no valid length"},
		{"v=spf1 a//129 -all", "no valid length"},
		{"v=spf1 a/024 -all", "no valid length"},
		{"v=spf1 ip4:192.0.2.0/ -all", "no valid length"},
		{"v=spf1 ip4:192.0.2.300 -all", "not a valid IP address"},
		{"v=spf1 ip4:2001:db8::1 -all", "use `ip6:`"},
		{"v=spf1 ip6:192.0.2.1 -all", "use `ip4:`"},
		{"v=spf1 ip6:fe80::1%eth0 -all", "macro"},
		{"v=spf1 ip4 -all", "names no address"},
		{"v=spf1 ipv4:192.0.2.1 -all", "`ip4:` is meant"},
		{"v=spf1 192.0.2.1 -all", "bare address"},
		{"v=spf1 mail.example.org -all", "bare name"},
		{"v=spf1 include=example.org", ""}, // an unknown modifier, by the grammar
		{"v=spf1 +redirect=example.org", "not a mechanism"},
		{"v=spf1 redirect=example.org redirect=example.net", "second time"},
		{"v=spf1 exp=a.example.org exp=b.example.org", "second time"},
		{"v=spf1 redirect=", "names no domain"},
		{"v=spf1 a:%{z}.example.org", "macro that does not exist"},
		{"v=spf1 a:%{d", "closing brace"},
		{"v=spf1 a:100%.example.org", "no macro"},
		{"v=spf1 exists:%{d0}.example.org", "macro that does not exist"},
		{"v=spf1 include:%{c}.example.org", "macro that does not exist"},
		{"v=spf1 a\tmx -all", "not allowed here"},
		{"v=spf1 a:b\xc3\xbccher.example -all", "not allowed here"},
		{"v=spf1 \u200b-all", "not allowed here"},
	} {
		_, err := spf.Parse(tt.txt)
		switch {
		case tt.want == "" && err != nil:
			t.Errorf("%q: %v; want it valid", tt.txt, err)
		case tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want)):
			t.Errorf("%q: %v; want %q", tt.txt, err, tt.want)
		}
	}
}

func TestParseNamesThePlace(t *testing.T) {
	_, err := spf.Parse("v=spf1 mx a:%{?}.example.org -all")
	var fault *syntax.Error
	if !errors.As(err, &fault) || fault.Offset != 12 || fault.At != "a:%{?}.example.org" || fault.Why.NL == "" || fault.RFC != "RFC 7208, section 7.1" {
		t.Errorf("got %#v", err)
	}
}

func TestReachedEndsAtAll(t *testing.T) {
	r, err := spf.Parse("v=spf1 a -all mx include:example.org")
	if err != nil || len(r.Reached()) != 2 || r.All().Qualifier != '-' {
		t.Errorf("%+v, %v", r, err)
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{"v=spf1 -all", "v=spf1 a:%{d}/24//64 exp=%{c}", "v=spf1 ip6:::/0", "v=spf1 exists:%{ir}.%%", "v=spf1 \x00", "v=spf1 %{"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		r, err := spf.Parse(s)
		if (r == nil) == (err == nil) {
			t.Fatalf("record %v and error %v", r, err)
		}
		var fault *syntax.Error
		if errors.As(err, &fault) && (fault.Offset < 0 || fault.Offset > len(s) || fault.Why.NL == "" || fault.Why.EN == "" || fault.RFC == "") {
			t.Fatalf("fault %#v in %q", fault, s)
		}
		if err != nil {
			return
		}
		// What was read is the text again, term by term.
		for _, term := range r.Terms {
			if s[term.Offset:term.Offset+len(term.Text)] != term.Text {
				t.Fatalf("term %q is not at %d of %q", term.Text, term.Offset, s)
			}
		}
	})
}
