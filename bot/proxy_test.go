package bot

import (
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// proxied has a proxy in front of the homeserver answer with a status, in its
// own words, what away is true for.
func (w *world) proxied(status int, away func(r *http.Request) bool) {
	w.hs.SetFail(func(rw http.ResponseWriter, r *http.Request) bool {
		if !away(r) {
			return false
		}
		rw.Header().Set("Content-Type", "text/plain; charset=utf-8")
		rw.WriteHeader(status)
		fmt.Fprintln(rw, http.StatusText(status))
		return true
	})
}

// While the homeserver restarts, a proxy in front of it says that nothing is
// there, or that nobody may go there. Nothing is lost by that.
func TestProxyWithoutItsHomeserver(t *testing.T) {
	for _, status := range []int{http.StatusForbidden, http.StatusNotFound, http.StatusBadGateway} {
		t.Run(fmt.Sprint(status), func(t *testing.T) {
			inWorld(t, func(w *world) {
				var away atomic.Bool
				w.proxied(status, func(*http.Request) bool { return away.Load() })
				away.Store(true)
				w.run() // it logs in when the homeserver is there
				w.pass(10 * time.Minute)
				away.Store(false)
				w.pass(2 * time.Minute)
				club := w.club()
				removed := w.hs.Say(club, alice, "!echo removed")
				w.settle()

				// The answer is being sent.
				w.hs.Say(club, alice, "!think 10s")
				w.pass(5 * time.Second)
				away.Store(true)
				w.pass(10 * time.Minute)
				away.Store(false)
				w.pass(2 * time.Minute)
				w.wantSaid(club, "removed", "thought 10s")

				// An answer is being taken back.
				w.hs.Say(club, alice, "!think 10s")
				w.hs.Redact(club, alice, removed)
				w.pass(5 * time.Second)
				away.Store(true)
				w.pass(10 * time.Minute)
				away.Store(false)
				w.pass(2 * time.Minute)
				w.wantSaid(club, "thought 10s", "thought 10s")

				// The question is looked up again after a start.
				w.hs.Say(club, alice, "!think 10s")
				w.pass(5 * time.Second)
				w.crash()
				away.Store(true)
				w.run()
				w.pass(10 * time.Minute)
				away.Store(false)
				w.pass(2 * time.Minute)
				w.wantSaid(club, "thought 10s", "thought 10s", "thought 10s")
				if n := w.hs.Logins(); n != 1 {
					t.Errorf("%d logins, want one", n)
				}
			})
		})
	}
}

// What a proxy does not let through while the homeserver is there is given up,
// at once where it says why.
func TestProxyThatLetsNoAnswerThrough(t *testing.T) {
	for status, within := range map[int]time.Duration{http.StatusRequestEntityTooLarge: time.Second, http.StatusForbidden: 20 * time.Minute} {
		t.Run(fmt.Sprint(status), func(t *testing.T) {
			inWorld(t, func(w *world) {
				w.start()
				club := w.club()
				var refusing atomic.Bool
				refusing.Store(true)
				w.proxied(status, func(r *http.Request) bool {
					return refusing.Load() && strings.Contains(r.URL.Path, "/send/m.room.message/")
				})
				w.hs.Say(club, alice, "!echo one")
				w.pass(within)
				refusing.Store(false)
				w.hs.Say(club, alice, "!echo two")
				w.pass(2 * time.Minute)
				w.wantSaid(club, "two")
			})
		})
	}
}
