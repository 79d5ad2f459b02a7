package commands

import (
	"context"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"wolkwijs/answer"
	"wolkwijs/domaincheck/dnsq"
	"wolkwijs/knowledge"
	"wolkwijs/knowledge/search"
	"wolkwijs/lang"
	"wolkwijs/schedule"
	"wolkwijs/tomlfile"
)

// Options is what a [Service] works with. The zero value of each field has
// the meaning said there, except Knowledge, which must be set.
type Options struct {
	Knowledge *knowledge.Store
	Checker   Checker          // nil: domains are not checked
	Prefix    string           // what a command starts with in a group; empty: "!"
	Language  lang.Code        // for rooms that have not chosen; empty: lang.Default
	Version   string           // for !about
	Now       func() time.Time // the clock; nil: time.Now
	Random    func(n int) int  // a number below n, for a tip; nil: rand.IntN
	// TipRule and Zone are when the tip of the week comes in rooms that
	// switch it on without saying when; zero: Monday at 9:00, in Amsterdam.
	// Other dates are told in that zone too.
	TipRule schedule.Rule
	Zone    *time.Location
	// Reaches says whom the bot's look-ups reach as it is set up, for
	// !privacy: one sentence each.
	Reaches []lang.Text
	// SelfTest tells what is known of the DNS servers that are asked, for
	// !status; nil: nothing.
	SelfTest func(ctx context.Context) []dnsq.SelfTest
}

// Service answers requests. It is safe for use by many at once.
type Service struct {
	Options
	table  []*command
	byName map[string]*command
	memory memory
	finder finder
}

// New returns a service that answers with what o holds.
func New(o Options) *Service {
	if o.Prefix == "" {
		o.Prefix = "!"
	}
	if o.Language == "" {
		o.Language = lang.Default
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Random == nil {
		o.Random = rand.IntN
	}
	if o.TipRule.Unit == 0 {
		o.TipRule = schedule.Weekly(time.Monday, 9, 0)
	}
	if o.Zone == nil {
		o.Zone, _ = schedule.Zone("Europe/Amsterdam")
	}
	if o.Zone == nil {
		o.Zone = time.UTC // a machine without time zones; the build brings its own (tag timetzdata)
	}
	s := &Service{Options: o, byName: map[string]*command{}}
	s.memory.now = o.Now
	s.table = s.commands()
	for _, c := range s.table {
		for _, name := range c.allNames() {
			s.byName[name] = c
		}
	}
	return s
}

// command is one row of the table of commands. Texts about it write commands
// with "!", whatever the prefix is; Answer puts the real prefix in.
type command struct {
	names   []string // names that belong to both languages
	nl, en  []string // names that choose their language
	args    lang.Text
	summary lang.Text // what it does, for the list of !help
	more    lang.Text // what else to know, for !help of this command; may be empty
	example lang.Text // a command line to try, without prefix
	admin   bool      // only for the bot's admins; others are told so
	// bare says whether args belong to the command where it was written
	// without prefix in a place where everything is for the bot, or are the
	// rest of a sentence that happens to begin with its name. Nil: only no
	// arguments at all.
	bare func(args string) bool
	run  func(ctx context.Context, c *call) *answer.Answer
}

// allNames are the names of the command in every language.
func (c *command) allNames() []string {
	return slices.Concat(c.names, c.nl, c.en)
}

// name is the name to show in language l.
func (c *command) name(l lang.Code) string {
	own := c.nl
	if l == lang.EN {
		own = c.en
	}
	if len(c.names) > 0 {
		return c.names[0]
	}
	return own[0]
}

// language is the language that the command's name chooses, empty if the name
// belongs to both.
func (c *command) language(name string) lang.Code {
	switch {
	case slices.Contains(c.nl, name):
		return lang.NL
	case slices.Contains(c.en, name):
		return lang.EN
	}
	return ""
}

// call is one request on its way through a command.
type call struct {
	Request
	kb   *knowledge.Base // the knowledge base of this request from begin to end
	lang lang.Code
	name string   // the command's name as typed, folded; empty for a question
	args string   // what followed it, without spaces around
	list altQuery // the list of alternatives that answers it, if one does
	// subject is the product or service that the answer is about, if it is
	// about one.
	subject knowledge.Ref
	point   *knowledge.Point // what goes before the list of alternatives that answers it; nil: nothing
}

// say returns the text in the language of the call.
func (c *call) say(nl, en string) string { return lang.Text{NL: nl, EN: en}.In(c.lang) }

// prose is say for a sentence with marks, as read by [answer.Prose].
func (c *call) prose(nl, en string) answer.Text { return answer.Prose(c.say(nl, en)) }

// Answer answers one request. It returns nil where silence is right: in a
// group, for text that is neither a command nor a mention, and for an unknown
// command that is not one typo away from a known one.
func (s *Service) Answer(ctx context.Context, r Request) *answer.Answer {
	c := &call{Request: r, kb: s.Knowledge.Base(), lang: s.language(r, nil, "")}
	text := strings.TrimSpace(r.Text)
	line, prefixed := strings.CutPrefix(text, s.Prefix)
	toBot := prefixed || r.Mentioned || r.Kind != Group
	if !toBot {
		return nil
	}
	c.name, c.args = split(line)
	if chosen, l, ok := s.memory.chosen(r.Room, c.name); ok && c.args == "" {
		r.Text, r.Lang, r.Mentioned = s.Prefix+chosen, l, true
		return s.Answer(ctx, r)
	}
	cmd := s.byName[c.name]
	switch {
	case cmd != nil && (prefixed || cmd.bareFits(c.args)):
		c.lang = s.language(r, cmd, c.name)
		return s.finish(c, s.run(ctx, cmd, c))
	case prefixed:
		if near := s.misspelt(c.name); near != "" {
			c.lang = s.language(r, s.byName[near], near)
			return s.finish(c, didYouMean(c, near))
		}
		if r.Kind == Group && !r.Mentioned {
			return nil
		}
	}
	c.name, c.args = "", line
	a := s.finish(c, s.question(ctx, c))
	if a != nil && a.Command == "" {
		a.Command = "question"
	}
	return a
}

// run runs a command, unless the asker may not use it. What "more" would have
// continued is over then, unless the command itself continues it.
func (s *Service) run(ctx context.Context, cmd *command, c *call) *answer.Answer {
	if cmd.admin && !c.Rights.BotAdmin {
		return answer.New(c.lang, c.prose("Dat mag alleen een beheerder van de bot.", "Only an admin of the bot may do that."))
	}
	if cmd.name(lang.EN) != "more" {
		s.memory.keepMore(c.Room, nil)
	}
	a := cmd.run(ctx, c)
	if a != nil {
		a.Command = cmd.name(lang.EN)
	}
	return a
}

// finish remembers what may be picked next and puts the real prefix into the
// texts.
func (s *Service) finish(c *call, a *answer.Answer) *answer.Answer {
	if a == nil {
		return nil
	}
	if a.Lang == "" {
		a.Lang = c.lang
	}
	s.memory.offer(c.Room, a.Lang, a.Choices)
	if a.Topic == search.None {
		s.memory.declined(c.Room)
	} else {
		s.memory.about(c.Room, lastAnswer{topic: a.Topic, list: c.list, subject: c.subject, lang: a.Lang})
	}
	if s.Prefix != "!" {
		s.putPrefix(a)
	}
	return a
}

// language decides the language of the reply: what is set for the room, else
// that of the command's name, else that of the service.
func (s *Service) language(r Request, cmd *command, name string) lang.Code {
	if r.Lang != "" {
		return r.Lang
	}
	if cmd != nil {
		if l := cmd.language(name); l != "" {
			return l
		}
	}
	return s.Language
}

// bareFits says whether the command is meant where it was written without a
// prefix, followed by args.
func (c *command) bareFits(args string) bool {
	return args == "" || (c.bare != nil && c.bare(args))
}

// split divides a line into the name of a command, in lower case, and the
// rest. A line break may stand between them.
func split(line string) (name, args string) {
	line = strings.TrimSpace(line)
	i := strings.IndexFunc(line, func(r rune) bool { return r == ' ' || r == '\n' || r == '\t' || r == '\u00a0' })
	if i < 0 {
		i = len(line)
	}
	if i > maxCommandName {
		return "", line
	}
	return strings.ToLower(line[:i]), strings.TrimSpace(line[i:])
}

// maxCommandName is the number of bytes that the name of a command may have.
const maxCommandName = 40

// misspelt returns the name of the one command that is a typo away from name,
// or nothing.
func (s *Service) misspelt(name string) string {
	if len(name) < 2 {
		return ""
	}
	for _, cmd := range s.table {
		for _, known := range cmd.allNames() {
			if len(known) > 2 && tomlfile.Distance(name, known) == 1 {
				return known
			}
		}
	}
	return ""
}

// didYouMean asks whether the command near was meant.
func didYouMean(c *call, near string) *answer.Answer {
	line := strings.TrimSpace(near + " " + short(c.args, 200))
	a := answer.New(c.lang, answer.Join(answer.Plain(c.say("Bedoel je ", "Did you mean ")), answer.Code("!"+line), answer.Plain("?")))
	a.Choices = []answer.Choice{{Label: answer.Plain(c.say("Ja", "Yes")), Command: line}}
	return a
}

// short cuts a stranger's text to at most n characters and makes it one line.
func short(s string, n int) string {
	s = strings.Join(strings.Fields(s), " ")
	count := 0
	for i := range s {
		if count == n {
			return s[:i] + "…"
		}
		count++
	}
	return s
}
