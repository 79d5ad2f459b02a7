package dnsq

import (
	"time"

	"codeberg.org/miekg/dns"
)

// edeCause is what the Extended DNS Errors of a SERVFAIL blame.
type edeCause uint8

const (
	edeUnknown edeCause = iota
	edeBogus            // DNSSEC
	edeNetwork          // servers that cannot be reached or answer wrongly
)

// edeProblems has the errors that DNSSEC causes (RFC 8914, section 4; RFC
// 9276 and the IANA registry for the last two).
var edeProblems = map[uint16]ProblemCode{
	dns.ExtendedErrorDNSBogus:                    RefusedBogus,
	dns.ExtendedErrorSignatureExpired:            SignatureExpired,
	dns.ExtendedErrorSignatureNotYetValid:        SignatureTooEarly,
	dns.ExtendedErrorDNSKEYMissing:               DSMismatch,
	dns.ExtendedErrorRRSIGsMissing:               SignatureMissing,
	dns.ExtendedErrorNoZoneKeyBitSet:             DSMismatch,
	dns.ExtendedErrorNSECMissing:                 DenialMissing,
	dns.ExtendedErrorSignatureExpiredBeforeValid: SignatureWrong,
	dns.ExtendedErrorUnsupportedNSEC3IterValue:   TooManyIterations,
}

// classifyEDE says what the errors blame. DNSSEC wins: a server that is down
// may be the reason that a key is missing, but the verdict is the resolver's.
func classifyEDE(all []EDE) edeCause {
	cause := edeUnknown
	for _, e := range all {
		switch e.Code {
		case dns.ExtendedErrorNotReady, dns.ExtendedErrorNoReachableAuthority, dns.ExtendedErrorNetworkError,
			dns.ExtendedErrorInvalidData, dns.ExtendedErrorCachedError:
			cause = edeNetwork
		default:
			if _, ok := edeProblems[e.Code]; ok {
				return edeBogus
			}
		}
	}
	return cause
}

// edeProblem returns why the resolver refuses the data.
func edeProblem(all []EDE, zone string) *Problem {
	p := &Problem{Code: RefusedBogus, Zone: zone}
	for _, e := range all {
		if code, ok := edeProblems[e.Code]; ok && p.Code == RefusedBogus {
			p.Code = code
		}
	}
	return p
}

// edeMemory is how long the first reason for a refusal is remembered.
const edeMemory = 15 * time.Minute

// oldestEDE returns the errors to report for a question: Unbound before 1.18
// gives the reason only with its first answer and then, from its cache, a
// mere "bogus" or nothing.
func (r *Resolver) oldestEDE(q question, now []EDE) []EDE {
	if specific(now) {
		r.firstEDE.put(q, now, 64*(1+len(now)), r.now().Add(edeMemory))
		return now
	}
	if first, _, ok := r.firstEDE.get(q, r.now()); ok && classifyEDE(now) != edeNetwork {
		return first
	}
	return now
}

// specific says whether the errors tell why DNSSEC refuses the data.
func specific(all []EDE) bool {
	for _, e := range all {
		if _, ok := edeProblems[e.Code]; ok && e.Code != dns.ExtendedErrorDNSBogus {
			return true
		}
	}
	return false
}
