package dnsq

import (
	"context"
	"sync"
	"sync/atomic"
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
	result atomic.Pointer[testResult] // nil before the first

	mu      sync.Mutex
	running *testRun // nil if none is
}

// testResult is a self-test and how long it counts.
type testResult struct {
	SelfTest
	until time.Time
}

// testRun is a self-test under way.
type testRun struct {
	first chan struct{} // closed when ". SOA" has been answered, or not
	whole chan struct{} // closed when the bogus name has, too
}

// verdict says whether the server is believed, if that is known.
func (u *upstream) verdict(now time.Time) (believed, known bool) {
	if !u.path {
		return false, true
	}
	t := u.test.result.Load()
	if t == nil {
		return false, false
	}
	return t.Believed, now.Before(t.until)
}

// last returns the result of the last self-test.
func (t *tester) last() SelfTest {
	if result := t.result.Load(); result != nil {
		return result.SelfTest
	}
	return SelfTest{}
}

func (t *tester) set(result SelfTest, until time.Time) {
	t.result.Store(&testResult{result, until})
}

// SelfTest asks each server for ". SOA" and for a name known to be bogus, and
// returns what that tells. The resolver also does so by itself at the first
// question; the answers to those count from then on.
func (r *Resolver) SelfTest(ctx context.Context) []SelfTest {
	all := make([]SelfTest, len(r.upstreams))
	var wg sync.WaitGroup
	for i, u := range r.upstreams {
		wg.Go(func() {
			select {
			case <-r.startTest(u).whole:
				all[i] = u.test.last()
			case <-ctx.Done():
				all[i] = SelfTest{Server: u.label, SafePath: u.path}
			}
		})
	}
	wg.Wait()
	return all
}

// believes says whether the server's verdict on DNSSEC counts. It waits for
// ". SOA" alone; should the bogus name get an answer, that is noticed soon.
func (r *Resolver) believes(ctx context.Context, u *upstream) bool {
	if believed, known := u.verdict(r.now()); known {
		return believed
	}
	select {
	case <-r.startTest(u).first:
		believed, _ := u.verdict(r.now())
		return believed
	case <-ctx.Done():
		return false
	}
}

// startTest runs the self-test of a server, or joins the one under way. It
// belongs to nobody's question, so nobody's context ends it; every query in it
// ends by itself.
func (r *Resolver) startTest(u *upstream) *testRun {
	u.test.mu.Lock()
	defer u.test.mu.Unlock()
	if u.test.running != nil {
		return u.test.running
	}
	run := &testRun{make(chan struct{}), make(chan struct{})}
	u.test.running = run
	go func() {
		bogus := make(chan *reply, 1)
		go func() { bogus <- r.askOne(u, question{r.bogusName, dns.TypeA}) }()
		result := SelfTest{Server: u.label, SafePath: u.path}
		if rep := r.askOne(u, question{rootName, dns.TypeSOA}); rep != nil {
			result.Reached, result.AD = true, rep.ad
		}
		r.keepTest(u, result)
		close(run.first)
		result.withBogus(<-bogus)
		r.keepTest(u, result)
		u.test.mu.Lock()
		u.test.running = nil
		u.test.mu.Unlock()
		close(run.whole)
	}()
	return run
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

// keepTest draws the conclusion and keeps it. If a server turns out not to
// validate after all, what it said is forgotten.
func (r *Resolver) keepTest(u *upstream, result SelfTest) {
	result.Believed = result.SafePath && result.AD && result.RefusesBogus != No
	now := r.now()
	if believed, known := u.verdict(now); known && believed && !result.Believed {
		r.answers.clear()
	}
	life := testAgain
	if !result.Reached {
		life = retestAfter
	}
	u.test.set(result, now.Add(life))
}

// askOne asks one server, past the cache. It returns nil without a reply.
func (r *Resolver) askOne(u *upstream, q question) *reply {
	rep, err := r.askServers(context.Background(), []*upstream{u}, asked{question: q}, nil)
	if err != nil {
		return nil
	}
	return rep
}
