package main

import (
	"context"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	"codeberg.org/miekg/dns"
	"github.com/rs/zerolog"

	"wolkwijs/config"
	"wolkwijs/domaincheck/dnsq"
	"wolkwijs/domaincheck/dnsq/dnstest"
	"wolkwijs/knowledge"
	"wolkwijs/metrics"
)

func TestTheLogTellsWhatTheResolverIsGoodFor(t *testing.T) {
	for _, tt := range []struct {
		test dnsq.SelfTest
		want string
	}{
		{dnsq.SelfTest{Reached: true, SafePath: true, AD: true, Believed: true}, `"level":"info","server":"192.0.2.53:53","message":"DNS resolver validates DNSSEC"`},
		{dnsq.SelfTest{Reached: true, SafePath: true}, `"level":"info","server":"192.0.2.53:53","message":"DNS resolver does not validate DNSSEC: that is done here"`},
		{dnsq.SelfTest{Reached: true, AD: true}, `over the network in the clear`},
		{dnsq.SelfTest{SafePath: true}, `"level":"warn","server":"192.0.2.53:53","message":"DNS resolver does not answer: look at dns.resolver"`},
	} {
		tt.test.Server = "192.0.2.53:53"
		var out strings.Builder
		logResolver(t.Context(), func(context.Context) []dnsq.SelfTest { return []dnsq.SelfTest{tt.test} }, zerolog.New(&out))
		if !strings.Contains(out.String(), tt.want) {
			t.Errorf("%+v: %s", tt.test, out.String())
		}
	}
}

// What the bot asks DNS is counted by type and outcome, and no domain is in
// the numbers.
func TestMetricsCountDNSQueries(t *testing.T) {
	kb, err := knowledge.Open("")
	if err != nil {
		t.Fatal(err)
	}
	srv := dnstest.New(t, `
. SOA a. b. 1 7200 3600 1209600 300
geteld.nl. SOA ns.geteld.nl. host.geteld.nl. 1 7200 3600 1209600 300
geteld.nl. MX 10 mx.geteld.nl.
mx.geteld.nl. A 192.0.2.25
`, dnstest.ServFail("geteld.nl.", dns.TypeCAA))
	cfg := config.Default().DNS
	cfg.Resolver, cfg.MTASTSPolicy = srv.Addr(), false
	m := metrics.New("test")
	checker, end, err := runCmd{}.checker(kb, cfg, m)
	if err != nil {
		t.Fatal(err)
	}
	defer end()
	if _, err := checker.Check(t.Context(), "geteld.nl"); err != nil {
		t.Fatal(err)
	}
	rec := httptest.NewRecorder()
	m.Handler().ServeHTTP(rec, httptest.NewRequest(http.MethodGet, "/metrics", nil))
	served := rec.Body.String()
	for _, labels := range []string{
		`outcome="answer",type="MX"`, `outcome="answer",type="A"`, `outcome="nodata",type="AAAA"`, `outcome="nxdomain",type="TXT"`, `outcome="servfail",type="CAA"`,
	} {
		if !regexp.MustCompile(`(?m)^wolkwijs_dns_queries_total\{` + labels + `\} [1-9]`).MatchString(served) {
			t.Errorf("nothing is counted of %s", labels)
		}
	}
	if strings.Contains(served, "geteld") {
		t.Error("a domain is in the numbers")
	}
	if t.Failed() {
		t.Log(served)
	}
}
