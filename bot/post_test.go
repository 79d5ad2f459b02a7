package bot

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"wolkwijs/answer"
	"wolkwijs/bot/hstest"
	"wolkwijs/lang"
)

func TestPostOnce(t *testing.T) {
	inWorld(t, func(w *world) {
		w.start()
		club := w.club()
		tip := answer.New(lang.NL, answer.Plain("Tip van de week"))
		posts := func() (n int) {
			for _, e := range w.hs.Events(club) {
				if e.Sender == hstest.Bot && e.Content["body"] == "Tip van de week" {
					n++
				}
			}
			return n
		}
		if _, err := w.bot.Post(context.Background(), club, "week 1", tip); err != nil || posts() != 1 {
			t.Fatalf("%d posts, %v", posts(), err)
		}
		// The acknowledgement is lost, the homeserver forgets, the bot crashes.
		w.pass(7 * 24 * time.Hour)
		w.hs.SetLose(func(r *http.Request) bool {
			if strings.Contains(r.URL.Path, "/send/m.room.message/") {
				w.hs.Restart()
				w.cut.dead()
				return true
			}
			return false
		})
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		if _, err := w.bot.Post(ctx, club, "week 2", tip); err == nil {
			t.Fatal("the post was acknowledged")
		}
		w.crash()
		w.hs.SetLose(nil)
		w.start()
		if posted, err := w.bot.Post(context.Background(), club, "week 2", tip); err != nil || posted == "" || posts() != 2 {
			t.Errorf("%d posts, %q, %v", posts(), posted, err)
		}
	})
}
