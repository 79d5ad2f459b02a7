package dnsq

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"slices"
	"time"

	"codeberg.org/miekg/dns"
	"codeberg.org/miekg/dns/dnsutil"
)

// maxCNAMEs bounds how many CNAMEs are followed.
const maxCNAMEs = 16

// maxTTL bounds how long an answer is believed (RFC 8767, section 4).
const maxTTL = 24 * time.Hour

// chain is what a reply says about a question: the CNAMEs from the name
// asked, and the RRset at their end, if any.
type chain struct {
	links [][]record // the CNAME RRset of each link
	end   name       // the name at the end
	set   []record
	loop  bool // the CNAMEs lead in a circle, or too far
}

// follow finds the answer in a reply. Records of other names are ignored, in
// whatever order they come.
func (r *reply) follow(q question) chain {
	c := chain{end: q.name}
	seen := make([]name, 0, 4)
	for {
		if slices.Contains(seen, c.end) || len(c.links) > maxCNAMEs {
			c.loop = true
			return c
		}
		seen = append(seen, c.end)
		if c.set = r.rrset(c.end, q.rrtype); len(c.set) > 0 || q.rrtype == dns.TypeCNAME {
			return c
		}
		link := r.rrset(c.end, dns.TypeCNAME)
		if len(link) == 0 {
			return c
		}
		target, ok := link[0].target()
		if !ok {
			return c
		}
		c.links = append(c.links, link)
		c.end = target
	}
}

// rrset returns the records of the answer section with the given name and
// type, in the order of their octets: resolvers turn it each time (RFC 1794),
// and two checks of one domain have to say the same.
func (r *reply) rrset(owner name, rrtype uint16) []record {
	var set []record
	for _, rec := range r.answer {
		if rec.rrtype == rrtype && rec.owner == owner {
			set = append(set, rec)
		}
	}
	if len(set) > 1 {
		slices.SortFunc(set, func(a, b record) int { return bytes.Compare(a.rdata, b.rdata) })
	}
	return set
}

// soa returns the SOA of the authority section that a negative answer for the
// name carries.
func (r *reply) soa(at name) *record {
	for i, rec := range r.authority {
		if rec.rrtype == dns.TypeSOA && at.isBelow(rec.owner) {
			return &r.authority[i]
		}
	}
	return nil
}

// interpret says what the reply means for the question. It leaves AD and
// Security alone: what those mean depends on who sent it and how.
func (r *reply) interpret(q question) (Answer, chain) {
	a := Answer{Name: q.name.String(), Type: q.rrtype, Rcode: r.rcode, EDE: r.ede}
	if detail, kind := r.failure(); kind != "" {
		return a.fail(kind, detail), chain{}
	}
	c := r.follow(q)
	ttl := uint32(maxTTL / time.Second)
	for _, link := range c.links {
		a.CNAMEs = append(a.CNAMEs, targetOf(link))
		ttl = min(ttl, link[0].ttl)
	}
	switch {
	case len(c.set) > 0:
		a.Status, a.Records = Found, rrs(c.set)
		for _, rec := range c.set {
			ttl = min(ttl, rec.ttl)
		}
	case c.loop:
		return a.fail(ServFail, "the CNAMEs lead in a circle, or through too many names"), c
	case r.rcode == dns.RcodeNameError:
		a.Status, ttl = NXDomain, min(ttl, r.negativeTTL(c.end))
	default:
		a.Status, ttl = NoData, min(ttl, r.negativeTTL(c.end))
	}
	a.TTL = time.Duration(ttl) * time.Second
	return a, c
}

func targetOf(link []record) string {
	t, _ := link[0].target()
	return t.String()
}

// failure returns why the reply answers nothing, if it does not.
func (r *reply) failure() (string, FailureKind) {
	switch r.rcode {
	case dns.RcodeSuccess:
		if !r.ra && !r.aa && len(r.answer) == 0 && r.hasReferral() {
			return "the resolver refers to other servers: it is none that looks names up", Refused
		}
		return "", ""
	case dns.RcodeNameError:
		return "", ""
	case dns.RcodeServerFailure:
		return "the resolver could not get an answer (SERVFAIL)", ServFail
	}
	return fmt.Sprintf("the resolver answers %s", dnsutil.RcodeToString(r.rcode)), Refused
}

// hasReferral says whether the authority section names other servers and
// there is no SOA to say no (RFC 2308, section 2.2).
func (r *reply) hasReferral() bool {
	ns := false
	for _, rec := range r.authority {
		switch rec.rrtype {
		case dns.TypeSOA:
			return false
		case dns.TypeNS:
			ns = true
		}
	}
	return ns
}

// negativeTTL returns how long a "no" may be kept, in seconds: the lesser of
// the SOA's TTL and its last field (RFC 2308, section 5); 0 without a SOA.
func (r *reply) negativeTTL(at name) uint32 {
	soa := r.soa(at)
	if soa == nil {
		return 0
	}
	_, rest, ok := soa.namesIn()
	if !ok || len(rest) != 20 {
		return 0
	}
	minimum := uint32(rest[16])<<24 | uint32(rest[17])<<16 | uint32(rest[18])<<8 | uint32(rest[19])
	return min(soa.ttl, minimum)
}

// fail makes the answer a failed one.
func (a Answer) fail(kind FailureKind, detail string) Answer {
	a.Status, a.Failure = Failed, &Failure{Kind: kind, Detail: detail}
	return a
}

// failed is the answer to a question that got no usable reply.
func failed(q question, err error) Answer {
	a := Answer{Name: q.name.String(), Type: q.rrtype}
	var timeout net.Error
	var cert *tls.CertificateVerificationError
	var lookup *lookupError
	switch {
	case errors.As(err, &lookup):
		return a.fail(lookup.kind, lookup.detail)
	case isBudget(err):
		return a.fail(Refused, "not asked: this check has sent all the queries it may")
	case errors.Is(err, context.Canceled):
		return a.fail(Timeout, "not waited for: the check had ended")
	case errors.Is(err, errMessage), errors.Is(err, errSpoofed):
		return a.fail(Refused, "the resolver's answer cannot be read")
	case errors.As(err, &cert):
		return a.fail(Refused, "the resolver's certificate is not valid for its name")
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &timeout) && timeout.Timeout():
		return a.fail(Timeout, "the resolver did not answer in time")
	}
	return a.fail(Refused, "the resolver cannot be reached")
}
