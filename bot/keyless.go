package bot

import (
	"context"
	"slices"
	"sync"
	"time"

	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"

	"wolkwijs/commands"
	"wolkwijs/metrics"
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

// maxSessions is for how many keys the bot waits at once after it has said
// that a message cannot be read.
const maxSessions = 1000

// keyless holds the events whose key did not come by itself.
type keyless struct {
	mu       sync.Mutex
	sessions map[megolmSession]*unread
}

// unread are the events that wait for one key, in the order in which they came.
type unread struct {
	events []incoming
	late   bool // the key did not come when it was asked for
}

func newKeyless() *keyless { return &keyless{sessions: map[megolmSession]*unread{}} }

// has says whether events wait for the key of a session.
func (k *keyless) has(s megolmSession) bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.sessions[s] != nil
}

// place is where an event has come that waits for its key.
type place uint8

const (
	first   place = iota // nobody has asked for the key yet
	behind               // behind others
	late                 // its sender should know that it cannot be read
	nowhere              // too many wait for that key
)

// add keeps an event.
func (k *keyless) add(s megolmSession, in incoming) place {
	k.mu.Lock()
	defer k.mu.Unlock()
	u := k.sessions[s]
	switch {
	case u == nil:
		k.sessions[s] = &unread{events: []incoming{in}}
		return first
	case len(u.events) >= maxQueue:
		return nowhere
	case u.late:
		u.events = append(u.events, in.later())
		return late
	}
	u.events = append(u.events, in)
	return behind
}

// late returns the events of a session whose key is late. It says no when too
// many keys are.
func (k *keyless) late(s megolmSession) (events []incoming, wait bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	u := k.sessions[s]
	events = slices.Clone(u.events)
	for i, in := range u.events {
		u.events[i] = in.later()
	}
	u.late = true
	return events, len(k.sessions) <= maxSessions
}

// later is an event that waits for its key. It is fetched again when the key
// comes: it may have been removed by then.
func (in incoming) later() incoming {
	in.event, in.late = nil, true
	return in
}

// take returns the events of a session and forgets them.
func (k *keyless) take(s megolmSession) []incoming {
	k.mu.Lock()
	defer k.mu.Unlock()
	u := k.sessions[s]
	delete(k.sessions, s)
	if u == nil {
		return nil
	}
	for i, in := range u.events {
		u.events[i] = in.later()
	}
	return u.events
}

// holds says whether an event waits for its key.
func (k *keyless) holds(evt id.EventID) bool { return k.where(evt, func(*unread, int) {}) }

// drop forgets an event, and says whether it was waiting for its key.
func (k *keyless) drop(evt id.EventID) bool {
	return k.where(evt, func(u *unread, i int) { u.events = slices.Delete(u.events, i, i+1) })
}

// where tells do where an event waits, if it does.
func (k *keyless) where(evt id.EventID, do func(u *unread, i int)) bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	for _, u := range k.sessions {
		if i := slices.IndexFunc(u.events, func(in incoming) bool { return in.id == evt }); i >= 0 {
			do(u, i)
			return true
		}
	}
	return false
}

// postpone takes an event whose key did not come by itself out of its room's
// queue: a key that never comes holds up nobody else. When the key comes, the
// events that wait for it are handled next, in the order in which they came;
// events of the same session that come meanwhile wait behind them.
func (b *Bot) postpone(ctx context.Context, in incoming) {
	s := sessionOf(in.event)
	switch b.keyless.add(s, in) {
	case first:
		b.aside(func(ctx context.Context) { b.fetchKey(ctx, s, in.event) })
	case late:
		b.remark(ctx, in.event)
	case nowhere:
		b.cannotRead(ctx, in.event)
	}
}

// fetchKey asks for the key of a session and goes on with the events that wait
// for it, one of which is evt. When the key does not come, their senders are
// told; when it comes after that, what they were told becomes the answer.
func (b *Bot) fetchKey(ctx context.Context, s megolmSession, evt *event.Event) {
	came := b.awaitKey(ctx, evt, b.times.keyRequest, true)
	if !came && ctx.Err() == nil {
		wait := false
		// In the room's turn: what becomes of a message meanwhile comes before or
		// after what is said of it.
		b.inTurn(ctx, s.room, func(ctx context.Context) {
			var events []incoming
			events, wait = b.keyless.late(s)
			for _, in := range events {
				b.log.Warn().Stringer("room_id", in.room).Stringer("event_id", in.id).Msg("The key of an event did not come")
				b.remark(ctx, in.event)
			}
		})
		came = ctx.Err() == nil && wait && b.awaitKey(ctx, evt, b.times.keyLate, false)
	}
	switch {
	case ctx.Err() != nil: // they come again at the next start
	case came:
		// In the room's turn: no other event is being handled, so none that
		// has just found its key here can be answered before these.
		b.queues.next(s.room, incoming{room: s.room, task: func(context.Context) {
			b.queues.next(s.room, b.keyless.take(s)...)
		}})
	default:
		for _, in := range b.keyless.take(s) {
			if b.remarkOn(ctx, in.id) == "" { // with one, it is handled already
				b.done(ctx, in.id, "")
			}
		}
	}
}

// inTurn has something done when it is a room's turn, before all that waits
// there, and returns when it is done or ctx ends.
func (b *Bot) inTurn(ctx context.Context, room id.RoomID, do func(ctx context.Context)) {
	done := make(chan struct{})
	b.queues.next(room, incoming{room: room, task: func(ctx context.Context) {
		defer close(done)
		do(ctx)
	}})
	select {
	case <-done:
	case <-ctx.Done():
	}
}

// cannotRead gives up an event that cannot be decrypted.
func (b *Bot) cannotRead(ctx context.Context, evt *event.Event) {
	if b.remark(ctx, evt) == "" && ctx.Err() == nil {
		b.done(ctx, evt.ID, "")
	}
}

// remark tells the sender of an event that cannot be decrypted what to do
// about it: once for each key, and once an hour in a room, because it may not
// have been for the bot at all. It returns the remark, if it made one, which
// then counts as the answer.
func (b *Bot) remark(ctx context.Context, evt *event.Event) (reply id.EventID) {
	b.metrics.DecryptFailed()
	if b.forOthers(ctx, evt) {
		return ""
	}
	session := "key " + string(evt.Content.AsEncrypted().SessionID)
	hour := "hour " + string(evt.RoomID) + b.store.Now().UTC().Format("2006-01-02T15")
	for _, key := range []string{session, hour} {
		if first, err := b.store.Once(ctx, key); err != nil || !first {
			return ""
		}
	}
	d := replyTo(evt)
	d.secret = true
	reply, err := b.deliver(ctx, d, b.sentence(b.speaks(ctx, evt.RoomID), textNoKey))
	if err != nil && ctx.Err() == nil {
		b.log.Warn().Err(err).Stringer("room_id", evt.RoomID).Msg("Cannot tell that an event cannot be read")
	}
	if reply != "" {
		b.done(ctx, evt.ID, reply)
	}
	return reply
}

// remarkOn returns the remark that was made on an event whose key is late.
func (b *Bot) remarkOn(ctx context.Context, evt id.EventID) id.EventID {
	reply, _ := b.givenTo(ctx, evt)
	return reply
}

// correct makes the answer to an event of the remark that it could not be read.
func (b *Bot) correct(ctx context.Context, in incoming, evt *event.Event, remark id.EventID) {
	request, forBot, err := b.request(ctx, evt)
	if err != nil {
		return
	}
	if !forBot {
		b.takeBack(ctx, evt, evt.ID, remark)
		return
	}
	a, outcome := b.consider(ctx, in, evt, request)
	if a == nil {
		b.takeBack(ctx, evt, evt.ID, remark)
		return
	}
	if err := b.change(ctx, replyTo(evt), remark, a); err != nil && ctx.Err() == nil {
		b.log.Warn().Err(err).Stringer("room_id", evt.RoomID).Stringer("event_id", evt.ID).Msg("Cannot change an answer")
		outcome = metrics.Unsent
	}
	b.metrics.Command(a.Command, outcome, time.Since(in.at))
}

// forOthers says whether an event that cannot be decrypted was not meant for
// the bot, as far as one can see: in a group, what was said before the bot
// came, and replies to anything but its answers. Those are how other bots
// answer: two that cannot read each other must not remark on that in turns.
func (b *Bot) forOthers(ctx context.Context, evt *event.Event) bool {
	if b.kind(ctx, evt.RoomID) == commands.Direct {
		return false
	}
	if joined, known := b.joinedAt.Load(evt.RoomID); known && evt.Timestamp < joined.(int64) {
		return true
	}
	to := evt.Content.AsEncrypted().RelatesTo.GetNonFallbackReplyTo()
	if to == "" {
		return false
	}
	var ours bool
	err := b.stored(ctx, func() (err error) {
		ours, err = b.store.IsReply(ctx, to)
		return err
	})
	if err != nil {
		b.log.Error().Err(err).Msg("Cannot read the inbox")
	}
	return !ours
}
