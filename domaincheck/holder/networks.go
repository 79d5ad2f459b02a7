package holder

import (
	"cmp"
	"net/netip"
	"slices"
	"sort"
)

// networks are address blocks in order, the larger before those inside it.
type networks []network

// network is an address block of a company.
type network struct {
	netip.Prefix
	of     *company
	parent int // index of the smallest block around it; -1: none
}

// nest puts the blocks in order and finds out which lie inside which.
func (ns networks) nest() {
	slices.SortFunc(ns, func(a, b network) int {
		return cmp.Or(a.Addr().Compare(b.Addr()), cmp.Compare(a.Bits(), b.Bits()))
	})
	around := -1
	for i := range ns {
		for around >= 0 && !ns[around].Contains(ns[i].Addr()) {
			around = ns[around].parent
		}
		ns[i].parent = around
		around = i
	}
}

// of returns the company of the smallest block that contains all of p, or
// nil.
func (ns networks) of(p netip.Prefix) *company {
	i := sort.Search(len(ns), func(i int) bool { return ns[i].Addr().Compare(p.Addr()) > 0 }) - 1
	for ; i >= 0; i = ns[i].parent {
		if ns[i].Bits() <= p.Bits() && ns[i].Contains(p.Addr()) {
			return ns[i].of
		}
	}
	return nil
}
