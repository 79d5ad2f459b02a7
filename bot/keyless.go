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

// add keeps an event, says how many of its session wait now, 0 when there are
// too many, and whether the key is late already.
func (k *keyless) add(s megolmSession, in incoming) (waiting int, late bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	u := k.sessions[s]
	switch {
	case u == nil:
		u = &unread{}
		k.sessions[s] = u
	case len(u.events) >= maxQueue:
		return 0, u.late
	case u.late:
		in = in.later()
	}
	u.events = append(u.events, in)
	return len(u.events), u.late
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

// later is an event whose key is late. It is fetched again when the key comes:
// it may have been removed by then.
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
	return u.events
}

// postpone takes an event whose key did not come by itself out of its room's
// queue: a key that never comes holds up nobody else. When the key comes, the
// events that wait for it are handled next, in the order in which they came;
// events of the same session that come meanwhile wait behind them.
func (b *Bot) postpone(ctx context.Context, in incoming) {
	s := sessionOf(in.event)
	switch waiting, late := b.keyless.add(s, in); {
	case waiting == 0:
		b.cannotRead(ctx, in.event)
	case late:
		b.remark(ctx, in.event)
	case waiting == 1:
		b.aside(func(ctx context.Context) { b.fetchKey(ctx, s, in.event) })
	}
}

// fetchKey asks for the key of a session and goes on with the events that wait
// for it, one of which is evt. When the key does not come, their senders are
// told; when it comes after that, what they were told becomes the answer.
func (b *Bot) fetchKey(ctx context.Context, s megolmSession, evt *event.Event) {
	came := b.awaitKey(ctx, evt, b.times.keyRequest, true)
	if !came && ctx.Err() == nil {
		events, wait := b.keyless.late(s)
		for _, in := range events {
			b.log.Warn().Stringer("room_id", in.room).Stringer("event_id", in.id).Msg("The key of an event did not come")
			b.remark(ctx, in.event)
		}
		came = wait && b.awaitKey(ctx, evt, b.times.keyLate, false)
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
	reply, _, err := b.store.Reply(ctx, evt)
	if err != nil {
		b.log.Error().Err(err).Msg("Cannot read the inbox")
	}
	return reply
}

// correct makes the answer to an event of the remark that it could not be read.
func (b *Bot) correct(ctx context.Context, in incoming, evt *event.Event, remark id.EventID) {
	request, forBot := b.request(ctx, evt)
	if !forBot {
		b.takeBack(ctx, evt, evt.ID, remark)
		return
	}
	a, outcome := b.consider(ctx, evt, request)
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
	ours, err := b.store.IsReply(ctx, to)
	if err != nil {
		b.log.Error().Err(err).Msg("Cannot read the inbox")
	}
	return !ours
}
