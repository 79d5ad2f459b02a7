// Package survey checks many domains: a list in, one row for each of its items
// out, in the order of the list, with a bounded number under way at once. A
// survey that was broken off goes on where it was, and its rows are then the
// same as those of a survey that was not.
//
// May import: domaincheck, filelock, golang.org/x/text.
package survey

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"wolkwijs/domaincheck"
)

// Checker checks one domain; *domaincheck.Checker does.
type Checker interface {
	Check(ctx context.Context, input string) (*domaincheck.Report, error)
}

// Survey is one run over the items of a list.
type Survey struct {
	Checker     Checker
	Concurrency int             // domains under way at once; at least 1
	Patience    []time.Duration // how long to wait before each further try when the resolver does not answer
	Progress    func(Count)     // called after each domain, one call at a time; nil: nobody is told
	// Reachable says whether DNS can be asked at all about names below the
	// top-level domain of domain. It is asked after each check in which
	// look-ups failed: rows must not be full of failures because the resolver
	// or the network was away. nil: it always can.
	Reachable func(ctx context.Context, domain string) bool

	answered atomic.Int64 // domains of which the resolver has told something
}

// Patience is the usual patience with a resolver that does not answer: it may
// be starting anew, or the network be away for a moment. Failures are
// remembered for 5 s (RFC 9520), so there is no use in asking sooner.
var Patience = []time.Duration{6 * time.Second, 10 * time.Second, 15 * time.Second, 30 * time.Second}

// Count is what a survey has done so far.
type Count struct {
	Done       int // domains checked, of which are
	Wrong      int // inputs without a domain
	Partial    int // domains of which some look-ups failed
	Unanswered int // domains of which nothing could be looked up
}

// windowPerWorker and windowOctets bound the rows that are done and wait for
// an earlier one: a slow domain keeps the others waiting rather than the
// memory growing.
const (
	windowPerWorker = 32
	windowOctets    = 32 << 20
)

// Run checks the items and writes the row of each to out, as format makes it,
// in their order. It gives up, with domaincheck.ErrResolver, when the resolver
// answers for none of them for as long as its patience lasts. All rows written
// then are whole, so that another run may go on with the items that have none.
// The error is that, or of writing, or the cause of the context's end.
func (s *Survey) Run(ctx context.Context, items []Item, format Format, out io.Writer) (Count, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	workers := max(s.Concurrency, 1)
	q := &queue{out: out, total: len(items), window: windowPerWorker * workers, rows: map[int][]byte{}}
	q.moved.L = &q.mu
	defer context.AfterFunc(ctx, q.end)()
	var wait sync.WaitGroup
	for range workers {
		wait.Go(func() {
			for {
				i, ok := q.take()
				if !ok {
					return
				}
				row, err := s.row(ctx, items[i])
				if ctx.Err() != nil {
					return // what was looked up may be cut short
				}
				var text []byte
				if err == nil {
					text, err = format.Row(row)
				}
				if err == nil {
					err = q.put(i, text, row, s.Progress)
				}
				if err != nil {
					cancel(err)
					return
				}
			}
		})
	}
	wait.Wait()
	return q.count, context.Cause(ctx)
}

// row returns the row of one item. The error is that of a resolver that
// answers for nobody.
func (s *Survey) row(ctx context.Context, item Item) (*Row, error) {
	row := &Row{Line: item.Line, Input: item.Input, Group: item.Group}
	before := s.answered.Load()
	for try := 0; ; try++ {
		r, err := s.check(ctx, item.Input)
		var wrong *domaincheck.InputError
		switch {
		case errors.As(err, &wrong):
			row.Error, row.ErrorKind = wrong.Why.EN, NoDomain
			return row, nil
		case err == nil:
			s.answered.Add(1)
			row.Report = r
			return row, nil
		case ctx.Err() != nil:
			return nil, err
		case s.answered.Load() > 0 && try < len(s.Patience):
			// Only what is answered from here on shows that the resolver is
			// there: it may have gone while this domain was looked up.
			before = s.answered.Load()
			select {
			case <-time.After(s.Patience[try]):
			case <-ctx.Done():
				return nil, ctx.Err()
			}
		case s.answered.Load() == before:
			return nil, err
		default:
			row.Error, row.ErrorKind = err.Error(), NoAnswer
			return row, nil
		}
	}
}

// check checks one input. A report with failures that are not the domain's
// own is none, nor is one of a resolver that says of everything that it does
// not exist.
func (s *Survey) check(ctx context.Context, input string) (*domaincheck.Report, error) {
	r, err := s.Checker.Check(ctx, input)
	if err == nil && r.Facts != nil && r.Facts.CutOff {
		return nil, domaincheck.ErrResolver
	}
	if err == nil && s.Reachable != nil && failedInDNS(r) && !s.Reachable(ctx, r.Domain) {
		return nil, domaincheck.ErrResolver
	}
	return r, err
}

// failedInDNS says whether something could not be looked up; a policy is
// fetched over HTTPS.
func failedInDNS(r *domaincheck.Report) bool {
	return slices.ContainsFunc(r.Errors, func(e domaincheck.LookupError) bool { return e.Type != "policy" })
}

// queue hands items out and puts their rows back in order.
type queue struct {
	out    io.Writer
	total  int // items
	window int // items that may be ahead of the first whose row is not written

	mu     sync.Mutex
	moved  sync.Cond // there is room again, or the end
	ended  bool
	next   int            // item to hand out
	due    int            // item whose row is to be written next
	rows   map[int][]byte // done, and waiting for an earlier one
	octets int            // of these
	count  Count
}

// take returns the index of the next item, as soon as there is room for it.
func (q *queue) take() (int, bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for !q.ended && q.next < q.total && (q.next-q.due >= q.window || q.octets > windowOctets) {
		q.moved.Wait()
	}
	if q.ended || q.next == q.total {
		return 0, false
	}
	q.next++
	return q.next - 1, true
}

// put takes the row of an item, and writes what can be written in order.
func (q *queue) put(i int, text []byte, row *Row, progress func(Count)) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.rows[i] = text
	q.octets += len(text)
	for text, ok := q.rows[q.due]; ok; text, ok = q.rows[q.due] {
		if _, err := q.out.Write(text); err != nil {
			return fmt.Errorf("write: %w", err)
		}
		delete(q.rows, q.due)
		q.octets -= len(text)
		q.due++
	}
	q.moved.Broadcast()
	q.count.add(row)
	if progress != nil {
		progress(q.count)
	}
	return nil
}

// end lets nobody take another item.
func (q *queue) end() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.ended = true
	q.moved.Broadcast()
}

func (c *Count) add(row *Row) {
	c.Done++
	switch {
	case row.ErrorKind == NoDomain:
		c.Wrong++
	case row.ErrorKind == NoAnswer:
		c.Unanswered++
	case row.Report.Partial:
		c.Partial++
	}
}
