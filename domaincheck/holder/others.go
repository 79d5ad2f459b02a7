package holder

import (
	"cmp"
	"slices"
	"strings"

	"wolkwijs/knowledge"
)

// sending returns a row per company that may send in the domain's name: by
// DKIM and SPF (high), by one of the two (medium), or by its networks in a
// flattened SPF record (low). The keeper of the mailboxes comes first, then
// the surest. Parts of SPF that only the receiver of a message can follow
// (macros, RFC 7208, section 7) give a row "unknown".
func (c *classifier) sending(mailbox string) []Function {
	type sender struct {
		of        *company
		dkim, spf bool
		evidence  []Evidence
	}
	var senders []sender
	find := func(of *company) *sender {
		i := slices.IndexFunc(senders, func(s sender) bool { return s.of == of })
		if i < 0 {
			i = len(senders)
			senders = append(senders, sender{of: of})
		}
		return &senders[i]
	}
	if !c.s.WildcardDKIM {
		for _, k := range c.s.DKIM {
			if of, target := c.t.dkim.first(k.CNAMEs...); of != nil {
				s := find(of)
				s.dkim = true
				s.evidence = append(s.evidence, Evidence{"dkim", k.Selector + "._domainkey." + c.s.Domain, target})
			}
		}
	}
	for _, d := range c.s.SPF.Domains {
		if of := c.t.spf.match(d); of != nil && !(of.does(knowledge.RoleSPFHost) && len(of.Roles) == 1) {
			s := find(of)
			s.spf = true
			s.evidence = append(s.evidence, Evidence{"spf", c.s.Domain, d})
		}
	}
	for i, of := range c.spfNetworks {
		if of == nil || slices.ContainsFunc(senders, func(s sender) bool { return s.of == of && s.spf }) {
			continue
		}
		s := find(of)
		s.evidence = append(s.evidence, Evidence{"spf", c.s.Domain, c.s.SPF.Networks[i].String()})
	}
	rows := make([]Function, 0, len(senders)+1)
	for _, s := range senders {
		confidence := Low
		switch {
		case s.dkim && s.spf:
			confidence = High
		case s.dkim || s.spf:
			confidence = Medium
		}
		rows = append(rows, c.row(MailSending, s.of, confidence, s.evidence...))
	}
	rank := map[string]int{High: 0, Medium: 1, Low: 2}
	slices.SortStableFunc(rows, func(a, b Function) int {
		if (a.Provider == mailbox) != (b.Provider == mailbox) {
			if a.Provider == mailbox {
				return -1
			}
			return 1
		}
		return cmp.Compare(rank[a.Confidence], rank[b.Confidence])
	})
	if len(c.s.SPF.Macros) > 0 || c.failed("spf") {
		f := nobody(MailSending, Unknown, Low)
		for _, m := range c.s.SPF.Macros {
			f.Evidence = append(f.Evidence, Evidence{"spf", c.s.Domain, m})
		}
		rows = append(rows, f)
	}
	return rows
}

// dns returns a row per operator of the domain's name servers, the one with
// most servers first.
func (c *classifier) dns() []Function {
	if len(c.s.NS) == 0 {
		if c.failed("ns") {
			return []Function{nobody(DNS, Unknown, Low)}
		}
		return nil
	}
	rows := make([]Function, 0, 2)
	count := map[string]int{}
	for _, h := range c.s.NS {
		f := c.server(DNS, h, &c.t.ns, Evidence{"ns", c.s.Domain, h.Name})
		key := f.Provider + " " + f.Name
		count[key]++
		i := slices.IndexFunc(rows, func(r Function) bool { return r.Provider == f.Provider && r.Name == f.Name })
		if i < 0 {
			rows = append(rows, f)
			continue
		}
		rows[i].Evidence = append(rows[i].Evidence, f.Evidence...)
	}
	slices.SortStableFunc(rows, func(a, b Function) int {
		return cmp.Compare(count[b.Provider+" "+b.Name], count[a.Provider+" "+a.Name])
	})
	return rows
}

// web returns a row per holder of the website: the apex and www.
func (c *classifier) web() []Function {
	rows := make([]Function, 0, 2)
	for _, h := range c.s.Web {
		if len(h.CNAMEs) == 0 && len(h.Addresses) == 0 {
			continue
		}
		f := c.server(Web, h, &c.t.cname, webEvidence(h)...)
		i := slices.IndexFunc(rows, func(r Function) bool { return r.Provider == f.Provider && r.Name == f.Name })
		if i < 0 {
			rows = append(rows, f)
			continue
		}
		if f.Confidence == High {
			rows[i].Confidence = High
		}
		rows[i].Evidence = append(rows[i].Evidence, f.Evidence...)
	}
	if len(rows) == 0 && c.failed("web") {
		return []Function{nobody(Web, Unknown, Low)}
	}
	return rows
}

// webEvidence is the alias of a web host, if it is one.
func webEvidence(h Host) []Evidence {
	if len(h.CNAMEs) == 0 {
		return nil
	}
	return []Evidence{{"cname", h.Name, h.CNAMEs[len(h.CNAMEs)-1]}}
}

// server says who runs a name server or web server: by its name or an alias
// (high), by its network (medium), or nobody we know.
func (c *classifier) server(function string, h Host, marks *suffixes, evidence ...Evidence) Function {
	of, target := marks.first(h.CNAMEs...)
	if function == DNS {
		of, target = marks.first(append([]string{h.Name}, h.CNAMEs...)...)
	}
	if of != nil {
		if function == Web {
			evidence = []Evidence{{"cname", h.Name, target}}
		}
		return c.placed(c.row(function, of, High, evidence...), h)
	}
	of, host, a := c.networkOf(h)
	if a.IP.IsValid() || a.ASN != 0 {
		evidence = append(evidence, addressEvidence(host, a))
	}
	own := c.isOwn(h.Name) && !slices.ContainsFunc(h.CNAMEs, func(n string) bool { return !c.isOwn(n) })
	switch {
	case of != nil && of.does(knowledge.RoleAccess) && !of.does(knowledge.RoleWeb, knowledge.RoleCloud):
		if own {
			f := c.placed(nobody(function, SelfHosted, Medium, evidence...), h)
			f.Jurisdiction, f.CloudAct = law(knowledge.Provider{OwnerCountry: f.ServerCountry})
			return f
		}
	case of != nil && (own || function == Web):
		return c.placed(c.row(function, of, Medium, evidence...), h)
	}
	f := c.placed(nobody(function, Unknown, Low, evidence...), h)
	switch {
	case !own && function == DNS:
		f.Name = registrable(h.Name)
	case len(h.CNAMEs) > 0 && !own:
		f.Name = registrable(h.CNAMEs[len(h.CNAMEs)-1])
	}
	return f
}

// registry returns the row of the registry of the top-level domain.
func (c *classifier) registry() []Function {
	tld := c.s.Domain[strings.LastIndexByte(c.s.Domain, '.')+1:]
	of := c.t.tlds.match(c.s.Domain)
	if of == nil {
		return []Function{nobody(Registry, Unknown, Low)}
	}
	return []Function{c.row(Registry, of, High, Evidence{"ns", c.s.Domain, "." + tld})}
}
