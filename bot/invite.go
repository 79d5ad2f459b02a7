package bot

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"maunium.net/go/mautrix"
	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"
)

// pendingInvites answers the invites that came while the bot was off. A sync
// tells of an invite only once, so they are asked for anew at each start.
func (b *Bot) pendingInvites(ctx context.Context) {
	none := &mautrix.FilterPart{NotTypes: []event.Type{event.NewEventType("*")}}
	filter := &mautrix.Filter{Presence: none, AccountData: none, Room: &mautrix.RoomFilter{
		AccountData: none, Ephemeral: none, State: none, Timeline: none,
	}}
	b.aside(func(context.Context) {
		err := b.retry(ctx, func() error {
			res, err := b.client.FullSyncRequest(ctx, mautrix.ReqSync{FilterID: inline(filter)})
			if err != nil {
				return err
			}
			for room, invite := range res.Rooms.Invite {
				b.invited(room, invite)
			}
			return nil
		})
		if err != nil && ctx.Err() == nil {
			b.log.Warn().Err(err).Msg("Cannot look for invites that came meanwhile")
		}
	})
}

// invited answers an invite: it joins, or declines and says why.
func (b *Bot) invited(room id.RoomID, invite *mautrix.SyncInvitedRoom) {
	own := b.ownMembership(invite.State.Events, event.MembershipInvite)
	if own == nil {
		return
	}
	if _, busy := b.joining.LoadOrStore(room, true); busy {
		return
	}
	direct, _ := own.Content.Raw["is_direct"].(bool)
	inviter := own.Sender
	b.aside(func(ctx context.Context) {
		defer b.joining.Delete(room)
		if !b.mayInvite(ctx, inviter) {
			b.log.Info().Stringer("room_id", room).Msg("Declining an invite")
			err := b.retry(ctx, func() error {
				_, err := b.client.LeaveRoom(ctx, room, &mautrix.ReqLeave{Reason: textDeclined.In(b.cfg.Bot.Language)})
				return err
			})
			if err != nil && ctx.Err() == nil {
				b.log.Warn().Err(err).Stringer("room_id", room).Msg("Cannot decline an invite")
			}
			return
		}
		b.join(ctx, room, inviter, direct)
	})
}

// join joins a room, and notes that it is a direct message before anything
// that is said there arrives.
func (b *Bot) join(ctx context.Context, room id.RoomID, inviter id.UserID, direct bool) {
	if direct {
		if err := b.stored(ctx, func() error { return b.store.SetDirect(ctx, room) }); err != nil {
			b.log.Error().Err(err).Stringer("room_id", room).Msg("Cannot note a direct message")
		}
	}
	if err := b.enter(ctx, room, inviter, "", func() bool { return true }); err != nil {
		b.log.Warn().Err(err).Stringer("room_id", room).Msg("Cannot join a room")
		return
	}
	b.log.Info().Stringer("room_id", room).Bool("direct", direct).Msg("Joined a room")
	if direct {
		b.noteDirect(ctx, room, inviter)
	}
}

// enter joins a room, by way of the homeserver of someone who is in it. It
// tries for a day, while that is still wanted.
func (b *Bot) enter(ctx context.Context, room id.RoomID, by id.UserID, reason string, wanted func() bool) error {
	_, server, _ := strings.Cut(string(by), ":")
	started := b.store.Now()
	for attempt := 0; ; attempt++ {
		_, err := b.client.JoinRoom(mautrix.WithMaxRetries(ctx, 0), string(room), &mautrix.ReqJoinRoom{Via: []string{server}, Reason: reason})
		// A room can be gone for a moment while its server is being
		// restarted, so only a plain refusal ends it early.
		if err == nil || errors.Is(err, mautrix.MForbidden) || b.store.Now().Sub(started) > joinFor {
			return err
		}
		if !sleep(ctx, b.pause(attempt, err)) || !wanted() {
			return err
		}
	}
}

// joinFor is how long the bot tries to join a room.
const joinFor = 24 * time.Hour

// noteDirect adds a room to the account's direct messages (m.direct), so that
// every client of this account knows too.
func (b *Bot) noteDirect(ctx context.Context, room id.RoomID, with id.UserID) {
	direct := event.DirectChatsEventContent{}
	err := b.client.GetAccountData(ctx, event.AccountDataDirectChats.Type, &direct)
	if err == nil || errors.Is(err, mautrix.MNotFound) {
		if slices.Contains(direct[with], room) {
			return
		}
		direct[with] = append(direct[with], room)
		err = b.client.SetAccountData(ctx, event.AccountDataDirectChats.Type, direct)
	}
	if err != nil && ctx.Err() == nil {
		b.log.Warn().Err(err).Stringer("room_id", room).Msg("Cannot note a direct message on the homeserver")
	}
}

// mayInvite says whether the configuration lets user invite the bot: as a
// person, by their homeserver, or as a member of a room or space. Whether the
// bot can see who is in a room depends on that room; it always can where it
// is a member itself.
func (b *Bot) mayInvite(ctx context.Context, user id.UserID) bool {
	if slices.Contains(b.cfg.Bot.Admins, user) {
		return true
	}
	_, server, _ := strings.Cut(string(user), ":")
	for _, allowed := range b.cfg.Matrix.AllowInvitesFrom {
		switch allowed[0] {
		case '#', '!':
			if b.isMember(ctx, allowed, user) {
				return true
			}
		default:
			if allowed == "*" || allowed == server || allowed == string(user) {
				return true
			}
		}
	}
	return false
}

// isMember says whether user has joined a room or space, by its ID or alias.
func (b *Bot) isMember(ctx context.Context, room string, user id.UserID) bool {
	var members *mautrix.RespJoinedMembers
	err := b.retry(ctx, func() error {
		once, roomID := mautrix.WithMaxRetries(ctx, 0), id.RoomID(room)
		if room[0] == '#' {
			alias, err := b.client.ResolveAlias(once, id.RoomAlias(room))
			if err != nil {
				return err
			}
			roomID = alias.RoomID
		}
		var err error
		members, err = b.client.JoinedMembers(once, roomID)
		return err
	})
	if err != nil {
		b.log.Warn().Err(err).Msg("Cannot see who is in a room of matrix.allow_invites_from; invite the bot there")
		return false
	}
	_, in := members.Joined[user]
	return in
}
