package bot

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"maunium.net/go/mautrix"
	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"

	"wolkwijs/store"
)

// receive stores what a /sync brought and hands what may need an answer to
// the queues.
func (b *Bot) receive(ctx context.Context, res *mautrix.RespSync) error {
	batch := &store.Batch{Since: res.NextBatch}
	events := map[id.EventID]*event.Event{}
	var tasks []incoming
	var redescribe []id.RoomID
	var gaps []gapError
	for room, news := range res.Rooms.Join {
		kept, _, err := b.store.Room(ctx, room)
		if err != nil {
			return err
		}
		// Some homeservers tell of a room, while the bot joins it, before they
		// tell that it has. All of that comes again together with the join.
		if !kept.Joined && b.ownMembership(slices.Concat(news.State.Events, news.Timeline.Events), event.MembershipJoin) == nil {
			continue
		}
		told, wanted, fresh, err := b.roomNews(ctx, room, kept, news)
		var gap gapError
		if errors.As(err, &gap) { // the other rooms may have one that fails too
			gaps = append(gaps, gap)
			continue
		}
		if err != nil {
			return err
		}
		if told != nil {
			batch.Rooms = append(batch.Rooms, *told)
		}
		if fresh {
			tasks = append(tasks, incoming{room: room, task: func(ctx context.Context) { b.arrive(ctx, room) }})
		} else if b.someoneLeft(news) {
			tasks = append(tasks, incoming{room: room, task: func(ctx context.Context) { b.leaveIfEmpty(ctx, room) }})
		}
		if !fresh && (!kept.Joined || hasState(news, event.StatePowerLevels)) {
			redescribe = append(redescribe, room)
		}
		if kept.Joined { // else the timeline is of a time before
			batch.Sent = append(batch.Sent, b.ownSent(room, news)...)
		}
		for _, evt := range wanted {
			events[evt.ID] = evt
			batch.Events = append(batch.Events, store.Event{Room: room, ID: evt.ID})
		}
	}
	for _, gap := range gaps {
		if b.gaps == nil {
			b.gaps = map[id.RoomID]int{}
		}
		b.gaps[gap.room]++
	}
	if len(gaps) > 0 {
		return fmt.Errorf("fetching what was said in %d rooms meanwhile: %w", len(gaps), gaps[0])
	}
	fresh, err := b.store.Receive(ctx, b.client.UserID, batch)
	if err != nil {
		return err
	}
	clear(b.gaps)
	backlog := !b.hearing.Load()
	if backlog {
		b.limits.back()
	}
	if batch.Copied {
		b.takeBackCopies(ctx)
	}
	for _, task := range tasks {
		b.queues.push(task)
	}
	for _, e := range fresh {
		if !b.queues.push(incoming{room: e.Room, id: e.ID, event: events[e.ID], backlog: backlog}) {
			b.aside(func(ctx context.Context) { b.done(ctx, e.ID, "") })
		}
	}
	for _, room := range redescribe {
		b.aside(func(ctx context.Context) { b.describe(ctx, room) })
	}
	for room, invite := range res.Rooms.Invite {
		b.invited(room, invite)
	}
	for room := range res.Rooms.Leave {
		if err := b.store.ForgetRoom(ctx, room); err != nil {
			return err
		}
	}
	return nil
}

// roomNews works out what a /sync tells about one room, of which kept was
// known: what to keep of it, which events may need an answer, oldest first, and whether the bot is new
// there and has to introduce itself.
func (b *Bot) roomNews(ctx context.Context, room id.RoomID, kept store.Room, news *mautrix.SyncJoinedRoom) (told *store.RoomNews, wanted []*event.Event, fresh bool, err error) {
	timeline := news.Timeline.Events
	if hasState(news, event.StateEncryption) {
		b.plainRooms.Delete(room) // also where it cannot be parsed, and so is unknown to the state store
	}
	if has := named(news); has != nil || !kept.Joined {
		// Known before the messages are looked at: it decides whom they are for.
		if err := b.store.SetNamed(ctx, room, has != nil && *has); err != nil {
			return nil, nil, false, err
		}
	}
	told = &store.RoomNews{Room: room}
	if len(timeline) > 0 {
		told.LastEvent = timeline[len(timeline)-1].ID
	}
	switch {
	case !kept.Joined:
		if fresh, err = b.newHere(ctx, room, kept, news); err == nil {
			timeline, err = b.sinceInvite(ctx, room, news)
		}
	case news.Timeline.Limited && kept.LastEvent != "":
		timeline, err = b.fillGap(room, news, func(evt *event.Event) (bool, error) {
			// Pages may leave out the very event that the gap begins with. What
			// is known, or is from before the bot came, is before it.
			if evt.ID == kept.LastEvent || b.comes(evt) {
				return true, nil
			}
			return b.answered(ctx, evt.ID)
		})
	}
	if err != nil {
		return nil, nil, false, err
	}
	if kept.Joined && told.LastEvent == "" {
		told = nil // nothing to write
	}
	if kept.Joined && news.Timeline.Limited {
		for _, evt := range news.State.Events {
			if evt.Type == event.StateTombstone {
				wanted = append(wanted, evt)
			}
		}
	}
	for _, evt := range timeline {
		worth, err := b.worthStoring(ctx, evt)
		if err != nil {
			return nil, nil, false, err
		}
		if worth {
			wanted = append(wanted, evt)
		}
	}
	return told, wanted, fresh, nil
}

// newHere says whether the bot has to introduce itself in a room it was not
// in before. It does not where the account was in the room before this bot.
func (b *Bot) newHere(ctx context.Context, room id.RoomID, kept store.Room, news *mautrix.SyncJoinedRoom) (bool, error) {
	join := b.ownJoin(news)
	if join != nil {
		b.joinedAt.Store(room, join.Timestamp)
	}
	if kept.Welcomed {
		return false, nil
	}
	if join == nil {
		return false, b.store.SetWelcomed(ctx, room)
	}
	return true, nil
}

// ownJoin returns the event by which the bot joined a room, or nil if that was
// before this session began.
func (b *Bot) ownJoin(news *mautrix.SyncJoinedRoom) *event.Event {
	join := b.ownMembership(append(append([]*event.Event{}, news.State.Events...), news.Timeline.Events...), event.MembershipJoin)
	// After the first /sync the homeserver tells of a room as joined when the
	// bot has joined it; before that, the clocks have to tell.
	if join == nil || b.session.Since == "" && join.Timestamp < b.session.Created.UnixMilli()-clockSkew {
		return nil
	}
	return join
}

// named says whether the room has a name, or nil where the news does not tell.
func named(news *mautrix.SyncJoinedRoom) *bool {
	var has *bool
	for _, list := range [][]*event.Event{news.State.Events, news.Timeline.Events} {
		for _, evt := range list {
			if evt.Type == event.StateRoomName && evt.GetStateKey() == "" {
				name, _ := evt.Content.Raw["name"].(string)
				given := name != ""
				has = &given
			}
		}
	}
	return has
}

// sinceInvite returns what was said in a room that the bot has just joined,
// from the invite on: clients let people talk to an invited bot at once. What
// is older is history and not for the bot.
func (b *Bot) sinceInvite(ctx context.Context, room id.RoomID, news *mautrix.SyncJoinedRoom) ([]*event.Event, error) {
	join := b.ownJoin(news)
	if join == nil {
		return nil, nil // the account was in the room before this bot was
	}
	isInvite := func(evt *event.Event) bool {
		return b.ownMembership([]*event.Event{evt}, event.MembershipInvite) != nil
	}
	timeline := news.Timeline.Events
	if b.ownMembership(timeline, event.MembershipInvite) == nil && news.Timeline.Limited {
		reached := false
		var err error
		timeline, err = b.fillGap(room, news, func(evt *event.Event) (bool, error) {
			reached = isInvite(evt)
			return reached, nil
		})
		if err != nil || reached {
			return timeline, err
		}
	}
	for i := len(timeline) - 1; i >= 0; i-- {
		if isInvite(timeline[i]) {
			return timeline[i+1:], nil
		}
	}
	for i := len(timeline) - 1; i >= 0; i-- {
		if timeline[i].ID == join.ID {
			return timeline[i+1:], nil
		}
	}
	return news.Timeline.Events, nil // the join is in the state, so before all of this
}

// comes says whether by an event the bot joins a room. A new name or picture of
// its own looks the same but for what was before.
func (b *Bot) comes(evt *event.Event) bool {
	if b.ownMembership([]*event.Event{evt}, event.MembershipJoin) == nil {
		return false
	}
	before := evt.Unsigned.PrevContent
	return before == nil || before.Raw["membership"] != string(event.MembershipJoin)
}

// clockSkew is how far the homeserver's clock may be behind ours, in
// milliseconds.
const clockSkew = 10 * 60 * 1000

// ownMembership returns the last event among events in which the bot's own
// membership became m, or nil.
func (b *Bot) ownMembership(events []*event.Event, m event.Membership) *event.Event {
	for i := len(events) - 1; i >= 0; i-- {
		evt := events[i]
		if evt.Type.Type == event.StateMember.Type && evt.StateKey != nil && *evt.StateKey == string(b.client.UserID) {
			if membership, _ := evt.Content.Raw["membership"].(string); membership == string(m) {
				return evt
			}
		}
	}
	return nil
}

// prepare gives an event that did not come by /sync what the syncer would
// have given it: its class and its parsed content. Content that cannot be
// parsed stays raw.
func prepare(evt *event.Event) *event.Event {
	evt.Type.Class = event.MessageEventType
	if evt.StateKey != nil {
		evt.Type.Class = event.StateEventType
	}
	if evt.Content.Parsed == nil {
		_ = evt.Content.ParseRaw(evt.Type)
	}
	return evt
}

// worthStoring says whether an event may need an answer. What is encrypted
// may; what is not must be for the bot. The error says that the database does
// not tell: then the /sync has to come again.
func (b *Bot) worthStoring(ctx context.Context, evt *event.Event) (bool, error) {
	if b.isSelf(evt.Sender) || evt.ID == "" {
		return false, nil
	}
	if evt.StateKey != nil {
		return evt.Type == event.StateTombstone && *evt.StateKey == "", nil
	}
	switch evt.Type {
	case event.EventEncrypted:
		return b.crypto != nil && evt.Content.Raw["algorithm"] != nil, nil
	case event.EventReaction:
		relates := evt.Content.AsReaction().RelatesTo
		return b.offers.has(evt.RoomID, relates.EventID, relates.Key) || b.rates(evt.RoomID, relates), nil
	case event.EventRedaction:
		return b.answered(ctx, redacts(evt))
	case event.EventMessage:
		if replaced := evt.Content.AsMessage().RelatesTo.GetReplaceID(); replaced != "" {
			if is, err := b.isRequest(ctx, renew(evt)); is || err != nil {
				return is, err
			}
			return b.answered(ctx, replaced)
		}
		return b.isRequest(ctx, evt)
	}
	return false, nil
}

// answered says whether the bot has an event in its inbox, and so may have
// answered it.
func (b *Bot) answered(ctx context.Context, evt id.EventID) (bool, error) {
	_, known, err := b.store.Reply(ctx, evt)
	if err != nil {
		return false, fmt.Errorf("reading the inbox: %w", err)
	}
	return known, nil
}
