package bot

import (
	"bytes"
	"context"
	"errors"
	"math/rand/v2"
	"net/http"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"maunium.net/go/mautrix/id"

	"wolkwijs/answer"
	"wolkwijs/bot/hstest"
	"wolkwijs/commands"
	"wolkwijs/config"
	"wolkwijs/lang"
	"wolkwijs/store"
)

const (
	alice   = id.UserID("@alice:hs.example")
	bob     = id.UserID("@bob:hs.example")
	mallory = id.UserID("@mallory:elsewhere.example")
)

// world is a bot with its homeserver in a bubble of package synctest: clocks
// run only while nothing else does, so no test waits for real.
type world struct {
	t        *testing.T
	hs       *hstest.Server
	cfg      *config.Config
	answerer Answerer
	log      syncBuffer

	bot    *Bot
	store  *store.Store
	cut    *cable
	stop   context.CancelFunc
	ended  chan error
	asked  syncBuffer // texts that reached the answerer
	change func(*Bot) // before it runs
}

// inWorld runs a test in a world whose bot is not started yet.
func inWorld(t *testing.T, test func(w *world)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		cfg := config.Default()
		cfg.Matrix.Homeserver = "http://hs.example"
		cfg.Matrix.UserID = hstest.Bot
		cfg.Matrix.Password = hstest.Password
		cfg.Matrix.AllowInvitesFrom = []string{"hs.example"}
		cfg.Storage.Database = "sqlite:" + filepath.Join(t.TempDir(), "bot.db")
		cfg.Encryption.Enabled = false
		plenty := config.Rate{Count: 100_000, Per: time.Minute}
		cfg.Limits = config.Limits{PerUser: plenty, PerRoom: plenty, Global: plenty}
		cfg.Log = config.Log{Level: "trace", Format: "json"}
		w := &world{t: t, hs: hstest.New(), cfg: cfg}
		w.answerer = parrot{&w.asked}
		defer func() {
			if w.stop != nil {
				w.end()
			}
		}()
		test(w)
	})
}

// start starts the bot and returns when it has nothing left to do.
func (w *world) start() {
	w.t.Helper()
	w.run()
	w.settle()
	select {
	case err := <-w.ended:
		w.t.Fatalf("the bot ended at its start: %v\n%s", err, w.log.String())
	default:
	}
}

// run starts the bot.
func (w *world) run() {
	w.t.Helper()
	st, err := store.Open(w.t.Context(), w.cfg.Storage.Database)
	if err != nil {
		w.t.Fatal(err)
	}
	w.store = st
	w.bot = New(w.cfg, st, w.answerer, NewLog(w.cfg.Log, &w.log))
	w.cut = &cable{to: w.hs}
	w.bot.network = w.cut
	if w.change != nil {
		w.change(w.bot)
	}
	ctx, stop := context.WithCancel(context.Background())
	w.stop, w.ended = stop, make(chan error, 1)
	go func(b *Bot, ended chan<- error) { ended <- b.Run(ctx) }(w.bot, w.ended)
}

// settle waits until nothing happens any more without time passing.
func (w *world) settle() { synctest.Wait() }

// pass lets time go by.
func (w *world) pass(d time.Duration) {
	time.Sleep(d) // of the bubble's clock
	synctest.Wait()
}

// result waits until the bot ends by itself and returns what Run returned.
func (w *world) result() error {
	w.t.Helper()
	err := <-w.ended
	w.ended <- nil // for end
	return err
}

// end tells the bot to stop and returns what Run returned.
func (w *world) end() error {
	w.t.Helper()
	w.stop()
	err := <-w.ended
	w.store.Close()
	w.stop = nil
	return err
}

// crash ends the bot as kill -9 does: from this moment nothing it does is
// seen by the homeserver or the database.
func (w *world) crash() {
	w.t.Helper()
	w.cut.dead()
	w.store.Close()
	w.stop()
	<-w.ended
	w.stop = nil
}

// club makes a club room of alice in which the bot is.
func (w *world) club() id.RoomID {
	w.t.Helper()
	room := w.hs.Room(alice, "De club")
	w.hs.Invite(room, alice, false)
	w.settle()
	return room
}

// direct makes a direct message of alice with the bot.
func (w *world) direct() id.RoomID {
	w.t.Helper()
	room := w.hs.Room(alice, "")
	w.hs.Invite(room, alice, true)
	w.settle()
	return room
}

// said returns what the bot said in a room: the first line of
// each answer.
func (w *world) said(room id.RoomID) []string {
	var lines []string
	for _, e := range w.hs.Events(room) {
		if e.Sender == hstest.Bot && e.Type == "m.room.message" && e.Content["m.relates_to"] != nil {
			body, _ := e.Content["body"].(string)
			first, _, _ := strings.Cut(body, "\n")
			lines = append(lines, first)
		}
	}
	return lines
}

// wantSaid checks what the bot said in a room.
func (w *world) wantSaid(room id.RoomID, want ...string) {
	w.t.Helper()
	got := w.said(room)
	if strings.Join(got, "|") != strings.Join(want, "|") {
		w.t.Fatalf("the bot said\n%q, want\n%q", got, want)
	}
}

// cable is the bot's connection to the homeserver.
type cable struct {
	to  http.RoundTripper
	mu  sync.Mutex
	cut bool
}

func (c *cable) dead() {
	c.mu.Lock()
	c.cut = true
	c.mu.Unlock()
}

func (c *cable) RoundTrip(r *http.Request) (*http.Response, error) {
	c.mu.Lock()
	cut := c.cut
	c.mu.Unlock()
	if cut {
		return nil, errors.New("the program is dead")
	}
	resp, err := c.to.RoundTrip(r)
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.cut {
		return nil, errors.New("the program died meanwhile")
	}
	return resp, err
}

// parrot answers "!echo x" with x, and in direct messages everything. It
// panics, thinks long or offers choices where it is asked to.
type parrot struct{ asked *syncBuffer }

func (p parrot) Answer(ctx context.Context, r commands.Request) *answer.Answer {
	p.asked.Write([]byte(r.Text + "\n"))
	l := r.Lang
	if l == "" {
		l = lang.NL
	}
	name, rest, _ := strings.Cut(strings.TrimPrefix(r.Text, "!"), " ")
	switch name {
	case "echo":
		return answer.New(l, answer.Plain(rest))
	case "who":
		who := map[commands.RoomKind]string{commands.Group: "group", commands.Direct: "direct"}[r.Kind]
		if r.Rights.RoomAdmin {
			who += ", room admin"
		}
		if r.Rights.BotAdmin {
			who += ", bot admin"
		}
		if r.Mentioned {
			who += ", mentioned"
		}
		return answer.New(l, answer.Plain(who+", "+string(r.Lang)))
	case "language":
		if err := r.SetLanguage(ctx, lang.Code(rest)); err != nil {
			return answer.New(l, answer.Plain(err.Error()))
		}
		return answer.New(l, answer.Plain("stored"))
	case "panic":
		panic("what somebody wrote: " + rest)
	case "think":
		d, err := time.ParseDuration(rest)
		if err != nil {
			return answer.New(l, answer.Plain(err.Error()))
		}
		select {
		case <-time.After(d):
			return answer.New(l, answer.Plain("thought "+rest))
		case <-ctx.Done():
			return answer.New(l, answer.Plain("too long"))
		}
	case "choose":
		a := answer.New(l, answer.Plain("Which?"))
		a.Choices = []answer.Choice{{Label: answer.Plain("One"), Command: "echo one"}, {Label: answer.Plain("Two"), Command: "echo two"}}
		return a
	case "long":
		a := answer.New(l, answer.Plain("Long"))
		for range 18 {
			a.Para(answer.Plain(strings.Repeat("All work and no play makes a dull bot. ", 40)))
		}
		return a
	}
	if r.Kind == commands.Direct || r.Mentioned {
		return answer.New(l, answer.Plain("you said: "+r.Text))
	}
	return nil
}

// syncBuffer is a buffer that many may write to.
type syncBuffer struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (b *syncBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.Write(p)
}

func (b *syncBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.String()
}

// lockedSource is a source of random numbers for several goroutines.
type lockedSource struct {
	mu     sync.Mutex
	source rand.Source
}

// Uint64 implements [rand.Source].
func (l *lockedSource) Uint64() uint64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.source.Uint64()
}

// newDice returns dice that several goroutines may throw.
func newDice(seed, stream uint64) *rand.Rand {
	return rand.New(&lockedSource{source: rand.NewPCG(seed, stream)})
}
