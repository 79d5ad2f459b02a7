package bot

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
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

// jobStore is what doing jobs needs of the database; *store.Store has it.
type jobStore interface {
	Job(ctx context.Context, room id.RoomID, kind, name string) (store.Job, bool, error)
	DueJobs(ctx context.Context, kinds []string, limit int) ([]store.Job, error)
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
	lanes   [2]lane   // kinds in the queues of rooms, and beside them
	restful time.Time // nothing is begun before, after the database failed
}

// lane is where some kinds of jobs are done, so many at once: those that take
// long do not hold up the others.
type lane struct {
	kinds   []string
	most    int
	running int
}

// lanesOf puts kinds in their lanes.
func lanesOf(kinds map[string]JobKind) [2]lane {
	lanes := [2]lane{{most: maxJobs}, {most: maxBeside}}
	for _, name := range slices.Sorted(maps.Keys(kinds)) {
		l := &lanes[laneOf(kinds[name])]
		l.kinds = append(l.kinds, name)
	}
	return lanes
}

// laneOf is the number of a kind's lane.
func laneOf(kind JobKind) int {
	if kind.Beside {
		return 1
	}
	return 0
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
		woken: make(chan struct{}, 1), running: map[jobKey]bool{}, lanes: lanesOf(b.kinds),
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
	lanes, rest := j.lanes, j.restful.Sub(now)
	j.mu.Unlock()
	if rest > 0 {
		return min(rest, j.times.jobPoll)
	}
	next, err := j.fill(ctx, lanes)
	if err != nil && ctx.Err() == nil {
		j.log.Error().Err(err).Msg("Cannot find out what is due")
	}
	if err != nil || next.IsZero() {
		return j.times.jobPoll
	}
	return max(min(next.Sub(now), j.times.jobPoll), 0)
}

// fill begins what is due where there is room in its lane, and returns when
// something else will be due. Whatever ends wakes us, so that what found no
// room is begun then.
func (j *jobs) fill(ctx context.Context, lanes [2]lane) (next time.Time, err error) {
	for _, l := range lanes {
		free := l.most - l.running
		if free <= 0 || len(l.kinds) == 0 {
			continue
		}
		due, err := j.store.DueJobs(ctx, l.kinds, 2*l.most) // some of them may be running
		if err != nil {
			return time.Time{}, err
		}
		for _, job := range due {
			if free > 0 && j.start(job) {
				free--
			}
		}
	}
	return j.store.NextDue(ctx)
}

// start hands a job to its room, unless it is there already.
func (j *jobs) start(job store.Job) bool {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.running[keyOf(job)] {
		return false
	}
	kind := j.kinds[job.Kind]
	j.running[keyOf(job)] = true
	j.lanes[laneOf(kind)].running++
	j.run(job, kind.Beside, func(ctx context.Context) {
		defer func() {
			j.mu.Lock()
			delete(j.running, keyOf(job))
			j.lanes[laneOf(kind)].running--
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
	kind := j.kinds[job.Kind]
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
