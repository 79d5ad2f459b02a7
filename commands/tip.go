package commands

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"wolkwijs/answer"
	"wolkwijs/knowledge"
	"wolkwijs/lang"
)

func (s *Service) tipCommand() *command {
	return &command{
		names:   []string{"tip"},
		nl:      []string{"tips"},
		args:    lang.Text{NL: "[1-5]", EN: "[1-5]"},
		summary: lang.Text{NL: "een tip voor deze week, of een van de vijf lessen", EN: "a tip for this week, or one of the five lessons"},
		example: lang.Text{NL: "tip 3", EN: "tip 3"},
		bare:    func(args string) bool { return tipNumber(args) > 0 && len(strings.Fields(args)) == 1 },
		run:     s.tip,
	}
}

// tip gives one of the five lessons by its number, or any tip.
func (s *Service) tip(_ context.Context, c *call) *answer.Answer {
	if c.args == "" {
		if len(c.kb.Weekly) > 0 {
			return s.weeklyTip(c, c.kb.Weekly[s.Random(len(c.kb.Weekly))])
		}
		if len(c.kb.Lessons) > 0 {
			return s.lesson(c, c.kb.Lessons[s.Random(len(c.kb.Lessons))])
		}
		return s.tipList(c, c.prose("Ik heb nog geen tips.", "I have no tips yet."))
	}
	if l := c.kb.Lesson(tipNumber(c.args)); l != nil {
		return s.lesson(c, l)
	}
	return s.tipList(c, answer.Join(answer.Plain(c.say("Er is geen tip ", "There is no tip ")), answer.Code(short(c.args, 40)),
		answer.Plain(c.say(". Kies een nummer:", ". Choose a number:"))))
}

// tipNumber is the number that a person writes, in figures or in words, or 0.
func tipNumber(s string) int {
	isFigure := func(r rune) bool { return '0' <= r && r <= '9' }
	for i, names := range [][]string{{"een", "one"}, {"twee", "two"}, {"drie", "three"}, {"vier", "four"}, {"vijf", "five"}} {
		if slices.Contains(names, knowledge.Fold(s)) {
			return i + 1
		}
	}
	figures := strings.FieldsFunc(s, func(r rune) bool { return !isFigure(r) })
	if len(figures) != 1 || strings.Contains(s, "-") {
		return 0
	}
	n, err := strconv.Atoi(figures[0])
	if err != nil {
		return 0
	}
	return n
}

// lesson is one of the five lessons.
func (s *Service) lesson(c *call, l *knowledge.Lesson) *answer.Answer {
	n := strconv.Itoa(l.Number)
	a := answer.New(c.lang, answer.Bold("Tip "+n+": "+l.Title.In(c.lang)))
	a.Topic = "tip:" + n
	a.Para(answer.Prose(l.Text.In(c.lang)))
	a.Para(answer.Join(answer.Bold(c.say("Doe dit: ", "Do this: ")), answer.Prose(l.Do.In(c.lang))))
	if l.Command != "" {
		a.Para(answer.Join(answer.Plain(c.say("Verder: ", "Next: ")), answer.Code("!"+l.Command)))
	}
	a.Source = s.source(c, l.Sourced)
	return a
}

// weeklyTip is a tip of the week, told outside its turn.
func (s *Service) weeklyTip(c *call, t *knowledge.Tip) *answer.Answer {
	return s.titledTip(c, "Tip", t)
}

// titledTip is a tip of the week under a title.
func (s *Service) titledTip(c *call, title string, t *knowledge.Tip) *answer.Answer {
	a := answer.New(c.lang, answer.Bold(title+": "+t.Title.In(c.lang)))
	if l := c.kb.Lesson(t.Lesson); l != nil {
		a.Topic = "tip:" + strconv.Itoa(l.Number)
		a.Headline = answer.Join(a.Headline, answer.Text{{Kind: answer.Quiet,
			S: " (" + c.say("les ", "lesson ") + strconv.Itoa(l.Number) + ": " + l.Title.In(c.lang) + ")"}})
	}
	a.Para(answer.Prose(t.Text.In(c.lang)))
	if !t.Command.IsZero() {
		a.Para(answer.Join(answer.Plain(c.say("Verder: ", "Next: ")), answer.Code("!"+t.Command.In(c.lang))))
	}
	a.Source = s.source(c, t.Sourced)
	return a
}

// tipList offers the five lessons.
func (s *Service) tipList(c *call, headline answer.Text) *answer.Answer {
	a := answer.New(c.lang, headline)
	for _, l := range c.kb.Lessons {
		a.Choices = append(a.Choices, answer.Choice{Label: answer.Plain(l.Title.In(c.lang)), Command: "tip " + strconv.Itoa(l.Number)})
	}
	return a
}
