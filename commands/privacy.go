package commands

import (
	"context"

	"wolkwijs/answer"
	"wolkwijs/lang"
)

func (s *Service) privacyCommand() *command {
	return &command{
		names:   []string{"privacy"},
		summary: lang.Text{NL: "wat ik bewaar en wie mijn opzoekingen zien", EN: "what I store and who sees my look-ups"},
		run:     s.privacy,
	}
}

// privacy tells what the bot stores and whom its look-ups reach.
func (s *Service) privacy(_ context.Context, c *call) *answer.Answer {
	a := s.topicAnswer(c, "bot-privacy")
	var items []answer.Text
	for _, r := range s.Reaches {
		items = append(items, answer.Prose(r.In(c.lang)))
	}
	if len(items) > 0 {
		a.Para(c.prose("Zo is deze bot ingesteld:", "This is how this bot is set up:"))
		a.Bullets(items...)
	}
	return a
}
