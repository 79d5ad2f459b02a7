package change

import (
	"encoding/json"
	"fmt"
	"time"
)

// State is what is remembered of a watched domain between two looks.
//
// A difference is told only once a second look has found the same. Zones are
// edited in steps, name servers are replaced one by one, registries and
// resolvers stumble: what is told must have stood for an hour. A domain that
// is gone must have been gone for a day, because resolvers keep a "no such
// name" for up to some hours (RFC 2308, section 5), and because few messages
// frighten more when they are wrong.
type State struct {
	Seen    Snapshot  `json:"seen"`              // what was told, or there when the watch began
	Pending *Snapshot `json:"pending,omitempty"` // what the last look found instead
	Looks   int       `json:"looks,omitempty"`   // in succession that found something else than Seen
}

// How long after a difference is seen the domain is looked at again. Where it
// is different once more, the time doubles.
const (
	confirmAfter     = time.Hour
	confirmGoneAfter = 24 * time.Hour
	maxConfirmAfter  = 7 * 24 * time.Hour
)

// ParseState reads a state from JSON. The error is as that of [Parse].
func ParseState(text string) (State, error) {
	var s State
	if err := json.Unmarshal([]byte(text), &s); err != nil {
		return State{}, fmt.Errorf("reading what is remembered of a domain: %w", err)
	}
	if s.Seen.Version != version || s.Pending != nil && s.Pending.Version != version {
		return State{}, ErrVersion
	}
	s.Seen = s.Seen.canonical()
	if s.Pending != nil {
		p := s.Pending.canonical()
		s.Pending = &p
	}
	return s, nil
}

// String is the state as JSON.
func (s State) String() string {
	text, err := json.Marshal(s)
	if err != nil {
		panic(fmt.Sprintf("a state is always JSON: %v", err))
	}
	return string(text)
}

// Look takes in what a look found. It returns what to remember from then on,
// the changes to tell, and how long after this look to look again to be sure;
// zero means at the usual time.
func (s State) Look(found Snapshot) (next State, changes []Change, again time.Duration) {
	before := s.Seen
	if s.Pending != nil {
		before = *s.Pending
	}
	now := merge(before, found)
	changes = Compare(s.Seen, now)
	switch {
	case len(changes) == 0:
		return State{Seen: now}, nil, 0
	case s.Pending != nil && len(Compare(*s.Pending, now)) == 0 && knowsAll(found, changes):
		return State{Seen: now}, changes, 0
	}
	next = State{Seen: s.Seen, Pending: &now, Looks: s.Looks + 1}
	again = maxConfirmAfter
	if s.Looks < 8 { // 2^8 hours are more than a week
		again = min(confirmAfter<<s.Looks, again)
	}
	if changes[0].Subject == Domain && changes[0].is(Gone) {
		again = max(again, confirmGoneAfter)
	}
	return next, nil, again
}

// Without is the state as if changes had not been seen.
func (s State) Without(changes []Change) State {
	s.Seen = s.Seen.clone()
	for _, c := range changes {
		s.Seen.Values[c.Subject] = Value{Items: c.Was}
	}
	return s
}

// knowsAll says whether a snapshot tells of all that changed.
func knowsAll(s Snapshot, changes []Change) bool {
	for _, c := range changes {
		if !s.Known(c.Subject) {
			return false
		}
	}
	return true
}
