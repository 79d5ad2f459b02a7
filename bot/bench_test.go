package bot

import (
	"context"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"wolkwijs/bot/hstest"
	"wolkwijs/config"
	"wolkwijs/store"
)

// BenchmarkAnswer measures from the moment a question is at the homeserver to
// the moment its answer is, with a durable inbox on disk and a homeserver that
// takes no time of its own.
func BenchmarkAnswer(b *testing.B) {
	cfg := config.Default()
	cfg.Matrix.Homeserver, cfg.Matrix.UserID, cfg.Matrix.Password = "http://hs.example", hstest.Bot, hstest.Password
	cfg.Matrix.AllowInvitesFrom = []string{"*"}
	cfg.Encryption.Enabled = false
	plenty := config.Rate{Count: 1_000_000, Per: time.Second}
	cfg.Limits = config.Limits{PerUser: plenty, PerRoom: plenty, Global: plenty}
	st, err := store.Open(context.Background(), "sqlite:"+filepath.Join(b.TempDir(), "bot.db"))
	if err != nil {
		b.Fatal(err)
	}
	defer st.Close()
	hs := hstest.New()
	bot := New(cfg, st, parrot{&syncBuffer{}}, zerolog.Nop())
	bot.network = hs
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- bot.Run(ctx) }()
	club := hs.Room(alice, "De club")
	hs.Invite(club, alice, false)
	hs.Await(func(e *hstest.Event) bool { return e.Sender == hstest.Bot && e.Type == "m.room.message" }) // the welcome

	var took []time.Duration
	for b.Loop() {
		asked := time.Now()
		question := hs.Say(club, alice, "!echo hallo")
		hs.Await(func(e *hstest.Event) bool {
			relates, _ := e.Content["m.relates_to"].(map[string]any)
			to, _ := relates["m.in_reply_to"].(map[string]any)
			return to["event_id"] == string(question)
		})
		took = append(took, time.Since(asked))
	}
	stop()
	if err := <-ended; err != nil {
		b.Fatal(err)
	}
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)/2].Microseconds()), "p50-µs")
	b.ReportMetric(float64(took[len(took)*99/100].Microseconds()), "p99-µs")
}
