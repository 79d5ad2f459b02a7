package dnsq

import (
	"context"

	"codeberg.org/miekg/dns"
)

// maxRestarts bounds how often a CNAME is followed by another question.
const maxRestarts = 8

// resolve asks, and asks again where one reply does not settle it. Until it is
// known whether the server is believed, the signatures are asked for along
// with the data, so that the answer will do either way.
func (r *Resolver) resolve(ctx context.Context, q question, t *tally, depth int) (Answer, error) {
	first := r.order()[0]
	believed, known := first.verdict(r.now())
	switch {
	case known && !believed:
		return r.resolveUnbelieved(ctx, q, t, depth)
	case !known:
		r.startTest(first) // side by side with the question, not after it
	}
	rep, err := r.ask(ctx, asked{question: q, dnssec: !known}, t)
	if err != nil {
		return Answer{}, err
	}
	return r.settle(ctx, q, rep, known, t, depth)
}

// settle makes an answer of the first reply, and asks on where that is not
// enough. known says whether it was known then that the server is believed.
func (r *Resolver) settle(ctx context.Context, q question, rep *reply, known bool, t *tally, depth int) (Answer, error) {
	if !r.believes(ctx, rep.from) {
		if known || rep.rcode == dns.RcodeServerFailure {
			return r.resolveUnbelieved(ctx, q, t, depth)
		}
		r.validator.prefetch(ctx, q.name, t)
		return r.judged(ctx, q, rep, t, depth)
	}
	a, c := rep.interpret(q)
	if a.Failure != nil {
		if a.Failure.Kind == ServFail {
			return r.afterServFail(ctx, q, a, t)
		}
		return a, nil
	}
	a.believe(rep)
	return r.finish(ctx, a, c, rep, t, depth)
}

// believe takes over what a server that is believed says of DNSSEC.
func (a *Answer) believe(rep *reply) {
	a.AD, a.Security = rep.ad, Insecure
	if rep.ad {
		a.Security = Secure
	}
}

// resolveUnbelieved asks for the data with their signatures and judges them.
func (r *Resolver) resolveUnbelieved(ctx context.Context, q question, t *tally, depth int) (Answer, error) {
	r.validator.prefetch(ctx, q.name, t)
	rep, err := r.signed(ctx, q, t)
	if err != nil {
		return Answer{}, err
	}
	return r.judged(ctx, q, rep, t, depth)
}

// signed asks for the data with their signatures, unchecked. What the
// validator needs for many names is asked through its own cache.
func (r *Resolver) signed(ctx context.Context, q question, t *tally) (*reply, error) {
	switch q.rrtype {
	case dns.TypeDS, dns.TypeDNSKEY, dns.TypeSOA:
		return r.validator.fetch(ctx, q, t)
	}
	return r.ask(ctx, asked{question: q, dnssec: true, noCheck: true}, t)
}

// judged makes an answer of a reply with signatures that nobody else judges.
func (r *Resolver) judged(ctx context.Context, q question, rep *reply, t *tally, depth int) (Answer, error) {
	a, c := rep.interpret(q)
	if a.Failure != nil || q.rrtype == dns.TypeRRSIG { // nobody signs signatures (RFC 4035, section 2.2)
		return a, nil
	}
	p, life := r.validator.judge(ctx, rep, q, c, a.Status, t)
	a.Security, a.Problem, a.TTL = p.state(), p, min(a.TTL, life)
	if a.Security == Bogus {
		return a.bogus(a), nil
	}
	return r.finish(ctx, a, c, rep, t, depth)
}

// leftToUs says whether the resolver has left it to us to follow a CNAME.
func leftToUs(a Answer, c chain, rep *reply) bool {
	return a.Status == NoData && len(c.links) > 0 && rep.soa(c.end) == nil
}

// finish follows CNAMEs where the resolver has left that to us. depth counts
// how often it has.
func (r *Resolver) finish(ctx context.Context, a Answer, c chain, rep *reply, t *tally, depth int) (Answer, error) {
	if !leftToUs(a, c, rep) {
		return a, nil
	}
	if depth == maxRestarts {
		return a.fail(ServFail, "the CNAMEs lead in a circle, or through too many names"), nil
	}
	rest, err := r.resolve(ctx, question{c.end, a.Type}, t, depth+1)
	if err != nil {
		return Answer{}, err
	}
	rest.Name, rest.CNAMEs = a.Name, append(a.CNAMEs, rest.CNAMEs...)
	rest.TTL = min(rest.TTL, a.TTL)
	rest.AD = rest.AD && a.AD
	rest.EDE = append(a.EDE, rest.EDE...)
	if a.Security != Secure && rest.Security == Secure || a.Security == Indeterminate && rest.Security == Insecure {
		rest.Security, rest.Problem = a.Security, a.Problem
	}
	return rest, nil
}

// afterServFail finds out whether SERVFAIL means that DNSSEC refuses the data
// or that there are none to be had, by asking for them unchecked. The chain of
// keys then tells why, often better than the resolver does.
func (r *Resolver) afterServFail(ctx context.Context, q question, a Answer, t *tally) (Answer, error) {
	a.EDE = r.oldestEDE(q, a.EDE)
	cause := classifyEDE(a.EDE)
	rep, err := r.ask(ctx, asked{question: q, dnssec: true, noCheck: true}, t)
	if err != nil || rep.rcode == dns.RcodeServerFailure {
		switch {
		case cause == edeBogus:
			return a.bogus(Answer{}), nil
		case err != nil && gaveUp(ctx, err):
			return Answer{}, err
		}
		return a, nil
	}
	data, c := rep.interpret(q)
	if data.Failure != nil && cause == edeBogus {
		return a.bogus(data), nil
	} else if data.Failure != nil {
		return a, nil
	}
	if cause == edeNetwork { // it was the network, and now it works
		return data, nil
	}
	r.validator.prefetch(ctx, q.name, t)
	p, life := r.validator.judge(ctx, rep, q, c, data.Status, t)
	switch state := p.state(); {
	case state == Bogus:
		a.Problem = p
	case cause != edeBogus && state != Indeterminate: // a passing fault: the data are right
		data.Security, data.Problem, data.TTL = state, p, min(data.TTL, life)
		return data, nil
	case cause != edeBogus: // nobody blames DNSSEC, and whether it is to blame cannot be told
		return a, nil
	}
	return a.bogus(data), nil
}

// bogus makes of a SERVFAIL an answer that DNSSEC refuses, with the data as
// they are seen unchecked.
func (a Answer) bogus(data Answer) Answer {
	a.Records, a.CNAMEs, a.Security = data.Records, data.CNAMEs, Bogus
	if a.Problem == nil {
		a.Problem = edeProblem(a.EDE, a.Name)
	}
	return a.fail(BogusKind, "DNSSEC: "+a.Problem.String())
}
