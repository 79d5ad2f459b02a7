package dnsq_test

import (
	"context"
	"testing"
	"time"

	"codeberg.org/miekg/dns"

	"wolkwijs/domaincheck/dnsq"
	"wolkwijs/domaincheck/dnsq/dnstest"
)

const exampleZone = `
$ORIGIN example.nl.
@         300 SOA ns1 hostmaster 1 7200 3600 1209600 60
@         120 MX  10 mail
mail      A   192.0.2.1
www       CNAME @
dangling  CNAME gone
`

// newResolver returns a resolver that asks the server, quick to give up.
func newResolver(t testing.TB, s *dnstest.Server, change ...func(*dnsq.Config)) *dnsq.Resolver {
	t.Helper()
	cfg := dnsq.Config{Resolver: s.Addr(), TryTimeout: 50 * time.Millisecond}
	for _, c := range change {
		c(&cfg)
	}
	r, err := dnsq.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { r.Close() })
	return r
}

// kind returns why the answer has failed, or "".
func kind(a dnsq.Answer) dnsq.FailureKind {
	if a.Failure == nil {
		return ""
	}
	return a.Failure.Kind
}

func TestQueryTellsTheFourAnswersApart(t *testing.T) {
	s := dnstest.New(t, exampleZone,
		dnstest.ServFail("servfail.example.nl", dns.TypeANY),
		dnstest.Refused("refused.example.nl", dns.TypeANY),
		dnstest.Drop("silent.example.nl", dns.TypeANY))
	r := newResolver(t, s)
	for _, tt := range []struct {
		name   string
		rrtype uint16
		status dnsq.Status
		kind   dnsq.FailureKind
		ttl    time.Duration
	}{
		{"example.nl", dns.TypeMX, dnsq.Found, "", 120 * time.Second},
		{"Example.NL.", dns.TypeMX, dnsq.Found, "", 120 * time.Second},
		{"www.example.nl", dns.TypeMX, dnsq.Found, "", 120 * time.Second},
		{"example.nl", dns.TypeTXT, dnsq.NoData, "", 60 * time.Second},
		{"nope.example.nl", dns.TypeTXT, dnsq.NXDomain, "", 60 * time.Second},
		{"dangling.example.nl", dns.TypeA, dnsq.NXDomain, "", 60 * time.Second},
		{"servfail.example.nl", dns.TypeA, dnsq.Failed, dnsq.ServFail, 0},
		{"refused.example.nl", dns.TypeA, dnsq.Failed, dnsq.Refused, 0},
		{"silent.example.nl", dns.TypeA, dnsq.Failed, dnsq.Timeout, 0},
	} {
		a := r.Query(context.Background(), tt.name, tt.rrtype)
		if a.Status != tt.status || kind(a) != tt.kind || a.TTL.Round(time.Second) != tt.ttl {
			t.Errorf("%s: status %v, failure %q, TTL %v; want %v, %q, %v", tt.name, a.Status, kind(a), a.TTL, tt.status, tt.kind, tt.ttl)
		}
	}
}
