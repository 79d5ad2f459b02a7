package commands_test

import (
	"context"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"codeberg.org/miekg/dns"

	"wolkwijs/answer"
	"wolkwijs/commands"
	"wolkwijs/domaincheck"
	"wolkwijs/domaincheck/dnsq"
	"wolkwijs/domaincheck/dnsq/dnstest"
	"wolkwijs/domaincheck/holder"
	"wolkwijs/knowledge"
	"wolkwijs/lang"
)

var updateCheck = flag.Bool("update-check", false, "rewrite the golden files of !check")

// checkZone is a small internet with a club whose mail is with a large
// American company behind a filter, a parked domain, and a mail provider.
const checkZone = `
$TTL 3600
$ORIGIN .
. SOA a. b. 1 7200 3600 1209600 300
nl. SOA a. b. 1 7200 3600 1209600 300
example. SOA a. b. 1 7200 3600 1209600 300
mx.filter.example. A 192.0.2.25
_spf.big.example. TXT "v=spf1 ip4:192.0.2.0/24 -all"
key.big.example. TXT "v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="
ns1.host.example. A 192.0.2.53
ns2.host.example. A 198.51.100.53
www.host.example. A 192.0.2.80
mx.big.example. A 192.0.2.26
post.example. MX 10 mx.big.example.
$ORIGIN club.nl.
@ SOA ns1.host.example. hostmaster 1 7200 3600 1209600 300
@ NS ns1.host.example.
@ NS ns2.host.example.
@ MX 10 mx.filter.example.
@ TXT "v=spf1 a mx a:www.club.nl mx:post.example a:ns1.host.example a:ns2.host.example a:mx.filter.example a:mx.big.example include:_spf.big.example include:more.club.nl -all"
more TXT "v=spf1 a:www.host.example include:_spf.big.example -all"
@ A 192.0.2.80
www CNAME www.host.example.
_dmarc TXT "v=DMARC1; p=none; rua=mailto:dmarc@club.nl"
big1._domainkey CNAME key.big.example.
$ORIGIN parked.nl.
@ SOA ns1.host.example. hostmaster 1 7200 3600 1209600 300
@ NS ns1.host.example.
@ NS ns2.host.example.
@ MX 0 .
@ TXT "v=spf1 -all"
_dmarc TXT "v=DMARC1; p=reject"
`

func checkCompanies() *holder.Table {
	return holder.NewTable([]knowledge.Provider{
		{ID: "big", Name: "Big Mail", Owner: "Big Inc.", OwnerCountry: "US", HQCountry: "US", Roles: []string{"mailbox"},
			MX: []string{"big.example"}, SPF: []string{"_spf.big.example"}, DKIM: []string{"big.example"}, Selectors: []string{"big1"}, MailDomains: []string{"post.example"}},
		{ID: "filter", Name: "Zeef", Owner: "Zeef B.V.", OwnerCountry: "NL", HQCountry: "NL", Roles: []string{"gateway"}, MX: []string{"filter.example"}},
		{ID: "host", Name: "Hostery", Owner: "Hostery B.V.", OwnerCountry: "NL", HQCountry: "NL", Roles: []string{"dns", "web"}, NS: []string{"host.example"}, CNAME: []string{"host.example"}},
	})
}

// withChecks makes a service check domains through a server.
func withChecks(t *testing.T, srv *dnstest.Server) *commands.Service {
	t.Helper()
	r, err := dnsq.New(dnsq.Config{Resolver: srv.Addr(), Timeout: 2 * time.Second})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { r.Close() })
	checker := domaincheck.New(r, checkCompanies)
	checker.Networks, checker.Policies = nil, nil
	return newService(t, func(o *commands.Options) { o.Checker = checker })
}

func TestCheckAnswers(t *testing.T) {
	for _, tt := range []struct {
		name, text string
		opts       []dnstest.Option
	}{
		{"club", "!check club.nl", nil},
		{"club-host", "!check https://shop.club.nl/cart", nil},
		{"club-spf", "!check club.nl spf", nil},
		{"club-dnssec", "!check club.nl DNSSEC", nil},
		{"parked", "!check parked.nl", nil},
		{"provider", "!check someone@post.example", nil},
		{"not-found", "!check gone.nl", nil},
		{"not-all", "!check club.nl", []dnstest.Option{dnstest.ServFail("_dmarc.club.nl.", dns.TypeTXT), dnstest.ServFail("club.nl.", dns.TypeTXT)}},
		{"silent", "!check club.nl", []dnstest.Option{
			dnstest.Refused("club.nl.", dns.TypeANY), dnstest.ServFail("www.club.nl.", dns.TypeANY), dnstest.ServFail("_dmarc.club.nl.", dns.TypeANY)}},
		{"space", "!check club nl", nil},
		{"address", "!check 192.0.2.1", nil},
		{"nothing", "!check", nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := withChecks(t, dnstest.New(t, checkZone, append(tt.opts, dnstest.Secure("example."))...))
			var b strings.Builder
			for _, l := range []lang.Code{lang.NL, lang.EN} {
				a := s.Answer(context.Background(), commands.Request{Text: tt.text, Lang: l, Kind: commands.Group})
				a.Source = nil // the number of queries depends on what the other language asked
				b.WriteString("-- " + string(l) + " --\n" + answer.Body(a, answer.Options{}) + "\n")
			}
			golden(t, filepath.Join("testdata", "check", tt.name+".golden"), b.String())
		})
	}
}

// golden compares got with a file, or with -update-check writes it.
func golden(t *testing.T, path, got string) {
	t.Helper()
	if *updateCheck {
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
		t.Errorf("%s differs; run with -update-check and look at the difference\n%s", path, got)
	}
}

func TestCheckWithoutResolver(t *testing.T) {
	srv := dnstest.New(t, checkZone)
	s := withChecks(t, srv)
	srv.Stop()
	a := s.Answer(context.Background(), commands.Request{Text: "!check club.nl"})
	if !a.Failed || !strings.Contains(a.Headline.String(), "mijn DNS-resolver antwoordt niet") || len(a.Blocks) > 0 {
		t.Errorf("%+v", a)
	}
}

func TestCheckOffersWhatFollows(t *testing.T) {
	s := withChecks(t, dnstest.New(t, checkZone, dnstest.Secure("example.")))
	a := s.Answer(context.Background(), commands.Request{Text: "!check club.nl", Room: "r"})
	var got []string
	for _, c := range a.Choices {
		got = append(got, c.Command)
	}
	if want := "check club.nl spf, check club.nl dmarc, check club.nl dnssec"; strings.Join(got, ", ") != want {
		t.Errorf("choices %q, want %q", got, want)
	}
	if a.Topic != "check:club.nl" {
		t.Errorf("topic %q", a.Topic)
	}
}
