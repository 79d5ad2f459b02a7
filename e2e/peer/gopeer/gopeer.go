// Package gopeer is a Matrix client on mautrix, with end-to-end encryption in
// pure Go and its keys in memory.
package gopeer

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"sync"

	"github.com/rs/zerolog"
	"go.mau.fi/util/dbutil"
	"maunium.net/go/mautrix"
	"maunium.net/go/mautrix/crypto/cryptohelper"
	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"
	_ "modernc.org/sqlite" // the database/sql driver "sqlite", without cgo

	"wolkwijs/e2e/peer"
)

// Client is a [peer.Client].
type Client struct {
	matrix   *mautrix.Client
	crypto   *cryptohelper.CryptoHelper
	timeline *peer.Timeline
	quiet    bool
	late     *late      // nil: keys are sent as they should be
	syncing  sync.Mutex // guards since
	since    string     // where a quiet client goes on
	unread   unread     // of a quiet client
	stop     context.CancelFunc
	stopped  chan struct{} // closed when syncing has ended
}

// Options are what callers may want otherwise.
type Options struct {
	// Second says that the account has a device already, which alone can sign
	// this one: it stays unsigned.
	Second bool
	// Quiet has the client sync only when it is told to, by [Client.Until].
	Quiet bool
	// HoldKeys holds back the keys that the client sends to other devices,
	// until [Client.ReleaseKeys].
	HoldKeys bool
}

var _ peer.Client = (*Client)(nil)

// Start logs in on a new device, signs that device with new cross-signing
// keys, as a person's first client does, and begins to sync. The account must
// not have cross-signing keys yet. ctx limits the start alone.
func Start(ctx context.Context, login peer.Login, o Options) (*Client, error) {
	c, err := start(ctx, login, o)
	if err != nil {
		return nil, fmt.Errorf("start the Go client of %s: %w", login.UserID, err)
	}
	return c, nil
}

func start(ctx context.Context, login peer.Login, o Options) (*Client, error) {
	matrix, err := mautrix.NewClient(login.Homeserver, "", "")
	if err != nil {
		return nil, err
	}
	network := &http.Transport{} // with connections that Close can close
	matrix.Client = &http.Client{Transport: network}
	var slow *late
	if o.HoldKeys {
		slow = newLate(network, matrix.Syncer.(*mautrix.DefaultSyncer))
		matrix.Client.Transport = slow
	}
	matrix.Log = zerolog.Nop()
	matrix.DefaultHTTPRetries = 5
	_, err = matrix.Login(ctx, &mautrix.ReqLogin{
		Type:                     mautrix.AuthTypePassword,
		Identifier:               mautrix.UserIdentifier{Type: mautrix.IdentifierTypeUser, User: string(login.UserID)},
		Password:                 login.Password,
		InitialDeviceDisplayName: "Go client",
		StoreCredentials:         true,
	})
	if err != nil {
		return nil, err
	}
	store, err := memoryStore()
	if err != nil {
		return nil, err
	}
	crypto, err := cryptohelper.NewCryptoHelper(matrix, []byte("kept in memory only"), store)
	if err != nil {
		return nil, errors.Join(err, store.Close())
	}
	c := &Client{matrix: matrix, crypto: crypto, timeline: peer.NewTimeline(), late: slow, stopped: make(chan struct{})}
	crypto.DecryptErrorCallback = c.addUndecryptable
	if err := crypto.Init(ctx); err != nil {
		return nil, errors.Join(err, store.Close())
	}
	machine := crypto.Machine()
	machine.CryptoStore = &orderly{Store: machine.CryptoStore}
	matrix.Crypto = crypto
	// After Init, whose handler keeps the state of rooms: whoever saw an event
	// in the timeline may rely on that state.
	matrix.Syncer.(*mautrix.DefaultSyncer).OnEvent(c.add)
	if !o.Second {
		if err := c.crossSign(ctx); err != nil {
			return nil, errors.Join(err, store.Close())
		}
	}
	if o.Quiet {
		c.quiet = true
		c.stop = func() {}
		close(c.stopped)
		return c, nil
	}
	syncing, stop := context.WithCancel(context.WithoutCancel(ctx))
	c.stop = stop
	go func() {
		defer close(c.stopped)
		err := matrix.SyncWithContext(syncing)
		if err == nil {
			err = errors.New("it was closed")
		}
		c.timeline.Fail(err)
	}()
	return c, nil
}

// memoryStore opens a database that lives as long as its one connection.
func memoryStore() (*dbutil.Database, error) {
	db, err := sql.Open("sqlite", ":memory:?_pragma=foreign_keys(1)")
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(1)
	db.SetConnMaxLifetime(0)
	return dbutil.NewWithDB(db, "sqlite3")
}

// crossSign makes cross-signing keys and signs this device with them.
func (c *Client) crossSign(ctx context.Context) error {
	machine := c.crypto.Machine()
	keys, err := machine.GenerateCrossSigningKeys()
	if err != nil {
		return err
	}
	if err := machine.PublishCrossSigningKeys(ctx, keys, nil); err != nil {
		return fmt.Errorf("upload cross-signing keys: %w", err)
	}
	return errors.Join(
		machine.SignOwnDevice(ctx, machine.OwnIdentity()),
		machine.SignOwnMasterKey(ctx))
}

// UserID implements [peer.Client].
func (c *Client) UserID() id.UserID { return c.matrix.UserID }

// Timeline implements [peer.Client].
func (c *Client) Timeline() *peer.Timeline { return c.timeline }

// CreateRoom implements [peer.Client].
func (c *Client) CreateRoom(ctx context.Context, room peer.Room) (id.RoomID, error) {
	req := &mautrix.ReqCreateRoom{
		Preset:   "private_chat",
		Name:     room.Name,
		IsDirect: room.Direct,
		Invite:   room.Invite,
	}
	if room.Alias != "" {
		req.Preset, req.RoomAliasName = "public_chat", room.Alias
	}
	if room.Equal {
		req.Preset = "trusted_private_chat"
	}
	if room.Encrypted {
		req.InitialState = []*event.Event{{
			Type:    event.StateEncryption,
			Content: event.Content{Parsed: &event.EncryptionEventContent{Algorithm: id.AlgorithmMegolmV1, RotationPeriodMessages: room.Rotation}},
		}}
	}
	resp, err := c.matrix.CreateRoom(ctx, req)
	if err != nil {
		return "", fmt.Errorf("create a room: %w", err)
	}
	seen := []func(peer.Event) bool{c.joined}
	if room.Encrypted {
		seen = append(seen, func(e peer.Event) bool { return e.IsState(event.StateEncryption) })
	}
	for _, user := range room.Invite {
		seen = append(seen, func(e peer.Event) bool { return e.Membership(user) != "" })
	}
	return resp.RoomID, c.await(ctx, resp.RoomID, seen...)
}

// Join implements [peer.Client].
func (c *Client) Join(ctx context.Context, room id.RoomID) error {
	// Not by the library's own method: that gives up where a busy homeserver
	// does not say again which room it was.
	_, err := c.matrix.MakeRequest(ctx, http.MethodPost, c.matrix.BuildClientURL("v3", "rooms", room, "join"), struct{}{}, nil)
	if err != nil {
		return fmt.Errorf("join: %w", err)
	}
	if c.quiet {
		return nil // it is seen when it is asked for
	}
	return c.await(ctx, room, c.joined)
}

// Invite implements [peer.Client].
func (c *Client) Invite(ctx context.Context, room id.RoomID, user id.UserID) error {
	if _, err := c.matrix.InviteUser(ctx, room, &mautrix.ReqInviteUser{UserID: user}); err != nil {
		return fmt.Errorf("invite %s: %w", user, err)
	}
	return c.await(ctx, room, func(e peer.Event) bool { return e.Membership(user) != "" })
}

// Leave implements [peer.Client].
func (c *Client) Leave(ctx context.Context, room id.RoomID) error {
	_, err := c.matrix.LeaveRoom(ctx, room)
	return err
}

// joined says whether e is our own joining.
func (c *Client) joined(e peer.Event) bool {
	return e.Membership(c.UserID()) == event.MembershipJoin
}

// await waits until sync has shown an event of room for each of seen.
func (c *Client) await(ctx context.Context, room id.RoomID, seen ...func(peer.Event) bool) error {
	for _, match := range seen {
		inRoom := func(e peer.Event) bool { return e.Room == room && match(e) }
		var err error
		if c.quiet {
			err = c.Until(ctx, inRoom)
		} else {
			_, err = c.timeline.Await(ctx, inRoom)
		}
		if err != nil {
			return fmt.Errorf("see room %s: %w", room, err)
		}
	}
	return nil
}

// Send implements [peer.Client].
func (c *Client) Send(ctx context.Context, room id.RoomID, content *event.MessageEventContent) (id.EventID, error) {
	resp, err := c.matrix.SendMessageEvent(ctx, room, event.EventMessage, content)
	if err != nil {
		return "", fmt.Errorf("send: %w", err)
	}
	return resp.EventID, nil
}

// Close implements [peer.Client].
func (c *Client) Close() error {
	c.stop()
	<-c.stopped
	c.matrix.Client.CloseIdleConnections()
	return c.crypto.Close()
}

// add puts an event that sync brought into the timeline. Encrypted events
// come a second time, decrypted.
func (c *Client) add(_ context.Context, evt *event.Event) {
	source := evt.Mautrix.EventSource
	if source&event.SourceJoin == 0 || source&(event.SourceTimeline|event.SourceState) == 0 {
		return
	}
	if evt.Type == event.EventEncrypted {
		return
	}
	c.timeline.Add(eventOf(evt))
}

// addUndecryptable puts an event that cannot be read into the timeline.
func (c *Client) addUndecryptable(evt *event.Event, err error) {
	e := eventOf(evt)
	e.Encrypted, e.Failure = true, err.Error()
	c.timeline.Add(e)
	if c.quiet {
		c.unread.add(evt)
	}
}

// eventOf copies what the tests look at.
func eventOf(evt *event.Event) peer.Event {
	// Not VeryRaw: the relation of an encrypted event is only in what was
	// parsed. What came as JSON can be written as JSON again.
	raw, _ := json.Marshal(&evt.Content)
	e := peer.Event{
		Room:      evt.RoomID,
		ID:        evt.ID,
		Sender:    evt.Sender,
		Type:      evt.Type.Type,
		StateKey:  evt.StateKey,
		Raw:       raw,
		Encrypted: evt.Mautrix.WasEncrypted,
	}
	if e.Encrypted && evt.Mautrix.TrustState < id.TrustStateCrossSignedUntrusted {
		e.Shield = evt.Mautrix.TrustState.String()
	}
	return e
}
