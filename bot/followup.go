package bot

import (
	"context"

	"maunium.net/go/mautrix"
	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"
)

// edited answers the edit of a question by editing the answer. An edit by
// someone else is not one (Matrix specification, client-server API, "Validity
// of replacement events").
func (b *Bot) edited(ctx context.Context, evt *event.Event) {
	content := evt.Content.AsMessage()
	question := content.RelatesTo.GetReplaceID()
	reply, _, err := b.store.Reply(ctx, question)
	if err != nil {
		b.log.Error().Err(err).Msg("Cannot read the inbox")
		return
	}
	if reply == "" || content.NewContent == nil || !b.sameSender(ctx, evt, question) {
		b.done(ctx, evt.ID, "")
		return
	}
	renewed := *evt
	renewed.Content.Parsed = content.NewContent
	request, forBot := b.request(ctx, &renewed)
	if !forBot {
		b.takeBack(ctx, evt, reply)
		return
	}
	d := replyTo(evt)
	if b.limits.ask(evt.Sender, evt.RoomID, b.store.Now()) == allowed && !tooLong(request.Text) {
		if a, _ := b.think(ctx, request); a != nil {
			if err := b.change(ctx, d, reply, a); err != nil && ctx.Err() == nil {
				b.log.Warn().Err(err).Stringer("room_id", evt.RoomID).Stringer("event_id", evt.ID).Msg("Cannot change an answer")
			}
		}
	}
	if ctx.Err() == nil {
		b.done(ctx, evt.ID, "")
	}
}

// sameSender says whether the sender of evt also sent the event named.
func (b *Bot) sameSender(ctx context.Context, evt *event.Event, other id.EventID) bool {
	var original *event.Event
	err := b.retry(ctx, func() (err error) {
		original, err = b.client.GetEvent(mautrix.WithMaxRetries(ctx, 0), evt.RoomID, other)
		return err
	})
	return err == nil && original.Sender == evt.Sender
}

// removed takes back the answer to a question that was removed.
func (b *Bot) removed(ctx context.Context, evt *event.Event) {
	reply, _, err := b.store.Reply(ctx, redacts(evt))
	if err != nil {
		b.log.Error().Err(err).Msg("Cannot read the inbox")
		return
	}
	if reply == "" {
		b.done(ctx, evt.ID, "")
		return
	}
	b.takeBack(ctx, evt, reply)
}

// takeBack removes an answer because of what happened to its question.
func (b *Bot) takeBack(ctx context.Context, because *event.Event, reply id.EventID) {
	err := b.retry(ctx, func() error {
		_, err := b.client.RedactEvent(mautrix.WithMaxRetries(ctx, 0), because.RoomID, reply, mautrix.ReqRedact{TxnID: transactionID(because.ID, "take back")})
		return err
	})
	if ctx.Err() != nil {
		return
	}
	if err != nil {
		b.log.Warn().Err(err).Stringer("room_id", because.RoomID).Msg("Cannot take back an answer")
	}
	b.done(ctx, because.ID, "")
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
