package bot

import (
	"context"
	"errors"
	"fmt"

	"maunium.net/go/mautrix"
	"maunium.net/go/mautrix/event"

	"wolkwijs/answer"
	"wolkwijs/lang"
)

// Also has the bot run fn beside its answering: from when it is ready until it
// stops, which ends the context that fn gets. It must be called before Run.
func (b *Bot) Also(fn func(ctx context.Context)) { b.also = append(b.also, fn) }

// TellAdmins tells the bot's admins something, each in the newest direct
// message that the bot has with them; an admin without one is passed over.
// say makes the answer in the language of that room; key is as in [Bot.Post],
// whose conditions hold here too.
func (b *Bot) TellAdmins(ctx context.Context, key string, say func(lang.Code) *answer.Answer) error {
	direct := event.DirectChatsEventContent{}
	err := b.client.GetAccountData(ctx, event.AccountDataDirectChats.Type, &direct)
	if errors.Is(err, mautrix.MNotFound) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("finding the admins' direct messages: %w", err)
	}
	var failed []error
	for _, admin := range b.cfg.Bot.Admins {
		rooms := direct[admin]
		if len(rooms) == 0 {
			continue
		}
		room := rooms[len(rooms)-1]
		if _, err := b.Post(ctx, room, key, say(b.Language(ctx, room))); err != nil {
			failed = append(failed, err)
		}
	}
	return errors.Join(failed...)
}
