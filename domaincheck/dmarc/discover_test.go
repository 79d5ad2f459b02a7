package dmarc_test

import (
	"testing"

	"codeberg.org/miekg/dns"

	"wolkwijs/domaincheck/dmarc"
	"wolkwijs/domaincheck/dnsq"
	"wolkwijs/domaincheck/dnsq/dnstest"
)

// TestDiscover walks up the tree as RFC 9989, section 4.10, says.
func TestDiscover(t *testing.T) {
	const head = "$TTL 60\n. SOA a. b. 1 7200 3600 1209600 300\nnl. SOA a. b. 1 7200 3600 1209600 300\n"
	for _, tt := range []struct {
		name, domain, zone string
		opts               []dnstest.Option
		at                 string // where the record is found
		err, many, failed  bool
		asked              int // names asked; 0: not counted
	}{
		{name: "its own", domain: "example.nl", zone: `_dmarc.example.nl. TXT "v=DMARC1; p=reject"`, at: "example.nl", asked: 2},
		{name: "of the organization above", domain: "a.example.nl", zone: `_dmarc.example.nl. TXT "v=DMARC1; p=reject"`, at: "example.nl", asked: 3},
		{name: "its own before that above", domain: "a.example.nl", zone: "_dmarc.example.nl. TXT \"v=DMARC1; p=reject\"\n_dmarc.a.example.nl. TXT \"v=DMARC1; p=none\"", at: "a.example.nl"},
		{name: "of the organization before that between", domain: "a.b.example.nl", zone: "_dmarc.b.example.nl. TXT \"v=DMARC1; p=none\"\n_dmarc.example.nl. TXT \"v=DMARC1; p=reject\"", at: "example.nl"},
		{name: "of an organization that says it is one", domain: "a.b.example.nl", zone: "_dmarc.b.example.nl. TXT \"v=DMARC1; p=none; psd=n\"\n_dmarc.example.nl. TXT \"v=DMARC1; p=reject\"", at: "b.example.nl"},
		{name: "of the organization below a public suffix", domain: "a.b.example.nl", zone: "_dmarc.b.example.nl. TXT \"v=DMARC1; p=none\"\n_dmarc.example.nl. TXT \"v=DMARC1; p=reject; psd=y\"\n_dmarc.nl. TXT \"v=DMARC1; p=none; psd=y\"", at: "b.example.nl"},
		{name: "of the suffix, where the organization has none", domain: "a.b.c.example.nl", zone: "_dmarc.b.c.example.nl. TXT \"v=DMARC1; p=none\"\n_dmarc.example.nl. TXT \"v=DMARC1; p=reject; psd=y\"", at: "example.nl"},
		{name: "of a suffix just above", domain: "a.example.nl", zone: "_dmarc.example.nl. TXT \"v=DMARC1; p=reject; psd=y\"\n_dmarc.nl. TXT \"v=DMARC1; p=none; psd=y\"", at: "example.nl"},
		{name: "between, where that of the organization is broken", domain: "a.b.example.nl", zone: "_dmarc.b.example.nl. TXT \"v=DMARC1; p=none\"\n_dmarc.example.nl. TXT \"v=DMARC1; p=x\"", at: "b.example.nl"},
		{name: "between, where the organization has two", domain: "a.b.example.nl", zone: "_dmarc.b.example.nl. TXT \"v=DMARC1; p=none\"\n_dmarc.example.nl. TXT \"v=DMARC1; p=none\"\n_dmarc.example.nl. TXT \"v=DMARC1; p=reject\"", at: "b.example.nl"},
		{name: "of the organization, with a tag of which the default is taken", domain: "a.example.nl", zone: `_dmarc.example.nl. TXT "v=DMARC1; p=reject; adkim=relaxed"`, at: "example.nl", err: true},
		{name: "of an organization that says it is one, with such a tag", domain: "a.b.example.nl", zone: "_dmarc.b.example.nl. TXT \"v=DMARC1; p=none; fo=x; psd=n\"\n_dmarc.example.nl. TXT \"v=DMARC1; p=reject\"", at: "b.example.nl", err: true},
		{name: "of a public suffix", domain: "example.nl", zone: `_dmarc.nl. TXT "v=DMARC1; p=reject; psd=y"`, at: "nl"},
		{name: "of a top-level domain that does not say it is one", domain: "example.nl", zone: `_dmarc.nl. TXT "v=DMARC1; p=reject"`},
		{name: "none", domain: "example.nl"},
		{name: "broken", domain: "example.nl", zone: `_dmarc.example.nl. TXT "v=DMARC1; p=x"`, at: "example.nl", err: true},
		{name: "broken above is passed by", domain: "a.example.nl", zone: `_dmarc.example.nl. TXT "v=DMARC1; p=x"`},
		{name: "two", domain: "example.nl", zone: "_dmarc.example.nl. TXT \"v=DMARC1; p=none\"\n_dmarc.example.nl. TXT \"v=DMARC1; p=reject\"", at: "example.nl", many: true},
		{name: "among others", domain: "example.nl", zone: "_dmarc.example.nl. TXT \"hello\"\n_dmarc.example.nl. TXT \"v=DMARC1; p=none\"", at: "example.nl"},
		{name: "failed", domain: "example.nl", opts: []dnstest.Option{dnstest.ServFail("_dmarc.example.nl.", dns.TypeTXT)}, failed: true},
		{name: "failed above, where it could matter", domain: "a.example.nl", opts: []dnstest.Option{dnstest.ServFail("_dmarc.example.nl.", dns.TypeTXT)}, failed: true},
		{name: "failed above a record between", domain: "a.b.example.nl", zone: `_dmarc.b.example.nl. TXT "v=DMARC1; p=none"`, opts: []dnstest.Option{dnstest.ServFail("_dmarc.example.nl.", dns.TypeTXT)}, failed: true},
		{name: "failed below the organization", domain: "a.b.example.nl", zone: `_dmarc.example.nl. TXT "v=DMARC1; p=none"`, opts: []dnstest.Option{dnstest.ServFail("_dmarc.b.example.nl.", dns.TypeTXT)}, failed: true},
		{name: "failed above an organization that says it is one", domain: "a.b.example.nl", zone: `_dmarc.b.example.nl. TXT "v=DMARC1; p=none; psd=n"`, opts: []dnstest.Option{dnstest.ServFail("_dmarc.example.nl.", dns.TypeTXT)}, at: "b.example.nl"},
		{name: "failed at the public suffix above a record", domain: "a.example.nl", zone: `_dmarc.example.nl. TXT "v=DMARC1; p=none"`, opts: []dnstest.Option{dnstest.ServFail("_dmarc.nl.", dns.TypeTXT)}, at: "example.nl"},
		{name: "failed at the public suffix", domain: "example.nl", opts: []dnstest.Option{dnstest.ServFail("_dmarc.nl.", dns.TypeTXT)}},
		{name: "failed above, where it does not", domain: "example.nl", zone: `_dmarc.example.nl. TXT "v=DMARC1; p=none"`,
			opts: []dnstest.Option{dnstest.ServFail("_dmarc.nl.", dns.TypeTXT)}, at: "example.nl"},
		{name: "at most eight names", domain: "a.b.c.d.e.f.g.h.i.j.example.nl", zone: `_dmarc.example.nl. TXT "v=DMARC1; p=none"`, at: "example.nl", asked: 8},
	} {
		t.Run(tt.name, func(t *testing.T) {
			srv := dnstest.New(t, head+tt.zone, tt.opts...)
			r, err := dnsq.New(dnsq.Config{Resolver: srv.Addr()})
			if err != nil {
				t.Fatal(err)
			}
			defer r.Close()
			check := r.Check()
			found := dmarc.Discover(t.Context(), check, tt.domain)
			if found.Domain != tt.at || (found.Err != nil) != tt.err || (len(found.Many) > 0) != tt.many || (found.Failed != nil) != tt.failed {
				t.Errorf("%+v", found)
			}
			names := map[string]bool{}
			for _, q := range srv.Log() {
				if q.Type == dns.TypeTXT {
					names[q.Name] = true
				}
			}
			if tt.asked > 0 && len(names) != tt.asked {
				t.Errorf("%d names asked, want %d", len(names), tt.asked)
			}
		})
	}
}
