package dnsq

import (
	"context"
	"slices"
	"sync"
	"time"

	"codeberg.org/miekg/dns"
)

// errand is a question on its way for which no goroutine waits. Most replies
// say all there is to say: the answer is then made where the reply comes in,
// which costs a third of a goroutine, a channel and a timer for each question.
// Any other outcome (nothing in time, SERVFAIL, a cut reply, a server not
// tested yet) is carried on by a goroutine of its own, as [Resolver.query]
// does it from the beginning.
type errand struct {
	r     *Resolver
	ctx   context.Context
	q     question
	tally *tally
	to    interface{ answered(*Answer) } // called once

	flight flight[*Answer]
	at     *upstream // who was asked
	sent   time.Time
	slot   slot                   // where the reply is waited for
	buf    [queryOctets + 64]byte // for the query; longer ones take their own

	mu      sync.Mutex
	settled bool      // answered, or carried on
	carried *exchange // what carries it on; nil for nothing

	next, previous *errand // among those that wait; see errands
	listed         bool
}

// start sets out to answer the question and tells e.to, at once or later. It
// waits for a place among the queries under way, for nothing else.
func (e *errand) start() {
	if a := e.r.cached(e.q); a != nil {
		e.to.answered(a)
		return
	}
	if _, led := e.r.flights.join(e.q, &e.flight); !led {
		go func() { e.to.answered(e.r.query(e.ctx, e.q, e.tally)) }()
		return
	}
	e.at = e.r.order()[0]
	if believed, known := e.at.verdict(e.r.now()); !known || !believed || e.at.udp == nil {
		go e.finish(func() (Answer, error) { return e.r.resolve(e.ctx, e.q, e.tally, 0) })
		return
	}
	if err := e.send(); err != nil {
		e.finish(func() (Answer, error) { return Answer{}, err })
	}
}

// send sends the query for the first time. The error says that it may not be
// sent; what befalls one that may is told by deliver.
func (e *errand) send() error {
	if err := e.at.acquire(e.ctx); err != nil {
		return err
	}
	if err := e.tally.take(); err != nil {
		e.at.release()
		return err
	}
	e.r.pay(e.at, e.tally)
	e.sent = time.Now()
	socket, wire, id, err := e.at.udp.prepare(asked{question: e.q}, e.at, e, e.buf[:])
	if err == nil {
		e.slot = slot{socket, id}
		e.r.waiting.add(e) // from here on the reply may come
		_, err = socket.conn.Write(wire)
	}
	if err != nil {
		e.deliver(incoming{err: err, from: e.at})
	}
	return nil
}

// deliver implements receiver.
func (e *errand) deliver(in incoming) {
	e.mu.Lock()
	if x := e.carried; x != nil {
		e.mu.Unlock()
		x.replies.deliver(in)
		return
	}
	if e.settled {
		e.mu.Unlock()
		return
	}
	e.settled = true
	a := e.answer(in)
	if a == nil {
		e.carry(&in)
	}
	e.mu.Unlock()
	e.r.waiting.remove(e)
	if a != nil {
		e.at.release()
		e.r.keep(e.q, a)
		e.land(a, true)
	}
}

// expired carries on after a reply that did not come in time.
func (e *errand) expired() {
	e.mu.Lock()
	defer e.mu.Unlock()
	if !e.settled {
		e.settled = true
		e.at.silent()
		e.r.tell(e.q.rrtype, nil, errTimeout)
		e.carry(nil)
	}
}

// scratch are replies to read into.
var scratch = sync.Pool{New: func() any { return new(reply) }}

// answer makes the answer of a reply that needs nothing else; nil for others.
func (e *errand) answer(in incoming) *Answer {
	if in.err != nil {
		return nil
	}
	if believed, known := e.at.verdict(e.r.now()); !known || !believed {
		return nil
	}
	rep := scratch.Get().(*reply)
	defer scratch.Put(rep)
	if err := rep.parse(in.wire, e.q.name); err != nil || rep.tc || rep.rcode != dns.RcodeSuccess && rep.rcode != dns.RcodeNameError {
		return nil
	}
	e.at.answered()
	a, c := rep.interpret(e.q)
	if a.Failure != nil || leftToUs(a, c, rep) {
		return nil
	}
	a.believe(rep)
	e.r.tell(e.q.rrtype, rep, nil)
	return &a
}

// carry lets a goroutine go on with the question: with the reply that came,
// or with the next try if none did.
func (e *errand) carry(in *incoming) {
	order := slices.Clone(e.r.order())
	if i := slices.Index(order, e.at); i > 0 {
		copy(order[1:], order[:i])
		order[0] = e.at
	}
	x := &exchange{r: e.r, q: asked{question: e.q}, tally: e.tally, order: order,
		deadline: e.sent.Add(e.r.timeout), replies: make(replies, 2), sends: 1}
	x.held, x.slots = append(x.room.held[:0], e.at), x.room.slots[:0]
	if e.slot.of != nil {
		x.slots = append(x.slots, e.slot)
	}
	if in != nil {
		x.sent = true
		x.replies.deliver(*in)
	} else {
		x.first = 1
	}
	e.carried = x
	go e.finish(func() (Answer, error) {
		rep, err := x.run(e.ctx)
		x.end()
		if err != nil {
			return Answer{}, err
		}
		return e.r.settle(e.ctx, e.q, rep, true, e.tally, 0)
	})
}

// finish answers with what work comes to.
func (e *errand) finish(work func() (Answer, error)) {
	a, holds := e.r.conclude(e.ctx, e.q, work)
	e.land(a, holds)
}

// land tells everybody who waits for the answer.
func (e *errand) land(a *Answer, holds bool) {
	e.flight.value, e.flight.holds = a, holds
	e.r.flights.leave(e.q, &e.flight)
	e.to.answered(a)
}

// errands are those that wait for a reply, in the order in which they were
// sent. Each may wait as long as any other, so the first is the next to
// expire, and one timer will do.
type errands struct {
	patience time.Duration

	mu          sync.Mutex
	first, last *errand
	timer       *time.Timer
	running     bool // the timer
}

func (l *errands) add(e *errand) {
	l.mu.Lock()
	defer l.mu.Unlock()
	e.listed, e.previous = true, l.last
	if l.last == nil {
		l.first = e
	} else {
		l.last.next = e
	}
	l.last = e
	switch {
	case l.running:
	case l.timer == nil:
		l.timer = time.AfterFunc(l.patience, l.expire)
	default:
		l.timer.Reset(l.patience)
	}
	l.running = true
}

func (l *errands) remove(e *errand) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.unlink(e)
}

func (l *errands) unlink(e *errand) {
	if !e.listed {
		return
	}
	if e.previous == nil {
		l.first = e.next
	} else {
		e.previous.next = e.next
	}
	if e.next == nil {
		l.last = e.previous
	} else {
		e.next.previous = e.previous
	}
	e.next, e.previous, e.listed = nil, nil, false
}

// expire ends the patience with those that are due.
func (l *errands) expire() {
	var due []*errand
	l.mu.Lock()
	now := time.Now()
	for l.first != nil && !now.Before(l.first.sent.Add(l.patience)) {
		due = append(due, l.first)
		l.unlink(l.first)
	}
	if l.running = l.first != nil; l.running {
		l.timer.Reset(l.first.sent.Add(l.patience).Sub(now))
	}
	l.mu.Unlock()
	for _, e := range due {
		e.expired()
	}
}
