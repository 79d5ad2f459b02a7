package dnsq

import (
	"slices"

	"codeberg.org/miekg/dns"
)

// denial is the NSEC or NSEC3 records of one zone that came with a reply,
// their signatures verified (RFC 4035, section 5.4; RFC 5155, section 8).
type denial struct {
	zone  name
	nsec  []nsec
	nsec3 []nsec3
	work  *work
}

// nsec is an NSEC record (RFC 4034, section 4.1).
type nsec struct {
	owner, next name
	types       bitmap
}

// bitmap is the set of types that exist at a name (RFC 4034, section 4.1.2).
type bitmap []byte

func (b bitmap) has(rrtype uint16) bool {
	for len(b) >= 2 {
		window, length := b[0], int(b[1])
		if b = b[2:]; length > len(b) {
			return false
		}
		if uint16(window) == rrtype>>8 {
			i := int(rrtype & 0xFF)
			return i/8 < length && b[i/8]&(0x80>>(i%8)) != 0
		}
		b = b[length:]
	}
	return false
}

// delegation says whether the name is a zone cut, seen from above.
func (b bitmap) delegation() bool { return b.has(dns.TypeNS) && !b.has(dns.TypeSOA) }

// deniesType says whether the bitmap of the very name proves that it has no
// such type. The parent's side of a cut speaks only of DS, the child's of all
// but DS (RFC 6840, section 4.4).
func (b bitmap) deniesType(at name, rrtype uint16) bool {
	if b.has(rrtype) || b.has(dns.TypeCNAME) {
		return false
	}
	if rrtype == dns.TypeDS {
		return !b.has(dns.TypeSOA) || at == rootName
	}
	return !b.delegation()
}

func parseNSEC(r record) (nsec, bool) {
	names, rest, ok := r.namesIn()
	if !ok || r.rrtype != dns.TypeNSEC {
		return nsec{}, false
	}
	return nsec{r.owner, lowerName(string(names[0])), rest}, true
}

// covers says whether the record proves that nothing exists at the name. One
// that stands at a cut or a DNAME above the name knows nothing of it (RFC
// 6840, section 4.1).
func (n nsec) covers(at name) bool {
	if at.isStrictlyBelow(n.owner) && (n.types.delegation() || n.types.has(dns.TypeDNAME)) {
		return false
	}
	if n.owner.compare(n.next) < 0 {
		return n.owner.compare(at) < 0 && at.compare(n.next) < 0
	}
	return n.owner.compare(at) < 0 && at.isBelow(n.next) // the last one: next is the apex
}

// proof is what a denial shows.
type proof uint8

const (
	unproven   proof = iota
	proven           // there is no such name, or no such type at it
	provenCut        // no DS at a zone cut: what is below is unsigned
	provenOpen       // only that it may be an unsigned delegation (opt-out)
	tooCostly        // NSEC3 with too many iterations
)

// noName proves that the name does not exist, nor a wildcard for it.
func (d *denial) noName(at name) proof {
	if len(d.nsec3) > 0 {
		return d.noName3(at)
	}
	for _, n := range d.nsec {
		if !n.covers(at) || n.next.isStrictlyBelow(at) {
			continue
		}
		if d.nsecCovering(closestEncloser(at, n).wildcard()) != nil {
			return proven
		}
	}
	return unproven
}

// noType proves that the name has no such type.
func (d *denial) noType(at name, rrtype uint16) proof {
	if len(d.nsec3) > 0 {
		return d.noType3(at, rrtype)
	}
	for _, n := range d.nsec {
		switch {
		case n.owner == at:
			if !n.types.deniesType(at, rrtype) {
				return unproven
			}
			if rrtype == dns.TypeDS && n.types.delegation() {
				return provenCut
			}
			return proven
		case !n.covers(at):
		case n.next.isStrictlyBelow(at):
			return proven // an empty non-terminal
		default: // the type may yet be denied at the wildcard that answers
			wildcard := closestEncloser(at, n).wildcard()
			if w := d.nsecAt(wildcard); w != nil && w.types.deniesType(wildcard, rrtype) {
				return proven
			}
		}
	}
	return unproven
}

// notExpanded proves that no name closer than the wildcard's parent could
// have answered (RFC 4035, section 5.3.4; RFC 5155, section 8.8).
func (d *denial) notExpanded(at name, wildcardLabels int) proof {
	if len(d.nsec3) > 0 {
		return d.covered3(at.last(wildcardLabels + 1))
	}
	if n := d.nsecCovering(at); n != nil && closestEncloser(at, *n).labels() == wildcardLabels {
		return proven
	}
	return unproven
}

func (d *denial) nsecAt(at name) *nsec {
	if i := slices.IndexFunc(d.nsec, func(n nsec) bool { return n.owner == at }); i >= 0 {
		return &d.nsec[i]
	}
	return nil
}

func (d *denial) nsecCovering(at name) *nsec {
	if i := slices.IndexFunc(d.nsec, func(n nsec) bool { return n.covers(at) }); i >= 0 {
		return &d.nsec[i]
	}
	return nil
}

// closestEncloser returns the longest existing ancestor of a name that the
// NSEC covers: both ends of the gap exist, so their ancestors do.
func closestEncloser(at name, n nsec) name {
	a, b := commonAncestor(at, n.owner), commonAncestor(at, n.next)
	if a.labels() > b.labels() {
		return a
	}
	return b
}

func commonAncestor(a, b name) name {
	for !b.isBelow(a) {
		a = a.parent()
	}
	return a
}
