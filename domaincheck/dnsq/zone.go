package dnsq

import (
	"context"
	"slices"
	"time"

	"codeberg.org/miekg/dns"
)

// validator judges what a resolver that is not believed says, against trust
// anchors, as a validating resolver would (RFC 4035, section 5).
type validator struct {
	r       *Resolver
	anchors anchors
	zones   *cache[name, *zone]
	judging flights[name, *zone]
	replies *cache[question, *reply] // of DS and DNSKEY, with signatures
	asking  flights[question, fetched]
}

type fetched struct {
	reply *reply
	err   error
}

// zone is what is known of the zone that a name is in.
type zone struct {
	apex    name
	problem *Problem // nil: the zone is secure
	keys    []dnskey // of a secure zone, all that may sign
	expires time.Time
	err     error // why it could not be looked up
}

const (
	// maxZoneAge bounds how long a judgement of a zone is kept; minZoneAge
	// keeps one of TTL 0 from being made for each record of an answer.
	maxZoneAge = time.Hour
	minZoneAge = 5 * time.Second
	// maxSignatures and maxHashes bound the work one answer may cause; KeyTrap
	// (CVE-2023-50387) and NSEC3 (CVE-2023-50868) made validators do more.
	maxSignatures = 48
	maxHashes     = 8192
	maxDenials    = 32 // NSEC and NSEC3 records; a proof takes three
)

// work is how many signatures and hashes may yet be tried for one answer, and
// for how long those that were good hold.
type work struct {
	signatures, hashes int
	life               time.Duration
}

func newWork() *work { return &work{maxSignatures, maxHashes, maxTTL} }

// used notes that a signature was good: what it signs holds no longer than it
// does, nor than the TTL that was signed (RFC 4035, section 5.3.3).
func (w *work) used(sig rrsig, now time.Time) {
	w.life = min(w.life, time.Duration(sig.originalTTL)*time.Second, sig.expires(now).Sub(now))
}

func (w *work) signature() bool {
	w.signatures--
	return w.signatures >= 0
}

func (w *work) hash(n int) bool {
	w.hashes -= n
	return w.hashes >= 0
}

func newValidator(r *Resolver, a anchors, weight int) *validator {
	return &validator{
		r: r, anchors: a,
		zones:   newCache[name, *zone](weight / 2),
		replies: newCache[question, *reply](weight / 2),
	}
}

// zoneOf returns the zone that holds the name, judged from the nearest trust
// anchor above down to it. Zones on the way are kept.
func (v *validator) zoneOf(ctx context.Context, n name, t *tally) *zone {
	if z, _, ok := v.zones.get(n, v.r.now()); ok {
		return z
	}
	z, err := v.judging.do(ctx, n, func() (*zone, bool) {
		z := v.judgeZone(ctx, n, t)
		if z.problem != nil && (z.problem.Code == LookupFailed || z.problem.state() == Bogus) {
			z.expires = v.r.now().Add(minZoneAge) // worth asking again soon
		}
		if gaveUp(ctx, z.err) {
			return z, false
		}
		v.zones.put(n, z, 512+512*len(z.keys), z.expires)
		return z, true
	})
	if err != nil {
		return (&zone{apex: n}).fails(LookupFailed)
	}
	return z
}

func (v *validator) judgeZone(ctx context.Context, n name, t *tally) *zone {
	z := &zone{apex: n, expires: v.r.now().Add(maxZoneAge)}
	if a, ok := v.anchors[n]; ok {
		return v.withKeys(ctx, z, a.vouchesFor, t)
	}
	if n == rootName {
		return z.fails(NoAnchor)
	}
	parent := v.zoneOf(ctx, n.parent(), t)
	if parent.problem != nil {
		return parent
	}
	rep, err := v.fetch(ctx, question{n, dns.TypeDS}, t)
	if err != nil {
		return z.notLookedUp(err)
	}
	z.until(v.r.now(), rep)
	return v.delegation(ctx, parent, z, rep, t)
}

// delegation judges z by what its secure parent says of its DS.
func (v *validator) delegation(ctx context.Context, parent, z *zone, rep *reply, t *tally) *zone {
	w := newWork()
	if alias := rep.rrset(z.apex, dns.TypeCNAME); len(alias) > 0 {
		// A name with a CNAME is no zone cut (RFC 2181, section 10.1).
		if _, p := v.verify(parent, rep.answer, alias, w); p != nil {
			return z.failsWith(p)
		}
		return z.inside(parent)
	}
	set := rep.rrset(z.apex, dns.TypeDS)
	if len(set) == 0 {
		d, p := v.denial(parent, rep, w)
		if p != nil {
			return z.failsWith(p)
		}
		proof := d.noType(z.apex, dns.TypeDS)
		if proof == unproven && rep.rcode == dns.RcodeNameError {
			proof = d.noName(z.apex)
		}
		switch proof {
		case proven:
			return z.inside(parent) // or nowhere at all
		case provenCut, provenOpen:
			return z.fails(Unsigned)
		case tooCostly:
			return z.fails(TooManyIterations)
		}
		return z.fails(DenialMissing)
	}
	if _, p := v.verify(parent, rep.answer, set, w); p != nil {
		return z.failsWith(p)
	}
	trusted := usableDS(set)
	if len(trusted) == 0 {
		return z.fails(Unsupported)
	}
	return v.withKeys(ctx, z, func(zone name, k dnskey) bool {
		return slices.ContainsFunc(trusted, func(d ds) bool { return d.vouchesFor(zone, k) })
	}, t)
}

// withKeys fetches the keys of the zone and trusts them if one that is
// vouched for has signed them all (RFC 4035, section 5.2).
func (v *validator) withKeys(ctx context.Context, z *zone, vouched func(name, dnskey) bool, t *tally) *zone {
	rep, err := v.fetch(ctx, question{z.apex, dns.TypeDNSKEY}, t)
	if err != nil {
		return z.notLookedUp(err)
	}
	z.until(v.r.now(), rep)
	set := rep.rrset(z.apex, dns.TypeDNSKEY)
	_, anchored := v.anchors[z.apex]
	switch {
	case anchored && len(signatures(rep.answer, z.apex, dns.TypeDNSKEY)) == 0:
		return z.fails(NotPassedOn)
	case len(set) == 0:
		return z.fails(KeyMissing)
	}
	var all, entry []dnskey
	for _, rec := range set {
		k, ok := parseDNSKEY(rec)
		if !ok || !k.usable() {
			continue
		}
		all = append(all, k)
		if vouched(z.apex, k) {
			entry = append(entry, k)
		}
	}
	switch {
	case len(entry) == 0 && anchored:
		return z.fails(NoAnchor)
	case len(entry) == 0:
		return z.fails(DSMismatch)
	}
	signer := &zone{apex: z.apex, keys: entry}
	if _, p := v.verify(signer, rep.answer, set, newWork()); p != nil {
		return z.failsWith(p)
	}
	z.keys = all
	return z
}

func (z *zone) fails(code ProblemCode) *zone {
	return z.failsWith(&Problem{Code: code, Zone: z.apex.String()})
}

func (z *zone) failsWith(p *Problem) *zone {
	z.problem = p
	return z
}

func (z *zone) notLookedUp(err error) *zone {
	z.err = err
	return z.fails(LookupFailed)
}

// inside returns the zone as one that also holds a name which z was to be the
// apex of; that is known only as long as z's judgement lasts.
func (z *zone) inside(parent *zone) *zone {
	in := *parent
	if z.expires.Before(in.expires) {
		in.expires = z.expires
	}
	return &in
}

// until shortens the life of the judgement to that of what it rests on.
func (z *zone) until(now time.Time, rep *reply) {
	life := maxZoneAge
	for _, rec := range slices.Concat(rep.answer, rep.authority) {
		life = min(life, time.Duration(rec.ttl)*time.Second)
		if sig, ok := parseRRSIG(rec); ok {
			life = min(life, sig.expires(now).Sub(now))
		}
	}
	if end := now.Add(max(life, minZoneAge)); end.Before(z.expires) {
		z.expires = end
	}
}

// fetch asks for a DS or DNSKEY RRset with its signatures, unchecked.
func (v *validator) fetch(ctx context.Context, q question, t *tally) (*reply, error) {
	now := v.r.now()
	if rep, _, ok := v.replies.get(q, now); ok {
		return rep, nil
	}
	f, err := v.asking.do(ctx, q, func() (fetched, bool) {
		rep, err := v.r.ask(ctx, asked{question: q, dnssec: true, noCheck: true}, t)
		if err != nil {
			return fetched{err: err}, !gaveUp(ctx, err)
		}
		if detail, kind := rep.failure(); kind != "" {
			return fetched{err: &lookupError{kind, detail}}, true
		}
		v.replies.put(q, rep, rep.weight(), now.Add(rep.life(q)))
		return fetched{reply: rep}, true
	})
	if err != nil {
		return nil, err
	}
	return f.reply, f.err
}

// prefetch asks at once for what zoneOf will ask for one after the other: DS
// and DNSKEY of the registered domain and of the top-level domain.
func (v *validator) prefetch(ctx context.Context, n name, t *tally) {
	const registered = 2 // labels; deeper zones are rarer than the queries they would cost
	for at := n.last(min(n.labels(), registered)); ; at = at.parent() {
		if _, _, known := v.zones.get(at, v.r.now()); known {
			return
		}
		go v.fetch(ctx, question{at, dns.TypeDNSKEY}, t)
		if at == rootName {
			return
		}
		go v.fetch(ctx, question{at, dns.TypeDS}, t)
	}
}
