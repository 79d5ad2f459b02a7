package bot

import (
	"context"
	"strings"
	"unicode"
	"unicode/utf8"

	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"

	"wolkwijs/commands"
	"wolkwijs/lang"
)

// request turns a message into what is asked, or says that it is not for the
// bot: its own words, notices, edits and what others say to each other. The
// error says that this cannot be found out: the event stays unmarked.
func (b *Bot) request(ctx context.Context, evt *event.Event) (commands.Request, bool, error) {
	text, mentioned, ok := b.words(evt)
	if !ok {
		return commands.Request{}, false, nil
	}
	var kind commands.RoomKind
	var l lang.Code
	err := b.stored(ctx, func() (err error) {
		kind, l, err = b.place(ctx, evt.RoomID)
		return err
	})
	if err != nil {
		if ctx.Err() == nil {
			b.log.Error().Err(err).Stringer("room_id", evt.RoomID).Stringer("event_id", evt.ID).Msg("Cannot find out whether an event is for the bot")
		}
		return commands.Request{}, false, err
	}
	if kind == commands.Group && !mentioned && !strings.HasPrefix(text, b.cfg.Bot.Prefix) {
		return commands.Request{}, false, nil
	}
	request := b.asking(ctx, evt, text, l, kind)
	request.Mentioned = mentioned
	return request, true, nil
}

// isRequest says whether a message is for the bot. Unlike request it does not
// read the database for a command or a mention.
func (b *Bot) isRequest(ctx context.Context, evt *event.Event) (bool, error) {
	text, mentioned, ok := b.words(evt)
	if !ok || mentioned || strings.HasPrefix(text, b.cfg.Bot.Prefix) {
		return ok, nil
	}
	kind, _, err := b.place(ctx, evt.RoomID)
	return kind == commands.Direct, err
}

// words returns the text of a message, without the mention of the bot in it,
// and whether there is one; ok is false for what is never for the bot.
func (b *Bot) words(evt *event.Event) (text string, mentioned, ok bool) {
	content, isMessage := evt.Content.Parsed.(*event.MessageEventContent)
	if !isMessage || content == nil || b.isSelf(evt.Sender) || content.MsgType != event.MsgText || content.RelatesTo.GetReplaceID() != "" {
		return "", false, false
	}
	if content.RelatesTo.GetReplyTo() != "" {
		content.RemoveReplyFallback()
		if quoted := strings.TrimPrefix(content.Body, "> * "); strings.HasPrefix(strings.TrimPrefix(quoted, "> "), "<@") {
			content.Body = event.TrimReplyFallbackText(content.Body) // of clients that send no HTML
		}
	}
	if content.MSC4391BotCommand != nil {
		text, mentioned = b.invoked(content)
		return text, mentioned, mentioned
	}
	text, mentioned = b.withoutMention(content)
	return text, mentioned, true
}

// asking is a request for text by the sender of evt.
func (b *Bot) asking(ctx context.Context, evt *event.Event, text string, l lang.Code, kind commands.RoomKind) commands.Request {
	rights := b.rights(ctx, evt.RoomID, evt.Sender, kind)
	return commands.Request{
		Text:   text,
		Lang:   l,
		Kind:   kind,
		Room:   string(evt.RoomID),
		Rights: rights,
		SetLanguage: func(ctx context.Context, l lang.Code) error {
			if err := b.store.SetLanguage(ctx, evt.RoomID, l); err != nil {
				return err
			}
			b.aside(func(ctx context.Context) { b.describe(ctx, evt.RoomID) })
			return nil
		},
		Tip:      roomTip{b, evt.RoomID, evt.ID},
		Watches:  b.watchesOf(evt.RoomID),
		Operator: b.operatorFor(rights),
	}
}

// withoutMention returns the text of a message without the mention of the bot
// in it, and whether there is one. New clients say whom they mention
// (m.mentions, Matrix 1.7); for older ones the message must begin with the
// bot's name or contain its user ID.
func (b *Bot) withoutMention(content *event.MessageEventContent) (text string, mentioned bool) {
	self := b.client.UserID
	text = strings.TrimSpace(content.Body)
	called := ""
	if name := b.name.Load(); name != nil {
		called = *name
	}
	names := []string{string(self), "@" + called, called, "@" + localpart(self), localpart(self)}
	rest, atStart := text, false
	for _, name := range names {
		if after, ok := cutName(text, name); ok {
			rest, atStart = after, true
			break
		}
	}
	switch {
	case content.Mentions != nil:
		mentioned = content.Mentions.Has(self)
	default:
		mentioned = strings.Contains(text, string(self)) || strings.Contains(content.FormattedBody, "https://matrix.to/#/"+string(self)) || addressed(text, names)
	}
	if !mentioned {
		return text, false
	}
	if atStart {
		return rest, true
	}
	for _, name := range names[:2] {
		if len(name) > 1 {
			text = strings.ReplaceAll(text, name, "")
		}
	}
	return strings.Join(strings.Fields(text), " "), true
}

// cutName removes name from the start of text, with the sign after it.
func cutName(text, name string) (rest string, ok bool) {
	if len(name) < 2 || len(text) < len(name) || !strings.EqualFold(text[:len(name)], name) {
		return text, false
	}
	rest = text[len(name):]
	if next, _ := utf8.DecodeRuneInString(rest); rest != "" && (unicode.IsLetter(next) || unicode.IsDigit(next) || next == '.' || next == '-') {
		return text, false // part of a longer word, or of a domain name
	}
	return strings.TrimSpace(strings.TrimLeft(rest, ":,")), true
}

// addressed says whether text begins with a name and a colon or comma, the
// way people have always spoken to bots.
func addressed(text string, names []string) bool {
	for _, name := range names {
		if len(name) > 1 && len(text) > len(name) && strings.EqualFold(text[:len(name)], name) && strings.ContainsRune(":,", rune(text[len(name)])) {
			return true
		}
	}
	return false
}

// thread returns the root of the thread an event is in, or nothing.
func thread(evt *event.Event) id.EventID {
	content, ok := evt.Content.Parsed.(*event.MessageEventContent)
	if !ok {
		return ""
	}
	return content.RelatesTo.GetThreadParent()
}
