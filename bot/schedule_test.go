package bot

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"maunium.net/go/mautrix/id"

	"wolkwijs/bot/hstest"
	"wolkwijs/commands"
	"wolkwijs/knowledge"
)

// withTips runs a test in a world whose bot answers commands and posts tips of
// the week. It begins on 1 January 2000, a Saturday, at 1:00 in Amsterdam.
func withTips(t *testing.T, test func(w *world)) {
	t.Helper()
	inWorld(t, func(w *world) {
		kb, err := knowledge.Open("")
		must(t, err)
		service := commands.New(commands.Options{Knowledge: kb, Random: func(int) int { return 0 }})
		w.answerer = service
		w.change = func(b *Bot) {
			b.PostTips(service)
			b.seldom()
		}
		w.start()
		test(w)
	})
}

// asks has someone ask something in a room and returns the first line of the
// answer.
func (w *world) asks(room id.RoomID, who id.UserID, text string) string {
	w.t.Helper()
	w.hs.Say(room, who, text)
	w.settle()
	said := w.said(room)
	return said[len(said)-1]
}

// on is what is said when the tip is switched on as usual.
const on = "Goed: elke maandag om 9:00 komt hier een tip."

func TestTipOfTheWeek(t *testing.T) {
	withTips(t, func(w *world) {
		club := w.club()
		w.hs.Join(club, bob)
		if got := w.asks(club, bob, "!rooster aan"); !strings.HasPrefix(got, "Dat mag alleen wie deze kamer beheert.") {
			t.Errorf("whoever has no power: %s", got)
		}
		if got := w.asks(club, alice, "!rooster aan"); got != on {
			t.Errorf("whoever has: %s", got)
		}
		w.pass(56*time.Hour - time.Second)
		w.wantPosts(club)
		w.pass(2 * time.Second)
		first := w.posts(club)
		if len(first) != 1 || !strings.HasPrefix(first[0], "Tip van de week: ") {
			t.Fatalf("posted %q", first)
		}
		w.pass(14 * 24 * time.Hour)
		if got := w.posts(club); len(got) != 3 || slices.Contains(got[1:], got[0]) || got[1] == got[2] {
			t.Errorf("after two more weeks: %q", got)
		}
		if got := w.asks(club, bob, "!rooster"); got != "Tip van de week: elke maandag om 9:00." {
			t.Errorf("shown: %s", got)
		}
		w.asks(club, alice, "!rooster pauze")
		w.pass(14 * 24 * time.Hour)
		w.asks(club, alice, "!rooster hervat")
		if got := w.posts(club); len(got) != 3 {
			t.Errorf("posted while it was paused: %q", got)
		}
		w.pass(7 * 24 * time.Hour)
		w.asks(club, alice, "!rooster uit")
		w.pass(7 * 24 * time.Hour)
		if got := w.posts(club); len(got) != 4 {
			t.Errorf("posted in all: %q", got)
		}
		if kept, err := w.store.Jobs(w.t.Context(), club, tipJob); len(kept) > 0 || err != nil {
			t.Errorf("kept after it was switched off: %v, %v", kept, err)
		}
	})
}

func TestTipInADirectMessage(t *testing.T) {
	withTips(t, func(w *world) {
		dm := w.direct()
		if got := w.asks(dm, alice, "schedule tip every day 2am"); got != "All right, a tip comes here: every day at 2:00." {
			t.Errorf("answer: %s", got)
		}
		w.pass(time.Hour + time.Second)
		if got := w.posts(dm); len(got) != 1 || !strings.HasPrefix(got[0], "Tip van de dag: ") {
			t.Errorf("posted %q", got)
		}
	})
}

// A tip out of turn is given once, also when the bot crashes around it, and
// counts: it does not come again before all others.
func TestTipNow(t *testing.T) {
	withTips(t, func(w *world) {
		club := w.club()
		w.asks(club, alice, "!rooster aan")
		w.hs.SetFail(func(_ http.ResponseWriter, r *http.Request) bool {
			if strings.Contains(r.URL.Path, "/send/m.room.message/") {
				w.cut.dead()
				return true
			}
			return false
		})
		w.hs.Say(club, alice, "!rooster nu")
		w.settle()
		w.crash()
		w.hs.SetFail(nil)
		w.start()
		w.pass(time.Minute)
		said := w.said(club)
		if len(said) != 2 {
			t.Fatalf("said %q", said)
		}
		tips := []string{said[1]}
		for range 51 {
			tips = append(tips, w.asks(club, alice, "!rooster nu"))
		}
		slices.Sort(tips)
		if n := len(slices.Compact(tips)); n != 52 {
			t.Errorf("of 52 tips %d are different", n)
		}
	})
}

// Just before a post is due something is asked or changed in the room: what is
// due stays due, unless it is changed.
func TestChangesWhileATipIsDue(t *testing.T) {
	for command, want := range map[string]int{"!rooster": 1, "!rooster nu": 1, "!rooster voorbeeld": 1, "!rooster pauze": 0, "!rooster uit": 0, "!rooster tip vrijdag 9:00": 0} {
		t.Run(command, func(t *testing.T) {
			withTips(t, func(w *world) {
				club := w.club()
				w.asks(club, alice, "!rooster aan")
				job, _, err := w.store.Job(w.t.Context(), club, tipJob, "")
				must(t, err)
				must(t, w.store.PostponeJob(w.t.Context(), job, job.Occurrence.Add(2*time.Minute))) // as where many are spread
				w.pass(time.Until(job.Occurrence.Add(time.Minute)))
				w.asks(club, alice, command)
				w.pass(2 * time.Minute)
				if got := w.posts(club); len(got) != want {
					t.Errorf("%d posts, want %d: %q", len(got), want, got)
				}
			})
		})
	}
}

// Whatever the homeserver does while a tip is posted, it comes once.
func TestTipThroughFailures(t *testing.T) {
	broken := func(status int, body string) func(http.ResponseWriter) {
		return func(w http.ResponseWriter) {
			w.WriteHeader(status)
			fmt.Fprint(w, body)
		}
	}
	for _, tt := range []struct {
		name   string
		fail   func(http.ResponseWriter) // nil: the connection breaks
		lose   bool                      // it was carried out, and its answer is lost
		forget bool                      // the homeserver is restarted then
		hang   time.Duration             // before that
	}{
		{name: "too many requests", fail: broken(429, `{"errcode":"M_LIMIT_EXCEEDED","retry_after_ms":7000}`)},
		{name: "too many requests, without saying how long", fail: broken(429, `{"errcode":"M_LIMIT_EXCEEDED"}`)},
		{name: "bad gateway", fail: broken(502, `<html>`)},
		{name: "internal error", fail: broken(500, `{"errcode":"M_UNKNOWN"}`)},
		{name: "connection reset"},
		{name: "timeout", hang: 5 * time.Minute},
		{name: "answer lost", lose: true},
		{name: "answer lost and transaction IDs forgotten", lose: true, forget: true},
		{name: "answer comes too late", lose: true, hang: 5 * time.Minute},
		{name: "answer comes too late and transaction IDs are forgotten", lose: true, forget: true, hang: 5 * time.Minute},
	} {
		t.Run(tt.name, func(t *testing.T) {
			withTips(t, func(w *world) {
				club := w.club()
				w.asks(club, alice, "!rooster aan")
				var sends, failed atomic.Int32
				isPost := func(r *http.Request) bool { return strings.Contains(r.URL.Path, "/send/m.room.message/") }
				w.hs.SetFail(func(rw http.ResponseWriter, r *http.Request) bool {
					if tt.lose || !isPost(r) {
						return false
					}
					if sends.Add(1) > 4 {
						return false
					}
					failed.Add(1)
					time.Sleep(tt.hang)
					if tt.fail != nil {
						tt.fail(rw)
					}
					return true
				})
				w.hs.SetLose(func(r *http.Request) bool {
					if !tt.lose || !isPost(r) {
						return false
					}
					if sends.Add(1) > 1 {
						return false
					}
					failed.Add(1)
					if tt.forget {
						w.hs.Restart()
					}
					time.Sleep(tt.hang)
					return true
				})
				w.pass(57 * time.Hour)
				if failed.Load() == 0 {
					t.Fatal("nothing failed")
				}
				if got := w.posts(club); len(got) != 1 {
					t.Errorf("posted %q", got)
				}
				job, _, err := w.store.Job(w.t.Context(), club, tipJob, "")
				must(t, err)
				if next := time.Date(2000, 1, 10, 8, 0, 0, 0, time.UTC); !job.Occurrence.Equal(next) || !job.Begun.IsZero() {
					t.Errorf("it goes on as %+v, want it done and next at %v", job, next)
				}
			})
		})
	}
}

// Three days without homeserver: a daily tip comes late for the last day, and
// !schedule tells of the others.
func TestTipAfterAnOutage(t *testing.T) {
	withTips(t, func(w *world) {
		club := w.club()
		w.asks(club, alice, "!rooster tip elke dag 9:00")
		var down atomic.Bool
		down.Store(true)
		w.hs.SetFail(func(http.ResponseWriter, *http.Request) bool { return down.Load() })
		w.pass(3*24*time.Hour - time.Hour)
		down.Store(false)
		w.pass(2 * time.Hour)
		if got := w.posts(club); len(got) != 1 {
			t.Fatalf("posted %q\n%s", got, w.log.String())
		}
		w.hs.Say(club, alice, "!rooster")
		w.settle()
		events := w.hs.Events(club)
		if body := fmt.Sprint(events[len(events)-1].Content["body"]); events[len(events)-1].Sender != hstest.Bot || !strings.Contains(body, "De laatste kwam maandag 3 januari 2000 om 9:00.") {
			t.Errorf("shown: %s", body)
		}
	})
}
