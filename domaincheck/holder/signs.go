package holder

import (
	"cmp"
	"slices"
	"strings"

	"wolkwijs/knowledge"
)

// microsoft and google are the two companies with marks of a kind of their
// own: a host name made from the domain, and a selector with a fixed name.
const (
	microsoft = "microsoft"
	google    = "google"
)

// signs weighs all marks of mailbox providers other than the first MX, the
// heaviest company first.
func (c *classifier) signs() []sign {
	var signs []sign
	add := func(of *company, points int, evidence Evidence) {
		if of == nil || !of.does(knowledge.RoleMailbox) {
			return
		}
		i := slices.IndexFunc(signs, func(s sign) bool { return s.of == of })
		if i < 0 {
			i = len(signs)
			signs = append(signs, sign{of: of})
		}
		s := &signs[i]
		again := slices.ContainsFunc(s.evidence, func(e Evidence) bool { return e.Signal == evidence.Signal })
		s.evidence = append(s.evidence, evidence)
		if again {
			return // a second mark of one kind proves nothing new
		}
		s.points += points
		s.kinds++
		if points >= strong {
			s.strong++
		}
	}
	if len(c.s.MX) > 1 {
		first, _ := c.exchange(c.s.MX[0])
		for _, h := range c.s.MX[1:] {
			if of, _ := c.exchange(h); of != first {
				add(of, pointsLowerMX, Evidence{"mx", c.s.Domain, h.Name})
			}
		}
	}
	if !c.s.WildcardDKIM {
		for _, k := range c.s.DKIM {
			of, target := c.t.dkim.first(k.CNAMEs...)
			if of == nil && k.Selector == "google" && k.published() {
				of, target = c.t.ids[google], "v=DKIM1"
			}
			add(of, pointsDKIM, Evidence{"dkim", k.Selector + "._domainkey." + c.s.Domain, target})
		}
	}
	for _, target := range c.s.Autodiscover {
		add(c.t.autodiscover.match(target), pointsAutodiscover, Evidence{"autodiscover", "autodiscover." + c.s.Domain, target})
	}
	if c.s.Tenant {
		host := strings.ReplaceAll(c.s.Domain, ".", "-") + ".mail.protection.outlook.com"
		add(c.t.ids[microsoft], pointsTenant, Evidence{"tenant", host, "exists"})
	}
	c.spfSigns(add)
	for _, txt := range c.s.TXT {
		switch of, proves := c.t.verification(txt); proves {
		case knowledge.ProvesMailbox:
			add(of, pointsTXTMailbox, Evidence{"txt", c.s.Domain, txt})
		case knowledge.ProvesTenant:
			add(of, pointsTXTTenant, Evidence{"txt", c.s.Domain, txt})
		}
	}
	slices.SortStableFunc(signs, func(a, b sign) int {
		return cmp.Or(cmp.Compare(b.points, a.points), cmp.Compare(b.strong, a.strong))
	})
	return signs
}

// published says whether the selector holds a key that was put there for it:
// a record of its own or an alias for a selector elsewhere. An alias for
// anything else is a wildcard of the zone, whatever it leads to.
func (k DKIM) published() bool {
	return k.Key && (len(k.CNAMEs) == 0 || strings.Contains(k.CNAMEs[len(k.CNAMEs)-1], "._domainkey."))
}

// spfSigns adds what the SPF tree says of mailboxes.
func (c *classifier) spfSigns(add func(*company, int, Evidence)) {
	for _, d := range c.s.SPF.Domains {
		of := c.t.spf.match(d)
		points := pointsSPF
		if of != nil && of.does(knowledge.RoleWeb, knowledge.RoleAccess, knowledge.RolePublicIT) {
			points = pointsSPFWeb
		}
		add(of, points, Evidence{"spf", c.s.Domain, d})
	}
	for i, of := range c.spfNetworks {
		if of != nil {
			add(of, pointsSPFNetwork, Evidence{"spf", c.s.Domain, c.s.SPF.Networks[i].String()})
		}
	}
}
