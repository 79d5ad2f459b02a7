package domaincheck_test

import (
	"context"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"wolkwijs/domaincheck"
	"wolkwijs/domaincheck/asn"
	"wolkwijs/domaincheck/dnsq"
	"wolkwijs/domaincheck/dnsq/dnstest"
	"wolkwijs/domaincheck/holder"
	"wolkwijs/knowledge"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// checkedAt is the moment of all tests.
var checkedAt = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

// companies are those of the tests.
func companies() *holder.Table {
	return holder.NewTable([]knowledge.Provider{
		{ID: "mailhouse", Name: "Mailhouse", Owner: "Mailhouse Inc.", OwnerCountry: "US", HQCountry: "US", Roles: []string{"mailbox"},
			MX: []string{"mail.example"}, SPF: []string{"mail.example"}, Selectors: []string{"house1"}, MailDomains: []string{"postbus.example"}},
		{ID: "bigfilter", Name: "Bigfilter", Owner: "Bigfilter Inc.", OwnerCountry: "US", HQCountry: "US", Roles: []string{"gateway"}, MX: []string{"filter.example"}},
		{ID: "bigcloud", Name: "Bigcloud", Owner: "Bigcloud Inc.", OwnerCountry: "US", HQCountry: "US", Roles: []string{"dns", "web"}, NS: []string{"cloud.example"}, CNAME: []string{"cloud.example"}},
		{ID: "hostery", Name: "Hostery", Owner: "Hostery B.V.", OwnerCountry: "NL", HQCountry: "NL", Roles: []string{"dns", "web"}, NS: []string{"dns.example"}},
	})
}

// newChecker checks by a server that serves zone.
func newChecker(t testing.TB, zone string, opts ...dnstest.Option) (*domaincheck.Checker, *dnstest.Server) {
	t.Helper()
	srv := dnstest.New(t, zone, opts...)
	return checkerOf(t, srv), srv
}

func checkerOf(t testing.TB, srv *dnstest.Server) *domaincheck.Checker {
	t.Helper()
	r, err := dnsq.New(dnsq.Config{Resolver: srv.Addr(), Timeout: 2 * time.Second, BogusName: "bogus.example"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { r.Close() })
	c := domaincheck.New(r, companies)
	c.Networks = asn.Cymru{}
	c.Policies = nil
	c.Now = func() time.Time { return checkedAt }
	return c
}

// report checks example.nl.
func report(t testing.TB, c *domaincheck.Checker) *domaincheck.Report {
	t.Helper()
	r, err := c.Check(context.Background(), "example.nl")
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// find returns the findings with an ID.
func find(r *domaincheck.Report, id string) []domaincheck.Finding {
	var all []domaincheck.Finding
	for _, f := range r.Findings {
		if f.ID == id {
			all = append(all, f)
		}
	}
	return all
}

// golden compares got with a file, or writes it.
func golden(t *testing.T, file, got string) {
	t.Helper()
	path := filepath.Join("testdata", filepath.FromSlash(file))
	if *update {
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s differs; run with -update and look at the difference\n%s", path, got)
	}
}

// around is the world around example.nl: its hosters.
const around = `
$TTL 3600
$ORIGIN .
.                       SOA a. b. 1 7200 3600 1209600 300
nl.                     SOA ns1.nl. hostmaster.nl. 1 7200 3600 1209600 300
example.                SOA ns1.example. hostmaster.example. 1 7200 3600 1209600 300
mx1.mail.example.       A 192.0.2.25
mx1.mail.example.       AAAA 2001:db8::25
mx2.mail.example.       A 198.51.100.25
mx2.mail.example.       AAAA 2001:db8:1::25
_25._tcp.mx1.mail.example. TLSA 3 1 1 0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef
_25._tcp.mx1.mail.example. TLSA 3 1 1 abcdef0123456789abcdef0123456789abcdef0123456789abcdef0123456789
_25._tcp.mx2.mail.example. TLSA 3 1 1 0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef
_25._tcp.mx2.mail.example. TLSA 2 1 1 abcdef0123456789abcdef0123456789abcdef0123456789abcdef0123456789
_spf.mail.example.      TXT "v=spf1 ip4:192.0.2.0/24 -all"
ns1.dns.example.        A 192.0.2.53
ns1.dns.example.        AAAA 2001:db8::53
ns2.dns.example.        A 198.51.100.53
ns2.dns.example.        AAAA 2001:db8:1::53
com.                    SOA ns1.com. hostmaster.com. 1 7200 3600 1209600 300
0.2.0.192.origin.asn.cymru.com. TXT "64496 | 192.0.2.0/24 | NL | ripencc | 2001-02-03"
as64496.asn.cymru.com.  TXT "64496 | NL | ripencc | 2001-02-03 | HOSTERY-AS Hostery, NL"
`

// sound is a domain at which nothing is wrong.
const sound = `
$ORIGIN example.nl.
@                   SOA ns1.dns.example. hostmaster 1 7200 3600 1209600 300
@                   NS ns1.dns.example.
@                   NS ns2.dns.example.
@                   DNSKEY 257 3 13 mdsswUyr3DPW132mOi8V9xESWE8jTo0dxCjjnopKl+GqJxpVXckHAeF+KkxLbxILfDLUT0rAK9iUzy1L53eKGQ==
@                   DS 12345 13 2 0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef
@                   MX 10 mx1.mail.example.
@                   MX 20 mx2.mail.example.
@                   TXT "v=spf1 include:_spf.mail.example -all"
@                   A 192.0.2.80
@                   AAAA 2001:db8::80
@                   CAA 0 issue "ca.example"
@                   HTTPS 1 . alpn=h2,h3
www                 A 192.0.2.80
www                 AAAA 2001:db8::80
_dmarc              TXT "v=DMARC1; p=reject; rua=mailto:dmarc@example.nl"
house1._domainkey   TXT "v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="
_mta-sts            TXT "v=STSv1; id=20260101"
_smtp._tls          TXT "v=TLSRPTv1; rua=mailto:tls@example.nl"
_imaps._tcp         SRV 0 1 993 mx1.mail.example.
default._bimi       TXT "v=BIMI1; l=https://example.nl/logo.svg; a=https://example.nl/logo.pem"
`

// change returns sound with lines added, and without those that begin with
// one of the (name, type) pairs in lines that begin with a minus sign:
//
//   - @ MX
//     @   MX 0 .
func change(lines string) string {
	var drop []string
	var add []string
	for line := range strings.Lines(lines) {
		fields := strings.Fields(line)
		if len(fields) >= 3 && fields[0] == "-" {
			drop = append(drop, fields[1]+" "+fields[2])
			continue
		}
		add = append(add, line)
	}
	var kept []string
	for line := range strings.Lines(sound) {
		fields := strings.Fields(line)
		gone := false
		for _, d := range drop {
			gone = gone || len(fields) > 1 && fields[0]+" "+fields[1] == d
		}
		if !gone {
			kept = append(kept, line)
		}
	}
	return around + strings.Join(kept, "") + "\n" + strings.Join(add, "")
}

// secure makes everything in the test world signed.
var secure = dnstest.Secure("nl.", "example.", "example.nl.")
