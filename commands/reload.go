package commands

import (
	"context"

	"wolkwijs/answer"
	"wolkwijs/knowledge"
	"wolkwijs/lang"
)

func (s *Service) reloadCommand() *command {
	return &command{
		names:   []string{"reload"},
		nl:      []string{"herlaad"},
		admin:   true,
		summary: lang.Text{NL: "leest de kennis opnieuw in", EN: "reads the knowledge base again"},
		run:     s.reload,
	}
}

// maxFaults is how many faults of the knowledge base an answer lists.
const maxFaults = 5

// reload reads the knowledge base again and says what is wrong with it if it
// was refused.
func (s *Service) reload(_ context.Context, c *call) *answer.Answer {
	err := s.Knowledge.Reload()
	if err == nil {
		return answer.New(c.lang, c.prose("De kennis is opnieuw ingelezen.", "The knowledge base has been read again."))
	}
	a := answer.New(c.lang, c.prose(
		"De kennis is **niet** opnieuw ingelezen: er staat een fout in. De oude kennis blijft in gebruik.",
		"The knowledge base was **not** read again: there is a fault in it. The old knowledge stays in use."))
	a.Failed = true
	faults := knowledge.Faults(err)
	if faults == nil {
		return a.Para(answer.Code(err.Error()))
	}
	var items []answer.Text
	for _, f := range faults[:min(len(faults), maxFaults)] {
		items = append(items, answer.Code(f.Error()))
	}
	return a.Bullets(items...)
}
