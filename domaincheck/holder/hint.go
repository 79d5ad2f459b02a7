package holder

import "wolkwijs/knowledge"

// Hints are what the first records of a domain say of which others are worth
// asking for.
type Hints struct {
	Selectors []string // DKIM selectors that the companies seen hand out
	Mailbox   bool     // who keeps the mailboxes can be seen already
	Tenant    bool     // it matters whether Exchange Online accepts mail for the domain
}

// Hint reads the hints from those signals that are there: MX, SPF, TXT and
// autodiscover.
func Hint(t *Table, s Signals) Hints {
	c := newClassifier(t, s)
	h := Hints{Tenant: true}
	mail := c.mail()
	for _, f := range append(mail, c.sending(mail[0].Provider)...) {
		if of := t.ids[f.Provider]; of != nil {
			h.Selectors = append(h.Selectors, of.Selectors...)
		}
	}
	h.Mailbox = t.ids[mail[0].Provider] != nil
	if len(s.MX) > 0 {
		// Where the first exchange is that of a keeper of mailboxes, only keys
		// and settings elsewhere outweigh it.
		of, _ := t.mx.first(s.MX[0].Name)
		h.Tenant = of == nil || of.ID == microsoft || !of.does(knowledge.RoleMailbox) || of.does(knowledge.RoleGateway, knowledge.RolePublicIT)
	}
	return h
}
