package dnsq_test

import (
	"strings"
	"testing"

	"codeberg.org/miekg/dns"
	"codeberg.org/miekg/dns/rdata"

	"wolkwijs/domaincheck/dnsq"
)

func TestHostNameRejectsWhatCouldPassForAnother(t *testing.T) {
	for _, tt := range []struct {
		name, want string
		ok         bool
	}{
		{"mail.Example.NL.", "mail.example.nl", true},
		{"_25._tcp.mail.example.nl", "_25._tcp.mail.example.nl", true},
		{"xn--bcher-kva.example.", "xn--bcher-kva.example", true},
		{`x.mail\.protection\.outlook.com.`, "", false}, // dots inside a label
		{`mail\000.example.nl.`, "", false},
		{`mail\010.example.nl.`, "", false},
		{"mail example.nl.", "", false},
		{"bücher.example.", "", false},
		{"*.example.nl.", "", false},
		{"a..example.nl.", "", false},
		{".", "", false},
		{"", "", false},
		{strings.Repeat("a", 64) + ".nl.", "", false},
		{strings.Repeat("a.", 127) + "nl.", "", false},
	} {
		got, ok := dnsq.HostName(tt.name)
		if got != tt.want && tt.ok || ok != tt.ok {
			t.Errorf("HostName(%q) = %q, %v; want %q, %v", tt.name, got, ok, tt.want, tt.ok)
		}
	}
}

func TestIsSubdomainComparesLabels(t *testing.T) {
	for _, tt := range []struct {
		child, parent string
		want          bool
	}{
		{"example.nl", "example.nl.", true},
		{"WWW.example.nl.", "Example.nl", true},
		{"example.nl", ".", true},
		{"notexample.nl", "example.nl", false},
		{"example.nl", "www.example.nl", false},
		{`www\.example.nl`, "example.nl", false}, // "www.example" is one label here
		{`\119ww.example.nl`, "www.example.nl", true},
		{"www..nl", "nl", false},
		{"", "nl", false},
		{"nl", "", false},
	} {
		if got := dnsq.IsSubdomain(tt.child, tt.parent); got != tt.want {
			t.Errorf("IsSubdomain(%q, %q) = %v", tt.child, tt.parent, got)
		}
	}
}

func TestTXTStringJoinsRawOctets(t *testing.T) {
	rr := &dns.TXT{TXT: rdata.TXT{Txt: []string{`v=spf1 \"a\" \\ `, `\000\255é`}}}
	if got, want := dnsq.TXTString(rr), "v=spf1 \"a\" \\ \x00\xffé"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
