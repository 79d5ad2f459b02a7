package domaincheck_test

import (
	"errors"
	"strings"
	"testing"

	"wolkwijs/domaincheck"
)

func TestNormalise(t *testing.T) {
	for _, tt := range []struct {
		input, domain, host string
		address             bool
	}{
		{"example.nl", "example.nl", "", false},
		{"  Example.NL. ", "example.nl", "", false},
		{"www.example.nl", "example.nl", "", false},
		{"mail.example.nl", "example.nl", "mail.example.nl", false},
		{"https://www.example.nl/path?x=y#z", "example.nl", "", false},
		{"http://user:secret@shop.example.nl:8443/", "example.nl", "shop.example.nl", false},
		{"//example.nl/path", "example.nl", "", false},
		{"example.nl/path", "example.nl", "", false},
		{"example.nl:443", "example.nl", "", false},
		{"someone@example.nl", "example.nl", "", true},
		{"Some One <someone@example.nl>", "example.nl", "", true},
		{"mailto:someone@example.nl?subject=hello", "example.nl", "", true},
		{"<example.nl>,", "example.nl", "", false},
		{"`example.nl`", "example.nl", "", false},
		{"example.nl!", "example.nl", "", false},
		{"café.nl", "xn--caf-dma.nl", "", false},
		{"CAFÉ.nl", "xn--caf-dma.nl", "", false},
		{"xn--caf-dma.nl", "xn--caf-dma.nl", "", false},
		{"example。nl", "example.nl", "", false},
		{"example.co.uk", "example.co.uk", "", false},
		{"a.b.example.co.uk", "example.co.uk", "a.b.example.co.uk", false},
		{"someone.github.io", "someone.github.io", "", false},
		{"github.io", "github.io", "", false},
		{"co.uk", "co.uk", "", false},
	} {
		got, err := domaincheck.Normalise(tt.input)
		if err != nil || got.Domain != tt.domain || got.Host != tt.host || got.Address != tt.address {
			t.Errorf("%q: %+v, %v", tt.input, got, err)
		}
	}
	if got, err := domaincheck.Normalise("xn--caf-dma.nl"); err != nil || got.Unicode != "café.nl" {
		t.Errorf("%+v, %v", got, err)
	}
}

func TestNormaliseRefuses(t *testing.T) {
	for _, tt := range []struct{ input, why, suggest string }{
		{"", "Give a domain", ""},
		{"exampel nl", "a space", "exampel.nl"},
		{"example.nl example.org", "one at a time", ""},
		{"what about example.nl please", "a space", ""},
		{"example,nl", "a comma", "example.nl"},
		{"hcc", "ending such as", "hcc.nl"},
		{"192.0.2.1", "IP address", ""},
		{"http://192.0.2.1/", "IP address", ""},
		{"2001:db8::1", "IP address", ""},
		{"https://[2001:db8::1]/", "IP address", ""},
		{"someone@[192.0.2.1]", "IP address", ""},
		{"127.1", "not in public DNS", ""},
		{"0x7f.0.0.1", "not in public DNS", ""},
		{"localhost", "not in public DNS", ""},
		{"printer.local", "not in public DNS", ""},
		{"db.internal", "not in public DNS", ""},
		{"1.2.0.192.in-addr.arpa", "not in public DNS", ""},
		{"example.onion", "not in public DNS", ""},
		{"nl", "ending such as", "nl.nl"},
		{"exa_mple..nl", "not a valid domain", ""},
		{"-example.nl", "not a valid domain", ""},
		{"<script>alert(1)</script>.nl", "not a valid domain", ""},
		{"a\x00b.nl", "not a valid domain", ""},
		{"\u202eexample.nl", "not a valid domain", ""},
		{strings.Repeat("a", 64) + ".nl", "not a valid domain", ""},
		{strings.Repeat("a.", 2000) + "nl", "not a valid domain", ""},
	} {
		got, err := domaincheck.Normalise(tt.input)
		var wrong *domaincheck.InputError
		if !errors.As(err, &wrong) || !strings.Contains(wrong.Why.EN, tt.why) || wrong.Suggest != tt.suggest || wrong.Why.NL == "" {
			t.Errorf("%.40q: %+v, %v; want %q, suggest %q", tt.input, got, err, tt.why, tt.suggest)
		}
	}
}

func FuzzNormalise(f *testing.F) {
	for _, s := range []string{"example.nl", "https://a@b:1/", "a b", "é.nl", "[::1]", "\x00", "mailto:@"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got, err := domaincheck.Normalise(s)
		if err != nil {
			return
		}
		again, err := domaincheck.Normalise(got.Domain)
		if err != nil || again.Domain != got.Domain {
			t.Fatalf("%q gives %q, which gives %q, %v", s, got.Domain, again.Domain, err)
		}
	})
}
