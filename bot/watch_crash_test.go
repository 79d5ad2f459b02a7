package bot

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"wolkwijs/commands"
	"wolkwijs/store"
	"wolkwijs/store/pgtest"
)

// The moments at which a crash hurts most: before the post has arrived, and
// after it has, with and without a homeserver that remembers it.
func TestWatchSurvivesACrash(t *testing.T) {
	for _, tt := range []struct {
		name            string
		arrived, forgot bool
	}{{"before the post arrives", false, false}, {"after the post has arrived", true, false}, {"and the homeserver forgets", true, true}} {
		t.Run(tt.name, func(t *testing.T) {
			watching(t, func(w *world, o *outside) {
				t := w.t
				club := w.clubThatAsks("!volg club.nl")
				o.edit(t, "- @ MX", "@ MX 10 mx.small.example.")
				w.toNext() // it seems to have changed
				posting := func(r *http.Request) bool { return strings.Contains(r.URL.Path, "/send/m.room.message/") }
				if tt.arrived {
					w.hs.SetLose(func(r *http.Request) bool {
						if posting(r) {
							w.cut.dead()
						}
						return posting(r)
					})
				} else {
					w.hs.SetFail(func(_ http.ResponseWriter, r *http.Request) bool {
						if posting(r) {
							w.cut.dead()
						}
						return posting(r)
					})
				}
				w.pass(time.Hour) // it has: the bot posts and dies
				w.crash()
				w.hs.SetLose(nil)
				w.hs.SetFail(nil)
				if tt.forgot {
					w.hs.Restart()
				}
				looks := o.looks
				time.Sleep(36 * time.Hour) // nobody restarts it for a while
				w.start()
				w.pass(time.Minute)
				want := []string{"De mail van club.nl staat nu bij Small Mail (Nederland). In totaal veranderden 2 dingen:"}
				if got := w.headlines(club); !slices.Equal(got, want) {
					t.Fatalf("posts %q\n%s", got, w.log.String())
				}
				if o.looks != looks {
					t.Errorf("looked %d times more to say the same", o.looks-looks)
				}
				w.passDue(30 * 24 * time.Hour)
				if got := w.headlines(club); !slices.Equal(got, want) {
					t.Errorf("after a month: %q", got)
				}
			})
		})
	}
}

// A crash after a look that found something does not make the next look,
// right after the start, count as the second one.
func TestCrashDoesNotConfirm(t *testing.T) {
	watching(t, func(w *world, o *outside) {
		t := w.t
		club := w.clubThatAsks("!volg club.nl")
		o.edit(t, "- @ MX", "@ MX 10 mx.small.example.")
		jobs, err := w.store.Jobs(t.Context(), club, watchJob)
		must(t, err)
		must(t, w.end())
		time.Sleep(time.Until(jobs[0].Due))
		// The look is stored, what follows it is not.
		st, err := store.Open(t.Context(), w.cfg.Storage.Database)
		must(t, err)
		kind := &watches{watcher: w.answerer.(Watcher), now: time.Now, recent: map[string]*sight{}}
		state, err := kind.begin(t.Context(), jobs[0])
		must(t, err)
		if ok, err := st.BeginJob(t.Context(), &jobs[0], state); err != nil || !ok {
			t.Fatalf("not begun: %v", err)
		}
		must(t, st.Close())
		w.start()
		w.pass(10 * time.Minute)
		if got := w.headlines(club); len(got) > 0 {
			t.Errorf("posted %q after a single look", got)
		}
		w.pass(time.Hour)
		if got := w.headlines(club); len(got) != 1 {
			t.Errorf("posted %q after two looks", got)
		}
	})
}

// The instance that looked dies just as its post has arrived; the one that
// takes over says nothing twice.
func TestWatchSurvivesAChangeOfLeader(t *testing.T) {
	server := pgtest.Start(t)
	watching(t, func(w *world, o *outside) {
		t := w.t
		w.cfg.Storage.Database = server
		w.start()
		other := &world{t: w.t, hs: w.hs, cfg: w.cfg, answerer: w.answerer, change: w.change}
		other.start()
		defer func() { other.end() }()
		club := w.club()
		w.hs.Say(club, alice, "!volg club.nl")
		w.settle()
		w.wantSaid(club, "Goed, ik volg club.nl voor deze kamer.")
		o.edit(t, "- @ MX", "@ MX 10 mx.small.example.")
		// A week would be long with a database server that is asked each two
		// seconds: the look comes now.
		jobs, err := w.store.Jobs(t.Context(), club, watchJob)
		must(t, err)
		kept := commands.ParseWatched(jobs[0].State)
		kept.Next = time.Now()
		jobs[0].State, jobs[0].Occurrence = kept.String(), kept.Next
		must(t, w.bot.PutJob(t.Context(), jobs[0]))
		w.pass(time.Minute)
		w.hs.SetLose(func(r *http.Request) bool {
			if strings.Contains(r.URL.Path, "/send/m.room.message/") {
				w.cut.dead()
				w.hs.Restart()
				return true
			}
			return false
		})
		w.pass(time.Hour)
		want := []string{"De mail van club.nl staat nu bij Small Mail (Nederland). In totaal veranderden 2 dingen:"}
		if got := w.headlines(club); !slices.Equal(got, want) {
			t.Fatalf("before the crash: %q\n%s", got, w.log.String())
		}
		crashUnlocked(t, server, w)
		w.hs.SetLose(nil)
		other.pass(10 * time.Minute)
		if got := w.headlines(club); !slices.Equal(got, want) {
			t.Errorf("after the change of leader: %q", got)
		}
		jobs, err = other.store.Jobs(t.Context(), club, watchJob)
		if err != nil || len(jobs) != 1 || !jobs[0].Begun.IsZero() || commands.ParseWatched(jobs[0].State).News != nil {
			t.Errorf("jobs %+v, %v", jobs, err)
		}
	})
}
