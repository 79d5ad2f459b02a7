package bot

import (
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"maunium.net/go/mautrix/id"

	"wolkwijs/config"
)

// missed has things happen while the bot is off, or while its homeserver is.
var missed = map[string]func(w *world, happen func()){
	"the bot": func(w *world, happen func()) {
		w.end()
		happen()
		w.start()
	},
	"the homeserver": func(w *world, happen func()) {
		var away atomic.Bool
		away.Store(true)
		w.hs.SetFail(func(rw http.ResponseWriter, _ *http.Request) bool {
			if away.Load() {
				rw.WriteHeader(http.StatusBadGateway)
			}
			return away.Load()
		})
		w.pass(time.Minute)
		happen()
		away.Store(false)
		w.pass(time.Minute)
	},
}

// What was asked over an hour is met with at once, and is within the limits all
// the same.
func TestBacklogIsWithinTheLimits(t *testing.T) {
	for away, while := range missed {
		t.Run(away, func(t *testing.T) {
			inWorld(t, func(w *world) {
				w.cfg.Limits = config.Default().Limits
				w.start()
				direct, club, other := w.direct(), w.club(), w.club()
				var mine, ours []string
				while(w, func() {
					for i := range 15 {
						w.hs.Say(direct, alice, fmt.Sprint(i))
						mine = append(mine, fmt.Sprint("you said: ", i))
						w.pass(4 * time.Minute)
					}
					for i := range 45 {
						member := id.UserID(fmt.Sprintf("@member%d:hs.example", i%9))
						w.hs.Say(club, member, fmt.Sprint("!echo ", i))
						ours = append(ours, fmt.Sprint(i))
						w.pass(time.Minute)
					}
				})
				// Who asks now does not wait for that.
				w.hs.Say(other, bob, "!echo here")
				w.settle()
				w.wantSaid(other, "here")
				// In the room itself it is their turn after the backlog, and nobody
				// is refused for what that has used up.
				w.hs.Say(club, bob, "!echo last")
				w.pass(2 * time.Minute)
				w.wantSaid(direct, mine...)
				w.wantSaid(club, append(ours, "last")...)
				if log := w.log.String(); strings.Contains(log, "does not move") {
					t.Error("a room that waits is taken for stuck")
				}
				// Then the limits are as ever.
				w.pass(10 * time.Minute)
				for range 20 {
					w.hs.Say(other, bob, "!echo flood")
				}
				w.pass(10 * time.Minute)
				if n := len(w.said(other)); n != 1+10+1 {
					t.Errorf("%d answers to a flood, want ten and one that it is too much", n-1)
				}
			})
		})
	}
}

// Whoever floods a room while the bot is away holds it up for a while only, is
// told once, and holds up no other.
func TestFloodWhileAway(t *testing.T) {
	for away, while := range missed {
		t.Run(away, func(t *testing.T) {
			inWorld(t, func(w *world) {
				w.cfg.Limits = config.Default().Limits
				w.start()
				club := w.club()
				rooms := make([]id.RoomID, 2*maxWorkers)
				for i := range rooms {
					rooms[i] = w.club()
				}
				other := w.club()
				while(w, func() {
					for i := range 150 {
						w.hs.Say(club, mallory, fmt.Sprint("!echo ", i))
					}
					for _, room := range rooms { // more than are answered at once
						for range 5 {
							w.hs.Say(room, mallory, "!echo x")
						}
					}
					w.hs.Say(club, bob, "!echo one")
					w.hs.Say(other, bob, "!echo two")
				})
				w.pass(time.Second)
				w.wantSaid(other, "two")
				w.pass(maxUserWait)
				said := w.said(club)
				if last := said[len(said)-1]; last != "one" {
					t.Errorf("the last answer is %q, want the one to bob", last)
				}
				told := 0
				for _, room := range append(rooms, club) {
					for _, line := range w.said(room) {
						if line == textTooMuch.NL {
							told++
						}
					}
				}
				if told != 1 {
					t.Errorf("%d times it is said that this is too much, want once", told)
				}
				if pending, err := w.store.Pending(w.t.Context()); err != nil || len(pending) > 0 {
					t.Errorf("%d questions are left, %v", len(pending), err)
				}
			})
		})
	}
}

// The bot stops while questions wait: they are answered after the next start.
func TestStopWithinABacklog(t *testing.T) {
	inWorld(t, func(w *world) {
		w.cfg.Limits = config.Default().Limits
		w.start()
		club := w.club()
		w.end()
		var want []string
		for i := range 15 {
			w.hs.Say(club, alice, fmt.Sprint("!echo ", i))
			want = append(want, fmt.Sprint(i))
		}
		for range 3 {
			w.start()
			w.end()
		}
		w.start()
		w.pass(time.Minute)
		w.wantSaid(club, want...)
	})
}
