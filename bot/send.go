package bot

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"

	"maunium.net/go/mautrix"
	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"

	"wolkwijs/answer"
	"wolkwijs/lang"
)

// errPlaintext is why nothing is sent to a room where the question was
// encrypted and the answer would not be.
var errPlaintext = errors.New("the question was encrypted and the room is not: not answering in plaintext")

// say sends one sentence of the bot's own to a room. key makes it unique:
// the same key is not sent twice. The error is already logged.
func (b *Bot) say(ctx context.Context, room id.RoomID, key string, text lang.Text) error {
	err := b.stored(ctx, func() error { return b.guardPlaintext(ctx, room, false) })
	if err == nil {
		content := b.message(b.sentence(b.speaks(ctx, room), text))
		txn := transactionID(id.EventID(room), key)
		_, err = b.send(ctx, room, content, txn, func(ctx context.Context) (id.EventID, error) { return b.sentAs(ctx, txn), nil })
	}
	if err != nil && ctx.Err() == nil {
		b.log.Warn().Err(err).Stringer("room_id", room).Msg("Cannot say something")
	}
	return err
}

// sentence is an answer of one paragraph in the bot's own words, which write
// commands with "!" whatever the prefix is.
func (b *Bot) sentence(l lang.Code, text lang.Text) *answer.Answer {
	return answer.New(l, nil).Para(answer.Prose(strings.ReplaceAll(text.In(l), "`!", "`"+b.cfg.Bot.Prefix)))
}

// message renders an answer as an m.notice that mentions nobody: bots ignore
// notices, so that no two bots ever talk to each other, and nobody is pinged
// by what someone else wrote (MSC3952, Matrix 1.7).
func (b *Bot) message(a *answer.Answer) *event.MessageEventContent {
	body, html := answer.Matrix(a, answer.Options{})
	content := &event.MessageEventContent{MsgType: event.MsgNotice, Body: body, Mentions: &event.Mentions{}}
	if html != "" {
		content.Format, content.FormattedBody = event.FormatHTML, html
	}
	return content
}

// errUnknownEncryption is why nothing is sent to a room whose state says that it
// is encrypted, but not in the one way that there is: its members may not know
// better than that it is.
var errUnknownEncryption = errors.New("the room is encrypted in a way that is not known here, or its encryption was removed: not answering in plaintext")

// guardPlaintext makes sure that the bot knows whether a room is encrypted.
// Where the library's state has nothing on that, the homeserver is asked once:
// a gap in that state must not turn an answer into plaintext. What the library
// then sends is encrypted if, and only if, the algorithm is Megolm.
func (b *Bot) guardPlaintext(ctx context.Context, room id.RoomID, asked bool) error {
	encryption, err := b.state.GetEncryptionEvent(ctx, room)
	if err != nil {
		return fmt.Errorf("finding out whether the room is encrypted: %w", err)
	}
	if encryption == nil {
		if _, checked := b.plainRooms.Load(room); !checked {
			if encryption, err = b.fetchEncryption(ctx, room); err != nil {
				return err
			}
		}
	}
	switch {
	case encryption == nil && asked:
		return errPlaintext
	case encryption == nil:
		return nil
	case encryption.Algorithm != id.AlgorithmMegolmV1:
		return errUnknownEncryption
	case b.crypto == nil:
		return errors.New("the room is encrypted and encryption is switched off: not answering in plaintext")
	}
	return nil
}

// fetchEncryption asks the homeserver for a room's m.room.encryption and
// brings the state store up to date. It returns nil where there is none.
func (b *Bot) fetchEncryption(ctx context.Context, room id.RoomID) (*event.EncryptionEventContent, error) {
	content := &event.EncryptionEventContent{}
	err := b.retry(ctx, func() error {
		return b.client.StateEvent(mautrix.WithMaxRetries(ctx, 0), room, event.StateEncryption, "", content)
	})
	switch {
	case errors.Is(err, mautrix.MNotFound):
		b.plainRooms.Store(room, true)
		return nil, nil
	case err != nil:
		return nil, fmt.Errorf("finding out whether the room is encrypted: %w", err)
	}
	if err := b.state.SetEncryptionEvent(ctx, room, content); err != nil {
		return nil, err
	}
	// Whoever was missed with the state would not get the key either.
	var members *mautrix.RespMembers
	err = b.retry(ctx, func() (err error) {
		members, err = b.client.Members(mautrix.WithMaxRetries(ctx, 0), room)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("fetching the room's members: %w", err)
	}
	return content, b.state.ReplaceCachedMembers(ctx, room, members.Chunk)
}

// send sends the content of a message until the homeserver has it, refuses it for good or
// ctx ends. After a failure that may have come after the message had arrived,
// such as a broken connection, sent is asked for its event ID first; the
// transaction ID alone does not help when the homeserver was restarted. Where
// the message was sent twice all the same, the event that stands is returned.
// Without sent it does not matter how often a message is sent.
func (b *Bot) send(ctx context.Context, room id.RoomID, content any, txnID string, sent func(context.Context) (id.EventID, error)) (id.EventID, error) {
	byProxy := 0
	for attempt := 0; ; attempt++ {
		once, cancel := context.WithTimeout(mautrix.WithMaxRetries(ctx, 0), sendTimeout)
		resp, err := b.client.SendMessageEvent(once, room, event.EventMessage, content, mautrix.ReqSendEvent{TransactionID: txnID})
		cancel()
		if err == nil {
			if sent == nil {
				return resp.EventID, nil
			}
			return b.noteSent(ctx, room, txnID, resp.EventID), nil
		}
		if b.refused(err, &byProxy) {
			return "", err
		}
		b.log.Debug().Err(err).Stringer("room_id", room).Int("attempt", attempt+1).Msg("Sending failed")
		if !sleep(ctx, b.pause(attempt, err)) {
			return "", ctx.Err()
		}
		if sent != nil && retryAfter(err) == 0 {
			if reply, err := b.findEarlier(ctx, true, func() (id.EventID, error) { return sent(ctx) }); err != nil || reply != "" {
				return reply, err
			}
		}
	}
}

// transactionID derives a transaction ID from the event that makes the bot
// send something, so that sending it twice gives one event.
func transactionID(trigger id.EventID, part string) string {
	sum := sha256.Sum256([]byte(string(trigger) + "\x00" + part))
	return "w" + base64.RawURLEncoding.EncodeToString(sum[:18])
}
