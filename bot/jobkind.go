package bot

import (
	"context"
	"fmt"
	"hash/fnv"
	"time"

	"wolkwijs/answer"
	"wolkwijs/lang"
	"wolkwijs/store"
)

// JobKind is what the bot does of its own accord in rooms: each occurrence of
// a job ([store.Job]) exactly once, as at most one post. To add a kind, give
// it a file of its own, register it with [Bot.Does] before Run, and store its
// jobs with [Bot.PutJob], which sees to it that they are done in time.
//
// When an occurrence is due, the one instance that leads does this:
//
//  1. Begin finds out what is to be done and returns that as the new state.
//  2. The state is stored, with the note that the occurrence is begun.
//  3. Message makes the post out of the state alone. It is sent under a
//     transaction ID derived from room, job and occurrence, and bears the same
//     in its content as a mark.
//  4. End says how it goes on: the state to keep, and the next occurrence.
//     Both are stored in one statement; only that makes it done.
//
// After a crash between 2 and 4 the room is searched for a post with the mark
// first. If it is there, 4 follows; if not, 3 does, with the state as it was
// stored, so that the post says the same.
//
// An occurrence is done in the queue of its room: nothing else happens in that
// room meanwhile, so that commands and jobs do not change the same state at
// once.
type JobKind struct {
	// Begin returns the state that says what to do. It may look things up.
	// The occurrence is tried again later after an error.
	Begin func(ctx context.Context, j store.Job) (state string, err error)
	// Message returns what to post in language l. Nil: there is nothing to
	// say, which is no failure.
	Message func(j store.Job, l lang.Code) *answer.Answer
	// End returns the state to keep and the next occurrence. The zero time
	// pauses the job.
	End func(j store.Job, o Outcome) (state string, next time.Time)
	// MaxLate is how late an occurrence may still be done; after that it is
	// passed over. 0: any time later is fine.
	MaxLate time.Duration
	// Spread has the jobs of many rooms with the same occurrence done over
	// some minutes, each room at its own moment.
	Spread bool
	// Beside has the job done beside the queue of its room, because Begin can
	// take long. Commands must then not change the state of an existing job.
	Beside bool
}

// Outcome is what became of an occurrence.
type Outcome uint8

// The outcomes.
const (
	Posted    Outcome = iota // the post is in the room
	Quiet                    // there was nothing to say
	TooLate                  // it was passed over: the bot, or the homeserver, was away too long
	Forbidden                // the bot may not post in the room
	Refused                  // the homeserver refused the post for another reason
)

const (
	maxJobs    = 4                      // done at once in the queues of rooms, so that most workers are left for questions
	maxBeside  = 2                      // done at once beside them
	spreadStep = 300 * time.Millisecond // between two rooms, on average
	maxSpread  = 10 * time.Minute       // from the first room to the last
)

// Does has the bot do jobs of a kind. It must be called before Run.
func (b *Bot) Does(kind string, k JobKind) {
	if b.kinds == nil {
		b.kinds = map[string]JobKind{}
	}
	b.kinds[kind] = k
}

// PutJob adds or replaces a job. The time at which it is due follows from its
// occurrence.
func (b *Bot) PutJob(ctx context.Context, j store.Job) error {
	var err error
	if j.Due, err = dueAt(ctx, b.store, b.kinds[j.Kind], j, j.Occurrence); err != nil {
		return err
	}
	if err := b.store.PutJob(ctx, j); err != nil {
		return err
	}
	if jobs := b.jobs.Load(); jobs != nil {
		jobs.wake()
	}
	return nil
}

// dueAt returns when an occurrence of a job is to be done: at its moment, or
// where jobs of its kind are spread, as much later as the room's name says,
// within a window that grows with the number of jobs.
func dueAt(ctx context.Context, st jobStore, kind JobKind, j store.Job, occurrence time.Time) (time.Time, error) {
	if !kind.Spread || occurrence.IsZero() {
		return occurrence, nil
	}
	n, err := st.CountJobs(ctx, j.Kind)
	if err != nil {
		return time.Time{}, err
	}
	window := min(time.Duration(n)*spreadStep, maxSpread)
	h := fnv.New64a()
	fmt.Fprint(h, j.Room, "\x00", j.Kind, "\x00", j.Name)
	return occurrence.Add(time.Duration(h.Sum64() % uint64(window/time.Millisecond+1) * uint64(time.Millisecond))), nil
}

// changed is the outcome of an occurrence that is not to be done any more:
// someone has changed the job meanwhile.
const changed = Outcome(255)

// String returns the outcome as it is logged.
func (o Outcome) String() string {
	switch o {
	case Posted:
		return "posted"
	case Quiet:
		return "quiet"
	case TooLate:
		return "too late"
	case Forbidden:
		return "forbidden"
	case Refused:
		return "refused"
	}
	return "changed"
}
