package bot

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"sync"
	"time"

	"github.com/rs/zerolog"
	"maunium.net/go/mautrix"
	"maunium.net/go/mautrix/id"

	"wolkwijs/answer"
	"wolkwijs/lang"
	"wolkwijs/metrics"
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
	maxJobs    = 4                      // done at once, so that most workers are left for questions
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

// jobStore is what doing jobs needs of the database; *store.Store has it.
type jobStore interface {
	Job(ctx context.Context, room id.RoomID, kind, name string) (store.Job, bool, error)
	DueJobs(ctx context.Context, limit int) ([]store.Job, error)
	NextDue(ctx context.Context) (time.Time, error)
	CountJobs(ctx context.Context, kind string) (int, error)
	BeginJob(ctx context.Context, j *store.Job, state string) (bool, error)
	EndJob(ctx context.Context, j store.Job, state string, occurrence, due time.Time) (bool, error)
	PostponeJob(ctx context.Context, j store.Job, due time.Time) error
	ForgetRoom(ctx context.Context, room id.RoomID) error
}

// poster posts in rooms; *Bot is one.
type poster interface {
	findPost(ctx context.Context, room id.RoomID, key string, since time.Time) (id.EventID, error)
	sendPost(ctx context.Context, room id.RoomID, key string, a *answer.Answer, since time.Time) (id.EventID, error)
	isIn(ctx context.Context, room id.RoomID) (bool, error)
	speaks(ctx context.Context, room id.RoomID) lang.Code
}

// jobs does what is due, as long as this instance leads. Time only comes in
// through now and through the pauses between two calls of dispatch, so that
// tests can have years go by.
type jobs struct {
	kinds   map[string]JobKind
	store   jobStore
	posts   poster
	now     func() time.Time
	run     func(j store.Job, beside bool, do func(ctx context.Context)) // hands a job to whatever does it in its turn
	times   times
	log     zerolog.Logger
	metrics *metrics.Metrics

	woken chan struct{} // holds a token when there may be something to do

	mu      sync.Mutex
	running map[jobKey]bool
	restful time.Time // nothing is begun before, after the database failed
}

// jobKey names a job.
type jobKey struct {
	room       id.RoomID
	kind, name string
}

func keyOf(j store.Job) jobKey { return jobKey{j.Room, j.Kind, j.Name} }

// newJobs returns jobs that are done in the queues of their rooms.
func (b *Bot) newJobs() *jobs {
	return &jobs{
		kinds: b.kinds, store: b.jobStore, posts: b, now: func() time.Time { return b.store.Now() },
		run: func(j store.Job, beside bool, do func(ctx context.Context)) {
			if beside {
				b.aside(do)
				return
			}
			b.queues.push(incoming{room: j.Room, task: do})
		},
		times: b.times, log: b.log, metrics: b.metrics,
		woken: make(chan struct{}, 1), running: map[jobKey]bool{},
	}
}

// wake has what is due looked for again.
func (j *jobs) wake() {
	select {
	case j.woken <- struct{}{}:
	default:
	}
}

// untilDone begins what is due in time until ctx ends.
func (j *jobs) untilDone(ctx context.Context) {
	for ctx.Err() == nil {
		pause := time.NewTimer(j.dispatch(ctx))
		select {
		case <-ctx.Done():
		case <-j.woken:
		case <-pause.C:
		}
		pause.Stop()
	}
}

// dispatch begins what is due, as much as may be done at once, and returns how
// long nothing more will be due. That is never longer than times.jobPoll: a
// clock that is set must be noticed.
func (j *jobs) dispatch(ctx context.Context) time.Duration {
	now := j.now()
	j.mu.Lock()
	free, rest := maxJobs-len(j.running), j.restful.Sub(now)
	j.mu.Unlock()
	switch {
	case rest > 0:
		return min(rest, j.times.jobPoll)
	case free <= 0:
		return j.times.jobPoll // whatever ends first wakes us
	}
	due, err := j.store.DueJobs(ctx, 2*maxJobs)
	if err == nil {
		for _, job := range due {
			if free > 0 && j.start(job) {
				free--
			}
		}
		var next time.Time
		if next, err = j.store.NextDue(ctx); err == nil && !next.IsZero() {
			return max(min(next.Sub(now), j.times.jobPoll), 0)
		}
	}
	if err != nil && ctx.Err() == nil {
		j.log.Error().Err(err).Msg("Cannot find out what is due")
	}
	return j.times.jobPoll
}

// start hands a job to its room, unless it is there already.
func (j *jobs) start(job store.Job) bool {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.running[keyOf(job)] {
		return false
	}
	j.running[keyOf(job)] = true
	j.run(job, j.kinds[job.Kind].Beside, func(ctx context.Context) {
		defer func() {
			j.mu.Lock()
			delete(j.running, keyOf(job))
			j.mu.Unlock()
			j.wake()
		}()
		j.do(ctx, job)
	})
	return true
}

// do does an occurrence, or sees to it that it is tried again.
func (j *jobs) do(ctx context.Context, due store.Job) {
	log := j.log.With().Stringer("room_id", due.Room).Str("job", due.Kind).Logger()
	err := j.occurrence(ctx, due, log)
	if err == nil || ctx.Err() != nil {
		return
	}
	log.Warn().Err(err).Msg("Cannot do what is due; trying again later")
	if err := j.store.PostponeJob(ctx, due, j.now().Add(j.times.jobRetry)); err != nil {
		j.mu.Lock()
		j.restful = j.now().Add(j.times.jobRetry)
		j.mu.Unlock()
	}
}

// occurrence does one occurrence of a job, if it still is due.
func (j *jobs) occurrence(ctx context.Context, due store.Job, log zerolog.Logger) error {
	job, ok, err := j.store.Job(ctx, due.Room, due.Kind, due.Name)
	if err != nil || !ok || !job.Occurrence.Equal(due.Occurrence) || job.Due.After(j.now()) {
		return err
	}
	kind, ok := j.kinds[job.Kind]
	if !ok {
		return errors.New("this version knows no such job")
	}
	if job.Begun.IsZero() { // jobs that came later may have widened the window
		at, err := dueAt(ctx, j.store, kind, job, job.Occurrence)
		if err != nil {
			return err
		}
		if at.After(j.now()) {
			return j.store.PostponeJob(ctx, job, at)
		}
	}
	try, cancel := context.WithTimeout(ctx, j.times.jobTry)
	defer cancel()
	began := !job.Begun.IsZero()
	outcome, err := j.post(try, kind, &job)
	switch {
	case errors.Is(err, mautrix.MForbidden):
		in, err := j.posts.isIn(try, job.Room)
		if err != nil {
			return err
		}
		if !in {
			log.Info().Msg("Forgetting a room that the bot is no longer in")
			return j.store.ForgetRoom(ctx, job.Room)
		}
		outcome = Forbidden
	case permanent(err):
		log.Warn().Err(err).Msg("The homeserver refuses a post")
		outcome = Refused
	case err != nil:
		return err
	}
	if outcome == changed {
		return nil
	}
	late := j.now().Sub(job.Occurrence)
	log.Info().Stringer("outcome", outcome).Dur("late", late).Bool("again", began).Msg("Did what was due")
	if outcome == Posted {
		j.metrics.Posted(late)
	}
	return j.end(context.WithoutCancel(ctx), kind, job, outcome)
}

// changed is the outcome of an occurrence that is not to be done any more:
// someone has changed the job meanwhile.
const changed = Outcome(255)

// post posts what an occurrence is about, unless it is there already.
func (j *jobs) post(ctx context.Context, kind JobKind, job *store.Job) (Outcome, error) {
	key := fmt.Sprintf("%s %s %d", job.Kind, job.Name, job.Occurrence.UnixMilli())
	since := job.Begun
	if !since.IsZero() {
		if posted, err := j.posts.findPost(ctx, job.Room, key, since); err != nil || posted != "" {
			return Posted, err
		}
	}
	if kind.MaxLate > 0 && j.now().Sub(job.Occurrence) >= kind.MaxLate {
		return TooLate, nil
	}
	l := j.posts.speaks(ctx, job.Room)
	var message *answer.Answer
	if !since.IsZero() {
		message = kind.Message(*job, l)
	}
	if message == nil { // not begun, or what was begun does not exist any more
		state, err := kind.Begin(ctx, *job)
		if err != nil {
			return 0, err
		}
		if ok, err := j.store.BeginJob(ctx, job, state); err != nil {
			return 0, err
		} else if !ok {
			return changed, nil
		}
		if message = kind.Message(*job, l); message == nil {
			return Quiet, nil
		}
	}
	_, err := j.posts.sendPost(ctx, job.Room, key, message, job.Begun)
	return Posted, err
}

// end stores how a job goes on.
func (j *jobs) end(ctx context.Context, kind JobKind, job store.Job, outcome Outcome) error {
	state, next := kind.End(job, outcome)
	due, err := dueAt(ctx, j.store, kind, job, next)
	if err == nil {
		_, err = j.store.EndJob(ctx, job, state, next, due)
	}
	return err
}

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
