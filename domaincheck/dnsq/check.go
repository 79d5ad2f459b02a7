package dnsq

import (
	"context"
	"sync"
)

// MaxQueries is how many queries one check may send, and how many different
// questions it may ask, cached answers included.
const MaxQueries = 250

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

type checkAnswer struct {
	done   chan struct{}
	answer Answer
}

// Check returns a view of the resolver for one check.
func (r *Resolver) Check() *Check {
	return &Check{r: r, tally: tally{limit: MaxQueries}, asked: make(map[question]*checkAnswer)}
}

// Query implements [Client]. The second to ask a question gets the answer of
// the first, even if that has failed.
func (c *Check) Query(ctx context.Context, name string, rrtype uint16) Answer {
	n, err := parseName(name)
	if err != nil {
		return badName(name, rrtype, err)
	}
	q := question{n, rrtype}
	c.mu.Lock()
	a, ok := c.asked[q]
	if !ok {
		if len(c.asked) >= MaxQueries {
			c.mu.Unlock()
			return c.refuse(q)
		}
		a = &checkAnswer{done: make(chan struct{})}
		c.asked[q] = a
		c.order = append(c.order, a)
	}
	c.mu.Unlock()
	if !ok {
		a.answer = c.r.query(ctx, q, &c.tally)
		close(a.done)
		return a.answer
	}
	select {
	case <-a.done:
		return a.answer
	case <-ctx.Done():
		return failed(q, ctx.Err())
	}
}

// refuse answers a question over the limit, and remembers that once.
func (c *Check) refuse(q question) Answer {
	a := &checkAnswer{done: make(chan struct{}), answer: failed(q, errBudget)}
	close(a.done)
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.order) == MaxQueries {
		c.order = append(c.order, a)
	}
	return a.answer
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
		select {
		case <-a.done:
			if a.answer.Status == Failed {
				failures = append(failures, a.answer)
			}
		default: // still under way
		}
	}
	return failures
}

// String returns the servers asked, for reports.
func (c *Check) String() string { return c.r.String() }
