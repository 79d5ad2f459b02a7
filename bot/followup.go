package bot

import (
	"context"
	"time"

	"maunium.net/go/mautrix"
	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"

	"wolkwijs/metrics"
)

// edited answers the edit of a question by editing the answer. Where there is
// no answer yet, because only the edit made it a question for the bot, it gets
// one. An edit by someone else is none (Matrix specification, client-server
// API, "Validity of replacement events").
func (b *Bot) edited(ctx context.Context, in incoming, evt *event.Event) {
	content := evt.Content.AsMessage()
	question := content.RelatesTo.GetReplaceID()
	reply, err := b.givenTo(ctx, question)
	if err != nil {
		return
	}
	remark := id.EventID("") // that the edit could not be read: its key was late
	if in.late {
		remark = b.remarkOn(ctx, evt.ID)
	}
	renewed := renew(evt)
	request, forBot, err := b.request(ctx, renewed)
	if err != nil {
		return
	}
	if reply == "" && !forBot && !b.keyless.holds(question) && remark == "" {
		b.done(ctx, evt.ID, "")
		return
	}
	original := b.fetch(ctx, evt.RoomID, question)
	switch {
	case ctx.Err() != nil:
		return
	case original == nil || original.Sender != evt.Sender:
		b.done(ctx, evt.ID, "")
		return
	}
	switch {
	case remark == "":
	case reply == "":
		reply = remark // it becomes the answer
		b.done(ctx, question, reply)
	case !b.redact(ctx, evt, "remark", remark):
		return
	}
	// What the question was before it could be read does not matter any more.
	waited := b.keyless.drop(question)
	switch {
	case reply == "" && !forBot:
		b.done(ctx, question, "")
		b.done(ctx, evt.ID, "")
		return
	case reply == "":
		d := replyTo(evt)
		d.to, d.thread = question, threadOf(original)
		if given := b.answerOnce(ctx, in, renewed, d, request); given != "" || waited && ctx.Err() == nil {
			b.done(ctx, question, given)
		}
		return
	case !forBot:
		b.takeBack(ctx, evt, question, reply)
		return
	}
	a, outcome := b.consider(ctx, in, evt, request)
	switch {
	case ctx.Err() != nil:
		return
	case a == nil && outcome == metrics.Limited:
		b.done(ctx, evt.ID, "")
		return
	case a == nil:
		b.takeBack(ctx, evt, question, reply)
		return
	}
	if b.fetch(ctx, evt.RoomID, reply) != nil { // nobody has removed it
		if err := b.change(ctx, replyTo(evt), reply, a); err != nil && ctx.Err() == nil {
			b.log.Warn().Err(err).Stringer("room_id", evt.RoomID).Stringer("event_id", evt.ID).Msg("Cannot change an answer")
			outcome = metrics.Unsent
		}
	}
	if ctx.Err() == nil {
		b.done(ctx, evt.ID, "")
		b.metrics.Command(a.Command, outcome, time.Since(in.at))
	}
}

// givenTo returns the answer that was given to a question, or nothing. After
// an error that cannot be found out, and what asks for it stays unmarked.
func (b *Bot) givenTo(ctx context.Context, question id.EventID) (reply id.EventID, err error) {
	err = b.stored(ctx, func() (err error) {
		reply, _, err = b.store.Reply(ctx, question)
		return err
	})
	if err != nil && ctx.Err() == nil {
		b.log.Error().Err(err).Msg("Cannot read the inbox")
	}
	return reply, err
}

// renew returns an edit as the message that it makes of the one before. One
// that does not say what that is has no content.
func renew(evt *event.Event) *event.Event {
	renewed := *evt
	renewed.Content.Parsed = evt.Content.AsMessage().NewContent
	return &renewed
}

// fetch returns an event as it is on the homeserver, or nil where it cannot be
// had or was removed.
func (b *Bot) fetch(ctx context.Context, room id.RoomID, wanted id.EventID) *event.Event {
	var evt *event.Event
	err := b.retry(ctx, func() (err error) {
		evt, err = b.client.GetEvent(mautrix.WithMaxRetries(ctx, 0), room, wanted)
		return err
	})
	if err != nil || len(evt.Content.Raw) == 0 {
		return nil
	}
	return evt
}

// threadOf returns the root of the thread an event is in, which is readable in
// encrypted events too, or nothing.
func threadOf(evt *event.Event) id.EventID {
	relates, _ := evt.Content.Raw["m.relates_to"].(map[string]any)
	if relates["rel_type"] != string(event.RelThread) {
		return ""
	}
	root, _ := relates["event_id"].(string)
	return id.EventID(root)
}

// removed takes back the answer to a question that was removed.
func (b *Bot) removed(ctx context.Context, evt *event.Event) {
	question := redacts(evt)
	reply, err := b.givenTo(ctx, question)
	if err != nil {
		return
	}
	waited := b.keyless.drop(question)
	if reply != "" {
		b.takeBack(ctx, evt, question, reply)
		return
	}
	if waited {
		b.done(ctx, question, "")
	}
	b.done(ctx, evt.ID, "")
}

// takeBack removes the answer to a question because of what happened to that.
func (b *Bot) takeBack(ctx context.Context, because *event.Event, question, reply id.EventID) {
	if b.redact(ctx, because, "take back", reply) {
		b.done(ctx, question, "")
		b.done(ctx, because.ID, "")
	}
}

// redact removes a message of the bot's own because of what happened to
// another. part tells removals for the same reason apart. It returns false
// where ctx ends before the homeserver has decided.
func (b *Bot) redact(ctx context.Context, because *event.Event, part string, reply id.EventID) bool {
	err := b.retry(ctx, func() error {
		_, err := b.client.RedactEvent(mautrix.WithMaxRetries(ctx, 0), because.RoomID, reply, mautrix.ReqRedact{TxnID: transactionID(because.ID, part)})
		return err
	})
	if err != nil && ctx.Err() == nil {
		b.log.Warn().Err(err).Stringer("room_id", because.RoomID).Msg("Cannot take back an answer")
	}
	return ctx.Err() == nil
}

// redacts is the event that evt removes. Since room version 11 that is in the
// content.
func redacts(evt *event.Event) id.EventID {
	if evt.Redacts != "" {
		return evt.Redacts
	}
	in, _ := evt.Content.Raw["redacts"].(string)
	return id.EventID(in)
}
