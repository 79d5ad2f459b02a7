package bot

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// fill lets the database take no more room, as a full disk does, until the
// function that it returns is called.
func (w *world) fill() (empty func()) {
	w.t.Helper()
	db := w.store.Database()
	var most int
	// Free pages within are used up first.
	for _, query := range []string{"VACUUM", "PRAGMA max_page_count=1"} {
		if _, err := db.Exec(w.t.Context(), query); err != nil {
			w.t.Fatal(err)
		}
	}
	if err := db.QueryRow(w.t.Context(), "PRAGMA max_page_count").Scan(&most); err != nil {
		w.t.Fatal(err)
	}
	if most > 10_000 {
		w.t.Fatal("the database is not full")
	}
	return func() {
		w.t.Helper()
		if _, err := db.Exec(w.t.Context(), "PRAGMA max_page_count=1000000"); err != nil {
			w.t.Fatal(err)
		}
	}
}

func TestFullDiskIsWaitedOut(t *testing.T) {
	inWorld(t, func(w *world) {
		w.start()
		club := w.club()
		var want []string
		ask := func(n int) {
			for range n {
				text := fmt.Sprint(len(want))
				w.hs.Say(club, alice, "!echo "+text)
				want = append(want, text)
			}
		}
		ask(3)
		w.pass(time.Minute)
		empty := w.fill()
		ask(150)
		w.pass(time.Minute)
		ask(40)
		w.pass(10 * time.Minute)
		if len(w.said(club)) == len(want) {
			t.Fatal("the disk was not full")
		}
		if !strings.Contains(w.log.String(), "full") {
			t.Error("the log does not tell that the disk is full")
		}
		empty()
		w.pass(5 * time.Minute)
		w.wantSaid(club, want...)
	})
}

// Keys that come while the disk is full are kept too.
func TestFullDiskWithEncryption(t *testing.T) {
	encryptedWorld(t, func(w *world) {
		w.start()
		p := w.peer(alice)
		defer p.close()
		room := p.room("De club", 1)
		w.pass(time.Minute)
		var want []string
		ask := func(n int) {
			for range n {
				text := fmt.Sprint(len(want))
				p.say(room, "!echo "+text)
				want = append(want, text)
			}
		}
		ask(3)
		w.pass(time.Minute)
		empty := w.fill()
		ask(60)
		w.pass(10 * time.Minute)
		empty()
		w.pass(10 * time.Minute)
		w.wantAnswers(p, room, want...)
	})
}

// The machine's clock jumps about, by up to a year either way. The clock that
// measures how long things take does not: operating systems keep it apart.
func TestClockJumps(t *testing.T) {
	for seed := range uint64(3) {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			inWorld(t, func(w *world) {
				dice := rand.New(rand.NewPCG(seed, 3))
				var ahead atomic.Int64 // a time.Duration
				w.change = func(b *Bot) { b.store.Now = func() time.Time { return time.Now().Add(time.Duration(ahead.Load())) } }
				w.start()
				var want []string
				club := w.club()
				for i := range 300 {
					if dice.IntN(10) == 0 {
						jump := []time.Duration{0, time.Hour, 25 * time.Hour, 365 * 24 * time.Hour}[dice.IntN(4)]
						if dice.IntN(2) == 0 {
							jump = -jump
						}
						ahead.Store(int64(jump))
					}
					if dice.IntN(40) == 0 {
						w.crash()
						w.run()
					}
					text := fmt.Sprint(i)
					w.hs.Say(club, alice, "!echo "+text)
					want = append(want, text)
					if dice.IntN(5) == 0 {
						w.pass(time.Duration(dice.IntN(60)) * time.Second)
					}
				}
				w.pass(time.Hour)
				w.wantSaid(club, want...)
				if !w.bot.Healthy() {
					t.Error("the bot takes itself for unwell")
				}
				other := w.club()
				w.hs.Say(other, alice, "!echo here too")
				w.pass(time.Minute)
				w.wantSaid(other, "here too")
			})
		})
	}
}

// A clock that is ahead at the login does not make the bot take what is said
// later for history.
func TestClockAheadAtLogin(t *testing.T) {
	inWorld(t, func(w *world) {
		w.change = func(b *Bot) { b.store.Now = func() time.Time { return time.Now().Add(24 * time.Hour) } }
		w.start()
		room := w.hs.Room(alice, "De club")
		w.hs.Invite(room, alice, false)
		w.hs.Say(room, alice, "!echo first")
		w.pass(time.Minute)
		w.wantSaid(room, "first")
	})
}

func TestQueueThatDoesNotMoveIsLookedInto(t *testing.T) {
	inWorld(t, func(w *world) {
		w.change = func(b *Bot) { b.times.stuck = 20 * time.Second }
		w.start()
		club := w.club()
		w.hs.Say(club, alice, "!think 50s")
		w.pass(2 * time.Minute)
		w.wantSaid(club, "thought 50s")
		log := w.log.String()
		if n := strings.Count(log, "does not move"); n != 1 {
			t.Errorf("the log tells %d times that a queue does not move, want once", n)
		}
		if !strings.Contains(log, "parrot.Answer") {
			t.Error("the log does not tell where it hangs")
		}
		if strings.Contains(log, "think 50s") {
			t.Error("the log tells what was said")
		}
	})
}

// A room that asks more than fits is told so, once for all that is given up;
// until that is said, one of them stays in the inbox, for a crash.
func TestFullQueueIsTold(t *testing.T) {
	inWorld(t, func(w *world) {
		w.start()
		club := w.club()
		w.hs.Say(club, alice, "!think 30s")
		for range maxQueue + 20 {
			w.hs.Say(club, alice, "!echo x")
		}
		w.settle()
		w.pass(time.Second)
		pending, err := w.store.Pending(w.t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if len(pending) != maxQueue+1 {
			t.Errorf("%d events are kept, want %d that wait and one for those that were given up", len(pending), maxQueue)
		}
		w.pass(10 * time.Minute)
		busy := 0
		for _, e := range w.hs.Events(club) {
			if body, _ := e.Content["body"].(string); strings.Contains(body, textBusy.NL) {
				busy++
			}
		}
		if busy != 1 || len(w.said(club)) != maxQueue {
			t.Errorf("%d answers and %d times busy, want %d and once", len(w.said(club)), busy, maxQueue)
		}
		if pending, _ := w.store.Pending(w.t.Context()); len(pending) > 0 {
			t.Errorf("%d events are left", len(pending))
		}
	})
}
