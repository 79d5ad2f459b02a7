package bot

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"maunium.net/go/mautrix"
	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/event/cmdschema"
	"maunium.net/go/mautrix/id"

	"wolkwijs/commands"
	"wolkwijs/lang"
)

// Describer is an [Answerer] that can say which commands it has, by their
// names in a language.
type Describer interface {
	Describe(l lang.Code) []commands.Description
}

// argument is the key of the one parameter that a command is described with:
// what follows its name, as people write it.
const argument = "text"

// describePace is the pause between two descriptions in a room. Nobody waits
// for them, and answers must not be held up: homeservers count state among the
// messages that they let a user send in a time.
const describePace = 5 * time.Second

// described is the content of a command description (MSC4391, "Command
// description", under its unstable name), in the form that the library reads.
type described struct {
	Command     string           `json:"command"`
	Aliases     []string         `json:"aliases,omitempty"`
	Parameters  []describedParam `json:"parameters,omitempty"`
	Description describedText    `json:"description"`
	Tail        string           `json:"fi.mau.tail_parameter,omitempty"` // it takes all that is left
}

type describedParam struct {
	Key         string                     `json:"key"`
	Schema      *cmdschema.ParameterSchema `json:"schema"`
	Optional    bool                       `json:"optional,omitempty"`
	Description describedText              `json:"description"`
}

// describedText is a text in both languages, the room's first: clients show
// the first that they understand (MSC1767; languages by MSC3554).
type describedText struct {
	Text []describedWords `json:"m.text"`
}

type describedWords struct {
	Body string    `json:"body"`
	Lang lang.Code `json:"org.matrix.msc3554.lang"`
}

// descriptions are the state events that describe the commands in a room of
// language l, by state key.
func (b *Bot) descriptions(l lang.Code) map[string]json.RawMessage {
	describer, ok := b.answerer.(Describer)
	if !ok {
		return nil
	}
	inBoth := func(t lang.Text) describedText {
		languages := []lang.Code{lang.NL, lang.EN}
		if l == lang.EN {
			slices.Reverse(languages)
		}
		var d describedText
		for _, l := range languages {
			d.Text = append(d.Text, describedWords{Body: t.In(l), Lang: l})
		}
		return d
	}
	all := map[string]json.RawMessage{}
	for _, c := range describer.Describe(l) {
		d := described{Command: c.Name, Aliases: c.Aliases, Description: inBoth(c.Summary)}
		if !c.Argument.IsZero() {
			d.Tail = argument
			d.Parameters = []describedParam{{
				Key: argument, Schema: cmdschema.PrimitiveTypeString.Schema(), Optional: c.Optional, Description: inBoth(c.Argument),
			}}
		}
		content, err := json.Marshal(d)
		if err != nil {
			panic(fmt.Sprintf("texts are always JSON: %v", err))
		}
		all[(&cmdschema.EventContent{Command: c.Name}).StateKey(b.client.UserID)] = content
	}
	return all
}

// describe tells the clients in a room which commands there are, if the bot
// has the power to set state there. What the room has already is left alone,
// and what no longer holds is emptied: state cannot be removed. When the bot
// leaves, its descriptions stay; clients hide those of who is not there.
func (b *Bot) describe(ctx context.Context, room id.RoomID) {
	b.describing.Lock()
	defer b.describing.Unlock()
	wanted := b.descriptions(b.speaks(ctx, room))
	sum := fingerprint(wanted)
	kept, known, err := b.store.Room(ctx, room)
	if err != nil || !known || len(wanted) == 0 || kept.Described == sum || !b.mayDescribe(ctx, room) {
		return
	}
	if err = b.publish(ctx, room, wanted); err == nil {
		err = b.store.SetDescribed(ctx, room, sum)
	}
	if err != nil && ctx.Err() == nil {
		b.log.Warn().Err(err).Stringer("room_id", room).Msg("Cannot describe the commands in a room")
	}
}

// publish brings the descriptions in a room's state in line with wanted.
func (b *Bot) publish(ctx context.Context, room id.RoomID, wanted map[string]json.RawMessage) error {
	var state []*event.Event
	err := b.retry(ctx, func() (err error) {
		state, err = b.client.StateAsArray(mautrix.WithMaxRetries(ctx, 0), room)
		return err
	})
	if err != nil {
		return fmt.Errorf("reading the room's state: %w", err)
	}
	changes := maps.Clone(wanted)
	for _, evt := range state {
		if evt.Type.Type != event.StateMSC4391BotCommand.Type || !b.isSelf(evt.Sender) {
			continue
		}
		key := evt.GetStateKey()
		switch content, ok := wanted[key]; {
		case ok && sameJSON(content, evt.Content.VeryRaw):
			delete(changes, key)
		case !ok && !sameJSON(json.RawMessage("{}"), evt.Content.VeryRaw):
			changes[key] = json.RawMessage("{}")
		}
	}
	for i, key := range slices.Sorted(maps.Keys(changes)) {
		if i > 0 && !sleep(ctx, describePace) {
			return ctx.Err()
		}
		err := b.retry(ctx, func() error {
			_, err := b.client.SendStateEvent(mautrix.WithMaxRetries(ctx, 0), room, event.StateMSC4391BotCommand, key, changes[key])
			return err
		})
		if err != nil {
			return fmt.Errorf("setting the room's state: %w", err)
		}
	}
	return nil
}

// mayDescribe says whether the bot has the power to describe its commands in
// a room.
func (b *Bot) mayDescribe(ctx context.Context, room id.RoomID) bool {
	levels, err := b.state.GetPowerLevels(ctx, room)
	return err == nil && levels != nil && levels.GetUserLevel(b.client.UserID) >= levels.GetEventLevel(event.StateMSC4391BotCommand)
}

// describeAll looks at every room that the bot is in: since the last start it
// may have learned commands.
func (b *Bot) describeAll(ctx context.Context) {
	rooms, err := b.store.Rooms(ctx)
	if err != nil {
		b.log.Warn().Err(err).Msg("Cannot list the rooms")
	}
	for _, room := range rooms {
		if ctx.Err() != nil {
			return
		}
		b.describe(ctx, room)
	}
}

// fingerprint tells sets of descriptions apart.
func fingerprint(descriptions map[string]json.RawMessage) string {
	h := sha256.New()
	for _, key := range slices.Sorted(maps.Keys(descriptions)) {
		fmt.Fprintf(h, "%s %s\n", key, descriptions[key])
	}
	return base64.RawURLEncoding.EncodeToString(h.Sum(nil)[:12])
}

// sameJSON says whether two objects are the same, however they are written.
func sameJSON(a, b json.RawMessage) bool {
	canonical := func(raw json.RawMessage) []byte {
		var value any
		if json.Unmarshal(raw, &value) != nil {
			return nil
		}
		text, _ := json.Marshal(value) // keys in order
		return text
	}
	x, y := canonical(a), canonical(b)
	return x != nil && bytes.Equal(x, y)
}

// invoked returns the text of a command that a client sent by its description
// (MSC4391, "Command invocation"); the text that came along is of the client's
// own making. It is for the bot only if the bot alone is mentioned: the same
// command may be another bot's too.
func (b *Bot) invoked(content *event.MessageEventContent) (text string, forBot bool) {
	command := content.MSC4391BotCommand
	if !content.Mentions.Has(b.client.UserID) || len(content.Mentions.UserIDs) != 1 {
		return "", false
	}
	var arguments map[string]any
	_ = json.Unmarshal(command.Arguments, &arguments) // none, or no object: nothing follows the name
	words, _ := arguments[argument].(string)
	return strings.TrimSpace(b.cfg.Bot.Prefix + command.Command + " " + words), true
}
