package bot

import (
	"context"

	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"

	"wolkwijs/answer"
)

// delivery says where an answer goes.
type delivery struct {
	room    id.RoomID
	trigger id.EventID // the event that asked; transaction IDs derive from it
	to      id.EventID // the event that the answer is a reply to
	thread  id.EventID // root of the thread it belongs in; may be empty
	asked   int64      // when the trigger was sent, in Unix milliseconds
	secret  bool       // the trigger was encrypted: so is the answer, or it is not sent
}

// replyTo is the delivery of an answer to a message.
func replyTo(evt *event.Event) delivery {
	return delivery{
		room: evt.RoomID, trigger: evt.ID, to: evt.ID, thread: thread(evt), asked: evt.Timestamp,
		secret: decrypted(evt),
	}
}

// txn is the transaction ID of the answer.
func (d delivery) txn() string { return transactionID(d.trigger, "answer") }

// deliver sends an answer, its first page if it is long, and returns the
// event ID. What can be picked next is offered as reactions.
func (b *Bot) deliver(ctx context.Context, d delivery, a *answer.Answer) (id.EventID, error) {
	return b.deliverPages(ctx, d, paginate(a, b.cfg.Bot.Prefix))
}

// deliverPages sends the first of the pages and offers the others.
func (b *Bot) deliverPages(ctx context.Context, d delivery, pages []*answer.Answer) (id.EventID, error) {
	if err := b.stored(ctx, func() error { return b.guardPlaintext(ctx, d.room, d.secret) }); err != nil {
		return "", err
	}
	content := b.message(pages[0])
	content.RelatesTo = (&event.RelatesTo{}).SetReplyTo(d.to)
	if d.thread != "" {
		content.RelatesTo.SetThread(d.thread, "")
	}
	if err := b.stored(ctx, func() error { return b.store.Begin(ctx, d.trigger) }); err != nil {
		b.log.Warn().Err(err).Msg("Cannot note that an answer is begun") // an answer counts for more
	}
	reply, err := b.send(ctx, d.room, content, d.txn(), func(ctx context.Context) (id.EventID, error) {
		return b.findReply(ctx, d)
	})
	if err != nil {
		return "", err
	}
	b.topics.put(d.room, reply, feedbackTopic(pages[0]))
	b.offer(d, reply, pages)
	return reply, nil
}

// change replaces an answer that was given before, because the question was
// edited.
func (b *Bot) change(ctx context.Context, d delivery, reply id.EventID, a *answer.Answer) error {
	if err := b.stored(ctx, func() error { return b.guardPlaintext(ctx, d.room, d.secret) }); err != nil {
		return err
	}
	pages := paginate(a, b.cfg.Bot.Prefix)
	content := b.message(pages[0])
	edit := *content
	edit.NewContent = content
	edit.RelatesTo = (&event.RelatesTo{}).SetReplace(reply)
	// What clients without edits show. The whole answer twice could be more
	// than an event may hold.
	first := []rune(content.Body)
	edit.Body = "* " + string(first[:min(len(first), 200)])
	edit.Format, edit.FormattedBody = "", ""
	if _, err := b.send(ctx, d.room, &edit, transactionID(d.trigger, "edit"), nil); err != nil {
		return err
	}
	b.topics.put(d.room, reply, feedbackTopic(a))
	b.offer(d, reply, pages)
	return nil
}
