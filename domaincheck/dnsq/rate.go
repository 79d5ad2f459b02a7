package dnsq

import (
	"context"
	"net/netip"
	"strings"
	"sync"
	"time"
)

const (
	// PoliteRate is how many queries per second a server that serves everybody
	// gets at most, on average, where nothing else is said: well below what
	// public resolvers refuse.
	PoliteRate = 100
	// typicalQueries is what a check is taken to send until it is known.
	typicalQueries = 45
	// burst is how many queries a server that has rested may get at once: as
	// many as one check may send.
	burst = MaxQueries
	// maxWaitSeconds keeps the wait at a tiny rate within what a Duration holds.
	maxWaitSeconds = 86400
)

// bucket limits queries to so many per second on average (a token bucket). The
// nil bucket limits nothing. It may be in debt: a check that has begun is
// never held up, the next one waits longer instead.
type bucket struct {
	rate float64 // per second

	mu     sync.Mutex
	tokens float64
	at     time.Time // when tokens was right
}

// newBucket returns a full bucket; nil for no limit.
func newBucket(rate float64) *bucket {
	if rate <= 0 {
		return nil
	}
	return &bucket{rate: rate, tokens: burst, at: time.Now()}
}

// charge takes n tokens, which may be less than none.
func (b *bucket) charge(n int) {
	if b == nil {
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.fill()
	b.tokens = min(b.tokens-float64(n), burst)
}

func (b *bucket) fill() {
	now := time.Now()
	b.tokens = min(b.tokens+now.Sub(b.at).Seconds()*b.rate, burst)
	b.at = now
}

// wait takes n tokens and waits until they are there, in the order of those
// who came. If ctx ends first it gives them back and returns its error.
func (b *bucket) wait(ctx context.Context, n int) error {
	if b == nil {
		return nil
	}
	b.charge(n)
	b.mu.Lock()
	missing := -b.tokens
	b.mu.Unlock()
	if missing <= 0 {
		return nil
	}
	timer := time.NewTimer(time.Duration(min(missing/b.rate, maxWaitSeconds) * float64(time.Second)))
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		b.charge(-n)
		return ctx.Err()
	}
}

// rateOf returns the limit for a server, 0 for none: that of the
// configuration, or else a polite one for servers that are not ours. host is
// an address or a name; names without a dot are those of containers and
// machines nearby.
func rateOf(configured float64, host string) float64 {
	if configured != 0 {
		return max(configured, 0)
	}
	ip, err := netip.ParseAddr(host)
	switch {
	case err != nil && !strings.Contains(strings.TrimSuffix(host, "."), "."):
		return 0
	case err == nil && (ip.IsLoopback() || ip.IsPrivate() || ip.IsLinkLocalUnicast()):
		return 0
	}
	return PoliteRate
}

// Rate returns how many queries per second are sent at most on average: to
// the server that is asked first, or to all together if that is less; 0 for
// no limit.
func (r *Resolver) Rate() float64 {
	rate := 0.0
	for _, b := range []*bucket{r.order()[0].budget, r.budget} {
		if b != nil && (rate == 0 || b.rate < rate) {
			rate = b.rate
		}
	}
	return rate
}

// Begin waits until the limits on queries allow one more check. The error is
// that of ctx. Call it once before the first question, and End after the last;
// who calls neither is not held up, but counts.
func (c *Check) Begin(ctx context.Context) error {
	server := c.r.order()[0]
	if server.budget == nil && c.r.budget == nil {
		return nil
	}
	if err := server.budget.wait(ctx, typicalQueries); err != nil {
		return err
	}
	if err := c.r.budget.wait(ctx, typicalQueries); err != nil {
		server.budget.charge(-typicalQueries)
		return err
	}
	c.paid = server
	c.tally.prepaid.Store(typicalQueries)
	return nil
}

// End gives back what Begin took and the check did not use.
func (c *Check) End() {
	if c.paid == nil {
		return
	}
	if left := int(c.tally.prepaid.Swap(0)); left > 0 {
		c.paid.budget.charge(-left)
		c.r.budget.charge(-left)
	}
}

// pay counts a query to the server against the limits, if it was not paid for
// when the check began.
func (r *Resolver) pay(u *upstream, t *tally) {
	if u.budget == nil && r.budget == nil || t.usePrepaid() {
		return
	}
	u.budget.charge(1)
	r.budget.charge(1)
}

// usePrepaid says whether the query is paid for, and uses that up.
func (t *tally) usePrepaid() bool {
	if t == nil {
		return false
	}
	for {
		left := t.prepaid.Load()
		if left <= 0 {
			return false
		}
		if t.prepaid.CompareAndSwap(left, left-1) {
			return true
		}
	}
}
