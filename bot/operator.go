package bot

import (
	"context"
	"slices"

	"wolkwijs/commands"
)

// shownFeedback is how many topics an admin is told the reactions to.
const shownFeedback = 10

// operator tells admins how the bot is.
type operator struct{ bot *Bot }

// operatorFor returns what admins may ask; nil for anybody else.
func (b *Bot) operatorFor(rights commands.Rights) commands.Operator {
	if !rights.BotAdmin {
		return nil
	}
	return operator{b}
}

// Status is how the bot is.
func (o operator) Status(ctx context.Context) (commands.Status, error) {
	b := o.bot
	now := b.store.Now()
	health := b.Health(ctx)
	st := commands.Status{
		Up: now.Sub(b.started), LastSync: health.LastSync, InSync: health.Ready,
		Queue: max(health.Queue-1, 0), // without the question that asks
		Rooms: health.Rooms, Encryption: b.crypto != nil,
	}
	if b.lastSync.Load() == nil {
		st.LastSync = -1
	}
	jobs, err := b.store.CountAllJobs(ctx)
	if err != nil {
		return st, o.failed(err)
	}
	for _, j := range jobs {
		c := commands.JobStatus{Kind: j.Kind, Active: j.Active, Paused: j.Paused, Overdue: j.Overdue}
		if j.Overdue > 0 {
			c.Lag = now.Sub(j.OldestDue)
		}
		st.Jobs = append(st.Jobs, c)
	}
	feedback, err := b.store.Feedback(ctx, shownFeedback)
	for _, f := range feedback {
		st.Feedback = append(st.Feedback, commands.Feedback(f))
	}
	return st, o.failed(err)
}

// Rooms are the rooms that the bot is in, direct messages last, by room ID.
func (o operator) Rooms(ctx context.Context) ([]commands.RoomInfo, error) {
	b := o.bot
	rooms, err := b.store.Rooms(ctx)
	if err != nil {
		return nil, o.failed(err)
	}
	watches, err := b.store.RoomsWithJobs(ctx, watchJob)
	if err != nil {
		return nil, o.failed(err)
	}
	tips, err := b.store.RoomsWithJobs(ctx, tipJob)
	if err != nil {
		return nil, o.failed(err)
	}
	var all []commands.RoomInfo
	for _, room := range rooms {
		encrypted, err := b.state.IsEncrypted(ctx, room)
		if err != nil {
			return nil, o.failed(err)
		}
		all = append(all, commands.RoomInfo{
			ID: string(room), Language: b.language(ctx, room), Encrypted: encrypted, Direct: b.kind(ctx, room) == commands.Direct,
			Tip: tips[room] > 0, Watches: watches[room],
		})
	}
	slices.SortStableFunc(all, func(x, y commands.RoomInfo) int {
		switch {
		case x.Direct == y.Direct:
			return 0
		case x.Direct:
			return 1
		}
		return -1
	})
	return all, nil
}

// failed logs why the database failed, which the asker is not told.
func (o operator) failed(err error) error {
	if err != nil {
		o.bot.log.Error().Err(err).Msg("Cannot find out how the bot is")
	}
	return err
}
