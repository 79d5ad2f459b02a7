package domaincheck

import (
	"slices"
	"strings"

	"codeberg.org/miekg/dns"

	"wolkwijs/domaincheck/dkim"
	"wolkwijs/domaincheck/dnsq"
	"wolkwijs/domaincheck/holder"
	"wolkwijs/domaincheck/record"
)

// DNS has no list of the selectors of a domain.
var (
	// commonSelectors are those that mail software and large senders use by
	// default.
	commonSelectors = []string{"default", "dkim", "mail", "s1", "k1"}
	// mailboxSelectors are those of the largest keepers of mailboxes, for
	// domains of which nothing else tells who keeps them.
	mailboxSelectors = []string{"selector1", "selector2", "google"}
)

// maxSelectors is how many selectors are asked in all.
const maxSelectors = 16

// dkim asks whether there is anything under _domainkey, then for the selectors
// that the domain's companies hand out and for the common ones. It also asks
// for the name that Exchange Online gives to the domains it accepts, where
// that can tell something.
func (c *collector) dkim() {
	f := c.facts
	f.DKIM.Parent = c.ask("_domainkey", dns.TypeTXT)
	<-c.mx
	<-c.txt
	autodiscover := c.ask("autodiscover", dns.TypeA)
	hints := c.hints(early(f.Target.Domain, c.mxNames, f.TXT, autodiscover))
	tenant := strings.ReplaceAll(f.Target.Domain, ".", "-") + ".mail.protection.outlook.com"
	if hints.Tenant {
		c.questions.Start(c.ctx, tenant, dns.TypeA)
	}
	names := hints.Selectors
	// Nothing exists below a name that does not exist (RFC 8020). Servers that
	// deny a name which only has names below it are why those of the domain's
	// companies are asked all the same.
	if !missing(f.DKIM.Parent) {
		if !hints.Mailbox {
			names = append(names, mailboxSelectors...)
		}
		names = append(names, commonSelectors...)
	}
	var unique []string
	for _, n := range names {
		if !slices.Contains(unique, n) && len(unique) < maxSelectors {
			unique = append(unique, n)
			c.start(n+"._domainkey", dns.TypeTXT)
		}
	}
	f.DKIM.Selectors = make([]Selector, 0, len(unique))
	for _, n := range unique {
		f.DKIM.Selectors = append(f.DKIM.Selectors, c.selector(n))
	}
	// A selector that nobody made shows whether there is a wildcard.
	if f.DKIM.Random = notAsked; !f.DKIM.ruledOut() {
		f.DKIM.Random = c.ask(randomLabel()+"._domainkey", dns.TypeTXT)
	}
	if f.Tenant = notAsked; hints.Tenant {
		f.Tenant = c.questions.Query(c.ctx, tenant, dns.TypeA)
	}
}

// hints are what the signals say of what else is worth asking.
func (c *check) hints(s holder.Signals) holder.Hints {
	if c.table == nil {
		return holder.Hints{}
	}
	return holder.Hint(c.table, s)
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

// ruledOut says whether there is no wildcard for sure, or none that matters: it
// would answer for any name below _domainkey (RFC 4592, section 2.2.1).
func (d *DKIMFacts) ruledOut() bool {
	absent := func(s Selector) bool { return missing(s.Answer) }
	nothing := func(s Selector) bool { return s.Answer.Status != dnsq.Found && len(s.Answer.CNAMEs) == 0 }
	return missing(d.Parent) || slices.ContainsFunc(d.Selectors, absent) || !slices.ContainsFunc(d.Selectors, func(s Selector) bool { return !nothing(s) })
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
