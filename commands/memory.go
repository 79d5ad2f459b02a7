package commands

import (
	"context"
	"strconv"
	"sync"
	"time"

	"wolkwijs/answer"
	"wolkwijs/knowledge"
	"wolkwijs/lang"
)

const (
	rememberFor = 10 * time.Minute // how long a conversation can be taken up again
	maxRooms    = 5000             // conversations remembered at once
)

// memory is what is remembered of conversations: only in memory, only for
// rememberFor, and only what was offered, never what was asked. It is safe
// for use by many at once; the zero value with now set is ready.
type memory struct {
	now   func() time.Time
	mu    sync.Mutex
	rooms map[string]*remembered
}

// remembered is what may follow the last answer in a room.
type remembered struct {
	until   time.Time
	lang    lang.Code // of the answer that offered the choices
	choices []answer.Choice
	more    func(ctx context.Context, c *call) *answer.Answer
	last    lastAnswer
}

// lastAnswer is what the last answer was about: IDs only, never words of the
// asker.
type lastAnswer struct {
	topic   string        // topic ID
	list    altQuery      // of a list of alternatives; category is empty for others
	subject knowledge.Ref // the product or service it is about, if it is about one
	lang    lang.Code     // of the answer
	// declined says that a question after it was declined: it can still be
	// taken up again, but "why?" is not about it.
	declined bool
}

// room returns what is remembered of a room, new if nothing is. The caller
// holds mu.
func (m *memory) room(id string) *remembered {
	now := m.now()
	if m.rooms == nil {
		m.rooms = map[string]*remembered{}
	}
	r := m.rooms[id]
	if r == nil || now.After(r.until) {
		if len(m.rooms) >= maxRooms {
			m.forget(now)
		}
		r = &remembered{}
		m.rooms[id] = r
	}
	r.until = now.Add(rememberFor)
	return r
}

// forget drops what is too old, and if nothing is, the oldest. The caller
// holds mu.
func (m *memory) forget(now time.Time) {
	oldest := ""
	for id, r := range m.rooms {
		if now.After(r.until) {
			delete(m.rooms, id)
		} else if oldest == "" || r.until.Before(m.rooms[oldest].until) {
			oldest = id
		}
	}
	if len(m.rooms) >= maxRooms {
		delete(m.rooms, oldest)
	}
}

// offer remembers the choices of the newest answer in a room and forgets
// older ones.
func (m *memory) offer(room string, l lang.Code, choices []answer.Choice) {
	if room == "" {
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	r := m.room(room)
	r.lang, r.choices = l, choices
}

// chosen returns the command of the choice with the given number, counted
// from 1, of the newest answer in a room, and the language it was offered in.
// It returns false if number is not one of them.
func (m *memory) chosen(room, number string) (command string, l lang.Code, ok bool) {
	n, err := strconv.Atoi(number)
	if err != nil || len(number) > 1 {
		return "", "", false
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	r := m.rooms[room]
	if r == nil || m.now().After(r.until) || n < 1 || n > len(r.choices) {
		return "", "", false
	}
	return r.choices[n-1].Command, r.lang, true
}

// keepMore remembers what "more" does next in a room; nil: nothing.
func (m *memory) keepMore(room string, more func(ctx context.Context, c *call) *answer.Answer) {
	if room == "" {
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.room(room).more = more
}

// takeMore returns what "more" does in a room, or nil.
func (m *memory) takeMore(room string) func(ctx context.Context, c *call) *answer.Answer {
	m.mu.Lock()
	defer m.mu.Unlock()
	r := m.rooms[room]
	if r == nil || m.now().After(r.until) {
		return nil
	}
	return r.more
}

// about remembers what the newest answer in a room is about.
func (m *memory) about(room string, last lastAnswer) {
	if room == "" {
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.room(room).last = last
}

// declined remembers that the newest answer in a room was none.
func (m *memory) declined(room string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if r := m.rooms[room]; r != nil {
		r.last.declined = true
	}
}

// subject returns what the newest answer in a room was about, and whether
// that is still remembered.
func (m *memory) subject(room string) (lastAnswer, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	r := m.rooms[room]
	if r == nil || m.now().After(r.until) || r.last.topic == "" {
		return lastAnswer{}, false
	}
	return r.last, true
}
