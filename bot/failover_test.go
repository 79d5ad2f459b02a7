package bot

import (
	"database/sql"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"wolkwijs/store"
	"wolkwijs/store/pgtest"
)

// Two instances on one PostgreSQL database: one leads, and when it dies the
// other takes over within half a minute; nothing is lost or said twice, and
// in encrypted rooms everything can be read.
func TestFailover(t *testing.T) {
	t.Run("plain", func(t *testing.T) {
		testFailover(t, inWorld, func(w *world) conversation {
			club := w.club()
			return conversation{
				ask:  func(text string) { w.hs.Say(club, alice, text) },
				want: func(want ...string) { w.wantSaid(club, want...) },
				end:  func() {},
			}
		})
	})
	t.Run("encrypted", func(t *testing.T) {
		testFailover(t, encryptedWorld, func(w *world) conversation {
			p := w.peer(alice)
			club := p.room("De club", 3)
			w.pass(time.Minute)
			return conversation{
				ask:  func(text string) { p.say(club, text) },
				want: func(want ...string) { w.t.Helper(); w.wantAnswers(p, club, want...) },
				end:  p.close,
			}
		})
	})
}

// conversation is how a test asks and sees the answers.
type conversation struct {
	ask  func(text string)
	want func(want ...string)
	end  func()
}

func testFailover(t *testing.T, inWorld func(*testing.T, func(*world)), converse func(*world) conversation) {
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
		club := converse(w)
		defer club.end()
		var want []string
		ask := func() {
			text := fmt.Sprint(len(want))
			club.ask("!echo " + text)
			want = append(want, text)
		}
		leads, waits := w, other
		for range 4 {
			for range 5 {
				ask()
			}
			w.settle()
			club.want(want...)
			ask()
			// It dies just as its answer has arrived; the homeserver does not
			// recognise the transaction ID any more.
			w.hs.SetLose(func(r *http.Request) bool {
				byMember := strings.Contains(r.Header.Get("Authorization"), "@")
				if strings.Contains(r.URL.Path, "/send/m.room.") && !byMember {
					leads.cut.dead()
					w.hs.Restart()
					return true
				}
				return false
			})
			ask()
			w.settle()
			crashUnlocked(t, server, leads)
			w.hs.SetLose(nil)
			ask()
			w.pass(30 * time.Second)
			club.want(want...)
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

// crashUnlocked lets the leading instance crash and waits until the database
// server has noticed. That takes real time, which the world's clock does not
// show: to those who stand by it would look as if the dead held the lock.
func crashUnlocked(t *testing.T, server string, leads *world) {
	t.Helper()
	db, err := sql.Open("postgres", server)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	var leader int
	if err := db.QueryRow("SELECT pid FROM pg_locks WHERE locktype = 'advisory'").Scan(&leader); err != nil {
		t.Fatalf("nobody holds the lock: %v", err)
	}
	leads.crash()
	for held := true; held; {
		if err := db.QueryRow("SELECT EXISTS (SELECT FROM pg_locks WHERE pid = $1)", leader).Scan(&held); err != nil {
			t.Fatal(err)
		}
	}
}

// A tip of the week falls due on two instances, of which the leading one dies
// just as its post has arrived: the other finds that post and does not post again.
func TestFailoverOfAPost(t *testing.T) {
	server := pgtest.Start(t)
	inWorld(t, func(w *world) {
		w.cfg.Storage.Database = server
		d, e := &daily{text: "day "}, &daily{text: "day "}
		w.change = func(b *Bot) { b.Does("daily", d.kind()) }
		other := &world{t: w.t, hs: w.hs, cfg: w.cfg, answerer: w.answerer, change: func(b *Bot) { b.Does("daily", e.kind()) }}
		w.start()
		other.start() // stands by
		defer func() { other.end() }()
		club := w.club()
		must(t, w.bot.PutJob(w.t.Context(), store.Job{Room: club, Kind: "daily", Occurrence: time.Now().Add(time.Minute)}))
		w.hs.SetLose(func(r *http.Request) bool {
			if strings.Contains(r.URL.Path, "/send/m.room.message/") {
				w.cut.dead()
				w.hs.Restart()
				return true
			}
			return false
		})
		w.pass(time.Minute)
		w.wantPosts(club, "day +")
		crashUnlocked(t, server, w)
		w.hs.SetLose(nil)
		w.pass(time.Minute)
		w.wantPosts(club, "day +")
		wantOutcomes(t, d)
		wantOutcomes(t, e, Posted)
	})
}
