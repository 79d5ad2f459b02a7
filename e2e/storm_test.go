package e2e_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"sync"
	"testing"
	"time"

	"maunium.net/go/mautrix/id"

	"wolkwijs/e2e/peer"
)

// stormSize is how much is asked in TestStorm. WOLKWIJS_STORM multiplies it:
// 5 makes a thousand questions in twenty rooms and thirty kills.
var stormSize = struct{ rooms, questions, kills int }{4, 50, 6}

// TestStorm has a bot killed at random moments while it is asked in several
// rooms at once, half of them encrypted: each question has one answer, in the
// order of its room.
func TestStorm(t *testing.T) {
	w := newWorld(t)
	size := stormSize
	if factor, err := strconv.Atoi(os.Getenv("WOLKWIJS_STORM")); err == nil && factor > 0 {
		size.rooms, size.kills = size.rooms*factor, size.kills*factor
		ctx, cancel := context.WithTimeout(bed.ctx, time.Duration(factor)*patience)
		t.Cleanup(cancel)
		w.ctx = ctx
	}
	b := w.bot(nil)
	anna := w.member(mautrixGo, "anna")
	rooms := make([]id.RoomID, size.rooms)
	for i := range rooms {
		rooms[i] = w.roomWith(b, anna, peer.Room{Name: fmt.Sprint("Room ", i), Encrypted: i%2 == 0})
	}
	asked := make([][]id.EventID, len(rooms))
	var asking sync.WaitGroup
	began := time.Now()
	for i, room := range rooms {
		asking.Go(func() {
			for n := range size.questions {
				question, err := anna.Send(w.ctx, room, peer.Text(fmt.Sprintf("!tip %d", n%5+1)))
				if err != nil {
					t.Error(err)
					return
				}
				asked[i] = append(asked[i], question)
			}
		})
	}
	down := time.Duration(0)
	for range size.kills {
		pause := time.NewTimer(time.Duration(rand.IntN(1500)) * time.Millisecond)
		select {
		case <-pause.C:
		case <-w.ctx.Done():
			t.Fatal("the test took too long")
		}
		w.must(b.Kill())
		killed := time.Now()
		w.must(b.Restart(w.ctx))
		down += time.Since(killed)
	}
	asking.Wait()
	total := 0
	for i := range rooms {
		for _, question := range asked[i] {
			w.answer(b, anna, question)
			total++
		}
	}
	took := time.Since(began)
	// Whatever the bot would say twice, it would have said before this.
	for i, room := range rooms {
		after := w.ask(anna, room, "!about")
		w.answer(b, anna, after)
		w.checkAnswered(b, anna, room, append(asked[i], after)...)
	}
	t.Logf("%d questions in %d rooms, killed %d times: answered in %v, restarted in %v on average",
		total, len(rooms), size.kills, took.Round(time.Millisecond), (down / time.Duration(size.kills)).Round(time.Millisecond))
}
