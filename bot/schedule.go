package bot

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"time"

	"maunium.net/go/mautrix/id"

	"wolkwijs/answer"
	"wolkwijs/lang"
	"wolkwijs/schedule"
	"wolkwijs/store"
)

// tipJob is the kind of job that posts the tip of the week.
const tipJob = "tip"

// Tips are the tips of the week.
type Tips interface {
	// TipIDs returns the IDs of all tips.
	TipIDs() []string
	// ScheduledTip returns the tip with that ID as it is posted by that rule,
	// or nil if there is none.
	ScheduledTip(id string, r schedule.Rule, l lang.Code) *answer.Answer
}

// PostTips has the bot post tips in the rooms that chose so. It must be called
// before Run.
func (b *Bot) PostTips(tips Tips) { b.Does(tipJob, tipKind(tips)) }

// tipKind is how the tip of the week is posted. What was chosen is stored
// before it is posted, so that a crash does not change it.
func tipKind(tips Tips) JobKind {
	return JobKind{
		Begin: func(_ context.Context, j store.Job) (string, error) {
			t, err := schedule.Decode(j.State)
			if err != nil {
				return "", err
			}
			t.Posting = t.Pick(tips.TipIDs())
			return t.Encode(), nil
		},
		Message: func(j store.Job, l lang.Code) *answer.Answer {
			t, err := schedule.Decode(j.State)
			if err != nil {
				return nil
			}
			return tips.ScheduledTip(t.Posting, t.Rule, l)
		},
		End: func(j store.Job, o Outcome) (string, time.Time) {
			t, err := schedule.Decode(j.State)
			if err != nil {
				return j.State, time.Time{} // never: Begin has read it
			}
			switch o {
			case Posted:
				t.Posted(j.Occurrence)
			case Forbidden:
				t.Posting, t.Paused = "", schedule.Forbidden
			default:
				t.Passed(j.Occurrence)
			}
			return t.Encode(), t.Next(j.Occurrence)
		},
		MaxLate: 24 * time.Hour,
		Spread:  true,
	}
}

// roomTip keeps the tip of the week of a room, for one request.
type roomTip struct {
	bot   *Bot
	room  id.RoomID
	event id.EventID
}

// Get returns the tip, or nil if the room gets none.
func (r roomTip) Get(ctx context.Context) (*schedule.Tip, error) {
	j, ok, err := r.bot.store.Job(ctx, r.room, tipJob, "")
	if err != nil || !ok {
		return nil, err
	}
	return schedule.Decode(j.State)
}

// Set stores the tip and has it come when it says. Nil switches it off.
func (r roomTip) Set(ctx context.Context, t *schedule.Tip) error {
	if t == nil {
		return r.bot.store.DropJob(ctx, r.room, tipJob, "")
	}
	j, ok, err := r.bot.store.Job(ctx, r.room, tipJob, "")
	if err != nil {
		return err
	}
	if ok {
		if old, err := schedule.Decode(j.State); err == nil && old.SameTimes(t) {
			return r.bot.store.SetJobState(ctx, j, t.Encode()) // what is due just now stays so
		}
	}
	return r.bot.PutJob(ctx, store.Job{
		Room: r.room, Kind: tipJob, Occurrence: t.Next(r.bot.store.Now()), State: t.Encode(),
	})
}

// Request is a hash of the event that asks.
func (r roomTip) Request() string {
	sum := sha256.Sum256([]byte("tip " + r.event))
	return base64.RawURLEncoding.EncodeToString(sum[:9])
}
