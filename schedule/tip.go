package schedule

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"wolkwijs/lang"
)

// Tip is a room's tip of the week: when it comes, what became of it, and which
// tips the room has had. It is stored as JSON.
type Tip struct {
	Rule   Rule      `json:"rule"`
	Zone   string    `json:"zone"` // IANA name
	From   time.Time `json:"from"` // from when Rule counts weeks and days
	Paused Pause     `json:"paused,omitempty"`

	Done   time.Time `json:"done,omitzero"` // the last occurrence that was posted
	Missed *Missed   `json:"missed,omitempty"`

	// Seed makes the order of the tips the room's own.
	Seed string `json:"seed"`
	// Shown are the IDs of the tips that the room has had, the longest ago
	// first.
	Shown IDs `json:"shown,omitempty"`
	// Posting is the ID of the tip that is being posted.
	Posting string `json:"posting,omitempty"`
	// Asked is the last request for a tip out of turn, and the tip that it got.
	Asked Asked `json:"asked,omitzero"`
}

// IDs are IDs of tips. They are stored as one text, which is read much faster
// than a list.
type IDs []string

// MarshalText writes the IDs with line breaks between them.
func (ids IDs) MarshalText() ([]byte, error) { return []byte(strings.Join(ids, "\n")), nil }

// UnmarshalText reads what MarshalText writes.
func (ids *IDs) UnmarshalText(text []byte) error {
	*ids = nil
	if len(text) > 0 {
		*ids = strings.Split(string(text), "\n")
	}
	return nil
}

// Pause is why nothing comes.
type Pause string

// The pauses.
const (
	Running   Pause = ""
	ByPerson  Pause = "asked"     // someone asked for it
	Forbidden Pause = "forbidden" // the bot may not write in the room
)

// Missed are occurrences in a row that were passed over.
type Missed struct {
	First time.Time `json:"first"`
	Last  time.Time `json:"last"`
	Count int       `json:"count"`
}

// Asked is a request for a tip out of turn.
type Asked struct {
	By  string `json:"by"`  // what tells the request from others
	Tip string `json:"tip"` // ID
}

// NewTip returns a tip of the week that begins now. seed tells the room from
// others.
func NewTip(rule Rule, zone *time.Location, now time.Time, seed string) *Tip {
	t := &Tip{Seed: seed}
	t.Set(rule, zone, now)
	return t
}

// Set changes when the tip comes. The first comes at the next moment that
// fits; pauses of more than a week or day count from that.
func (t *Tip) Set(rule Rule, zone *time.Location, now time.Time) {
	t.Rule, t.Zone, t.Paused, t.Missed = rule, zone.String(), Running, nil
	nearest := rule
	if nearest.Unit != Month {
		nearest.Every = 1
	}
	t.From = nearest.After(now, now, zone)
}

// SameTimes says whether both come at the same times.
func (t *Tip) SameTimes(other *Tip) bool {
	return t.Rule.In(lang.EN) == other.Rule.In(lang.EN) && t.Zone == other.Zone && t.From.Equal(other.From) && t.Paused == other.Paused
}

// Resume ends a pause. Occurrences meanwhile are gone.
func (t *Tip) Resume() { t.Paused, t.Missed = Running, nil }

// Next returns the first occurrence later than after, or the zero time while
// the tip is paused.
func (t *Tip) Next(after time.Time) time.Time {
	if t.Paused != Running {
		return time.Time{}
	}
	return t.Rule.After(after, t.From, t.Place())
}

// Place is the zone in which the tip comes; UTC if the time zone database has
// lost it.
func (t *Tip) Place() *time.Location {
	if zone, ok := Zone(t.Zone); ok {
		return zone
	}
	return time.UTC
}

// Posted notes that the tip being posted was, as an occurrence.
func (t *Tip) Posted(occurrence time.Time) {
	t.show(t.Posting)
	t.Posting, t.Done, t.Missed = "", occurrence, nil
}

// Passed notes that an occurrence was passed over.
func (t *Tip) Passed(occurrence time.Time) {
	t.Posting = ""
	if t.Missed == nil {
		t.Missed = &Missed{First: occurrence}
	}
	t.Missed.Last = occurrence
	t.Missed.Count++
}

// Take picks the next tip of ids out of turn. The same request gets the same
// tip again.
func (t *Tip) Take(request string, ids []string) string {
	if t.Asked.By == request && slices.Contains(ids, t.Asked.Tip) {
		return t.Asked.Tip
	}
	t.Asked = Asked{By: request, Tip: t.Pick(ids)}
	t.show(t.Asked.Tip)
	return t.Asked.Tip
}

// Pick returns which of the tips with these IDs comes next, or nothing if there
// are none: one that the room has not had, in an order of the room's own, or
// else the one it had the longest ago. So none comes again before all others
// have, also when tips are added or removed.
func (t *Tip) Pick(ids []string) string {
	fresh := slices.DeleteFunc(slices.Clone(ids), func(id string) bool { return slices.Contains(t.Shown, id) })
	if len(fresh) > 0 {
		return slices.MinFunc(fresh, func(a, b string) int {
			if x, y := t.place(a), t.place(b); x != y {
				return map[bool]int{true: -1, false: 1}[x < y]
			}
			return strings.Compare(a, b)
		})
	}
	for _, id := range t.Shown {
		if slices.Contains(ids, id) {
			return id
		}
	}
	return ""
}

// place is where a tip stands in the order of the room.
func (t *Tip) place(id string) uint64 {
	sum := sha256.Sum256([]byte(t.Seed + "\x00" + id))
	return binary.BigEndian.Uint64(sum[:])
}

// maxShown is how many tips are kept: more than there will ever be, of an
// operator who replaces them all now and then.
const maxShown = 500

// show notes that the room has had a tip.
func (t *Tip) show(id string) {
	if id == "" {
		return
	}
	t.Shown = append(slices.DeleteFunc(t.Shown, func(s string) bool { return s == id }), id)
	t.Shown = t.Shown[max(len(t.Shown)-maxShown, 0):]
}

// Encode returns the tip as it is stored.
func (t *Tip) Encode() string {
	text, err := json.Marshal(t)
	if err != nil {
		panic(fmt.Sprintf("a tip is always JSON: %v", err))
	}
	return string(text)
}

// Decode reads what Encode returned.
func Decode(text string) (*Tip, error) {
	t := &Tip{}
	if err := json.Unmarshal([]byte(text), t); err != nil {
		return nil, fmt.Errorf("reading a stored tip of the week: %w", err)
	}
	if !t.Rule.valid() {
		return nil, fmt.Errorf("reading a stored tip of the week: no rule")
	}
	return t, nil
}
