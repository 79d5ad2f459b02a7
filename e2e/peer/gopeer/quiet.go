package gopeer

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"

	"maunium.net/go/mautrix"
	"maunium.net/go/mautrix/crypto"
	"maunium.net/go/mautrix/crypto/olm"
	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"

	"wolkwijs/e2e/peer"
)

// quietPoll is how long a quiet client's /sync waits for news, in milliseconds.
const quietPoll = 1000

// quietFilter asks for more than Dendrite's ten events of each room.
const quietFilter = `{"presence":{"types":[]},"room":{"timeline":{"limit":500},"ephemeral":{"types":[]}}}`

// Until has a quiet client sync until its timeline has an event that match
// accepts. Such clients cost nothing while they are not asked, so that there
// can be many.
func (c *Client) Until(ctx context.Context, match func(peer.Event) bool) error {
	for !c.timeline.Has(match) {
		if err := c.syncOnce(ctx, match); err != nil {
			return fmt.Errorf("sync %s: %w", c.UserID(), err)
		}
	}
	return nil
}

// syncOnce takes in one /sync, one caller at a time, unless that of the caller
// before has brought what this one waits for.
func (c *Client) syncOnce(ctx context.Context, match func(peer.Event) bool) error {
	c.syncing.Lock()
	defer c.syncing.Unlock()
	if c.timeline.Has(match) {
		return nil
	}
	news, err := c.matrix.FullSyncRequest(ctx, mautrix.ReqSync{Timeout: quietPoll, Since: c.since, FilterID: quietFilter})
	if err != nil {
		return err
	}
	if err := c.matrix.Syncer.ProcessResponse(ctx, news, c.since); err != nil {
		return err
	}
	c.since = news.NextBatch
	for _, evt := range c.unread.take() {
		if decrypted, err := c.crypto.Decrypt(ctx, evt); err != nil {
			c.addUndecryptable(evt, err)
		} else {
			c.timeline.Add(eventOf(decrypted))
		}
	}
	return nil
}

// unread holds the events that could not be decrypted. The library waits for
// the key of one for less time than may lie between two /syncs of a client that
// only syncs when it is told to; other clients try again when the key comes.
type unread struct {
	mu     sync.Mutex
	events []*event.Event
}

func (u *unread) add(evt *event.Event) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.events = append(u.events, evt)
}

// take returns the events, to be tried once more.
func (u *unread) take() []*event.Event {
	u.mu.Lock()
	defer u.mu.Unlock()
	events := u.events
	u.events = nil
	return events
}

// Raw returns an event as it is on the homeserver.
func (c *Client) Raw(ctx context.Context, room id.RoomID, event id.EventID) (json.RawMessage, error) {
	var raw json.RawMessage
	_, err := c.matrix.MakeRequest(ctx, "GET", c.matrix.BuildClientURL("v3", "rooms", room, "event", event), nil, &raw)
	return raw, err
}

// Reads implements [peer.Client].
func (c *Client) Reads(ctx context.Context, raw json.RawMessage) (bool, error) {
	var evt event.Event
	if err := json.Unmarshal(raw, &evt); err != nil {
		return false, err
	}
	if err := evt.Content.ParseRaw(event.EventEncrypted); err != nil {
		return false, err
	}
	_, err := c.crypto.Machine().DecryptMegolmEvent(ctx, &evt)
	if errors.Is(err, crypto.ErrNoSessionFound) || errors.Is(err, olm.ErrUnknownMessageIndex) {
		return false, nil
	}
	return err == nil, err
}
