package dnsq

import (
	"context"

	"codeberg.org/miekg/dns"
)

// maxRestarts bounds how often a CNAME is followed by another question.
const maxRestarts = 8

// resolve asks, and asks again where one reply does not settle it.
func (r *Resolver) resolve(ctx context.Context, q question, t *tally, depth int) (Answer, error) {
	if verdict, known := r.order()[0].test.verdict(r.now()); known && !verdict {
		return r.resolveUnbelieved(ctx, q, t, depth)
	}
	rep, err := r.ask(ctx, asked{question: q}, t)
	if err != nil {
		return Answer{}, err
	}
	if !r.believes(ctx, rep.from) {
		return r.resolveUnbelieved(ctx, q, t, depth)
	}
	a, c := rep.interpret(q)
	if a.Failure != nil {
		if a.Failure.Kind == ServFail {
			return r.afterServFail(ctx, q, a, t, depth)
		}
		return a, nil
	}
	a.AD, a.Security = rep.ad, Insecure
	if rep.ad {
		a.Security = Secure
	}
	return r.finish(ctx, a, c, rep, t, depth)
}

// resolveUnbelieved asks for the data with their signatures and judges them.
func (r *Resolver) resolveUnbelieved(ctx context.Context, q question, t *tally, depth int) (Answer, error) {
	r.validator.prefetch(ctx, q.name, t)
	rep, err := r.ask(ctx, asked{question: q, dnssec: true, noCheck: true}, t)
	if err != nil {
		return Answer{}, err
	}
	a, c := rep.interpret(q)
	if a.Failure != nil {
		return a, nil
	}
	if q.rrtype == dns.TypeRRSIG { // nobody signs signatures (RFC 4035, section 2.2)
		return a, nil
	}
	p, life := r.validator.judge(ctx, rep, q, c, a.Status, t)
	a.Security, a.Problem, a.TTL = p.state(), p, min(a.TTL, life)
	if a.Security == Bogus {
		return a.bogus(a), nil
	}
	return r.finish(ctx, a, c, rep, t, depth)
}

// finish follows CNAMEs where the resolver has left that to us. depth counts
// how often it has.
func (r *Resolver) finish(ctx context.Context, a Answer, c chain, rep *reply, t *tally, depth int) (Answer, error) {
	if a.Status != NoData || len(c.links) == 0 || rep.soa(c.end) != nil {
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
// or that there are none to be had, by asking for them unchecked.
func (r *Resolver) afterServFail(ctx context.Context, q question, a Answer, t *tally, depth int) (Answer, error) {
	a.EDE = r.oldestEDE(q, a.EDE)
	cause := classifyEDE(a.EDE)
	rep, err := r.ask(ctx, asked{question: q, noCheck: true}, t)
	if isBudget(err) {
		return Answer{}, err
	}
	if err != nil || rep.rcode == dns.RcodeServerFailure {
		if cause == edeBogus {
			return a.bogus(Answer{}), nil
		}
		return a, nil
	}
	data, _ := rep.interpret(q)
	switch {
	case cause == edeBogus:
		return a.bogus(data), nil
	case data.Failure != nil:
		return a, nil
	case cause == edeNetwork: // it was the network, and now it works
		return data, nil
	}
	own, err := r.resolveUnbelieved(ctx, q, t, depth)
	if err == nil && own.Failure == nil && own.Security != Indeterminate {
		return own, nil // proven right: the first SERVFAIL was a passing fault
	}
	if err == nil && own.Security == Bogus {
		a.Problem = own.Problem
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
