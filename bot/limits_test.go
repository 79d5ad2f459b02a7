package bot

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"maunium.net/go/mautrix/id"

	"wolkwijs/config"
)

func TestLimits(t *testing.T) {
	now := time.UnixMilli(1700000000000)
	l := &limits{cfg: config.Limits{
		PerUser: config.Rate{Count: 2, Per: time.Minute},
		PerRoom: config.Rate{Count: 3, Per: time.Minute},
		Global:  config.Rate{Count: 4, Per: time.Minute},
	}}
	for i, tt := range []struct {
		after time.Duration
		user  id.UserID
		room  id.RoomID
		want  verdict
	}{
		{0, "@a", "!1", allowed}, {0, "@a", "!1", allowed}, {0, "@a", "!1", warn}, {0, "@a", "!1", silent},
		{0, "@b", "!1", allowed}, {0, "@c", "!1", warn}, {0, "@d", "!1", silent}, // the room
		{0, "@c", "!2", allowed}, {0, "@d", "!2", warn}, // everything
		{-time.Hour, "@d", "!2", silent}, // a clock set back gives nothing
		{2 * time.Hour, "@a", "!1", allowed}, {0, "@a", "!2", allowed}, {0, "@a", "!2", warn},
	} {
		now = now.Add(tt.after)
		if got, wait := l.ask(tt.user, tt.room, now, false); got != tt.want || wait != 0 {
			t.Fatalf("question %d of %s in %s: %v, want %v", i, tt.user, tt.room, got, tt.want)
		}
	}
}

// What waits for its turn counts: it is never more than the limit allows, and
// no one's waits are longer in all than they may be.
func TestLimitsOfABacklog(t *testing.T) {
	start := time.UnixMilli(1700000000000)
	l := &limits{cfg: config.Default().Limits}
	var turns []time.Duration
	for range 200 {
		switch got, wait := l.ask("@a", "!1", start, true); got {
		case allowed:
			turns = append(turns, wait)
		case warn:
			if len(turns) == 0 || l.waited["u@a"] > maxUserWait {
				t.Fatalf("refused after %d questions that waited %s", len(turns), l.waited["u@a"])
			}
		}
	}
	for i, turn := range turns {
		if want := time.Duration(max(0, i-9)) * 6 * time.Second; (turn - want).Abs() > time.Millisecond {
			t.Errorf("question %d waits %s, want %s", i, turn, want)
		}
	}
	if got, _ := l.ask("@a", "!1", start.Add(time.Hour), false); got != allowed {
		t.Errorf("an hour later: %v", got)
	}
	l.back()
	for range 15 {
		l.ask("@b", "!2", start.Add(2*time.Hour), true)
	}
	if got, wait := l.ask("@b", "!2", start.Add(2*time.Hour), false); got != allowed || wait == 0 {
		t.Errorf("what is asked behind a backlog: %v after %s", got, wait)
	}
}

func TestLimitsForgetPeople(t *testing.T) {
	now := time.UnixMilli(1700000000000)
	l := &limits{cfg: config.Default().Limits}
	for i := range 3 * maxBuckets {
		now = now.Add(time.Second)
		l.ask(id.UserID(fmt.Sprint(i)), "!1", now, false)
	}
	if n := len(l.buckets); n > maxBuckets+2 {
		t.Errorf("%d people and rooms are remembered", n)
	}
}

func TestLongQuestionIsRefusedKindly(t *testing.T) {
	inWorld(t, func(w *world) {
		w.start()
		club := w.club()
		w.hs.Say(club, alice, "!echo "+strings.Repeat("é", 1994))
		w.hs.Say(club, alice, "!echo "+strings.Repeat("é", 1995))
		w.settle()
		w.wantSaid(club, strings.Repeat("é", 1994), textTooLong.NL)
	})
}
