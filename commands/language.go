package commands

import (
	"context"

	"wolkwijs/answer"
	"wolkwijs/lang"
)

func (s *Service) languageCommand() *command {
	return &command{
		en:      []string{"language"},
		nl:      []string{"taal"},
		args:    lang.Text{NL: "[nl|en]", EN: "[nl|en]"},
		summary: lang.Text{NL: "de taal van deze kamer, en hoe je die kiest", EN: "the language of this room, and how to choose it"},
		more: lang.Text{
			NL: "In een groep kiest wie de kamer beheert. Heeft niemand gekozen, dan antwoord ik in de taal van je vraag.",
			EN: "In a group, those who manage the room choose. Where nobody has chosen, I answer in the language of your question.",
		},
		example: lang.Text{NL: "taal nl", EN: "language en"},
		bare: func(args string) bool {
			_, err := lang.Parse(args)
			return err == nil
		},
		run: s.chooseLanguage,
	}
}

// chooseLanguage tells the language of the room, or chooses it for those who
// may. The answer to a choice is in the language chosen.
func (s *Service) chooseLanguage(ctx context.Context, c *call) *answer.Answer {
	if c.SetLanguage == nil {
		return answer.New(c.lang, c.prose(
			"Een taal kiezen kan alleen in een kamer in Matrix.",
			"A language can only be chosen in a room in Matrix."))
	}
	if c.args == "" {
		return s.currentLanguage(c)
	}
	chosen, err := lang.Parse(c.args)
	if err != nil {
		return answer.New(c.lang, c.prose(
			"Die taal spreek ik niet. Kies `!taal nl` voor Nederlands of `!taal en` voor Engels.",
			"I do not speak that language. Choose `!language en` for English or `!language nl` for Dutch."))
	}
	if !c.Rights.RoomAdmin {
		return answer.New(c.lang, c.prose(
			"Dat mag alleen wie deze kamer beheert. Vraag het aan een beheerder, of stuur me een privébericht: daar kies je zelf.",
			"Only those who manage this room may do that. Ask one of them, or send me a direct message: there you choose yourself."))
	}
	if err := c.SetLanguage(ctx, chosen); err != nil {
		a := answer.New(c.lang, c.prose(
			"Ik kon de taal niet bewaren. Probeer het later nog eens.",
			"I could not store the language. Try again later."))
		a.Failed = true
		return a
	}
	c.lang = chosen
	return answer.New(chosen, c.prose("Goed, hier spreek ik voortaan **Nederlands**.", "All right, from now on I speak **English** here."))
}

// currentLanguage tells which language the room has, and how to choose one.
func (s *Service) currentLanguage(c *call) *answer.Answer {
	if c.Lang == "" {
		return answer.New(c.lang, c.prose(
			"Voor deze kamer is geen taal gekozen: ik antwoord in de taal van je vraag. Kiezen kan met `!taal nl` of `!taal en`.",
			"No language is chosen for this room: I answer in the language of your question. Choose one with `!language en` or `!language nl`."))
	}
	return answer.New(c.lang, c.prose(
		"Hier spreek ik Nederlands. Voor Engels: `!taal en`.",
		"I speak English here. For Dutch: `!language nl`."))
}
