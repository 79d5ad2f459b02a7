package domaincheck_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"codeberg.org/miekg/dns"

	"wolkwijs/domaincheck"
	"wolkwijs/domaincheck/dnsq/dnstest"
)

// TestSoundDomain holds that nothing is wrong where nothing is wrong, and
// shows the whole report.
func TestSoundDomain(t *testing.T) {
	c, _ := newChecker(t, around+sound, secure)
	r := report(t, c)
	r.Resolver = "127.0.0.1:53"
	for _, f := range r.Findings {
		if f.Status != domaincheck.Pass && f.Status != domaincheck.Info {
			t.Errorf("%s is %s: %s", f.ID, f.Status, f.Text.EN)
		}
	}
	data, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "sound.json", string(data)+"\n")
}

// TestFindings shows for each finding a zone that has it, its JSON, and its
// sentences. The zone is that of a sound domain with the changes given.
func TestFindings(t *testing.T) {
	covered := map[string]bool{}
	for _, tt := range findingCases {
		t.Run(tt.name(), func(t *testing.T) {
			covered[tt.id] = true
			signed := secure
			if tt.unsigned {
				signed = dnstest.Secure("example.")
			}
			c, _ := newChecker(t, change(tt.zone), append([]dnstest.Option{signed}, tt.opts...)...)
			r := report(t, c)
			found := find(r, tt.id)
			if len(found) == 0 {
				var ids []string
				for _, f := range r.Findings {
					ids = append(ids, f.ID)
				}
				t.Fatalf("no %s, only %s", tt.id, strings.Join(ids, " "))
			}
			var b strings.Builder
			fmt.Fprintf(&b, "-- changes --\n%s\n", strings.TrimSpace(strings.ReplaceAll(tt.zone, "\t", "")))
			for _, f := range found {
				data, err := json.MarshalIndent(f, "", "  ")
				if err != nil {
					t.Fatal(err)
				}
				fmt.Fprintf(&b, "-- json --\n%s\n-- nl --\n%s\n-- en --\n%s\n", data,
					strings.TrimSpace(f.Text.NL+" "+f.Advice.NL), strings.TrimSpace(f.Text.EN+" "+f.Advice.EN))
			}
			golden(t, "findings/"+tt.name()+".golden", b.String())
			for _, f := range r.Findings {
				if !slices.Contains(domaincheck.IDs(), f.ID) {
					t.Errorf("%s is not in the list of IDs", f.ID)
				}
			}
			// A subject is not both fine and not fine.
			ok := tt.id[:strings.LastIndexByte(tt.id, '-')+1] + "ok"
			if tt.id != ok && found[0].Status != domaincheck.Info && len(find(r, ok)) > 0 {
				t.Errorf("%s beside %s", ok, tt.id)
			}
		})
	}
	for _, id := range slices.Sorted(slices.Values(domaincheck.IDs())) {
		if !covered[id] && !coveredElsewhere[id] {
			t.Errorf("no case for %s", id)
		}
	}
}

// TestCompactDenial holds that a domain is judged the same where names that do
// not exist are denied as if they did, but had nothing (RFC 9824): large
// providers of DNS do so for every signed domain.
func TestCompactDenial(t *testing.T) {
	compact := func(q dnstest.Question, m *dns.Msg) {
		if m.Rcode == dns.RcodeNameError && strings.HasSuffix(q.Name, ".example.nl.") {
			m.Rcode = dns.RcodeSuccess
		}
	}
	for name, zone := range map[string]string{
		"sound":         "",
		"little":        "- _dmarc TXT\n- default._bimi TXT\n- _imaps._tcp SRV\n- house1._domainkey TXT\n- www A\n- www AAAA",
		"with wildcard": "* A 192.0.2.80",
		"with alias":    "* CNAME www",
	} {
		t.Run(name, func(t *testing.T) {
			findings := func(opts ...dnstest.Option) (ids []string) {
				c, _ := newChecker(t, change(zone), append([]dnstest.Option{secure}, opts...)...)
				for _, f := range report(t, c).Findings {
					ids = append(ids, f.ID)
				}
				return ids
			}
			plain, denied := findings(), findings(dnstest.Change(compact))
			if i := slices.Index(plain, "dkim-missing"); i >= 0 {
				plain[i] = "dkim-hidden" // there could be keys: nobody can tell
			}
			if !slices.Equal(plain, denied) {
				t.Errorf("with compact denial the findings are\n%q, without\n%q", denied, plain)
			}
			if has, want := slices.Contains(plain, "wildcard"), strings.HasPrefix(name, "with"); has != want {
				t.Errorf("wildcard found: %v, want %v", has, want)
			}
		})
	}
}

// TestMailUse holds that a domain is only taken for one without mail where it
// says so itself.
func TestMailUse(t *testing.T) {
	noMX := strings.TrimSuffix(noMail, "@ MX 0 .\n")
	for _, tt := range []struct {
		name, zone string
		want       domaincheck.MailUse
	}{
		{"exchanges", "", domaincheck.Mails},
		{"no SPF", noMX, domaincheck.NoMail},
		{"nobody sends", noMX + `@ TXT "v=spf1 -all"`, domaincheck.NoMail},
		{"somebody sends", noMX + `@ TXT "v=spf1 mx -all"`, domaincheck.OnlySends},
		{"broken SPF", noMX + `@ TXT "v=spf1 ipv4:192.0.2.1 -all"`, domaincheck.MailUnknown},
		{"two SPF records", noMX + "@ TXT \"v=spf1 -all\"\n@ TXT \"v=spf1 include:_spf.mail.example -all\"", domaincheck.OnlySends},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c, _ := newChecker(t, change(tt.zone+"\n- _dmarc TXT\n_dmarc TXT \"v=DMARC1; p=none\"\n"), secure)
			r := report(t, c)
			if got := r.Facts.MailUse(); got != tt.want {
				t.Errorf("use %d, want %d", got, tt.want)
			}
			advice := find(r, "dmarc-none")[0].Advice.EN
			if mails := !strings.Contains(advice, "no mail"); mails != (tt.want != domaincheck.NoMail) {
				t.Errorf("advice: %s", advice)
			}
		})
	}
}

// coveredElsewhere are findings that need more than a zone.
var coveredElsewhere = map[string]bool{
	"mta-sts-ok": true, "mta-sts-weak": true, "mta-sts-unknown": true, // TestMTASTSPolicy
	"mail-domain-of-provider": true, // TestMailDomainOfProvider
	"domain-not-found":        true, // TestDomainNotFound
	"dnssec-indeterminate":    true, // TestDNSSECStates
	"dnssec-unknown":          true, // TestNothingAnswers
	"dane-unknown":            true, // TestDNSSECStates
}

// findingCase is one finding and what brings it about.
type findingCase struct {
	id   string
	what string // tells cases of one finding apart
	zone string
	opts []dnstest.Option
	// unsigned: the domain's hosters are signed, it is not.
	unsigned bool
}

func (c findingCase) name() string {
	if c.what == "" {
		return c.id
	}
	return c.id + "--" + c.what
}

func servfail(name string, rrtype uint16) []dnstest.Option {
	return []dnstest.Option{dnstest.ServFail(name, rrtype)}
}

var findingCases = slices.Concat(mailCases, authCases, dnsCases)

var mailCases = []findingCase{
	{id: "mx-ok"},
	{id: "mx-missing", what: "with-address", zone: "- @ MX"},
	{id: "mx-missing", what: "no-address", zone: "- @ MX\n- @ A\n- @ AAAA"},
	{id: "mx-invalid", what: "null-and-more", zone: "@ MX 0 ."},
	{id: "mx-invalid", what: "not-a-host-name", zone: `@ MX 5 mail\032server.example.`},
	{id: "mx-unknown", zone: "", opts: servfail("example.nl.", dns.TypeMX)},
	{id: "mx-unknown", what: "host", zone: "- @ MX\n@ MX 10 mx1.mail.example.", opts: []dnstest.Option{dnstest.ServFail("mx1.mail.example.", dns.TypeANY)}},
	{id: "null-mx", zone: "- @ MX\n@ MX 0 ."},
	{id: "mx-dangling", zone: "@ MX 30 gone.mail.example."},
	{id: "mx-dangling", what: "no-address", zone: "@ MX 30 text\ntext TXT \"no address\""},
	{id: "mx-dangling", what: "alias", zone: "@ MX 30 alias\nalias CNAME gone.example."},
	{id: "mx-cname", zone: "@ MX 30 alias\nalias CNAME mx1.mail.example."},
	{id: "mx-address-literal", zone: "@ MX 30 192.0.2.25."},
	{id: "mx-private", zone: "@ MX 30 inside\ninside A 10.0.0.25"},
	{id: "ipv6-mx-ok"},
	{id: "ipv6-mx-weak", zone: "@ MX 30 mx3\nmx3 A 192.0.2.26"},
	{id: "ipv6-mx-missing", zone: "- @ MX\n@ MX 10 mx3\nmx3 A 192.0.2.26"},
	{id: "ipv6-mx-unknown", zone: "- @ MX\n@ MX 10 mx1.mail.example.", opts: servfail("mx1.mail.example.", dns.TypeAAAA)},
	{id: "dane-ok"},
	{id: "dane-missing", zone: "- @ MX\n@ MX 10 mx3\nmx3 A 192.0.2.26"},
	{id: "dane-weak", zone: "@ MX 30 mx3\nmx3 A 192.0.2.26"},
	{id: "dane-invalid", what: "usage", zone: "- @ MX\n@ MX 10 mx3\nmx3 A 192.0.2.26\n_25._tcp.mx3 TLSA 1 0 1 0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"},
	{id: "dane-invalid", what: "length", zone: "- @ MX\n@ MX 10 mx3\nmx3 A 192.0.2.26\n_25._tcp.mx3 TLSA 3 1 1 0123456789abcdef"},
	{id: "mta-sts-unchecked"},
	{id: "mta-sts-missing", zone: "- _mta-sts TXT"},
	{id: "mta-sts-invalid", what: "no-id", zone: "- _mta-sts TXT\n_mta-sts TXT \"v=STSv1;\""},
	{id: "mta-sts-invalid", what: "two", zone: "_mta-sts TXT \"v=STSv1; id=2\""},
	{id: "mta-sts-invalid", what: "other-record", zone: "- _mta-sts TXT\n_mta-sts TXT \"v=spf1 -all\""},
	{id: "tls-rpt-ok"},
	{id: "tls-rpt-missing", zone: "- _smtp._tls TXT"},
	{id: "tls-rpt-invalid", zone: "- _smtp._tls TXT\n_smtp._tls TXT \"v=TLSRPTv1; rua=tls@example.nl\""},
	{id: "tls-rpt-weak", zone: "- _smtp._tls TXT\n_smtp._tls TXT \"v=TLSRPTv1; rua=mailto:a@example.nl; rua=mailto:b@example.nl\""},
	{id: "tls-rpt-unknown", opts: servfail("_smtp._tls.example.nl.", dns.TypeTXT)},
	{id: "mta-sts-unknown", opts: servfail("_mta-sts.example.nl.", dns.TypeTXT)},
	{id: "dnssec-mx-ok"},
	{id: "dnssec-mx-insecure", zone: "- @ MX\n@ MX 10 mx.other.\nother. SOA a. b. 1 2 3 4 5\nmx.other. A 192.0.2.27"},
	{id: "autoconfig-ok", zone: "autodiscover A 192.0.2.90"},
	{id: "autoconfig-none", zone: "- _imaps._tcp SRV"},
	{id: "autoconfig-none", what: "wildcard", zone: "- _imaps._tcp SRV\n* A 192.0.2.80"},
	{id: "autoconfig-none", what: "not-offered", zone: "- _imaps._tcp SRV\n_imaps._tcp SRV 0 0 0 .\n_submissions._tcp SRV 0 0 0 ."},
	{id: "autoconfig-ok", what: "one-offered", zone: "- _imaps._tcp SRV\n_imaps._tcp SRV 0 1 993 mx1.mail.example.\n_submissions._tcp SRV 0 0 0 ."},
	{id: "autoconfig-unknown", zone: "- _imaps._tcp SRV", opts: servfail("autodiscover.example.nl.", dns.TypeA)},
	{id: "bimi-ok"},
	{id: "bimi-ok", what: "declined", zone: "- default._bimi TXT\ndefault._bimi TXT \"v=BIMI1; l=; a=\""},
	{id: "bimi-missing", zone: "- default._bimi TXT"},
	{id: "bimi-weak", what: "no-certificate", zone: "- default._bimi TXT\ndefault._bimi TXT \"v=BIMI1; l=https://example.nl/logo.svg\""},
	{id: "bimi-weak", what: "no-dmarc", zone: "- _dmarc TXT\n_dmarc TXT \"v=DMARC1; p=none; rua=mailto:dmarc@example.nl\""},
	{id: "bimi-invalid", zone: "- default._bimi TXT\ndefault._bimi TXT \"v=BIMI1; l=http://example.nl/logo.svg\""},
	{id: "bimi-unknown", opts: servfail("default._bimi.example.nl.", dns.TypeTXT)},
	{id: "cloud-act-mail"},
}

// noMail is a domain that neither receives nor sends.
const noMail = "- @ MX\n- @ TXT\n- house1._domainkey TXT\n- _mta-sts TXT\n- _smtp._tls TXT\n- default._bimi TXT\n@ MX 0 .\n"

var authCases = []findingCase{
	{id: "spf-ok"},
	{id: "spf-missing", zone: "- @ TXT"},
	{id: "spf-missing", what: "no-mail", zone: noMail},
	{id: "spf-invalid", what: "syntax", zone: "- @ TXT\n@ TXT \"v=spf1 mx include: mail.example -all\""},
	{id: "spf-invalid", what: "include-without-record", zone: "- @ TXT\n@ TXT \"v=spf1 include:mx1.mail.example -all\""},
	{id: "spf-invalid", what: "include-that-does-not-exist", zone: "- @ TXT\n@ TXT \"v=spf1 include:gone.example -all\""},
	{id: "spf-invalid", what: "include-broken", zone: "- @ TXT\n@ TXT \"v=spf1 include:broken.example.nl -all\"\nbroken TXT \"v=spf1 ip4:1 -all\""},
	{id: "spf-invalid", what: "include-two-records", zone: "- @ TXT\n@ TXT \"v=spf1 include:two.example.nl -all\"\ntwo TXT \"v=spf1 -all\"\ntwo TXT \"v=spf1 ~all\""},
	{id: "spf-invalid", what: "too-many-mx", zone: "- @ TXT\n@ TXT \"v=spf1 mx:many.example.nl -all\"\n" + manyMX},
	{id: "spf-weak", what: "neutral", zone: "- @ TXT\n@ TXT \"v=spf1 include:_spf.mail.example ?all\""},
	{id: "spf-weak", what: "no-end", zone: "- @ TXT\n@ TXT \"v=spf1 include:_spf.mail.example\""},
	{id: "spf-weak", what: "wide", zone: "- @ TXT\n@ TXT \"v=spf1 ip4:192.0.0.0/8 -all\""},
	{id: "spf-weak", what: "no-mail", zone: noMail + "@ TXT \"v=spf1 ~all\""},
	{id: "spf-unknown", opts: servfail("example.nl.", dns.TypeTXT)},
	{id: "spf-unknown", what: "include", opts: servfail("_spf.mail.example.", dns.TypeTXT)},
	{id: "spf-too-many-lookups", zone: "- @ TXT\n@ TXT \"v=spf1 a mx a:mx1.mail.example a:mx2.mail.example include:more.example.nl -all\"\nmore TXT \"v=spf1 a:ns1.dns.example a:ns2.dns.example mx:example.nl exists:example.nl a:www.example.nl include:_spf.mail.example -all\""},
	{id: "spf-void-lookups", zone: "- @ TXT\n@ TXT \"v=spf1 a:gone1.example.nl a:gone2.example.nl mx:gone3.example.nl -all\""},
	{id: "spf-void-lookups", what: "equal-terms", zone: "- @ TXT\n@ TXT \"v=spf1 include:one.example.nl include:two.example.nl include:three.example.nl -all\"\none TXT \"v=spf1 mx -all\"\ntwo TXT \"v=spf1 mx -all\"\nthree TXT \"v=spf1 mx -all\""},
	{id: "spf-loop", zone: "- @ TXT\n@ TXT \"v=spf1 include:more.example.nl -all\"\nmore TXT \"v=spf1 redirect=example.nl\""},
	{id: "spf-multiple", zone: "@ TXT \"v=spf1 -all\""},
	{id: "spf-allows-all", zone: "- @ TXT\n@ TXT \"v=spf1 +all\""},
	{id: "spf-allows-all", what: "include", zone: "- @ TXT\n@ TXT \"v=spf1 include:open.example.nl -all\"\nopen TXT \"v=spf1 ip4:0.0.0.0/0 -all\""},
	{id: "spf-ptr", zone: "- @ TXT\n@ TXT \"v=spf1 ptr -all\""},
	{id: "spf-macro", zone: "- @ TXT\n@ TXT \"v=spf1 include:%{ir}.%{v}.%{d}.spf.example -all\""},
	{id: "spf-type", zone: "@ SPF \"v=spf1 -all\""},
	{id: "dmarc-ok"},
	{id: "dmarc-ok", what: "public-suffix", zone: "- _dmarc TXT\n_dmarc.nl. TXT \"v=DMARC1; p=reject; psd=y\""},
	{id: "dmarc-missing", zone: "- _dmarc TXT"},
	{id: "dmarc-missing", what: "no-mail", zone: noMail + "- _dmarc TXT\n@ TXT \"v=spf1 -all\""},
	{id: "dmarc-none", zone: "- _dmarc TXT\n_dmarc TXT \"v=DMARC1; p=none; rua=mailto:dmarc@example.nl\""},
	{id: "dmarc-none", what: "degraded", zone: "- _dmarc TXT\n_dmarc TXT \"v=DMARC1; p=reject; sp=all; rua=mailto:dmarc@example.nl\""},
	{id: "dmarc-weak", what: "testing", zone: "- _dmarc TXT\n_dmarc TXT \"v=DMARC1; p=quarantine; t=y\""},
	{id: "dmarc-weak", what: "testing-reject", zone: "- _dmarc TXT\n_dmarc TXT \"v=DMARC1; p=reject; t=y\""},
	{id: "dmarc-weak", what: "subdomains", zone: "- _dmarc TXT\n_dmarc TXT \"v=DMARC1; p=reject; sp=none\""},
	{id: "dmarc-weak", what: "no-mail", zone: noMail + "- _dmarc TXT\n_dmarc TXT \"v=DMARC1; p=quarantine\"\n@ TXT \"v=spf1 -all\""},
	{id: "dmarc-invalid", zone: "- _dmarc TXT\n_dmarc TXT \"v=DMARC1; p=strict\""},
	{id: "dmarc-invalid", what: "other-record", zone: "- _dmarc TXT\n_dmarc TXT \"v=spf1 -all\""},
	{id: "dmarc-multiple", zone: "_dmarc TXT \"v=DMARC1; p=none\""},
	{id: "dmarc-unknown", opts: servfail("_dmarc.example.nl.", dns.TypeTXT)},
	{id: "dmarc-historic", zone: "- _dmarc TXT\n_dmarc TXT \"v=DMARC1; p=reject; pct=50; rua=mailto:dmarc@example.nl!10m\""},
	{id: "dmarc-unknown-tag", zone: "- _dmarc TXT\n_dmarc TXT \"v=DMARC1; p=reject; ruaa=mailto:dmarc@example.nl\""},
	{id: "dmarc-no-reports", zone: "- _dmarc TXT\n_dmarc TXT \"v=DMARC1; p=reject\""},
	{id: "dmarc-external-report", zone: "- _dmarc TXT\n_dmarc TXT \"v=DMARC1; p=reject; rua=mailto:a@reports.example\""},
	{id: "dmarc-external-report-unknown", zone: "- _dmarc TXT\n_dmarc TXT \"v=DMARC1; p=reject; rua=mailto:a@reports.example\"",
		opts: servfail("example.nl._report._dmarc.reports.example.", dns.TypeTXT)},
	{id: "dkim-ok"},
	{id: "dkim-missing", zone: "- house1._domainkey TXT"},
	{id: "dkim-hidden", what: "alias", zone: "- house1._domainkey TXT\n_domainkey CNAME gone.example."},
	{id: "dkim-hidden", zone: "- house1._domainkey TXT\nsecret._domainkey TXT \"v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=\""},
	{id: "dkim-weak", what: "short", zone: "default._domainkey TXT \"v=DKIM1; p=" + rsa512 + "\""},
	{id: "dkim-weak", what: "sha1", zone: "default._domainkey TXT \"v=DKIM1; h=sha1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=\""},
	{id: "dkim-weak", what: "rather-short", zone: "default._domainkey TXT \"v=DKIM1; p=" + rsa1024 + "\""},
	{id: "dkim-invalid", zone: "default._domainkey TXT \"v=DKIM1; p=MIGf\""},
	{id: "dkim-test", zone: "default._domainkey TXT \"v=DKIM1; t=y; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=\""},
	{id: "dkim-revoked", zone: "default._domainkey TXT \"v=DKIM1; p=\""},
	{id: "dkim-wildcard", zone: "- house1._domainkey TXT\n*._domainkey TXT \"v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=\""},
	{id: "dkim-wildcard", what: "several", zone: "- house1._domainkey TXT\n*._domainkey TXT \"v=DKIM1; p=\"\n*._domainkey TXT \"b\"\n*._domainkey TXT \"c\"", opts: []dnstest.Option{dnstest.Change(rotate)}},
	{id: "dkim-wildcard", what: "alias", zone: "- house1._domainkey TXT\n* CNAME www"},
	{id: "dkim-wildcard", what: "echo", zone: "- house1._domainkey TXT\n*._domainkey TXT \"echo\"", opts: []dnstest.Option{dnstest.Change(echo)}},
	{id: "dkim-ok", what: "beside-a-wildcard", zone: "*._domainkey TXT \"v=DKIM1; p=\""},
	{id: "dkim-unknown", what: "wildcard", zone: "- house1._domainkey TXT\n*._domainkey TXT \"v=DKIM1; p=\"", opts: []dnstest.Option{dnstest.Change(loseRandom)}},
	{id: "dkim-unknown", zone: "- house1._domainkey TXT", opts: servfail("_domainkey.example.nl.", dns.TypeTXT)},
	{id: "parked-ok", zone: noMail + "@ TXT \"v=spf1 -all\""},
}

// manyMX are eleven MX records.
var manyMX = func() string {
	var b strings.Builder
	for i := range 11 {
		fmt.Fprintf(&b, "many MX %d mx%d.mail.example.\n", i, i)
	}
	return b.String()
}()

var dnsCases = []findingCase{
	{id: "dnssec-ok"},
	{id: "dnssec-bogus", opts: []dnstest.Option{dnstest.Bogus("example.nl.", 7, "signature expired")}},
	{id: "dnssec-weak", what: "algorithm", zone: "- @ DNSKEY\n@ DNSKEY 257 3 7 AwEAAa=="},
	{id: "dnssec-weak", what: "digest", zone: "- @ DS\n@ DS 12345 13 1 0123456789abcdef0123456789abcdef01234567"},
	{id: "dnssec-weak", what: "iterations", zone: "@ NSEC3PARAM 1 0 150 abcd"},
	{id: "dnssec-weak", what: "ends-soon", zone: "@ RRSIG SOA 13 2 3600 20261124120000 20261101120000 12345 example.nl. 0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"},
	{id: "dnssec-weak", what: "iterations-insecure", zone: "- @ MX\n@ NSEC3PARAM 1 0 150 abcd", opts: []dnstest.Option{dnstest.Change(insecureNo)}},
	{id: "dnssec-weak", what: "few-iterations-insecure", zone: "- @ MX\n@ NSEC3PARAM 1 0 51 abcd", opts: []dnstest.Option{dnstest.Change(insecureNo)}},
	{id: "ns-ok"},
	{id: "ns-single", zone: "- @ NS\n@ NS ns1.dns.example."},
	{id: "ns-dangling", zone: "@ NS gone.dns.example."},
	{id: "ns-dangling", what: "no-address", zone: "@ NS text\ntext TXT \"no address\""},
	{id: "ns-dangling", what: "alias", zone: "@ NS alias\nalias CNAME gone.example."},
	{id: "ns-dangling", what: "not-a-host-name", zone: `@ NS name\032server.example.`},
	{id: "ns-cname", zone: "@ NS alias\nalias CNAME ns1.dns.example."},
	{id: "ns-same-network", zone: "- @ NS\n@ NS ns3\n@ NS ns4\nns3 A 203.0.113.3\nns4 A 203.0.113.4"},
	{id: "ns-unknown", opts: servfail("example.nl.", dns.TypeNS)},
	{id: "soa-weak", zone: "- @ SOA\n@ SOA ns1.dns.example. hostmaster 1 7200 3600 86400 300"},
	{id: "ipv6-ns-ok"},
	{id: "ipv6-ns-weak", zone: "- @ NS\n@ NS ns1.dns.example.\n@ NS ns3\nns3 A 203.0.113.3"},
	{id: "ipv6-ns-missing", zone: "- @ NS\n@ NS ns3\n@ NS ns4\nns3 A 203.0.113.3\nns4 A 203.0.113.4"},
	{id: "ipv6-ns-unknown", zone: "- @ NS\n@ NS ns1.dns.example.", opts: servfail("ns1.dns.example.", dns.TypeAAAA)},
	{id: "caa-ok"},
	{id: "caa-ok", what: "nobody", zone: "- @ CAA\n@ CAA 0 issue \";\""},
	{id: "caa-missing", zone: "- @ CAA"},
	{id: "caa-weak", zone: "- @ CAA\n@ CAA 0 iodef \"mailto:a@example.nl\""},
	{id: "caa-invalid", zone: "@ CAA 0 issue \"https://ca.example\""},
	{id: "caa-unknown", opts: servfail("example.nl.", dns.TypeCAA)},
	{id: "ipv6-web-ok"},
	{id: "ipv6-web-weak", zone: "- www AAAA"},
	{id: "ipv6-web-missing", zone: "- www AAAA\n- @ AAAA"},
	{id: "ipv6-web-unknown", zone: "- www AAAA", opts: servfail("example.nl.", dns.TypeAAAA)},
	{id: "web-missing", zone: "- @ A\n- @ AAAA\n- www A\n- www AAAA"},
	{id: "web-private", zone: "- www A\nwww A 192.168.1.80"},
	{id: "https-record-ok"},
	{id: "wildcard", zone: "* A 192.0.2.80"},
	{id: "cloud-act-filter", zone: "- @ MX\n@ MX 10 mx.filter.example.\nmx.filter.example. A 192.0.2.26"},
	{id: "cloud-act-dns", zone: "- @ NS\n@ NS ns1.cloud.example.\n@ NS ns2.cloud.example.\nns1.cloud.example. A 192.0.2.54\nns2.cloud.example. A 198.51.100.54"},
	{id: "cloud-act-web", zone: "- www A\n- www AAAA\nwww CNAME site.cloud.example.\nsite.cloud.example. A 192.0.2.81"},
	{id: "dnssec-missing", what: "island", zone: "- @ DS", unsigned: true},
	{id: "dnssec-missing", zone: "- @ DNSKEY\n- @ DS", unsigned: true},
	{id: "dnssec-weak", what: "unknown-algorithm", zone: "- @ DS\n@ DS 12345 200 2 0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef", unsigned: true},
	{id: "dane-missing", what: "unsigned", zone: "- @ DNSKEY\n- @ DS", unsigned: true},
}

// Keys that are too short.
const (
	rsa512  = "MFwwDQYJKoZIhvcNAQEBBQADSwAwSAJBAMLrX7jM4u+5Xy1DmxzfSP2E5PgenxvdU61gDk0Q1BAmUduhyV81g55yRPmweJbWZYkWzj1sX2NzKwxj1Z1rt2MCAwEAAQ=="
	rsa1024 = "MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDGwmoecBcQt8Y79dl8fzjycLXfRrGKD1CscJdXh2xeE7bZc/PXUWz/Qs4UPRyxv2L5C6pJlTPm+4X5zS7o2QRJU7CvnzA1ufvZOzBkPHF9E/scBpH3/P3VyyW9JueXb8MhDC+RiKewTHxnjS86O5u2nbnzu4QBV56qhZlJtmBqQwIDAQAB"
)

// rotate turns the records of an answer round, as servers do.
func rotate(q dnstest.Question, m *dns.Msg) {
	if n := len(m.Answer); n > 1 {
		by := len(q.Name) % n
		m.Answer = append(slices.Clone(m.Answer[by:]), m.Answer[:by]...)
	}
}

// echo answers with a text made of the name asked.
func echo(q dnstest.Question, m *dns.Msg) {
	for i, rr := range m.Answer {
		if txt, ok := rr.Clone().(*dns.TXT); ok && slices.Contains(txt.Txt, "echo") {
			txt.Txt = []string{"you asked for " + q.Name}
			m.Answer[i] = txt
		}
	}
}

// insecureNo leaves an answer that there is nothing unproven, as resolvers do
// where NSEC3 has more iterations than they do (RFC 9276, section 3.2).
func insecureNo(q dnstest.Question, m *dns.Msg) {
	if len(m.Answer) == 0 && strings.HasSuffix(q.Name, "example.nl.") {
		m.AuthenticatedData = false
	}
}

// loseRandom has no answer for selectors that nobody made.
func loseRandom(q dnstest.Question, m *dns.Msg) {
	if strings.HasPrefix(q.Name, "wk-") && strings.Contains(q.Name, "._domainkey.") {
		m.Rcode, m.Answer, m.Ns = dns.RcodeServerFailure, nil, nil
	}
}
