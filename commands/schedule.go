package commands

import (
	"context"
	"fmt"
	"time"

	"wolkwijs/answer"
	"wolkwijs/knowledge"
	"wolkwijs/lang"
	"wolkwijs/schedule"
)

func (s *Service) scheduleCommand() *command {
	return &command{
		en:      []string{"schedule"},
		nl:      []string{"rooster"},
		args:    lang.Text{NL: "[wanneer]", EN: "[when]"},
		summary: lang.Text{NL: "de tip van de week in deze kamer: wanneer, pauze, uit", EN: "the tip of the week in this room: when, pause, off"},
		more: lang.Text{
			NL: "`!rooster` laat zien wanneer de volgende tip komt. Wie de kamer beheert kiest: `!rooster aan`, `!rooster tip vrijdag 16:30`, `!rooster tip elke 2 weken maandag half tien`, `!rooster tip eerste dinsdag van de maand 20:00 Europe/Brussels`. Verder: `!rooster pauze`, `!rooster hervat`, `!rooster uit`, `!rooster nu` (meteen een tip) en `!rooster voorbeeld` (de volgende).",
			EN: "`!schedule` shows when the next tip comes. Those who manage the room choose: `!schedule on`, `!schedule tip friday 16:30`, `!schedule tip every 2 weeks monday half past nine`, `!schedule tip first tuesday of the month 8pm Europe/Brussels`. Also: `!schedule pause`, `!schedule resume`, `!schedule off`, `!schedule now` (a tip at once) and `!schedule preview` (the next one).",
		},
		example: lang.Text{NL: "rooster tip vrijdag 16:30", EN: "schedule tip friday 16:30"},
		bare: func(args string) bool {
			word, rest := split(args)
			switch {
			case word == "tip": // whatever follows: it can be misspelt
				return true
			case tipActions[word] == "tip" && rest != "":
				args = rest
			case tipActions[word] != "":
				return rest == ""
			}
			_, _, err := schedule.Parse(args, s.Language, s.TipRule)
			return err == nil
		},
		run: s.schedule,
	}
}

// tipActions are what can be done with the tip of the week, by the words for it
// in both languages.
var tipActions = map[string]string{
	"show": "show", "toon": "show",
	"preview": "preview", "voorbeeld": "preview",
	"tip": "tip", "on": "tip", "aan": "tip",
	"pause": "pause", "pauze": "pause", "pauzeer": "pause",
	"resume": "resume", "hervat": "resume",
	"off": "off", "uit": "off",
	"now": "now", "nu": "now",
}

// tipCall is a call about the tip of the week of its room.
type tipCall struct {
	*call
	tip *schedule.Tip // nil: the room gets none
}

// schedule shows or changes the tip of the week of the room.
func (s *Service) schedule(ctx context.Context, c *call) *answer.Answer {
	if c.Tip == nil {
		return answer.New(c.lang, c.prose(
			"Een tip van de week kan alleen in een kamer in Matrix.",
			"A tip of the week is only for a room in Matrix."))
	}
	word, rest := split(c.args)
	if word == "tip" && tipActions[rest] != "" { // "!rooster tip uit"
		word, rest = rest, ""
	}
	action := tipActions[word]
	switch {
	case word == "":
		action = "show"
	case action == "": // "!rooster maandag 9:00" is clear enough
		action, rest = "tip", c.args
	}
	if action != "show" && action != "preview" && !c.Rights.RoomAdmin {
		return answer.New(c.lang, c.prose(
			"Dat mag alleen wie deze kamer beheert. Vraag het aan een beheerder, of stuur me een privébericht: daar kies je zelf.",
			"Only those who manage this room may do that. Ask one of them, or send me a direct message: there you choose yourself."))
	}
	if rest != "" && action != "tip" {
		return c.oddWord(rest)
	}
	tip, err := c.Tip.Get(ctx)
	if err != nil {
		return c.tipLost()
	}
	t := &tipCall{call: c, tip: tip}
	switch {
	case action == "tip":
		return s.setTip(ctx, t, rest)
	case tip == nil:
		return s.noTip(t)
	case action == "preview":
		return s.previewTip(t)
	case action == "now":
		return s.tipNow(ctx, t)
	case action == "off":
		return s.dropTip(ctx, t)
	case action == "pause" && tip.Paused == schedule.Running:
		return s.pauseTip(ctx, t)
	case action == "resume" && tip.Paused != schedule.Running:
		return s.resumeTip(ctx, t)
	}
	return s.showTip(t)
}

// tipLost says that the database failed.
func (c *call) tipLost() *answer.Answer {
	a := answer.New(c.lang, c.prose(
		"Ik kan nu niet bij het rooster van deze kamer. Probeer het later nog eens.",
		"I cannot reach the schedule of this room just now. Try again later."))
	a.Failed = true
	return a
}

// store stores the tip, and says that with a, or that it failed.
func (c *tipCall) store(ctx context.Context, a *answer.Answer) *answer.Answer {
	if err := c.Tip.Set(ctx, c.tip); err != nil {
		return c.tipLost()
	}
	return a
}

// noTip says that the room gets no tips, and how to change that.
func (s *Service) noTip(c *tipCall) *answer.Answer {
	a := answer.New(c.lang, c.prose("Deze kamer krijgt geen tip van de week.", "This room gets no tip of the week."))
	if !c.Rights.RoomAdmin {
		return a.Para(c.prose("Wie de kamer beheert zet hem aan met `!rooster aan`.", "Those who manage the room switch it on with `!schedule on`."))
	}
	return a.Para(answer.Join(
		c.prose("Zet hem aan met `!rooster aan`: "+s.TipRule.In(lang.NL)+". Of kies zelf: ", "Switch it on with `!schedule on`: "+s.TipRule.In(lang.EN)+". Or choose yourself: "),
		c.prose("`!rooster tip vrijdag 16:30`.", "`!schedule tip friday 16:30`.")))
}

// showTip tells when tips come, what became of the last, and how to change it.
func (s *Service) showTip(c *tipCall) *answer.Answer {
	a := answer.New(c.lang, nil)
	when := c.tip.Rule.In(c.lang)
	switch c.tip.Paused {
	case schedule.Running:
		a.Headline = answer.Bold(tipTitle(c.tip.Rule, c.lang) + ": " + when + ".")
		s.nextTimes(c, a)
	case schedule.Forbidden:
		a.Headline = answer.Bold(c.say("De tip staat stil: ik mocht hier geen bericht plaatsen.", "The tip is paused: I was not allowed to post here."))
		a.Para(c.prose("Mag het weer? Typ `!rooster hervat`. Dan komt hij "+when+".", "Am I allowed again? Type `!schedule resume`. Then it comes "+when+"."))
	default:
		a.Headline = answer.Bold(c.say("De tip staat stil.", "The tip is paused."))
		a.Para(c.prose("Verder gaat hij met `!rooster hervat`: "+when+".", "It goes on with `!schedule resume`: "+when+"."))
	}
	if !c.tip.Done.IsZero() {
		a.Para(answer.Plain(c.say("De laatste kwam ", "The last one came ") + c.moment(c.tip.Done) + "."))
	}
	a.Para(c.missed())
	if c.Rights.RoomAdmin && c.tip.Paused == schedule.Running {
		a.Para(c.prose("Veranderen: `!rooster tip vrijdag 16:30`, `!rooster pauze`, `!rooster uit`. Bekijken: `!rooster voorbeeld`.",
			"To change it: `!schedule tip friday 16:30`, `!schedule pause`, `!schedule off`. To see the next: `!schedule preview`."))
	}
	return a
}

// missed tells of occurrences that were passed over, if there are any.
func (c *tipCall) missed() answer.Text {
	m := c.tip.Missed
	if m == nil {
		return nil
	}
	when := c.moment(m.First)
	if m.Count > 1 {
		when = fmt.Sprintf(c.say("%d keer, van %s tot en met %s", "%d times, from %s to %s"), m.Count, when, c.moment(m.Last))
	}
	return answer.Plain(c.say("Overgeslagen: ", "Passed over: ") + when + c.say(". Plaatsen lukte toen niet binnen een dag.", ". It could not be posted within a day."))
}

// moment says when t is on the wall clock of the room.
func (c *tipCall) moment(t time.Time) string { return schedule.Moment(t.In(c.tip.Place()), c.lang) }

// nextTimes tells the next three times, and where they hold.
func (s *Service) nextTimes(c *tipCall, a *answer.Answer) {
	var times []answer.Text
	at := s.Now()
	for range 3 {
		at = c.tip.Next(at)
		times = append(times, answer.Plain(c.moment(at)))
	}
	a.Bullets(times...)
	a.Para(answer.Plain(c.say("De tijden gelden in "+c.tip.Zone+".", "Times are those of "+c.tip.Zone+".")))
}

// setTip changes when the tip comes; where nothing is said, to what is usual.
func (s *Service) setTip(ctx context.Context, c *tipCall, when string) *answer.Answer {
	rule, zone := s.TipRule, (*time.Location)(nil)
	if when != "" {
		var err error
		if rule, zone, err = schedule.Parse(when, c.lang, s.TipRule); err != nil {
			return c.unclear(err)
		}
	}
	switch {
	case zone != nil:
	case c.tip != nil:
		zone = c.tip.Place()
	default:
		zone = s.Zone
	}
	if c.tip == nil {
		c.tip = schedule.NewTip(rule, zone, s.Now(), c.Tip.Request())
	} else {
		c.tip.Set(rule, zone, s.Now())
	}
	a := answer.New(c.lang, answer.Bold(c.say("Goed: "+rule.In(lang.NL)+" komt hier een tip.", "All right, a tip comes here: "+rule.In(lang.EN)+".")))
	s.nextTimes(c, a)
	return c.store(ctx, a)
}

// pauseTip has no tips come until further notice.
func (s *Service) pauseTip(ctx context.Context, c *tipCall) *answer.Answer {
	c.tip.Paused = schedule.ByPerson
	return c.store(ctx, answer.New(c.lang, c.prose(
		"Goed, de tip staat stil. Verder gaat hij met `!rooster hervat`.",
		"All right, the tip is paused. It goes on with `!schedule resume`.")))
}

// resumeTip ends a pause.
func (s *Service) resumeTip(ctx context.Context, c *tipCall) *answer.Answer {
	c.tip.Resume()
	a := answer.New(c.lang, answer.Bold(c.say("Goed, ik ga verder: ", "All right, it goes on: ")+c.tip.Rule.In(c.lang)+"."))
	s.nextTimes(c, a)
	return c.store(ctx, a)
}

// dropTip switches the tip off.
func (s *Service) dropTip(ctx context.Context, c *tipCall) *answer.Answer {
	c.tip = nil
	return c.store(ctx, answer.New(c.lang, c.prose(
		"Goed, de tip van de week is uit. Van het rooster bewaar ik niets meer.",
		"All right, the tip of the week is off. I keep nothing of the schedule any more.")))
}

// tipNow gives the next tip at once.
func (s *Service) tipNow(ctx context.Context, c *tipCall) *answer.Answer {
	t := c.kb.Tip(c.tip.Take(c.Tip.Request(), tipIDs(c.kb)))
	if t == nil {
		return s.noTipsLeft(c)
	}
	return c.store(ctx, s.titledTip(c.call, tipTitle(c.tip.Rule, c.lang), t))
}

// previewTip shows the tip that comes next.
func (s *Service) previewTip(c *tipCall) *answer.Answer {
	t := c.kb.Tip(c.tip.Pick(tipIDs(c.kb)))
	if t == nil {
		return s.noTipsLeft(c)
	}
	a := s.titledTip(c.call, tipTitle(c.tip.Rule, c.lang), t)
	when := c.say("als de tip weer aan staat", "once the tip goes on")
	if at := c.tip.Next(s.Now()); !at.IsZero() {
		when = c.moment(at)
	}
	a.Blocks = append([]answer.Block{answer.Paragraph{Text: answer.Text{{Kind: answer.Quiet, S: c.say("Voorbeeld. Deze komt ", "Preview. This one comes ") + when + "."}}}}, a.Blocks...)
	return a
}

func (s *Service) noTipsLeft(c *tipCall) *answer.Answer {
	return answer.New(c.lang, c.prose("Ik heb nog geen tips.", "I have no tips yet."))
}

// tipIDs are the IDs of all tips of the week.
func tipIDs(kb *knowledge.Base) []string {
	ids := make([]string, len(kb.Weekly))
	for i, t := range kb.Weekly {
		ids[i] = t.ID
	}
	return ids
}

// tipTitle is what a tip is called that comes by a rule.
func tipTitle(r schedule.Rule, l lang.Code) string {
	switch r.Unit {
	case schedule.Day:
		return lang.Text{NL: "Tip van de dag", EN: "Tip of the day"}.In(l)
	case schedule.Month:
		return lang.Text{NL: "Tip van de maand", EN: "Tip of the month"}.In(l)
	}
	return lang.Text{NL: "Tip van de week", EN: "Tip of the week"}.In(l)
}

// TipIDs returns the IDs of the tips of the week.
func (s *Service) TipIDs() []string { return tipIDs(s.Knowledge.Base()) }

// ScheduledTip returns the tip with that ID as it is posted in a room that gets
// tips by that rule, or nil if there is no such tip any more.
func (s *Service) ScheduledTip(id string, r schedule.Rule, l lang.Code) *answer.Answer {
	c := &call{kb: s.Knowledge.Base(), lang: l}
	t := c.kb.Tip(id)
	if t == nil {
		return nil
	}
	a := s.titledTip(c, tipTitle(r, l), t)
	a.Command = "tip"
	if s.Prefix != "!" {
		s.putPrefix(a)
	}
	return a
}
