package bot

import (
	"context"
	"sync"

	"maunium.net/go/mautrix"
	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"
)

// receipts are the events that are going to be marked as read.
type receipts struct {
	mu     sync.Mutex
	newest map[id.RoomID]id.EventID // by room
}

// put notes the newest event read in a room, and says whether there was none.
func (r *receipts) put(room id.RoomID, event id.EventID) (first bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.newest == nil {
		r.newest = map[id.RoomID]id.EventID{}
	}
	first = r.newest[room] == ""
	r.newest[room] = event
	return first
}

func (r *receipts) take(room id.RoomID) id.EventID {
	r.mu.Lock()
	defer r.mu.Unlock()
	defer delete(r.newest, room)
	return r.newest[room]
}

// markRead marks an event as read a moment later. A receipt is news for
// everybody in the room: at once, it would keep the homeserver busy just while
// the answer passes through it. By then most answers are there, which says by
// itself that the question was read, and else the bot is shown to be typing.
// What else is read in the room meanwhile takes no receipt of its own.
func (b *Bot) markRead(evt *event.Event) {
	room := evt.RoomID
	if !b.receipts.put(room, evt.ID) {
		return
	}
	b.aside(func(ctx context.Context) {
		passed := sleep(ctx, b.times.receipt)
		if newest := b.receipts.take(room); passed {
			_ = b.client.SendReceipt(mautrix.WithMaxRetries(ctx, 0), room, newest, event.ReceiptTypeRead, nil)
		}
	})
}
