package hstest

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"maunium.net/go/mautrix/id"
)

// sync answers GET /sync: at once where there is news, else when news comes
// or the time is up.
func (s *Server) sync(w http.ResponseWriter, r *http.Request) {
	query := r.URL.Query()
	since, _ := strconv.Atoi(strings.TrimPrefix(query.Get("since"), "s"))
	first := query.Get("since") == ""
	wait, _ := strconv.Atoi(query.Get("timeout"))
	limit := 10
	var filter struct {
		Room struct {
			Timeline struct {
				Limit int `json:"limit"`
			} `json:"timeline"`
		} `json:"room"`
	}
	if json.Unmarshal([]byte(query.Get("filter")), &filter) == nil && filter.Room.Timeline.Limit > 0 {
		limit = filter.Room.Timeline.Limit
	}
	timeout := time.NewTimer(time.Duration(wait) * time.Millisecond)
	defer timeout.Stop()
	for {
		s.mu.Lock()
		news, any := s.news(since, first, limit)
		changed, known := s.changed, s.tokens[token(r)] != ""
		s.mu.Unlock()
		if !known {
			fail(w, http.StatusUnauthorized, "M_UNKNOWN_TOKEN")
			return
		}
		if any || wait == 0 || first {
			reply(w, news)
			return
		}
		select {
		case <-changed:
		case <-timeout.C:
			wait = 0
		case <-r.Context().Done():
			return
		}
	}
}

type object = map[string]any

// news is a /sync response for what came after position since. The caller
// holds mu.
func (s *Server) news(since int, first bool, limit int) (object, bool) {
	join, invite, leave := object{}, object{}, object{}
	for _, room := range s.rooms() {
		was, is := s.membership(room, since), s.membership(room, len(s.stream))
		if first {
			was = ""
		}
		switch {
		case is == "join":
			if joined := s.joined(room, since, was != "join", limit); joined != nil {
				join[string(room)] = joined
			}
		case is == "invite" && was != "invite":
			var state []*Event
			for _, e := range s.stream {
				if e.Room == room && e.StateKey != nil && (e.Type == "m.room.name" || e.Type == "m.room.create" || *e.StateKey == string(Bot)) {
					state = append(state, e)
				}
			}
			invite[string(room)] = object{"invite_state": object{"events": state}}
		case is == "leave" && was != "leave" && was != "":
			leave[string(room)] = object{}
		}
	}
	return object{
		"next_batch":                 fmt.Sprintf("s%d", len(s.stream)),
		"device_one_time_keys_count": object{"signed_curve25519": s.keys.oneTimes},
		"rooms":                      object{"join": join, "invite": invite, "leave": leave},
	}, len(join)+len(invite)+len(leave) > 0
}

// joined is the part of a /sync response about one room, or nil. Whoever has
// just joined gets all state and the newest of what was said, as from real
// homeservers. The caller holds mu.
func (s *Server) joined(room id.RoomID, since int, fresh bool, limit int) object {
	from := since
	if fresh {
		from = 0
	}
	var timeline []*Event
	for _, e := range s.stream[from:] {
		if e.Room == room {
			timeline = append(timeline, e)
		}
	}
	if len(timeline) == 0 {
		return nil
	}
	limited := len(timeline) > limit
	if limited {
		timeline = timeline[len(timeline)-limit:]
	}
	start := timeline[0].position
	var state []*Event
	for _, e := range s.stream[from : start-1] {
		if e.Room == room && e.StateKey != nil && s.state(room, e.Type, *e.StateKey, start-1) == e {
			state = append(state, e)
		}
	}
	return object{
		"state":    object{"events": state},
		"timeline": object{"events": timeline, "limited": limited, "prev_batch": fmt.Sprintf("p%d", start)},
	}
}

// messages answers GET /messages, backwards only.
func (s *Server) messages(w http.ResponseWriter, r *http.Request) {
	query := r.URL.Query()
	var filter struct {
		Senders []id.UserID `json:"senders"`
	}
	_ = json.Unmarshal([]byte(query.Get("filter")), &filter)
	limit, _ := strconv.Atoi(query.Get("limit"))
	s.mu.Lock()
	defer s.mu.Unlock()
	at := len(s.stream) + 1
	if from := query.Get("from"); from != "" {
		at, _ = strconv.Atoi(strings.TrimPrefix(from, "p"))
	}
	chunk := []*Event{}
	for at--; at > 0 && len(chunk) < limit; at-- {
		e := s.stream[at-1]
		if string(e.Room) == r.PathValue("room") && (len(filter.Senders) == 0 || filter.Senders[0] == e.Sender) {
			chunk = append(chunk, e)
		}
	}
	page := object{"chunk": chunk, "start": query.Get("from")}
	if at > 0 {
		page["end"] = fmt.Sprintf("p%d", at+1)
	}
	reply(w, page)
}
