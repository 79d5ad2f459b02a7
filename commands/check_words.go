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
	return answer.Join(whereMail(c, r), answer.Plain(" "+howSafe(c, r)))
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
func whereMail(c *call, r *domaincheck.Report) answer.Text {
	mail, ok := function(r, holder.Mail)
	filter, filtered := function(r, holder.MailFilter)
	filtered = filtered && filter.Name != ""
	say := func(nl, en string, names ...answer.Text) answer.Text { return insert(c.say(nl, en), names...) }
	switch {
	case finding(r, "mx-unknown").ID != "" && r.Facts.MailUse() == domaincheck.MailUnknown:
		return say("waar je mail binnenkomt kon ik niet opvragen.", "I could not look up where your mail comes in.")
	case !ok && r.Facts.MailUse() == domaincheck.Mails:
		return say("dit domein ontvangt mail.", "this domain receives mail.")
	case !ok, mail.Provider == holder.None:
		return say("dit domein ontvangt geen mail.", "this domain receives no mail.")
	case finding(r, "mx-missing").ID != "" && mail.Provider == holder.Unknown:
		return say("dit domein heeft geen MX-record. Mail komt hier waarschijnlijk niet aan.", "this domain has no MX record. Mail probably does not arrive here.")
	case mail.Provider == holder.Unknown && mail.Name == "" && filtered:
		return say("je mail gaat door een filter van %s. Bij wie het postvak erachter staat, is in DNS niet te zien.", "your mail goes through a filter of %s. Who keeps the mailbox behind it cannot be seen in DNS.", nameOf(filter))
	case mail.Provider == holder.Unknown && mail.Name == "":
		return say("bij wie je postvak staat, is in DNS niet te zien.", "who keeps your mailbox cannot be seen in DNS.")
	}
	t := say("je mail staat op een eigen server", "your mail is on a server of its own")
	if mail.Provider != holder.SelfHosted {
		t = answer.Join(say("je mail staat bij %s", "your mail is with %s", nameOf(mail)), answer.Plain(lands(c, mail)))
	}
	if filtered {
		t = answer.Join(t, say(", achter een filter van %s", ", behind a filter of %s", nameOf(filter)))
	}
	return answer.Join(t, answer.Plain("."))
}

// nameOf is the name of a company. That of one which we do not know is a
// stranger's text.
func nameOf(f holder.Function) answer.Text {
	if f.Provider == holder.Unknown {
		return answer.Code(f.Name)
	}
	return answer.Plain(f.Name)
}

// networkOf is who runs the network that a server is in. What DNS says of a
// network that is nobody's we know is a stranger's text.
func networkOf(f holder.Function) answer.Text {
	if f.Stranger {
		return answer.Code(f.Network)
	}
	return answer.Plain(f.Network)
}

// insert puts texts where a sentence has "%s", one after another.
func insert(sentence string, texts ...answer.Text) answer.Text {
	var all answer.Text
	for _, t := range texts {
		before, after, _ := strings.Cut(sentence, "%s")
		all, sentence = answer.Join(all, answer.Plain(before), t), after
	}
	return answer.Join(all, answer.Plain(sentence))
}

// lands is the country of a company and, if that is another, of its owner, in
// brackets; "" if nothing is known.
func lands(c *call, f holder.Function) string {
	company, owner := shortCountry(c, f.CompanyCountry), shortCountry(c, f.HQCountry)
	switch {
	case company == "" && owner == "":
		return ""
	case company == "" || company == owner:
		return " (" + owner + ")"
	}
	return " (" + company + c.say(", eigenaar ", ", owner ") + owner + ")"
}

// shortCountry names a country as short as people do; "" if it is unknown.
func shortCountry(c *call, id string) string {
	switch id {
	case "":
		return ""
	case "US":
		return c.say("VS", "US")
	case "GB":
		return c.say("VK", "UK")
	}
	return bareCountry(c, id)
}

// bareCountry names a country without article, as in a table; "" if it is
// unknown.
func bareCountry(c *call, id string) string {
	if id == "" {
		return ""
	}
	name := country(c, id)
	for _, article := range []string{"de ", "het ", "the "} {
		if rest, ok := strings.CutPrefix(name, article); ok {
			return rest
		}
	}
	return name
}

// howSafe sums the findings up, by subject: three faults in SPF are one thing
// to mend. Those about law are no matter of safety.
func howSafe(c *call, r *domaincheck.Report) string {
	worst := map[string]domaincheck.Status{}
	for _, f := range r.Findings {
		if f.Area == domaincheck.AreaSovereignty || f.ID == indeterminate {
			continue
		}
		about := f.ID
		if s := subjectOf(f.ID); s != nil {
			about = s.title
		}
		if slices.Index(severity, f.Status) < slices.Index(severity, worst[about]) || worst[about] == "" {
			worst[about] = f.Status
		}
	}
	count := map[domaincheck.Status]int{}
	for _, status := range worst {
		count[status]++
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
			nameless := f.Provider == holder.None || f.Provider == holder.Unknown && f.Name == "" && shown > 0
			if f.Function != n.id || nameless || shown == maxHolders {
				continue
			}
			shown++
			t.Rows = append(t.Rows, []answer.Text{answer.Plain(n.name.In(c.lang)), who(c, f), answer.Plain(ownerOf(c, f))})
		}
	}
	return t
}

// who names the holder of a function, with how sure that is.
func who(c *call, f holder.Function) answer.Text {
	name := nameOf(f)
	switch {
	case f.Provider == holder.SelfHosted && f.Network != "":
		name = insert(c.say("eigen server in het netwerk van %s", "own server in the network of %s"), networkOf(f))
	case f.Provider == holder.SelfHosted:
		name = answer.Plain(c.say("eigen server", "own server"))
	case f.Provider == holder.Unknown && f.Name == "":
		return answer.Plain(c.say("niet te zien in DNS", "cannot be seen in DNS"))
	}
	sure := map[string]string{
		holder.High: c.say("zeker", "certain"), holder.Medium: c.say("waarschijnlijk", "probably"), holder.Low: c.say("misschien", "perhaps"),
	}[f.Confidence]
	if f.Function == holder.Mail || f.Function == holder.MailFilter || f.Confidence != holder.High {
		return answer.Join(name, answer.Plain(" ("+sure+")"))
	}
	return name
}

// ownerOf names the country of the owner, and the owner if it has another
// name than the brand.
func ownerOf(c *call, f holder.Function) string {
	land := bareCountry(c, f.HQCountry)
	switch {
	case f.Provider == holder.SelfHosted && land == "":
		return c.say("in eigen beheer", "run by its owner")
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
	for _, t := range []lang.Text{mail.Places(name), mail.Reason()} {
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

// summaryLine names the subjects that are fine and those that are missing.
func summaryLine(c *call, r *domaincheck.Report) answer.Text {
	good, missing, unknown := titles(r, func(f domaincheck.Finding) bool { return f.Status == domaincheck.Pass }),
		titles(r, func(f domaincheck.Finding) bool {
			return f.Status == domaincheck.Info && strings.HasSuffix(f.ID, "-missing")
		}),
		titles(r, isUnknown)
	good = slices.DeleteFunc(good, func(title string) bool { return slices.Contains(missing, title) || slices.Contains(unknown, title) })
	var parts []string
	if len(good) > 0 {
		parts = append(parts, c.say("Goed: ", "Good: ")+strings.Join(good, ", ")+".")
	}
	if len(missing) > 0 {
		parts = append(parts, c.say("Niet gevonden: ", "Not found: ")+strings.Join(missing, ", ")+".")
	}
	return sentences(parts)
}

// notSeen says about which subjects nothing can be said.
func notSeen(c *call, r *domaincheck.Report) answer.Text {
	var parts []string
	if unknown := titles(r, isUnknown); len(unknown) > 0 {
		parts = append(parts, fmt.Sprintf(c.say("Over %s zeg ik niets: dat kon ik niet opvragen. Probeer het over een paar minuten nog eens.",
			"I say nothing about %s, which I could not look up. Try again in a few minutes."), list(c, unknown)))
	}
	if finding(r, indeterminate).ID != "" {
		parts = append(parts, c.say("Of DNSSEC klopt, kon ik niet vaststellen.", "I could not tell whether DNSSEC is right."))
	}
	return sentences(parts)
}

// indeterminate is the ID of the one finding that is unknown though nothing
// failed.
const indeterminate = "dnssec-indeterminate"

func isUnknown(f domaincheck.Finding) bool {
	return f.Status == domaincheck.Unknown && f.ID != indeterminate
}

// titles are the subjects of those findings that match, each once.
func titles(r *domaincheck.Report, match func(domaincheck.Finding) bool) []string {
	var all []string
	for _, f := range r.Findings {
		if about := subjectOf(f.ID); about != nil && match(f) && !slices.Contains(all, about.title) {
			all = append(all, about.title)
		}
	}
	return all
}

// list puts words together: "a, b and c".
func list(c *call, words []string) string {
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	last := len(words) - 1
	return strings.Join(words[:last], ", ") + c.say(" en ", " and ") + words[last]
}

// severity is the order of judgements, the worst first.
var severity = []domaincheck.Status{domaincheck.Fail, domaincheck.Warn, domaincheck.Unknown, domaincheck.Info, domaincheck.Pass}

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
	for _, status := range severity[:4] {
		for _, f := range r.Findings {
			if f.Status == status {
				items = append(items, findingLine(c, f))
			}
		}
	}
	if len(items) > 0 {
		d.Blocks = append(d.Blocks, answer.List{Items: items})
	}
	var proof []answer.Text
	for _, f := range r.Functions {
		if len(f.Evidence) == 0 || f.Provider == holder.None {
			continue
		}
		e := f.Evidence[0]
		proof = append(proof, answer.Join(answer.Plain(functionName(c, f.Function)+": "), who(c, f), answer.Plain(", "+c.say("te zien aan", "shown by")+" "+e.Signal+" "), answer.Code(e.Value)))
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

// maxShown is how many characters of a record a line of details shows.
const maxShown = 120

// findingLine is one finding with its record.
func findingLine(c *call, f domaincheck.Finding) answer.Text {
	t := answer.Join(answer.Plain(statusWords[f.Status].In(c.lang)+": "), answer.Prose(f.Text.In(c.lang)))
	if show := f.At; show != "" || f.Value != "" {
		if show == "" {
			show = f.Value
		}
		t = answer.Join(t, answer.Plain(" "), answer.Code(short(show, maxShown)))
	}
	return t
}
