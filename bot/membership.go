package bot

import (
	"context"
	"slices"

	"maunium.net/go/mautrix"
	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"

	"wolkwijs/commands"
	"wolkwijs/store"
)

// arrive is the first thing that the bot does in a room that it has just
// joined: it introduces itself, once, or goes on as in the room that this one
// replaces, whichever way it came in: members of a room by invitation are
// invited to its replacement only after it was replaced.
func (b *Bot) arrive(ctx context.Context, room id.RoomID) {
	tombstone, err := b.replaced(ctx, room)
	followed := false
	if err == nil && tombstone == nil {
		followed, err = b.followed(ctx, room)
	}
	var kept store.Room
	if err == nil {
		// Read last: where the old room was left meanwhile it is not found any
		// more, but this one was marked as welcomed before that.
		err = b.stored(ctx, func() (err error) {
			kept, _, err = b.store.Room(ctx, room)
			return err
		})
	}
	switch {
	case err != nil: // it is not welcomed, so the next start goes on here
		if ctx.Err() == nil {
			b.log.Warn().Err(err).Stringer("room_id", room).Msg("Cannot find out why the bot is in a room")
		}
	case kept.Welcomed: // it was followed to meanwhile
		b.aside(func(ctx context.Context) { b.describe(ctx, room) })
	case tombstone != nil:
		b.inherit(ctx, tombstone)
	case followed:
		b.log.Warn().Stringer("room_id", room).Msg("Leaving a room that replaces none that the bot is in")
		b.leave(ctx, room)
	default:
		b.welcome(ctx, room)
		b.aside(func(ctx context.Context) { b.describe(ctx, room) })
	}
}

// welcome introduces the bot in a room.
func (b *Bot) welcome(ctx context.Context, room id.RoomID) {
	text := textWelcomeGroup
	if b.kind(ctx, room) == commands.Direct {
		text = textWelcomeDirect
	}
	if b.say(ctx, room, "welcome", text) != nil {
		return
	}
	if err := b.store.SetWelcomed(context.WithoutCancel(ctx), room); err != nil {
		b.log.Error().Err(err).Stringer("room_id", room).Msg("Cannot note that a room was welcomed")
	}
}

// someoneLeft says whether the news of a room tells that a member left.
func (b *Bot) someoneLeft(news *mautrix.SyncJoinedRoom) bool {
	for _, list := range [][]*event.Event{news.State.Events, news.Timeline.Events} {
		for _, evt := range list {
			if evt.Type != event.StateMember || evt.GetStateKey() == string(b.client.UserID) {
				continue
			}
			if m := evt.Content.AsMember().Membership; m == event.MembershipLeave || m == event.MembershipBan {
				return true
			}
		}
	}
	return false
}

// hasState says whether the news of a room sets state of a type.
func hasState(news *mautrix.SyncJoinedRoom, t event.Type) bool {
	isOfType := func(evt *event.Event) bool { return evt.Type == t }
	return slices.ContainsFunc(news.State.Events, isOfType) || slices.ContainsFunc(news.Timeline.Events, isOfType)
}

// leaveIfEmpty leaves a room in which nobody else is left or invited.
func (b *Bot) leaveIfEmpty(ctx context.Context, room id.RoomID) {
	members, err := b.state.GetRoomJoinedOrInvitedMembers(ctx, room)
	if err != nil {
		b.log.Warn().Err(err).Stringer("room_id", room).Msg("Cannot count the members")
		return
	}
	if len(members) > 1 {
		return
	}
	b.log.Info().Stringer("room_id", room).Msg("Leaving an empty room")
	b.leave(ctx, room)
}

// leave leaves a room; what was kept of it goes when the sync confirms it.
func (b *Bot) leave(ctx context.Context, room id.RoomID) {
	err := b.retry(ctx, func() error {
		_, err := b.client.LeaveRoom(mautrix.WithMaxRetries(ctx, 0), room)
		return err
	})
	if err != nil && ctx.Err() == nil {
		b.log.Warn().Err(err).Stringer("room_id", room).Msg("Cannot leave a room")
	}
}
