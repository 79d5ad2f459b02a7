package commands

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"wolkwijs/answer"
	"wolkwijs/domaincheck"
	"wolkwijs/domaincheck/change"
	"wolkwijs/lang"
)

// Watched is what is remembered of a domain that a room watches. It is kept
// as JSON.
type Watched struct {
	Seen         change.State `json:"state"`
	LastLook     time.Time    `json:"looked"`             // the last that found something out; zero: none yet
	Failures     int          `json:"failures,omitempty"` // looks since then
	FailingSince time.Time    `json:"failing,omitzero"`   // the first of those
	Warned       bool         `json:"warned,omitempty"`   // the room was told of them
	Next         time.Time    `json:"next,omitzero"`      // when to look again; zero: as soon as possible
	News         *News        `json:"news,omitempty"`     // what is to be told to the room, if anything
}

// News is something to tell a room about a domain it watches: what changed,
// or since when the domain could not be looked up.
type News struct {
	Changes     []change.Change `json:"changes,omitempty"`
	Unreachable time.Time       `json:"unreachable,omitzero"`
}

// ParseWatched reads what is remembered from JSON. What cannot be read, or is
// of another version, is forgotten: the domain is then looked at as if it had
// never been.
func ParseWatched(text string) Watched {
	var w struct {
		Watched
		Seen json.RawMessage `json:"state"`
	}
	if json.Unmarshal([]byte(text), &w) != nil {
		return Watched{}
	}
	state, err := change.ParseState(string(w.Seen))
	if err != nil {
		return Watched{}
	}
	w.Watched.Seen = state
	return w.Watched
}

// String is what is remembered as JSON.
func (w Watched) String() string {
	text, err := json.Marshal(w)
	if err != nil {
		panic(fmt.Sprintf("what is remembered of a domain is always JSON: %v", err))
	}
	return string(text)
}

// Look is what came of looking at a watched domain.
type Look struct {
	at    time.Time
	found change.Snapshot
	ok    bool // something was found out
}

// LookAt looks at a domain that rooms watch. The error is
// [domaincheck.ErrResolver] where nothing can be looked up now, which says
// nothing about the domain.
func (s *Service) LookAt(ctx context.Context, domain string) (Look, error) {
	look := Look{at: s.Now().UTC().Truncate(time.Second)}
	if s.Checker == nil {
		return look, domaincheck.ErrResolver
	}
	r, err := s.Checker.Recheck(ctx, domain)
	var wrong *domaincheck.InputError
	switch {
	case errors.As(err, &wrong):
		return look, nil
	case err != nil:
		return look, err
	case ctx.Err() != nil:
		return look, ctx.Err() // what was not looked up in time is not missing
	case r.Facts == nil || r.Facts.CutOff:
		return look, domaincheck.ErrResolver
	}
	look.found, look.ok = change.Take(r)
	return look, nil
}

const (
	// warnAfter is how long a domain must have failed to be looked up before
	// the room is told, once.
	warnAfter = 30 * 24 * time.Hour
	// lookAfterFailure is when a domain that could not be looked up is tried
	// again.
	lookAfterFailure = 24 * time.Hour
)

// Look takes in what a look found: it returns what to remember, with news if
// there is any. The usual time to look again is soonest after the look.
func (w Watched) Look(look Look, usual func(after time.Time) time.Time) Watched {
	if !look.ok {
		next := w
		next.Next = look.at.Add(lookAfterFailure)
		if next.Failures++; next.Failures == 1 {
			next.FailingSince = look.at
		}
		if !next.Warned && look.at.Sub(next.FailingSince) >= warnAfter {
			next.Warned = true
			next.News = &News{Unreachable: next.FailingSince}
		}
		return next
	}
	next := Watched{LastLook: look.at, Next: usual(look.at)}
	if w.Seen.Seen.Version == 0 { // never looked at, or forgotten
		next.Seen.Seen = look.found
		return next
	}
	state, changes, again := w.Seen.Look(look.found)
	next.Seen = state
	if again > 0 {
		next.Next = look.at.Add(again)
	}
	if len(changes) > 0 {
		next.News = &News{Changes: changes}
	}
	return next
}

// Told is what to remember once the news was told.
func (w Watched) Told() Watched {
	w.News = nil
	return w
}

// Untold is what to remember if the news could not be told: the next look
// finds it once more.
func (w Watched) Untold() Watched {
	if w.News != nil {
		w.Seen = w.Seen.Without(w.News.Changes)
		w.Warned = w.Warned && w.News.Unreachable.IsZero()
	}
	return w.Told()
}

// TellNews is the message about a watched domain in language l.
func (s *Service) TellNews(domain string, n News, l lang.Code) *answer.Answer {
	c := &call{kb: s.Knowledge.Base(), lang: l}
	name := domaincheck.Unicode(domain)
	a := answer.New(c.lang, nil)
	if len(n.Changes) == 0 {
		a.Headline = answer.Join(answer.Plain(c.say("Ik kan ", "I have not been able to look up ")), answer.Code(name),
			answer.Plain(fmt.Sprintf(c.say(" al sinds %s niet opvragen.", " since %s."), s.day(c.lang, n.Unreachable))))
		a.Para(c.prose("De naamservers antwoorden niet of geven fouten. Of er iets veranderd is, weet ik dus niet. Ik blijf het proberen, en zeg het niet nog een keer.",
			"Its name servers do not answer or return errors, so I do not know whether anything changed. I keep trying, and do not say it again."))
	} else {
		a.Headline = newsHeadline(c, name, n.Changes)
		var lines []answer.Text
		for _, ch := range n.Changes {
			lines = append(lines, changeLine(c, ch))
		}
		a.Bullets(lines...)
		for _, m := range change.Meanings(n.Changes) {
			a.Para(answer.Prose(m.In(c.lang)))
		}
	}
	a.Para(answer.Join(answer.Plain(c.say("Hoe het er nu voor staat: ", "How things are now: ")), answer.Code("!check "+name),
		answer.Plain(c.say(". Niet meer volgen: ", ". To stop watching: ")), answer.Code(c.say("!ontvolg ", "!unwatch ")+name)))
	a.Topic, a.Command = "check:"+domain, "watch"
	return s.finish(c, a)
}
