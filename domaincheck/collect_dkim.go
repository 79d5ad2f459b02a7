package domaincheck

import (
	"slices"

	"codeberg.org/miekg/dns"

	"wolkwijs/domaincheck/dkim"
	"wolkwijs/domaincheck/dnsq"
	"wolkwijs/domaincheck/record"
)

// commonSelectors are the selectors that mail software and large senders use
// by default. DNS has no list of the selectors of a domain.
var commonSelectors = []string{"default", "selector1", "selector2", "google", "dkim", "mail", "s1", "k1"}

// maxSelectors is how many selectors are asked in all.
const maxSelectors = 16

// dkim asks whether there is anything under _domainkey and whether a selector
// that nobody made has an answer too, then for the selectors that the
// domain's companies hand out and for the common ones.
func (c *collector) dkim() {
	f := &c.facts.DKIM
	each(2, func(i int) {
		if i == 0 {
			f.Parent = c.ask("_domainkey", dns.TypeTXT)
			return
		}
		f.Random = c.ask(randomLabel()+"._domainkey", dns.TypeTXT)
	})
	<-c.mx
	<-c.txt
	names := c.selectors(early(c.facts.Target.Domain, c.mxNames, c.facts.TXT))
	// Nothing exists below a name that does not exist (RFC 8020). Servers that
	// deny a name which only has names below it are why those of the domain's
	// companies are asked all the same.
	if f.Parent.Status != dnsq.NXDomain {
		names = append(names, commonSelectors...)
	}
	var unique []string
	for _, n := range names {
		if !slices.Contains(unique, n) && len(unique) < maxSelectors {
			unique = append(unique, n)
		}
	}
	f.Selectors = make([]Selector, len(unique))
	each(len(unique), func(i int) { f.Selectors[i] = c.selector(unique[i]) })
}

// selector asks for one selector. Of several TXT records the first that is a
// key counts; more than one key is undefined (RFC 6376, section 3.6.2.2).
func (c *collector) selector(name string) Selector {
	s := Selector{Name: name, Answer: c.ask(name+"._domainkey", dns.TypeTXT)}
	for _, txt := range record.TXT(s.Answer) {
		if s.Text == "" || dkim.Is(txt) {
			s.Text = txt
		}
		if dkim.Is(txt) {
			break
		}
	}
	if s.Answer.Status == dnsq.Found {
		s.Key, s.Err = dkim.Parse(s.Text)
	}
	return s
}

// wildcard says whether any selector has an answer, so that one alone proves
// nothing.
func (d *DKIMFacts) wildcard() bool {
	return d.Random.Status == dnsq.Found || len(d.Random.CNAMEs) > 0
}

// made says whether somebody put something at the selector. Under a wildcard
// that is one whose answer differs from that of a selector that nobody made;
// but if all differ, the answer is made up for each name. If it could not be
// looked up what a selector has that nobody made, and none is known not to
// exist, nobody can tell.
func (d *DKIMFacts) made(s Selector) bool {
	switch {
	case s.Answer.Status == dnsq.Failed:
		return false
	case d.Random.Status == dnsq.Failed:
		return d.ruledOut()
	case !d.wildcard():
		return true
	}
	return !sameText(s.Answer, d.Random) && slices.ContainsFunc(d.Selectors, func(other Selector) bool { return sameText(other.Answer, d.Random) })
}

// ruledOut says whether there can be no wildcard: it would answer for any name
// below _domainkey (RFC 4592, section 2.2.1).
func (d *DKIMFacts) ruledOut() bool {
	return d.Parent.Status == dnsq.NXDomain || slices.ContainsFunc(d.Selectors, func(s Selector) bool {
		return s.Answer.Status == dnsq.NXDomain
	})
}

// sameText says whether two answers lead to the same: by the same aliases, or
// the same texts in whatever order they came.
func sameText(a, b dnsq.Answer) bool {
	if a.Status != b.Status || len(a.CNAMEs) != len(b.CNAMEs) {
		return false
	}
	if len(a.CNAMEs) > 0 {
		return slices.Equal(a.CNAMEs, b.CNAMEs)
	}
	return slices.Equal(slices.Sorted(slices.Values(record.TXT(a))), slices.Sorted(slices.Values(record.TXT(b))))
}

// keys are the selectors at which there is a record that somebody made.
func (d *DKIMFacts) keys() []Selector {
	var all []Selector
	for _, s := range d.Selectors {
		if s.Answer.Status == dnsq.Found && d.made(s) {
			all = append(all, s)
		}
	}
	return all
}
