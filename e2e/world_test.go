package e2e_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"

	"wolkwijs/e2e/homeserver"
	"wolkwijs/e2e/peer"
	"wolkwijs/e2e/peer/gopeer"
	"wolkwijs/e2e/peer/jspeer"
)

// patience is how long a test may take on a busy machine before something
// must be wrong. No test waits for it to pass.
const patience = 3 * time.Minute

// accounts numbers the accounts, so that each test has its own.
var accounts atomic.Int64

// world is what one test has on the shared homeserver: members with their
// clients, and bots. Whatever goes wrong ends the test.
type world struct {
	t       *testing.T
	ctx     context.Context
	cancel  context.CancelCauseFunc // ends the test early, with a reason
	clients []peer.Client
	mu      sync.Mutex // for tests that do things side by side
}

// newWorld returns an empty world that ends with the test. Tests with worlds
// run side by side.
func newWorld(t *testing.T) *world {
	t.Helper()
	t.Parallel()
	return laterWorld(t)
}

// laterWorld is newWorld for a test that runs beside others already, and has
// done long work before.
func laterWorld(t *testing.T) *world {
	t.Helper()
	ctx, cancel := context.WithTimeoutCause(bed.ctx, patience, fmt.Errorf("nothing for %v", patience))
	t.Cleanup(cancel)
	ctx, end := context.WithCancelCause(ctx)
	return &world{t: t, ctx: ctx, cancel: end}
}

// must ends the test if err is an error.
func (w *world) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

// wait waits until c is closed.
func (w *world) wait(c <-chan struct{}, what string) {
	w.t.Helper()
	select {
	case <-c:
	case <-w.ctx.Done():
		w.t.Fatalf("waited for %s: %v", what, context.Cause(w.ctx))
	}
}

// register makes an account whose name begins with name. The dot makes sure
// that no random ID ever looks like a part of it.
func (w *world) register(name string) homeserver.Account {
	w.t.Helper()
	account, err := bed.homeserver.Register(w.ctx, fmt.Sprintf("%s.%d", name, accounts.Add(1)))
	w.must(err)
	return account
}

// library is what a member's client is made of.
type library struct {
	name  string // of subtests; the totals count those named matrix-js-sdk
	start func(ctx context.Context, login peer.Login) (peer.Client, error)
}

// The libraries. Tests of what the bot says to people run with each.
var (
	mautrixGo = library{"mautrix-go", func(ctx context.Context, login peer.Login) (peer.Client, error) {
		return gopeer.Start(ctx, login, gopeer.Options{})
	}}
	matrixJS = library{"matrix-js-sdk", func(ctx context.Context, login peer.Login) (peer.Client, error) {
		return startJS(ctx, login, jspeer.Options{})
	}}
	matrixJSSignedOnly = library{"matrix-js-sdk with OnlySignedDevicesIsolationMode", func(ctx context.Context, login peer.Login) (peer.Client, error) {
		return startJS(ctx, login, jspeer.Options{OnlySignedDevices: true})
	}}
)

func startJS(ctx context.Context, login peer.Login, o jspeer.Options) (peer.Client, error) {
	if bed.noNode != nil {
		return nil, bed.noNode
	}
	return jspeer.Start(ctx, login, o)
}

// with runs test as a subtest for each of the libraries.
func with(t *testing.T, libraries []library, test func(w *world, lib library)) {
	t.Parallel()
	for _, lib := range libraries {
		t.Run(lib.name, func(t *testing.T) { test(newWorld(t), lib) })
	}
}

// member registers an account and starts a client for it. Without Node.js,
// a test that needs matrix-js-sdk is skipped.
func (w *world) member(lib library, name string) peer.Client {
	w.t.Helper()
	return w.client(lib, w.register(name))
}

// client starts a client for an account, on a new device.
func (w *world) client(lib library, account homeserver.Account) peer.Client {
	w.t.Helper()
	c, err := lib.start(w.ctx, peer.Login{
		Homeserver: bed.homeserver.URL,
		UserID:     id.UserID(account.UserID),
		Password:   account.Password,
	})
	if bed.noNode != nil && err == bed.noNode {
		w.t.Skip(err)
	}
	w.must(err)
	w.clients = append(w.clients, c)
	w.t.Cleanup(func() {
		if w.t.Failed() {
			w.tell(c)
		}
		if err := c.Close(); err != nil {
			w.t.Errorf("close the client of %s: %v", c.UserID(), err)
		}
	})
	return c
}

// room has c make a room.
func (w *world) room(c peer.Client, room peer.Room) id.RoomID {
	w.t.Helper()
	roomID, err := c.CreateRoom(w.ctx, room)
	w.must(err)
	return roomID
}

// roomWith has c make a room with a bot in it.
func (w *world) roomWith(b *testBot, c peer.Client, room peer.Room) id.RoomID {
	w.t.Helper()
	room.Invite = append(room.Invite, b.id)
	roomID := w.room(c, room)
	w.must(peer.AwaitJoin(w.ctx, c, roomID, b.id))
	return roomID
}

// send has c send a message and returns its event ID.
func (w *world) send(c peer.Client, room id.RoomID, content *event.MessageEventContent) id.EventID {
	w.t.Helper()
	eventID, err := c.Send(w.ctx, room, content)
	w.must(err)
	return eventID
}

// ask has c send a plain text and returns its event ID.
func (w *world) ask(c peer.Client, room id.RoomID, body string) id.EventID {
	w.t.Helper()
	return w.send(c, room, peer.Text(body))
}

// tell shows what c has seen, for whoever has to find out why a test failed.
func (w *world) tell(c peer.Client) {
	var b strings.Builder
	for _, e := range c.Timeline().All() {
		fmt.Fprintf(&b, "\n%s %s by %s encrypted=%v reply=%s thread=%s %s", e.ID, e.Type, e.Sender, e.Encrypted, e.InReplyTo(), e.Thread(), e.Raw)
	}
	w.t.Logf("what %s saw:%s", c.UserID(), b.String())
}
