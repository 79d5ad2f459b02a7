package bot

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"maunium.net/go/mautrix"
	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"

	"wolkwijs/answer"
	"wolkwijs/lang"
)

// postAgain is how long after a post was begun it may be begun again, after a
// crash, and is recognised.
const postAgain = 24 * time.Hour

// postMark is the key in the content of a post that holds its transaction ID.
// Homeservers forget those; by the mark a post is recognised whatever has
// become of the text meanwhile. In an encrypted room it is encrypted with the
// rest.
const postMark = "wolkwijs.post"

// Post sends something to a room that nobody asked for just then and returns
// its event ID. key names it within the room: a post of the same key is sent
// once, also when Post is called again within a day after a crash. It returns
// when the homeserver has it, refuses it for good or ctx ends. It may only be
// called while Run does its work.
//
// For what comes back again and again there are jobs: see [JobKind].
func (b *Bot) Post(ctx context.Context, room id.RoomID, key string, a *answer.Answer) (id.EventID, error) {
	first, err := b.store.Once(ctx, "post "+string(room)+" "+key)
	if err != nil {
		return "", fmt.Errorf("noting a post: %w", err)
	}
	since := b.store.Now().Add(-postAgain)
	if !first {
		if posted, err := b.findPost(ctx, room, key, since); err != nil || posted != "" {
			return posted, err
		}
	}
	return b.sendPost(ctx, room, key, a, since)
}

// sendPost sends a post; since is when it may have been sent first.
func (b *Bot) sendPost(ctx context.Context, room id.RoomID, key string, a *answer.Answer, since time.Time) (id.EventID, error) {
	if err := b.guardPlaintext(ctx, room, false); err != nil {
		return "", err
	}
	mark := postID(room, key)
	content := &event.Content{Parsed: b.message(paginate(a, b.cfg.Bot.Prefix)[0]), Raw: map[string]any{postMark: mark}}
	posted, err := b.send(ctx, room, content, mark, func(ctx context.Context) (id.EventID, error) {
		return b.lookForPost(ctx, room, mark, since)
	})
	if err == nil {
		b.topics.put(room, posted, feedbackTopic(a))
	}
	return posted, err
}

// findPost looks for a post that may have been sent since the given time, and
// may still be on its way. It returns its event ID, or nothing.
func (b *Bot) findPost(ctx context.Context, room id.RoomID, key string, since time.Time) (id.EventID, error) {
	return b.findEarlier(ctx, true, func() (id.EventID, error) {
		return b.lookForPost(ctx, room, postID(room, key), since)
	})
}

// lookForPost looks once for a post with that mark.
func (b *Bot) lookForPost(ctx context.Context, room id.RoomID, mark string, since time.Time) (id.EventID, error) {
	return b.findSent(ctx, room, mark, since.UnixMilli()-clockSkew, func(evt *event.Event) bool { return b.bears(ctx, evt, mark) })
}

// postID is the transaction ID of a post, and its mark.
func postID(room id.RoomID, key string) string { return transactionID(id.EventID(room), "post "+key) }

// bears says whether a message of the bot's own bears a mark.
func (b *Bot) bears(ctx context.Context, evt *event.Event, mark string) bool {
	prepare(evt)
	if evt.Type == event.EventEncrypted {
		clear, err := b.decrypt(ctx, evt)
		if err != nil {
			return false
		}
		evt = clear
	}
	return evt.Content.Raw[postMark] == mark
}

// isIn asks the homeserver whether the bot is in a room.
func (b *Bot) isIn(ctx context.Context, room id.RoomID) (bool, error) {
	rooms, err := b.joinedRooms(ctx)
	return slices.Contains(rooms, room), err
}

// joinedRooms asks the homeserver which rooms the bot is in.
func (b *Bot) joinedRooms(ctx context.Context) (rooms []id.RoomID, err error) {
	err = b.retry(ctx, func() error {
		joined, err := b.client.JoinedRooms(mautrix.WithMaxRetries(ctx, 0))
		if err == nil {
			rooms = joined.JoinedRooms
		}
		return err
	})
	if err != nil {
		return nil, errors.Join(errors.New("finding out which rooms the bot is in"), err)
	}
	return rooms, nil
}

// Language returns the language to use in a room for what nobody asked for.
func (b *Bot) Language(ctx context.Context, room id.RoomID) lang.Code {
	return b.speaks(ctx, room)
}
