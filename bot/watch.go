package bot

import (
	"context"
	"errors"
	"hash/fnv"
	"sync"
	"time"

	"maunium.net/go/mautrix/id"

	"wolkwijs/answer"
	"wolkwijs/commands"
	"wolkwijs/lang"
	"wolkwijs/store"
)

// Watcher looks at the domains that rooms watch; *commands.Service does.
type Watcher interface {
	// LookAt looks at a domain. The error says that nothing at all can be
	// looked up now.
	LookAt(ctx context.Context, domain string) (commands.Look, error)
	// TellNews is what to post about a domain.
	TellNews(domain string, n commands.News, l lang.Code) *answer.Answer
}

// watchJob is the kind of job that looks at a domain for a room. The name of
// the job is the domain.
const watchJob = "watch"

// Watch has the bot watch domains for rooms. It must be called before Run.
//
// The bot looks at each domain once a week, at a moment of the week that
// follows from its name: that spreads the work, also after the bot was away,
// and domains that several rooms watch are looked at once for all.
func (b *Bot) Watch(w Watcher) {
	b.watches = &watches{watcher: w, now: func() time.Time { return b.store.Now() }, recent: map[string]*sight{}}
	b.Does(watchJob, JobKind{Begin: b.watches.begin, Message: b.watches.message, End: b.watches.end, Spread: true, Beside: true})
}

// watches does the jobs of the kind watchJob.
type watches struct {
	watcher Watcher
	now     func() time.Time

	mu     sync.Mutex
	recent map[string]*sight // by domain
	blind  time.Time         // nothing can be looked up before
	why    error             // why that is
}

// sight is a look that rooms share.
type sight struct {
	done  chan struct{} // closed when look and err are there
	begun time.Time
	look  commands.Look
	err   error
}

const (
	// fresh is how old a look may be that counts for another room too. It is
	// less than the time after which a change is looked at again.
	fresh = 30 * time.Minute
	// blindFor is how long nothing is tried once nothing could be looked up.
	blindFor = time.Minute
	week     = 7 * 24 * time.Hour
	// soonest is how long after the first look the next one is at least.
	soonest = 24 * time.Hour
)

// begin looks at the domain of a job, and returns what to remember with the
// news, if there is any.
func (w *watches) begin(ctx context.Context, j store.Job) (string, error) {
	kept := commands.ParseWatched(j.State)
	if kept.Next.After(w.now()) {
		// The look was stored before a crash. Another one now would be too
		// soon after it to confirm what it found.
		return j.State, nil
	}
	look, err := w.lookAt(ctx, j.Name)
	if err != nil {
		return "", err
	}
	return kept.Look(look, func(after time.Time) time.Time { return usualLook(j.Name, after) }).String(), nil
}

// message tells the news, if there is any.
func (w *watches) message(j store.Job, l lang.Code) *answer.Answer {
	news := commands.ParseWatched(j.State).News
	if news == nil {
		return nil
	}
	return w.watcher.TellNews(j.Name, *news, l)
}

// end keeps what was found, and takes back what could not be told.
func (w *watches) end(j store.Job, o Outcome) (string, time.Time) {
	kept := commands.ParseWatched(j.State)
	if o == Forbidden || o == Refused {
		kept = kept.Untold()
		kept.Next = usualLook(j.Name, w.now())
	}
	if kept.Next.IsZero() { // the state was of another version, and is gone
		kept.Next = w.now()
	}
	return kept.Told().String(), kept.Next
}

// usualLook is the first moment after the given one at which a domain has its
// weekly look.
func usualLook(domain string, after time.Time) time.Time {
	h := fnv.New64a()
	h.Write([]byte(domain))
	offset := time.Duration(h.Sum64() % uint64(week/time.Second) * uint64(time.Second))
	at := after.Truncate(week).Add(offset)
	if !at.After(after) {
		at = at.Add(week)
	}
	return at
}

// lookAt looks at a domain, or shares a look that another room has just had.
func (w *watches) lookAt(ctx context.Context, domain string) (commands.Look, error) {
	now := w.now()
	w.mu.Lock()
	if now.Before(w.blind) {
		defer w.mu.Unlock()
		return commands.Look{}, w.why
	}
	for d, s := range w.recent {
		if now.Sub(s.begun) >= fresh {
			delete(w.recent, d)
		}
	}
	s := w.recent[domain]
	mine := s == nil
	if mine {
		s = &sight{done: make(chan struct{}), begun: now}
		w.recent[domain] = s
	}
	w.mu.Unlock()
	if !mine {
		select {
		case <-s.done:
			return s.look, s.err
		case <-ctx.Done():
			return commands.Look{}, ctx.Err()
		}
	}
	s.err = errors.New("looking at the domain went wrong") // unless it returns
	defer func() {
		w.mu.Lock()
		defer w.mu.Unlock()
		if s.err != nil {
			delete(w.recent, domain)
			if ctx.Err() == nil {
				w.blind, w.why = now.Add(blindFor), s.err
			}
		}
		close(s.done)
	}()
	s.look, s.err = w.watcher.LookAt(ctx, domain)
	return s.look, s.err
}

// roomWatches are the domains that one room watches.
type roomWatches struct {
	bot  *Bot
	room id.RoomID
}

// watchesOf returns the domains that a room watches; nil if the bot watches
// none.
func (b *Bot) watchesOf(room id.RoomID) commands.Watches {
	if b.watches == nil {
		return nil
	}
	return roomWatches{b, room}
}

// List returns the domains by name.
func (r roomWatches) List(ctx context.Context) ([]commands.Watch, error) {
	jobs, err := r.bot.store.Jobs(ctx, r.room, watchJob)
	if err != nil {
		return nil, r.failed(err)
	}
	all := make([]commands.Watch, len(jobs))
	for i, j := range jobs {
		all[i] = commands.Watch{Domain: j.Name, Watched: commands.ParseWatched(j.State), Next: j.Occurrence}
	}
	return all, nil
}

// Add adds a domain with what was found of it.
func (r roomWatches) Add(ctx context.Context, domain string, w commands.Watched) (time.Time, error) {
	w.Next = usualLook(domain, r.bot.store.Now().Add(soonest))
	err := r.bot.PutJob(ctx, store.Job{Room: r.room, Kind: watchJob, Name: domain, Occurrence: w.Next, State: w.String()})
	return w.Next, r.failed(err)
}

// Drop removes a domain.
func (r roomWatches) Drop(ctx context.Context, domain string) error {
	return r.failed(r.bot.store.DropJob(ctx, r.room, watchJob, domain))
}

// failed logs why the database failed, which the asker is not told.
func (r roomWatches) failed(err error) error {
	if err != nil {
		r.bot.log.Error().Err(err).Stringer("room_id", r.room).Msg("Cannot get at what a room watches")
	}
	return err
}
