package commands

import (
	"context"
	"fmt"

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
	if err := s.Knowledge.Reload(); err != nil {
		return KnowledgeRefused(c.lang, err)
	}
	return answer.New(c.lang, c.prose("De kennis is opnieuw ingelezen.", "The knowledge base has been read again."))
}

// KnowledgeRefused tells an admin in language l that changed knowledge was
// refused with err, and where the faults are.
func KnowledgeRefused(l lang.Code, err error) *answer.Answer {
	a := answer.New(l, answer.Prose(lang.Text{
		NL: "De kennis is **niet** opnieuw ingelezen: er staat een fout in. De oude kennis blijft in gebruik.",
		EN: "The knowledge base was **not** read again: there is a fault in it. The old knowledge stays in use.",
	}.In(l)))
	a.Failed = true
	faults := knowledge.Faults(err)
	if faults == nil {
		return a.Para(answer.Code(err.Error()))
	}
	var items []answer.Text
	for _, f := range faults[:min(len(faults), maxFaults)] {
		items = append(items, answer.Code(f.Error()))
	}
	a.Bullets(items...)
	if more := len(faults) - maxFaults; more > 0 {
		a.Para(answer.Plain(fmt.Sprintf(lang.Text{NL: "En nog %d.", EN: "And %d more."}.In(l), more)))
	}
	return a
}
