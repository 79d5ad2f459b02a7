package dnsq

import (
	"context"
	"time"
)

// Validity is the time in which the signatures of an RRset hold.
type Validity struct {
	From, Until time.Time
}

// Validity asks for an RRset with its signatures and returns the one that
// ends first. It does not check them. It returns false if there is none, or
// if that could not be looked up.
func (c *Check) Validity(ctx context.Context, rrname string, rrtype uint16) (Validity, bool) {
	n, err := parseName(rrname)
	if err != nil {
		return Validity{}, false
	}
	rep, err := c.r.validator.fetch(ctx, question{n, rrtype}, &c.tally)
	if err != nil {
		return Validity{}, false
	}
	now := c.r.now()
	var first Validity
	for _, s := range signatures(rep.answer, n, rrtype) {
		v := Validity{serialTime(s.inception, now), s.expires(now)}
		if first.Until.IsZero() || v.Until.Before(first.Until) {
			first = v
		}
	}
	return first, !first.Until.IsZero()
}
