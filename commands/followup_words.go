package commands

import (
	"slices"
	"strings"

	"wolkwijs/answer"
	"wolkwijs/knowledge"
	"wolkwijs/knowledge/search"
)

// Sentences that go on about the last answer, without the words of fillers.
var (
	lostWords = sayings(`snap ik niet|ik snap niet|snap niet|ik snap er niks van|ik snap er niets van|snap er niks van|begrijp ik niet|ik begrijp niet|begrijp niet|ik begrijp er niks van
		leg uit|leg makkelijker uit|leg simpeler uit|leg eenvoudiger uit|leg gewoon uit|kan makkelijker|kan simpeler|kan eenvoudiger|makkelijker uitleggen|makkelijker|simpeler|eenvoudiger|korter|kan korter
		in gewone taal|in gewone woorden|in gewoon nederlands|te moeilijk|is te moeilijk|is moeilijk|wat betekent|wat bedoel je|wat bedoel je daarmee|wat bedoelt u|hoe bedoel je|wat wil zeggen|ik kan niet volgen
		i do not understand|i dont understand|i don't understand|i do not get|i don't get|i dont get|dont understand|do not understand|explain|explain simply|explain more simply|simpler|shorter|in plain words|in plain english|too difficult|is too difficult|what does mean|what do you mean`)
	nextWords = sayings(`hoe|hoe nu|wat nu|wat moet ik nu|wat moet ik nu doen|wat moet ik doen|wat moet ik als eerste doen|wat kan ik doen|wat kan ik nu doen|verder|hoe verder|hoe nu verder|nu|nu verder|hoe begin ik|hoe begin ik daarmee|waar begin ik|waar begin ik mee|waar moet ik beginnen|hoe moet ik beginnen|hoe doe ik|hoe moet ik doen|hoe moet|hoe pak ik aan
		now what|what now|what next|next|what should i do|what should i do now|what do i do|what do i do now|what can i do|how do i start|where do i start|where do i begin|how do i do|how`)
	getWords = words(`hoe zet ik op|hoe zet ik op mijn telefoon|hoe zet ik erop|hoe installeer ik|hoe kom ik aan|hoe kom ik eraan|hoe kom ik daaraan|hoe kom ik daar aan|hoe krijg ik op mijn telefoon|hoe krijg ik|waar download ik|waar kan ik downloaden|waar haal ik|waar haal ik vandaan|waar vind ik|waar kan ik vinden
		how do i install|where do i get|how do i get|where can i download|where do i download|where do i find|where can i find`)
	bestWords = sayings(`welke is de beste|welke is beste|wat is de beste|wat is beste|welke raad je aan|welke raadt u aan|raad je aan|raadt u aan|wat raad je aan|welke zou jij nemen|welke zou jij kiezen|welke moet ik nemen|welke moet ik kiezen|welke zal ik nemen|welke kan ik beste nemen
		which is best|which is the best|which one is best|which one is the best|which do you recommend|which one do you recommend|which one should i take|which should i take|which one should i choose|which should i choose`)
	fillers = words(`en|maar|ok|oke|oké|nou|dan|eigenlijk|hoor|precies|eens|even|wat|dat|het|dit|die|deze|er|ja|toch|aub|alsjeblieft|sorry|nog|mij|me|and|but|so|then|well|it|that|this|them|please|again|ok|okay`)
	// about are the words around the name of a service in "en bij de Rabobank?"
	aboutWords = words(`en|and|ook|also|too|bij|at|voor|for|van|of|op|de|the|mijn|my|ik|i|heb|have|zit|gebruik|use|met|with|hoe|how|about|what|wat|dan|then|is|heeft|has|does|doet|kan|can|dat|that|it|die`)
)

// sayings are sentences without what says nothing in them.
func sayings(list string) (all []string) {
	for _, s := range words(list) {
		all = append(all, without(strings.Fields(s), fillers))
	}
	return all
}

// words splits a list of words and sentences.
func words(list string) []string {
	return strings.FieldsFunc(list, func(r rune) bool { return strings.ContainsRune("|\n\t", r) })
}

// without leaves out words that say nothing. What is left of "leg dat eens wat
// makkelijker uit" is "leg makkelijker uit"; a "wat" that asks stays.
func without(said, drop []string) string {
	var kept []string
	for i, w := range said {
		if !slices.Contains(drop, w) || w == "wat" && (i == 0 || len(kept) == 0) {
			kept = append(kept, w)
		}
	}
	return strings.Join(kept, " ")
}

// goOn answers a sentence that says nothing by itself: who did not understand
// the last answer gets less of it, who asks what to do now the first step, and
// who asks the price that of each service just shown.
func (s *Service) goOn(c *call, r search.Result, last lastAnswer, said []string) *answer.Answer {
	rest := without(said, fillers)
	joined := strings.Join(said, " ")
	switch {
	case slices.Contains(lostWords, rest) && said[0] != "is": // "is het moeilijk" asks
		return s.simpler(c, last)
	case last.list.category != "" && slices.Contains(bestWords, rest):
		return s.simpler(c, last)
	case slices.Contains(nextWords, rest), joined == "en dan", joined == "en nu", joined == "and then":
		return s.nextStep(c, last)
	case slices.Contains(getWords, rest):
		return s.whereToGet(c, last)
	}
	if last.list.category != "" && last.subject.ID == "" && r.Asked.Aspect == search.Price && r.Asked.Again == search.ByPronoun {
		return s.prices(c, last)
	}
	if ref, ok := s.oneOfShown(c, r, last, said); ok {
		return s.aboutOne(c, search.Asked{Aspect: search.Opinion, Named: []knowledge.Ref{ref}})
	}
	if (last.topic == "2fa" || strings.HasPrefix(last.topic, "2fa:")) && r.Asked.Aspect == search.NoAspect && !slices.Contains([]string{"wat", "what", "waarom", "why"}, said[0]) {
		return s.signInToo(c, without(said, aboutWords))
	}
	return nil
}

// oneOfShown finds the service of the category shown last that a sentence such as "en
// Threema?" or "waarom is Proton beter" is about: by its name, or the first
// word of it.
func (s *Service) oneOfShown(c *call, r search.Result, last lastAnswer, said []string) (ref knowledge.Ref, ok bool) {
	if r.Asked.Aspect != search.NoAspect || r.Intent == search.Alternative {
		return ref, false
	}
	alts := c.kb.Category(last.list.category)
	if alts == nil {
		return ref, false
	}
	for _, svc := range s.candidates(c, alts, nil) {
		ref = knowledge.Ref{Kind: knowledge.KindService, ID: svc.ID}
		first, _, _ := strings.Cut(strings.ToLower(svc.Name), " ")
		if svc.ID == r.Service || r.Service == "" && r.Product == "" && len(first) > 3 && slices.Contains(said, first) {
			return ref, true
		}
	}
	return ref, false
}

// stillUrgent stays with a topic of something that goes wrong now: "en mijn
// bank?" after a link was clicked asks for no other bank. It returns nil where
// something else is asked.
func (s *Service) stillUrgent(c *call, r search.Result, last lastAnswer, leads bool) *answer.Answer {
	t := c.kb.Topic(last.topic)
	if t == nil || !t.Urgent || r.Intent == search.Alternative || r.Asked.Aspect != search.NoAspect {
		return nil
	}
	if now := c.kb.Topic(r.Topic); now != nil && now.Urgent {
		return nil
	}
	other := r.Topic != search.None && r.Topic != "disclaimer" && r.Topic != "bot-help"
	if other && knowledge.PointTo(c.args, t.Points, c.lang) == nil && !(leads && strings.HasPrefix(r.Topic, "alt:")) {
		return nil
	}
	a := s.topicAnswer(c, t.ID)
	s.pointFirst(c, t.ID, a)
	return a
}

// whichShown asks which of the services shown last is meant.
func (s *Service) whichShown(c *call, last lastAnswer, page []*knowledge.Service) *answer.Answer {
	var refs []knowledge.Ref
	for _, svc := range page {
		refs = append(refs, knowledge.Ref{Kind: knowledge.KindService, ID: svc.ID})
	}
	a := s.whichOne(c, refs)
	if a != nil {
		a.Topic, c.list = last.topic, last.list
	}
	return a
}

// shownLast are the services of the list that was shown last.
func (s *Service) shownLast(c *call, last lastAnswer) (alts *knowledge.AlternativesFile, page []*knowledge.Service) {
	q := last.list
	if alts = c.kb.Category(q.category); alts == nil {
		return nil, nil
	}
	all := s.wished(c, alts, c.kb.Product(q.product), q.wishes)
	if q.from >= len(all) {
		return nil, nil
	}
	return alts, all[q.from:min(q.from+shown, len(all))]
}

// simpler says the last answer in a few words, with one thing to do.
func (s *Service) simpler(c *call, last lastAnswer) *answer.Answer {
	if alts, page := s.shownLast(c, last); len(page) > 0 {
		svc := page[0]
		c.list = last.list
		a := answer.New(c.lang, answer.Bold(c.say("In het kort: probeer eens ", "In short: try ")+svc.Name+"."))
		a.Topic = "alt:" + alts.Category.ID
		a.Para(answer.Prose(firstSentence(svc.Text.In(c.lang))))
		if !alts.Category.FirstStep.IsZero() {
			a.Para(answer.Join(answer.Bold(c.say("Eerste stap: ", "First step: ")), answer.Prose(alts.Category.FirstStep.In(c.lang))))
		}
		a.Para(c.askAround())
		a.Source = s.source(c, svc.Sourced)
		return a
	}
	kind, id, _ := strings.Cut(last.topic, ":")
	t := c.kb.Topic(kind)
	if term := c.kb.Term(id); kind == "explain" && term != nil {
		t = c.kb.Topic(term.Topic)
	}
	if t == nil {
		a := answer.New(c.lang, answer.Plain(c.say("Eenvoudiger kan ik het niet zeggen.", "I cannot say it more simply."))).Para(c.askAround())
		a.Topic = last.topic
		c.list, c.subject = last.list, last.subject
		return a
	}
	first, _ := knowledge.CutSentence(t.Answer.In(c.lang))
	a := answer.New(c.lang, answer.Bold(first))
	facts := []knowledge.Sourced{t.Sourced}
	if term := c.kb.Term(t.ID); term != nil {
		first, rest := meaning(c, term)
		a.Headline = answer.Bold(first)
		if rest != "" {
			a.Para(answer.Prose(rest))
		}
		facts = append(facts, term.Sourced)
	}
	a.Topic = t.ID
	if steps := t.Steps.In(c.lang); len(steps) > 0 {
		a.Para(answer.Join(answer.Bold(c.say("Doe nu alleen dit: ", "Do just this now: ")), answer.Prose(steps[0])))
	}
	a.Para(c.askAround())
	a.Source = s.source(c, facts...)
	return a
}

// askAround says what helps who still does not understand.
func (c *call) askAround() answer.Text {
	return c.prose("Is een woord niet duidelijk? Typ `!uitleg` en dat woord. Of vraag in de club wie even meekijkt.",
		"Is a word not clear? Type `!explain` and that word. Or ask in the club who can have a look with you.")
}

// nextStep says what to do first after the last answer.
func (s *Service) nextStep(c *call, last lastAnswer) *answer.Answer {
	if last.subject.Kind == knowledge.KindService && last.subject.ID != "" {
		return s.whereToGet(c, last)
	}
	if alts, page := s.shownLast(c, last); len(page) > 0 && !alts.Category.FirstStep.IsZero() {
		c.list = last.list
		a := answer.New(c.lang, answer.Join(answer.Bold(c.say("Eerste stap: ", "First step: ")), answer.Prose(alts.Category.FirstStep.In(c.lang))))
		a.Topic = "alt:" + alts.Category.ID
		a.Para(answer.Join(answer.Plain(c.say("Meer over de bovenste: ", "More about the first one: ")), answer.Code("!alt "+page[0].Name)))
		return a
	}
	t := c.kb.Topic(last.topic)
	if t == nil || len(t.Steps.In(c.lang)) == 0 || strings.HasPrefix(t.ID, "bot-") {
		return nil
	}
	var rest []answer.Text
	steps := t.Steps.In(c.lang)
	for _, step := range steps[1:] {
		rest = append(rest, answer.Prose(step))
	}
	a := answer.New(c.lang, answer.Join(answer.Bold(c.say("Begin hiermee: ", "Begin with this: ")), answer.Prose(steps[0])))
	a.Topic = t.ID
	if len(rest) > 0 {
		a.Blocks = append(a.Blocks, answer.List{Ordered: true, Start: 2, Items: rest})
	}
	a.Source = s.source(c, t.Sourced)
	return a
}

// whereToGet says where the service is that the last answer was about, or the
// first one of its list.
func (s *Service) whereToGet(c *call, last lastAnswer) *answer.Answer {
	id := ""
	if last.subject.Kind == knowledge.KindService {
		id = last.subject.ID
	} else if _, page := s.shownLast(c, last); len(page) > 0 {
		id = page[0].ID
	}
	placed := c.kb.Service(id)
	if len(placed) == 0 || placed[0].Service.URL == "" {
		return nil
	}
	p := placed[0]
	a := answer.New(c.lang, answer.Join(answer.Bold(c.say("Begin op de eigen site van ", "Begin at the site of ")+p.Service.Name), answer.Plain(": "), siteLink(p.Service.URL)))
	a.Topic = "alt:" + p.Category.ID
	a.Para(c.prose("Daar staat hoe je het op je telefoon of computer zet. Haal een app alleen via die site of uit je eigen appwinkel, niet via een link in een bericht.",
		"It says how to put it on your phone or computer. Take an app only from that site or from your own app store, not from a link in a message."))
	if !p.Category.FirstStep.IsZero() {
		a.Para(answer.Join(answer.Bold(c.say("Eerste stap: ", "First step: ")), answer.Prose(p.Category.FirstStep.In(c.lang))))
	}
	c.list = last.list
	c.subject = knowledge.Ref{Kind: knowledge.KindService, ID: id}
	a.Source = s.source(c, p.Service.Sourced)
	return a
}

// prices says what each service of the last list costs.
func (s *Service) prices(c *call, last lastAnswer) *answer.Answer {
	alts, page := s.shownLast(c, last)
	if len(page) == 0 {
		return nil
	}
	var free []string
	var items []answer.Text
	var facts []knowledge.Sourced
	for _, svc := range page {
		if svc.Free == knowledge.Yes {
			free = append(free, svc.Name)
		}
		items = append(items, answer.Plain(s.aspectOf(c, search.Asked{Aspect: search.Price}, svc)))
		facts = append(facts, svc.Sourced)
	}
	head := c.say("Van deze diensten ken ik geen gratis versie.", "I know of no free version of these.")
	if len(free) > 0 {
		head = c.say("Een gratis versie hebben: ", "These have a free version: ") + strings.Join(free, ", ") + "."
	}
	a := answer.New(c.lang, answer.Bold(head)).Bullets(items...)
	a.Topic = "alt:" + alts.Category.ID
	c.list = last.list
	a.Source = s.source(c, facts...)
	return a
}

// signInToo says how one signs in at another service, after an answer about
// two-step verification: "en bij de Rabobank?". It returns nil if name is none.
func (s *Service) signInToo(c *call, name string) *answer.Answer {
	switch name {
	case "":
		return nil
	case "bank":
		a := answer.New(c.lang, c.prose("Welke bank heb je? Typ de naam, dan zeg ik hoe je er inlogt, bijvoorbeeld: `!2fa rabobank`",
			"Which bank do you have? Type its name and I tell how you sign in there, for example: `!2fa rabobank`"))
		a.Topic = "2fa"
		return a
	}
	found := c.kb.Find(name, knowledge.KindTwoFactor)
	if len(found) == 0 || found[0].How > knowledge.Form {
		return nil
	}
	r := s.understand(c.kb, "2fa "+name, c.lang)
	if id, ok := strings.CutPrefix(r.Topic, "2fa:"); ok {
		return s.twoFactorCard(c, c.kb.TwoFactorOf(id))
	}
	return nil
}
