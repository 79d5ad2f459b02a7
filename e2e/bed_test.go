package e2e_test

import (
	"context"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

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

// testContext returns a context for all that a test does.
func testContext(t *testing.T) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeoutCause(bed.ctx, patience, fmt.Errorf("nothing for %v", patience))
	t.Cleanup(cancel)
	return ctx
}

// register makes an account whose name begins with name.
func register(t *testing.T, ctx context.Context, name string) homeserver.Account {
	t.Helper()
	account, err := bed.homeserver.Register(ctx, fmt.Sprintf("%s%d", name, accounts.Add(1)))
	if err != nil {
		t.Fatal(err)
	}
	return account
}

// loginOf returns how a client logs in to account.
func loginOf(account homeserver.Account) peer.Login {
	return peer.Login{
		Homeserver: bed.homeserver.URL,
		UserID:     id.UserID(account.UserID),
		Password:   account.Password,
	}
}

// library is what a member's client is made of.
type library struct {
	name  string // of subtests; the totals count those named matrix-js-sdk
	start func(t *testing.T, ctx context.Context, login peer.Login) (peer.Client, error)
}

// The libraries. Tests of what the bot says to people run with each.
var (
	mautrixGo = library{"mautrix-go", func(_ *testing.T, ctx context.Context, login peer.Login) (peer.Client, error) {
		return gopeer.Start(ctx, login)
	}}
	matrixJS = library{"matrix-js-sdk", func(t *testing.T, ctx context.Context, login peer.Login) (peer.Client, error) {
		return startJS(t, ctx, login, jspeer.Options{})
	}}
	matrixJSSignedOnly = library{"matrix-js-sdk with OnlySignedDevicesIsolationMode", func(t *testing.T, ctx context.Context, login peer.Login) (peer.Client, error) {
		return startJS(t, ctx, login, jspeer.Options{OnlySignedDevices: true})
	}}
)

func startJS(t *testing.T, ctx context.Context, login peer.Login, o jspeer.Options) (peer.Client, error) {
	t.Helper()
	if bed.noNode != nil {
		t.Skip(bed.noNode)
	}
	return jspeer.Start(ctx, login, o)
}

// member registers an account and starts a client for it.
func member(t *testing.T, ctx context.Context, lib library, name string) peer.Client {
	t.Helper()
	c, err := lib.start(t, ctx, loginOf(register(t, ctx, name)))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := c.Close(); err != nil {
			t.Errorf("close the client of %s: %v", c.UserID(), err)
		}
	})
	return c
}

// createRoom has c make a room.
func createRoom(t *testing.T, ctx context.Context, c peer.Client, room peer.Room) id.RoomID {
	t.Helper()
	roomID, err := c.CreateRoom(ctx, room)
	if err != nil {
		t.Fatal(err)
	}
	return roomID
}

// ask has c send a text and returns its event ID.
func ask(t *testing.T, ctx context.Context, c peer.Client, room id.RoomID, body string) id.EventID {
	t.Helper()
	question, err := peer.Ask(ctx, c, room, body)
	if err != nil {
		t.Fatal(err)
	}
	return question
}

// awaitJoin waits until c sees that user is in room.
func awaitJoin(t *testing.T, ctx context.Context, c peer.Client, room id.RoomID, user id.UserID) {
	t.Helper()
	if err := peer.AwaitJoin(ctx, c, room, user); err != nil {
		t.Fatal(err)
	}
}

// awaitReply waits for the reply to question and checks that c could read it
// and shows no warning beside it.
func awaitReply(t *testing.T, ctx context.Context, c peer.Client, question id.EventID) peer.Event {
	t.Helper()
	reply, err := peer.AwaitReply(ctx, c, question)
	if err != nil {
		t.Fatal(err)
	}
	if reply.Failure != "" {
		t.Errorf("%s could not decrypt the reply: %s", c.UserID(), reply.Failure)
	}
	if reply.Shield != "" {
		t.Errorf("%s sees a warning beside the reply: %s", c.UserID(), reply.Shield)
	}
	if strings.TrimSpace(reply.Body()) == "" {
		t.Error("the reply has no text")
	}
	return reply
}
