package domaincheck_test

import (
	"errors"
	"testing"
	"time"

	"codeberg.org/miekg/dns"

	"wolkwijs/domaincheck"
	"wolkwijs/domaincheck/dnsq"
	"wolkwijs/domaincheck/dnsq/dnstest"
)

// TestNamesBelowADomain are checked themselves if they receive mail.
func TestNamesBelowADomain(t *testing.T) {
	server := dnstest.New(t, `
example.nl.          SOA ns.example.nl. host.example.nl. 1 2 3 4 300
example.nl.          NS  ns.example.nl.
example.nl.          MX  10 mx.example.nl.
own.example.nl.      MX  10 mx.example.nl.
silent.example.nl.   MX  0 .
web.example.nl.      TXT "no mail here"
gdansk.pl.           SOA ns.gdansk.pl. host.gdansk.pl. 1 2 3 4 300
gdansk.pl.           MX  10 mx.example.nl.
co.uk.               SOA ns.co.uk. host.co.uk. 1 2 3 4 300
.                    SOA a.root. host.root. 1 2 3 4 300
`)
	r, err := dnsq.New(dnsq.Config{Resolver: server.Addr()})
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	checker := &domaincheck.Checker{Questions: func() domaincheck.Questions { return r.Check() }}
	for input, want := range map[string]string{
		"example.nl": "example.nl", "own.example.nl": "own.example.nl", "someone@own.example.nl": "own.example.nl",
		"silent.example.nl": "silent.example.nl", "web.example.nl": "example.nl", "https://nothing.example.nl/": "example.nl",
		"www.example.nl": "example.nl", "gdansk.pl": "gdansk.pl", "co.uk": "",
	} {
		report, err := checker.Check(t.Context(), input)
		var wrong *domaincheck.InputError
		switch {
		case want == "" && !errors.As(err, &wrong):
			t.Errorf("%s: got %v, want an input error", input, err)
		case want != "" && err != nil:
			t.Errorf("%s: %v", input, err)
		case want != "" && report.Domain != want:
			t.Errorf("%s: checked %s, want %s", input, report.Domain, want)
		}
	}
	// A domain that was checked is checked again by that very name, whether it
	// still receives mail or not.
	for domain, exists := range map[string]domaincheck.Existence{
		"example.nl": domaincheck.Exists, "own.example.nl": domaincheck.Exists, "web.example.nl": domaincheck.Exists,
		"gone.example.nl": domaincheck.NoSuchDomain, "co.uk": domaincheck.Exists,
	} {
		report, err := checker.Recheck(t.Context(), domain)
		if err != nil || report.Domain != domain || report.Unicode != domain || report.Facts.Existence() != exists {
			t.Errorf("%s again: %+v, %v", domain, report, err)
		}
	}
	var wrong *domaincheck.InputError
	if _, err := checker.Recheck(t.Context(), "192.0.2.1"); !errors.As(err, &wrong) {
		t.Errorf("an address again: %v", err)
	}
}

// TestNamesWhoseMXCannotBeLookedUp are checked themselves: that they receive
// no mail is not known.
func TestNamesWhoseMXCannotBeLookedUp(t *testing.T) {
	for _, tt := range []struct {
		name string
		fail func(name string, rrtype uint16) dnstest.Option
	}{
		{"servfail", dnstest.ServFail}, {"refused", dnstest.Refused}, {"timeout", dnstest.Drop},
	} {
		t.Run(tt.name, func(t *testing.T) {
			server := dnstest.New(t, `
example.nl.          SOA ns.example.nl. host.example.nl. 1 2 3 4 300
example.nl.          MX  10 mx.example.nl.
own.example.nl.      MX  10 mx.example.nl.
gdansk.pl.           SOA ns.gdansk.pl. host.gdansk.pl. 1 2 3 4 300
gdansk.pl.           MX  10 mx.example.nl.
.                    SOA a.root. host.root. 1 2 3 4 300
`, tt.fail("own.example.nl.", dns.TypeMX), tt.fail("gdansk.pl.", dns.TypeMX))
			r, err := dnsq.New(dnsq.Config{Resolver: server.Addr(), Timeout: 200 * time.Millisecond})
			if err != nil {
				t.Fatal(err)
			}
			defer r.Close()
			checker := &domaincheck.Checker{Questions: func() domaincheck.Questions { return r.Check() }}
			for _, domain := range []string{"own.example.nl", "gdansk.pl"} {
				report, err := checker.Check(t.Context(), domain)
				if err != nil || report.Domain != domain || report.Unicode != domain || len(find(report, "mx-unknown")) == 0 {
					t.Errorf("%s: %+v, %v", domain, report, err)
				}
			}
			report, err := checker.Check(t.Context(), "https://own.example.nl/login")
			if err != nil || report.Domain != "example.nl" {
				t.Errorf("a URL: %+v, %v", report, err)
			}
			server.Stop()
			for _, domain := range []string{"other.example.nl", "co.uk"} {
				if _, err := checker.Check(t.Context(), domain); !errors.Is(err, domaincheck.ErrResolver) {
					t.Errorf("%s without a resolver: %v", domain, err)
				}
			}
		})
	}
}
