package commands

import (
	"context"
	"slices"

	"wolkwijs/answer"
	"wolkwijs/knowledge"
)

// topicAnswer is the answer to an information topic, or says that there is
// none of that ID. Its first line is the answer in a sentence; where something
// is going wrong now, the steps come before any explanation.
func (s *Service) topicAnswer(c *call, id string) *answer.Answer {
	t := c.kb.Topic(id)
	if t == nil {
		return answer.New(c.lang, c.prose("Daar heb ik geen tekst over.", "I have no text about that."))
	}
	var steps []answer.Text
	for _, step := range t.Steps.In(c.lang) {
		steps = append(steps, answer.Prose(step))
	}
	var a *answer.Answer
	if text := t.Answer.In(c.lang); t.Urgent {
		a = answer.New(c.lang, answer.Bold(t.Title.In(c.lang)+c.say(": doe eerst dit", ": do this first")))
		a.Steps(steps...).Para(answer.Prose(text))
	} else {
		first, rest := knowledge.CutSentence(text)
		a = answer.New(c.lang, answer.Bold(first))
		if rest != "" {
			a.Para(answer.Prose(rest))
		}
		a.Steps(steps...)
	}
	a.Topic = t.ID
	if !t.More.IsZero() {
		a.Para(c.prose("`meer` voor de rest.", "`more` for the rest."))
		s.memory.keepMore(c.Room, func(_ context.Context, c *call) *answer.Answer { return s.topicRest(c, id) })
	}
	a.Source = s.source(c, t.Sourced)
	return a
}

// pointFirst puts what a topic says to the very question before the rest of its
// answer, if it says something to it.
func (s *Service) pointFirst(c *call, id string, a *answer.Answer) {
	t := c.kb.Topic(id)
	if t == nil {
		return
	}
	if p := knowledge.PointTo(c.args, t.Points, c.lang); p != nil {
		putFirst(c, a, p)
		a.Source = s.source(c, p.Sourced, t.Sourced)
	}
}

// putFirst makes a point the first line of an answer.
func putFirst(c *call, a *answer.Answer, p *knowledge.Point) {
	first, rest := knowledge.CutSentence(p.Text.In(c.lang))
	a.Blocks = slices.Insert(a.Blocks, 0, answer.Block(answer.Paragraph{Text: a.Headline}))
	a.Headline = answer.Bold(first)
	if rest != "" {
		a.Headline = answer.Join(a.Headline, answer.Plain(" "), answer.Prose(rest))
	}
}

// topicRest is what a topic has to say beyond its short answer.
func (s *Service) topicRest(c *call, id string) *answer.Answer {
	s.memory.keepMore(c.Room, nil)
	t := c.kb.Topic(id)
	if t == nil {
		return s.nothingMore(c)
	}
	a := answer.New(c.lang, answer.Bold(t.Title.In(c.lang))).Para(answer.Prose(t.More.In(c.lang)))
	a.Topic = t.ID
	a.Source = s.source(c, t.Sourced)
	return a
}

// choice offers what a name stands for as something to pick.
func choice(m knowledge.Match, command string) answer.Choice {
	return answer.Choice{Label: answer.Plain(m.Name), Command: command + " " + m.Name}
}
