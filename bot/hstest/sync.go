package hstest

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
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
	if json.Unmarshal(s.filter(query.Get("filter")), &filter) == nil && filter.Room.Timeline.Limit > 0 {
		limit = filter.Room.Timeline.Limit
	}
	timeout := time.NewTimer(time.Duration(wait) * time.Millisecond)
	defer timeout.Stop()
	for {
		s.mu.Lock()
		who := s.tokens[token(r)]
		news, any := s.news(who, since, first, limit)
		changed := s.changed
		s.mu.Unlock()
		if who.user == "" {
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

// filter returns a filter that a request names or holds.
func (s *Server) filter(given string) []byte {
	s.mu.Lock()
	defer s.mu.Unlock()
	if n, err := strconv.Atoi(given); err == nil && n >= 0 && n < len(s.filters) {
		return s.filters[n]
	}
	return []byte(given)
}

// news is a /sync response for what came after position since. The caller
// holds mu.
func (s *Server) news(who session, since int, first bool, limit int) (object, bool) {
	join, invite, leave := object{}, object{}, object{}
	for _, room := range s.order {
		was, is := s.membership(who.user, room, since), s.membership(who.user, room, s.position)
		if first {
			was = ""
		}
		switch {
		case is == "join":
			if joined := s.joined(who, room, since, was != "join", limit); joined != nil {
				join[string(room)] = joined
			}
		case is == "invite" && was != "invite":
			var state []*Event
			for _, e := range s.room(room).events {
				if e.StateKey != nil && (e.Type == "m.room.name" || e.Type == "m.room.create" || *e.StateKey == string(who.user)) {
					state = append(state, e)
				}
			}
			invite[string(room)] = object{"invite_state": object{"events": state}}
		case is == "leave" && was != "leave" && was != "":
			leave[string(room)] = object{}
		}
	}
	news := object{
		"next_batch": fmt.Sprintf("s%d", s.position),
		"rooms":      object{"join": join, "invite": invite, "leave": leave},
	}
	about := s.keyNews(news, who, since)
	return news, about || len(join)+len(invite)+len(leave) > 0
}

// joined is the part of a /sync response about one room, or nil. Whoever has
// just joined gets all state and the newest of what was said, as from real
// homeservers. The caller holds mu.
func (s *Server) joined(who session, room id.RoomID, since int, fresh bool, limit int) object {
	from := since
	if fresh {
		from = 0
	}
	timeline := s.room(room).since(from)
	if len(timeline) == 0 {
		return nil
	}
	before := timeline[:0]
	limited := len(timeline) > limit
	if limited {
		before, timeline = timeline[:len(timeline)-limit], timeline[len(timeline)-limit:]
	}
	start := timeline[0].position
	var state []*Event
	for _, e := range before {
		if e.StateKey != nil && s.state(room, e.Type, *e.StateKey, start-1) == e {
			state = append(state, e)
		}
	}
	return object{
		"state":    object{"events": state},
		"timeline": object{"events": told(who, timeline), "limited": limited, "prev_batch": fmt.Sprintf("p%d", start)},
	}
}

// told is a timeline as a device is told of it: of what it sent itself it is
// told the transaction ID.
func told(who session, timeline []*Event) []*Event {
	timeline = slices.Clone(timeline)
	for i, e := range timeline {
		if e.txn != "" && e.from == who {
			own := *e
			own.Unsigned = maps.Clone(e.Unsigned)
			if own.Unsigned == nil {
				own.Unsigned = map[string]any{}
			}
			own.Unsigned["transaction_id"] = e.txn
			timeline[i] = &own
		}
	}
	return timeline
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
	at := s.position + 1
	if from := query.Get("from"); from != "" {
		at, _ = strconv.Atoi(strings.TrimPrefix(from, "p"))
	}
	events := s.room(id.RoomID(r.PathValue("room"))).events
	i := len(events) - len(s.room(id.RoomID(r.PathValue("room"))).since(at-1))
	chunk := []*Event{}
	for i--; i >= 0 && len(chunk) < limit; i-- {
		at = events[i].position
		if s.leavesOut(events[i]) {
			continue
		}
		if len(filter.Senders) == 0 || filter.Senders[0] == events[i].Sender {
			chunk = append(chunk, events[i])
		}
	}
	page := object{"chunk": chunk, "start": query.Get("from")}
	if i >= 0 {
		page["end"] = fmt.Sprintf("p%d", at)
	}
	reply(w, page)
}
