package commands

import (
	"context"
	"fmt"
	"time"

	"wolkwijs/answer"
	"wolkwijs/domaincheck/dnsq"
	"wolkwijs/lang"
)

// Operator tells the bot's admins how the bot is.
type Operator interface {
	// Status is how the bot is now.
	Status(ctx context.Context) (Status, error)
	// Rooms are the rooms that the bot is in.
	Rooms(ctx context.Context) ([]RoomInfo, error)
}

// Status is how the bot is.
type Status struct {
	Up         time.Duration // since it started
	LastSync   time.Duration // since the homeserver last answered; negative: it never has
	InSync     bool          // it has answered lately
	Queue      int           // events waiting for an answer
	Encryption bool          // encrypted rooms can be read
	Rooms      int
	Jobs       []JobStatus // what it does of its own accord, by kind
	Feedback   []Feedback  // the topics with most reactions
}

// JobStatus is how one kind of thing that the bot does of its own accord is.
type JobStatus struct {
	Kind    string        // "tip" or "watch"
	Active  int           // in all rooms, without those that are paused
	Paused  int           //
	Overdue int           // should have been done by now
	Lag     time.Duration // since the one that waits longest should have been
}

// Feedback counts the reactions to answers about a topic.
type Feedback struct {
	Topic    string
	Up, Down int
}

func (s *Service) statusCommand() *command {
	return &command{
		names:   []string{"status"},
		admin:   true,
		summary: lang.Text{NL: "hoe de bot ervoor staat", EN: "how the bot is"},
		run:     s.status,
	}
}

// status tells how the bot is, the most important first.
func (s *Service) status(ctx context.Context, c *call) *answer.Answer {
	if c.Operator == nil {
		return answer.New(c.lang, c.prose("Hier draait geen bot.", "There is no bot here."))
	}
	st, err := c.Operator.Status(ctx)
	if err != nil {
		return notStored(c)
	}
	servers := []dnsq.SelfTest(nil)
	if s.SelfTest != nil {
		servers = s.SelfTest(ctx)
	}
	kb := c.kb.Stats(s.Now())
	a := answer.New(c.lang, answer.Bold(wellbeing(c, st, servers)))
	line := func(name string, value answer.Text) answer.Text {
		return answer.Join(answer.Plain(name+": "), value)
	}
	items := []answer.Text{
		line(c.say("Versie", "Version"), answer.Join(answer.Code(s.Version), answer.Plain(fmt.Sprintf(c.say(", draait %s", ", up for %s"), lasting(c.lang, st.Up))))),
		line("Homeserver", answer.Plain(syncWords(c, st))),
		line(c.say("Wachtrij", "Queue"), answer.Plain(fmt.Sprint(st.Queue))),
		line(c.say("Kamers", "Rooms"), answer.Join(answer.Plain(fmt.Sprintf("%d; ", st.Rooms)), answer.Code(c.say("!kamers", "!rooms")))),
	}
	for _, d := range servers {
		items = append(items, line("DNS", answer.Join(answer.Code(d.Server), answer.Plain(": "+resolverWords(c, d)))))
	}
	for _, j := range st.Jobs {
		name := map[string]string{"tip": c.say("Tip van de week", "Tip of the week"), "watch": c.say("Gevolgde domeinen", "Domains watched")}[j.Kind]
		if name == "" {
			name = j.Kind
		}
		items = append(items, line(name, answer.Plain(jobWords(c, j))))
	}
	items = append(items, line(c.say("Kennis", "Knowledge"), answer.Plain(fmt.Sprintf(
		c.say("diensten %d, onderwerpen %d, tweestapsverificatie %d, bedrijven %d; nieuwste feit van %s, ouder dan een jaar %d",
			"services %d, topics %d, two-step verification %d, companies %d; newest fact of %s, older than a year %d"),
		kb.Distinct, kb.Entries["topics"], kb.Entries["twofactor"], kb.Entries["providers"], s.day(c.lang, kb.Newest.AsTime(s.Zone)), kb.Stale))))
	a.Bullets(items...)
	if len(st.Feedback) > 0 {
		a.Para(answer.Plain(c.say("Wat mensen van antwoorden vinden:", "What people think of answers:")))
		var rows []answer.Text
		for _, f := range st.Feedback {
			rows = append(rows, answer.Join(answer.Code(f.Topic), answer.Plain(fmt.Sprintf(": 👍 %d, 👎 %d", f.Up, f.Down))))
		}
		a.Bullets(rows...)
	}
	return a
}

// wellbeing says in a sentence whether an admin has to do something.
func wellbeing(c *call, st Status, servers []dnsq.SelfTest) string {
	reached := len(servers) == 0
	for _, d := range servers {
		reached = reached || d.Reached
	}
	switch {
	case !st.InSync:
		return c.say("De homeserver antwoordt niet.", "The homeserver does not answer.")
	case !reached:
		return c.say("De DNS-resolver antwoordt niet: kijk naar dns.resolver.", "The DNS resolver does not answer: look at dns.resolver.")
	}
	for _, j := range st.Jobs {
		if j.Overdue > 0 && j.Lag >= time.Hour {
			return c.say("Ik loop achter met wat op tijd moest.", "I am behind with what was due.")
		}
	}
	return c.say("Alles werkt.", "All is well.")
}

// syncWords tells of the connection to the homeserver.
func syncWords(c *call, st Status) string {
	var text string
	switch {
	case st.LastSync < 0:
		text = c.say("nog niet gehoord", "not heard from yet")
	case st.InSync:
		text = fmt.Sprintf(c.say("in sync, %s geleden gehoord", "in sync, heard from %s ago"), lasting(c.lang, st.LastSync))
	default:
		text = fmt.Sprintf(c.say("al %s niets gehoord", "silent for %s"), lasting(c.lang, st.LastSync))
	}
	if !st.Encryption {
		text += c.say("; versleuteling staat uit", "; encryption is switched off")
	}
	return text
}

// resolverWords tells what a DNS server is good for.
func resolverWords(c *call, d dnsq.SelfTest) string {
	switch {
	case !d.Reached:
		return c.say("antwoordt niet", "does not answer")
	case d.Believed && d.GivesReasons == dnsq.Yes:
		return c.say("controleert DNSSEC, en zegt waarom", "validates DNSSEC, and says why")
	case d.Believed:
		return c.say("controleert DNSSEC", "validates DNSSEC")
	case !d.SafePath:
		return c.say("zonder beveiliging over het netwerk; DNSSEC controleer ik zelf", "over the network in the clear; I validate DNSSEC myself")
	}
	return c.say("controleert DNSSEC niet; dat doe ik zelf", "does not validate DNSSEC; I do that myself")
}

// jobWords tells of one kind of job.
func jobWords(c *call, j JobStatus) string {
	text := fmt.Sprint(j.Active)
	if j.Paused > 0 {
		text += fmt.Sprintf(c.say(", %d op pauze", ", %d paused"), j.Paused)
	}
	if j.Overdue == 0 {
		return text + c.say(", niets te laat", ", nothing is late")
	}
	return text + fmt.Sprintf(c.say(", %d aan de beurt, hoogstens %s te laat", ", %d due, at most %s late"), j.Overdue, lasting(c.lang, j.Lag))
}

// lasting is a stretch of time in the largest unit that fits: "3 dagen".
func lasting(l lang.Code, d time.Duration) string {
	for _, unit := range []struct {
		of        time.Duration
		one, many lang.Text
	}{
		{24 * time.Hour, lang.Text{NL: "dag", EN: "day"}, lang.Text{NL: "dagen", EN: "days"}},
		{time.Hour, lang.Text{NL: "uur", EN: "hour"}, lang.Text{NL: "uur", EN: "hours"}},
		{time.Minute, lang.Text{NL: "minuut", EN: "minute"}, lang.Text{NL: "minuten", EN: "minutes"}},
	} {
		switch n := int(d / unit.of); {
		case n == 1:
			return "1 " + unit.one.In(l)
		case n > 1:
			return fmt.Sprint(n, " ", unit.many.In(l))
		}
	}
	if n := int(d / time.Second); n != 1 {
		return fmt.Sprint(n, " ", lang.Text{NL: "seconden", EN: "seconds"}.In(l))
	}
	return "1 " + lang.Text{NL: "seconde", EN: "second"}.In(l)
}
