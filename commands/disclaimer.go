package commands

import (
	"context"

	"wolkwijs/answer"
	"wolkwijs/lang"
)

func (s *Service) disclaimerCommand() *command {
	return &command{
		names:   []string{"disclaimer"},
		summary: lang.Text{NL: "waar je wel en niet op kunt rekenen", EN: "what you can and cannot rely on"},
		run:     s.disclaimer,
	}
}

// disclaimer is the club's disclaimer in our words.
func (s *Service) disclaimer(_ context.Context, c *call) *answer.Answer {
	d := c.kb.Disclaimer
	if d == nil {
		return s.topicAnswer(c, "disclaimer")
	}
	a := answer.New(c.lang, nil).Para(answer.Prose(d.Text.In(c.lang)))
	a.Topic = "disclaimer"
	a.Source = s.source(c, d.Sourced)
	return a
}
