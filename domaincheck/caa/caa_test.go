package caa_test

import (
	"slices"
	"strings"
	"testing"

	"codeberg.org/miekg/dns"
	"codeberg.org/miekg/dns/rdata"

	"wolkwijs/domaincheck/caa"
	"wolkwijs/domaincheck/dnsq"
)

func parse(flag uint8, tag, value string) *caa.Set {
	return caa.Parse(dnsq.Answer{Records: []dns.RR{&dns.CAA{CAA: rdata.CAA{Flag: flag, Tag: tag, Value: value}}}})
}

func TestParse(t *testing.T) {
	for _, tt := range []struct {
		flag       uint8
		tag, value string
		err        string
	}{
		{0, "issue", "ca.example.net", ""},
		{0, "ISSUE", " CA.example.net ; policy=ev; a=", ""},
		{0, "issue", ";", ""},
		{0, "issue", "", ""},
		{0, "issuewild", "ca.example.net", ""},
		{0, "issuemail", ";", ""},
		{0, "iodef", "mailto:security@example.org", ""},
		{0, "future", "anything", ""},
		{128, "issue", "ca.example.net", ""},
		{128, "future", "anything", "marked critical"},
		{0, "issue", "ca.example.net; policy", "not `name=value`"},
		{0, "issue", "https://ca.example.net", "no valid domain"},
		{0, "issue", "-ca.example.net", "no valid domain"},
		{0, "iodef", "security@example.org", "no address"},
		{0, "is-sue", "x", "name that is not correct"},
	} {
		s := parse(tt.flag, tt.tag, tt.value)
		got := ""
		if len(s.Faults) > 0 {
			got = s.Faults[0].Error()
		}
		if (got == "") != (tt.err == "") || !strings.Contains(got, tt.err) {
			t.Errorf("%d %s %q: %q; want %q", tt.flag, tt.tag, tt.value, got, tt.err)
		}
	}
	if s := parse(0, "issue", "CA.example.net; x=y"); !s.HasIssue || !slices.Equal(s.Issue, []string{"ca.example.net"}) {
		t.Errorf("%+v", s)
	}
	if s := parse(0, "issue", ";"); !s.HasIssue || len(s.Issue) > 0 {
		t.Errorf("%+v", s)
	}
}

func FuzzParse(f *testing.F) {
	f.Add(uint8(0), "issue", "ca.example.net; a=b")
	f.Add(uint8(128), "\x00", ";;=")
	f.Fuzz(func(t *testing.T, flag uint8, tag, value string) {
		if s := parse(flag, tag, value); len(s.Text) != 1 || len(s.Issue)+len(s.Faults) > 1 {
			t.Fatalf("%+v", s)
		}
	})
}
