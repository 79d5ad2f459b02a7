package commands

import (
	"context"
	"strings"
	"sync"

	"wolkwijs/answer"
	"wolkwijs/knowledge"
	"wolkwijs/knowledge/search"
	"wolkwijs/lang"
)

func (s *Service) askCommand() *command {
	return &command{
		nl:      []string{"vraag"},
		en:      []string{"ask"},
		args:    lang.Text{NL: "vraag", EN: "question"},
		summary: lang.Text{NL: "een vraag in gewone woorden", EN: "a question in plain words"},
		example: lang.Text{NL: "vraag is dropbox veilig?", EN: "ask is dropbox safe?"},
		run:     s.ask,
	}
}

// ask answers a question in plain words, as a direct message does.
func (s *Service) ask(ctx context.Context, c *call) *answer.Answer {
	if c.args == "" {
		return answer.New(c.lang, c.prose(
			"Wat wil je weten? Bijvoorbeeld: `!vraag is dropbox veilig?`",
			"What would you like to know? For example: `!ask is dropbox safe?`"))
	}
	return s.question(ctx, c)
}

// finder keeps the search index of the newest knowledge base.
type finder struct {
	mu    sync.Mutex
	base  *knowledge.Base
	index *search.Index
}

// of returns the index of base, and builds it if there is none yet. It
// returns nil if that fails: names are then all that is understood.
func (f *finder) of(base *knowledge.Base) *search.Index {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.base != base {
		index, err := search.New(base)
		if err != nil {
			return nil
		}
		f.base, f.index = base, index
	}
	return f.index
}

// Understand says what a question is about, for `ask --json`. l is the
// language to answer in; empty: that of the question.
func (s *Service) Understand(question string, l lang.Code) search.Result {
	return s.understand(s.Knowledge.Base(), question, l)
}

// understand is Understand with one knowledge base: that of a request stays
// the same from begin to end.
func (s *Service) understand(base *knowledge.Base, question string, l lang.Code) search.Result {
	index := s.finder.of(base)
	if index == nil {
		return search.Result{Topic: search.None, Lang: s.Language}
	}
	r := index.Ask(question, l)
	if r.Topic == search.None && smallTalk(&call{args: question, lang: r.Lang}) != nil {
		return search.Result{Topic: "bot-help", Score: 1, Lang: r.Lang}
	}
	return r
}

// question answers a plain sentence: a follow-up to the last answer in the
// room, or what the search index finds in it. The language is that of the
// room, or else of the question.
func (s *Service) question(ctx context.Context, c *call) *answer.Answer {
	r := s.understand(c.kb, c.args, c.Lang)
	if a := smallTalk(&call{args: c.args, lang: r.Lang}); a != nil {
		return a
	}
	if a := s.followUp(ctx, c, r); a != nil {
		return a
	}
	c.lang = r.Lang
	if r.Topic == search.None {
		return s.decline(c, r)
	}
	a := s.topic(ctx, c, r)
	for _, other := range r.Others {
		if label, command := s.label(c, other.Topic); command != "" && len(a.Choices) < maxChoices && isClose(r.Score, other.Score) {
			a.Choices = append(a.Choices, answer.Choice{Label: answer.Plain(c.say("Of bedoelde je: ", "Or did you mean: ") + label), Command: command})
		}
	}
	return a
}

// isClose says whether a second topic is so near to the first that it is worth
// offering.
func isClose(first, second float64) bool { return second/(1-second) > 0.7*first/(1-first) }

// topic answers a topic of `ask --json`.
func (s *Service) topic(ctx context.Context, c *call, r search.Result) *answer.Answer {
	kind, id, _ := strings.Cut(r.Topic, ":")
	var a *answer.Answer
	switch {
	case id == "":
		if a = smallTalk(c); a == nil || kind != "bot-help" {
			a = s.topicAnswer(c, kind)
			if !s.leadWith(c, r.Asked, a) {
				s.pointFirst(c, kind, a)
			}
		}
	case kind == "alt":
		if a = s.named(c, r); a != nil {
			break
		}
		q := altQuery{category: id}
		if p := c.kb.Product(r.Product); p != nil && len(p.Categories) > 0 && p.Categories[0] == id {
			q.product = p.ID
		}
		if alts := c.kb.Category(id); alts != nil {
			c.point = knowledge.PointTo(c.args, alts.Category.Points, c.lang)
		}
		a = s.altList(c, q)
	case kind == "2fa":
		a = s.twoFactorCard(c, c.kb.TwoFactorOf(id))
	case kind == "explain":
		a = s.term(c, c.kb.Term(id))
	default: // check:<domain> and tip:<n> are commands
		cmd := s.byName[kind]
		if cmd == nil {
			return s.decline(c, r)
		}
		c.args = id
		a = s.run(ctx, cmd, c)
	}
	if a.Topic == "" {
		a.Topic = r.Topic
	}
	return a
}

// label names a topic in words, with the command that answers it.
func (s *Service) label(c *call, topic string) (words, command string) {
	kind, id, _ := strings.Cut(topic, ":")
	switch {
	case id == "":
		if t := c.kb.Topic(kind); t != nil && len(t.Questions.In(c.lang)) > 0 {
			return t.Title.In(c.lang), c.say("vraag ", "ask ") + t.Questions.In(c.lang)[0]
		}
	case kind == "alt":
		if alts := c.kb.Category(id); alts != nil {
			return c.say("andere keuzes voor ", "other choices for ") + alts.Category.Name.In(c.lang), "alt " + alts.Category.Name.In(c.lang)
		}
	case kind == "2fa":
		return c.say("tweestapsverificatie bij ", "two-step verification at ") + id, "2fa " + id
	case kind == "check":
		return c.say("het domein ", "the domain ") + id, "check " + id
	case kind == "explain":
		if t := c.kb.Term(id); t != nil {
			return c.say("het woord ", "the word ") + t.Name.In(c.lang), "explain " + t.Name.In(c.lang)
		}
	}
	return "", ""
}

// decline says kindly that a question is not one for this bot, and what is.
func (s *Service) decline(c *call, r search.Result) *answer.Answer {
	say := map[search.Reason]lang.Text{
		search.NotKnown:   {NL: "Daar weet ik niets van.", EN: "I know nothing about that."},
		search.OffLimits:  {NL: "Daar help ik niet bij: gegevens van een ander zijn van een ander.", EN: "I do not help with that: other people's data is theirs."},
		search.Injection:  {NL: "Ik blijf gewoon wie ik ben.", EN: "I simply stay who I am."},
		search.Unfriendly: {NL: "Jammer dat ik je niet kon helpen.", EN: "A pity that I could not help you."},
	}[r.Reason]
	a := answer.New(c.lang, answer.Plain(say.In(c.lang)))
	a.Topic = search.None
	a.Para(c.prose(
		"Ik help met privacy en veilig online: andere diensten, je domein nakijken, tweestapsverificatie. Probeer: \"iets anders dan Gmail\", \"wie host de mail van hcc.nl\" of \"2fa bij digid\".",
		"I help with privacy and staying safe online: other services, checking your domain, two-step verification. Try: \"something else than Gmail\", \"who hosts the mail of hcc.nl\" or \"2fa at digid\"."))
	for _, other := range r.Others {
		if label, command := s.label(c, other.Topic); command != "" && other.Score > 0.4 && r.Reason == search.NotKnown {
			a.Choices = append(a.Choices, answer.Choice{Label: answer.Plain(c.say("Bedoel je ", "Did you mean ") + label + "?"), Command: command})
		}
	}
	return a
}

// AnswerTo answers a question that was understood as r, and returns the
// addresses of its sources. It looks nothing up: for a domain it says how to.
func (s *Service) AnswerTo(ctx context.Context, question string, r search.Result) (a *answer.Answer, sources []string) {
	c := &call{Request: Request{Text: question, Kind: Terminal, Lang: r.Lang}, kb: s.Knowledge.Base(), lang: r.Lang, args: question}
	kind, id, _ := strings.Cut(r.Topic, ":")
	switch {
	case r.Topic == search.None:
		a = s.decline(c, r)
	case kind == "check":
		a = answer.New(r.Lang, answer.Join(answer.Plain(c.say("Dat kijk ik na met ", "I look that up with ")), answer.Code("!check "+id), answer.Plain(".")))
	default:
		a = s.topic(ctx, c, r)
	}
	for _, span := range a.Source {
		if span.Kind == answer.Link {
			sources = append(sources, span.URL)
		}
	}
	return a, sources
}
