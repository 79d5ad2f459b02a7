package commands

import (
	"context"
	"fmt"

	"wolkwijs/answer"
	"wolkwijs/lang"
)

func (s *Service) aboutCommand() *command {
	return &command{
		en:      []string{"about"},
		nl:      []string{"over"},
		summary: lang.Text{NL: "wie ik ben, versie, bronnen en licenties", EN: "who I am, version, sources and licences"},
		run:     s.about,
	}
}

// about tells what the bot is, what it knows and on which publications that
// rests.
func (s *Service) about(_ context.Context, c *call) *answer.Answer {
	services := 0
	for _, a := range c.kb.Alternatives {
		services += len(a.Services)
	}
	a := answer.New(c.lang, c.prose(
		"Ik ben **Wolkwijs**: ik geef praktisch advies over privacy en kijk na wie een domein in handen heeft.",
		"I am **Wolkwijs**: I give practical advice on privacy and check who holds a domain."))
	a.Topic = "bot-help"
	a.Para(answer.Plain(fmt.Sprintf(c.say(
		"Ik ken %d diensten in %d categorieën, %d producten van nu en de tweestapsverificatie van %d diensten. Alles staat in tekstbestanden die vrijwilligers bijhouden. Er komt geen taalmodel aan te pas.",
		"I know %d services in %d categories, %d products people use now, and two-step verification at %d services. All of it is in text files that volunteers keep up to date. There is no language model involved."),
		services, len(c.kb.Alternatives), len(c.kb.Products), len(c.kb.TwoFactor))))
	if s.Version != "" {
		a.Para(answer.Join(answer.Plain(c.say("Versie ", "Version ")), answer.Code(s.Version), answer.Plain(c.say(", licentie EUPL-1.2.", ", licence EUPL-1.2."))))
	}
	var items []answer.Text
	for _, src := range c.kb.Sources {
		items = append(items, answer.Join(answer.LinkTo(src.Name, src.URL), answer.Plain(" ("+src.Licence+", "+month(c.lang, src.Date)+")")))
	}
	if len(items) > 0 {
		a.Blocks = append(a.Blocks, answer.Details{
			Summary: c.prose("Bronnen en licenties", "Sources and licences"),
			Blocks:  []answer.Block{answer.List{Items: items}},
		})
	}
	return a.Para(c.prose("Zie ook `!privacy` en `!disclaimer`.", "See also `!privacy` and `!disclaimer`."))
}
