package bot

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"maunium.net/go/mautrix/id"

	"wolkwijs/answer"
	"wolkwijs/bot/hstest"
	"wolkwijs/lang"
	"wolkwijs/store"
)

// daily is a kind of job that posts what it did in all, each day.
type daily struct {
	text  string // of the post, before the number
	quiet bool   // there is nothing to say
	fails bool   // what is to be done cannot be found out

	mu    sync.Mutex
	began int
	ended []Outcome
}

// set has the test look at d, or change it, while nobody else does.
func (d *daily) set(change func()) {
	d.mu.Lock()
	defer d.mu.Unlock()
	change()
}

func (d *daily) kind() JobKind {
	return JobKind{
		Begin: func(_ context.Context, j store.Job) (string, error) {
			d.mu.Lock()
			defer d.mu.Unlock()
			d.began++
			if d.fails {
				return "", errors.New("no luck")
			}
			return j.State + "+", nil
		},
		Message: func(j store.Job, l lang.Code) *answer.Answer {
			d.mu.Lock()
			defer d.mu.Unlock()
			if d.quiet {
				return nil
			}
			return answer.New(l, answer.Plain(d.text+j.State))
		},
		End: func(j store.Job, o Outcome) (string, time.Time) {
			d.mu.Lock()
			defer d.mu.Unlock()
			d.ended = append(d.ended, o)
			if o == Forbidden {
				return j.State, time.Time{}
			}
			return j.State, j.Occurrence.AddDate(0, 0, 1)
		},
		MaxLate: 24 * time.Hour,
	}
}

// withJobs runs a test in a world with a club whose job is due in an hour, and
// then each day.
func withJobs(t *testing.T, test func(w *world, club id.RoomID, d *daily)) {
	t.Helper()
	inWorld(t, func(w *world) {
		d := &daily{text: "day "}
		w.change = func(b *Bot) {
			b.Does("daily", d.kind())
			b.seldom()
		}
		w.start()
		club := w.club()
		must(t, w.bot.PutJob(w.t.Context(), store.Job{Room: club, Kind: "daily", Occurrence: time.Now().Add(time.Hour)}))
		test(w, club, d)
	})
}

// seldom has the bot do seldom what it does again and again, so that weeks go
// by quickly.
func (b *Bot) seldom() { b.times.poll, b.times.jobPoll = time.Hour, time.Hour }

// posts returns the bodies of the posts in a room.
func (w *world) posts(room id.RoomID) []string {
	var bodies []string
	for _, e := range w.hs.Events(room) {
		if e.Sender == hstest.Bot && e.Content[postMark] != nil {
			bodies = append(bodies, fmt.Sprint(e.Content["body"]))
		}
	}
	return bodies
}

func (w *world) wantPosts(room id.RoomID, want ...string) {
	w.t.Helper()
	if got := w.posts(room); !slices.Equal(got, want) {
		w.t.Fatalf("the bot posted\n%q, want\n%q\n%s", got, want, w.log.String())
	}
}

func wantOutcomes(t *testing.T, d *daily, want ...Outcome) {
	t.Helper()
	if !slices.Equal(d.ended, want) {
		t.Errorf("outcomes %v, want %v", d.ended, want)
	}
}

func TestJobsAreDoneInTime(t *testing.T) {
	withJobs(t, func(w *world, club id.RoomID, d *daily) {
		w.pass(time.Hour - time.Second)
		w.wantPosts(club)
		w.pass(time.Second)
		w.wantPosts(club, "day +")
		w.pass(48 * time.Hour)
		w.wantPosts(club, "day +", "day ++", "day +++")
		must(t, w.store.DropJob(w.t.Context(), club, "daily", ""))
		w.pass(48 * time.Hour)
		w.wantPosts(club, "day +", "day ++", "day +++")
		wantOutcomes(t, d, Posted, Posted, Posted)
	})
}

func TestJobsThatAreLate(t *testing.T) {
	withJobs(t, func(w *world, club id.RoomID, d *daily) {
		must(t, w.end())
		w.pass(24 * time.Hour) // one hour less than a day late
		w.start()
		w.wantPosts(club, "day +")
		must(t, w.end())
		w.pass(72*time.Hour + time.Minute)
		w.start()
		w.wantPosts(club, "day +", "day ++")
		wantOutcomes(t, d, Posted, TooLate, TooLate, Posted)
	})
}

func TestJobWithNothingToSay(t *testing.T) {
	withJobs(t, func(w *world, club id.RoomID, d *daily) {
		d.set(func() { d.quiet = true })
		w.pass(25 * time.Hour)
		w.wantPosts(club)
		wantOutcomes(t, d, Quiet, Quiet)
	})
}

func TestJobThatFailsIsTriedAgain(t *testing.T) {
	withJobs(t, func(w *world, club id.RoomID, d *daily) {
		d.set(func() { d.fails = true })
		w.pass(2 * time.Hour)
		w.wantPosts(club)
		d.set(func() {
			if d.began != 13 {
				t.Errorf("tried %d times in an hour, want each five minutes", d.began)
			}
		})
		d.set(func() { d.fails = false })
		w.pass(5 * time.Minute)
		w.wantPosts(club, "day +")
		d.set(func() { d.fails = true })
		w.pass(72 * time.Hour)
		d.set(func() { d.fails = false })
		w.pass(5 * time.Minute)
		w.wantPosts(club, "day +", "day ++")
		wantOutcomes(t, d, Posted, TooLate, TooLate, Posted)
	})
}

// The acknowledgement of a post is lost and the bot crashes; meanwhile the
// homeserver forgets its transaction IDs, or the text of the post changes.
func TestPostsAreRecognised(t *testing.T) {
	for name, change := range map[string]func(w *world, d *daily){
		"nothing changed":             func(*world, *daily) {},
		"the homeserver forgot":       func(w *world, _ *daily) { w.hs.Restart() },
		"another text":                func(w *world, d *daily) { w.hs.Restart(); d.text = "another day " },
		"nothing to say any more":     func(w *world, d *daily) { w.hs.Restart(); d.quiet = true },
		"so late that it is too late": func(w *world, _ *daily) { w.hs.Restart(); w.pass(25 * time.Hour) },
	} {
		t.Run(name, func(t *testing.T) {
			withJobs(t, func(w *world, club id.RoomID, d *daily) {
				w.hs.SetLose(func(r *http.Request) bool {
					if strings.Contains(r.URL.Path, "/send/m.room.message/") {
						w.cut.dead()
						return true
					}
					return false
				})
				w.pass(time.Hour)
				w.crash()
				w.hs.SetLose(nil)
				change(w, d)
				w.start()
				w.pass(time.Minute)
				if got := w.posts(club); got[0] != "day +" || len(got) > 1 && got[1] != "day ++" || len(d.ended) != len(got) || slices.Contains(d.ended, TooLate) {
					t.Errorf("posts %q, outcomes %v", got, d.ended)
				}
			})
		})
	}
}

func TestRoomThatForbids(t *testing.T) {
	withJobs(t, func(w *world, club id.RoomID, d *daily) {
		w.hs.SetFail(func(rw http.ResponseWriter, r *http.Request) bool {
			if !strings.Contains(r.URL.Path, "/send/") {
				return false
			}
			rw.WriteHeader(http.StatusForbidden)
			fmt.Fprint(rw, `{"errcode":"M_FORBIDDEN","error":"no power"}`)
			return true
		})
		w.pass(48 * time.Hour)
		wantOutcomes(t, d, Forbidden)
		w.hs.SetFail(nil)
		w.pass(48 * time.Hour)
		w.wantPosts(club)
	})
}

// The bot did not hear that it was removed: the homeserver's word at the next
// post has to do.
func TestRoomThatRemovedTheBot(t *testing.T) {
	withJobs(t, func(w *world, club id.RoomID, d *daily) {
		w.hs.SetFail(func(_ http.ResponseWriter, r *http.Request) bool { return strings.HasSuffix(r.URL.Path, "/sync") })
		w.hs.SetState(club, alice, "m.room.member", string(hstest.Bot), object{"membership": "leave"})
		w.pass(2 * time.Hour)
		wantOutcomes(t, d)
		if kept, err := w.store.Jobs(w.t.Context(), club, "daily"); len(kept) > 0 || err != nil {
			t.Errorf("kept of the room: %v, %v", kept, err)
		}
	})
}

func TestJobsMoveWithTheirRoom(t *testing.T) {
	withJobs(t, func(w *world, club id.RoomID, d *daily) {
		next := w.hs.Successor(alice, "", club)
		w.hs.SetState(next, alice, "m.room.join_rules", "", object{"join_rule": "public"})
		w.hs.SetState(club, alice, "m.room.tombstone", "", object{"replacement_room": string(next)})
		w.pass(time.Hour)
		w.wantPosts(club)
		w.wantPosts(next, "day +")
	})
}

// A room that cannot be followed keeps its jobs.
func TestJobsStayWhereTheRoomCannotBeFollowed(t *testing.T) {
	withJobs(t, func(w *world, club id.RoomID, d *daily) {
		trap := w.hs.Room(alice, "")
		w.hs.SetState(club, alice, "m.room.tombstone", "", object{"replacement_room": string(trap)})
		w.pass(time.Hour)
		w.wantPosts(club, "day +")
	})
}

// A job may take long without holding up the questions in its room, if its
// kind says so.
func TestJobBesideTheQueue(t *testing.T) {
	for beside, want := range map[bool]int{false: 0, true: 1} {
		inWorld(t, func(w *world) {
			d := &daily{}
			w.change = func(b *Bot) {
				kind := d.kind()
				begin := kind.Begin
				kind.Begin = func(ctx context.Context, j store.Job) (string, error) {
					time.Sleep(time.Minute)
					return begin(ctx, j)
				}
				kind.Beside = beside
				b.Does("slow", kind)
			}
			w.start()
			club := w.club()
			must(t, w.bot.PutJob(w.t.Context(), store.Job{Room: club, Kind: "slow", Occurrence: time.Now().Add(time.Hour)}))
			w.pass(time.Hour + time.Second)
			w.hs.Say(club, alice, "!echo meanwhile")
			w.settle()
			if got := len(w.said(club)); got != want {
				t.Errorf("beside the queue %v: %d answers while the job is done, want %d", beside, got, want)
			}
			w.pass(time.Minute)
			w.wantPosts(club, "+")
			w.wantSaid(club, "meanwhile")
		})
	}
}

// Hundreds of slow jobs are overdue: what is quick is done in time all the
// same.
func TestSlowJobsHoldUpNobody(t *testing.T) {
	inWorld(t, func(w *world) {
		slow, quick := &daily{quiet: true}, &daily{text: "day "}
		var mu sync.Mutex
		most, atOnce := 0, 0
		count := func(n int) {
			mu.Lock()
			defer mu.Unlock()
			atOnce += n
			most = max(most, atOnce)
		}
		w.change = func(b *Bot) {
			kind := slow.kind()
			kind.Begin = func(context.Context, store.Job) (string, error) {
				count(1)
				defer count(-1)
				time.Sleep(15 * time.Second)
				return "", nil
			}
			kind.Beside = true
			b.Does("slow", kind)
			b.Does("quick", quick.kind())
			b.seldom()
		}
		w.start()
		club := w.club()
		at := time.Now().Add(time.Hour)
		for i := range 300 {
			must(t, w.bot.PutJob(w.t.Context(), store.Job{Room: club, Kind: "slow", Name: fmt.Sprint(i), Occurrence: at}))
		}
		must(t, w.bot.PutJob(w.t.Context(), store.Job{Room: club, Kind: "quick", Occurrence: at.Add(time.Minute)}))
		w.pass(time.Hour + time.Minute + time.Second)
		w.wantPosts(club, "day +")
		w.pass(time.Hour)
		if len(slow.ended) != 300 || most != maxBeside {
			t.Errorf("%d slow jobs were done, %d at once", len(slow.ended), most)
		}
	})
}

// A stop does not begin anything new, and finishes what was begun.
func TestStopFinishesAPost(t *testing.T) {
	withJobs(t, func(w *world, club id.RoomID, d *daily) {
		w.hs.SetFail(func(_ http.ResponseWriter, r *http.Request) bool {
			if strings.Contains(r.URL.Path, "/send/m.room.message/") {
				time.Sleep(3 * time.Second)
			}
			return false
		})
		w.pass(time.Hour)
		w.wantPosts(club)
		must(t, w.end())
		w.wantPosts(club, "day +")
		wantOutcomes(t, d, Posted)
	})
}
