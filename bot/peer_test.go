package bot

import (
	"context"
	"database/sql"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/rs/zerolog"
	"go.mau.fi/util/dbutil"
	"maunium.net/go/mautrix"
	"maunium.net/go/mautrix/crypto"
	"maunium.net/go/mautrix/crypto/cryptohelper"
	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"
	"maunium.net/go/mautrix/sqlstatestore"

	"wolkwijs/bot/hstest"
)

// peer is a member with a client that encrypts.
type peer struct {
	t      *testing.T
	client *mautrix.Client
	db     *dbutil.Database
	stop   context.CancelFunc
	ended  chan struct{}

	mu         sync.Mutex
	read       map[id.EventID]string // the first line of each message of the bot
	edited     map[id.EventID]string // the first line of those that it changed
	unreadable []id.EventID
}

// peer logs somebody in. The client stops with the test at the latest; it
// must stop before the world does.
func (w *world) peer(who id.UserID) *peer {
	w.t.Helper()
	must := func(err error) {
		w.t.Helper()
		if err != nil {
			w.t.Fatal(err)
		}
	}
	client, err := mautrix.NewClient("http://hs.example", "", "")
	must(err)
	client.Client = &http.Client{Transport: w.hs}
	client.Log = zerolog.Nop()
	client.DefaultHTTPRetries = 20
	ctx, stop := context.WithCancel(context.Background())
	_, err = client.Login(ctx, &mautrix.ReqLogin{
		Type: mautrix.AuthTypePassword, StoreCredentials: true, Password: hstest.Password,
		Identifier: mautrix.UserIdentifier{Type: mautrix.IdentifierTypeUser, User: string(who)},
	})
	must(err)
	raw, err := sql.Open("sqlite", ":memory:?_pragma=foreign_keys(1)")
	must(err)
	raw.SetMaxOpenConns(1)
	db, err := dbutil.NewWithDB(raw, "sqlite3")
	must(err)
	keys := &keyStore{
		SQLCryptoStore: crypto.NewSQLCryptoStore(db, dbutil.NoopLogger, "peer", client.DeviceID, []byte("kept in memory only")),
		log:            zerolog.Nop(),
		pause:          func(int, error) time.Duration { return time.Second },
	}
	must(keys.DB.Upgrade(ctx))
	state := sqlstatestore.NewSQLStateStore(db, dbutil.NoopLogger, false)
	must(state.Upgrade(ctx))
	client.StateStore = state
	syncer := client.Syncer.(*mautrix.DefaultSyncer)
	syncer.OnEvent(client.StateStoreSyncHandler)
	helper, err := cryptohelper.NewCryptoHelper(client, []byte("kept in memory only"), keys)
	must(err)
	p := &peer{t: w.t, client: client, db: db, stop: stop, ended: make(chan struct{}), read: map[id.EventID]string{}, edited: map[id.EventID]string{}}
	helper.DecryptErrorCallback = func(evt *event.Event, _ error) {
		p.mu.Lock()
		defer p.mu.Unlock()
		p.unreadable = append(p.unreadable, evt.ID)
	}
	must(helper.Init(ctx))
	client.Crypto = helper
	syncer.OnEventType(event.EventMessage, func(_ context.Context, evt *event.Event) {
		if evt.Sender != hstest.Bot {
			return
		}
		first, _, _ := strings.Cut(evt.Content.AsMessage().Body, "\n")
		p.mu.Lock()
		defer p.mu.Unlock()
		p.read[evt.ID] = first
		if content := evt.Content.AsMessage(); content.NewContent != nil {
			p.edited[content.RelatesTo.GetReplaceID()], _, _ = strings.Cut(content.NewContent.Body, "\n")
		}
	})
	go func() {
		defer close(p.ended)
		for ctx.Err() == nil {
			_ = client.SyncWithContext(ctx)
			sleep(ctx, time.Second)
		}
	}()
	return p
}

// close stops the client.
func (p *peer) close() {
	p.stop()
	<-p.ended
	p.db.Close()
}

// room makes an encrypted room with the bot in it. Keys are renewed after each
// rotation messages.
func (p *peer) room(name string, rotation int) id.RoomID {
	p.t.Helper()
	resp, err := p.client.CreateRoom(context.Background(), &mautrix.ReqCreateRoom{
		Name: name, Invite: []id.UserID{hstest.Bot},
		InitialState: []*event.Event{{Type: event.StateEncryption, Content: event.Content{Parsed: &event.EncryptionEventContent{
			Algorithm: id.AlgorithmMegolmV1, RotationPeriodMessages: rotation,
		}}}},
	})
	if err != nil {
		p.t.Fatal(err)
	}
	return resp.RoomID
}

// say sends a text, encrypted where the room is.
func (p *peer) say(room id.RoomID, text string) id.EventID {
	p.t.Helper()
	for range 20 {
		// The library fails where a member joins just then: the key is out of
		// date before it is used.
		resp, err := p.client.SendText(context.Background(), room, text)
		if err == nil {
			return resp.EventID
		}
		p.t.Log(err)
		time.Sleep(time.Second)
	}
	p.t.Fatal("cannot send")
	return ""
}

// wantAnswers checks what the bot replied in a room, in the order in which the
// homeserver has it, as the peer could read it.
func (w *world) wantAnswers(p *peer, room id.RoomID, want ...string) {
	w.t.Helper()
	p.mu.Lock()
	defer p.mu.Unlock()
	var got []string
	for _, e := range w.hs.Events(room) {
		if e.Sender == hstest.Bot && e.Type == "m.room.encrypted" && e.Content["m.relates_to"] != nil {
			got = append(got, p.read[e.ID])
		}
	}
	if strings.Join(got, " ") != strings.Join(want, " ") {
		w.t.Errorf("answers in %s\n got: %s\nwant: %s", room, strings.Join(got, " "), strings.Join(want, " "))
	}
}
