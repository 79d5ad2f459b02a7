package bot

import (
	"fmt"
	"net/http"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"maunium.net/go/mautrix/id"

	"wolkwijs/bot/hstest"
	"wolkwijs/commands"
	"wolkwijs/knowledge"
	"wolkwijs/lang"
	"wolkwijs/schedule"
	"wolkwijs/store"
)

// A thousand rooms have their tip at the same time: each gets one, evenly
// over five minutes, a few at once, and in little memory.
func TestThousandRoomsAtNine(t *testing.T) {
	const rooms = 1000
	inWorld(t, func(w *world) {
		kb, err := knowledge.Open("")
		must(t, err)
		service := commands.New(commands.Options{Knowledge: kb})
		w.answerer = service
		w.change = func(b *Bot) {
			b.PostTips(service)
			b.seldom()
		}
		var all []id.RoomID
		for i := range rooms { // the bot is in them already
			room := w.hs.Room(alice, fmt.Sprint("Club ", i))
			w.hs.Join(room, hstest.Bot)
			all = append(all, room)
		}
		w.start()
		zone, _ := schedule.Zone("Europe/Amsterdam")
		rule, _, err := schedule.Parse("maandag 9:00", lang.NL, schedule.Rule{})
		must(t, err)
		nine := schedule.NewTip(rule, zone, time.Now(), "").Next(time.Now())
		for _, room := range all {
			tip := schedule.NewTip(rule, zone, time.Now(), string(room))
			must(t, w.bot.PutJob(w.t.Context(), store.Job{Room: room, Kind: tipJob, Occurrence: nine, State: tip.Encode()}))
		}
		var mu sync.Mutex
		var peak uint64
		atOnce, most, sends := 0, 0, 0
		w.hs.SetFail(func(_ http.ResponseWriter, r *http.Request) bool {
			if !strings.Contains(r.URL.Path, "/send/m.room.message/") {
				return false
			}
			mu.Lock()
			atOnce++
			most = max(most, atOnce)
			if sends++; sends%10 == 0 {
				var m runtime.MemStats
				runtime.ReadMemStats(&m)
				peak = max(peak, m.HeapInuse+m.StackInuse)
			}
			mu.Unlock()
			time.Sleep(100 * time.Millisecond) // a homeserver takes some time
			mu.Lock()
			atOnce--
			mu.Unlock()
			return false
		})
		runtime.GC()
		w.pass(time.Until(nine) + rooms*spreadStep + time.Second)

		var late []time.Duration
		for _, room := range all {
			posts := 0
			for _, e := range w.hs.Events(room) {
				if e.Content[postMark] != nil {
					posts++
					late = append(late, time.UnixMilli(e.Timestamp).Sub(nine))
				}
			}
			if posts != 1 {
				t.Errorf("%s: %d posts", room, posts)
			}
		}
		slices.Sort(late)
		perMinute := map[time.Duration]int{}
		for _, d := range late {
			perMinute[d.Truncate(time.Minute)]++
		}
		t.Logf("%d posts, the first %v after 9:00, the last %v; per minute %v; %d at once; peak memory %.1f MB, homeserver and test included",
			len(late), late[0], late[len(late)-1], perMinute, most, float64(peak)/1e6)
		if last := late[len(late)-1]; last > rooms*spreadStep || late[0] < 0 {
			t.Errorf("the last post comes %v after 9:00, want it within %v", last, rooms*spreadStep)
		}
		if most > maxJobs {
			t.Errorf("%d posts at once, want at most %d", most, maxJobs)
		}
		if peak > 100e6 {
			t.Errorf("peak memory %.1f MB", float64(peak)/1e6)
		}
		for minute, n := range perMinute {
			if n < 60 || n > 400 {
				t.Errorf("%d posts in minute %v: not spread", n, minute)
			}
		}
	})
}
