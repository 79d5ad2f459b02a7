package bot

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/rs/zerolog"
	"maunium.net/go/mautrix"
	"maunium.net/go/mautrix/crypto"
	"maunium.net/go/mautrix/id"

	"wolkwijs/store"
)

func newTestKeyStore(t *testing.T, address string) (*keyStore, *store.Store) {
	t.Helper()
	st, err := store.Open(t.Context(), address)
	if err != nil {
		t.Fatal(err)
	}
	b := &Bot{store: st, log: zerolog.Nop(), times: usualTimes, client: &mautrix.Client{DeviceID: "DEVICE"}}
	keys, err := b.newKeyStore(t.Context(), []byte("pickle"))
	if err != nil {
		t.Fatal(err)
	}
	if account, err := keys.GetAccount(t.Context()); err != nil {
		t.Fatal(err)
	} else if account == nil {
		if err := keys.PutAccount(t.Context(), crypto.NewOlmAccount()); err != nil {
			t.Fatal(err)
		}
	}
	return keys, st
}

// The library lists sessions with a connection in hand and waits for a lock,
// and looks for the latest with the lock in hand and waits for a connection:
// with one connection, both at once would wait for ever.
func TestOlmSessionsAreReadAtOnce(t *testing.T) {
	keys, st := newTestKeyStore(t, "sqlite:"+t.TempDir()+"/bot.db")
	defer st.Close()
	var all sync.WaitGroup
	for range 4 {
		for _, read := range []func(context.Context) error{
			func(ctx context.Context) error { _, err := keys.GetSessions(ctx, "key"); return err },
			func(ctx context.Context) error { _, err := keys.GetLatestSession(ctx, "key"); return err },
			func(ctx context.Context) error { keys.HasSession(ctx, "key"); return nil },
			func(ctx context.Context) error { return keys.PutOlmHash(ctx, [32]byte{1}, time.Now()) },
		} {
			all.Go(func() {
				for range 200 {
					if err := read(t.Context()); err != nil {
						t.Error(err)
					}
				}
			})
		}
	}
	all.Wait()
}

// That a message was decrypted is noted together with the key that was in it.
func TestKeyAndItsMessageAreStoredTogether(t *testing.T) {
	const room, session = id.RoomID("!room:hs.example"), id.SenderKey("sender")
	address := "sqlite:" + t.TempDir() + "/bot.db"
	keys, st := newTestKeyStore(t, address)
	outbound, err := crypto.NewOutboundGroupSession(room, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	inbound, err := crypto.NewInboundGroupSession(session, "signing", room, outbound.Internal.Key(), 0, 0, nil, false)
	if err != nil {
		t.Fatal(err)
	}
	message := [32]byte{1}
	seen := func() bool {
		t.Helper()
		again, st := newTestKeyStore(t, address)
		defer st.Close()
		at, err := again.GetOlmHash(t.Context(), message)
		if err != nil {
			t.Fatal(err)
		}
		return !at.IsZero()
	}
	ctx, in := withIntake(t.Context())
	if err := keys.PutOlmHash(ctx, message, time.Now()); err != nil {
		t.Fatal(err)
	}
	if seen() {
		t.Error("a crash now would lose the key: the message counts as decrypted")
	}
	if err := keys.PutGroupSession(ctx, inbound); err != nil {
		t.Fatal(err)
	}
	if !seen() {
		t.Error("the key is stored, and its message does not count as decrypted")
	}
	if err := in.end(); err != nil {
		t.Error(err)
	}
	st.Close()
}

// The bot introduces itself, answers at once, and keys come and go all the
// while, in many encrypted rooms.
func TestIntroductionAndAnswerAtOnce(t *testing.T) {
	encryptedWorld(t, func(w *world) {
		w.start()
		p := w.peer(alice)
		defer p.close()
		var rooms []id.RoomID
		for i := range 30 {
			room := p.room(fmt.Sprint("Room ", i), 1)
			p.say(room, "!echo 0")
			rooms = append(rooms, room)
		}
		for i := 1; i < 4; i++ {
			for _, room := range rooms {
				p.say(room, fmt.Sprint("!echo ", i))
			}
		}
		w.pass(time.Minute)
		for _, room := range rooms {
			w.wantAnswers(p, room, "0", "1", "2", "3")
		}
	})
}

// A message that the homeserver takes twice, or that somebody replays, is not
// answered again, and nobody is told that it cannot be read.
func TestCopyOfAnEncryptedMessage(t *testing.T) {
	encryptedWorld(t, func(w *world) {
		w.start()
		p := w.peer(alice)
		defer p.close()
		room := p.room("De club", 100)
		w.pass(time.Minute)
		asked := p.say(room, "!echo one")
		w.pass(time.Minute)
		for _, e := range w.hs.Events(room) {
			if e.ID == asked {
				w.hs.Send(room, alice, e.Type, e.Content)
			}
		}
		w.pass(time.Minute)
		w.wantAnswers(p, room, "one")
	})
}

// encryptedWorld is inWorld with encryption.
func encryptedWorld(t *testing.T, test func(w *world)) {
	inWorld(t, func(w *world) {
		dir := w.t.TempDir()
		w.cfg.Encryption.Enabled = true
		w.cfg.Encryption.PickleKeyFile = dir + "/pickle.key"
		w.cfg.Encryption.RecoveryKeyFile = dir + "/recovery.key"
		test(w)
	})
}

// TestEncryptedStorm is TestStorm in encrypted rooms whose key changes after
// every few messages.
func TestEncryptedStorm(t *testing.T) {
	const rooms, questions, kills = 10, 300, 40
	for seed := range uint64(2) {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			encryptedWorld(t, func(w *world) {
				dice := rand.New(rand.NewPCG(seed, 2))
				w.start()
				p := w.peer(alice)
				defer p.close()
				var club []id.RoomID
				for i := range rooms {
					club = append(club, p.room(fmt.Sprint("Room ", i), 2))
				}
				w.pass(time.Minute)
				// Only of messages: the library holds a lock while it repeats
				// other requests, and who waits for a lock stops the clock here.
				var requests atomic.Int64
				w.hs.SetLose(func(r *http.Request) bool {
					return strings.Contains(r.URL.Path, "/send/") && requests.Add(1)%17 == 0
				})
				asked := make([][]string, rooms)
				for i := range questions {
					room := dice.IntN(rooms)
					asked[room] = append(asked[room], fmt.Sprint(i))
					p.say(club[room], fmt.Sprintf("!echo %d", i))
					if dice.IntN(20) == 0 {
						time.Sleep(time.Duration(dice.IntN(2000)) * time.Millisecond)
					}
					if dice.IntN(questions) < kills {
						w.crash()
						w.run()
					}
				}
				w.pass(time.Hour)
				for room := range rooms {
					w.wantAnswers(p, club[room], asked[room]...)
				}
			})
		})
	}
}
