package hstest

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"

	"maunium.net/go/mautrix/id"
)

// routes returns a handler of the requests that the server knows.
func (s *Server) routes() http.Handler {
	mux := http.NewServeMux()
	const v3 = "/_matrix/client/v3"
	handle := func(pattern string, h http.HandlerFunc) {
		method, path, _ := strings.Cut(pattern, " ")
		mux.HandleFunc(method+" "+v3+path, func(w http.ResponseWriter, r *http.Request) {
			s.mu.Lock()
			known := s.tokens[token(r)].user != "" && !s.expired(token(r))
			s.mu.Unlock()
			if !known && path != "/login" {
				fail(w, http.StatusUnauthorized, "M_UNKNOWN_TOKEN")
				return
			}
			h(w, r)
		})
	}
	s.oauthRoutes(mux)
	handle("POST /login", s.login)
	handle("POST /logout", s.logout)
	s.keyRoutes(handle)
	handle("GET /account/whoami", s.whoami)
	handle("POST /createRoom", s.createRoom)
	handle("POST /rooms/{room}/invite", s.invite)
	handle("POST /user/{user}/filter", s.putFilter)
	handle("GET /sync", s.sync)
	handle("GET /profile/{user}", s.getProfile)
	handle("PUT /profile/{user}/{field}", s.putProfile)
	handle("GET /directory/room/{alias}", s.alias)
	handle("GET /rooms/{room}/joined_members", s.joinedMembers)
	handle("GET /joined_rooms", s.joinedRooms)
	handle("GET /user/{user}/account_data/{type}", s.getAccountData)
	handle("PUT /user/{user}/account_data/{type}", s.putAccountData)
	handle("POST /join/{room}", s.join)
	handle("POST /rooms/{room}/leave", s.leave)
	handle("GET /rooms/{room}/messages", s.messages)
	handle("GET /rooms/{room}/event/{event}", s.event)
	handle("GET /rooms/{room}/state", s.allState)
	handle("GET /rooms/{room}/state/{type}/{$}", s.getState)
	handle("GET /rooms/{room}/state/{type}", s.getState)
	handle("GET /rooms/{room}/state/{type}/{key}", s.getState)
	handle("PUT /rooms/{room}/state/{type}/{key}", s.putState)
	handle("GET /rooms/{room}/members", s.members)
	handle("PUT /rooms/{room}/send/{type}/{txn}", s.send)
	handle("PUT /rooms/{room}/redact/{event}/{txn}", s.redact)
	handle("POST /rooms/{room}/receipt/{type}/{event}", ok)
	handle("PUT /rooms/{room}/typing/{user}", ok)
	mux.HandleFunc("POST /_matrix/media/v3/upload", func(w http.ResponseWriter, r *http.Request) {
		reply(w, object{"content_uri": "mxc://hs.example/" + r.URL.Query().Get("filename")})
	})
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) { fail(w, http.StatusNotFound, "M_UNRECOGNIZED") })
	return mux
}

func (s *Server) login(w http.ResponseWriter, r *http.Request) {
	var req struct {
		Password   string      `json:"password"`
		DeviceID   id.DeviceID `json:"device_id"`
		Identifier struct {
			User id.UserID `json:"user"`
		} `json:"identifier"`
	}
	if err := json.NewDecoder(r.Body).Decode(&req); err != nil || req.Password != Password {
		fail(w, http.StatusForbidden, "M_FORBIDDEN")
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	who := session{id.UserID(strings.ToLower(string(req.Identifier.User))), req.DeviceID}
	access := fmt.Sprintf("token of %s %d", who.user, len(s.tokens)+1)
	if who.user == Bot {
		s.logins++
		access = fmt.Sprintf("token%d", s.logins)
	}
	if who.device == "" {
		who.device = id.DeviceID(fmt.Sprintf("DEVICE%d", len(s.tokens)+1))
	}
	s.tokens[access] = who
	reply(w, object{"user_id": who.user, "access_token": access, "device_id": who.device})
}

func (s *Server) logout(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	delete(s.tokens, token(r))
	s.mu.Unlock()
	reply(w, object{})
}

func (s *Server) whoami(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	who := s.tokens[token(r)]
	reply(w, object{"user_id": who.user, "device_id": who.device})
}

func (s *Server) getProfile(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	reply(w, s.profile)
}

func (s *Server) putProfile(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if json.NewDecoder(r.Body).Decode(&s.profile) != nil {
		fail(w, http.StatusBadRequest, "M_NOT_JSON")
		return
	}
	reply(w, object{})
}

// alias resolves #name:hs.example to the room with that name.
func (s *Server) alias(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	name, _, _ := strings.Cut(strings.TrimPrefix(r.PathValue("alias"), "#"), ":")
	for _, room := range s.order {
		if named := s.state(room, "m.room.name", "", s.position); named != nil && named.Content["name"] == name {
			reply(w, object{"room_id": room})
			return
		}
	}
	fail(w, http.StatusNotFound, "M_NOT_FOUND")
}

func (s *Server) joinedMembers(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	room := id.RoomID(r.PathValue("room"))
	if s.membership(s.tokens[token(r)].user, room, s.position) != "join" {
		fail(w, http.StatusForbidden, "M_FORBIDDEN")
		return
	}
	joined := object{}
	for _, e := range s.memberEvents(room) {
		if e.Content["membership"] == "join" {
			joined[*e.StateKey] = object{}
		}
	}
	reply(w, object{"joined": joined})
}

func (s *Server) joinedRooms(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	joined := []id.RoomID{}
	for _, room := range s.order {
		if s.membership(s.tokens[token(r)].user, room, s.position) == "join" {
			joined = append(joined, room)
		}
	}
	reply(w, object{"joined_rooms": joined})
}

func (s *Server) getAccountData(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	data := s.data[r.PathValue("user")+" "+r.PathValue("type")]
	s.mu.Unlock()
	if data == nil {
		fail(w, http.StatusNotFound, "M_NOT_FOUND")
		return
	}
	reply(w, data)
}

func (s *Server) putAccountData(w http.ResponseWriter, r *http.Request) {
	var data json.RawMessage
	if json.NewDecoder(r.Body).Decode(&data) != nil {
		fail(w, http.StatusBadRequest, "M_NOT_JSON")
		return
	}
	s.mu.Lock()
	s.data[r.PathValue("user")+" "+r.PathValue("type")] = data
	s.mu.Unlock()
	reply(w, object{})
}

func (s *Server) join(w http.ResponseWriter, r *http.Request) {
	room := id.RoomID(r.PathValue("room"))
	s.mu.Lock()
	who := s.tokens[token(r)].user
	is := s.membership(who, room, s.position)
	invited := is == "invite" || s.public(room)
	s.mu.Unlock()
	switch {
	case is == "join":
		reply(w, object{"room_id": room})
		return
	case !invited:
		fail(w, http.StatusForbidden, "M_FORBIDDEN")
		return
	}
	var content map[string]any
	_ = json.NewDecoder(r.Body).Decode(&content)
	joined := object{"membership": "join"}
	if content["reason"] != nil {
		joined["reason"] = content["reason"]
	}
	s.SetState(room, who, "m.room.member", string(who), joined)
	reply(w, object{"room_id": room})
}

// public says whether anyone may join a room. The caller holds mu.
func (s *Server) public(room id.RoomID) bool {
	rules := s.state(room, "m.room.join_rules", "", s.position)
	return rules != nil && rules.Content["join_rule"] == "public"
}

func (s *Server) leave(w http.ResponseWriter, r *http.Request) {
	var content map[string]any
	_ = json.NewDecoder(r.Body).Decode(&content)
	left := object{"membership": "leave"}
	if content["reason"] != nil {
		left["reason"] = content["reason"]
	}
	who := s.sender(r)
	s.SetState(id.RoomID(r.PathValue("room")), who, "m.room.member", string(who), left)
	reply(w, object{})
}

func (s *Server) event(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, e := range s.stream {
		if string(e.ID) == r.PathValue("event") {
			reply(w, e)
			return
		}
	}
	fail(w, http.StatusNotFound, "M_NOT_FOUND")
}

func (s *Server) getState(w http.ResponseWriter, r *http.Request) {
	content := s.State(id.RoomID(r.PathValue("room")), r.PathValue("type"), r.PathValue("key"))
	if content == nil {
		fail(w, http.StatusNotFound, "M_NOT_FOUND")
		return
	}
	reply(w, content)
}

func (s *Server) allState(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	state := []*Event{}
	for _, e := range s.room(id.RoomID(r.PathValue("room"))).events {
		if e.StateKey != nil && s.state(e.Room, e.Type, *e.StateKey, s.position) == e {
			state = append(state, e)
		}
	}
	reply(w, state)
}

func (s *Server) putState(w http.ResponseWriter, r *http.Request) {
	var content map[string]any
	_ = json.NewDecoder(r.Body).Decode(&content)
	reply(w, object{"event_id": s.SetState(id.RoomID(r.PathValue("room")), s.sender(r), r.PathValue("type"), r.PathValue("key"), content)})
}

func (s *Server) members(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	reply(w, object{"chunk": s.memberEvents(id.RoomID(r.PathValue("room")))})
}

// memberEvents returns the current membership of everyone who ever was in a
// room. The caller holds mu.
func (s *Server) memberEvents(room id.RoomID) []*Event {
	current := []*Event{}
	for _, e := range s.room(room).events {
		if e.Type == "m.room.member" && s.state(room, e.Type, *e.StateKey, s.position) == e {
			current = append(current, e)
		}
	}
	return current
}

// createRoom makes a room as a client asks for it.
func (s *Server) createRoom(w http.ResponseWriter, r *http.Request) {
	var req struct {
		Name         string      `json:"name"`
		Direct       bool        `json:"is_direct"`
		Invite       []id.UserID `json:"invite"`
		InitialState []struct {
			Type    string         `json:"type"`
			Content map[string]any `json:"content"`
		} `json:"initial_state"`
	}
	if json.NewDecoder(r.Body).Decode(&req) != nil {
		fail(w, http.StatusBadRequest, "M_NOT_JSON")
		return
	}
	who := s.sender(r)
	room := s.Room(who, req.Name)
	for _, e := range req.InitialState {
		s.SetState(room, who, e.Type, "", e.Content)
	}
	for _, user := range req.Invite {
		s.SetState(room, who, "m.room.member", string(user), object{"membership": "invite", "is_direct": req.Direct})
	}
	reply(w, object{"room_id": room})
}

func (s *Server) invite(w http.ResponseWriter, r *http.Request) {
	var req struct {
		User id.UserID `json:"user_id"`
	}
	if json.NewDecoder(r.Body).Decode(&req) != nil {
		fail(w, http.StatusBadRequest, "M_NOT_JSON")
		return
	}
	s.SetState(id.RoomID(r.PathValue("room")), s.sender(r), "m.room.member", string(req.User), object{"membership": "invite"})
	reply(w, object{})
}

func (s *Server) putFilter(w http.ResponseWriter, r *http.Request) {
	var filter json.RawMessage
	if json.NewDecoder(r.Body).Decode(&filter) != nil {
		fail(w, http.StatusBadRequest, "M_NOT_JSON")
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.filters = append(s.filters, filter)
	reply(w, object{"filter_id": fmt.Sprint(len(s.filters) - 1)})
}

// sender is who sends a request.
func (s *Server) sender(r *http.Request) id.UserID {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.tokens[token(r)].user
}

func (s *Server) send(w http.ResponseWriter, r *http.Request) {
	var content map[string]any
	if json.NewDecoder(r.Body).Decode(&content) != nil {
		fail(w, http.StatusBadRequest, "M_NOT_JSON")
		return
	}
	s.once(w, r, &Event{Room: id.RoomID(r.PathValue("room")), Sender: s.sender(r), Type: r.PathValue("type"), Content: content})
}

func (s *Server) redact(w http.ResponseWriter, r *http.Request) {
	event := id.EventID(r.PathValue("event"))
	s.once(w, r, &Event{Room: id.RoomID(r.PathValue("room")), Sender: s.sender(r), Type: "m.room.redaction", Redacts: event, Content: object{"redacts": event}})
}

// once adds an event, unless its transaction ID was seen before
// (Matrix specification, client-server API, "Transaction identifiers"). Where
// the event is queued it answers nothing.
func (s *Server) once(w http.ResponseWriter, r *http.Request, e *Event) {
	key := token(r) + " " + r.PathValue("txn")
	s.mu.Lock()
	e.from, e.txn = s.tokens[token(r)], r.PathValue("txn")
	in := s.membership(e.Sender, e.Room, s.position) == "join"
	before := s.txns[key]
	s.mu.Unlock()
	queue := in && before == "" && s.queues(r)
	switch {
	case queue:
		s.mu.Lock()
		s.queued = append(s.queued, e)
		s.mu.Unlock()
		return
	case !in:
		fail(w, http.StatusForbidden, "M_FORBIDDEN")
		return
	case before == "":
		before = s.add(e)
		s.mu.Lock()
		s.txns[key] = before
		s.mu.Unlock()
	}
	reply(w, object{"event_id": before})
}

func ok(w http.ResponseWriter, _ *http.Request) { reply(w, object{}) }

func token(r *http.Request) string {
	return strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")
}

func reply(w http.ResponseWriter, body any) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(body)
}

// fail answers with a Matrix error.
func fail(w http.ResponseWriter, status int, code string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(object{"errcode": code, "error": "as the test asked"})
}
