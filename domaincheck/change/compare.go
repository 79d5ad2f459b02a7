package change

import (
	"slices"
	"strings"

	"wolkwijs/lang"
)

// Change is one thing that is not as it was.
type Change struct {
	Subject Subject `json:"about"`
	Was     []Item  `json:"was,omitempty"`
	Is      []Item  `json:"is,omitempty"`
}

// Compare tells what changed from was to is, the weightiest first. What is
// not known in one of them has not changed; of a domain that is gone, nothing
// else has.
func Compare(was, is Snapshot) []Change {
	was, is = was.canonical(), is.canonical()
	var changes []Change
	for _, s := range subjects {
		before, knownBefore := was.Values[s]
		after, knownAfter := is.Values[s]
		if knownBefore && knownAfter && differ(s, before, after) {
			changes = append(changes, Change{Subject: s, Was: before.Items, Is: after.Items})
		}
	}
	// A domain that nobody can reach is worse than anything else about it.
	slices.SortStableFunc(changes, func(a, b Change) int { return weight(a) - weight(b) })
	return changes
}

// weight is the rank of a change that goes before others of its subject.
func weight(c Change) int {
	switch {
	case c.Subject == Domain:
		return 0
	case c.Subject == DNSSEC && c.is(Bogus):
		return 1
	}
	return 2
}

// differ says whether one value of a subject is something else than another.
func differ(s Subject, a, b Value) bool {
	if !slices.EqualFunc(a.Items, b.Items, func(x, y Item) bool { return x.Name == y.Name }) {
		// Other companies by the same records: only our knowledge changed.
		return a.Marks == "" || !sameMarks(a.Marks, b.Marks)
	}
	return slices.ContainsFunc(a.Items, func(x Item) bool {
		y := b.Items[slices.IndexFunc(b.Items, func(y Item) bool { return y.Name == x.Name })]
		return otherLaw(x.Law, y.Law)
	})
}

// sameMarks says whether marks are the same, as far as both tell of networks.
func sameMarks(a, b string) bool {
	names, networks, _ := strings.Cut(a, "/")
	otherNames, otherNetworks, _ := strings.Cut(b, "/")
	return names == otherNames && (networks == otherNetworks || networks == "" || otherNetworks == "")
}

// otherLaw says whether a company came under another law. That it was not
// known before, or is not now, says nothing.
func otherLaw(a, b string) bool {
	known := func(law string) bool { return law != "" && law != unknownLaw }
	return known(a) && known(b) && a != b
}

// merge is what is known after a later look: what could not be looked up then
// stays as it was.
func merge(was, later Snapshot) Snapshot {
	m := later.clone()
	for s, v := range was.Values {
		after, known := m.Values[s]
		if !known {
			m.Values[s] = v
			continue
		}
		after.Items = slices.Clone(after.Items)
		for i, x := range after.Items {
			j := slices.IndexFunc(v.Items, func(y Item) bool { return y.Name == x.Name })
			if j >= 0 && (x.Law == "" || x.Law == unknownLaw) {
				after.Items[i] = v.Items[j]
			}
		}
		m.Values[s] = after
	}
	return m
}

// Went are the items that are no more.
func (c Change) Went() []Item { return without(c.Was, c.Is) }

// Came are the items that are new.
func (c Change) Came() []Item { return without(c.Is, c.Was) }

// without are the items of a whose name is not in b.
func without(a, b []Item) []Item {
	var rest []Item
	for _, x := range a {
		if !slices.ContainsFunc(b, func(y Item) bool { return y.Name == x.Name }) {
			rest = append(rest, x)
		}
	}
	return rest
}

// LawOnly says whether the same companies came under another law.
func (c Change) LawOnly() bool { return len(c.Went()) == 0 && len(c.Came()) == 0 }

// is says whether the value now is the one word.
func (c Change) is(word string) bool { return one(c.Is) == word }

// was says whether the value before was the one word.
func (c Change) was(word string) bool { return one(c.Was) == word }

// one is the name of the only item, or nothing.
func one(items []Item) string {
	if len(items) != 1 {
		return ""
	}
	return items[0].Name
}

// maxMeanings is how many changes a message explains.
const maxMeanings = 3

// Meanings says what changes mean for people, the weightiest first: at most
// three sentences or pairs of sentences in our own words. That servers have
// other names says no more where their holder changed too.
func Meanings(changes []Change) []lang.Text {
	has := func(s Subject) bool {
		return slices.ContainsFunc(changes, func(c Change) bool { return c.Subject == s })
	}
	var all []lang.Text
	for _, c := range changes {
		if c.Subject == MX && (has(Mail) || has(Filter)) || c.Subject == NS && has(DNS) || c.Subject == Senders && has(Mail) {
			continue
		}
		if m := c.Meaning(); !m.IsZero() && len(all) < maxMeanings {
			all = append(all, m)
		}
	}
	return all
}
