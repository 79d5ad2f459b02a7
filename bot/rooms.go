package bot

import (
	"context"
	"slices"

	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"

	"wolkwijs/commands"
	"wolkwijs/lang"
)

// kind says whether a room is a direct message: it has two members, and it
// was made as one or has no name. Where that cannot be found out it counts as
// a group, in which the bot keeps quiet unless it is addressed.
func (b *Bot) kind(ctx context.Context, room id.RoomID) commands.RoomKind {
	kind, _ := b.place(ctx, room)
	return kind
}

// place returns the kind of a room, as kind does, and the language chosen for
// it, or nothing.
func (b *Bot) place(ctx context.Context, room id.RoomID) (commands.RoomKind, lang.Code) {
	kept, known, err := b.store.Room(ctx, room)
	if err != nil {
		b.log.Warn().Err(err).Stringer("room_id", room).Msg("Cannot read the room's settings")
		return commands.Group, ""
	}
	if !kept.Direct && (!known || kept.Named) {
		return commands.Group, kept.Language
	}
	members, err := b.state.GetRoomJoinedOrInvitedMembers(ctx, room)
	if err != nil {
		b.log.Warn().Err(err).Stringer("room_id", room).Msg("Cannot count the members")
		return commands.Group, kept.Language
	}
	if len(members) > 2 {
		return commands.Group, kept.Language
	}
	return commands.Direct, kept.Language
}

// language returns the language chosen for a room, or nothing.
func (b *Bot) language(ctx context.Context, room id.RoomID) lang.Code {
	kept, _, err := b.store.Room(ctx, room)
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
	levels, err := b.state.GetPowerLevels(ctx, room)
	if err != nil {
		b.log.Warn().Err(err).Stringer("room_id", room).Msg("Cannot read the power levels")
	}
	if levels != nil {
		rights.RoomAdmin = levels.GetUserLevel(user) >= levels.GetEventLevel(event.StateRoomName)
	}
	return rights
}
