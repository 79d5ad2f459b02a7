package bot

import (
	"context"
	"errors"
	"runtime"
	"runtime/debug"
	"time"
	"unicode/utf8"

	"maunium.net/go/mautrix"
	"maunium.net/go/mautrix/crypto"
	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"

	"wolkwijs/answer"
	"wolkwijs/commands"
	"wolkwijs/metrics"
	"wolkwijs/store"
)

// handle sees one event through: fetch, decrypt, understand, answer, mark as
// handled. What stays unmarked (the bot stops, the database fails) comes
// again at the next start.
func (b *Bot) handle(ctx context.Context, in incoming) {
	defer func() {
		if p := recover(); p != nil {
			b.logPanic(p)
		}
	}()
	if in.task != nil {
		in.task(ctx)
		return
	}
	if in.full {
		if b.say(ctx, in.room, "busy/"+string(in.id), textBusy); ctx.Err() == nil {
			b.done(ctx, in.id, "")
		}
		return
	}
	evt, err := b.load(ctx, in)
	switch {
	case noKey(err):
		in.event = evt
		b.postpone(ctx, in)
		return
	case ctx.Err() != nil:
		return
	case errors.Is(err, errRemoved):
		b.unanswer(ctx, in, evt)
		return
	case errors.Is(err, crypto.ErrDuplicateMessageIndex):
		// The same ciphertext came before, and was answered: a homeserver that
		// was restarted has taken a message twice, or somebody replays it.
		b.log.Info().Stringer("room_id", in.room).Stringer("event_id", in.id).Msg("Passing over the copy of a message")
		b.done(ctx, in.id, "")
		return
	case evt != nil && evt.Type == event.EventEncrypted && b.crypto != nil:
		b.log.Warn().Err(err).Stringer("room_id", in.room).Stringer("event_id", in.id).Msg("Cannot decrypt an event")
		b.cannotRead(ctx, evt)
		return
	case err != nil:
		b.log.Warn().Err(err).Stringer("room_id", in.room).Stringer("event_id", in.id).Msg("Cannot read an event")
		b.done(ctx, in.id, "")
		return
	}
	b.respond(ctx, in, evt)
}

// errRemoved is why there is nothing to answer: the question was removed before
// its turn came.
var errRemoved = errors.New("the event was removed")

// unanswer passes over a question that was removed. What was said of it goes
// too, by a program before this one or because its key was late: of its
// removal, which may come yet, one could not tell any more what it removes.
func (b *Bot) unanswer(ctx context.Context, in incoming, evt *event.Event) {
	if in.late {
		if remark := b.remarkOn(ctx, in.id); remark != "" {
			b.takeBack(ctx, evt, in.id, remark)
			return
		}
	}
	if in.again {
		reply, err := b.findEarlier(ctx, in.begun, func() (id.EventID, error) { return b.findReply(ctx, replyTo(evt)) })
		if err != nil {
			return // the bot stops
		}
		if reply != "" {
			b.takeBack(ctx, evt, in.id, reply)
			return
		}
	}
	b.done(ctx, in.id, "")
}

// load returns the event itself, decrypted. Where the key is missing it
// returns the event as it came, and an error for which noKey is true.
func (b *Bot) load(ctx context.Context, in incoming) (*event.Event, error) {
	evt := in.event
	if evt == nil {
		err := b.retry(ctx, func() (err error) {
			evt, err = b.client.GetEvent(mautrix.WithMaxRetries(ctx, 0), in.room, in.id)
			return err
		})
		if err != nil {
			return nil, err
		}
		evt.RoomID = in.room
		prepare(evt)
		// Before room version 11 a redaction says outside its content what it
		// removes.
		if evt.Unsigned.RedactedBecause != nil || len(evt.Content.Raw) == 0 && evt.Type != event.EventRedaction {
			return evt, errRemoved
		}
	}
	if evt.Type != event.EventEncrypted {
		return evt, nil
	}
	var clear *event.Event
	decrypt := func() (err error) {
		clear, err = b.decrypt(ctx, evt)
		return err
	}
	if b.keyless.has(sessionOf(evt)) {
		return evt, crypto.ErrNoSessionFound // also if it came just now: not before those that wait for it
	}
	err := b.stored(ctx, decrypt)
	if noKey(err) && b.awaitKey(ctx, evt, b.times.keyWait, false) {
		err = b.stored(ctx, decrypt)
	}
	if err != nil {
		return evt, err
	}
	return clear, nil
}

// respond does what an event that can be read asks for.
func (b *Bot) respond(ctx context.Context, in incoming, evt *event.Event) {
	switch content := evt.Content.Parsed.(type) {
	case *event.ReactionEventContent:
		b.picked(ctx, in, evt)
		return
	case *event.RedactionEventContent:
		if decrypted(evt) { // homeservers carry out redactions in the clear only, and see who may
			b.done(ctx, evt.ID, "")
			return
		}
		b.removed(ctx, evt)
		return
	case *event.TombstoneEventContent:
		b.upgraded(ctx, evt)
		return
	case *event.MessageEventContent:
		if content.RelatesTo.GetReplaceID() != "" {
			b.edited(ctx, in, evt)
			return
		}
	}
	if in.late {
		if remark := b.remarkOn(ctx, evt.ID); remark != "" {
			b.correct(ctx, in, evt, remark)
			return
		}
	}
	request, forBot, err := b.request(ctx, evt)
	if err != nil {
		return
	}
	if !forBot {
		b.done(ctx, evt.ID, "")
		return
	}
	if !b.turned(ctx, replyTo(evt), request) {
		b.answerOnce(ctx, in, evt, replyTo(evt), request)
	}
}

// answerOnce answers a request, unless there is an answer from before the last
// start. It returns the answer, if there is one.
func (b *Bot) answerOnce(ctx context.Context, in incoming, evt *event.Event, d delivery, request commands.Request) id.EventID {
	if in.again {
		if reply, err := b.findEarlier(ctx, in.begun, func() (id.EventID, error) { return b.findReply(ctx, d) }); err != nil {
			return "" // the bot stops
		} else if reply != "" {
			b.done(ctx, evt.ID, reply)
			return reply
		}
	}
	return b.answerWith(ctx, in, evt, d, request)
}

// answerWith finds the answer to a request, delivers it and returns it.
func (b *Bot) answerWith(ctx context.Context, in incoming, evt *event.Event, d delivery, request commands.Request) (reply id.EventID) {
	a, outcome := b.consider(ctx, in, evt, request)
	command := ""
	if a != nil {
		command = a.Command
		var err error
		if reply, err = b.deliver(ctx, d, a); err != nil {
			outcome = metrics.Unsent
		}
		b.settled(ctx, d, reply, err)
	} else if ctx.Err() == nil {
		b.done(ctx, evt.ID, "")
	}
	b.metrics.Command(command, outcome, time.Since(in.at))
	return reply
}

// consider finds the answer to a request, if it may be asked at all. It returns
// nil where the bot stops meanwhile.
func (b *Bot) consider(ctx context.Context, in incoming, evt *event.Event, request commands.Request) (*answer.Answer, metrics.Outcome) {
	verdict, wait := b.limits.ask(evt.Sender, evt.RoomID, b.store.Now(), in.backlog)
	switch {
	case verdict == silent:
		return nil, metrics.Limited
	case verdict == warn:
		return b.sentence(b.speaks(ctx, evt.RoomID), textTooMuch), metrics.Limited
	case wait > 0 && !b.queues.rest(ctx, evt.RoomID, wait):
		return nil, metrics.Unsent
	}
	if tooLong(request.Text) {
		return b.sentence(b.speaks(ctx, evt.RoomID), textTooLong), metrics.TooLong
	}
	calm := b.attend(ctx, evt)
	defer calm()
	return b.think(ctx, request)
}

// settled marks a question as handled, unless the bot stops before the answer
// is known to have arrived.
func (b *Bot) settled(ctx context.Context, d delivery, reply id.EventID, err error) {
	if ctx.Err() != nil && reply == "" {
		return
	}
	if err != nil {
		b.log.Warn().Err(err).Stringer("room_id", d.room).Stringer("event_id", d.trigger).Msg("Cannot answer")
	}
	b.done(ctx, d.trigger, reply)
}

// maxQuestion is how many characters a question may have.
const maxQuestion = 2000

func tooLong(text string) bool { return utf8.RuneCountInString(text) > maxQuestion }

// think finds the answer. A panic becomes an answer that says so.
func (b *Bot) think(ctx context.Context, request commands.Request) (a *answer.Answer, outcome metrics.Outcome) {
	ctx, cancel := context.WithTimeout(ctx, b.times.answering)
	defer cancel()
	defer func() {
		if p := recover(); p != nil {
			b.logPanic(p)
			l := request.Lang
			if l == "" {
				l = b.cfg.Bot.Language
			}
			a, outcome = b.sentence(l, textBroken), metrics.Panicked
		}
	}()
	a = b.answerer.Answer(ctx, request)
	switch {
	case a == nil:
		return nil, metrics.Silent
	case a.Failed:
		return a, metrics.Failed
	}
	return a, metrics.Answered
}

// done marks an event as handled, also while the bot stops.
func (b *Bot) done(ctx context.Context, evt, reply id.EventID) {
	err := b.stored(ctx, func() error { return b.store.Handled(context.WithoutCancel(ctx), evt, reply) })
	if err != nil {
		b.log.Error().Err(err).Stringer("event_id", evt).Msg("Cannot mark an event as handled")
	}
}

// stored repeats what needs the database until it does not fail in a way that
// may pass, such as a full disk, or ctx ends.
func (b *Bot) stored(ctx context.Context, do func() error) error {
	for attempt := 0; ; attempt++ {
		err := do()
		if !store.Passing(err) {
			return err
		}
		wait := b.pause(attempt, err)
		b.log.Error().Err(err).Dur("again_in", wait).Msg("The database fails")
		if !sleep(ctx, wait) {
			return err
		}
	}
}

// retry repeats a request until it succeeds, is refused for good or ctx ends.
func (b *Bot) retry(ctx context.Context, request func() error) error {
	byProxy := 0
	for attempt := 0; ; attempt++ {
		err := request()
		if err == nil || b.refused(err, &byProxy) {
			return err
		}
		if !sleep(ctx, b.pause(attempt, err)) {
			return ctx.Err()
		}
	}
}

// logPanic logs a panic with its stack. Only what the Go runtime panics with
// is told; any other value could hold what somebody wrote.
func (b *Bot) logPanic(p any) {
	log := b.log.Error().Type("panic_type", p).Str("stack", string(debug.Stack()))
	if fault, ok := p.(runtime.Error); ok {
		log = log.Str("panic", fault.Error())
	}
	log.Msg("Something went badly wrong; please report this")
}

// attend marks an event as read. Where the answer takes a moment it shows that
// the bot is typing, and when it takes longer it says so with a reaction. The
// function it returns ends that, without waiting for what is still being sent.
func (b *Bot) attend(ctx context.Context, evt *event.Event) (calm func()) {
	waiting, stop := context.WithCancel(ctx)
	once := mautrix.WithMaxRetries(ctx, 0) // none of this is worth a second try
	b.markRead(evt)
	b.aside(func(context.Context) {
		if !sleep(waiting, b.times.typing) {
			return
		}
		_, _ = b.client.UserTyping(once, evt.RoomID, true, 30*time.Second)
		defer func() { _, _ = b.client.UserTyping(once, evt.RoomID, false, 0) }()
		if !sleep(waiting, b.times.slow-b.times.typing) {
			return
		}
		l := b.speaks(ctx, evt.RoomID)
		sent, err := b.client.SendMessageEvent(once, evt.RoomID, event.EventReaction, &event.ReactionEventContent{
			RelatesTo: event.RelatesTo{Type: event.RelAnnotation, EventID: evt.ID, Key: textWorking.In(l)},
		}, mautrix.ReqSendEvent{TransactionID: transactionID(evt.ID, "working")})
		if err != nil {
			return
		}
		<-waiting.Done()
		_, _ = b.client.RedactEvent(ctx, evt.RoomID, sent.EventID, mautrix.ReqRedact{TxnID: transactionID(evt.ID, "worked")})
	})
	return stop
}
