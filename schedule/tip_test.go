package schedule_test

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"
	"time"

	"wolkwijs/schedule"
)

// tipIDs are the IDs of n tips.
func tipIDs(n int) []string {
	var ids []string
	for i := range n {
		ids = append(ids, fmt.Sprint("tip", i))
	}
	return ids
}

func newTip(t testing.TB, text, seed string) *schedule.Tip {
	return schedule.NewTip(rule(t, text), zone(t, "Europe/Amsterdam"), time.Date(2026, 11, 26, 12, 0, 0, 0, time.UTC), seed)
}

// show has the next tip posted and returns it.
func show(tip *schedule.Tip, ids []string) string {
	tip.Posting = tip.Pick(ids)
	shown := tip.Posting
	tip.Posted(time.Unix(0, 0))
	return shown
}

func TestOrderOfTips(t *testing.T) {
	ids := tipIDs(52)
	orders := map[string]bool{}
	for room := range 20 {
		tip := newTip(t, "maandag 9:00", fmt.Sprint("room", room))
		var shown []string
		for range 4 * len(ids) {
			shown = append(shown, show(tip, ids))
		}
		for i := range len(shown) - len(ids) {
			if again := slices.Index(shown[i+1:], shown[i]); again < len(ids)-1 {
				t.Errorf("room %d: %s comes again after %d", room, shown[i], again+1)
			}
		}
		orders[fmt.Sprint(shown[:10])] = true
	}
	if len(orders) != 20 {
		t.Errorf("20 rooms have %d orders", len(orders))
	}
}

// Tips come and go: still none comes again before all that are there have.
func TestOrderOfChangingTips(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	all := tipIDs(80)
	for room := range 50 {
		tip := newTip(t, "maandag 9:00", fmt.Sprint("room", room))
		ids := all[:52]
		last := map[string]int{} // when each was shown last
		for n := range 500 {
			if r.IntN(20) == 0 {
				ids = slices.DeleteFunc(slices.Clone(all), func(string) bool { return r.IntN(3) == 0 })
			}
			id := show(tip, ids)
			before, again := last[id]
			for _, other := range ids {
				if at, had := last[other]; other != id && again && (!had || at < before) {
					t.Fatalf("room %d: %s comes again, but %s (last: %d, %v) has waited longer", room, id, other, at, had)
				}
			}
			last[id] = n
		}
	}
	if got := newTip(t, "maandag 9:00", "").Pick(nil); got != "" {
		t.Errorf("of no tips %q comes next", got)
	}
}

func TestTipOutOfTurn(t *testing.T) {
	ids := tipIDs(3)
	tip := newTip(t, "maandag 9:00", "room")
	next := tip.Pick(ids)
	if got := tip.Take("first", ids); got != next || tip.Take("first", ids) != next {
		t.Errorf("taken %s, and again %s; next was %s", got, tip.Take("first", ids), next)
	}
	second := tip.Pick(ids)
	if got := tip.Take("second", ids); got != second || second == next {
		t.Errorf("taken %s after %s; next was %s", got, next, second)
	}
	if third := show(tip, ids); third == next || third == second {
		t.Errorf("%s comes again before all have", third)
	}
}

func TestPauseOfATip(t *testing.T) {
	tip := newTip(t, "maandag 9:00", "room")
	at := time.Date(2026, 11, 26, 12, 0, 0, 0, time.UTC)
	tip.Paused = schedule.ByPerson
	if next := tip.Next(at); !next.IsZero() {
		t.Errorf("a paused tip comes at %v", next)
	}
	tip.Resume()
	if got := schedule.Moment(tip.Next(at), "nl"); got != "maandag 30 november 2026 om 9:00" {
		t.Errorf("a resumed tip comes %s", got)
	}
}

func TestTipIsStored(t *testing.T) {
	tip := newTip(t, "elke 2 weken vrijdag 16:30", "room")
	ids := tipIDs(5)
	show(tip, ids)
	tip.Passed(tip.Next(time.Unix(1_800_000_000, 0)))
	tip.Take("someone", ids)
	tip.Paused = schedule.Forbidden
	again, err := schedule.Decode(tip.Encode())
	if err != nil || again.Encode() != tip.Encode() || !reflect.DeepEqual(again.Rule, tip.Rule) || again.Paused != tip.Paused || again.Missed.Count != 1 {
		t.Errorf("read %+v, %v; stored %+v", again, err, tip)
	}
	for _, text := range []string{"", "{", "{}", `{"rule":"FREQ=YEARLY"}`} {
		if tip, err := schedule.Decode(text); err == nil {
			t.Errorf("%q is read as %+v", text, tip)
		}
	}
}

func BenchmarkNext(b *testing.B) {
	tip := newTip(b, "elke 2 weken vrijdag 16:30", "room")
	at := tip.From.AddDate(9, 0, 0)
	for b.Loop() {
		if at = tip.Next(at); at.Year() > 2040 {
			at = tip.From
		}
	}
}
