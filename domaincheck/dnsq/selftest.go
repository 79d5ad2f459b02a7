package dnsq

import (
	"context"
	"sync"
	"time"

	"codeberg.org/miekg/dns"
)

// Tri is yes, no, or not known.
type Tri uint8

// The values of a Tri.
const (
	NotKnown Tri = iota
	Yes
	No
)

// SelfTest is what is known of one server that is asked.
type SelfTest struct {
	Server       string // as in the configuration: "127.0.0.1:53", "tls://…"
	SafePath     bool   // loopback or TLS: nobody on the way can set the AD bit
	Reached      bool   // it answers
	AD           bool   // it sets the AD bit on ". SOA"
	RefusesBogus Tri    // it refuses a name whose signatures are known to be wrong
	GivesReasons Tri    // it says why, as Extended DNS Errors (RFC 8914)
	Believed     bool   // its verdict on DNSSEC counts; otherwise answers are validated here
}

const (
	// retestAfter is when a server that could not be reached is tested again;
	// testAgain when any other is, for it may have been replaced.
	retestAfter = 10 * time.Second
	testAgain   = time.Hour
)

// tester keeps the self-test of one server.
type tester struct {
	mu      sync.Mutex
	result  SelfTest
	until   time.Time
	flights flights[bool, SelfTest] // by whether the bogus name is waited for
}

// verdict says whether the server is believed, if that is known.
func (t *tester) verdict(now time.Time) (believed, known bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.result.Believed, now.Before(t.until)
}

func (t *tester) set(result SelfTest, until time.Time) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.result, t.until = result, until
}

// SelfTest asks each server for ". SOA" and for a name known to be bogus, and
// returns what that tells. The resolver also does so by itself at the first
// question; the answers to those count from then on.
func (r *Resolver) SelfTest(ctx context.Context) []SelfTest {
	all := make([]SelfTest, len(r.upstreams))
	var wg sync.WaitGroup
	for i, u := range r.upstreams {
		wg.Go(func() { all[i] = r.test(ctx, u, true) })
	}
	wg.Wait()
	return all
}

// believes says whether the server's verdict on DNSSEC counts. It waits for
// ". SOA" alone; should the bogus name get an answer, that is noticed soon.
func (r *Resolver) believes(ctx context.Context, u *upstream) bool {
	if !u.path {
		return false
	}
	if believed, known := u.test.verdict(r.now()); known {
		return believed
	}
	return r.test(ctx, u, false).Believed
}

// test runs the self-test of a server. Unless whole is set, it returns before
// it is known what becomes of the bogus name.
func (r *Resolver) test(ctx context.Context, u *upstream, whole bool) SelfTest {
	result, _, err := u.test.flights.do(ctx, whole, func(ctx context.Context) SelfTest {
		result := SelfTest{Server: u.label, SafePath: u.path}
		bogus := make(chan *reply, 1)
		background := context.WithoutCancel(ctx)
		go func() { bogus <- r.askOne(background, u, question{r.bogusName, dns.TypeA}) }()
		if rep := r.askOne(ctx, u, question{rootName, dns.TypeSOA}); rep != nil {
			result.Reached, result.AD = true, rep.ad
		}
		finish := func() SelfTest {
			result.withBogus(<-bogus)
			return r.conclude(u, result)
		}
		if whole {
			return finish()
		}
		first := r.conclude(u, result)
		go finish()
		return first
	})
	if err != nil {
		return SelfTest{Server: u.label, SafePath: u.path}
	}
	return result
}

// withBogus adds what the reply for the bogus name tells.
func (s *SelfTest) withBogus(rep *reply) {
	switch {
	case rep == nil:
	case rep.rcode == dns.RcodeServerFailure:
		s.RefusesBogus, s.GivesReasons = Yes, No
		if len(rep.ede) > 0 {
			s.GivesReasons = Yes
		}
	case rep.rcode == dns.RcodeSuccess && len(rep.answer) > 0:
		s.RefusesBogus = No
	}
}

// conclude draws the conclusion and keeps it. If a server turns out not to
// validate after all, what it said is forgotten.
func (r *Resolver) conclude(u *upstream, result SelfTest) SelfTest {
	result.Believed = result.SafePath && result.AD && result.RefusesBogus != No
	now := r.now()
	if believed, known := u.test.verdict(now); known && believed && !result.Believed {
		r.answers.clear()
	}
	life := testAgain
	if !result.Reached {
		life = retestAfter
	}
	u.test.set(result, now.Add(life))
	return result
}

// askOne asks one server, past the cache. It returns nil without a reply.
func (r *Resolver) askOne(ctx context.Context, u *upstream, q question) *reply {
	rep, err := r.askServers(ctx, []*upstream{u}, asked{question: q}, nil)
	if err != nil {
		return nil
	}
	return rep
}
