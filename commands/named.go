package commands

import (
	"regexp"
	"slices"
	"strings"

	"wolkwijs/answer"
	"wolkwijs/knowledge"
	"wolkwijs/knowledge/search"
	"wolkwijs/lang"
)

// fewShown is how many alternatives stand under an answer about a product.
const fewShown = 3

// named answers a question about a product or service by its name: what was
// asked first, then what else is known of it. It returns nil where the
// question is about something else, such as what to use instead, or where what
// it names is gone.
func (s *Service) named(c *call, r search.Result) *answer.Answer {
	asked := r.Asked
	if asked.Aspect == search.NoAspect || asked.Again != search.NotAgain {
		return nil
	}
	s.memory.keepMore(c.Room, nil)
	switch {
	case len(asked.Brand) > 0:
		return s.whichOne(c, asked.Brand)
	case asked.Aspect == search.Difference:
		return s.sideBySide(c, asked.Named)
	}
	if len(asked.Named) > 1 && asked.Aspect == search.Trust {
		if a := s.sideBySide(c, asked.Named); a != nil {
			return a
		}
	}
	return s.aboutOne(c, asked)
}

// aboutOne answers about the first name of a question.
func (s *Service) aboutOne(c *call, asked search.Asked) *answer.Answer {
	var a *answer.Answer
	switch ref := asked.Named[0]; ref.Kind {
	case knowledge.KindService:
		a = s.aboutService(c, asked, ref.ID)
	case knowledge.KindProduct:
		if p := c.kb.Product(ref.ID); p != nil && len(p.Categories) > 0 {
			a = s.altList(c, altQuery{category: p.Categories[0], product: p.ID, asked: asked})
		}
	}
	if a != nil {
		c.subject = asked.Named[0]
	}
	return a
}

// aboutService is the card of a service, with what was asked first.
func (s *Service) aboutService(c *call, asked search.Asked, id string) *answer.Answer {
	placed := c.kb.Service(id)
	if len(placed) == 0 {
		return nil
	}
	svc := placed[0].Service
	a := s.serviceCard(c, id)
	c.list = altQuery{category: placed[0].Category.ID}
	if says := s.aspectOf(c, asked, svc); says != "" {
		a.Headline = answer.Bold(says)
	}
	if t, source := s.whoseLaw(c, asked, svc); t != nil {
		a.Blocks = slices.Insert(a.Blocks, 0, answer.Block(answer.Paragraph{Text: t}))
		a.Source = s.source(c, slices.Insert(cardSources(placed), min(1, len(placed)), source)...)
	}
	return a
}

// whoseLaw says whose a service is and under which law, where that belongs to
// what was asked; nil where it does not.
func (s *Service) whoseLaw(c *call, asked search.Asked, svc *knowledge.Service) (answer.Text, knowledge.Sourced) {
	law, source := s.law(c, svc.HQCountry, svc.OwnerCountry)
	switch {
	case law == nil:
	case asked.Aspect == search.Trust && c.kb.IsMoot(svc, "hosting"): // what it has stays on your own device
	case asked.Aspect == search.Owner:
		return law, source
	case asked.Aspect == search.DataPlace, asked.Aspect == search.Trust:
		return answer.Join(answer.Plain(whose(c, svc.Name, svc.Owner, svc.OwnerCountry, svc.HQCountry)+" "), law), source
	}
	return nil, knowledge.Sourced{}
}

// aboutProduct begins an answer about a product that people leave: what was
// asked, whose it is, what that means, and what else is known. It returns
// where that is from.
func (s *Service) aboutProduct(c *call, a *answer.Answer, q altQuery, p *knowledge.Product) []knowledge.Sourced {
	facts := []knowledge.Sourced{p.Sourced}
	owned := whose(c, p.Name, p.Owner, p.OwnerCountry, "")
	law, source := s.law(c, "", p.OwnerCountry)
	if law != nil {
		facts = append(facts, source)
	}
	note := strings.TrimSpace(p.Note.In(c.lang))
	switch says := s.aspectOf(c, q.asked, &knowledge.Service{Name: p.Name}); {
	case q.asked.Aspect == search.Owner:
		a.Headline = answer.Bold(s.verdict(c, q.asked, "", p.OwnerCountry, p.Owner) + owned)
		a.Para(law)
	case note != "" && tellsOf(q.asked.Aspect, p.Note):
		first, rest := knowledge.CutSentence(note)
		a.Headline = answer.Bold(withName(p.Name, first))
		a.Para(answer.Prose(rest)).Para(answer.Join(answer.Plain(owned+" "), law))
		note = ""
	case says != "" && q.asked.Aspect != search.Trust:
		a.Headline = answer.Bold(says)
		a.Para(answer.Join(answer.Plain(owned+" "), law))
	default:
		a.Headline = answer.Bold(owned)
		a.Para(law)
	}
	if q.asked.Aspect == search.Owner || q.asked.Aspect == search.Encryption {
		a.Para(answer.Prose(note))
	}
	a.Para(c.prose("Liever iets anders? De beste keuzes eerst:", "Rather something else? The best choices first:"))
	return facts
}

// withName puts the name of a product before what is said of it, unless it
// begins with that.
func withName(name, says string) string {
	if strings.HasPrefix(says, name+" ") {
		return says
	}
	return name + ": " + says
}

// tellsOf says whether the note of a product is about an aspect.
func tellsOf(aspect search.Aspect, note lang.Text) bool {
	about := map[search.Aspect]*regexp.Regexp{search.Encryption: readable, search.DataPlace: kept}[aspect]
	switch {
	case strings.TrimSpace(note.NL) == "" || strings.TrimSpace(note.EN) == "":
		return false
	case aspect == search.Trust, aspect == search.Opinion:
		return true
	case about == nil:
		return false
	}
	return about.MatchString(note.NL) || about.MatchString(note.EN)
}

var (
	readable = regexp.MustCompile(`sleutel|lezen|leest|inzien|inzage|bij je|openen|doorzoek|bekijken|luister|encrypt|decrypt|read|access|keys? |look at|recording`)
	kept     = regexp.MustCompile(`servers?|staan |staat |opgeslagen|opslaan|is kept|are kept|stored`)
)

// leadWith puts what is known of the service or product that the question
// names before an answer that explains the matter in general, and says whether
// there is such.
func (s *Service) leadWith(c *call, asked search.Asked, a *answer.Answer) bool {
	topic := c.kb.Topic(a.Topic)
	if !search.Explains(a.Topic, asked.Aspect) || len(asked.Named) == 0 || topic == nil {
		return false
	}
	var says, rest string
	var facts knowledge.Sourced
	switch ref := asked.Named[0]; ref.Kind {
	case knowledge.KindService:
		if placed := c.kb.Service(ref.ID); len(placed) > 0 {
			says, facts = s.aspectOf(c, asked, placed[0].Service), placed[0].Service.Sourced
		}
	case knowledge.KindProduct:
		p := c.kb.Product(ref.ID)
		switch {
		case p == nil:
		case tellsOf(asked.Aspect, p.Note):
			says, rest = knowledge.CutSentence(p.Note.In(c.lang))
			says, facts = withName(p.Name, says), p.Sourced
		default: // what holds for some is not to be taken for this one
			says, facts = s.aspectOf(c, asked, &knowledge.Service{Name: p.Name}), p.Sourced
		}
	}
	if says == "" {
		return false
	}
	before := []answer.Block{}
	if rest != "" {
		before = append(before, answer.Paragraph{Text: answer.Prose(rest)})
	}
	a.Blocks = slices.Concat(before, []answer.Block{answer.Paragraph{Text: a.Headline}}, a.Blocks)
	a.Headline = answer.Bold(says)
	a.Source = s.source(c, facts, topic.Sourced)
	c.subject = asked.Named[0]
	return true
}

// whichOne asks which product or service is meant.
func (s *Service) whichOne(c *call, refs []knowledge.Ref) *answer.Answer {
	var found []knowledge.Match
	for _, ref := range refs {
		if name := entryName(c, ref); name != "" {
			found = append(found, knowledge.Match{Ref: ref, Name: name})
		}
	}
	if len(found) == 0 {
		return nil
	}
	return chooseOne(c, found, "alt")
}

// entryName is the name of a product or service; empty if there is none.
func entryName(c *call, ref knowledge.Ref) string {
	switch ref.Kind {
	case knowledge.KindService:
		if placed := c.kb.Service(ref.ID); len(placed) > 0 {
			return placed[0].Service.Name
		}
	case knowledge.KindProduct:
		if p := c.kb.Product(ref.ID); p != nil {
			return p.Name
		}
	}
	return ""
}

// sideBySide says what is known of several, one after another; nil where they
// have no category in common, or fewer than two are known.
func (s *Service) sideBySide(c *call, refs []knowledge.Ref) *answer.Answer {
	var names []string
	var items []answer.Text
	var facts []knowledge.Sourced
	var more answer.Text
	var common []string
	for _, ref := range refs {
		name, categories := entryName(c, ref), categoriesOf(c, ref)
		if name == "" || slices.Contains(names, name) {
			continue
		}
		if len(names) == 0 {
			common = categories
		}
		common = slices.DeleteFunc(slices.Clone(common), func(id string) bool { return !slices.Contains(categories, id) })
		if ref.Kind == knowledge.KindService {
			svc := c.kb.Service(ref.ID)[0].Service
			items, facts = append(items, s.altItem(c, svc)), append(facts, svc.Sourced)
		} else {
			p := c.kb.Product(ref.ID)
			owned := strings.TrimPrefix(whose(c, p.Name, p.Owner, p.OwnerCountry, ""), p.Name+" ")
			t := answer.Join(answer.Bold(p.Name+" "), answer.Plain(owned))
			if note := strings.TrimSpace(p.Note.In(c.lang)); note != "" {
				t = answer.Join(t, answer.Plain(" "), answer.Prose(note))
			}
			items, facts = append(items, t), append(facts, p.Sourced)
		}
		if len(more) > 0 {
			more = append(more, answer.Span{S: ", "})
		}
		names, more = append(names, name), append(more, answer.Code("!alt "+name)...)
	}
	if len(names) < 2 || len(common) == 0 {
		return nil
	}
	last := len(names) - 1
	a := answer.New(c.lang, answer.Bold(strings.Join(names[:last], ", ")+c.say(" en ", " and ")+names[last]+c.say(" naast elkaar", " side by side")))
	a.Bullets(items...)
	a.Para(c.prose(
		"Welke beter is, hangt af van wat jij belangrijk vindt: wie de eigenaar is, wie kan meelezen, of wie je ermee bereikt.",
		"Which one is better depends on what matters to you: who owns it, who can read along, or whom you reach with it."))
	a.Para(answer.Join(answer.Plain(c.say("Meer over elk: ", "More about each: ")), more))
	a.Topic = "alt:" + common[0]
	a.Source = s.source(c, facts...)
	c.list = altQuery{category: common[0]}
	return a
}

// categoriesOf are the categories of a product or service.
func categoriesOf(c *call, ref knowledge.Ref) (ids []string) {
	switch ref.Kind {
	case knowledge.KindService:
		for _, placed := range c.kb.Service(ref.ID) {
			ids = append(ids, placed.Category.ID)
		}
	case knowledge.KindProduct:
		if p := c.kb.Product(ref.ID); p != nil {
			ids = p.Categories
		}
	}
	return ids
}

// namedAgain answers a question that says what it wants to know but not of
// what ("en is dat gratis?"), about what the last answer was about; nil if it
// is none.
func (s *Service) namedAgain(c *call, asked search.Asked, last lastAnswer) *answer.Answer {
	ref := last.subject
	asked.Named = []knowledge.Ref{ref}
	switch {
	case ref.ID == "", asked.Again == search.NotAgain, asked.Aspect == search.NoAspect, asked.Aspect == search.Difference, asked.Aspect == search.Opinion:
		return nil
	case asked.Again == search.ByNothing && last.list.category != "" && ref.Kind != knowledge.KindService: // a wish for the list
		return nil
	case ref.Kind != knowledge.KindService:
		return s.aboutOne(c, asked)
	}
	placed := c.kb.Service(ref.ID)
	if len(placed) == 0 {
		return nil
	}
	// The card was shown just now.
	s.memory.keepMore(c.Room, nil)
	svc := placed[0].Service
	a := answer.New(c.lang, answer.Bold(s.aspectOf(c, asked, svc)))
	a.Topic = "alt:" + placed[0].Category.ID
	facts := cardSources(placed)
	if t, source := s.whoseLaw(c, asked, svc); t != nil {
		a.Para(t)
		facts = slices.Insert(facts, 1, source)
	}
	a.Para(answer.Join(answer.Code("!alt "+svc.Name), answer.Plain(c.say(" zegt alles over die dienst.", " tells all about that service."))))
	a.Source = s.source(c, facts...)
	c.subject, c.list = ref, last.list
	return a
}
