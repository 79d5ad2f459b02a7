package bot

import (
	"context"
	"fmt"
	"time"

	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"

	"wolkwijs/answer"
	"wolkwijs/lang"
)

// postAgain is how long after a post was begun it may be begun again, after a
// crash, and is recognised.
const postAgain = 24 * time.Hour

// Post sends something to a room that nobody asked for just then, such as the
// tip of the week, and returns its event ID. key names it within the room: a
// post of the same key is sent once, also when Post is called again after a
// crash. It returns when the homeserver has it, refuses it for good or ctx
// ends. It may only be called while Run does its work.
func (b *Bot) Post(ctx context.Context, room id.RoomID, key string, a *answer.Answer) (id.EventID, error) {
	first, err := b.store.Once(ctx, "post "+string(room)+" "+key)
	if err != nil {
		return "", fmt.Errorf("noting a post: %w", err)
	}
	if err := b.guardPlaintext(ctx, room, false); err != nil {
		return "", err
	}
	content := b.message(paginate(a)[0])
	since := b.store.Now().Add(-postAgain).UnixMilli()
	sent := func(ctx context.Context) (id.EventID, error) {
		return b.findOwn(ctx, room, since, func(evt *event.Event) bool { return b.says(ctx, evt, content.Body) })
	}
	if !first {
		if posted, err := b.findEarlier(ctx, true, func() (id.EventID, error) { return sent(ctx) }); err != nil || posted != "" {
			return posted, err
		}
	}
	return b.send(ctx, room, content, transactionID(id.EventID(room), "post "+key), sent)
}

// says says whether a message of the bot's own has the given body.
func (b *Bot) says(ctx context.Context, evt *event.Event, body string) bool {
	prepare(evt)
	if evt.Type == event.EventEncrypted {
		clear, err := b.decrypt(ctx, evt)
		if err != nil {
			return false
		}
		evt = clear
	}
	content, ok := evt.Content.Parsed.(*event.MessageEventContent)
	return ok && content.Body == body
}

// Language returns the language to use in a room for what nobody asked for.
func (b *Bot) Language(ctx context.Context, room id.RoomID) lang.Code {
	return b.speaks(ctx, room)
}
