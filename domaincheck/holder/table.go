package holder

import (
	"cmp"
	"net/netip"
	"slices"
	"strings"

	"wolkwijs/knowledge"
)

// Table finds companies by their marks. Build it once with [NewTable]; it is
// then safe for concurrent use.
type Table struct {
	ids                                    map[string]*company
	mx, spf, dkim, autodiscover, ns, cname suffixes
	mailDomains, tlds                      suffixes
	asns                                   map[uint32]*company
	networks                               networks
	tokens                                 []token
}

// company is a provider with what every row about it needs.
type company struct {
	knowledge.Provider
	roles                  map[string]bool
	checked                string // the date as text; empty: none
	jurisdiction, cloudAct string
}

// does says whether c has any of the roles.
func (c *company) does(roles ...string) bool {
	for _, r := range roles {
		if c.roles[r] {
			return true
		}
	}
	return false
}

// token is a verification token and the company it belongs to.
type token struct {
	knowledge.Token
	of *company
}

// suffixes are domain names, each the mark of a company. In a mark, # stands
// for a number: awsdns-#.com is awsdns-00.com to awsdns-63.com.
type suffixes struct {
	exact, numbered map[string]*company
}

// match returns the company whose mark is name or the nearest of the domains
// above it, or nil. A mark never matches a part of a label: the only steps
// are from a name to the domain above it.
func (s *suffixes) match(name string) *company {
	for name != "" {
		if c := s.exact[name]; c != nil {
			return c
		}
		label, above, _ := strings.Cut(name, ".")
		if len(s.numbered) > 0 && strings.ContainsAny(label, "0123456789") {
			if c := s.numbered[numberless(label)+"."+above]; c != nil {
				return c
			}
		}
		name = above
	}
	return nil
}

// numberless is a label with # for every run of digits.
func numberless(label string) string {
	var b strings.Builder
	for i := range len(label) {
		digit := '0' <= label[i] && label[i] <= '9'
		switch {
		case !digit:
			b.WriteByte(label[i])
		case i == 0 || label[i-1] < '0' || label[i-1] > '9':
			b.WriteByte('#')
		}
	}
	return b.String()
}

// first returns the company of the first name that has one, and that name.
func (s *suffixes) first(names ...string) (*company, string) {
	for _, n := range names {
		if c := s.match(n); c != nil {
			return c, n
		}
	}
	return nil, ""
}

// add gives marks to c, folded to lower case and without the final dot. A
// mark that somebody has already keeps its first owner: lint reports it.
func (s *suffixes) add(c *company, marks []string) {
	for _, m := range marks {
		m = strings.ToLower(strings.TrimSuffix(m, "."))
		into := &s.exact
		if strings.Contains(m, "#") {
			into = &s.numbered
		}
		if *into == nil {
			*into = map[string]*company{}
		}
		if (*into)[m] == nil {
			(*into)[m] = c
		}
	}
}

// NewTable compiles providers for look-ups. Marks that cannot be read, such
// as a network that is no CIDR, are left out: lint reports them.
func NewTable(providers []knowledge.Provider) *Table {
	t := &Table{
		ids: map[string]*company{}, asns: map[uint32]*company{},
	}
	for _, p := range providers {
		c := &company{Provider: p, roles: map[string]bool{}}
		c.jurisdiction, c.cloudAct = law(p)
		if p.Checked != (knowledge.Date{}) {
			c.checked = p.Checked.String()
		}
		for _, r := range p.Roles {
			c.roles[r] = true
		}
		t.ids[p.ID] = c
		t.mx.add(c, p.MX)
		t.spf.add(c, p.SPF)
		t.dkim.add(c, p.DKIM)
		t.autodiscover.add(c, p.Autodiscover)
		t.ns.add(c, p.NS)
		t.cname.add(c, p.CNAME)
		t.mailDomains.add(c, p.MailDomains)
		t.tlds.add(c, p.TLDs)
		for _, n := range p.ASNs {
			if t.asns[n] == nil {
				t.asns[n] = c
			}
		}
		for _, cidr := range p.Networks {
			if n, err := netip.ParsePrefix(cidr); err == nil {
				t.networks = append(t.networks, network{Prefix: n.Masked(), of: c})
			}
		}
		for _, k := range p.TXT {
			t.tokens = append(t.tokens, token{knowledge.Token{Prefix: strings.ToLower(k.Prefix), Proves: k.Proves}, c})
		}
	}
	t.networks.nest()
	return t
}

// Provider returns the provider with the given ID.
func (t *Table) Provider(id string) (knowledge.Provider, bool) {
	if c := t.ids[id]; c != nil {
		return c.Provider, true
	}
	return knowledge.Provider{}, false
}

// MailDomain returns the provider that hands out mailboxes in domain, such as
// Google for gmail.com. The name must be exactly such a domain.
func (t *Table) MailDomain(domain string) (knowledge.Provider, bool) {
	if c := t.mailDomains.exact[strings.ToLower(strings.TrimSuffix(domain, "."))]; c != nil {
		return c.Provider, true
	}
	return knowledge.Provider{}, false
}

// Selectors returns the DKIM selectors that the companies of the table hand
// out, each once, those of mailbox providers first, then by name.
func (t *Table) Selectors() []string {
	rank := map[string]int{}
	for _, c := range t.ids {
		for _, s := range c.Selectors {
			s = strings.ToLower(s)
			r := 1
			if c.does(knowledge.RoleMailbox) {
				r = 0
			}
			if old, ok := rank[s]; !ok || r < old {
				rank[s] = r
			}
		}
	}
	all := make([]string, 0, len(rank))
	for s := range rank {
		all = append(all, s)
	}
	slices.SortFunc(all, func(a, b string) int {
		return cmp.Or(cmp.Compare(rank[a], rank[b]), cmp.Compare(a, b))
	})
	return all
}

// address returns the company in whose network a is: by its address, else by
// the number of its autonomous system.
func (t *Table) address(a Address) *company {
	ip := a.IP.Unmap()
	if ip.IsValid() {
		if c := t.networks.of(netip.PrefixFrom(ip, ip.BitLen())); c != nil {
			return c
		}
	}
	if a.ASN != 0 {
		return t.asns[a.ASN]
	}
	return nil
}

// verification returns the company whose token txt is and what it proves.
func (t *Table) verification(txt string) (*company, string) {
	for _, k := range t.tokens {
		if len(txt) >= len(k.Prefix) && strings.EqualFold(txt[:len(k.Prefix)], k.Prefix) {
			return k.of, k.Proves
		}
	}
	return nil, ""
}
