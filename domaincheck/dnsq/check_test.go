package dnsq_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"codeberg.org/miekg/dns"

	"wolkwijs/domaincheck/dnsq"
	"wolkwijs/domaincheck/dnsq/dnstest"
)

// clock is a time that only tests move.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func newClock() *clock { return &clock{now: time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)} }

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) Add(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

func TestACheckAsksEachQuestionOnce(t *testing.T) {
	s := dnstest.New(t, exampleZone, dnstest.ServFail("broken.example.nl", dns.TypeA))
	r := newResolver(t, s)
	r.SelfTest(ctx)
	c := r.Check()
	for _, name := range []string{"example.nl", "EXAMPLE.NL.", `\101xample.nl`} {
		c.Query(ctx, name, dns.TypeMX)
	}
	if n := s.Count("example.nl", dns.TypeMX); n != 1 || c.Queries() != 1 {
		t.Errorf("%d queries came, %d counted, want 1", n, c.Queries())
	}
	for range 2 {
		c.Query(ctx, "broken.example.nl", dns.TypeA)
	}
	if n := s.Count("broken.example.nl", dns.TypeA); n != 2 || c.Queries() != 3 {
		t.Errorf("%d queries came for what fails, %d counted in all; want 2 (the second unchecked) and 3", n, c.Queries())
	}
	if f := c.Failures(); len(f) != 1 || f[0].Name != "broken.example.nl." || f[0].Failure.Kind != dnsq.ServFail {
		t.Errorf("failures: %+v", f)
	}
	if other := r.Check(); other.Query(ctx, "example.nl", dns.TypeMX).Status != dnsq.Found || other.Queries() != 0 {
		t.Errorf("another check pays %d queries for what is cached", other.Queries())
	}
}

func TestACheckIsBounded(t *testing.T) {
	s := dnstest.New(t, exampleZone)
	r := newResolver(t, s)
	r.SelfTest(ctx)
	s.Reset()
	c := r.Check()
	for i := range dnsq.MaxQueries + 50 {
		a := c.Query(ctx, fmt.Sprintf("n%d.example.nl", i), dns.TypeA)
		if want := i >= dnsq.MaxQueries; (a.Status == dnsq.Failed) != want {
			t.Fatalf("question %d: status %v, failure %v", i, a.Status, a.Failure)
		}
	}
	if s.Queries() != dnsq.MaxQueries || c.Queries() != dnsq.MaxQueries {
		t.Errorf("%d queries came, %d counted, want %d", s.Queries(), c.Queries(), dnsq.MaxQueries)
	}
	if f := c.Failures(); len(f) != 1 || !strings.Contains(f[0].Failure.Detail, "all the queries") {
		t.Errorf("%d failures, want one that stands for all: %+v", len(f), f)
	}
}

func TestALimitOfOneCheckIsNoFailureOfAnother(t *testing.T) {
	s := dnstest.New(t, exampleZone)
	r := newResolver(t, s)
	r.SelfTest(ctx)
	spent := r.Check()
	for i := range dnsq.MaxQueries {
		spent.Query(ctx, fmt.Sprintf("n%d.example.nl", i), dns.TypeA)
	}
	var wg sync.WaitGroup
	for range 20 {
		wg.Go(func() { spent.Query(ctx, "mail.example.nl", dns.TypeA) })
		wg.Go(func() {
			if a := r.Check().Query(ctx, "mail.example.nl", dns.TypeA); a.Status != dnsq.Found {
				t.Errorf("status %v, failure %v", a.Status, a.Failure)
			}
		})
	}
	wg.Wait()
}

func TestAnswersAreCachedAsLongAsTheirTTL(t *testing.T) {
	s := dnstest.New(t, exampleZone)
	clock := newClock()
	r := newResolver(t, s, func(c *dnsq.Config) { c.Now = clock.Now })
	for _, tt := range []struct {
		name   string
		rrtype uint16
		ttl    time.Duration
		why    string
	}{
		{"example.nl.", dns.TypeMX, 120 * time.Second, "the TTL of the record"},
		{"example.nl.", dns.TypeTXT, 60 * time.Second, "a no: the last field of the SOA (RFC 2308)"},
		{"nope.example.nl.", dns.TypeTXT, 60 * time.Second, "the same for a name"},
	} {
		if a := r.Query(ctx, tt.name, tt.rrtype); a.TTL != tt.ttl {
			t.Errorf("%s: TTL %v, want %v: %s", tt.name, a.TTL, tt.ttl, tt.why)
		}
		clock.Add(tt.ttl - time.Second)
		if a := r.Query(ctx, tt.name, tt.rrtype); a.TTL != time.Second {
			t.Errorf("%s: a second before the end the TTL is %v", tt.name, a.TTL)
		}
		if n := s.Count(tt.name, tt.rrtype); n != 1 {
			t.Errorf("%s: asked %d times within its TTL", tt.name, n)
		}
		clock.Add(time.Second)
		r.Query(ctx, tt.name, tt.rrtype)
		if n := s.Count(tt.name, tt.rrtype); n != 2 {
			t.Errorf("%s: asked %d times after its TTL, want 2", tt.name, n)
		}
	}
}

func TestTheCacheIsBounded(t *testing.T) {
	var zone strings.Builder
	zone.WriteString("$ORIGIN example.nl.\n@ SOA ns1 hostmaster 1 7200 3600 1209600 60\n")
	for i := range 300 {
		fmt.Fprintf(&zone, "n%d TXT \"%0250d\"\n", i, i)
	}
	s := dnstest.New(t, zone.String())
	r := newResolver(t, s, func(c *dnsq.Config) { c.CacheOctets = 100_000 })
	for i := range 300 {
		r.Query(ctx, fmt.Sprintf("n%d.example.nl", i), dns.TypeTXT)
	}
	if n := dnsq.Cached(r); n < 20 || n > 60 {
		t.Errorf("%d answers in a cache of 100 kB for answers of about 1 kB", n)
	}
	s.Reset()
	r.Query(ctx, "n299.example.nl", dns.TypeTXT)
	if s.Queries() != 0 {
		t.Error("the newest answer is not in the cache")
	}
}

// heldServer answers nothing until release is closed.
func heldServer(t *testing.T) (s *dnstest.Server, r *dnsq.Resolver, came chan struct{}, release chan struct{}) {
	t.Helper()
	s = dnstest.New(t, exampleZone)
	r = newResolver(t, s, func(c *dnsq.Config) { c.TryTimeout = time.Minute; c.Timeout = time.Minute })
	r.SelfTest(ctx)
	s.Reset()
	came, release = make(chan struct{}, 2), make(chan struct{})
	s.Apply(dnstest.Hook(func(dnstest.Question) { came <- struct{}{} }, func(dnstest.Question) { <-release }))
	return s, r, came, release
}

func TestSameQuestionsAtOnceAreAskedOnce(t *testing.T) {
	const followers = 50
	s, r, came, release := heldServer(t)
	var wg sync.WaitGroup
	for range followers + 1 {
		wg.Go(func() {
			if a := r.Query(ctx, "example.nl", dns.TypeMX); a.Status != dnsq.Found {
				t.Errorf("status %v, failure %v", a.Status, a.Failure)
			}
		})
	}
	<-came
	dnsq.WaitForAskers(r, "example.nl", dns.TypeMX, followers)
	close(release)
	wg.Wait()
	if n := s.Queries(); n != 1 {
		t.Errorf("%d queries, want 1", n)
	}
}

func TestOneWhoGivesUpDoesNotFailTheOthers(t *testing.T) {
	const followers = 50
	s, r, came, release := heldServer(t)
	first, giveUp := context.WithCancel(ctx)
	var wg sync.WaitGroup
	wg.Go(func() {
		if a := r.Query(first, "example.nl", dns.TypeMX); kind(a) != dnsq.Timeout {
			t.Errorf("the one who gave up: status %v, failure %v", a.Status, a.Failure)
		}
	})
	<-came
	for range followers {
		wg.Go(func() {
			if a := r.Query(ctx, "example.nl", dns.TypeMX); a.Status != dnsq.Found {
				t.Errorf("status %v, failure %v", a.Status, a.Failure)
			}
		})
	}
	dnsq.WaitForAskers(r, "example.nl", dns.TypeMX, followers)
	giveUp()
	dnsq.WaitForAskers(r, "example.nl", dns.TypeMX, followers-1)
	<-came // one of the others asks anew
	close(release)
	wg.Wait()
	if n := s.Queries(); n != 2 {
		t.Errorf("%d queries, want 2", n)
	}
}

func TestABogusAnswerSaysWhyAndShowsTheData(t *testing.T) {
	s := dnstest.New(t, exampleZone, dnstest.Bogus("example.nl", dns.ExtendedErrorSignatureExpired, "expired"))
	r := newResolver(t, s)
	a := r.Query(ctx, "www.example.nl", dns.TypeMX)
	if kind(a) != dnsq.BogusKind || a.Security != dnsq.Bogus || len(a.Records) != 1 || len(a.CNAMEs) != 1 {
		t.Errorf("%+v, failure %+v", a, a.Failure)
	}
	if a.Problem == nil || a.Problem.Code != dnsq.SignatureExpired || len(a.EDE) != 1 || a.EDE[0].Text != "expired" {
		t.Errorf("problem %v, EDE %v", a.Problem, a.EDE)
	}
}

func TestServFailThatPassesIsNotBogus(t *testing.T) {
	s := dnstest.New(t, exampleZone, dnstest.NotOnce("example.nl", dns.TypeMX, dns.RcodeServerFailure, dns.ExtendedErrorNetworkError))
	r := newResolver(t, s)
	if a := r.Query(ctx, "example.nl", dns.TypeMX); a.Status != dnsq.Found || a.Security != dnsq.Indeterminate || a.AD {
		t.Errorf("%+v, failure %+v", a, a.Failure)
	}
}

// TestServFailWithoutKeysIsNotBogus holds that a SERVFAIL of which the reason
// cannot be found out, since there are no keys to judge by, stays one: bogus is
// what the resolver or a chain of keys refuses (RFC 4035, section 4.3).
func TestServFailWithoutKeysIsNotBogus(t *testing.T) {
	failed, none := dnstest.ServFail(".", dns.TypeDNSKEY), dnstest.Secure()
	for _, tt := range []struct {
		name string
		keys dnstest.Option
		ede  uint16
		want dnsq.FailureKind
	}{
		{"no reason given", failed, dns.ExtendedErrorOther, dnsq.ServFail},
		{"no reason given, and signatures left out", none, dns.ExtendedErrorOther, dnsq.ServFail},
		{"the resolver blames DNSSEC", failed, dns.ExtendedErrorDNSBogus, dnsq.BogusKind},
		{"the resolver blames DNSSEC, and leaves signatures out", none, dns.ExtendedErrorDNSBogus, dnsq.BogusKind},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := dnstest.New(t, exampleZone, dnstest.Secure("example.nl"), tt.keys, dnstest.NotOnce("example.nl", dns.TypeMX, dns.RcodeServerFailure, tt.ede))
			r := newResolver(t, s)
			r.SelfTest(ctx)
			a := r.Query(ctx, "example.nl", dns.TypeMX)
			if kind(a) != tt.want || (a.Security == dnsq.Bogus) != (tt.want == dnsq.BogusKind) {
				t.Errorf("%+v, failure %+v", a, a.Failure)
			}
		})
	}
	t.Run("no queries left", func(t *testing.T) {
		s := dnstest.New(t, exampleZone, dnstest.Secure("example.nl"))
		r := newResolver(t, s)
		r.SelfTest(ctx)
		c := r.Check()
		for i := range dnsq.MaxQueries - 2 {
			c.Query(ctx, fmt.Sprintf("n%d.example.nl", i), dns.TypeA)
		}
		s.Apply(dnstest.NotOnce("example.nl", dns.TypeMX, dns.RcodeServerFailure, dns.ExtendedErrorOther))
		if a := c.Query(ctx, "example.nl", dns.TypeMX); kind(a) != dnsq.ServFail || c.Queries() != dnsq.MaxQueries {
			t.Errorf("%+v, failure %+v, after %d queries", a, a.Failure, c.Queries())
		}
	})
}

func TestTheFirstReasonIsKept(t *testing.T) {
	clock := newClock()
	s := dnstest.New(t, exampleZone, dnstest.Bogus("example.nl", dns.ExtendedErrorSignatureExpired, "expired"))
	r := newResolver(t, s, func(c *dnsq.Config) { c.Now = clock.Now })
	r.Query(ctx, "example.nl", dns.TypeMX)
	s.Apply(dnstest.Bogus("example.nl", dns.ExtendedErrorDNSBogus, "")) // as Unbound before 1.18, from its cache
	clock.Add(time.Minute)
	if a := r.Query(ctx, "example.nl", dns.TypeMX); a.Problem == nil || a.Problem.Code != dnsq.SignatureExpired {
		t.Errorf("a minute later: problem %v, EDE %v", a.Problem, a.EDE)
	}
}

func TestCNAMEsThatTheResolverLeavesAreFollowed(t *testing.T) {
	s := dnstest.New(t, exampleZone+"one CNAME two\ntwo CNAME mail\nround CNAME about\nabout CNAME round\n",
		dnstest.LeaveCNAMEs(), dnstest.Secure("example.nl"))
	r := newResolver(t, s)
	a := r.Query(ctx, "one.example.nl", dns.TypeA)
	if a.Status != dnsq.Found || len(a.CNAMEs) != 2 || a.Name != "one.example.nl." || a.Security != dnsq.Secure {
		t.Errorf("%+v, failure %+v", a, a.Failure)
	}
	if a := r.Query(ctx, "round.example.nl", dns.TypeA); kind(a) != dnsq.ServFail {
		t.Errorf("a circle: %+v", a)
	}
}
