package dane_test

import (
	"strings"
	"testing"

	"codeberg.org/miekg/dns"
	"codeberg.org/miekg/dns/rdata"

	"wolkwijs/domaincheck/dane"
	"wolkwijs/domaincheck/dnsq"
)

func parse(usage, selector, matching uint8, data string) *dane.Set {
	return dane.Parse(dnsq.Answer{Records: []dns.RR{&dns.TLSA{TLSA: rdata.TLSA{Usage: usage, Selector: selector, MatchingType: matching, Certificate: data}}}})
}

func TestParse(t *testing.T) {
	sha256, sha512 := strings.Repeat("ab", 32), strings.Repeat("cd", 64)
	for _, tt := range []struct {
		usage, selector, matching uint8
		data, err                 string
	}{
		{3, 1, 1, sha256, ""},
		{2, 0, 2, sha512, ""},
		{0, 0, 1, sha256, "does not count for mail"},
		{1, 1, 1, sha256, "does not count for mail"},
		{4, 1, 1, sha256, "usage (first number)"},
		{3, 2, 1, sha256, "selector (second number)"},
		{3, 1, 3, sha256, "matching type (third number)"},
		{3, 1, 1, sha512, "wrong length"},
		{3, 1, 2, sha256, "wrong length"},
		{3, 1, 1, "", "wrong length"},
		{3, 1, 1, "xy", "wrong length"},
		{3, 0, 0, "00", "no certificate"},
		{3, 1, 0, "00", "no certificate"},
	} {
		s := parse(tt.usage, tt.selector, tt.matching, tt.data)
		got := ""
		if len(s.Faults) > 0 {
			got = s.Faults[0].Error()
		}
		if (got == "") != (tt.err == "") || !strings.Contains(got, tt.err) || (s.Usable == 1) != (tt.err == "") {
			t.Errorf("%d %d %d %.10s…: %q, usable %d; want %q", tt.usage, tt.selector, tt.matching, tt.data, got, s.Usable, tt.err)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add(uint8(3), uint8(1), uint8(1), strings.Repeat("ab", 32))
	f.Add(uint8(3), uint8(0), uint8(0), "3082")
	f.Fuzz(func(t *testing.T, usage, selector, matching uint8, data string) {
		if s := parse(usage, selector, matching, data); s.Usable+len(s.Faults) != 1 {
			t.Fatalf("%+v", s)
		}
	})
}
