package bot

import (
	"context"
	"errors"
	"slices"
	"strings"

	"maunium.net/go/mautrix"
	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"

	"wolkwijs/commands"
)

// welcome introduces the bot in a room it has just joined, once.
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

// upgraded follows a room to the one that replaces it (Matrix specification,
// client-server API, "Room Upgrades"), with its settings. It does so only for
// someone who has the power to replace the room, and only to a room that
// names this one as the one before it.
func (b *Bot) upgraded(ctx context.Context, evt *event.Event) {
	defer func() {
		if ctx.Err() == nil {
			b.done(ctx, evt.ID, "")
		}
	}()
	old, next := evt.RoomID, evt.Content.AsTombstone().ReplacementRoom
	if next == "" || next == old || !b.mayUpgrade(ctx, evt) {
		return
	}
	// The settings go first: the bot must not introduce itself again.
	if err := b.store.MoveRoom(ctx, old, next); err != nil {
		b.log.Error().Err(err).Stringer("room_id", old).Msg("Cannot move a room's settings")
		return
	}
	_, server, _ := strings.Cut(string(evt.Sender), ":")
	err := b.retry(ctx, func() error {
		_, err := b.client.JoinRoom(mautrix.WithMaxRetries(ctx, 0), string(next), &mautrix.ReqJoinRoom{Via: []string{server}})
		return err
	})
	if ctx.Err() != nil {
		return
	}
	if err == nil {
		err = b.succeeds(ctx, next, old)
		if err != nil {
			b.leave(ctx, next)
		}
	}
	if err != nil {
		b.log.Warn().Err(err).Stringer("room_id", old).Msg("Not following a room to its replacement")
		if err := b.store.ForgetRoom(ctx, next); err != nil {
			b.log.Error().Err(err).Msg("Cannot forget a room")
		}
		return
	}
	// Only now: in a room that the bot is not in yet nothing may fall due.
	if err := b.store.MoveJobs(ctx, old, next); err != nil {
		b.log.Error().Err(err).Stringer("room_id", old).Msg("Cannot move what is done in a room")
		return
	}
	b.log.Info().Stringer("room_id", next).Msg("Followed a room to its replacement")
	b.leave(ctx, old)
}

// mayUpgrade says whether the sender of a tombstone has the power to replace
// the room.
func (b *Bot) mayUpgrade(ctx context.Context, evt *event.Event) bool {
	levels, err := b.state.GetPowerLevels(ctx, evt.RoomID)
	if err != nil || levels == nil {
		b.log.Warn().Err(err).Stringer("room_id", evt.RoomID).Msg("Not following a room: its power levels are unknown")
		return false
	}
	return levels.GetUserLevel(evt.Sender) >= levels.GetEventLevel(event.StateTombstone)
}

// succeeds says whether a room names old as the one before it.
func (b *Bot) succeeds(ctx context.Context, room, old id.RoomID) error {
	var create event.CreateEventContent
	err := b.retry(ctx, func() error {
		return b.client.StateEvent(mautrix.WithMaxRetries(ctx, 0), room, event.StateCreate, "", &create)
	})
	if err != nil {
		return err
	}
	if create.Predecessor == nil || create.Predecessor.RoomID != old {
		return errors.New("the replacement does not name this room as the one before it")
	}
	return nil
}
