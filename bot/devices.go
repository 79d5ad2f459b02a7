package bot

import (
	"context"
	"time"

	"maunium.net/go/mautrix"
	"maunium.net/go/mautrix/id"
)

// maxDevicesPause is the longest pause between questions for devices, such as
// those of people whose homeserver is gone.
const maxDevicesPause = time.Hour

// devicesChanged notes whose devices changed, before the library asks for
// them: it asks once, and who is still noted afterwards is asked for again by
// [Bot.fetchDevices].
func (b *Bot) devicesChanged(ctx context.Context, lists mautrix.DeviceLists) error {
	if b.keys == nil || len(lists.Changed) == 0 {
		return nil
	}
	return b.stored(ctx, func() error { return b.keys.MarkTrackedUsersOutdated(ctx, lists.Changed) })
}

// fetchDevices asks for the devices of people until none is missing: without
// them a new device of a member would not get the keys of answers. One call at
// a time does so.
func (b *Bot) fetchDevices(ctx context.Context) {
	if b.keys == nil || !b.fetching.CompareAndSwap(false, true) {
		return
	}
	defer b.fetching.Store(false)
	for pause := b.times.backoff; ; pause = min(2*pause, maxDevicesPause) {
		var users []id.UserID
		err := b.stored(ctx, func() (err error) {
			users, err = b.keys.GetOutdatedTrackedUsers(ctx)
			return err
		})
		if err != nil || len(users) == 0 {
			if err != nil && ctx.Err() == nil {
				b.log.Error().Err(err).Msg("Cannot read whose devices changed")
			}
			return
		}
		if !sleep(ctx, pause) {
			return
		}
		if _, err := b.crypto.Machine().FetchKeys(ctx, users, false); err != nil && ctx.Err() == nil {
			b.log.Warn().Err(err).Int("users", len(users)).Msg("Cannot fetch the devices of people")
		}
	}
}
