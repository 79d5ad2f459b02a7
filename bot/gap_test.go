package bot

import (
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"

	"wolkwijs/bot/hstest"
)

// chatter fills a room with more than a timeline holds.
func (w *world) chatter(room id.RoomID) {
	for range timelineLimit + 100 {
		w.hs.Say(room, bob, "chatter")
	}
}

// The pages that fill a gap leave out the event with which it begins: what is
// from before it stays history.
func TestGapWithoutItsBeginning(t *testing.T) {
	for _, known := range []bool{true, false} {
		t.Run(fmt.Sprintf("with an event that is known: %v", known), func(t *testing.T) {
			inWorld(t, func(w *world) {
				w.start()
				club := w.hs.Room(alice, "De club")
				for i := range 20 {
					w.hs.Say(club, alice, fmt.Sprint("!echo before the bot ", i))
				}
				w.hs.Invite(club, alice, false)
				w.settle()
				var want []string
				if known {
					w.hs.Say(club, alice, "!echo forgotten")
					w.settle()
					w.pass(time.Minute)
					must(t, w.store.Expire(w.t.Context(), 0))
					w.hs.Say(club, alice, "!echo known")
					w.settle()
					want = append(want, "forgotten", "known")
				}
				w.hs.Say(club, bob, "last")
				w.settle()
				w.end()
				w.hs.SetUnlisted(func(e *hstest.Event) bool { return e.Content["body"] == "last" })
				w.hs.Say(club, alice, "!echo meanwhile")
				w.chatter(club)
				w.start()
				w.wantSaid(club, append(want, "meanwhile")...)
			})
		})
	}
}

// The event with which a gap begins is not in it, however long ago it was.
func TestBeginningOfAGapStays(t *testing.T) {
	inWorld(t, func(w *world) {
		w.start()
		club := w.club()
		w.hs.SetFail(func(rw http.ResponseWriter, r *http.Request) bool {
			return strings.Contains(r.URL.Path, "/sync") && len(w.said(club)) > 0 // the answer does not come back
		})
		w.hs.Say(club, alice, "!echo one")
		w.pass(time.Minute)
		must(t, w.store.Expire(w.t.Context(), 0))
		w.end()
		w.hs.SetFail(nil)
		w.hs.Say(club, alice, "!echo two")
		w.chatter(club)
		w.start()
		w.wantSaid(club, "one", "two")
	})
}

// A new name of the bot is not the moment at which it came.
func TestComes(t *testing.T) {
	inWorld(t, func(w *world) {
		w.start()
		self := string(hstest.Bot)
		member := func(of, before, now string) *event.Event {
			evt := &event.Event{Type: event.StateMember, StateKey: &of, Content: event.Content{Raw: object{"membership": now}}}
			if before != "" {
				evt.Unsigned.PrevContent = &event.Content{Raw: object{"membership": before}}
			}
			return evt
		}
		for _, tt := range []struct {
			evt  *event.Event
			want bool
		}{
			{member(self, "invite", "join"), true},
			{member(self, "", "join"), true},
			{member(self, "join", "join"), false},
			{member(self, "join", "leave"), false},
			{member(string(alice), "invite", "join"), false},
		} {
			if got := w.bot.comes(tt.evt); got != tt.want {
				t.Errorf("%v after %v: %v, want %v", tt.evt.Content.Raw, tt.evt.Unsigned.PrevContent, got, tt.want)
			}
		}
	})
}

// The gap of one room cannot be fetched for a while, or for ever. The others
// wait for it no longer than that may take to pass, and the watchdog sees that
// the bot goes on.
func TestGapThatCannotBeFetched(t *testing.T) {
	hang := func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }
	status := func(code int) func(rw http.ResponseWriter, _ *http.Request) {
		return func(rw http.ResponseWriter, _ *http.Request) { rw.WriteHeader(code) }
	}
	for _, tt := range []struct {
		name   string
		fail   func(rw http.ResponseWriter, r *http.Request)
		broken time.Duration
		lost   bool
	}{
		{"for a moment", status(http.StatusInternalServerError), 20 * time.Second, false},
		{"for a moment, by a proxy", status(http.StatusNotFound), 20 * time.Second, false},
		{"too many requests", func(rw http.ResponseWriter, _ *http.Request) {
			rw.Header().Set("Retry-After", "5")
			rw.WriteHeader(http.StatusTooManyRequests)
		}, 30 * time.Second, false},
		{"hanging for a while", hang, 5 * time.Minute, false},
		{"for ever", status(http.StatusInternalServerError), 24 * time.Hour, true},
		{"hanging for ever", hang, 24 * time.Hour, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			inWorld(t, func(w *world) {
				w.start()
				club, other, third := w.club(), w.club(), w.club()
				for _, room := range []id.RoomID{club, other, third} {
					w.hs.Say(room, alice, "!echo before")
				}
				w.settle()
				w.end()
				for _, room := range []id.RoomID{club, other} {
					w.hs.Say(room, alice, "!echo in the gap")
					w.chatter(room)
					w.hs.Say(room, alice, "!echo after")
				}
				w.hs.Say(third, alice, "!echo after")
				began := time.Now()
				var tried atomic.Int32
				w.hs.SetFail(func(rw http.ResponseWriter, r *http.Request) bool {
					if time.Since(began) > tt.broken || !strings.Contains(r.URL.Path, string(club)+"/messages") {
						return false
					}
					tried.Add(1)
					tt.fail(rw, r)
					return true
				})
				w.run()
				for time.Since(began) < 15*time.Minute {
					w.pass(10 * time.Second)
					if hangs := time.Since(w.bot.lastLoop()); hangs >= 2*time.Minute+2*w.bot.times.maxBackoff {
						t.Fatalf("to the watchdog the bot has hung for %s", hangs)
					}
				}
				if tried.Load() == 0 {
					t.Fatal("nothing has failed")
				}
				w.wantSaid(third, "before", "after")
				w.wantSaid(other, "before", "in the gap", "after")
				if tt.lost {
					w.wantSaid(club, "before", "after")
				} else {
					w.wantSaid(club, "before", "in the gap", "after")
				}
			})
		})
	}
}
