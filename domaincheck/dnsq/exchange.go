package dnsq

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync/atomic"
	"time"

	"codeberg.org/miekg/dns"
)

// maxSends bounds how often one question may go out: two tries, more over TCP
// for truncated replies and connections that closed.
const maxSends = 8

// errBudget says that a check has sent all the queries it may.
var errBudget = errors.New("the check may send no more queries")

func isBudget(err error) bool { return errors.Is(err, errBudget) }

// lookupError is a reply that answers nothing, such as SERVFAIL.
type lookupError struct {
	kind   FailureKind
	detail string
}

func (e *lookupError) Error() string { return e.detail }

// tally counts the queries that one check sends. The nil tally counts nothing.
type tally struct {
	sent    atomic.Int64
	limit   int64
	prepaid atomic.Int64 // queries that the limits on servers have been charged for
}

func (t *tally) take() error {
	if t == nil {
		return nil
	}
	if t.sent.Add(1) > t.limit {
		t.sent.Add(-1)
		return errBudget
	}
	return nil
}

// exchange is one question on its way.
type exchange struct {
	r        *Resolver
	q        asked
	tally    *tally
	order    []*upstream
	deadline time.Time
	replies  replies
	sends    int
	first    int  // the try to begin with
	sent     bool // and its query is out already
	streamed bool // the last query went out over TCP or TLS
	held     []*upstream
	slots    []slot
	room     struct { // for held and slots, mostly enough
		held  [1]*upstream
		slots [2]slot
	}
}

// slot is where a reply is waited for. It is given back when the question is
// done with.
type slot struct {
	of interface{ forget(id uint16) }
	id uint16
}

// ask sends the question until there is a usable reply: at most the timeout
// in all, for each server the time of one try, at least two tries. Waiting
// for a place among the queries under way does not count as trying.
func (r *Resolver) ask(ctx context.Context, q asked, t *tally) (*reply, error) {
	return r.askServers(ctx, r.order(), q, t)
}

func (r *Resolver) askServers(ctx context.Context, order []*upstream, q asked, t *tally) (*reply, error) {
	x := &exchange{r: r, q: q, tally: t, order: order, replies: make(replies, 2)}
	x.held, x.slots = x.room.held[:0], x.room.slots[:0]
	defer x.end()
	if err := x.hold(ctx, order[0]); err != nil {
		return nil, err
	}
	x.deadline = time.Now().Add(r.timeout)
	return x.run(ctx)
}

// hold takes a place among the queries under way to the server.
func (x *exchange) hold(ctx context.Context, u *upstream) error {
	if err := u.acquire(ctx); err != nil {
		return err
	}
	x.held = append(x.held, u)
	return nil
}

func (x *exchange) end() {
	for _, s := range x.slots {
		s.of.forget(s.id)
	}
	for _, u := range x.held {
		u.release()
	}
}

// order returns the servers as they are to be asked: those that seem dead last.
func (r *Resolver) order() []*upstream {
	if len(r.upstreams) == 1 {
		return r.upstreams
	}
	order := slices.Clone(r.upstreams)
	slices.SortStableFunc(order, func(a, b *upstream) int {
		switch {
		case a.dead() == b.dead():
			return 0
		case b.dead():
			return -1
		}
		return 1
	})
	return order
}

// run makes the tries. A late reply to an earlier try is as good as any.
func (x *exchange) run(ctx context.Context) (*reply, error) {
	last := errTimeout
	var fallback *reply // a refusal, used if no other server does better
	tries := max(2, len(x.order))
	for try := x.first; try < tries && time.Now().Before(x.deadline); try++ {
		u := x.order[try%len(x.order)]
		if try > 0 && len(x.order) > 1 {
			if err := x.hold(ctx, u); err != nil {
				break
			}
		}
		rep, err := x.try(ctx, u)
		switch {
		case err == nil && rep.rcode == dns.RcodeRefused && try+1 < len(x.order):
			fallback = rep
			continue
		case err == nil:
			return rep, nil
		case isBudget(err), ctx.Err() != nil:
			return nil, err
		}
		if !errors.Is(err, errTimeout) {
			last = err
		}
	}
	if fallback != nil {
		return fallback, nil
	}
	return nil, last
}

// errTimeout says that no reply came in time.
var errTimeout = fmt.Errorf("no reply: %w", context.DeadlineExceeded)

// try sends the query to one server and waits as long as one try may take.
func (x *exchange) try(ctx context.Context, u *upstream) (*reply, error) {
	started := time.Now()
	timer := time.NewTimer(min(x.r.tryTimeout, x.deadline.Sub(started)))
	defer timer.Stop()
	var err error
	if !x.sent {
		err = x.send(ctx, u, false)
	}
	x.sent = false
	for err == nil {
		select {
		case <-ctx.Done():
			x.r.tell(x.q.rrtype, nil, errGaveUp)
			return nil, ctx.Err()
		case <-timer.C:
			x.r.tell(x.q.rrtype, nil, errTimeout)
			u.silent()
			if x.streamed {
				u.stream.dropSilent(started)
			}
			return nil, errTimeout
		case in := <-x.replies:
			var rep *reply
			rep, err = x.read(in)
			x.r.tell(x.q.rrtype, rep, err)
			if err == nil && !rep.tc {
				return rep, nil
			}
			if errors.Is(err, errSpoofed) || rep != nil && !in.byStream || errors.Is(err, errClosed) && in.byStream {
				err = x.send(ctx, in.from, true)
			}
		}
	}
	return nil, err
}

// read makes a reply of what came in.
func (x *exchange) read(in incoming) (*reply, error) {
	if in.err != nil {
		return nil, in.err
	}
	in.from.answered()
	rep, err := parseReply(in.wire)
	if err != nil {
		return nil, err
	}
	if rep.tc && in.byStream {
		return nil, fmt.Errorf("%w: it is cut off, even over TCP", errMessage)
	}
	rep.from = in.from
	return rep, nil
}

func (x *exchange) send(ctx context.Context, u *upstream, byStream bool) error {
	if x.sends++; x.sends > maxSends {
		return errors.New("the server closes its connections without an answer")
	}
	if err := x.tally.take(); err != nil {
		return err
	}
	x.r.pay(u, x.tally)
	var s slot
	var err error
	if x.streamed = byStream || u.udp == nil; x.streamed {
		s, err = u.stream.send(ctx, x.r.tryTimeout, x.q, u, x.replies)
	} else {
		s, err = u.udp.send(x.q, u, x.replies)
	}
	switch {
	case err == nil:
		x.slots = append(x.slots, s)
	case ctx.Err() != nil:
		x.r.tell(x.q.rrtype, nil, errGaveUp)
	default:
		x.r.tell(x.q.rrtype, nil, err)
	}
	return err
}
