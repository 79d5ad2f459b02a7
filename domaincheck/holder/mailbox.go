package holder

import (
	"slices"

	"wolkwijs/knowledge"
)

// What each mark says of where the mailboxes are, in points. A mark worth
// strong or more cannot easily be left over or mean something else: it needs
// mail to be set up at that company. DKIM and autodiscover are set up for
// mailboxes; an SPF include only permits sending; a token proves an account.
const (
	pointsLowerMX      = 5 // a mailbox provider among the later MX hosts
	pointsDKIM         = 4 // a selector is an alias for the company's key
	pointsAutodiscover = 4 // mail programs are sent to the company
	pointsTenant       = 3 // Exchange Online accepts mail for the domain
	pointsTXTMailbox   = 3
	pointsSPF          = 2
	pointsSPFWeb       = 1 // of a web host or access provider, whose SPF customers include for their website too
	pointsSPFNetwork   = 1 // the company's networks in an SPF record that was flattened
	pointsTXTTenant    = 1

	strong = pointsDKIM
)

// sign is what points to one company as the keeper of the mailboxes.
type sign struct {
	of       *company
	points   int
	strong   int // number of kinds of strong marks
	kinds    int // number of kinds of marks
	evidence []Evidence
}

// mail returns the row of the mailboxes and, if a filter is in front of them,
// the row of the filter.
func (c *classifier) mail() []Function {
	signs := c.signs()
	switch {
	case c.s.NullMX:
		return []Function{nobody(Mail, None, High, Evidence{"mx", c.s.Domain, "0 ."})}
	case c.failed("mx"):
		return []Function{c.behind(signs, nil, Low)}
	case len(c.s.MX) == 0:
		return []Function{c.withoutMX(signs)}
	}
	first := c.s.MX[0]
	of, named := c.exchange(first)
	mx := Evidence{"mx", c.s.Domain, first.Name}
	switch {
	case of == nil:
		return c.unnamed(first, signs)
	case of.does(knowledge.RoleGateway):
		filter := c.placed(c.row(MailFilter, of, named, mx), first)
		return []Function{c.behind(signs, of, Low), filter}
	}
	return c.atMailbox(of, named, mx, signs)
}

// exchange returns the company that a mail exchange belongs to and how sure
// that is: by its name or a name it is an alias for, or by its network if
// everything in that network filters mail. Shared IT of public bodies gives
// its own names to servers in such a network; the filter is the network's.
func (c *classifier) exchange(h Host) (*company, string) {
	of, _ := c.t.mx.first(append([]string{h.Name}, h.CNAMEs...)...)
	if of != nil && !of.does(knowledge.RolePublicIT) {
		return of, High
	}
	in, _, _ := c.networkOf(h)
	switch {
	case in != nil && in.does(knowledge.RoleGateway) && !in.does(knowledge.RoleCloud, knowledge.RolePublicIT):
		return in, Medium
	case of != nil:
		return of, High
	case in != nil && in.does(knowledge.RoleGateway) && !in.does(knowledge.RoleCloud):
		return in, Medium
	}
	return nil, Low
}

// atMailbox is mail whose first exchange belongs to a mailbox provider.
func (c *classifier) atMailbox(of *company, confidence string, mx Evidence, signs []sign) []Function {
	other := slices.IndexFunc(signs, func(s sign) bool { return s.of != of && s.strong > 0 })
	enough := 2 // kinds of strong marks of another company that outweigh the MX
	if of.does(knowledge.RolePublicIT) {
		enough = 1 // shared IT often only receives the mail for a cloud elsewhere
	}
	if other >= 0 && signs[other].strong >= enough {
		filter := c.placed(c.row(MailFilter, of, confidence, mx), c.s.MX[0])
		f := c.behind(signs, of, Low)
		if f.Confidence == High {
			f.Confidence = Medium // the mail may stay where it arrives after all
		}
		return []Function{f, filter}
	}
	evidence := []Evidence{mx}
	for _, s := range signs {
		if s.of == of {
			evidence = append(evidence, s.evidence...)
		}
	}
	if other >= 0 || of.does(knowledge.RolePublicIT) {
		confidence = Medium
	}
	later, h := c.laterExchange(of)
	if later != nil {
		confidence = Medium
		evidence = append(evidence, Evidence{"mx", c.s.Domain, h.Name})
	}
	f := c.placed(c.row(Mail, of, confidence, evidence...), c.s.MX[0])
	if later != nil {
		f.Also = later.Name
	}
	return []Function{f}
}

// laterExchange returns another mailbox provider among the later exchanges,
// and its host.
func (c *classifier) laterExchange(than *company) (*company, Host) {
	for _, h := range c.s.MX[1:] {
		if of, _ := c.exchange(h); of != nil && of != than && of.does(knowledge.RoleMailbox) {
			return of, h
		}
	}
	return nil, Host{}
}

// unnamed is mail whose first exchange has a name that belongs to nobody we
// know: the domain's own, or a third party's.
func (c *classifier) unnamed(first Host, signs []sign) []Function {
	mx := Evidence{"mx", c.s.Domain, first.Name}
	own := c.isOwn(first.Name)
	need := strong
	if !own {
		need = pointsSPF + pointsTXTTenant
	}
	if len(signs) > 0 && signs[0].points >= need {
		f := c.behind(signs, nil, Low)
		f.Evidence = append([]Evidence{mx}, f.Evidence...)
		return []Function{f}
	}
	if !own {
		f := c.placed(nobody(Mail, Unknown, Low, mx), first)
		f.Name = registrable(first.Name)
		return []Function{f}
	}
	of, h, a := c.networkOf(first)
	if of != nil && c.managed(of) {
		return []Function{c.placed(c.row(Mail, of, Medium, mx, addressEvidence(h, a)), first)}
	}
	confidence := Medium
	if of != nil && of.does(knowledge.RoleCloud, knowledge.RoleWeb) && !of.does(knowledge.RoleAccess) {
		confidence = Low // the company may manage the server, or the customer
	}
	if (len(signs) > 0 && signs[0].points >= pointsSPF) || a.ASN == 0 || c.failed("spf", "dkim", "autodiscover") {
		confidence = Low
	}
	f := nobody(Mail, SelfHosted, confidence, mx)
	if a.IP.IsValid() || a.ASN != 0 {
		f.Evidence = append(f.Evidence, addressEvidence(h, a))
	}
	f = c.placed(f, first)
	if of != nil && !of.does(knowledge.RoleAccess) {
		f.Jurisdiction, f.CloudAct = of.jurisdiction, of.cloudAct
		f.Owner, f.HQCountry, f.CompanyCountry = of.Owner, of.OwnerCountry, of.HQCountry
		f.Sources, f.Checked = of.Sources, of.checked
	} else if f.ServerCountry != "" {
		f.Jurisdiction, f.CloudAct = law(knowledge.Provider{OwnerCountry: f.ServerCountry})
	}
	return []Function{f}
}

// managed says whether a second mark shows that the company in whose network
// the own mail exchange is also manages it. Access providers relay mail for
// servers at their customers', so their SPF says nothing.
func (c *classifier) managed(of *company) bool {
	if !of.does(knowledge.RoleMailbox, knowledge.RoleWeb) {
		return false
	}
	if a, _ := c.t.autodiscover.first(c.s.Autodiscover...); a == of {
		return true
	}
	if of.does(knowledge.RoleAccess) {
		return false
	}
	if a, _ := c.t.spf.first(c.s.SPF.Domains...); a == of {
		return true
	}
	if of.does(knowledge.RoleCloud) {
		return false
	}
	for _, ns := range c.s.NS {
		if c.t.ns.match(ns.Name) == of {
			return true
		}
	}
	return false
}

// behind is the row of mailboxes that the MX records do not show: behind the
// filter, behind an exchange we do not know, or when MX could not be looked up.
func (c *classifier) behind(signs []sign, filter *company, least string) Function {
	if len(signs) == 0 || signs[0].points < pointsSPF {
		f := nobody(Mail, Unknown, least)
		for _, s := range signs {
			f.Evidence = append(f.Evidence, s.evidence...)
		}
		return f
	}
	best := signs[0]
	confidence := Low
	switch {
	case best.strong >= 2, best.strong == 1 && best.kinds >= 2:
		confidence = High
	case best.strong == 1, best.kinds >= 2:
		confidence = Medium
	}
	if len(signs) > 1 && signs[1].strong > 0 {
		confidence = lower(confidence) // two companies show strong marks
	}
	if c.failed("mx", "dkim", "autodiscover", "spf") || filter == nil {
		confidence = lower(confidence)
	}
	return c.row(Mail, best.of, confidence, best.evidence...)
}

// lower is one degree less sure.
func lower(confidence string) string {
	if confidence == High {
		return Medium
	}
	return Low
}

// withoutMX is mail of a domain that has no MX record. By RFC 5321, section
// 5.1, mail then goes to the address of the domain itself, if it has one.
func (c *classifier) withoutMX(signs []sign) Function {
	if len(signs) > 0 && signs[0].strong > 0 {
		return c.behind(signs, nil, Low)
	}
	for _, h := range c.s.Web {
		if h.Name == c.s.Domain && len(h.Addresses) > 0 {
			return nobody(Mail, Unknown, Low, addressEvidence(h, h.Addresses[0]))
		}
	}
	if c.failed("web") {
		return nobody(Mail, Unknown, Low)
	}
	return nobody(Mail, None, High)
}

// placed adds to f where the host is registered and, if that is not the
// provider itself, who runs its network.
func (c *classifier) placed(f Function, h Host) Function {
	of, _, a := c.networkOf(h)
	f.ServerCountry = a.Country
	switch {
	case of == nil:
		f.Network, f.Stranger = a.ASName, a.ASName != ""
	case of.ID != f.Provider:
		f.Network = of.Name
	}
	return f
}
