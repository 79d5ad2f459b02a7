package commands

import (
	"fmt"
	"slices"
	"strings"

	"wolkwijs/answer"
	"wolkwijs/domaincheck"
	"wolkwijs/domaincheck/holder"
	"wolkwijs/lang"
)

// verdict is what most people want to know, in a sentence or two.
func verdict(c *call, r *domaincheck.Report) answer.Text {
	switch {
	case finding(r, "domain-not-found").ID != "":
		return answer.Plain(c.say("dit domein bestaat niet in DNS. Kijk of je de naam goed hebt getypt.", "this domain does not exist in DNS. Check the spelling."))
	case finding(r, "mail-domain-of-provider").ID != "":
		return answer.Plain(fmt.Sprintf(c.say("een adres hier is een postvak bij %s, niet je eigen domein.", "an address here is a mailbox with %s, not your own domain."), finding(r, "mail-domain-of-provider").Value))
	case r.Facts.Existence() == domaincheck.MayExist:
		return answer.Plain(c.say("ik kon niets opvragen. De naamservers van dit domein antwoorden niet. Probeer het over een paar minuten nog eens.",
			"I could look up nothing. The name servers of this domain do not answer. Try again in a few minutes."))
	}
	return answer.Plain(whereMail(c, r) + " " + howSafe(c, r))
}

// function returns the first row about a function.
func function(r *domaincheck.Report, name string) (holder.Function, bool) {
	for _, f := range r.Functions {
		if f.Function == name {
			return f, true
		}
	}
	return holder.Function{}, false
}

// whereMail says where the mailbox is, and what stands in front of it.
func whereMail(c *call, r *domaincheck.Report) string {
	mail, ok := function(r, holder.Mail)
	var s string
	switch {
	case !ok && finding(r, "mx-unknown").ID != "":
		s = c.say("waar je mail binnenkomt kon ik niet opvragen", "I could not look up where your mail comes in")
	case !ok, mail.Provider == holder.None:
		s = c.say("dit domein ontvangt geen mail", "this domain receives no mail")
	case mail.Provider == holder.SelfHosted:
		s = c.say("je mail staat op een eigen server", "your mail is on a server of its own")
	case mail.Provider == holder.Unknown && mail.Name == "":
		s = c.say("bij wie je postvak staat, is in DNS niet te zien", "who keeps your mailbox cannot be seen in DNS")
	default:
		s = fmt.Sprintf(c.say("je mail staat bij %s", "your mail is with %s"), mail.Name)
		if land := owner(c, mail); land != "" {
			s += " (" + land + ")"
		}
	}
	if filter, ok := function(r, holder.MailFilter); ok && filter.Name != "" {
		s += fmt.Sprintf(c.say(", achter een filter van %s", ", behind a filter of %s"), filter.Name)
	}
	return s + "."
}

// owner is the country of the owner of a company in words, or "".
func owner(c *call, f holder.Function) string {
	if f.HQCountry == "" {
		return ""
	}
	return country(c, f.HQCountry)
}

// howSafe sums the findings up. Those about law are no matter of safety.
func howSafe(c *call, r *domaincheck.Report) string {
	count := map[domaincheck.Status]int{}
	for _, f := range r.Findings {
		if f.Area != domaincheck.AreaSovereignty {
			count[f.Status]++
		}
	}
	fails, warns := count[domaincheck.Fail], count[domaincheck.Warn]
	var s string
	switch {
	case fails == 1:
		s = c.say("Eén ding is echt stuk.", "One thing is really broken.")
	case fails > 1:
		s = fmt.Sprintf(c.say("%s dingen zijn echt stuk.", "%s things are really broken."), number(c, fails))
	case warns == 1:
		s = c.say("De beveiliging is redelijk; één ding kan beter.", "Its protection is fair; one thing can be better.")
	case warns > 1:
		s = fmt.Sprintf(c.say("De beveiliging is redelijk; %s dingen kunnen beter.", "Its protection is fair; %s things can be better."), strings.ToLower(number(c, warns)))
	default:
		s = c.say("De beveiliging is goed.", "Its protection is good.")
	}
	if count[domaincheck.Unknown] > 0 {
		if fails+warns == 0 {
			s = c.say("Wat ik zag is in orde.", "What I saw is in order.")
		}
		s += c.say(" Niet alles was op te vragen.", " Not everything could be looked up.")
	}
	return s
}

// number writes small numbers in full, with a capital.
func number(c *call, n int) string {
	words := strings.Fields(c.say("Nul Eén Twee Drie Vier Vijf Zes Zeven Acht Negen Tien", "Zero One Two Three Four Five Six Seven Eight Nine Ten"))
	if n < len(words) {
		return words[n]
	}
	return fmt.Sprint(n)
}

// functionNames are the functions of a table row, in order.
var functionNames = []struct {
	id   string
	name lang.Text
}{
	{holder.Mail, lang.Text{NL: "Postvak", EN: "Mailbox"}},
	{holder.MailFilter, lang.Text{NL: "Filter ervoor", EN: "Filter before it"}},
	{holder.DNS, lang.Text{NL: "DNS", EN: "DNS"}},
	{holder.Web, lang.Text{NL: "Website", EN: "Website"}},
}

// maxHolders is how many companies a table shows for one function.
const maxHolders = 2

// holders is the table of who holds what.
func holders(c *call, r *domaincheck.Report) answer.Table {
	t := answer.Table{Head: []answer.Text{nil, answer.Plain(c.say("wie", "who")), answer.Plain(c.say("land van de eigenaar", "country of the owner"))}}
	for _, n := range functionNames {
		shown := 0
		for _, f := range r.Functions {
			if f.Function != n.id || f.Provider == holder.None || shown == maxHolders {
				continue
			}
			shown++
			t.Rows = append(t.Rows, []answer.Text{answer.Plain(n.name.In(c.lang)), answer.Plain(who(c, f)), answer.Plain(ownerOf(c, f))})
		}
	}
	return t
}

// who names the holder of a function, with how sure that is.
func who(c *call, f holder.Function) string {
	var name string
	switch f.Provider {
	case holder.SelfHosted:
		name = c.say("eigen server", "own server")
		if f.Network != "" {
			name += fmt.Sprintf(c.say(" in het netwerk van %s", " in the network of %s"), f.Network)
		}
	case holder.Unknown:
		name = f.Name
		if name == "" {
			return c.say("niet te zien in DNS", "cannot be seen in DNS")
		}
	default:
		name = f.Name
	}
	sure := map[string]string{
		holder.High: c.say("zeker", "certain"), holder.Medium: c.say("waarschijnlijk", "probably"), holder.Low: c.say("misschien", "perhaps"),
	}[f.Confidence]
	if f.Function == holder.Mail || f.Function == holder.MailFilter || f.Confidence != holder.High {
		return name + " (" + sure + ")"
	}
	return name
}

// ownerOf names the country of the owner, and the owner if it has another
// name than the brand.
func ownerOf(c *call, f holder.Function) string {
	land := owner(c, f)
	switch {
	case land == "":
		return c.say("onbekend", "unknown")
	case f.Owner == "" || strings.Contains(strings.ToLower(f.Owner), strings.ToLower(f.Name)):
		return land
	}
	return land + " (" + f.Owner + ")"
}

// law says what follows for the mail from the countries that are involved.
func law(c *call, r *domaincheck.Report) answer.Text {
	mail, ok := function(r, holder.Mail)
	if !ok || mail.Provider == holder.None || mail.Provider == holder.Unknown {
		return nil
	}
	name := func(id string) lang.Text {
		if k := c.kb.Country(id); k != nil {
			return k.Name
		}
		return lang.Text{NL: id, EN: id}
	}
	var parts []string
	for _, t := range []lang.Text{mail.Places(name), mail.Reason(name)} {
		if s := t.In(c.lang); s != "" {
			parts = append(parts, s)
		}
	}
	return sentences(parts)
}

// sentences puts sentences together, or returns nothing if there are none.
func sentences(parts []string) answer.Text {
	if len(parts) == 0 {
		return nil
	}
	return answer.Plain(strings.Join(parts, " "))
}

// summaryLine names the subjects that are fine, missing and not looked up.
func summaryLine(c *call, r *domaincheck.Report) answer.Text {
	var good, missing, unknown []string
	add := func(list *[]string, title string) {
		if !slices.Contains(*list, title) {
			*list = append(*list, title)
		}
	}
	for _, f := range r.Findings {
		about := subjectOf(f.ID)
		if about == nil {
			continue
		}
		switch {
		case f.Status == domaincheck.Pass:
			add(&good, about.title)
		case f.Status == domaincheck.Unknown:
			add(&unknown, about.title)
		case strings.HasSuffix(f.ID, "-missing") && f.Status == domaincheck.Info:
			add(&missing, about.title)
		}
	}
	var parts []string
	for _, p := range []struct {
		name string
		list []string
	}{
		{c.say("Goed", "Good"), good}, {c.say("Niet gevonden", "Not found"), missing}, {c.say("Niet op te vragen", "Could not be looked up"), unknown},
	} {
		if len(p.list) > 0 {
			parts = append(parts, p.name+": "+strings.Join(p.list, ", ")+".")
		}
	}
	return sentences(parts)
}

// statusWords are how a finding is marked in a list.
var statusWords = map[domaincheck.Status]lang.Text{
	domaincheck.Pass:    {NL: "✅ goed", EN: "✅ good"},
	domaincheck.Info:    {NL: "ℹ️ weetje", EN: "ℹ️ note"},
	domaincheck.Warn:    {NL: "⚠️ kan beter", EN: "⚠️ could be better"},
	domaincheck.Fail:    {NL: "❌ stuk", EN: "❌ broken"},
	domaincheck.Unknown: {NL: "❔ onbekend", EN: "❔ unknown"},
}

// details lists the findings and the records that prove who holds what.
func details(c *call, r *domaincheck.Report) answer.Details {
	d := answer.Details{Summary: answer.Plain(c.say("Details", "Details"))}
	var items []answer.Text
	for _, f := range r.Findings {
		if f.Status != domaincheck.Pass {
			items = append(items, findingLine(c, f))
		}
	}
	if len(items) > 0 {
		d.Blocks = append(d.Blocks, answer.List{Items: items})
	}
	var proof []answer.Text
	for _, f := range r.Functions {
		if len(f.Evidence) == 0 {
			continue
		}
		e := f.Evidence[0]
		proof = append(proof, answer.Join(answer.Plain(functionName(c, f.Function)+": "+who(c, f)+", "+c.say("te zien aan", "shown by")+" "+e.Signal+" "), answer.Code(e.Value)))
	}
	if len(proof) > 0 {
		d.Blocks = append(d.Blocks, answer.List{Items: proof})
	}
	return d
}

// functionName is the name of a function in words.
func functionName(c *call, id string) string {
	for _, n := range functionNames {
		if n.id == id {
			return n.name.In(c.lang)
		}
	}
	return map[string]string{
		holder.MailSending: c.say("Versturen", "Sending"), holder.Registry: c.say("Register", "Registry"),
	}[id]
}

// findingLine is one finding with its record.
func findingLine(c *call, f domaincheck.Finding) answer.Text {
	t := answer.Join(answer.Plain(statusWords[f.Status].In(c.lang)+": "), answer.Prose(f.Text.In(c.lang)))
	if show := f.At; show != "" || f.Value != "" {
		if show == "" {
			show = f.Value
		}
		t = answer.Join(t, answer.Plain(" "), answer.Code(show))
	}
	return t
}
