package commands

import (
	"context"
	"net/url"
	"slices"
	"strings"

	"wolkwijs/answer"
	"wolkwijs/knowledge"
	"wolkwijs/lang"
)

func (s *Service) twoFactorCommand() *command {
	return &command{
		names:   []string{"2fa"},
		nl:      []string{"tweestaps"},
		en:      []string{"twostep"},
		args:    lang.Text{NL: "[dienst]", EN: "[service]"},
		summary: lang.Text{NL: "tweestapsverificatie: wat een dienst biedt", EN: "two-step verification: what a service offers"},
		more: lang.Text{
			NL: "Zonder dienst leg ik uit wat het is. Met een naam of een adres noem ik wat die dienst biedt, het sterkste eerst: passkey of sleutel, code uit een app, eigen app, sms of telefoon, e-mail.",
			EN: "Without a service I explain what it is. With a name or an address I list what that service offers, strongest first: passkey or key, code from an app, its own app, text message or call, e-mail.",
		},
		example: lang.Text{NL: "2fa digid", EN: "2fa paypal"},
		bare:    func(args string) bool { return len(strings.Fields(args)) <= 3 },
		run:     s.twoFactor,
	}
}

// twoFactor explains two-step verification, or says what a service offers.
func (s *Service) twoFactor(_ context.Context, c *call) *answer.Answer {
	if c.args == "" {
		return s.topicAnswer(c, "2fa")
	}
	if first, rest, ok := strings.Cut(c.args, " "); ok && slices.Contains([]string{"bij", "voor", "van", "op", "at", "for", "on", "of"}, strings.ToLower(first)) {
		c.args = strings.TrimSpace(rest) // "!2fa bij digid"
	}
	if t := c.kb.TwoFactorOf(hostOf(c.args)); t != nil {
		return s.twoFactorCard(c, t)
	}
	found := c.kb.Find(c.args, knowledge.KindTwoFactor)
	if len(found) == 0 || found[0].How > knowledge.Begins {
		if other := signIn(c); other != nil {
			found = other
		}
	}
	switch len(found) {
	case 0:
		return s.twoFactorMiss(c)
	case 1:
		return s.twoFactorCard(c, c.kb.TwoFactorOf(found[0].ID))
	}
	a := chooseOne(c, found, "2fa")
	for i := range a.Choices {
		a.Choices[i].Command = "2fa " + found[i].ID
		a.Choices[i].Label = answer.Plain(found[i].Name + " (" + found[i].ID + ")")
	}
	return a
}

// signIn finds where people sign in to a product that they call by another
// name: "x" is Twitter, and "office 365" is signed in to at Microsoft.
func signIn(c *call) []knowledge.Match {
	for _, m := range c.kb.Find(c.args, knowledge.KindProduct) {
		if m.How > knowledge.Form {
			return nil
		}
		p := c.kb.Product(m.ID)
		for _, name := range append(append([]string{p.Name}, p.Names...), p.Owner) {
			if found := c.kb.Find(name, knowledge.KindTwoFactor); len(found) == 1 && found[0].How <= knowledge.Form {
				return found
			}
		}
	}
	return nil
}

// hostOf returns the host in a URL, a mail address or a domain name, in lower
// case and without "www.". For other text it returns the empty string.
func hostOf(s string) string {
	s = strings.ToLower(strings.TrimSpace(s))
	if strings.ContainsAny(s, " \n\t") || !strings.Contains(s, ".") {
		return ""
	}
	if _, rest, ok := strings.Cut(s, "@"); ok {
		s = rest
	}
	if !strings.Contains(s, "://") {
		s = "https://" + s
	}
	u, err := url.Parse(s)
	if err != nil {
		return ""
	}
	return strings.TrimPrefix(u.Hostname(), "www.")
}

// methods are the ways of two-step verification, strongest first.
var methods = []struct {
	id   string
	name lang.Text
}{
	{"passkey", lang.Text{NL: "Passkey: inloggen zonder wachtwoord; werkt niet op een nagemaakte site", EN: "Passkey: sign in without a password; it does not work on a fake site"}},
	{"passkey-2fa", lang.Text{NL: "Passkey als tweede stap; werkt niet op een nagemaakte site", EN: "Passkey as the second step; it does not work on a fake site"}},
	{"u2f", lang.Text{NL: "Beveiligingssleutel (usb of nfc); werkt niet op een nagemaakte site", EN: "Security key (USB or NFC); it does not work on a fake site"}},
	{"totp", lang.Text{NL: "Code uit een app op je telefoon", EN: "Code from an app on your phone"}},
	{"custom-hardware", lang.Text{NL: "Eigen apparaatje of kaartlezer", EN: "Its own device or card reader"}},
	{"custom-software", lang.Text{NL: "Eigen app van de dienst", EN: "The service's own app"}},
	{"sms", lang.Text{NL: "Code per sms: beter dan niets, maar af te vangen", EN: "Code by text message: better than nothing, but it can be intercepted"}},
	{"call", lang.Text{NL: "Telefoontje met een code: beter dan niets", EN: "Phone call with a code: better than nothing"}},
	{"email", lang.Text{NL: "Code per e-mail: zo sterk als je mailbox", EN: "Code by e-mail: as strong as your mailbox"}},
}

// twoFactorCard says what a service offers, strongest method first.
func (s *Service) twoFactorCard(c *call, t *knowledge.TwoFactor) *answer.Answer {
	a := answer.New(c.lang, nil)
	a.Topic = "2fa:" + t.Domain
	name := plainName(t.Name)
	facts := []knowledge.Sourced{t.Sourced}
	shownMethods := t
	via := c.kb.TwoFactorOf(t.Via)
	switch {
	case t.Via != "" && via != nil:
		a.Headline = answer.Bold(name + c.say(": je logt in met ", ": you sign in with ") + plainName(via.Name) + ".")
		if len(t.Methods) == 0 {
			shownMethods = via
			facts = append(facts, via.Sourced)
		}
	case t.Via != "":
		a.Headline = answer.Bold(name + c.say(": je logt in via ", ": you sign in through ") + t.Via + ".")
	case len(t.Methods) == 0:
		a.Headline = answer.Bold(name + c.say(": geen tweestapsverificatie gevonden.", ": no two-step verification found."))
		a.Para(c.prose(
			"Gebruik daar een lang wachtwoord dat je nergens anders gebruikt. Een wachtwoordkluis helpt: `!alt wachtwoorden`.",
			"Use a long password there that you use nowhere else. A password manager helps: `!alt passwords`."))
	case t.Required == knowledge.Yes:
		a.Headline = answer.Bold(name + c.say(" vraagt altijd om een tweede stap.", " always asks for a second step."))
	default:
		a.Headline = answer.Bold(name + c.say(" heeft tweestapsverificatie.", " has two-step verification."))
	}
	var items []answer.Text
	for _, m := range methods {
		if slices.Contains(shownMethods.Methods, m.id) {
			items = append(items, answer.Plain(methodName(c, shownMethods, m.id, m.name)))
		}
	}
	if len(items) > 1 {
		a.Para(answer.Plain(c.say("Van sterk naar minder sterk:", "From strong to less strong:")))
	}
	a.Steps(items...)
	if !t.Note.IsZero() {
		a.Para(answer.Prose(t.Note.In(c.lang)))
	}
	a.Para(twoFactorLinks(c, shownMethods))
	a.Source = s.source(c, facts...)
	return a
}

// plainName is the name of a service without the country in brackets by which
// a directory tells it from its branches elsewhere: "ING [NL]".
func plainName(name string) string {
	if i := strings.LastIndex(name, " ["); i > 0 && strings.HasSuffix(name, "]") {
		return name[:i]
	}
	return name
}

// methodName names a method, with the service's own app or device where known.
func methodName(c *call, t *knowledge.TwoFactor, id string, name lang.Text) string {
	own := map[string][]string{"custom-software": t.Software, "custom-hardware": t.Hardware}[id]
	if len(own) == 0 {
		return name.In(c.lang)
	}
	return name.In(c.lang) + ": " + strings.Join(own, ", ")
}

// twoFactorLinks are the service's own pages.
func twoFactorLinks(c *call, t *knowledge.TwoFactor) answer.Text {
	var links answer.Text
	for _, l := range []struct{ label, url string }{
		{c.say("Aanzetten", "Switch it on"), t.Settings},
		{c.say("Uitleg van de dienst", "The service's instructions"), t.Docs},
		{c.say("Toegang kwijt", "Lost access"), t.Recovery},
	} {
		if l.url == "" {
			continue
		}
		if len(links) > 0 {
			links = append(links, answer.Span{S: " · "})
		}
		links = append(links, answer.LinkTo(l.label, l.url)...)
	}
	return links
}

// twoFactorMiss offers the nearest two, and what to do in any case.
func (s *Service) twoFactorMiss(c *call) *answer.Answer {
	a := answer.New(c.lang, answer.Join(answer.Plain(c.say("Ik weet niet of ", "I do not know whether ")), answer.Code(short(c.args, 60)),
		answer.Plain(c.say(" tweestapsverificatie heeft.", " has two-step verification."))))
	near := c.kb.Nearest(c.args, knowledge.KindTwoFactor, 2)
	if len(near) > 0 {
		a.Para(c.prose("Bedoel je een van deze?", "Did you mean one of these?"))
	}
	for _, m := range near {
		a.Choices = append(a.Choices, answer.Choice{Label: answer.Plain(m.Name + " (" + m.ID + ")"), Command: "2fa " + m.ID})
	}
	return a.Para(c.prose(
		"Kijk anders bij de dienst zelf onder **beveiliging** of **inloggen**. Wat het is, zegt `!2fa`.",
		"Otherwise look at the service itself under **security** or **sign-in**. `!2fa` says what it is."))
}
