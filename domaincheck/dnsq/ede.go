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

// edeTexts has the errors that DNSSEC causes (RFC 8914, section 4; the IANA
// registry for 25 and 27).
var edeTexts = map[uint16]string{
	dns.ExtendedErrorDNSBogus:                    "the resolver finds it bogus",
	dns.ExtendedErrorSignatureExpired:            "a signature has expired",
	dns.ExtendedErrorSignatureNotYetValid:        "a signature is not valid yet",
	dns.ExtendedErrorDNSKEYMissing:               "no DNSKEY matches the DS in the parent zone",
	dns.ExtendedErrorRRSIGsMissing:               "a signature is missing",
	dns.ExtendedErrorNoZoneKeyBitSet:             "no DNSKEY may sign the zone",
	dns.ExtendedErrorNSECMissing:                 "the proof that there is no such record is missing",
	dns.ExtendedErrorSignatureExpiredBeforeValid: "a signature expires before it is valid",
	dns.ExtendedErrorUnsupportedNSEC3IterValue:   "NSEC3 has too many iterations",
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
			if _, ok := edeTexts[e.Code]; ok {
				return edeBogus
			}
		}
	}
	return cause
}

// describeEDE says in English why the resolver refuses the data.
func describeEDE(all []EDE) string {
	best := edeTexts[dns.ExtendedErrorDNSBogus]
	for _, e := range all {
		if text, ok := edeTexts[e.Code]; ok && e.Code != dns.ExtendedErrorDNSBogus {
			return text
		}
	}
	return best
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
		if _, ok := edeTexts[e.Code]; ok && e.Code != dns.ExtendedErrorDNSBogus {
			return true
		}
	}
	return false
}
