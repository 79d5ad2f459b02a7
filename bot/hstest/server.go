// Package hstest is a small Matrix homeserver in memory for tests of the bot:
// it keeps rooms, answers the requests that the bot makes, and fails on
// demand. Members without a client act through [Server.Say], [Server.Send] and
// the like; those with one log in as the bot does, with any name.
//
// [Server.RoundTrip] serves requests without a network, so that tests can run
// in a bubble of package testing/synctest and never wait for real;
// [Server.ServeHTTP] serves them over one.
//
// For tests only.
package hstest

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"time"

	"maunium.net/go/mautrix/id"
)

// The bot's account, and the password of every account.
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

	from session // whose client sent it under the transaction ID
	txn  string
}

// Server is a homeserver. Its methods may be called at any time.
type Server struct {
	// OAuth is the login server, if there is one.
	OAuth OAuth

	handler http.Handler

	fail     hook[func(w http.ResponseWriter, r *http.Request) bool]
	lose     hook[func(r *http.Request) bool]
	queue    hook[func(r *http.Request) bool]
	unlisted hook[func(e *Event) bool]

	mu       sync.Mutex
	changed  chan struct{} // closed and replaced at each change
	position int           // of the newest thing that a /sync can tell of
	stream   []*Event
	queued   []*Event
	order    []id.RoomID // as they were made
	rooms    map[id.RoomID]*room
	txns     map[string]id.EventID // by access token and transaction ID
	tokens   map[string]session
	logins   int                        // of the bot
	data     map[string]json.RawMessage // account data, by user ID and type
	filters  []json.RawMessage
	profile  map[string]any // of the bot
	keys     keys
}

// room is what is known of a room, oldest first.
type room struct {
	events []*Event
	state  map[stateKey][]*Event
}

type stateKey struct{ kind, key string }

// session is whose an access token is.
type session struct {
	user   id.UserID
	device id.DeviceID
}

// New returns a homeserver with no rooms.
func New() *Server {
	s := &Server{
		changed: make(chan struct{}),
		rooms:   map[id.RoomID]*room{},
		txns:    map[string]id.EventID{},
		tokens:  map[string]session{},
		data:    map[string]json.RawMessage{},
		profile: map[string]any{"displayname": "bot"},
		keys:    keys{devices: map[session]*device{}, crossSigning: map[string]object{}},
	}
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
		if s.fails(rec, r) {
			broken = rec.Code == http.StatusOK && rec.Body.Len() == 0
			return
		}
		s.handler.ServeHTTP(rec, r)
		broken = rec.Body.Len() == 0 || s.loses(r)
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

// ServeHTTP serves a request that came over a network, as an [http.Handler].
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	resp, err := s.RoundTrip(r)
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	defer resp.Body.Close()
	maps.Copy(w.Header(), resp.Header)
	w.WriteHeader(resp.StatusCode)
	_, _ = io.Copy(w, resp.Body)
}

// Restart forgets what a homeserver keeps in memory only: which transaction
// IDs it has seen.
func (s *Server) Restart() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.txns = map[string]id.EventID{}
}

// Flush puts what was queued in its rooms, as a homeserver does that was killed
// when it had taken, and not yet acknowledged, an event.
func (s *Server) Flush() {
	s.mu.Lock()
	queued := s.queued
	s.queued = nil
	s.mu.Unlock()
	for _, e := range queued {
		s.add(e)
	}
}

// LogOut ends all sessions of the bot.
func (s *Server) LogOut() {
	s.mu.Lock()
	defer s.mu.Unlock()
	maps.DeleteFunc(s.tokens, func(_ string, who session) bool { return who.user == Bot })
	s.wake()
}

// ForgetDevices forgets the keys of the bot's devices.
func (s *Server) ForgetDevices() {
	s.mu.Lock()
	defer s.mu.Unlock()
	maps.DeleteFunc(s.keys.devices, func(who session, _ *device) bool { return who.user == Bot })
	s.keysChanged(Bot)
}

// Logins is how often the bot has logged in.
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
	return s.makeRoom(owner, name, map[string]any{"room_version": "11"})
}

// Successor makes a room of a member that names another one as the room before
// it.
func (s *Server) Successor(owner id.UserID, name string, old id.RoomID) id.RoomID {
	return s.makeRoom(owner, name, map[string]any{"room_version": "11", "predecessor": map[string]any{"room_id": string(old)}})
}

// makeRoom makes a room whose m.room.create has that content.
func (s *Server) makeRoom(owner id.UserID, name string, create map[string]any) id.RoomID {
	s.mu.Lock()
	room := id.RoomID(fmt.Sprintf("!room%d:hs.example", s.position))
	s.mu.Unlock()
	s.SetState(room, owner, "m.room.create", "", create)
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

// RedactOld is Redact as it is in rooms before version 11, where the content
// does not say what is removed.
func (s *Server) RedactOld(room id.RoomID, who id.UserID, event id.EventID) id.EventID {
	return s.add(&Event{Room: room, Sender: who, Type: "m.room.redaction", Redacts: event, Content: map[string]any{}})
}

// Events returns what was sent in a room that is not state, oldest first.
func (s *Server) Events(room id.RoomID) []Event {
	s.mu.Lock()
	defer s.mu.Unlock()
	var events []Event
	for _, e := range s.room(room).events {
		if e.StateKey == nil {
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
	if e := s.state(room, kind, key, s.position); e != nil {
		return e.Content
	}
	return nil
}

// add puts an event in the stream.
func (s *Server) add(e *Event) id.EventID {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.position++
	e.position = s.position
	e.ID = id.EventID(fmt.Sprintf("$event%d", e.position))
	e.Timestamp = time.Now().UnixMilli()
	if e.Redacts != "" {
		s.empty(e.Redacts, e)
	}
	s.stream = append(s.stream, e)
	r := s.rooms[e.Room]
	if r == nil {
		r = &room{state: map[stateKey][]*Event{}}
		s.rooms[e.Room] = r
		s.order = append(s.order, e.Room)
	}
	r.events = append(r.events, e)
	if e.StateKey != nil {
		key := stateKey{e.Type, *e.StateKey}
		r.state[key] = append(r.state[key], e)
	}
	s.wake()
	return e.ID
}

// empty takes away the content of an event because of another one. The caller
// holds mu.
func (s *Server) empty(redacted id.EventID, because *Event) {
	for i, old := range s.stream {
		if old.ID != redacted {
			continue
		}
		empty := *old // the old one may be on its way to somebody
		empty.Content = map[string]any{}
		empty.Unsigned = map[string]any{"redacted_because": because}
		s.stream[i] = &empty
		lists := [][]*Event{s.rooms[old.Room].events}
		if old.StateKey != nil {
			lists = append(lists, s.rooms[old.Room].state[stateKey{old.Type, *old.StateKey}])
		}
		for _, list := range lists {
			list[slices.Index(list, old)] = &empty
		}
	}
}

// wake lets waiting requests look again. The caller holds mu.
func (s *Server) wake() {
	close(s.changed)
	s.changed = make(chan struct{})
}

// room returns a room; one without events if there is none. The caller holds
// mu.
func (s *Server) room(name id.RoomID) *room {
	if r := s.rooms[name]; r != nil {
		return r
	}
	return &room{}
}

// since returns the events of a room after a position. The caller holds mu.
func (r *room) since(position int) []*Event {
	i, _ := slices.BinarySearchFunc(r.events, position, func(e *Event, position int) int { return e.position - position - 1 })
	return r.events[i:]
}

// state returns a state event as it was at a position, or nil. The caller
// holds mu.
func (s *Server) state(room id.RoomID, kind, key string, until int) *Event {
	events := s.room(room).state[stateKey{kind, key}]
	for i := len(events) - 1; i >= 0; i-- {
		if events[i].position <= until {
			return events[i]
		}
	}
	return nil
}

// membership is a user's membership at a position. The caller holds mu.
func (s *Server) membership(user id.UserID, room id.RoomID, until int) string {
	if e := s.state(room, "m.room.member", string(user), until); e != nil {
		m, _ := e.Content["membership"].(string)
		return m
	}
	return ""
}
