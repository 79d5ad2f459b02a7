package bot

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"

	"maunium.net/go/mautrix"
	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"

	"wolkwijs/store"
)

// A room is replaced by another one with a tombstone (Matrix specification,
// client-server API, "Room Upgrades"). The bot follows, with what it keeps of
// the room, if
//
//  1. who sent the tombstone has the power to replace the room, and
//  2. the other room names this one as the one before it.
//
// The second can only be seen from within, so the bot has to join first. The
// join says why: whatever happens in between, a room that was joined for a
// tombstone and turns out to replace nothing is left again, and no other is.
//
// What is kept moves in the turn of the old room, where nothing else is being
// answered or posted then, and while the tombstone is in the inbox: it is gone
// through again at the next start, until it is all done.

// upgraded follows a room to the one that replaces it. A room that the bot is
// not in yet is joined aside: its homeserver may be away for long.
func (b *Bot) upgraded(ctx context.Context, evt *event.Event) {
	old, next := evt.RoomID, evt.Content.AsTombstone().ReplacementRoom
	may := false
	var rooms []id.RoomID
	var before *event.Event
	var err error
	if next != "" && next != old {
		may, err = b.mayUpgrade(ctx, evt)
	}
	if may {
		rooms, err = b.joinedRooms(ctx)
	}
	if may && err == nil {
		before, err = b.replaced(ctx, old)
	}
	if before != nil && err == nil {
		var open bool
		if open, err = b.isOpen(ctx, before.ID); !open {
			before = nil // done with, though the bot is in that room again or still
		}
	}
	switch {
	case err != nil: // it comes again at the next start
		b.cannotFollow(ctx, old, err)
	case before != nil: // what moves to this room goes first, and takes this up
	case may && slices.Contains(rooms, old) && !slices.Contains(rooms, next):
		b.follow(ctx, evt)
	case may:
		b.settle(ctx, evt)
	default:
		b.done(ctx, evt.ID, "")
	}
}

// isOpen says whether an event in the inbox is still to be handled.
func (b *Bot) isOpen(ctx context.Context, evt id.EventID) (open bool, err error) {
	err = b.stored(ctx, func() error {
		pending, err := b.store.Pending(ctx)
		open = slices.ContainsFunc(pending, func(e store.Event) bool { return e.ID == evt })
		return err
	})
	return open, err
}

// follow joins the room that a tombstone names, beside the queues. One room is
// tried for each that was replaced: that of the newest tombstone.
func (b *Bot) follow(ctx context.Context, evt *event.Event) {
	old := evt.RoomID
	if before, busy := b.following.Swap(old, evt); busy {
		if before := before.(*event.Event); before.ID != evt.ID {
			b.done(ctx, before.ID, "")
		}
		return
	}
	b.aside(func(ctx context.Context) {
		for {
			newest, _ := b.following.Load(old)
			evt := newest.(*event.Event)
			next := evt.Content.AsTombstone().ReplacementRoom
			err := b.enter(ctx, next, evt.Sender, textFollowing.In(b.cfg.Bot.Language), func() bool {
				newest, _ := b.following.Load(old)
				_, came := b.joinedAt.Load(next) // an answer that never came does not mean that the bot is not in
				return newest == any(evt) && !came && b.isKept(ctx, old)
			})
			if ctx.Err() != nil {
				b.following.Delete(old)
				return
			}
			if !b.following.CompareAndDelete(old, evt) {
				continue // a newer one has come
			}
			if err != nil {
				b.cannotFollow(ctx, old, err)
			}
			b.queues.push(incoming{room: old, task: func(ctx context.Context) { b.settle(ctx, evt) }})
			return
		}
	})
}

// isKept says whether a room is one of those that the bot is in, as far as the
// homeserver has told and the database tells.
func (b *Bot) isKept(ctx context.Context, room id.RoomID) bool {
	var kept store.Room
	err := b.stored(ctx, func() (err error) {
		kept, _, err = b.store.Room(ctx, room)
		return err
	})
	return err != nil || kept.Joined
}

// inherit goes on in a room as in the one that it replaces. The room's own
// settings come first, before anything is answered in it; the rest in the turn
// of the old room.
func (b *Bot) inherit(ctx context.Context, tombstone *event.Event) {
	old, next := tombstone.RoomID, tombstone.Content.AsTombstone().ReplacementRoom
	err := b.stored(ctx, func() error {
		// It may have been given up when the bot was not invited yet.
		if err := b.store.Reopen(ctx, store.Event{Room: old, ID: tombstone.ID}); err != nil {
			return err
		}
		return b.store.MoveRoom(ctx, old, next)
	})
	if err != nil {
		b.cannotFollow(ctx, old, err)
		return
	}
	b.queues.push(incoming{room: old, task: func(ctx context.Context) { b.settle(ctx, tombstone) }})
	b.aside(func(ctx context.Context) { b.describe(ctx, next) })
}

// settle moves what is kept of a room to the one that replaces it and leaves
// the old one, if the bot is in both, and marks the tombstone as done. What
// the new room has of its own stays. A room that replaces nothing is neither
// changed nor left here: it may be any room that the bot is in.
func (b *Bot) settle(ctx context.Context, tombstone *event.Event) {
	old, next := tombstone.RoomID, tombstone.Content.AsTombstone().ReplacementRoom
	rooms, err := b.joinedRooms(ctx)
	if err == nil && slices.Contains(rooms, old) && slices.Contains(rooms, next) {
		err = b.move(ctx, old, next)
	}
	if err != nil {
		b.cannotFollow(ctx, old, err)
		if !errors.Is(err, errNoSuccessor) {
			return // it comes again at the next start
		}
	}
	if ctx.Err() == nil {
		b.done(ctx, tombstone.ID, "")
	}
}

// goesOn takes up the tombstone that a room has already when another one moves
// there, and returns it: rooms may be replaced again while the bot is off.
func (b *Bot) goesOn(ctx context.Context, room id.RoomID) (*event.Event, error) {
	evt, err := b.tombstone(ctx, room)
	if err != nil || evt == nil || b.isSelf(evt.Sender) {
		return nil, err
	}
	err = b.stored(ctx, func() error { return b.store.Add(ctx, store.Event{Room: room, ID: evt.ID}) })
	return evt, err
}

// errNoSuccessor is why a room is not followed to one that the bot is in.
var errNoSuccessor = errors.New("the replacement does not name this room as the one before it")

// move moves what is kept of a room to the one that replaces it, and leaves it.
func (b *Bot) move(ctx context.Context, old, next id.RoomID) error {
	before, err := b.predecessor(ctx, next)
	if err != nil {
		return err
	}
	if before != old {
		return errNoSuccessor
	}
	err = b.stored(ctx, func() error {
		if err := b.store.MoveRoom(ctx, old, next); err != nil {
			return err
		}
		return b.store.MoveJobs(ctx, old, next)
	})
	if err != nil {
		return err
	}
	further, err := b.goesOn(ctx, next)
	if err != nil {
		return err
	}
	b.log.Info().Stringer("room_id", next).Msg("Followed a room to its replacement")
	b.leave(ctx, old)
	if further != nil {
		b.queues.push(incoming{room: next, task: func(ctx context.Context) { b.upgraded(ctx, further) }})
	}
	return nil
}

// cannotFollow logs why a room is not followed.
func (b *Bot) cannotFollow(ctx context.Context, old id.RoomID, err error) {
	if ctx.Err() == nil {
		b.log.Warn().Err(err).Stringer("room_id", old).Msg("Not following a room to its replacement")
	}
}

// mayUpgrade says whether the sender of a tombstone has the power to replace
// the room.
func (b *Bot) mayUpgrade(ctx context.Context, evt *event.Event) (bool, error) {
	var levels *event.PowerLevelsEventContent
	err := b.stored(ctx, func() (err error) {
		levels, err = b.state.GetPowerLevels(ctx, evt.RoomID)
		return err
	})
	if err != nil {
		return false, fmt.Errorf("reading the power levels: %w", err)
	}
	if levels == nil { // the /sync that tells of the room is still to come
		state, err := b.roomState(ctx, evt.RoomID)
		if err != nil {
			return false, err
		}
		if found := stateOf(state, event.StatePowerLevels); found != nil {
			levels = found.Content.AsPowerLevels()
			levels.CreateEvent = stateOf(state, event.StateCreate)
		}
	}
	return levels != nil && levels.GetUserLevel(evt.Sender) >= levels.GetEventLevel(event.StateTombstone), nil
}

// replaced returns the tombstone by which a room that the bot is in was
// replaced by next, or nil if there is no such room.
func (b *Bot) replaced(ctx context.Context, next id.RoomID) (*event.Event, error) {
	old, err := b.predecessor(ctx, next)
	if err != nil || old == "" || old == next {
		return nil, err
	}
	rooms, err := b.joinedRooms(ctx)
	if err != nil || !slices.Contains(rooms, old) {
		return nil, err
	}
	evt, err := b.tombstone(ctx, old)
	if err != nil || evt == nil || evt.Content.AsTombstone().ReplacementRoom != next {
		return nil, err
	}
	if may, err := b.mayUpgrade(ctx, evt); err != nil || !may {
		return nil, err
	}
	return evt, nil
}

// tombstone returns the tombstone that a room has which the bot is in, or nil.
func (b *Bot) tombstone(ctx context.Context, room id.RoomID) (*event.Event, error) {
	state, err := b.roomState(ctx, room)
	return stateOf(state, event.StateTombstone), err
}

// roomState returns the state of a room that the bot is in, as whole events:
// their content does not tell who sent them. Of another room it returns none.
func (b *Bot) roomState(ctx context.Context, room id.RoomID) (state []*event.Event, err error) {
	err = b.retry(ctx, func() (err error) {
		state, err = b.client.StateAsArray(mautrix.WithMaxRetries(ctx, 0), room)
		return err
	})
	if permanent(err) && !byProxy(err) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("reading the state of a room: %w", err)
	}
	for _, evt := range state {
		evt.RoomID = room
		prepare(evt)
	}
	return state, nil
}

// stateOf returns the event of a type with an empty state key, or nil.
func stateOf(state []*event.Event, t event.Type) *event.Event {
	for _, evt := range state {
		if evt.Type.Type == t.Type && evt.StateKey != nil && *evt.StateKey == "" {
			return evt
		}
	}
	return nil
}

// predecessor returns the room that a room which the bot is in names as the
// one before it, or nothing.
func (b *Bot) predecessor(ctx context.Context, room id.RoomID) (id.RoomID, error) {
	var create *event.Event
	err := b.stored(ctx, func() (err error) {
		create, err = b.state.GetCreate(ctx, room)
		return err
	})
	if err != nil {
		return "", fmt.Errorf("reading how a room was made: %w", err)
	}
	if create != nil {
		return create.Content.AsCreate().GetPredecessor().RoomID, nil
	}
	// The /sync that tells of the room is still to come. The library's own
	// method would store the answer as an event that nobody sent, and so take
	// the power from those who made the room (room version 12).
	var content event.CreateEventContent
	err = b.retry(ctx, func() error {
		url := b.client.BuildClientURL("v3", "rooms", room, "state", event.StateCreate.Type, "")
		_, err := b.client.MakeRequest(mautrix.WithMaxRetries(ctx, 0), http.MethodGet, url, nil, &content)
		return err
	})
	if err != nil {
		return "", fmt.Errorf("asking how a room was made: %w", err)
	}
	return content.GetPredecessor().RoomID, nil
}

// followed says whether the bot joined a room because of a tombstone, and not
// because it was invited.
func (b *Bot) followed(ctx context.Context, room id.RoomID) (bool, error) {
	var own event.MemberEventContent
	err := b.retry(ctx, func() error {
		return b.client.StateEvent(mautrix.WithMaxRetries(ctx, 0), room, event.StateMember, string(b.client.UserID), &own)
	})
	if err != nil {
		return false, fmt.Errorf("asking why the bot joined a room: %w", err)
	}
	return own.Reason == textFollowing.NL || own.Reason == textFollowing.EN, nil
}
