package dnsq

import (
	"context"
	"time"

	"codeberg.org/miekg/dns"
)

// judge says how far DNSSEC proves the reply to q: every CNAME on the way and
// the RRset at the end, or the proof that there is none. No problem means
// that it is secure, for as long as life.
func (v *validator) judge(ctx context.Context, rep *reply, q question, c chain, status Status, t *tally) (p *Problem, life time.Duration) {
	w := newWork()
	for _, link := range c.links {
		p = worse(p, v.judgeSet(ctx, rep, link, w, t))
	}
	if status == Found {
		p = worse(p, v.judgeSet(ctx, rep, c.set, w, t))
	} else {
		p = worse(p, v.judgeDenial(ctx, rep, question{c.end, q.rrtype}, status, w, t))
	}
	return p, w.life
}

// judgeSet judges one RRset of the answer section.
func (v *validator) judgeSet(ctx context.Context, rep *reply, set []record, w *work, t *tally) *Problem {
	owner, rrtype := set[0].owner, set[0].rrtype
	sigs := signatures(rep.answer, owner, rrtype)
	if len(sigs) == 0 {
		if rrtype == dns.TypeCNAME {
			if dname := rep.dnameFor(set[0]); dname != nil {
				return v.judgeSet(ctx, rep, dname, w, t)
			}
		}
		z := v.zoneOf(ctx, above(owner, rrtype), t)
		if z.problem != nil {
			return z.problem
		}
		return &Problem{Code: SignatureMissing, Zone: z.apex.String()}
	}
	z := v.zoneOf(ctx, sigs[0].signer, t)
	if z.problem != nil {
		return z.problem
	}
	sig, p := v.verify(z, rep.answer, set, w)
	if p != nil || int(sig.labels) == owner.wildcardLabels() {
		return p
	}
	d, p := v.denial(z, rep, w)
	if p != nil {
		return p
	}
	return proofProblem(d.notExpanded(owner, int(sig.labels)), z)
}

// judgeDenial judges a "no such name" or "no such record".
func (v *validator) judgeDenial(ctx context.Context, rep *reply, q question, status Status, w *work, t *tally) *Problem {
	signer, signed := denialSigner(rep, q.name)
	if !signed {
		z := v.zoneOf(ctx, above(q.name, q.rrtype), t)
		if z.problem != nil {
			return z.problem
		}
		return &Problem{Code: DenialMissing, Zone: z.apex.String()}
	}
	z := v.zoneOf(ctx, signer, t)
	if z.problem != nil {
		return z.problem
	}
	d, p := v.denial(z, rep, w)
	if p != nil {
		return p
	}
	proof := unproven
	if status == NXDomain {
		proof = d.noName(q.name)
	} else {
		proof = d.noType(q.name, q.rrtype)
	}
	if proof == unproven && w.hashes < 0 {
		return &Problem{Code: Overworked, Zone: z.apex.String()}
	}
	return proofProblem(proof, z)
}

// above returns the name whose zone answers for the record: for a DS, the one
// above (RFC 4035, section 2.4).
func above(n name, rrtype uint16) name {
	if rrtype == dns.TypeDS {
		return n.parent()
	}
	return n
}

func proofProblem(p proof, z *zone) *Problem {
	switch p {
	case proven, provenCut:
		return nil
	case provenOpen:
		return &Problem{Code: Unsigned, Zone: z.apex.String()}
	case tooCostly:
		return &Problem{Code: TooManyIterations, Zone: z.apex.String()}
	}
	return &Problem{Code: DenialMissing, Zone: z.apex.String()}
}

// signatures returns the signatures over an RRset that a zone at or above its
// owner has made.
func signatures(section []record, owner name, rrtype uint16) []rrsig {
	var sigs []rrsig
	for _, rec := range section {
		if rec.rrtype != dns.TypeRRSIG || rec.owner != owner {
			continue
		}
		if s, ok := parseRRSIG(rec); ok && s.covered == rrtype && owner.isBelow(s.signer) {
			sigs = append(sigs, s)
		}
	}
	return sigs
}

// denialSigner returns the zone that signed the denial for the name.
func denialSigner(rep *reply, at name) (name, bool) {
	for _, rec := range rep.authority {
		if s, ok := parseRRSIG(rec); ok && at.isBelow(s.signer) {
			switch s.covered {
			case dns.TypeSOA, dns.TypeNSEC, dns.TypeNSEC3:
				return s.signer, true
			}
		}
	}
	return "", false
}

// dnameFor returns the DNAME RRset that the CNAME was made from, if it was
// (RFC 6672, section 5.3.1): the CNAME itself is not signed then.
func (r *reply) dnameFor(cname record) []record {
	target, ok := cname.target()
	if !ok {
		return nil
	}
	for _, rec := range r.answer {
		if rec.rrtype != dns.TypeDNAME || !cname.owner.isStrictlyBelow(rec.owner) {
			continue
		}
		to, ok := rec.target()
		prefix := cname.owner[:len(cname.owner)-len(rec.owner)]
		if ok && prefix+to == target {
			return []record{rec}
		}
	}
	return nil
}

// verify checks the RRset against the signatures in the section and the keys
// of the zone. It returns the signature that fits, or what is wrong with the
// best of them.
func (v *validator) verify(z *zone, section, set []record, w *work) (rrsig, *Problem) {
	at := z.apex.String()
	now := v.r.now()
	problem := &Problem{Code: SignatureMissing, Zone: at}
	for _, sig := range signatures(section, set[0].owner, set[0].rrtype) {
		if sig.signer != z.apex || int(sig.labels) > set[0].owner.labels() || !algorithmSupported(sig.algorithm) {
			continue
		}
		switch start, end := serialTime(sig.inception, now), sig.expires(now); {
		case now.After(end):
			problem = preferred(problem, &Problem{Code: SignatureExpired, Zone: at, At: end})
			continue
		case now.Before(start):
			problem = preferred(problem, &Problem{Code: SignatureTooEarly, Zone: at, At: start})
			continue
		}
		var data []byte
		for _, k := range z.keys {
			if k.tag != sig.tag || k.algorithm != sig.algorithm {
				continue
			}
			if !w.signature() {
				return rrsig{}, &Problem{Code: Overworked, Zone: at}
			}
			if data == nil {
				data = sig.signedData(set)
			}
			if k.verifies(data, sig.signature) {
				w.used(sig, now)
				return sig, nil
			}
		}
		problem = preferred(problem, &Problem{Code: SignatureWrong, Zone: at})
	}
	return rrsig{}, problem
}

// preferred returns the problem that says more: dates before a wrong
// signature, that before none.
func preferred(a, b *Problem) *Problem {
	says := map[ProblemCode]int{SignatureMissing: 0, SignatureWrong: 1, SignatureTooEarly: 2, SignatureExpired: 3}
	if says[b.Code] > says[a.Code] {
		return b
	}
	return a
}

// denial collects the NSEC and NSEC3 records of a secure zone from the
// authority section, those whose signatures are good. What is wrong with the
// others is reported if no good one is left.
func (v *validator) denial(z *zone, rep *reply, w *work) (*denial, *Problem) {
	d := &denial{zone: z.apex, work: w}
	var problem *Problem
	seen := 0
	for i, rec := range rep.authority {
		if rec.rrtype != dns.TypeNSEC && rec.rrtype != dns.TypeNSEC3 || !rec.owner.isBelow(z.apex) {
			continue
		}
		if seen++; seen > maxDenials {
			return nil, &Problem{Code: Overworked, Zone: z.apex.String()}
		}
		sig, p := v.verify(z, rep.authority, rep.authority[i:i+1], w)
		if p != nil {
			problem = p
			continue
		}
		if int(sig.labels) != rec.owner.wildcardLabels() {
			continue // made from a wildcard: it says nothing of this name
		}
		if n, ok := parseNSEC(rec); ok {
			d.nsec = append(d.nsec, n)
		}
		if n, ok := parseNSEC3(rec, z.apex); ok && (len(d.nsec3) == 0 || n.sameParameters(d.nsec3[0])) {
			d.nsec3 = append(d.nsec3, n)
		}
	}
	if len(d.nsec) == 0 && len(d.nsec3) == 0 && problem != nil {
		return nil, problem
	}
	return d, nil
}

// wildcardLabels returns the number of labels as signatures count them: that
// of a wildcard's own label is left out (RFC 4034, section 3.1.3).
func (n name) wildcardLabels() int {
	if len(n) > 2 && n[0] == 1 && n[1] == '*' {
		return n.labels() - 1
	}
	return n.labels()
}

// weight estimates the memory a reply takes, in octets.
func (r *reply) weight() int { return 512 + 4*r.octets }

// life returns how long the reply to q may be kept.
func (r *reply) life(q question) time.Duration {
	life := maxTTL
	for _, rec := range r.answer {
		life = min(life, time.Duration(rec.ttl)*time.Second)
	}
	if len(r.answer) == 0 {
		life = min(life, time.Duration(r.negativeTTL(q.name))*time.Second)
	}
	return life
}
