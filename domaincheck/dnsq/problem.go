package dnsq

import (
	"fmt"
	"time"
)

// ProblemCode is why DNSSEC does not prove an answer.
type ProblemCode string

// The reasons. Those up to Overworked make an answer Bogus; Unsigned,
// Unsupported and TooManyIterations Insecure; the rest Indeterminate.
const (
	SignatureExpired  ProblemCode = "signature-expired"       // Problem.At says since when
	SignatureTooEarly ProblemCode = "signature-not-yet-valid" // Problem.At says from when
	SignatureMissing  ProblemCode = "signature-missing"
	SignatureWrong    ProblemCode = "signature-wrong"
	KeyMissing        ProblemCode = "key-missing"    // a DS, but no DNSKEY in the zone
	DSMismatch        ProblemCode = "ds-mismatch"    // no DNSKEY matches a DS
	DenialMissing     ProblemCode = "denial-missing" // the "no" is not proven by NSEC or NSEC3
	Overworked        ProblemCode = "too-much-work"  // more signatures or hashes than anyone needs

	Unsigned          ProblemCode = "unsigned"              // the parent zone proves that there is no DS
	Unsupported       ProblemCode = "algorithm-unsupported" // signed with algorithms that cannot be checked
	TooManyIterations ProblemCode = "nsec3-iterations"      // RFC 9276, section 3.2

	LookupFailed ProblemCode = "lookup-failed"
	NotPassedOn  ProblemCode = "not-passed-on" // the resolver leaves signatures out
	NoAnchor     ProblemCode = "no-trust-anchor"
	RefusedBogus ProblemCode = "refused-by-resolver" // the resolver says bogus and not why
)

// Problem is why DNSSEC does not prove an answer.
type Problem struct {
	Code ProblemCode
	Zone string    // where, in presentation form with the final dot
	At   time.Time // of SignatureExpired and SignatureTooEarly, where it is known
}

// String describes the problem for people, in English, without the zone.
func (p Problem) String() string {
	switch p.Code {
	case SignatureExpired:
		return "a signature has expired" + p.date(", on ")
	case SignatureTooEarly:
		return "a signature is not valid yet" + p.date(", but from ")
	case SignatureMissing:
		return "a signature is missing"
	case SignatureWrong:
		return "a signature is wrong"
	case KeyMissing:
		return "the zone has no DNSKEY, though its parent has a DS"
	case DSMismatch:
		return "no DNSKEY matches the DS in the parent zone"
	case DenialMissing:
		return "the proof that there is no such record is missing or wrong"
	case Overworked:
		return "it takes too many signatures or hashes to check"
	case Unsigned:
		return "the parent zone proves that there is no DS"
	case Unsupported:
		return "it is signed with algorithms that cannot be checked"
	case TooManyIterations:
		return "NSEC3 has too many iterations"
	case LookupFailed:
		return "a DS or DNSKEY could not be looked up"
	case NotPassedOn:
		return "the resolver does not pass signatures on"
	case NoAnchor:
		return "there is no trust anchor for it"
	case RefusedBogus:
		return "the resolver finds it bogus"
	}
	return fmt.Sprintf("unknown problem %q", string(p.Code))
}

func (p Problem) date(before string) string {
	if p.At.IsZero() {
		return ""
	}
	return before + p.At.Format(time.DateOnly)
}

// state returns what the problem makes of an answer.
func (p *Problem) state() Security {
	if p == nil {
		return Secure
	}
	switch p.Code {
	case Unsigned, Unsupported, TooManyIterations:
		return Insecure
	case LookupFailed, NotPassedOn, NoAnchor:
		return Indeterminate
	}
	return Bogus
}

// worse returns the problem that weighs more: bogus, then indeterminate, then
// insecure, then none.
func worse(a, b *Problem) *Problem {
	weight := map[Security]int{Secure: 0, Insecure: 1, Indeterminate: 2, Bogus: 3}
	if weight[b.state()] > weight[a.state()] {
		return b
	}
	return a
}
