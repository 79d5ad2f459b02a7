package domaincheck_test

import (
	"context"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"codeberg.org/miekg/dns"

	"wolkwijs/domaincheck"
	"wolkwijs/domaincheck/asn"
	"wolkwijs/domaincheck/dnsq"
	"wolkwijs/domaincheck/dnsq/dnstest"
)

// stages is how many questions of a check of the sound domain depend on one
// another: MX, the address of the exchange, its network, the network's name.
const stages = 4

// apart is the sound domain with its website in another network than its mail,
// so that nothing is known of the latter before.
var apart = strings.ReplaceAll(around+sound, " 192.0.2.80", " 198.51.100.80")

// perQuestion is how long each question takes.
const perQuestion = 20 * time.Millisecond

// recorder keeps the answers of a check.
type recorder struct {
	domaincheck.Questions
	mu      sync.Mutex
	answers map[string]dnsq.Answer
}

// questionKey tells questions apart; the labels that nobody made are one.
func questionKey(name string, rrtype uint16) string {
	if strings.HasPrefix(name, "wk-") {
		_, rest, _ := strings.Cut(name, ".")
		name = "wk." + rest
	}
	return strings.TrimSuffix(name, ".") + " " + dns.TypeToString[rrtype]
}

func (r *recorder) Query(ctx context.Context, name string, rrtype uint16) dnsq.Answer {
	a := r.Questions.Query(ctx, name, rrtype)
	r.mu.Lock()
	defer r.mu.Unlock()
	r.answers[questionKey(name, rrtype)] = a
	return a
}

// replayer gives the answers of a recorder, each a while after it was first
// asked.
type replayer struct {
	answers map[string]dnsq.Answer
	after   time.Duration
	mu      *sync.Mutex
	due     map[string]time.Time
}

func replay(answers map[string]dnsq.Answer, after time.Duration) replayer {
	return replayer{answers, after, new(sync.Mutex), map[string]time.Time{}}
}

func (r replayer) Start(_ context.Context, name string, rrtypes ...uint16) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, rrtype := range rrtypes {
		if key := questionKey(name, rrtype); r.due[key].IsZero() {
			r.due[key] = time.Now().Add(r.after)
		}
	}
}

func (r replayer) Query(ctx context.Context, name string, rrtype uint16) dnsq.Answer {
	r.Start(ctx, name, rrtype)
	key := questionKey(name, rrtype)
	r.mu.Lock()
	wait := time.Until(r.due[key])
	r.mu.Unlock()
	select {
	case <-time.After(wait):
		return r.answers[key]
	case <-ctx.Done():
		return dnsq.Answer{Name: name, Type: rrtype, Status: dnsq.Failed, Failure: &dnsq.Failure{Kind: dnsq.Timeout, Detail: "no answer in time"}}
	}
}
func (r replayer) Validity(context.Context, string, uint16) (dnsq.Validity, bool) {
	time.Sleep(r.after)
	return dnsq.Validity{}, false
}
func (replayer) Begin(context.Context) error { return nil }
func (replayer) End()                        {}
func (replayer) Queries() int                { return 0 }
func (replayer) Failures() []dnsq.Answer     { return nil }
func (replayer) String() string              { return "replay" }

// TestCriticalPath replays a check with a clock that moves only while all
// wait: what passes on it is the longest chain of questions that depend on
// one another.
func TestCriticalPath(t *testing.T) {
	c, _ := newChecker(t, apart, secure)
	rec := &recorder{Questions: c.Questions(), answers: map[string]dnsq.Answer{}}
	c.Questions = func() domaincheck.Questions { return rec }
	report(t, c)
	synctest.Test(t, func(t *testing.T) {
		c := &domaincheck.Checker{
			Questions: func() domaincheck.Questions { return replay(rec.answers, perQuestion) },
			Companies: companies, Networks: asn.Cymru{},
		}
		start := time.Now()
		if _, err := c.Check(context.Background(), "example.nl"); err != nil {
			t.Fatal(err)
		}
		if took := time.Since(start); took != stages*perQuestion {
			t.Errorf("%d stages, want %d", took/perQuestion, stages)
		}
	})
}

// TestSlowAnswers holds that a check ends after 15 s with what there is.
func TestSlowAnswers(t *testing.T) {
	c, _ := newChecker(t, apart, secure)
	rec := &recorder{Questions: c.Questions(), answers: map[string]dnsq.Answer{}}
	c.Questions = func() domaincheck.Questions { return rec }
	report(t, c)
	synctest.Test(t, func(t *testing.T) {
		c := &domaincheck.Checker{Questions: func() domaincheck.Questions { return replay(rec.answers, 6*time.Second) }, Companies: companies, Networks: asn.Cymru{}}
		start := time.Now()
		r, err := c.Check(context.Background(), "example.nl")
		if err != nil {
			t.Fatal(err)
		}
		if took := time.Since(start); took != 15*time.Second {
			t.Errorf("it took %v", took)
		}
		if len(find(r, "spf-ok")) == 0 || len(find(r, "dane-unknown")) == 0 {
			t.Errorf("want SPF, which is two answers deep, and not DANE, which is three: %+v", r.Findings)
		}
	})
}

// BenchmarkCheck checks a domain on a cold cache with a server that answers
// after 20 ms, and compares that with the critical path: the time in which
// questions that depend on one another can be answered at best. Whether the
// server validates is asked side by side with that.
func BenchmarkCheck(b *testing.B) {
	srv := dnstest.New(b, apart, secure, dnstest.Delay(dnstest.Any, dns.TypeANY, perQuestion))
	var total time.Duration
	queries := 0
	for b.Loop() {
		c := checkerOf(b, srv)
		srv.Reset()
		start := time.Now()
		report(b, c)
		total += time.Since(start)
		queries = srv.Queries()
	}
	path := stages * perQuestion
	b.ReportMetric(float64(total.Milliseconds())/float64(b.N), "ms/check")
	b.ReportMetric(float64(path.Milliseconds()), "ms-critical-path")
	b.ReportMetric(float64(total)/float64(b.N)/float64(path), "ratio")
	b.ReportMetric(float64(queries), "queries/check")
}
