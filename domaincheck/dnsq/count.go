package dnsq

import (
	"context"
	"errors"
	"slices"

	"codeberg.org/miekg/dns"
)

// Outcome is what came of one query to a server.
type Outcome string

// The outcomes.
const (
	GotAnswer    Outcome = "answer" // there is such a record
	GotNoData    Outcome = "nodata"
	GotNXDomain  Outcome = "nxdomain"
	GotServFail  Outcome = "servfail"
	GotRefused   Outcome = "refused"
	GotOther     Outcome = "other"     // another rcode
	GotTruncated Outcome = "truncated" // asked again over TCP
	GotTimeout   Outcome = "timeout"   // no reply in the time of one try
	GotFailure   Outcome = "failure"   // the server cannot be reached, or its reply not be read
	GaveUp       Outcome = "gave-up"   // nobody waited for the reply any more
)

// OtherType stands for the RR types that have no mnemonic here.
const OtherType = "other"

// errGaveUp says that the one who asked has stopped waiting.
var errGaveUp = errors.New("given up")

// tell has a query counted: rep is the reply to it, or err
// why there is none. A reply that comes after its time counts too, so a query
// may be told of as timed out and, in place of the next, as answered.
func (r *Resolver) tell(rrtype uint16, rep *reply, err error) {
	if r.count == nil {
		return
	}
	name, ok := dns.TypeToString[rrtype]
	if !ok {
		name = OtherType
	}
	r.count(name, outcomeOf(rrtype, rep, err))
}

// outcomeOf is what came of a query for a type.
func outcomeOf(rrtype uint16, rep *reply, err error) Outcome {
	switch {
	case errors.Is(err, errGaveUp):
		return GaveUp
	case errors.Is(err, context.DeadlineExceeded): // as errTimeout, or of connecting
		return GotTimeout
	case err != nil:
		return GotFailure
	case rep.tc:
		return GotTruncated
	}
	switch rep.rcode {
	case dns.RcodeSuccess:
		if slices.ContainsFunc(rep.answer, func(rec record) bool { return rec.rrtype == rrtype }) {
			return GotAnswer
		}
		return GotNoData
	case dns.RcodeNameError:
		return GotNXDomain
	case dns.RcodeServerFailure:
		return GotServFail
	case dns.RcodeRefused:
		return GotRefused
	}
	return GotOther
}
