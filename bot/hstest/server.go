// Package hstest is a small Matrix homeserver in memory for tests of the bot:
// it keeps rooms, answers the requests that the bot makes, and fails on
// demand. It has one account with a session, the bot's; everyone else acts
// through [Server.Say], [Server.Send] and the like.
//
// [Server.RoundTrip] serves requests without a network, so that tests can run
// in a bubble of package testing/synctest and never wait for real.
//
// For tests only.
package hstest

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"time"

	"maunium.net/go/mautrix/id"
)

// The bot's account.
const (
	Bot      = id.UserID("@bot:hs.example")
	Password = "correct horse"
)

// Event is an event as clients see it.
type Event struct {
	ID        id.EventID     `json:"event_id"`
	Room      id.RoomID      `json:"room_id"`
	Sender    id.UserID      `json:"sender"`
	Type      string         `json:"type"`
	StateKey  *string        `json:"state_key,omitempty"`
	Timestamp int64          `json:"origin_server_ts"`
	Content   map[string]any `json:"content"`
	Redacts   id.EventID     `json:"redacts,omitempty"`
	Unsigned  map[string]any `json:"unsigned,omitempty"`

	position int // in the stream, from 1
}

// Server is a homeserver. Its methods may be called at any time.
type Server struct {
	// Fail, if set, sees each request first. Where it returns true it has
	// answered, or the request is to break off (nothing written).
	Fail func(w http.ResponseWriter, r *http.Request) bool
	// Lose, if set, says whether the answer to a request that was carried
	// out is lost on its way back.
	Lose func(r *http.Request) bool

	// OAuth is the login server, if there is one.
	OAuth OAuth

	handler http.Handler

	mu      sync.Mutex
	changed chan struct{} // closed and replaced at each change
	stream  []*Event
	txns    map[string]id.EventID // by access token and transaction ID
	tokens  map[string]id.DeviceID
	logins  int
	data    map[string]json.RawMessage // account data
	profile map[string]any             // of the bot
	keys    keys                       // of the bot
}

// New returns a homeserver with no rooms.
func New() *Server {
	s := &Server{changed: make(chan struct{}), txns: map[string]id.EventID{}, tokens: map[string]id.DeviceID{}, data: map[string]json.RawMessage{}, profile: map[string]any{"displayname": "bot"}}
	s.handler = s.routes()
	return s
}

// RoundTrip serves a request, as an [http.RoundTripper].
func (s *Server) RoundTrip(r *http.Request) (*http.Response, error) {
	rec := httptest.NewRecorder()
	done := make(chan struct{})
	broken := false
	go func() {
		defer close(done)
		if s.Fail != nil && s.Fail(rec, r) {
			broken = rec.Code == http.StatusOK && rec.Body.Len() == 0
			return
		}
		s.handler.ServeHTTP(rec, r)
		broken = s.Lose != nil && s.Lose(r)
	}()
	select {
	case <-done:
	case <-r.Context().Done():
		return nil, r.Context().Err()
	}
	if broken {
		return nil, fmt.Errorf("connection reset by peer")
	}
	return rec.Result(), nil
}

// Restart forgets what a homeserver keeps in memory only: which transaction
// IDs it has seen.
func (s *Server) Restart() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.txns = map[string]id.EventID{}
}

// LogOut ends all sessions.
func (s *Server) LogOut() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.tokens = map[string]id.DeviceID{}
	s.wake()
}

// Logins is how often someone has logged in.
func (s *Server) Logins() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.logins
}

// Profile returns a field of the bot's profile, such as "displayname".
func (s *Server) Profile(field string) any {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.profile[field]
}

// SetProfile sets a field of the bot's profile.
func (s *Server) SetProfile(field, value string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.profile[field] = value
}

// Room makes a room of a member. With a name it is a club room.
func (s *Server) Room(owner id.UserID, name string) id.RoomID {
	s.mu.Lock()
	room := id.RoomID(fmt.Sprintf("!room%d:hs.example", len(s.stream)))
	s.mu.Unlock()
	s.SetState(room, owner, "m.room.create", "", map[string]any{"room_version": "11"})
	s.SetState(room, owner, "m.room.member", string(owner), map[string]any{"membership": "join"})
	s.SetState(room, owner, "m.room.power_levels", "", map[string]any{"users": map[string]any{string(owner): 100}, "state_default": 50})
	if name != "" {
		s.SetState(room, owner, "m.room.name", "", map[string]any{"name": name})
	}
	return room
}

// Invite invites the bot.
func (s *Server) Invite(room id.RoomID, by id.UserID, direct bool) {
	content := map[string]any{"membership": "invite"}
	if direct {
		content["is_direct"] = true
	}
	s.SetState(room, by, "m.room.member", string(Bot), content)
}

// Join has a member join.
func (s *Server) Join(room id.RoomID, who id.UserID) {
	s.SetState(room, who, "m.room.member", string(who), map[string]any{"membership": "join"})
}

// Leave has a member leave.
func (s *Server) Leave(room id.RoomID, who id.UserID) {
	s.SetState(room, who, "m.room.member", string(who), map[string]any{"membership": "leave"})
}

// Say sends a text message.
func (s *Server) Say(room id.RoomID, who id.UserID, text string) id.EventID {
	return s.Send(room, who, "m.room.message", map[string]any{"msgtype": "m.text", "body": text})
}

// Send sends an event.
func (s *Server) Send(room id.RoomID, who id.UserID, kind string, content map[string]any) id.EventID {
	return s.add(&Event{Room: room, Sender: who, Type: kind, Content: content})
}

// SetState sends a state event.
func (s *Server) SetState(room id.RoomID, who id.UserID, kind, key string, content map[string]any) id.EventID {
	return s.add(&Event{Room: room, Sender: who, Type: kind, StateKey: &key, Content: content})
}

// Redact redacts an event.
func (s *Server) Redact(room id.RoomID, who id.UserID, event id.EventID) id.EventID {
	return s.add(&Event{Room: room, Sender: who, Type: "m.room.redaction", Redacts: event, Content: map[string]any{"redacts": event}})
}

// Events returns what was sent in a room that is not state, oldest first.
func (s *Server) Events(room id.RoomID) []Event {
	s.mu.Lock()
	defer s.mu.Unlock()
	var events []Event
	for _, e := range s.stream {
		if e.Room == room && e.StateKey == nil {
			events = append(events, *e)
		}
	}
	return events
}

// All returns every event of every room, oldest first.
func (s *Server) All() []Event {
	s.mu.Lock()
	defer s.mu.Unlock()
	events := make([]Event, len(s.stream))
	for i, e := range s.stream {
		events[i] = *e
	}
	return events
}

// Await returns when there is an event that matches among the newest twenty.
func (s *Server) Await(match func(e *Event) bool) {
	for {
		s.mu.Lock()
		changed := s.changed
		for i := len(s.stream) - 1; i >= max(0, len(s.stream)-20); i-- {
			if match(s.stream[i]) {
				s.mu.Unlock()
				return
			}
		}
		s.mu.Unlock()
		<-changed
	}
}

// State returns the content of a state event, or nil.
func (s *Server) State(room id.RoomID, kind, key string) map[string]any {
	s.mu.Lock()
	defer s.mu.Unlock()
	if e := s.state(room, kind, key, len(s.stream)); e != nil {
		return e.Content
	}
	return nil
}

// add puts an event in the stream.
func (s *Server) add(e *Event) id.EventID {
	s.mu.Lock()
	defer s.mu.Unlock()
	e.position = len(s.stream) + 1
	e.ID = id.EventID(fmt.Sprintf("$event%d", e.position))
	e.Timestamp = time.Now().UnixMilli()
	if e.Redacts != "" {
		for i, old := range s.stream {
			if old.ID == e.Redacts {
				empty := *old
				empty.Content = map[string]any{}
				s.stream[i] = &empty
			}
		}
	}
	s.stream = append(s.stream, e)
	s.wake()
	return e.ID
}

// wake lets waiting requests look again. The caller holds mu.
func (s *Server) wake() {
	close(s.changed)
	s.changed = make(chan struct{})
}

// state returns a state event as it was at a position, or nil. The caller
// holds mu.
func (s *Server) state(room id.RoomID, kind, key string, until int) *Event {
	for i := until - 1; i >= 0; i-- {
		if e := s.stream[i]; e.Room == room && e.Type == kind && e.StateKey != nil && *e.StateKey == key {
			return e
		}
	}
	return nil
}

// membership is the bot's membership at a position. The caller holds mu.
func (s *Server) membership(room id.RoomID, until int) string {
	if e := s.state(room, "m.room.member", string(Bot), until); e != nil {
		m, _ := e.Content["membership"].(string)
		return m
	}
	return ""
}

// rooms returns all rooms in the order they were made. The caller holds mu.
func (s *Server) rooms() []id.RoomID {
	var rooms []id.RoomID
	for _, e := range s.stream {
		if !slices.Contains(rooms, e.Room) {
			rooms = append(rooms, e.Room)
		}
	}
	return rooms
}
