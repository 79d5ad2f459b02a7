package bot

import (
	"context"
	"sync"
	"time"

	"maunium.net/go/mautrix"
	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"

	"wolkwijs/store"
)

// A homeserver that is killed can take a message twice: it has queued it, does
// not acknowledge it, and forgets its transaction ID. Dendrite 0.15 shows what
// it has queued up to half a minute after its restart, or five minutes, or
// when something else happens in the room: later than the bot can wait before
// it sends again. Such a copy comes by /sync under the transaction ID under
// which another event stands, and is taken back.
//
// Only that tells a copy. Each message has a transaction ID of its own,
// whereas further pages, choices and other answers may well reply to the same
// event.

// standsLooks is how often the bot looks whether the event is there that stands in
// place of a copy, standsPause how long it waits in between: the homeserver may show
// that event later than the copy.
const (
	standsLooks = 20
	standsPause = 30 * time.Second
)

// copies are those that are being taken back.
type copies struct {
	mu   sync.Mutex
	busy map[id.EventID]bool
}

// begin says whether nobody is taking an event back yet.
func (c *copies) begin(event id.EventID) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.busy[event] {
		return false
	}
	if c.busy == nil {
		c.busy = map[id.EventID]bool{}
	}
	c.busy[event] = true
	return true
}

func (c *copies) end(event id.EventID) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.busy, event)
}

// ownSent returns the messages of this device that the news of a room brings,
// oldest first. Which device an event is from is not told, but only that
// device is told the transaction ID.
func (b *Bot) ownSent(room id.RoomID, news *mautrix.SyncJoinedRoom) (own []store.Sent) {
	for _, evt := range news.Timeline.Events {
		txn := evt.Unsigned.TransactionID
		if !b.isSelf(evt.Sender) || txn == "" || evt.ID == "" || evt.StateKey != nil || len(evt.Content.Raw) == 0 { // redacted
			continue
		}
		relates, _ := evt.Content.Raw["m.relates_to"].(map[string]any)
		if (evt.Type == event.EventMessage || evt.Type == event.EventEncrypted) && relates["rel_type"] != string(event.RelReplace) {
			own = append(own, store.Sent{Room: room, Txn: txn, Event: evt.ID})
		}
	}
	return own
}

// sentAs returns the event that stands under a transaction ID, or nothing.
func (b *Bot) sentAs(ctx context.Context, txn string) id.EventID {
	var sent id.EventID
	err := b.stored(ctx, func() (err error) {
		sent, err = b.store.SentAs(ctx, txn)
		return err
	})
	if err != nil && ctx.Err() == nil {
		b.log.Error().Err(err).Msg("Cannot read what was sent")
	}
	return sent
}

// noteSent notes that an event was sent under a transaction ID, also while the
// bot stops, and returns the event that stands under it. Where that is another
// one, the new one is a copy and is taken back.
func (b *Bot) noteSent(ctx context.Context, room id.RoomID, txn string, sent id.EventID) id.EventID {
	var stands id.EventID
	err := b.stored(ctx, func() (err error) {
		stands, err = b.store.Sent(context.WithoutCancel(ctx), store.Sent{Room: room, Txn: txn, Event: sent})
		return err
	})
	if err != nil {
		b.log.Error().Err(err).Stringer("room_id", room).Stringer("event_id", sent).Msg("Cannot note what was sent")
		return sent
	}
	if stands != sent {
		b.takeBackCopies(ctx)
	}
	return stands
}

// takeBackCopies takes back all copies that are noted, beside the queues. It
// is called at the start too, for those that were left.
func (b *Bot) takeBackCopies(ctx context.Context) {
	noted, err := b.store.Copies(ctx)
	if err != nil {
		if ctx.Err() == nil {
			b.log.Error().Err(err).Msg("Cannot read what was sent twice")
		}
		return // at the next start
	}
	for _, c := range noted {
		if b.copies.begin(c.Event) {
			b.aside(func(ctx context.Context) {
				defer b.copies.end(c.Event)
				b.takeBackCopy(ctx, c)
			})
		}
	}
}

// stands says whether the event that stands in place of a copy is there, or
// was until the bot itself took it back with its question.
func (b *Bot) stands(ctx context.Context, c store.Copy) bool {
	var evt *event.Event
	err := b.retry(ctx, func() (err error) {
		evt, err = b.client.GetEvent(mautrix.WithMaxRetries(ctx, 0), c.Room, c.Stands)
		return err
	})
	if err != nil {
		return false
	}
	because := evt.Unsigned.RedactedBecause
	return len(evt.Content.Raw) > 0 || because != nil && b.isSelf(because.Sender)
}

// takeBackCopy redacts a copy, unless the event that stands in its place is
// not there: a question must not lose its only answer.
func (b *Bot) takeBackCopy(ctx context.Context, c store.Copy) {
	log := b.log.With().Stringer("room_id", c.Room).Stringer("event_id", c.Event).Stringer("stands", c.Stands).Logger()
	there := false
	for look := 0; !there && look < standsLooks; look++ {
		if look > 0 && !sleep(ctx, standsPause) {
			return
		}
		there = b.stands(ctx, c)
	}
	if ctx.Err() != nil {
		return
	}
	if there {
		err := b.retry(ctx, func() error {
			_, err := b.client.RedactEvent(mautrix.WithMaxRetries(ctx, 0), c.Room, c.Event, mautrix.ReqRedact{TxnID: transactionID(c.Event, "copy")})
			return err
		})
		switch {
		case err == nil:
			log.Info().Msg("Took back a message that the homeserver took twice")
		case ctx.Err() != nil:
			return
		default:
			log.Warn().Err(err).Msg("Cannot take back a message that the homeserver took twice")
		}
	} else {
		log.Warn().Msg("Leaving a message that the homeserver took twice: the other one is gone")
	}
	err := b.stored(ctx, func() error { return b.store.DropCopy(context.WithoutCancel(ctx), c.Event) })
	if err != nil {
		log.Error().Err(err).Msg("Cannot forget what was sent twice")
	}
}
