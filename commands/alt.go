package commands

import (
	"context"
	"slices"
	"strings"

	"wolkwijs/answer"
	"wolkwijs/knowledge"
	"wolkwijs/knowledge/search"
	"wolkwijs/lang"
)

// shown is how many alternatives one answer has.
const shown = 5

func (s *Service) altCommand() *command {
	return &command{
		names:   []string{"alt"},
		nl:      []string{"alternatief", "alternatieven"},
		en:      []string{"alternative", "alternatives"},
		args:    lang.Text{NL: "soort of product", EN: "kind or product"},
		summary: lang.Text{NL: "andere diensten, de beste eerst", EN: "other services, best first"},
		more: lang.Text{
			NL: "Zo rangschik ik, met punten: eigenaar in de EU of EER 30, in Zwitserland 25, in het Verenigd Koninkrijk 20, in een ander land dat de EU veilig noemt 10, onbekend 8, onder Amerikaans recht 0. Eind-tot-eindversleuteling standaard 20, als keuze 10. Open source helemaal 20, deels 10. In het Nederlands 10. Gratis versie 8. In het laatste jaar nagekeken 7. Staat er een waarschuwing bij: 10 eraf. Vraagt het een eigen server of technische kennis: 20 eraf. Is het een programma naast een dienst die je houdt: 20 eraf. De eerste vijf keuzes van de redactie: 10 tot 2 erbij. Wat geen bron zegt, telt 2. Niemand betaalt voor een plek.",
			EN: "This is how I rank, in points: owner in the EU or EEA 30, in Switzerland 25, in the United Kingdom 20, in another country that the EU calls adequate 10, unknown 8, under US law 0. End-to-end encrypted by default 20, as an option 10. Open source entirely 20, partly 10. In Dutch 10. Free version 8. Checked in the last year 7. With a caution: minus 10. If it asks for a server of your own or technical skill: minus 20. If it is a program beside a service that you keep: minus 20. The editors' first five choices: plus 10 to 2. What no source states counts 2. Nobody pays for a place.",
		},
		example: lang.Text{NL: "alt gmail", EN: "alt gmail"},
		bare:    func(args string) bool { return len(strings.Fields(args)) <= 4 },
		run:     s.alt,
	}
}

// altKinds are the kinds of entries that !alt finds.
const altKinds = knowledge.KindCategory | knowledge.KindProduct | knowledge.KindService

// alt gives alternatives in a category or to a product, or shows a service.
func (s *Service) alt(_ context.Context, c *call) *answer.Answer {
	if c.args == "" {
		return s.altMenu(c, c.prose("Waarvoor zoek je iets anders?", "What would you like an alternative for?"))
	}
	found := prefer(c.kb.Find(c.args, altKinds), knowledge.KindCategory, knowledge.KindProduct, knowledge.KindService)
	switch {
	case len(found) == 0:
		return s.altMiss(c)
	case len(found) > 1:
		return chooseOne(c, found, "alt")
	}
	return s.altOf(c, found[0].Ref)
}

// altOf answers for one entry.
func (s *Service) altOf(c *call, ref knowledge.Ref) *answer.Answer {
	switch ref.Kind {
	case knowledge.KindCategory:
		return s.altList(c, altQuery{category: ref.ID})
	case knowledge.KindProduct:
		if p := c.kb.Product(ref.ID); len(p.Categories) > 0 {
			return s.altList(c, altQuery{category: p.Categories[0], product: p.ID})
		}
	case knowledge.KindService:
		return s.serviceCard(c, ref.ID)
	}
	return s.altMiss(c)
}

// prefer keeps the matches of the first of kinds that has any, where the text
// was a whole name; a name that stands in a longer text, or begins with it,
// may mean any of them.
func prefer(found []knowledge.Match, kinds ...knowledge.Kind) []knowledge.Match {
	if len(found) < 2 || (found[0].How != knowledge.Exact && found[0].How != knowledge.Form) {
		return found
	}
	for _, k := range kinds {
		var kept []knowledge.Match
		for _, m := range found {
			if m.Kind == k {
				kept = append(kept, m)
			}
		}
		if kept != nil {
			return kept
		}
	}
	return found
}

// maxChoices is the number of choices an answer may have.
const maxChoices = 9

// chooseOne asks which of the entries was meant.
func chooseOne(c *call, found []knowledge.Match, command string) *answer.Answer {
	a := answer.New(c.lang, c.prose("Welke bedoel je?", "Which one do you mean?"))
	twice := map[string]int{}
	for _, m := range found {
		twice[knowledge.Fold(m.Name)]++
	}
	for _, m := range found[:min(len(found), maxChoices)] {
		ch := choice(m, command)
		if twice[knowledge.Fold(m.Name)] > 1 { // the name alone would ask again
			ch = answer.Choice{Label: answer.Plain(m.Name + kindOf(c, m.Ref)), Command: command + " " + m.ID}
		}
		a.Choices = append(a.Choices, ch)
	}
	return a
}

// kindOf says in brackets what kind of entry ref is, to tell it from another
// of the same name.
func kindOf(c *call, ref knowledge.Ref) string {
	switch ref.Kind {
	case knowledge.KindProduct:
		if p := c.kb.Product(ref.ID); p.Owner != "" {
			return " (" + p.Owner + ")"
		}
	case knowledge.KindService:
		if placed := c.kb.Service(ref.ID); len(placed) > 0 {
			return " (" + placed[0].Category.Name.In(c.lang) + ")"
		}
	case knowledge.KindTopic:
		return c.say(" (onderwerp)", " (topic)")
	}
	return ""
}

// altMiss offers the nearest two, or else the categories.
func (s *Service) altMiss(c *call) *answer.Answer {
	sorry := answer.Join(answer.Plain(c.say("Ik ken geen alternatief voor ", "I know no alternative to ")), answer.Code(short(c.args, 60)), answer.Plain("."))
	near := c.kb.Nearest(c.args, altKinds, 2)
	if len(near) == 0 {
		return s.altMenu(c, sorry)
	}
	a := answer.New(c.lang, answer.Join(sorry, answer.Plain(c.say(" Bedoel je een van deze?", " Did you mean one of these?"))))
	for _, m := range near {
		a.Choices = append(a.Choices, choice(m, "alt"))
	}
	return a.Para(c.prose("`!alt` laat zien wat ik ken.", "`!alt` shows what I know."))
}

// altMenu lists the categories.
func (s *Service) altMenu(c *call, headline answer.Text) *answer.Answer {
	a := answer.New(c.lang, headline)
	var all answer.Text
	for i, alts := range c.kb.Alternatives {
		if i > 0 {
			all = append(all, answer.Span{S: ", "})
		}
		all = append(all, answer.Span{S: alts.Category.Name.In(c.lang)})
	}
	if len(all) > 0 {
		a.Para(answer.Join(answer.Plain(c.say("Ik ken: ", "I know: ")), all, answer.Plain(".")))
	}
	return a.Para(c.prose("Typ een soort of een product, bijvoorbeeld `!alt agenda` of `!alt gmail`.", "Type a kind or a product, such as `!alt calendar` or `!alt gmail`."))
}

// altQuery is what a list of alternatives is for. It holds IDs, so that
// "more" works across a reload.
type altQuery struct {
	category string
	product  string // empty: the category as a whole
	from     int    // how many were shown before
	// asked is what was asked about the product itself: that is then answered
	// first, and few alternatives follow.
	asked  search.Asked
	wishes []wish // what every service shown must have
}

// candidates are the services of a category that may replace a product, best
// first: those that say so or replace everything in the category, and if
// those are fewer than three the others after them.
func (s *Service) candidates(c *call, alts *knowledge.AlternativesFile, p *knowledge.Product) []*knowledge.Service {
	var fit, other []*knowledge.Service
	for i := range alts.Services {
		svc := &alts.Services[i]
		switch {
		case p != nil && knowledge.Fold(svc.Name) == knowledge.Fold(p.Name):
		case p != nil && len(svc.Replaces) > 0 && !slices.Contains(svc.Replaces, p.ID):
			other = append(other, svc)
		default:
			fit = append(fit, svc)
		}
	}
	fit = c.kb.Rank(fit, s.Now())
	if len(fit) < 3 {
		fit = append(fit, c.kb.Rank(other, s.Now())...)
	}
	return fit
}

// wished are the candidates that grant every wish.
func (s *Service) wished(c *call, alts *knowledge.AlternativesFile, p *knowledge.Product, wishes []wish) []*knowledge.Service {
	return slices.DeleteFunc(s.candidates(c, alts, p), func(svc *knowledge.Service) bool {
		return slices.ContainsFunc(wishes, func(w wish) bool { return !w.granted(c.kb, svc) })
	})
}

// altList is a list of alternatives, five at a time.
func (s *Service) altList(c *call, q altQuery) *answer.Answer {
	alts, p := c.kb.Category(q.category), c.kb.Product(q.product)
	if alts == nil {
		return s.altMiss(c)
	}
	c.list = q
	c.list.asked = search.Asked{} // whoever goes on asks for the list
	all := s.wished(c, alts, p, q.wishes)
	if len(all) == 0 {
		return s.noneGranted(c, alts)
	}
	if q.from >= len(all) {
		s.memory.keepMore(c.Room, nil)
		return s.nothingMore(c)
	}
	count := shown
	about := p != nil && q.asked.Aspect != search.NoAspect
	if about {
		count = fewShown
	}
	page := all[q.from:min(q.from+count, len(all))]
	facts := []knowledge.Sourced{}
	a := answer.New(c.lang, altHeadline(c, alts, p, q.wishes))
	a.Topic = "alt:" + alts.Category.ID
	if about {
		facts = append(facts, s.aboutProduct(c, a, q, p)...)
	}
	if q.from == 0 && p == nil && !alts.Category.Intro.IsZero() {
		a.Para(answer.Prose(alts.Category.Intro.In(c.lang)))
	}
	list := answer.List{Ordered: true, Start: q.from + 1}
	for _, svc := range page {
		list.Items = append(list.Items, s.altItem(c, svc))
		facts = append(facts, svc.Sourced)
	}
	a.Blocks = append(a.Blocks, list)
	if q.from == 0 && !about {
		s.altStart(c, a, alts, p)
	}
	left := len(all) - q.from - len(page)
	rest := answer.Join(answer.Code("!alt "+page[0].Name), c.prose(" zegt alles over die dienst, `!help alt` hoe ik rangschik.", " tells all about that service, `!help alt` how I rank."))
	if left > 0 {
		rest = answer.Join(c.prose("`meer` voor de rest. ", "`more` for the rest. "), rest)
		q.from, q.asked = q.from+len(page), search.Asked{}
		s.memory.keepMore(c.Room, func(_ context.Context, c *call) *answer.Answer { return s.altList(c, q) })
	} else {
		s.memory.keepMore(c.Room, nil)
	}
	a.Para(rest)
	if c.point != nil {
		putFirst(c, a, c.point)
		facts = append(facts, c.point.Sourced)
	}
	a.Source = s.source(c, facts...)
	return a
}

// noneGranted says that no service of a category is known to have all that
// was wished for.
func (s *Service) noneGranted(c *call, alts *knowledge.AlternativesFile) *answer.Answer {
	a := answer.New(c.lang, c.prose("Daar ken ik er geen van, volgens mijn gegevens.", "I know none of those, by my facts."))
	a.Topic = "alt:" + alts.Category.ID
	return a.Para(answer.Join(answer.Plain(c.say("Alles op een rij: ", "All of them: ")), answer.Code("!alt "+alts.Category.Name.In(c.lang))))
}

// altHeadline says what the list replaces and whose that is, and what was
// wished for.
func altHeadline(c *call, alts *knowledge.AlternativesFile, p *knowledge.Product, ws []wish) answer.Text {
	wished := ""
	for _, w := range ws {
		wished += ", " + wishes[w].name.In(c.lang)
	}
	if p == nil {
		return answer.Bold(upperFirst(alts.Category.Name.In(c.lang)) + wished + c.say(": de beste keuzes eerst", ": the best choices first"))
	}
	whose := p.Owner
	if p.OwnerCountry != "" {
		whose = strings.TrimPrefix(whose+", "+country(c, p.OwnerCountry), ", ")
	}
	if whose != "" {
		whose = " (" + whose + ")"
	}
	return answer.Bold(c.say("In plaats van ", "Instead of ") + p.Name + whose + wished + ":")
}

// altStart says what to know when leaving the product, the first step, and
// where else the product's tasks can go.
func (s *Service) altStart(c *call, a *answer.Answer, alts *knowledge.AlternativesFile, p *knowledge.Product) {
	if p != nil && !p.Note.IsZero() {
		a.Para(answer.Prose(p.Note.In(c.lang)))
	}
	if !alts.Category.FirstStep.IsZero() {
		a.Para(answer.Join(answer.Bold(c.say("Eerste stap: ", "First step: ")), answer.Prose(alts.Category.FirstStep.In(c.lang))))
	}
	if p == nil {
		return
	}
	var also answer.Text
	for _, id := range p.Categories[1:] {
		if other := c.kb.Category(id); other != nil {
			if len(also) > 0 {
				also = append(also, answer.Span{S: ", "})
			}
			also = append(also, answer.Code("!alt "+other.Category.Name.In(c.lang))...)
		}
	}
	if len(also) > 0 {
		a.Para(answer.Join(answer.Plain(c.say("Gebruik je het ook voor iets anders? ", "Do you use it for something else too? ")), also))
	}
}

// altItem is one service in a list.
func (s *Service) altItem(c *call, svc *knowledge.Service) answer.Text {
	t := answer.Join(answer.Text{{Kind: answer.Strong, S: svc.Name}}, answer.Plain(": "),
		answer.Prose(firstSentence(svc.Text.In(c.lang))), answer.Plain(" "), factLine(c, svc), answer.Plain("."))
	if !svc.Caution.IsZero() {
		t = answer.Join(t, answer.Plain(c.say(" Let op: ", " Mind: ")), answer.Prose(svc.Caution.In(c.lang)))
	}
	if s.stale(svc.Checked) {
		t = answer.Join(t, answer.Text{{Kind: answer.Quiet, S: c.say(" (gegevens van ", " (facts of ") + month(c.lang, svc.Checked) + ")"}})
	}
	if svc.URL != "" {
		t = answer.Join(t, answer.Plain(" "), siteLink(svc.URL))
	}
	return t
}
