package bot

import (
	"context"
	"errors"
	"slices"
	"time"

	"maunium.net/go/mautrix"
	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"
)

const (
	gapPage    = 1000        // events per request when filling a gap
	gapPages   = 5           // requests per gap at most
	gapTimeout = time.Minute // for one of them
	gapTries   = 8           // times that a gap may fail, and the /sync come again for it
)

// fillGap fetches what a limited timeline left out, back to the event for
// which end is true, and returns it with the timeline, oldest first, without
// that event. A gap too long to fill keeps its newest part, and so does one
// that fails again and again: the other rooms wait for it.
func (b *Bot) fillGap(room id.RoomID, news *mautrix.SyncJoinedRoom, end func(*event.Event) (bool, error)) ([]*event.Event, error) {
	older, err := b.fetchGap(room, news.Timeline.PrevBatch, end)
	switch {
	case err == nil:
	case permanent(err) && !byProxy(err):
		b.log.Warn().Err(err).Stringer("room_id", room).Msg("Cannot fetch what was said meanwhile")
	case b.stopping.Err() != nil, loggedOut(err), !errors.As(err, new(mautrix.HTTPError)): // such as the database
		return nil, err
	case b.gaps[room] < gapTries-1:
		return nil, gapError{room, err}
	default:
		b.log.Error().Err(err).Stringer("room_id", room).Msg("Going on without what was said meanwhile: it cannot be fetched")
	}
	all := make([]*event.Event, 0, len(older)+len(news.Timeline.Events))
	for _, evt := range slices.Backward(older) {
		all = append(all, prepare(evt))
	}
	return append(all, news.Timeline.Events...), nil
}

// gapError is why the gap in the timeline of a room is not filled yet.
type gapError struct {
	room id.RoomID
	error
}

func (e gapError) Unwrap() error { return e.error }

// fetchGap fetches events from a place in a room back to the one for which end
// is true, newest first and without that one. After an error it returns those
// it has.
func (b *Bot) fetchGap(room id.RoomID, from string, end func(*event.Event) (bool, error)) (older []*event.Event, err error) {
	for page := 0; page < gapPages && from != ""; page++ {
		events, err := b.fetchPage(room, from)
		if err != nil {
			return older, err
		}
		for _, evt := range events.Chunk {
			evt.RoomID = room
			if done, err := end(evt); done || err != nil {
				return older, err
			}
			older = append(older, evt)
		}
		if len(events.Chunk) == 0 {
			break
		}
		from = events.End
	}
	return older, nil
}

// fetchPage fetches events from a place in a room back. Where the homeserver
// wants fewer requests, because many rooms have a gap, it waits; not when the
// bot is told to stop, for all of that comes again.
func (b *Bot) fetchPage(room id.RoomID, from string) (page *mautrix.RespMessages, err error) {
	for attempt := range gapTries {
		b.looped.Store(time.Now()) // many gaps take long: the watchdog sees that it goes on
		once, cancel := context.WithTimeout(mautrix.WithMaxRetries(b.stopping, 0), gapTimeout)
		page, err = b.client.Messages(once, room, from, "", mautrix.DirectionBackward, nil, gapPage)
		cancel()
		if retryAfter(err) == 0 || !sleep(b.stopping, b.pause(attempt, err)) {
			break
		}
	}
	return page, err
}
