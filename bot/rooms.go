package bot

import (
	"context"
	"fmt"
	"slices"

	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"

	"wolkwijs/commands"
	"wolkwijs/lang"
	"wolkwijs/store"
)

// kind says whether a room is a direct message. Where that cannot be found out
// it counts as a group, in which the bot keeps quiet unless it is addressed.
func (b *Bot) kind(ctx context.Context, room id.RoomID) commands.RoomKind {
	var kind commands.RoomKind
	err := b.stored(ctx, func() (err error) {
		kind, _, err = b.place(ctx, room)
		return err
	})
	if err != nil {
		b.log.Warn().Err(err).Stringer("room_id", room).Msg("Cannot find out whether a room is a direct message")
		return commands.Group
	}
	return kind
}

// place returns the kind of a room and the language chosen for it, or nothing.
// A room is a direct message if it has two members, and was made as one or has
// no name.
func (b *Bot) place(ctx context.Context, room id.RoomID) (commands.RoomKind, lang.Code, error) {
	kept, known, err := b.store.Room(ctx, room)
	if err != nil {
		return 0, "", fmt.Errorf("reading the room's settings: %w", err)
	}
	if !kept.Direct && (!known || kept.Named) {
		return commands.Group, kept.Language, nil
	}
	members, err := b.state.GetRoomJoinedOrInvitedMembers(ctx, room)
	if err != nil {
		return 0, "", fmt.Errorf("counting the members: %w", err)
	}
	if len(members) > 2 {
		return commands.Group, kept.Language, nil
	}
	return commands.Direct, kept.Language, nil
}

// language returns the language chosen for a room, or nothing.
func (b *Bot) language(ctx context.Context, room id.RoomID) lang.Code {
	var kept store.Room
	err := b.stored(ctx, func() (err error) {
		kept, _, err = b.store.Room(ctx, room)
		return err
	})
	if err != nil {
		b.log.Warn().Err(err).Stringer("room_id", room).Msg("Cannot read the room's language")
	}
	return kept.Language
}

// speaks returns the language for the bot's own sentences in a room.
func (b *Bot) speaks(ctx context.Context, room id.RoomID) lang.Code {
	if l := b.language(ctx, room); l != "" {
		return l
	}
	return b.cfg.Bot.Language
}

// rights says what user may do in a room: change its settings with the power
// level that changes its state, or when it is a direct message.
func (b *Bot) rights(ctx context.Context, room id.RoomID, user id.UserID, kind commands.RoomKind) commands.Rights {
	rights := commands.Rights{
		RoomAdmin: kind == commands.Direct,
		BotAdmin:  slices.Contains(b.cfg.Bot.Admins, user),
	}
	if rights.RoomAdmin {
		return rights
	}
	var levels *event.PowerLevelsEventContent
	err := b.stored(ctx, func() (err error) {
		levels, err = b.state.GetPowerLevels(ctx, room)
		return err
	})
	if err != nil {
		b.log.Warn().Err(err).Stringer("room_id", room).Msg("Cannot read the power levels")
	}
	if levels != nil {
		rights.RoomAdmin = levels.GetUserLevel(user) >= levels.GetEventLevel(event.StateRoomName)
	}
	return rights
}
