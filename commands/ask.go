package commands

import (
	"context"

	"wolkwijs/answer"
	"wolkwijs/knowledge"
)

// question answers a plain sentence by the entry whose name stands in it, or
// declines and says what the bot can do.
func (s *Service) question(_ context.Context, c *call) *answer.Answer {
	found := prefer(c.kb.Find(c.args, altKinds|knowledge.KindTopic|knowledge.KindTerm),
		knowledge.KindTopic, knowledge.KindCategory, knowledge.KindProduct, knowledge.KindService, knowledge.KindTerm)
	if len(found) == 0 {
		return s.decline(c)
	}
	switch m := found[0]; m.Kind {
	case knowledge.KindTopic:
		return s.topicAnswer(c, m.ID)
	case knowledge.KindTerm:
		return s.term(c, c.kb.Term(m.ID))
	default:
		return s.altOf(c, m.Ref)
	}
}

// decline says that the bot does not know, and what it does know.
func (s *Service) decline(c *call) *answer.Answer {
	a := answer.New(c.lang, c.prose("Daar weet ik niets van.", "I know nothing about that."))
	a.Topic = "none"
	return a.Para(c.prose(
		"Ik help met privacy en veilig online: andere diensten, je domein nakijken, tweestapsverificatie. Probeer: \"iets anders dan Gmail\", `!2fa digid` of `!help`.",
		"I help with privacy and staying safe online: other services, checking your domain, two-step verification. Try: \"something else than Gmail\", `!2fa digid` or `!help`."))
}
