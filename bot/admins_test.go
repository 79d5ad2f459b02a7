package bot

import (
	"context"
	"testing"

	"maunium.net/go/mautrix/id"

	"wolkwijs/answer"
	"wolkwijs/bot/hstest"
	"wolkwijs/lang"
)

func TestTellAdmins(t *testing.T) {
	inWorld(t, func(w *world) {
		w.cfg.Bot.Admins = []id.UserID{alice, bob}
		ready, ended := make(chan struct{}), make(chan struct{})
		w.change = func(b *Bot) {
			b.Also(func(ctx context.Context) {
				close(ready)
				<-ctx.Done()
				close(ended)
			})
		}
		w.start()
		<-ready
		tell := func() error {
			return w.bot.TellAdmins(context.Background(), "news 1", func(l lang.Code) *answer.Answer {
				return answer.New(l, answer.Plain("Er is iets"))
			})
		}
		if err := tell(); err != nil {
			t.Errorf("without any direct message: %v", err)
		}
		club, direct := w.club(), w.direct()
		for range 2 {
			if err := tell(); err != nil {
				t.Error(err)
			}
		}
		said := func(room id.RoomID) (n int) {
			for _, e := range w.hs.Events(room) {
				if e.Sender == hstest.Bot && e.Content["body"] == "Er is iets" {
					n++
				}
			}
			return n
		}
		if got := said(direct); got != 1 {
			t.Errorf("told %d times in the direct message, want once", got)
		}
		if got := said(club); got != 0 {
			t.Errorf("told %d times in the club", got)
		}
		if err := w.end(); err != nil {
			t.Error(err)
		}
		<-ended
	})
}
