package bot

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"maunium.net/go/mautrix"
	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"
)

// How many events of a room one /sync brings at most: the first, of rooms that
// the account may have been in for years, and those that follow. What was left
// out is fetched page by page; but Dendrite's pages leave out events here and
// there where several members spoke at once, so that is for long gaps only.
const (
	firstTimeline = 50
	timelineLimit = 500
)

// listeners lets the encryption library listen to the syncer, but not take
// over the handling of encrypted events: the queues decrypt them in order.
type listeners struct{ syncer *mautrix.DefaultSyncer }

func (l listeners) OnSync(f mautrix.SyncHandler)                     { l.syncer.OnSync(f) }
func (l listeners) OnEvent(f mautrix.EventHandler)                   { l.syncer.OnEvent(f) }
func (l listeners) OnEventType(t event.Type, f mautrix.EventHandler) { l.syncer.OnEventType(t, f) }
func (l listeners) GetFilterJSON(id.UserID) *mautrix.Filter          { return syncFilter(timelineLimit) }
func (l listeners) OnFailedSync(*mautrix.RespSync, error) (time.Duration, error) {
	return 0, errors.New("the bot has its own loop")
}

// ProcessResponse lets the listeners see a /sync response: keys and state.
func (l listeners) ProcessResponse(ctx context.Context, res *mautrix.RespSync, since string) error {
	return l.syncer.ProcessResponse(ctx, res, since)
}

// syncFilter asks for everything but what the bot never uses. Members are not
// loaded lazily: encryption needs them all.
func syncFilter(timeline int) *mautrix.Filter {
	all := []event.Type{event.NewEventType("*")}
	return &mautrix.Filter{
		Presence:    &mautrix.FilterPart{NotTypes: all},
		AccountData: &mautrix.FilterPart{NotTypes: all},
		Room: &mautrix.RoomFilter{
			AccountData: &mautrix.FilterPart{NotTypes: all},
			Ephemeral:   &mautrix.FilterPart{NotTypes: all},
			Timeline:    &mautrix.FilterPart{Limit: timeline},
		},
	}
}

// inline is a filter as a query parameter.
func inline(f *mautrix.Filter) string {
	text, err := json.Marshal(f)
	if err != nil {
		panic(fmt.Sprintf("a filter is always JSON: %v", err))
	}
	return string(text)
}

// syncUntilDone reads from the homeserver until ctx ends or the session does.
// It is its own supervisor: whatever fails is tried again after a pause.
func (b *Bot) syncUntilDone(ctx context.Context) error {
	failures, renewed := 0, false
	for ctx.Err() == nil {
		b.looped.Store(time.Now())
		err := b.syncOnce(ctx, failures > 0)
		switch {
		case err == nil:
			if failures > 0 {
				b.log.Info().Msg("In sync again")
			}
			failures, renewed = 0, false
		case ctx.Err() != nil:
		case loggedOut(err) && !renewed && b.renewTokens(ctx):
			renewed = true
		case loggedOut(err):
			return errLoggedOut
		default:
			b.hearing.Store(false)
			wait := b.pause(failures, err)
			failures++
			b.metrics.SyncFailed()
			b.log.Warn().Err(err).Dur("again_in", wait).Msg("Sync failed")
			sleep(ctx, wait)
		}
	}
	return nil
}

// syncOnce asks for news, lets the encryption have its part, and stores the
// rest with the new token. Only then is it handed to the queues, so nothing
// can be lost in between.
func (b *Bot) syncOnce(ctx context.Context, hurry bool) (err error) {
	defer func() {
		if p := recover(); p != nil {
			b.logPanic(p)
			err = errors.New("handling the news went wrong")
		}
	}()
	since, timeline := b.session.Since, timelineLimit
	if since == "" {
		timeline = firstTimeline
	}
	poll := b.times.poll
	if since == "" || hurry {
		poll = 0
	}
	request, cancel := context.WithTimeout(ctx, poll+2*time.Minute)
	defer cancel()
	res, err := b.client.FullSyncRequest(request, mautrix.ReqSync{
		Timeout: int(poll.Milliseconds()), Since: since, FilterID: inline(syncFilter(timeline)), SetPresence: event.PresenceOnline,
	})
	if err != nil {
		return err
	}
	ctx = b.work // what has come is stored, also when the bot is told to stop
	if err := b.libraries(ctx, res, since); err != nil {
		return err
	}
	if err := b.receive(ctx, res); err != nil {
		return err
	}
	b.session.Since = res.NextBatch
	b.hearing.Store(true)
	now := b.store.Now()
	b.lastSync.Store(now)
	b.metrics.Synced(now)
	return nil
}

// libraries lets the encryption and the room state have their part of a /sync
// response. The error says that not all of it could be stored: then it has to
// come again.
func (b *Bot) libraries(ctx context.Context, res *mautrix.RespSync, since string) error {
	if err := b.devicesChanged(ctx, res.DeviceLists); err != nil {
		return err
	}
	if len(res.DeviceLists.Changed) > 0 {
		defer b.aside(b.fetchDevices)
	}
	ctx, in := withIntake(ctx)
	process := func() error {
		if err := b.client.Syncer.ProcessResponse(ctx, res, since); err != nil {
			// One malformed event must not stop the bot for ever: what the
			// library could not read is left out, the messages go on.
			b.log.Error().Err(err).Msg("Part of the news could not be read")
		}
		if b.keys == nil {
			return nil
		}
		return b.keys.write(ctx, nil) // what the last message left
	}
	var err error
	if len(res.ToDevice.Events) > 0 {
		err = b.gate.close(ctx, process)
	} else {
		err = process()
	}
	return errors.Join(err, in.end())
}
