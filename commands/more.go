package commands

import (
	"context"

	"wolkwijs/answer"
	"wolkwijs/lang"
)

func (s *Service) moreCommand() *command {
	return &command{
		en:      []string{"more"},
		nl:      []string{"meer"},
		summary: lang.Text{NL: "de rest van het vorige antwoord", EN: "the rest of the last answer"},
		run:     s.more,
	}
}

// more continues the last answer in the room.
func (s *Service) more(ctx context.Context, c *call) *answer.Answer {
	if next := s.memory.takeMore(c.Room); next != nil {
		return next(ctx, c)
	}
	return s.nothingMore(c)
}

func (s *Service) nothingMore(c *call) *answer.Answer {
	return answer.New(c.lang, c.prose(
		"Er is niet meer. Stel gerust een nieuwe vraag.",
		"There is no more. Do ask something new."))
}
