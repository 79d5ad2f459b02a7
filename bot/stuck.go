package bot

import (
	"context"
	"maps"
	"runtime"
	"time"

	"maunium.net/go/mautrix/id"
)

// watchQueues looks into events that take too long to be handled: it logs once
// for each where all goroutines are. Stacks hold no message text: of strings
// they tell the address only. While the homeserver is away everything takes
// long, and nothing is logged.
func (b *Bot) watchQueues(ctx context.Context) {
	known := map[id.RoomID]time.Time{}
	for sleep(ctx, b.times.stuck/4) {
		stuck := b.queues.stuck(time.Now().Add(-b.times.stuck))
		at, _ := b.lastSync.Load().(time.Time)
		inSync := b.store.Now().Sub(at) < b.times.poll+b.times.stuck/2
		fresh := false
		for room, since := range stuck {
			if known[room] != since && inSync {
				known[room], fresh = since, true
				b.log.Error().Stringer("room_id", room).Time("since", since).Msg("A room's queue does not move")
			}
		}
		maps.DeleteFunc(known, func(room id.RoomID, _ time.Time) bool { return stuck[room].IsZero() })
		if fresh {
			stacks := make([]byte, 256<<10)
			stacks = stacks[:runtime.Stack(stacks, true)]
			b.log.Error().Str("stacks", string(stacks)).Msg("Where everything is; please report this")
		}
	}
}
