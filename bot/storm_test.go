package bot

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"maunium.net/go/mautrix/id"
)

// TestStorm asks a thousand questions in twenty rooms while the bot is killed
// at thirty random moments, answers get lost on their way back and the
// homeserver is restarted: each question has one answer, in the order of its
// room.
func TestStorm(t *testing.T) {
	const rooms, questions, kills = 20, 1000, 30
	for seed := range uint64(2) {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			inWorld(t, func(w *world) {
				dice := newDice(seed, 1)
				w.start()
				var club []id.RoomID
				for range rooms {
					club = append(club, w.club())
				}
				w.hs.SetLose(func(*http.Request) bool { return dice.IntN(50) == 0 })
				w.hs.SetFail(func(rw http.ResponseWriter, r *http.Request) bool {
					switch dice.IntN(100) {
					case 0:
						rw.WriteHeader(http.StatusBadGateway)
						return true
					case 1:
						rw.Header().Set("Retry-After", "1")
						rw.WriteHeader(http.StatusTooManyRequests)
						return true
					case 2:
						return true // broken off
					}
					return false
				})
				asked := make([][]string, rooms)
				for i := range questions {
					room := dice.IntN(rooms)
					asked[room] = append(asked[room], fmt.Sprint(i))
					w.hs.Say(club[room], alice, fmt.Sprintf("!echo %d", i))
					if dice.IntN(20) == 0 {
						time.Sleep(time.Duration(dice.IntN(2000)) * time.Millisecond)
					}
					if dice.IntN(questions) < kills {
						w.crash()
						if dice.IntN(3) == 0 {
							w.hs.Restart()
						}
						w.run()
					}
				}
				w.pass(time.Hour)
				for room := range rooms {
					if got, want := strings.Join(w.said(club[room]), " "), strings.Join(asked[room], " "); got != want {
						t.Errorf("room %d\n got: %s\nwant: %s", room, got, want)
					}
				}
			})
		})
	}
}
