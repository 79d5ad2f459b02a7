package bot

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"maunium.net/go/mautrix/id"

	"wolkwijs/bot/hstest"
	"wolkwijs/lang"
	"wolkwijs/store"
)

// successor makes a room of alice that names old as the one before it.
func (w *world) successor(old id.RoomID, joinRule string) id.RoomID {
	next := w.hs.Successor(alice, "De nieuwe club", old)
	w.hs.SetState(next, alice, "m.room.join_rules", "", object{"join_rule": joinRule})
	return next
}

// replace replaces a room.
func (w *world) replace(old id.RoomID, by id.UserID, next id.RoomID) {
	w.hs.SetState(old, by, "m.room.tombstone", "", object{"replacement_room": string(next)})
}

// weekly gives a room a job that is due in a week.
func (w *world) weekly(room id.RoomID, name, state string) {
	w.t.Helper()
	must(w.t, w.bot.PutJob(w.t.Context(), store.Job{Room: room, Kind: "daily", Name: name, State: state, Occurrence: time.Now().Add(7 * 24 * time.Hour)}))
}

// kept is what the bot keeps of a room: its language, and its jobs with their
// states.
func (w *world) kept(room id.RoomID) string {
	w.t.Helper()
	r, _, err := w.store.Room(w.t.Context(), room)
	must(w.t, err)
	jobs, err := w.store.Jobs(w.t.Context(), room, "daily")
	must(w.t, err)
	kept := string(r.Language)
	for _, j := range jobs {
		kept += " " + j.Name + "=" + j.State
	}
	return kept
}

func (w *world) wantKept(room id.RoomID, want string) {
	w.t.Helper()
	if got := w.kept(room); got != want {
		w.t.Errorf("kept of %s: %q, want %q\n%s", room, got, want, w.log.String())
	}
}

// wantIn checks which rooms the bot is in.
func (w *world) wantIn(want ...id.RoomID) {
	w.t.Helper()
	rooms, err := w.store.Rooms(w.t.Context())
	must(w.t, err)
	slices.Sort(want)
	if !slices.Equal(rooms, want) {
		w.t.Errorf("the bot is in %q, want %q\n%s", rooms, want, w.log.String())
	}
	for _, room := range want {
		if m := w.hs.State(room, "m.room.member", string(hstest.Bot))["membership"]; m != "join" {
			w.t.Errorf("the membership of %s is %v", room, m)
		}
	}
}

// wantPending checks how many events are still in the inbox.
func (w *world) wantPending(want int) {
	w.t.Helper()
	if pending, err := w.store.Pending(w.t.Context()); len(pending) != want || err != nil {
		w.t.Errorf("%d events are pending, want %d; %v", len(pending), want, err)
	}
}

// notices is how often the bot spoke in a room without being asked.
func (w *world) notices(room id.RoomID) int {
	n := 0
	for _, e := range w.hs.Events(room) {
		if e.Sender == hstest.Bot && e.Type == "m.room.message" && e.Content["m.relates_to"] == nil && e.Content[postMark] == nil {
			n++
		}
	}
	return n
}

// failingJoins has joins of some rooms fail as where the homeserver of those
// who are in them is away.
func (w *world) failingJoins(fail func(room id.RoomID) bool) {
	w.hs.SetFail(func(rw http.ResponseWriter, r *http.Request) bool {
		room, is := strings.CutPrefix(r.URL.Path, "/_matrix/client/v3/join/")
		if !is || !fail(id.RoomID(room)) {
			return false
		}
		rw.WriteHeader(http.StatusBadGateway)
		fmt.Fprint(rw, `{"errcode":"M_UNKNOWN","error":"no server answers"}`)
		return true
	})
}

// Somebody replaces a room of their own by one that the bot is in already, and
// that has nothing to do with it.
func TestTombstoneThatNamesARoomOfOthers(t *testing.T) {
	for _, restart := range []bool{false, true} {
		withJobs(t, func(w *world, club id.RoomID, d *daily) {
			must(w.t, w.store.SetLanguage(w.t.Context(), club, lang.NL))
			w.weekly(club, "own", "club's")
			own := w.hs.Room(bob, "")
			w.hs.Invite(own, bob, true)
			w.settle()
			must(w.t, w.store.SetLanguage(w.t.Context(), own, lang.EN))
			before := w.kept(club)
			if restart {
				must(w.t, w.end())
			}
			w.replace(own, bob, club)
			if restart {
				w.start()
			}
			w.settle()
			w.wantIn(club, own)
			w.wantKept(club, before)
			w.wantKept(own, "en")
			w.wantPending(0)
			if kept, _, _ := w.store.Room(w.t.Context(), club); kept.Direct {
				w.t.Error("the club became a direct message")
			}
			w.hs.Say(club, alice, "!echo nog hier")
			w.settle()
			w.wantSaid(club, "nog hier")
		})
	}
}

// The bot came to the new room before the old one was replaced, and somebody
// has chosen something there.
func TestRoomThatTheBotIsInAlready(t *testing.T) {
	withJobs(t, func(w *world, club id.RoomID, d *daily) {
		must(w.t, w.store.DropJob(w.t.Context(), club, "daily", ""))
		must(w.t, w.store.SetLanguage(w.t.Context(), club, lang.NL))
		w.weekly(club, "both", "old")
		w.weekly(club, "more", "old")
		next := w.successor(club, "invite")
		w.hs.Invite(next, alice, false)
		w.settle()
		must(w.t, w.store.SetLanguage(w.t.Context(), next, lang.EN))
		w.weekly(next, "both", "new")
		w.replace(club, alice, next)
		w.settle()
		w.wantIn(next)
		w.wantKept(next, "en both=new more=old")
		w.wantPending(0)
	})
}

// A room is replaced, and that one too, while the bot is off. It goes along to
// the last one, with all that was kept; not where that names another before it.
func TestReplacedTwiceWhileAway(t *testing.T) {
	for name, honest := range map[string]bool{"one after another": true, "to a room of others": false} {
		t.Run(name, func(t *testing.T) {
			withJobs(t, func(w *world, club id.RoomID, d *daily) {
				must(w.t, w.store.SetLanguage(w.t.Context(), club, lang.EN))
				w.weekly(club, "more", "old")
				must(w.t, w.end())
				second := w.successor(club, "public")
				w.replace(club, alice, second)
				before := second
				if !honest {
					before = w.hs.Room(bob, "")
				}
				last := w.successor(before, "public")
				w.replace(second, alice, last)
				w.start()
				w.pass(time.Minute)
				want := last
				if !honest {
					want = second
				}
				w.wantIn(want)
				w.wantKept(want, "en = more=old")
				w.wantPending(0)
				for _, room := range []id.RoomID{second, last} {
					if n := w.notices(room); n != 0 {
						w.t.Errorf("introduced %d times", n)
					}
				}
				w.pass(24 * time.Hour)
				w.wantPosts(want, "day +")
			})
		})
	}
}

// Somebody invites the bot to the first room again. That does not keep it from
// following the second one.
func TestReplacedWhileBackInTheFirstRoom(t *testing.T) {
	withJobs(t, func(w *world, club id.RoomID, d *daily) {
		second := w.successor(club, "public")
		w.replace(club, alice, second)
		w.pass(time.Minute)
		w.wantIn(second)
		w.hs.Invite(club, alice, false)
		w.pass(time.Minute)
		w.wantIn(club, second)
		last := w.successor(second, "public")
		w.replace(second, alice, last)
		w.pass(time.Minute)
		w.wantIn(club, last)
		w.wantKept(last, " =") // nothing was due yet
		w.wantPending(0)
	})
}

// The homeserver of those in the new room is away. Until it is back the old
// rooms are answered and have their posts, and so has everybody else.
func TestUpgradeToAHomeserverThatIsAway(t *testing.T) {
	withJobs(t, func(w *world, club id.RoomID, d *daily) {
		var away atomic.Bool
		away.Store(true)
		w.failingJoins(func(id.RoomID) bool { return away.Load() })
		next := w.successor(club, "public")
		w.replace(club, alice, next)
		w.settle()
		w.hs.Say(club, alice, "!echo nog hier")
		w.pass(time.Hour)
		w.wantSaid(club, "nog hier")
		w.wantPosts(club, "day +")
		w.wantPending(1)
		must(w.t, w.end())
		w.start()
		w.pass(20 * time.Hour)
		w.wantIn(club)
		away.Store(false)
		w.pass(time.Minute)
		w.wantIn(next)
		w.wantKept(next, " =+")
		w.wantPending(0)
		if n := w.notices(next); n != 0 {
			w.t.Errorf("introduced %d times", n)
		}
		w.pass(24 * time.Hour)
		w.wantPosts(next, "day ++")
	})
}

// After a day the bot gives up, and stays where it is. Whoever invites it later
// still has all that was kept moved.
func TestUpgradeThatIsGivenUp(t *testing.T) {
	withJobs(t, func(w *world, club id.RoomID, d *daily) {
		w.failingJoins(func(id.RoomID) bool { return true })
		next := w.successor(club, "public")
		w.replace(club, alice, next)
		w.pass(25 * time.Hour)
		w.wantIn(club)
		w.wantPending(0)
		w.hs.SetFail(nil)
		w.pass(24 * time.Hour)
		w.wantIn(club)
		w.hs.Invite(next, alice, false)
		w.pass(time.Minute)
		w.wantIn(next)
		w.wantKept(next, " =+++")
	})
}

// Rooms that cannot be joined do not hold up what is due in others.
func TestManyUpgradesToAHomeserverThatIsAway(t *testing.T) {
	withJobs(t, func(w *world, club id.RoomID, d *daily) {
		w.failingJoins(func(room id.RoomID) bool { return w.hs.State(room, "m.room.create", "")["predecessor"] != nil })
		for range maxWorkers + 1 {
			gone := w.club()
			must(w.t, w.bot.PutJob(w.t.Context(), store.Job{Room: gone, Kind: "daily", Occurrence: time.Now().Add(time.Minute)}))
			w.replace(gone, alice, w.successor(gone, "public"))
			w.settle()
		}
		w.pass(time.Hour)
		w.wantPosts(club, "day +")
		w.hs.Say(club, alice, "!echo gewoon")
		w.settle()
		w.wantSaid(club, "gewoon")
		w.wantPending(maxWorkers + 1)
	})
}

// Of several tombstones the newest counts; nothing is tried for the others.
func TestNewestTombstoneCounts(t *testing.T) {
	withJobs(t, func(w *world, club id.RoomID, d *daily) {
		var gone []id.RoomID
		tries := map[id.RoomID]int{}
		for range 3 {
			gone = append(gone, w.successor(club, "public"))
		}
		w.failingJoins(func(room id.RoomID) bool {
			tries[room]++
			return slices.Contains(gone, room)
		})
		for _, next := range gone {
			w.replace(club, alice, next)
		}
		w.settle()
		w.wantPending(1)
		w.pass(time.Hour)
		if tries[gone[0]]+tries[gone[1]] > 2 || tries[gone[2]] < 60 {
			t.Errorf("tried %v", tries)
		}
		next := w.successor(club, "public")
		w.replace(club, alice, next)
		w.pass(time.Minute)
		w.wantIn(next)
		w.wantPending(0)
	})
}

// The homeserver joins a room, but says so too late. It turns out to replace
// nothing, and is left: once, and for good.
func TestTrapThatIsJoinedLate(t *testing.T) {
	withJobs(t, func(w *world, club id.RoomID, d *daily) {
		joins := 0
		w.hs.SetLose(func(r *http.Request) bool {
			is := strings.Contains(r.URL.Path, "/join/")
			if is {
				joins++
			}
			return is
		})
		trap := w.hs.Room(alice, "")
		w.hs.SetState(trap, alice, "m.room.join_rules", "", object{"join_rule": "public"})
		w.replace(club, alice, trap)
		w.pass(time.Hour)
		w.wantIn(club)
		w.wantPending(0)
		if n := w.notices(trap); n != 0 {
			t.Errorf("introduced %d times", n)
		}
		if joins > 5 { // the library tries some times by itself
			t.Errorf("joined %d times", joins)
		}
	})
}

// How a room was made can be asked before a /sync tells of it. That must not
// take from those who made it what makes them its creators.
func TestPredecessorIsAskedFor(t *testing.T) {
	inWorld(t, func(w *world) {
		w.start()
		club := w.club()
		next := w.successor(club, "public")
		for range 2 {
			if old, err := w.bot.predecessor(w.t.Context(), next); old != club || err != nil {
				w.t.Errorf("the room before = %q, %v", old, err)
			}
		}
		if create, err := w.bot.state.GetCreate(w.t.Context(), next); create != nil || err != nil {
			w.t.Errorf("stored %v, %v", create, err)
		}
	})
}

// knife cuts the bot's connection for good before or after a request.
type knife struct {
	w     *world
	to    http.RoundTripper
	armed *atomic.Bool
	steps *atomic.Int64 // until it cuts
}

func (k knife) RoundTrip(r *http.Request) (*http.Response, error) {
	if !k.armed.Load() || strings.HasSuffix(r.URL.Path, "/sync") {
		return k.to.RoundTrip(r)
	}
	if k.steps.Add(-1) == 0 {
		k.w.cut.dead()
		return nil, errors.New("the program is dead")
	}
	resp, err := k.to.RoundTrip(r)
	if k.steps.Add(-1) == 0 {
		k.w.cut.dead()
		return nil, errors.New("the program died meanwhile")
	}
	return resp, err
}

// The bot is killed at each request that it makes while it follows a room.
// After the next start all has moved, once, whether it was invited or not and
// however often the room was replaced, and it introduces itself nowhere.
func TestKilledWhileFollowing(t *testing.T) {
	for name, how := range map[string]struct{ invited, twice bool }{"public": {}, "by invitation": {invited: true}, "twice": {twice: true}} {
		t.Run(name, func(t *testing.T) {
			cuts := 0
			for step := int64(1); ; step++ {
				killed := false
				withJobs(t, func(w *world, club id.RoomID, d *daily) {
					must(w.t, w.end())
					armed, steps := &atomic.Bool{}, &atomic.Int64{}
					steps.Store(step)
					once := true
					change := w.change
					w.change = func(b *Bot) {
						change(b)
						if once {
							b.network, once = knife{w, b.network, armed, steps}, false
						}
					}
					w.start()
					must(w.t, w.store.SetLanguage(w.t.Context(), club, lang.EN))
					w.weekly(club, "more", "old")
					rule := "public"
					if how.invited {
						rule = "invite"
					}
					next := w.successor(club, rule)
					first := next
					if how.twice {
						next = w.successor(first, rule)
						w.replace(first, alice, next)
					}
					armed.Store(true)
					w.replace(club, alice, first)
					w.settle()
					if how.invited {
						w.hs.Invite(next, alice, false)
					}
					w.pass(time.Minute)
					killed = steps.Load() <= 0
					w.crash()
					w.start()
					w.pass(10 * time.Minute)
					w.wantIn(next)
					w.wantKept(next, "en = more=old")
					w.wantPending(0)
					if n := w.notices(first) + w.notices(next); n != 0 {
						w.t.Errorf("introduced %d times", n)
					}
					w.pass(time.Hour)
					w.wantPosts(next, "day +")
				})
				if t.Failed() {
					t.Fatalf("killed at step %d", step)
				}
				if !killed {
					break
				}
				cuts++
			}
			if cuts < 8 {
				t.Errorf("killed %d times", cuts)
			}
			t.Logf("killed %d times", cuts)
		})
	}
}
