package bot

import (
	"context"
	"time"

	"maunium.net/go/mautrix"
	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"
)

// sendTimeout is how long one attempt to send may take.
const sendTimeout = 90 * time.Second

// findEarlier looks for a message that may have been sent before. Where it was
// begun it may still be on its way: the homeserver goes on with a request when
// the connection breaks, and until it is done neither looking nor the same
// transaction ID tells. So it is given some time to arrive, and a /sync that
// has failed some more, to bring it.
func (b *Bot) findEarlier(ctx context.Context, begun bool, find func() (id.EventID, error)) (id.EventID, error) {
	const looks = 4
	for look := 1; ; look++ {
		hearing := b.hearing.Load()
		sent, err := find()
		if err != nil || sent != "" || !begun || look >= looks && hearing || look >= 4*looks {
			return sent, err
		}
		if !sleep(ctx, b.times.arrival/(looks-1)) {
			return "", ctx.Err()
		}
	}
}

// findReply looks for an answer that was already delivered: among what came by
// /sync, and on the homeserver, because one does not tell of all that the
// other does. Relations are readable in encrypted events too. The error is
// only that ctx ended: what cannot be looked up counts as not answered.
func (b *Bot) findReply(ctx context.Context, d delivery) (id.EventID, error) {
	txn := d.txn()
	return b.findSent(ctx, d.room, txn, d.asked-clockSkew, func(evt *event.Event) bool {
		if told := evt.Unsigned.TransactionID; told != "" {
			return told == txn
		}
		if answers(evt) != d.to {
			return false
		}
		// Something else may have been answered by a reply to the same event.
		var others bool
		err := b.stored(ctx, func() (err error) {
			others, err = b.store.IsReply(ctx, evt.ID)
			return err
		})
		if err != nil {
			b.log.Error().Err(err).Msg("Cannot read the inbox")
		}
		return !others
	})
}

// findSent looks once for the message that was sent under a transaction ID:
// among what was noted, then on the homeserver with findOwn.
func (b *Bot) findSent(ctx context.Context, room id.RoomID, txn string, since int64, match func(*event.Event) bool) (id.EventID, error) {
	if sent := b.sentAs(ctx, txn); sent != "" {
		return sent, nil
	}
	sent, err := b.findOwn(ctx, room, since, match)
	if err != nil || sent == "" {
		return "", err
	}
	return b.noteSent(ctx, room, txn, sent), nil
}

const (
	ownPage  = 100 // messages of the bot's own that a request brings
	ownPages = 50  // requests at most
)

// findOwn looks for a message of the bot's own in a room, from now back to a
// moment in Unix milliseconds. It returns the newest that matches, or nothing.
func (b *Bot) findOwn(ctx context.Context, room id.RoomID, since int64, match func(*event.Event) bool) (id.EventID, error) {
	own := &mautrix.FilterPart{Senders: []id.UserID{b.client.UserID}}
	from := ""
	for n := range ownPages {
		var page *mautrix.RespMessages
		err := b.retry(ctx, func() (err error) {
			page, err = b.client.Messages(mautrix.WithMaxRetries(ctx, 0), room, from, "", mautrix.DirectionBackward, own, ownPage)
			return err
		})
		if ctx.Err() != nil {
			return "", ctx.Err()
		}
		if err != nil {
			b.log.Warn().Err(err).Stringer("room_id", room).Msg("Cannot look for an earlier answer")
			return "", nil
		}
		for _, evt := range page.Chunk {
			// The first page is looked through in any case: the homeserver's
			// clock may have been set back.
			if n > 0 && evt.Timestamp < since {
				return "", nil
			}
			evt.RoomID = room
			if b.isSelf(evt.Sender) && match(evt) {
				return evt.ID, nil
			}
		}
		if page.End == "" || page.End == from {
			return "", nil
		}
		from = page.End
	}
	return "", nil
}

// answers returns the event that evt is a reply to.
func answers(evt *event.Event) id.EventID {
	relates, _ := evt.Content.Raw["m.relates_to"].(map[string]any)
	if relates["rel_type"] == string(event.RelReplace) {
		return ""
	}
	to, _ := relates["m.in_reply_to"].(map[string]any)
	reply, _ := to["event_id"].(string)
	return id.EventID(reply)
}
