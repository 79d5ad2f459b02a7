package dnsq

import (
	"context"
	"slices"
	"sync"
	"time"

	"codeberg.org/miekg/dns"
)

// ZoneSecurity is what DNSSEC says of a zone, with what explains it.
type ZoneSecurity struct {
	Zone    string // as asked, in lower case with the final dot
	State   Security
	Problem *Problem // why the state is not Secure, where that is known
	DS      []DS     // in the parent zone
	Keys    []Key    // the DNSKEYs of the zone
	// Expires is when the first of the signatures over the zone's DNSKEY and
	// SOA expires, counting for each of them the one valid longest; zero if
	// there are none.
	Expires  time.Time
	Failures []Answer // what could not be looked up: State may then be Indeterminate
}

// DS is a DS record (RFC 4034, section 5).
type DS struct {
	KeyTag     uint16
	Algorithm  uint8
	DigestType uint8
	Matches    bool // there is such a DNSKEY in the zone
}

// Key is a DNSKEY record (RFC 4034, section 2).
type Key struct {
	KeyTag    uint16
	Algorithm uint8
	Bits      int  // size of the key; 0 if it is not known
	SEP       bool // a key-signing key, by its flag
	Revoked   bool // RFC 5011, section 2.1
}

// Signed says whether the zone has keys. A zone with keys and no DS is signed,
// but nobody can check it.
func (z ZoneSecurity) Signed() bool { return len(z.Keys) > 0 }

// Algorithms returns the numbers of the DNSKEY algorithms, each once, sorted.
func (z ZoneSecurity) Algorithms() []uint8 {
	var all []uint8
	for _, k := range z.Keys {
		all = append(all, k.Algorithm)
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// Security looks up what DNSSEC says of the zone whose apex is name. The
// verdict is that of the resolver, if it is believed; the chain of DS and
// DNSKEY from the trust anchor down explains it, or gives the verdict itself.
func (r *Resolver) Security(ctx context.Context, name string) ZoneSecurity {
	return r.security(ctx, name, nil)
}

// Security is [Resolver.Security] within the check's count of queries.
func (c *Check) Security(ctx context.Context, name string) ZoneSecurity {
	return c.r.security(ctx, name, &c.tally)
}

func (r *Resolver) security(ctx context.Context, text string, t *tally) ZoneSecurity {
	n, err := parseName(text)
	if err != nil {
		return ZoneSecurity{Zone: text, Failures: []Answer{badName(text, dns.TypeSOA, err)}}
	}
	z := ZoneSecurity{Zone: n.String()}
	var (
		wg       sync.WaitGroup
		verdict  Answer
		chain    *zone
		facts    [3]*reply // of DS, DNSKEY and SOA
		failures [3]*Answer
	)
	wg.Go(func() { verdict = *r.query(ctx, question{n, dns.TypeSOA}, t) })
	for i, rrtype := range []uint16{dns.TypeDS, dns.TypeDNSKEY, dns.TypeSOA} {
		wg.Go(func() {
			rep, err := r.validator.fetch(ctx, question{n, rrtype}, t)
			if err != nil {
				f := failed(question{n, rrtype}, err)
				failures[i] = &f
			}
			facts[i] = rep
		})
	}
	wg.Go(func() {
		r.validator.prefetch(ctx, n, t)
		chain = r.validator.zoneOf(ctx, n, t)
	})
	wg.Wait()
	for _, f := range failures {
		if f != nil {
			z.Failures = append(z.Failures, *f)
		}
	}
	z.addFacts(n, facts[0], facts[1])
	z.addExpiry(r.now(), n, facts[1], facts[2])
	problem := chain.problem
	if soa := facts[2]; problem == nil && soa != nil {
		q := question{n, dns.TypeSOA}
		a, c := soa.interpret(q)
		problem, _ = r.validator.judge(ctx, soa, q, c, a.Status, t)
	}
	z.conclude(verdict, problem)
	return z
}

// conclude sets the state: that of the verdict, if there is one, else that of
// the chain. The chain explains what it agrees with.
func (z *ZoneSecurity) conclude(verdict Answer, chain *Problem) {
	z.State, z.Problem = verdict.Security, verdict.Problem
	if verdict.Failure != nil && verdict.Security != Bogus {
		z.Failures = append(z.Failures, verdict)
		z.State = Indeterminate
	}
	switch {
	case z.State == Indeterminate:
		z.State, z.Problem = chain.state(), chain
	case z.State == Secure:
		z.Problem = nil
	case chain.state() == z.State:
		z.Problem = chain
	}
	if z.State == Secure && verdict.Status == Failed {
		z.State, z.Problem = Indeterminate, &Problem{Code: LookupFailed, Zone: z.Zone}
	}
}

func (z *ZoneSecurity) addFacts(n name, dsReply, keyReply *reply) {
	var keys []dnskey
	if keyReply != nil {
		for _, rec := range keyReply.rrset(n, dns.TypeDNSKEY) {
			if k, ok := parseDNSKEY(rec); ok {
				keys = append(keys, k)
				z.Keys = append(z.Keys, Key{
					KeyTag: k.tag, Algorithm: k.algorithm, Bits: k.bits(),
					SEP: k.flags&flagSEP != 0, Revoked: k.flags&flagRevoke != 0,
				})
			}
		}
	}
	if dsReply == nil {
		return
	}
	for _, rec := range dsReply.rrset(n, dns.TypeDS) {
		if d, ok := parseDS(rec); ok {
			z.DS = append(z.DS, DS{
				KeyTag: d.tag, Algorithm: d.algorithm, DigestType: d.digestType,
				Matches: slices.ContainsFunc(keys, func(k dnskey) bool { return d.vouchesFor(n, k) }),
			})
		}
	}
}

// addExpiry finds when the zone stops being valid if nobody signs it again.
func (z *ZoneSecurity) addExpiry(now time.Time, n name, replies ...*reply) {
	for i, rep := range replies {
		if rep == nil {
			continue
		}
		var longest time.Time
		for _, sig := range signatures(rep.answer, n, []uint16{dns.TypeDNSKEY, dns.TypeSOA}[i]) {
			if end := sig.expires(now); end.After(longest) {
				longest = end
			}
		}
		if !longest.IsZero() && (z.Expires.IsZero() || longest.Before(z.Expires)) {
			z.Expires = longest
		}
	}
}
