package commands

import (
	"context"
	"strings"

	"wolkwijs/answer"
	"wolkwijs/knowledge"
	"wolkwijs/lang"
)

func (s *Service) explainCommand() *command {
	return &command{
		nl:      []string{"uitleg"},
		en:      []string{"explain"},
		args:    lang.Text{NL: "woord", EN: "word"},
		summary: lang.Text{NL: "legt een woord uit, zoals SPF of CLOUD Act", EN: "explains a word, such as SPF or CLOUD Act"},
		example: lang.Text{NL: "uitleg dane", EN: "explain dane"},
		bare:    func(args string) bool { return len(strings.Fields(args)) <= 3 },
		run:     s.explain,
	}
}

// explain explains a term of the glossary, or else a topic.
func (s *Service) explain(_ context.Context, c *call) *answer.Answer {
	const kinds = knowledge.KindTerm | knowledge.KindTopic
	if c.args == "" {
		return answer.New(c.lang, c.prose("Welk woord zal ik uitleggen?", "Which word shall I explain?")).
			Para(c.prose("Bijvoorbeeld: `!uitleg cloud act` of `!uitleg metadata`.", "For example: `!explain cloud act` or `!explain metadata`."))
	}
	found := prefer(c.kb.Find(c.args, kinds), knowledge.KindTerm, knowledge.KindTopic)
	switch {
	case len(found) > 1:
		return chooseOne(c, found, c.say("uitleg", "explain"))
	case len(found) == 1 && found[0].Kind == knowledge.KindTerm:
		return s.term(c, c.kb.Term(found[0].ID))
	case len(found) == 1:
		return s.topicAnswer(c, found[0].ID)
	}
	a := answer.New(c.lang, answer.Join(answer.Plain(c.say("Het woord ", "The word ")), answer.Code(short(c.args, 60)),
		answer.Plain(c.say(" ken ik niet.", " is not one I know."))))
	for _, m := range c.kb.Nearest(c.args, kinds, 2) {
		a.Choices = append(a.Choices, choice(m, c.say("uitleg", "explain")))
	}
	if len(a.Choices) > 0 {
		return a.Para(c.prose("Bedoel je een van deze?", "Did you mean one of these?"))
	}
	return a.Para(c.prose(
		"Misschien lukt het als vraag: `!vraag hoe werkt het?` Of kijk in `!hulp`.",
		"It may work as a question: `!ask how does it work?` Or see `!help`."))
}

// term explains one term.
func (s *Service) term(c *call, t *knowledge.Term) *answer.Answer {
	first, rest := meaning(c, t)
	a := answer.New(c.lang, answer.Bold(first))
	if rest != "" {
		a.Para(answer.Prose(rest))
	}
	var also answer.Text
	for _, id := range t.Related {
		name := ""
		if other := c.kb.Term(id); other != nil {
			name = other.Name.In(c.lang)
		} else if topic := c.kb.Topic(id); topic != nil {
			if a.Topic == "" {
				a.Topic = topic.ID
			}
			name = topic.Title.In(c.lang)
		} else {
			continue
		}
		if len(also) > 0 {
			also = append(also, answer.Span{S: ", "})
		}
		also = append(also, answer.Code("!"+c.say("uitleg ", "explain ")+name)...)
	}
	if len(also) > 0 {
		a.Para(answer.Join(answer.Plain(c.say("Zie ook: ", "See also: ")), also))
	}
	a.Source = s.source(c, t.Sourced)
	return a
}

// meaning is what a term means in a sentence that names it, and the rest of
// its text.
func meaning(c *call, t *knowledge.Term) (first, rest string) {
	name := t.Name.In(c.lang)
	first, rest = knowledge.CutSentence(t.Text.In(c.lang))
	if !strings.HasPrefix(first, name+" ") {
		first = name + ": " + first
	}
	return first, rest
}
