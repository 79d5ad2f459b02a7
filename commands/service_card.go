package commands

import (
	"strings"

	"wolkwijs/answer"
	"wolkwijs/knowledge"
)

// serviceCard shows everything that is known of one service.
func (s *Service) serviceCard(c *call, id string) *answer.Answer {
	placed := c.kb.Service(id)
	if len(placed) == 0 {
		return s.altMiss(c)
	}
	svc := placed[0].Service
	c.subject = knowledge.Ref{Kind: knowledge.KindService, ID: id}
	a := answer.New(c.lang, answer.Join(answer.Bold(svc.Name), answer.Plain(": "+strings.TrimSuffix(seat(c, svc), ".")+".")))
	a.Topic = "alt:" + placed[0].Category.ID
	for _, p := range placed {
		a.Para(answer.Prose(p.Service.Text.In(c.lang)))
	}
	if !svc.Caution.IsZero() {
		a.Para(answer.Join(answer.Bold(c.say("Let op: ", "Mind: ")), answer.Prose(svc.Caution.In(c.lang))))
	}
	a.Bullets(cardFacts(c, svc)...)
	if svc.URL != "" {
		a.Para(siteLink(svc.URL))
	}
	var names answer.Text
	for i, p := range placed {
		if i > 0 {
			names = append(names, answer.Span{S: ", "})
		}
		names = append(names, answer.Code("!alt "+p.Category.Name.In(c.lang))...)
	}
	a.Para(answer.Join(answer.Plain(c.say("Vergelijk met andere: ", "Compare with others: ")), names))
	a.Source = s.source(c, cardSources(placed)...)
	return a
}

// cardSources are where the card of a service has its facts.
func cardSources(placed []knowledge.Placed) []knowledge.Sourced {
	var facts []knowledge.Sourced
	for _, p := range placed {
		facts = append(facts, p.Service.Sourced)
	}
	return facts
}

// cardFacts are the facts of a service one by one, unknown ones too.
func cardFacts(c *call, svc *knowledge.Service) []answer.Text {
	var known, unknown []string
	for _, p := range properties(c, svc) {
		switch {
		case !p.known:
			unknown = append(unknown, p.name)
		case p.words != "":
			known = append(known, p.words)
		}
	}
	var items []answer.Text
	add := func(label, value string) {
		if value != "" {
			items = append(items, answer.Join(answer.Bold(label+": "), answer.Plain(value)))
		}
	}
	add(c.say("Eigenschappen", "Features"), strings.Join(known, " · "))
	add(c.say("Prijs", "Price"), svc.Price.In(c.lang))
	add(c.say("Gegevens staan in", "Data is kept in"), countries(c, svc.Hosting, ", "))
	if len(svc.Hosting) == 0 && !c.kb.IsMoot(svc, "hosting") {
		unknown = append(unknown, c.say("waar de gegevens staan", "where the data is kept"))
	}
	switch svc.SelfHost {
	case knowledge.Yes:
		add(c.say("Zelf draaien", "Run it yourself"), c.say("kan", "possible"))
	case knowledge.No:
		add(c.say("Zelf draaien", "Run it yourself"), c.say("kan niet", "not possible"))
	}
	add(c.say("Onbekend", "Unknown"), strings.Join(unknown, ", "))
	return items
}
