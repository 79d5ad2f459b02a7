package commands

import (
	"fmt"
	"slices"
	"strings"

	"wolkwijs/answer"
	"wolkwijs/domaincheck"
	"wolkwijs/domaincheck/holder"
	"wolkwijs/knowledge"
	"wolkwijs/lang"
)

// suggestions are where to go from a company under American law, by function,
// with what it takes. The times are our own estimates for a small club.
var suggestions = []struct {
	functions []string
	finding   string // whose advice says the same already
	text      lang.Text
}{
	{[]string{holder.Mail}, "cloud-act-mail", lang.Text{
		NL: "Je postvak verhuizen: `!alt email`. Reken op een middag voor een paar postvakken: mail overzetten, daarna MX, SPF en DKIM wijzigen.",
		EN: "To move your mailbox: `!alt email`. Allow an afternoon for a few mailboxes: copy the mail, then change MX, SPF and DKIM.",
	}},
	{[]string{holder.DNS, holder.Web}, "", lang.Text{
		NL: "Website of DNS verhuizen: `!alt hosting`. DNS kost vaak minder dan een uur, een website een dagdeel of meer.",
		EN: "To move website or DNS: `!alt hosting`. DNS often takes less than an hour, a website half a day or more.",
	}},
}

// suggest says where to go from American companies; nothing if there are none.
func suggest(c *call, r *domaincheck.Report) answer.Text {
	var parts []string
	for _, s := range suggestions {
		american := slices.ContainsFunc(r.Functions, func(f holder.Function) bool {
			return slices.Contains(s.functions, f.Function) && f.CloudAct == string(knowledge.Yes)
		})
		if american && !slices.Contains(r.Advice, s.finding) {
			parts = append(parts, s.text.In(c.lang))
		}
	}
	if len(parts) == 0 {
		return nil
	}
	return answer.Join(answer.Bold(c.say("Liever niet Amerikaans?", "Rather not American?")), answer.Plain(" "), answer.Prose(strings.Join(parts, " ")))
}

// notes are what else to know of the companies that hold the mail, and
// whether the domain is in use at all.
func notes(c *call, r *domaincheck.Report) answer.Text {
	var parts []string
	parked := false
	for _, f := range r.Functions {
		p := c.kb.Provider(f.Provider)
		switch f.Function {
		case holder.Mail, holder.MailFilter:
			if p != nil && !p.Note.IsZero() {
				parts = append(parts, p.Name+": "+p.Note.In(c.lang))
			}
			if f.Also != "" {
				parts = append(parts, fmt.Sprintf(c.say("Een volgende mailserver is van %s. Mail kan ook daar terechtkomen.", "A later mail server belongs to %s. Mail may end up there too."), f.Also))
			}
		case holder.DNS, holder.Web:
			if p != nil && !parked && slices.Contains(p.Roles, knowledge.RoleParking) {
				parked = true
				parts = append(parts, fmt.Sprintf(c.say("Dit domein staat geparkeerd bij %s: het is te koop of nog niet in gebruik.", "This domain is parked with %s: it is for sale or not in use yet."), p.Name))
			}
		}
	}
	return sentences(parts)
}
