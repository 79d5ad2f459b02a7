package bot

import (
	"context"
	"sync"

	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"
)

// megolmSession names a Megolm session: the key of some of the events of a room.
type megolmSession struct {
	room id.RoomID
	id   id.SessionID
}

// sessionOf returns the session of an encrypted event.
func sessionOf(evt *event.Event) megolmSession {
	return megolmSession{evt.RoomID, evt.Content.AsEncrypted().SessionID}
}

// keyless holds the events whose key did not come by itself, each session's in
// the order in which they came.
type keyless struct {
	mu     sync.Mutex
	events map[megolmSession][]incoming
}

func newKeyless() *keyless { return &keyless{events: map[megolmSession][]incoming{}} }

// has says whether events wait for the key of a session.
func (k *keyless) has(s megolmSession) bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	return len(k.events[s]) > 0
}

// add keeps an event and says how many of its session wait now; 0 when there
// are too many.
func (k *keyless) add(s megolmSession, in incoming) int {
	k.mu.Lock()
	defer k.mu.Unlock()
	if len(k.events[s]) >= maxQueue {
		return 0
	}
	k.events[s] = append(k.events[s], in)
	return len(k.events[s])
}

// take returns the events of a session and forgets them.
func (k *keyless) take(s megolmSession) []incoming {
	k.mu.Lock()
	defer k.mu.Unlock()
	events := k.events[s]
	delete(k.events, s)
	return events
}

// postpone takes an event whose key did not come by itself out of its room's
// queue: a key that never comes holds up nobody else. When the key comes, the
// events that wait for it are handled next, in the order in which they came;
// events of the same session that come meanwhile wait behind them.
func (b *Bot) postpone(ctx context.Context, in incoming) {
	s := sessionOf(in.event)
	switch b.keyless.add(s, in) {
	case 0:
		b.cannotRead(ctx, in.event)
	case 1:
		b.aside(func(ctx context.Context) { b.fetchKey(ctx, s, in.event) })
	}
}

// fetchKey asks for the key of a session and goes on with the events that wait
// for it, one of which is evt.
func (b *Bot) fetchKey(ctx context.Context, s megolmSession, evt *event.Event) {
	if b.awaitKey(ctx, evt, true) {
		// In the room's turn: no other event is being handled, so none that
		// has just found its key here can be answered before these.
		b.queues.next(s.room, incoming{room: s.room, task: func(context.Context) {
			b.queues.next(s.room, b.keyless.take(s)...)
		}})
		return
	}
	if ctx.Err() != nil {
		return // they come again at the next start
	}
	for _, in := range b.keyless.take(s) {
		b.log.Warn().Stringer("room_id", in.room).Stringer("event_id", in.id).Msg("The key of an event did not come")
		b.cannotRead(ctx, in.event)
	}
}
