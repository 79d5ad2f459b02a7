package bot

import (
	"context"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"maunium.net/go/mautrix"
	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"
)

// A homeserver may tell of a room, while the bot joins it, before it tells
// that the bot has joined. Then the bot must still introduce itself, and
// answer what was said since the invite.
func TestRoomThatIsToldOfBeforeTheJoin(t *testing.T) {
	inWorld(t, func(w *world) {
		w.start()
		var slow atomic.Bool
		slow.Store(true)
		w.hs.SetFail(func(rw http.ResponseWriter, r *http.Request) bool {
			if slow.Load() && strings.Contains(r.URL.Path, "/join/") {
				rw.WriteHeader(http.StatusBadGateway)
				return true
			}
			return false
		})
		club := w.hs.Room(alice, "De club")
		w.hs.Invite(club, alice, false)
		question := w.hs.Say(club, alice, "!echo al gevraagd")
		w.settle()
		for _, timeline := range [][]*event.Event{
			nil, // only a read receipt, say
			{{ID: question, Type: event.EventMessage, Sender: alice, RoomID: club, Content: event.Content{Parsed: &event.MessageEventContent{MsgType: event.MsgText, Body: "!echo al gevraagd"}}}},
		} {
			news := &mautrix.SyncJoinedRoom{}
			news.Timeline.Events = timeline
			if err := w.bot.receive(context.Background(), &mautrix.RespSync{NextBatch: w.bot.session.Since, Rooms: mautrix.RespSyncRooms{Join: map[id.RoomID]*mautrix.SyncJoinedRoom{club: news}}}); err != nil {
				t.Fatal(err)
			}
		}
		w.settle()
		slow.Store(false)
		w.pass(5 * time.Second)
		w.wantSaid(club, "al gevraagd")
		introduced := 0
		for _, e := range w.hs.Events(club) {
			if body, _ := e.Content["body"].(string); strings.HasPrefix(body, "Hallo, ik ben Wolkwijs") {
				introduced++
			}
		}
		if introduced != 1 {
			t.Errorf("introduced %d times", introduced)
		}
	})
}

// The introduction teaches commands as the bot takes them: with the prefix of
// the configuration.
func TestIntroductionHasThePrefix(t *testing.T) {
	inWorld(t, func(w *world) {
		w.cfg.Bot.Prefix = "?"
		w.start()
		club := w.hs.Room(alice, "De club")
		w.hs.Invite(club, alice, false)
		w.settle()
		var said []string
		for _, e := range w.hs.Events(club) {
			if body, ok := e.Content["body"].(string); ok {
				said = append(said, body)
			}
		}
		if len(said) != 1 || !strings.Contains(said[0], "Probeer bijvoorbeeld ?alt whatsapp, ?tip of ?check") || !strings.Contains(said[0], "(?language en for English.)") || strings.Contains(said[0], "!") {
			t.Errorf("said %q", said)
		}
	})
}
