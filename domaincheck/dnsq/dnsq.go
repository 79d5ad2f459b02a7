// Package dnsq asks DNS questions and says exactly what came of them: a
// record, no such record, no such name, or no answer, and how far DNSSEC
// proves it. It sends queries to a resolver; it does not iterate itself.
//
// May import: codeberg.org/miekg/dns.
package dnsq

import (
	"context"
	"time"

	"codeberg.org/miekg/dns"
)

// Client answers DNS questions. It is safe for concurrent use. A question
// that fails is not an error but an Answer with status Failed, so that every
// caller has to say what a failure means.
type Client interface {
	// Query asks for the RRset of the given name (presentation form, with or
	// without the final dot) and type (an RR type number, such as
	// dns.TypeMX), following CNAMEs as the resolver does.
	Query(ctx context.Context, name string, rrtype uint16) Answer
}

// Status is what came of a question.
type Status uint8

// The four kinds of answer. Only Failed is worth asking again.
const (
	Found    Status = iota // the RRset exists
	NoData                 // the name exists, the RRset does not (NODATA, RFC 2308, section 2.2)
	NXDomain               // the name does not exist (NXDOMAIN, RFC 1035; RFC 8020)
	Failed                 // it could not be looked up: see Answer.Failure
)

// Security is how far DNSSEC proves an answer (RFC 4035, section 4.3).
type Security uint8

// The DNSSEC states. The zero value is Indeterminate: "could not tell".
const (
	Indeterminate Security = iota
	Secure
	Insecure
	Bogus
)

// Answer is what is known after one question. If DNSSEC refuses the data, the
// answer has failed with [BogusKind]; Records and CNAMEs are then the data as
// they are seen unchecked, to show and not to rely on.
type Answer struct {
	Name     string // the name asked, lower case, with the final dot
	Type     uint16
	Status   Status
	Records  []dns.RR // the RRs of the type asked, at the end of the CNAME chain
	CNAMEs   []string // the targets of the CNAME chain in order, lower case, with the final dot
	Rcode    uint16
	AD       bool // the AD bit, if it came over a path that can be believed
	Security Security
	EDE      []EDE // Extended DNS Errors (RFC 8914)
	TTL      time.Duration
	Failure  *Failure // set if and only if Status is Failed
	Problem  *Problem // why Security is not Secure, where that is known
}

// EDE is an Extended DNS Error (RFC 8914).
type EDE struct {
	Code uint16
	Text string // a stranger's words
}

// Failure says why a question has no answer.
type Failure struct {
	Kind   FailureKind
	Detail string // for people, without the name asked
}

// FailureKind is why a question has no answer, as in `check --json`'s errors.
type FailureKind string

// The kinds of failure.
const (
	Timeout   FailureKind = "timeout"
	ServFail  FailureKind = "servfail"
	BogusKind FailureKind = "bogus"
	Refused   FailureKind = "refused" // also: the resolver cannot be reached, or answers nonsense
)
