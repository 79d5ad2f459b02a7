package dnsq

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"time"

	"codeberg.org/miekg/dns"
	"codeberg.org/miekg/dns/dnsutil"
)

// maxCNAMEs bounds how many CNAMEs of one answer are followed.
const maxCNAMEs = 16

// canonical returns name in lower case with the final dot.
func canonical(name string) string {
	return dnsutil.Fqdn(strings.ToLower(name))
}

// interpret says what a reply means for the question. It sets neither AD nor
// Security: whether those can be believed depends on the path.
func interpret(name string, rrtype uint16, m *dns.Msg) Answer {
	a := Answer{Name: name, Type: rrtype, Rcode: m.Rcode}
	for _, p := range m.Pseudo {
		if e, ok := p.(*dns.EDE); ok {
			a.EDE = append(a.EDE, EDE{Code: e.InfoCode, Text: e.ExtraText})
		}
	}
	switch m.Rcode {
	case dns.RcodeSuccess, dns.RcodeNameError:
	case dns.RcodeServerFailure:
		return a.fail(ServFail, "the resolver answers SERVFAIL")
	default:
		return a.fail(Refused, fmt.Sprintf("the resolver answers %s", dnsutil.RcodeToString(m.Rcode)))
	}
	ttl := ^uint32(0)
	for at := name; len(a.CNAMEs) <= maxCNAMEs; {
		next := ""
		for _, rr := range m.Answer {
			if canonical(rr.Header().Name) != at {
				continue
			}
			if dns.RRToType(rr) == rrtype {
				a.Records = append(a.Records, rr)
				ttl = min(ttl, rr.Header().TTL)
			} else if c, ok := rr.(*dns.CNAME); ok {
				next = canonical(c.Target)
				ttl = min(ttl, rr.Header().TTL)
			}
		}
		if len(a.Records) > 0 || next == "" {
			break
		}
		a.CNAMEs = append(a.CNAMEs, next)
		at = next
	}
	switch {
	case len(a.Records) > 0:
		a.Status = Found
	case m.Rcode == dns.RcodeNameError:
		a.Status = NXDomain
	default:
		a.Status = NoData
	}
	if a.Status != Found {
		ttl = min(ttl, negativeTTL(m.Ns))
	}
	a.TTL = time.Duration(ttl) * time.Second
	return a
}

// negativeTTL returns how long a "no" may be kept, in seconds: the lesser of
// the SOA's TTL and its minimum field (RFC 2308, section 5); 0 without a SOA.
func negativeTTL(authority []dns.RR) uint32 {
	for _, rr := range authority {
		if soa, ok := rr.(*dns.SOA); ok {
			return min(soa.Hdr.TTL, soa.Minttl)
		}
	}
	return 0
}

// fail makes the answer a failed one.
func (a Answer) fail(kind FailureKind, detail string) Answer {
	a.Status, a.Failure = Failed, &Failure{Kind: kind, Detail: detail}
	return a
}

// failed is the answer to a question that got no reply.
func failed(name string, rrtype uint16, err error) Answer {
	a := Answer{Name: name, Type: rrtype}
	var timeout net.Error
	if errors.Is(err, context.DeadlineExceeded) || errors.As(err, &timeout) && timeout.Timeout() {
		return a.fail(Timeout, "the resolver did not answer in time")
	}
	return a.fail(Refused, "the resolver cannot be reached")
}
