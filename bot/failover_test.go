package bot

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"wolkwijs/store/pgtest"
)

// Two instances on one PostgreSQL database: one leads, and when it dies the
// other takes over within half a minute; nothing is lost or said twice.
func TestFailover(t *testing.T) {
	server := pgtest.Start(t)
	inWorld(t, func(w *world) {
		w.cfg.Storage.Database = server
		other := &world{t: w.t, hs: w.hs, cfg: w.cfg, answerer: w.answerer}
		w.start()
		other.start() // stands by
		defer func() { other.end() }()
		if !strings.Contains(other.log.String(), "standing by") {
			t.Fatalf("the second does not stand by:\n%s", other.log.String())
		}
		club := w.club()
		var want []string
		ask := func() {
			text := fmt.Sprint(len(want))
			w.hs.Say(club, alice, "!echo "+text)
			want = append(want, text)
		}
		leads, waits := w, other
		for range 4 {
			for range 5 {
				ask()
			}
			w.settle()
			w.wantSaid(club, want...)
			ask()
			// It dies just as its answer has arrived; the homeserver does not
			// recognise the transaction ID any more.
			w.hs.Lose = func(r *http.Request) bool {
				if strings.Contains(r.URL.Path, "/send/m.room.message/") {
					leads.cut.dead()
					w.hs.Restart()
					return true
				}
				return false
			}
			ask()
			w.settle()
			leads.crash()
			w.hs.Lose = nil
			ask()
			w.pass(30 * time.Second)
			w.wantSaid(club, want...)
			leads, waits = waits, leads
			waits.start()
		}
		if n := w.hs.Logins(); n != 1 {
			t.Errorf("%d logins, want one session for both", n)
		}
		if leads != w {
			t.Error("the lead did not come back to the first")
		}
	})
}
