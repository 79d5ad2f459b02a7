package bot

import (
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"maunium.net/go/mautrix/id"

	"wolkwijs/bot/hstest"
)

func TestAnswersOnce(t *testing.T) {
	inWorld(t, func(w *world) {
		w.start()
		club := w.club()
		w.hs.Say(club, alice, "!echo one")
		w.settle()
		w.wantSaid(club, "one")
		if err := w.end(); err != nil {
			t.Fatal(err)
		}
		w.start()
		w.hs.Say(club, alice, "!echo two")
		w.settle()
		w.wantSaid(club, "one", "two")
		if n := w.hs.Logins(); n != 1 {
			t.Errorf("the bot logged in %d times, want once", n)
		}
	})
}

func TestAnswersWhatWasAskedWhileItWasOff(t *testing.T) {
	inWorld(t, func(w *world) {
		w.start()
		club := w.club()
		w.crash()
		var want []string
		for i := range 5 {
			w.hs.Say(club, alice, fmt.Sprintf("!echo %d", i))
			want = append(want, fmt.Sprint(i))
		}
		w.start()
		w.wantSaid(club, want...)
	})
}

// A timeline holds at most 500 events; the rest has to be fetched.
func TestNothingIsLostInALongGap(t *testing.T) {
	inWorld(t, func(w *world) {
		w.start()
		club := w.club()
		w.hs.Say(club, alice, "!echo before")
		w.settle()
		w.end()
		want := []string{"before"}
		for i := range 2600 {
			if i%20 != 0 {
				w.hs.Say(club, bob, "chatter")
				continue
			}
			w.hs.Say(club, alice, fmt.Sprintf("!echo %d", i))
			want = append(want, fmt.Sprint(i))
		}
		w.start()
		w.wantSaid(club, want...)
	})
}

// The moments at which a kill -9 hurts most: the message has arrived at the
// homeserver, the bot does not know it.
func TestCrashAroundTheAnswer(t *testing.T) {
	for _, tt := range []struct {
		name    string
		restart bool // the homeserver forgets its transaction IDs too
	}{{"bot", false}, {"bot and homeserver", true}} {
		t.Run(tt.name, func(t *testing.T) {
			inWorld(t, func(w *world) {
				w.start()
				club := w.club()
				w.hs.SetLose(func(r *http.Request) bool {
					if strings.Contains(r.URL.Path, "/send/m.room.message/") {
						w.cut.dead()
						return true
					}
					return false
				})
				w.hs.Say(club, alice, "!echo one")
				w.hs.Say(club, alice, "!echo two")
				w.settle()
				w.wantSaid(club, "one")
				w.crash()
				w.hs.SetLose(nil)
				if tt.restart {
					w.hs.Restart()
				}
				w.start()
				w.wantSaid(club, "one", "two")
			})
		})
	}
}

// The answer to a removed question goes also where the bot is killed before the
// homeserver has taken that, in rooms of any version.
func TestRemovalGoesOnAfterACrash(t *testing.T) {
	for name, redact := range map[string]func(*hstest.Server, id.RoomID, id.UserID, id.EventID) id.EventID{
		"room version 11": (*hstest.Server).Redact, "room version 10": (*hstest.Server).RedactOld,
	} {
		t.Run(name, func(t *testing.T) {
			inWorld(t, func(w *world) {
				w.start()
				club := w.club()
				question := w.hs.Say(club, alice, "!echo one")
				w.settle()
				w.hs.SetFail(func(rw http.ResponseWriter, r *http.Request) bool {
					if !strings.Contains(r.URL.Path, "/redact/") {
						return false
					}
					rw.WriteHeader(http.StatusBadGateway)
					return true
				})
				redact(w.hs, club, alice, question)
				w.pass(time.Second)
				w.wantSaid(club, "one")
				w.crash()
				w.hs.SetFail(nil)
				w.start()
				w.pass(time.Minute)
				w.wantSaid(club)
			})
		})
	}
}

// A question is removed while the bot is off, which was killed when its answer
// had just arrived: the answer goes with it.
func TestQuestionRemovedAfterACrash(t *testing.T) {
	for _, restart := range []bool{false, true} {
		t.Run(fmt.Sprintf("homeserver restarted: %v", restart), func(t *testing.T) {
			inWorld(t, func(w *world) {
				w.start()
				club := w.club()
				w.hs.SetLose(func(r *http.Request) bool {
					if strings.Contains(r.URL.Path, "/send/m.room.message/") {
						w.cut.dead()
						return true
					}
					return false
				})
				question := w.hs.Say(club, alice, "!echo one")
				w.settle()
				w.wantSaid(club, "one")
				w.crash()
				w.hs.SetLose(nil)
				if restart {
					w.hs.Restart()
				}
				w.hs.Redact(club, alice, question)
				w.start()
				w.pass(time.Minute)
				w.wantSaid(club)
				w.hs.Say(club, alice, "!echo two")
				w.settle()
				w.wantSaid(club, "two")
				pending, err := w.store.Pending(w.t.Context())
				w.must(err)
				if len(pending) > 0 {
					t.Errorf("%d events are still to be answered", len(pending))
				}
			})
		})
	}
}

// The answer to a send is lost and the homeserver was restarted, so that the
// transaction ID does not help: the bot must look before it sends again.
func TestLostAcknowledgement(t *testing.T) {
	inWorld(t, func(w *world) {
		w.start()
		club := w.club()
		var lost atomic.Int32
		w.hs.SetLose(func(r *http.Request) bool {
			if strings.Contains(r.URL.Path, "/send/m.room.message/") && lost.Add(1) <= 2 {
				w.hs.Restart()
				return true
			}
			return false
		})
		w.hs.Say(club, alice, "!echo one")
		w.pass(time.Minute)
		w.wantSaid(club, "one")
		if lost.Load() == 0 {
			t.Error("nothing was lost")
		}
	})
}

func TestFailuresAreWaitedOut(t *testing.T) {
	broken := func(status int, code, extra string) func(http.ResponseWriter, *http.Request) bool {
		return func(w http.ResponseWriter, r *http.Request) bool {
			w.WriteHeader(status)
			fmt.Fprintf(w, `{"errcode":%q,"error":"no"%s}`, code, extra)
			return true
		}
	}
	for _, tt := range []struct {
		name string
		fail func(http.ResponseWriter, *http.Request) bool
	}{
		{"too many requests", broken(429, "M_LIMIT_EXCEEDED", `,"retry_after_ms":3000`)},
		{"bad gateway", broken(502, "M_UNKNOWN", "")},
		{"internal error", broken(500, "M_UNKNOWN", "")},
		{"connection reset", func(http.ResponseWriter, *http.Request) bool { return true }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			inWorld(t, func(w *world) {
				var started atomic.Pointer[time.Time]
				begin := func() { now := time.Now(); started.Store(&now) }
				begin()
				w.hs.SetFail(func(rw http.ResponseWriter, r *http.Request) bool {
					return time.Since(*started.Load()) < time.Minute && tt.fail(rw, r)
				})
				w.run() // also the start must survive it
				w.pass(3 * time.Minute)
				club := w.club()
				w.pass(time.Second)
				begin()
				for i := range 3 {
					w.hs.Say(club, alice, fmt.Sprintf("!echo %d", i))
				}
				w.pass(5 * time.Minute)
				w.wantSaid(club, "0", "1", "2")
			})
		})
	}
}

func TestInviteSurvivesRateLimits(t *testing.T) {
	inWorld(t, func(w *world) {
		w.start()
		var refused atomic.Int32
		w.hs.SetFail(func(rw http.ResponseWriter, r *http.Request) bool {
			if strings.Contains(r.URL.Path, "/join/") && refused.Add(1) <= 20 {
				rw.Header().Set("Retry-After", "2")
				rw.WriteHeader(429)
				fmt.Fprint(rw, `{"errcode":"M_LIMIT_EXCEEDED"}`)
				return true
			}
			return false
		})
		club := w.club()
		w.hs.Say(club, alice, "!echo there")
		w.pass(10 * time.Minute)
		w.wantSaid(club, "there")
	})
}

func TestInviteWhileItWasOff(t *testing.T) {
	inWorld(t, func(w *world) {
		w.start()
		w.end()
		club := w.hs.Room(alice, "De club")
		w.hs.Invite(club, alice, false)
		w.hs.Say(club, alice, "!echo first")
		w.start()
		w.wantSaid(club, "first")
	})
}

// The sync told of the invite, the bot died before it joined.
func TestInviteSurvivesACrash(t *testing.T) {
	inWorld(t, func(w *world) {
		w.start()
		w.hs.SetFail(func(_ http.ResponseWriter, r *http.Request) bool { return strings.Contains(r.URL.Path, "/join/") })
		club := w.club()
		w.pass(time.Minute)
		w.crash()
		w.hs.SetFail(nil)
		w.start()
		w.hs.Say(club, alice, "!echo in")
		w.settle()
		w.wantSaid(club, "in")
	})
}

func TestShutdownAnswersFirst(t *testing.T) {
	inWorld(t, func(w *world) {
		w.start()
		club := w.club()
		w.hs.Say(club, alice, "!think 5s")
		w.hs.Say(club, alice, "!echo after")
		w.settle()
		asked := time.Now()
		if err := w.end(); err != nil {
			t.Fatal(err)
		}
		w.wantSaid(club, "thought 5s", "after")
		if took := time.Since(asked); took > 6*time.Second {
			t.Errorf("stopping took %v", took)
		}
	})
}

func TestShutdownTakesTenSecondsAtMost(t *testing.T) {
	inWorld(t, func(w *world) {
		w.start()
		club := w.club()
		w.hs.Say(club, alice, "!think 30s")
		w.hs.Say(club, alice, "!echo after")
		w.settle()
		asked := time.Now()
		w.end()
		if took := time.Since(asked); took < 10*time.Second || took > 11*time.Second {
			t.Errorf("stopping took %v, want ten seconds", took)
		}
		w.wantSaid(club)
		w.start()
		w.pass(time.Minute)
		w.wantSaid(club, "thought 30s", "after")
	})
}

func TestLoggedOutSaysWhatToDo(t *testing.T) {
	inWorld(t, func(w *world) {
		w.start()
		w.hs.LogOut()
		if err := w.result(); err == nil || !strings.Contains(err.Error(), "--reset-device") {
			t.Errorf("error = %v", err)
		}
	})
}
