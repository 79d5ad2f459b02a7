package commands

import (
	"context"

	"wolkwijs/answer"
	"wolkwijs/lang"
)

func (s *Service) helpCommand() *command {
	return &command{
		names:   []string{"help"},
		nl:      []string{"hulp"},
		args:    lang.Text{NL: "[opdracht]", EN: "[command]"},
		summary: lang.Text{NL: "deze lijst, of uitleg over één opdracht", EN: "this list, or one command explained"},
		example: lang.Text{NL: "help alt", EN: "help alt"},
		bare:    func(args string) bool { return s.commandOf(args) != nil },
		run:     s.help,
	}
}

// commandOf returns the command that a person means by a name, with or
// without the prefix, or nil.
func (s *Service) commandOf(name string) *command {
	for _, p := range []string{s.Prefix, "!"} {
		if len(name) > len(p) && name[:len(p)] == p {
			name = name[len(p):]
		}
	}
	name, rest := split(name)
	if rest != "" {
		return nil
	}
	return s.byName[name]
}

// help lists the commands or explains one.
func (s *Service) help(_ context.Context, c *call) *answer.Answer {
	if c.args == "" {
		return s.helpList(c)
	}
	cmd := s.commandOf(c.args)
	if cmd == nil {
		if near := s.misspelt(c.args); near != "" {
			cmd = s.byName[near]
		}
	}
	if cmd == nil {
		a := s.helpList(c)
		a.Headline = answer.Join(answer.Plain(c.say("Ik ken geen opdracht ", "I know no command ")), answer.Code(short(c.args, 40)),
			answer.Plain(c.say(". Dit kan ik wel:", ". This is what I can do:")))
		return a
	}
	name := cmd.name(c.lang)
	a := answer.New(c.lang, answer.Join(answer.Code(joinWords("!"+name, cmd.args.In(c.lang))), answer.Plain(": "+cmd.summary.In(c.lang)+".")))
	a.Topic = "bot-help"
	if !cmd.more.IsZero() {
		a.Para(answer.Prose(cmd.more.In(c.lang)))
	}
	if !cmd.example.IsZero() {
		a.Para(answer.Join(answer.Plain(c.say("Voorbeeld: ", "Example: ")), answer.Code("!"+cmd.example.In(c.lang))))
	}
	other := answer.Text{}
	for _, n := range cmd.allNames() {
		if n != name {
			if len(other) > 0 {
				other = append(other, answer.Span{S: ", "})
			}
			other = append(other, answer.Code("!"+n)...)
		}
	}
	if len(other) > 0 {
		a.Para(answer.Join(answer.Plain(c.say("Ook: ", "Also: ")), other))
	}
	return a
}

// helpList is the short list of commands with three questions to try.
func (s *Service) helpList(c *call) *answer.Answer {
	a := answer.New(c.lang, c.prose(
		"Ik help je met privacy en veilig online. Vraag het gewoon, of typ een opdracht:",
		"I help you with privacy and staying safe online. Just ask, or type a command:"))
	a.Topic = "bot-help"
	var items []answer.Text
	for _, cmd := range s.table {
		if cmd.admin && !c.Rights.BotAdmin {
			continue
		}
		items = append(items, answer.Join(answer.Code(joinWords("!"+cmd.name(c.lang), cmd.args.In(c.lang))), answer.Plain(": "+cmd.summary.In(c.lang))))
	}
	a.Bullets(items...)
	where := c.say("In een privébericht hoeft het uitroepteken niet.", "In a direct message you can leave out the exclamation mark.")
	switch {
	case c.Kind == Group:
		where = c.say("Je kunt me ook een privébericht sturen.", "You can also send me a direct message.")
	case s.Prefix != "!":
		where = c.say("In een privébericht hoeft het teken ervoor niet.", "In a direct message you can leave out the sign before it.")
	}
	return a.Para(c.prose(
		"Probeer: `!alt whatsapp`, `!2fa digid` of `!uitleg cloud act`. "+where,
		"Try: `!alt whatsapp`, `!2fa digid` or `!explain cloud act`. "+where))
}

// joinWords joins two words with a space, or returns the first alone.
func joinWords(a, b string) string {
	if b == "" {
		return a
	}
	return a + " " + b
}
