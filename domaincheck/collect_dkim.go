package domaincheck

import (
	"slices"
	"strings"

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

// wildcard says whether any selector has an answer, so that selectors prove
// nothing.
func (d *DKIMFacts) wildcard() bool { return d.Random.Status == dnsq.Found }

// keys are the selectors under which somebody put something: not those that
// have the same answer as a selector that nobody made.
func (d *DKIMFacts) keys() []Selector {
	random := strings.Join(record.TXT(d.Random), "\x00")
	var all []Selector
	for _, s := range d.Selectors {
		if s.Answer.Status == dnsq.Found && (!d.wildcard() || strings.Join(record.TXT(s.Answer), "\x00") != random) {
			all = append(all, s)
		}
	}
	return all
}
