package commands

import (
	"context"
	"strings"

	"wolkwijs/answer"
	"wolkwijs/knowledge"
	"wolkwijs/knowledge/search"
	"wolkwijs/lang"
)

// wish narrows a list of alternatives.
type wish uint8

// The wishes that a follow-up can add.
const (
	wishFree wish = iota
	wishFromNL
	wishDutch
	wishOpen
	wishEncrypted
	wishEuropean
	wishSelfHost
)

// wishes are the words that add each wish to the last list: "en gratis?".
var wishes = []struct {
	wish  wish
	words []string
	name  lang.Text
}{
	{wishFree, []string{"gratis", "free", "kosteloos", "zonder te betalen", "free of charge"}, lang.Text{NL: "met een gratis versie", EN: "with a free version"}},
	{wishFromNL, []string{"uit nederland", "van hier", "nederlandse", "iets nederlands", "wat nederlands", "is nederlands", "zijn nederlands", "nederlands bedrijf", "from the netherlands", "is dutch", "are dutch", "dutch company", "dutch one"}, lang.Text{NL: "uit Nederland", EN: "from the Netherlands"}},
	{wishDutch, []string{"nederlands", "in het nederlands", "dutch", "in dutch"}, lang.Text{NL: "in het Nederlands", EN: "in Dutch"}},
	{wishOpen, []string{"open source", "opensource", "open broncode"}, lang.Text{NL: "met open broncode", EN: "with open source code"}},
	{wishEncrypted, []string{"versleuteld", "encrypted", "end to end", "e2ee", "eind tot eind"}, lang.Text{NL: "eind-tot-eindversleuteld", EN: "end-to-end encrypted"}},
	{wishEuropean, []string{"europees", "europese", "european", "uit europa", "from europe", "in europa"}, lang.Text{NL: "uit Europa", EN: "from Europe"}},
	{wishSelfHost, []string{"zelf hosten", "zelf draaien", "eigen server", "self host", "self hosted", "own server"}, lang.Text{NL: "om zelf te draaien", EN: "to run yourself"}},
}

// granted says whether a service is known to grant a wish: what no source
// states is not granted.
func (w wish) granted(kb *knowledge.Base, svc *knowledge.Service) bool {
	switch w {
	case wishFree:
		return svc.Free == knowledge.Yes
	case wishDutch:
		return svc.DutchUI == knowledge.Yes
	case wishOpen:
		return svc.OpenSource == knowledge.OpenFull
	case wishEncrypted:
		return svc.E2EE == knowledge.E2EEDefault
	case wishSelfHost:
		return svc.SelfHost == knowledge.Yes
	case wishFromNL:
		return svc.HQCountry == "NL" && (svc.OwnerCountry == "" || svc.OwnerCountry == "NL")
	default:
		country := kb.Country(svc.HQCountry)
		return country != nil && european(country)
	}
}

// european says whether a country is in the EU or the EEA, or is Switzerland
// or the United Kingdom.
func european(k *knowledge.Country) bool { return k.Group != "US" && k.Group != "other" }

// followUp answers a sentence that only makes sense after the last answer in
// the room ("en gratis?", "waarom?", "en voor op mijn telefoon?"), or returns
// nil if it is none or nothing is remembered.
func (s *Service) followUp(_ context.Context, c *call, r search.Result) *answer.Answer {
	last, ok := s.memory.subject(c.Room)
	if !ok {
		return nil
	}
	words := strings.Fields(strings.ToLower(strings.Map(func(r rune) rune {
		switch {
		case strings.ContainsRune("?!.,;:", r):
			return ' '
		case r == '’':
			return '\''
		}
		return r
	}, short(c.args, 120))))
	if len(words) == 0 || len(words) > 7 {
		return nil
	}
	joined := " " + strings.Join(words, " ") + " "
	has := func(list ...string) bool {
		for _, w := range list {
			if strings.Contains(joined, " "+w+" ") {
				return true
			}
		}
		return false
	}
	leads := words[0] == "en" || words[0] == "and" || words[0] == "maar" || words[0] == "but" || len(words) <= 2
	if c.Lang == "" {
		c.lang = last.lang
	}
	if len(words) <= 3 && r.Service == "" && r.Product == "" && has("waarom", "why", "hoezo", "how come") {
		if last.declined {
			return nil
		}
		return s.why(c, last)
	}
	if c.Lang == "" && r.Lang != lang.Default && r.Asked.Again != search.NotAgain {
		c.lang = r.Lang // "who owns it" tells its language
	}
	if a := s.goOn(c, r, last, words); a != nil {
		return a
	}
	if a := s.namedAgain(c, r.Asked, last); a != nil {
		return a
	}
	if a := s.stillUrgent(c, r, last, leads); a != nil {
		return a
	}
	if _, page := s.shownLast(c, last); len(page) > 0 && r.Asked.Again == search.ByPronoun && last.subject.ID == "" {
		return s.whichShown(c, last, page)
	}
	if last.list.category == "" || !leads && (r.Topic != search.None || len(words) > 5) {
		return nil
	}
	for _, w := range wishes {
		if has(w.words...) {
			q := last.list
			q.from, q.wishes = 0, append(q.wishes[:len(q.wishes):len(q.wishes)], w.wish)
			return s.altList(c, q)
		}
	}
	if has("telefoon", "mobiel", "mobieltje", "iphone", "ipad", "android", "tablet", "phone", "mobile") {
		a := s.altList(c, altQuery{category: last.list.category, product: last.list.product})
		a.Blocks = append([]answer.Block{answer.Paragraph{Text: c.prose(
			"Mijn gegevens zeggen niet van elke dienst of er een app voor jouw telefoon is. Kijk op de site van de dienst, voordat je overstapt.",
			"My facts do not say for every service whether there is an app for your phone. Look at the service's own site before you move.")}}, a.Blocks...)
		return a
	}
	return nil
}

// why explains the last answer.
func (s *Service) why(c *call, last lastAnswer) *answer.Answer {
	if last.list.category != "" {
		c.list, c.subject = last.list, last.subject
		a := answer.New(c.lang, answer.Bold(c.say("Waarom in deze volgorde?", "Why in this order?"))).
			Para(answer.Prose(s.byName["alt"].more.In(c.lang)))
		a.Topic = last.topic
		return a
	}
	t := c.kb.Topic(last.topic)
	if t == nil {
		return nil
	}
	// The question is "why?" of what the topic is about.
	asked := *c
	asked.args = c.args + " " + t.Title.In(c.lang)
	switch {
	case knowledge.PointTo(asked.args, t.Points, c.lang) != nil:
		a := s.topicAnswer(c, t.ID)
		s.pointFirst(&asked, t.ID, a)
		return a
	case !t.More.IsZero():
		return s.topicRest(c, t.ID)
	}
	return s.simpler(c, last)
}
