package dnsq

import (
	"context"
	"sync"
)

// MaxQueries is how many queries one check may send, and how many different
// questions it may ask, cached answers included.
const MaxQueries = 250

// usualQuestions is as many different questions as hardly any check asks more
// than: what a map with 64 slots holds.
const usualQuestions = 56

// Check is the resolver as one check sees it: it asks each question once,
// counts the queries sent, sends no more than [MaxQueries], and remembers
// what failed. It is a Client, safe for concurrent use.
type Check struct {
	r     *Resolver
	tally tally
	paid  *upstream // whom Begin paid for; nil for nobody

	mu    sync.Mutex
	asked map[question]*checkAnswer
	order []*checkAnswer
}

// checkAnswer is a question of a check, and its answer once it has one.
type checkAnswer struct {
	errand
	check *Check

	// The check's mu is over these.
	answer *Answer       // nil as long as there is none
	wait   chan struct{} // closed when there is one; nil as long as nobody waits
}

// Check returns a view of the resolver for one check.
func (r *Resolver) Check() *Check {
	return &Check{r: r, tally: tally{limit: MaxQueries},
		asked: make(map[question]*checkAnswer, usualQuestions), order: make([]*checkAnswer, 0, usualQuestions)}
}

// Query implements [Client]. The second to ask a question gets the answer of
// the first, even if that has failed.
func (c *Check) Query(ctx context.Context, text string, rrtype uint16) Answer {
	var buf [nameBuffer]byte
	n, err := packName(&buf, text)
	if err != nil {
		return badName(text, rrtype, err)
	}
	if a := c.find(n, rrtype); a != nil {
		return a.await(ctx)
	}
	q := question{name(n), rrtype}
	a, first := c.ask(ctx, q)
	if a == nil {
		return c.refuse(q)
	}
	if first {
		a.start()
	}
	return a.await(ctx)
}

// Start asks questions about a name without waiting for the answers, which
// Query then gives. ctx is that of the asking.
func (c *Check) Start(ctx context.Context, name string, rrtypes ...uint16) {
	n, err := parseName(name)
	if err != nil {
		return // Query says so
	}
	for _, rrtype := range rrtypes {
		if a, first := c.ask(ctx, question{n, rrtype}); first {
			a.start()
		}
	}
}

// find returns the question as this check has asked it; nil if it has not.
func (c *Check) find(wire []byte, rrtype uint16) *checkAnswer {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.asked[question{name(wire), rrtype}] // the compiler makes no string for that
}

// ask returns the question as this check asks it, and whether it is asked for
// the first time and has to be started; nil if that is one too many.
func (c *Check) ask(ctx context.Context, q question) (a *checkAnswer, first bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if a, ok := c.asked[q]; ok {
		return a, false
	}
	if len(c.asked) >= MaxQueries {
		return nil, false
	}
	a = &checkAnswer{check: c}
	a.errand.r, a.errand.ctx, a.errand.q, a.errand.tally, a.errand.to = c.r, ctx, q, &c.tally, a
	c.asked[q] = a
	c.order = append(c.order, a)
	return a, true
}

// answered takes the answer, unless the check has given up on it.
func (a *checkAnswer) answered(answer *Answer) {
	a.check.mu.Lock()
	defer a.check.mu.Unlock()
	if a.answer != nil {
		return
	}
	a.answer = answer
	if a.wait != nil {
		close(a.wait)
	}
}

// await waits for the answer. If ctx ends first, the question has failed.
func (a *checkAnswer) await(ctx context.Context) Answer {
	c := a.check
	c.mu.Lock()
	if a.answer != nil {
		defer c.mu.Unlock()
		return *a.answer
	}
	if a.wait == nil {
		a.wait = make(chan struct{})
	}
	wait := a.wait
	c.mu.Unlock()
	select {
	case <-wait:
	case <-ctx.Done():
		f := failed(a.q, ctx.Err())
		a.answered(&f)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	return *a.answer
}

// refuse answers a question over the limit, and remembers that once.
func (c *Check) refuse(q question) Answer {
	f := failed(q, errBudget)
	a := &checkAnswer{check: c, answer: &f}
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.order) == MaxQueries {
		c.order = append(c.order, a)
	}
	return f
}

// Queries returns how many queries this check has sent, retries included.
// Answers from the cache cost none.
func (c *Check) Queries() int { return int(c.tally.sent.Load()) }

// Failures returns the answers that have failed so far, in the order asked.
// Of questions over the limit only the first is listed.
func (c *Check) Failures() []Answer {
	c.mu.Lock()
	defer c.mu.Unlock()
	var failures []Answer
	for _, a := range c.order {
		if a.answer != nil && a.answer.Status == Failed {
			failures = append(failures, *a.answer)
		}
	}
	return failures
}

// String returns the servers asked, for reports.
func (c *Check) String() string { return c.r.String() }
