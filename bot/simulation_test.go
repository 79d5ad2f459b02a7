package bot

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/rs/zerolog"
	"maunium.net/go/mautrix/id"

	"wolkwijs/answer"
	"wolkwijs/lang"
	"wolkwijs/schedule"
	"wolkwijs/store"
)

// TestTenYears has ten years go by in which bot, database and homeserver fail
// at random moments. The law: each occurrence of each room has one post, or a
// note that it was passed over, and then nothing could be posted for a day; no
// room has a tip twice within 52.
//
// WOLKWIJS_SIMULATION=100 simulates that often, with a thousand rooms each.
func TestTenYears(t *testing.T) {
	runs, rooms := 3, 60
	if n, err := strconv.Atoi(os.Getenv("WOLKWIJS_SIMULATION")); err == nil {
		runs, rooms = n, 1000
	}
	first, _ := strconv.Atoi(os.Getenv("WOLKWIJS_SIMULATION_FIRST"))
	total := simulated{}
	for seed := range runs {
		t.Run(fmt.Sprint("seed ", first+seed), func(t *testing.T) {
			s := newSimulation(t, uint64(first+seed), rooms, newMemoryJobs())
			s.run(10)
			total.add(s.check())
		})
	}
	t.Logf("%d rooms, ten years, %d times: %+v", rooms, runs, total)
	if total.Crashes == 0 || total.Passed == 0 || total.Lost == 0 || total.Errors == 0 {
		t.Error("nothing went wrong")
	}
}

// The database that the simulation has in memory behaves as a real one: the
// same year goes by in the same way.
func TestYearInARealDatabase(t *testing.T) {
	st, err := store.Open(t.Context(), "sqlite:"+filepath.Join(t.TempDir(), "year.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer st.Close()
	real := newSimulation(t, 7, 20, st)
	st.Now = func() time.Time { return real.now }
	real.run(1)
	memory := newSimulation(t, 7, 20, newMemoryJobs())
	memory.run(1)
	if got, want := real.check(), memory.check(); got != want {
		t.Errorf("a real database: %+v, in memory: %+v", got, want)
	}
	for i, r := range real.rooms {
		if !slices.Equal(r.posts, memory.rooms[i].posts) {
			t.Errorf("room %d differs", i)
		}
	}
}

// simulated are the numbers of a simulation.
type simulated struct{ Posted, Passed, Now, Crashes, Outages, Lost, Errors int }

func (s *simulated) add(o simulated) {
	s.Posted, s.Passed, s.Now, s.Crashes = s.Posted+o.Posted, s.Passed+o.Passed, s.Now+o.Now, s.Crashes+o.Crashes
	s.Outages, s.Lost, s.Errors = s.Outages+o.Outages, s.Lost+o.Lost, s.Errors+o.Errors
}

// simJobs is a database for jobs.
type simJobs interface {
	jobStore
	PutJob(ctx context.Context, j store.Job) error
	SetJobState(ctx context.Context, j store.Job, state string) error
}

// simulation is a world of rooms, and a bot of which only the doing of jobs is
// real.
type simulation struct {
	t     *testing.T
	rand  *rand.Rand
	now   time.Time
	jobs  *jobs
	tasks []func(ctx context.Context)
	db    simJobs // as it is on disk

	rooms  []*simRoom
	byID   map[id.RoomID]*simRoom
	tips   []string
	kind   JobKind
	last   Outcome   // that End was told
	outage time.Time // until when the homeserver is away; zero: it is not
	down   []span    // when nothing could be done, in order
	counts simulated
}

// simRoom is a room at the homeserver.
type simRoom struct {
	id     id.RoomID
	tip    *schedule.Tip // as it was chosen
	posts  []simPost
	marks  map[string]bool // posts of the last week, by key: those that may be looked for
	txns   map[string]bool // transaction IDs that the homeserver remembers
	passed []time.Time     // occurrences, as noted
}

// simPost is a tip in a room.
type simPost struct {
	tip        string
	occurrence int64 // 0: asked for out of turn
	at         int64
}

type span struct{ from, to time.Time }

// crash is what a program panics with when it is killed.
type crash struct{}

var errSimulated = errors.New("simulated")

func newSimulation(t *testing.T, seed uint64, rooms int, db simJobs) *simulation {
	s := &simulation{t: t, rand: rand.New(rand.NewPCG(seed, 52)), db: db, byID: map[id.RoomID]*simRoom{}, now: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)}
	if m, ok := db.(*memoryJobs); ok {
		m.now = func() time.Time { return s.now }
	}
	for i := range 52 {
		s.tips = append(s.tips, fmt.Sprint("tip", i))
	}
	s.kind = tipKind(s)
	end := s.kind.End
	s.kind.End = func(j store.Job, o Outcome) (string, time.Time) {
		s.last = o
		return end(j, o)
	}
	for i := range rooms {
		r := &simRoom{id: id.RoomID(fmt.Sprint("!", i)), marks: map[string]bool{}, txns: map[string]bool{}}
		zone, ok := schedule.Zone(simZones[s.rand.IntN(len(simZones))])
		if !ok {
			t.Fatal("no time zones")
		}
		text := fmt.Sprintf(simRules[s.rand.IntN(len(simRules))], s.rand.IntN(24), s.rand.IntN(60))
		rule, _, err := schedule.Parse(text, lang.EN, schedule.Rule{})
		if err != nil {
			t.Fatal(err)
		}
		r.tip = schedule.NewTip(rule, zone, s.now, string(r.id))
		s.rooms, s.byID[r.id] = append(s.rooms, r), r
		first := r.tip.Next(s.now)
		if err := db.PutJob(context.Background(), store.Job{Room: r.id, Kind: tipJob, Occurrence: first, Due: first, State: r.tip.Encode()}); err != nil {
			t.Fatal(err)
		}
	}
	s.start()
	return s
}

var simZones = []string{
	"Europe/Amsterdam", "Europe/London", "America/New_York", "America/St_Johns", "America/Santiago", "Australia/Sydney", "Australia/Lord_Howe",
	"Asia/Kolkata", "Africa/Casablanca", "Africa/Cairo", "Pacific/Auckland", "Pacific/Chatham", "Pacific/Kiritimati", "Atlantic/Azores", "UTC",
}

var simRules = []string{
	"monday %d:%02d", "sunday %d:%02d", "every 2 weeks on sunday %d:%02d", "every 2 weeks on tuesday %d:%02d", "every 3 weeks on monday and thursday %d:%02d",
	"every 12 weeks on friday %d:%02d", "first monday of the month %d:%02d", "last sunday of the month %d:%02d", "last day of the month %d:%02d", "the 15th of the month %d:%02d", "every 20 days %d:%02d",
}

// start starts the bot: only what is on disk is left of an earlier one.
func (s *simulation) start() {
	s.tasks = nil
	s.jobs = &jobs{
		kinds: map[string]JobKind{tipJob: s.kind}, store: (*failingJobs)(s), posts: s, now: func() time.Time { return s.now },
		run:   func(_ store.Job, _ bool, do func(ctx context.Context)) { s.tasks = append(s.tasks, do) },
		times: times{jobPoll: 30 * time.Minute, jobTry: time.Hour, jobRetry: time.Hour}, log: zerolog.Nop(),
		woken: make(chan struct{}, 1), running: map[jobKey]bool{}, lanes: lanesOf(map[string]JobKind{tipJob: s.kind}),
	}
}

// run has years go by.
func (s *simulation) run(years int) {
	end := s.now.AddDate(years, 0, 0)
	nextOutage := s.now.Add(s.random(60 * 24 * time.Hour))
	for s.now.Before(end) {
		if !s.outage.IsZero() && !s.now.Before(s.outage) {
			s.outage = time.Time{}
			s.forget()
		}
		if !s.now.Before(nextOutage) {
			s.counts.Outages++
			s.outage = s.now.Add(s.howLong())
			s.down = append(s.down, span{s.now, s.outage})
			nextOutage = s.outage.Add(s.random(90 * 24 * time.Hour))
		}
		pause, crashed := s.step()
		if crashed {
			s.counts.Crashes++
			away := s.howLong()
			s.down = append(s.down, span{s.now, s.now.Add(away)})
			s.now = s.now.Add(away)
			s.start()
			continue
		}
		until := nextOutage.Sub(s.now)
		if !s.outage.IsZero() {
			until = min(until, s.outage.Sub(s.now))
		}
		s.now = s.now.Add(max(min(pause, until), time.Millisecond))
	}
}

// step does what is due now, until nothing is or the bot is killed, and
// returns how long nothing will be.
func (s *simulation) step() (pause time.Duration, crashed bool) {
	defer func() {
		if p := recover(); p != nil {
			if p != any(crash{}) {
				panic(p)
			}
			crashed = true
		}
	}()
	if s.rand.IntN(3000) == 0 {
		s.askNow(s.rooms[s.rand.IntN(len(s.rooms))])
	}
	for {
		pause = s.jobs.dispatch(context.Background())
		for len(s.tasks) > 0 {
			task := s.tasks[0]
			s.tasks = s.tasks[1:]
			task(context.Background())
		}
		select {
		case <-s.jobs.woken:
		default:
			return pause, false
		}
	}
}

// askNow has somebody ask for a tip out of turn. That commands are answered
// once is not the matter here.
func (s *simulation) askNow(r *simRoom) {
	ctx := context.Background()
	j, ok, err := s.db.Job(ctx, r.id, tipJob, "")
	if err != nil || !ok {
		s.t.Fatal(ok, err)
	}
	t, err := schedule.Decode(j.State)
	if err != nil {
		s.t.Fatal(err)
	}
	if t.Posting != "" {
		return // in the room's queue it would wait until that is done
	}
	s.counts.Now++
	tip := t.Take(fmt.Sprint(s.counts.Now), s.tips)
	if err := s.db.SetJobState(ctx, j, t.Encode()); err != nil {
		s.t.Fatal(err)
	}
	r.posts = append(r.posts, simPost{tip: tip, at: s.now.Unix()})
}

// howLong is how long something is away: mostly minutes, sometimes days.
func (s *simulation) howLong() time.Duration {
	switch n := s.rand.IntN(20); {
	case n < 14:
		return s.random(10 * time.Minute)
	case n < 18:
		return s.random(12 * time.Hour)
	}
	return s.random(5 * 24 * time.Hour)
}

func (s *simulation) random(d time.Duration) time.Duration {
	return time.Duration(s.rand.Int64N(int64(d))).Truncate(time.Millisecond)
}

// forget has the homeserver forget all transaction IDs, as at a restart.
func (s *simulation) forget() {
	for _, r := range s.rooms {
		clear(r.txns)
	}
}

// mayDie kills the bot now and then: it is called between all steps.
func (s *simulation) mayDie() {
	if s.rand.IntN(20_000) == 0 {
		panic(crash{})
	}
}

// isAway says whether the homeserver cannot be reached.
func (s *simulation) isAway() bool {
	s.now = s.now.Add(50 * time.Millisecond) // each request takes some time
	return s.now.Before(s.outage)
}

// The rest is the homeserver as poster, and the tips.

func (s *simulation) findPost(_ context.Context, room id.RoomID, key string, since time.Time) (id.EventID, error) {
	s.mayDie()
	if s.isAway() {
		return "", errSimulated
	}
	if r := s.byID[room]; r.marks[key] {
		return "$found", nil
	}
	return "", nil
}

func (s *simulation) sendPost(_ context.Context, room id.RoomID, key string, a *answer.Answer, _ time.Time) (id.EventID, error) {
	s.mayDie()
	if s.isAway() {
		return "", errSimulated
	}
	r := s.byID[room]
	if !r.txns[key] {
		_, occurrence, _ := strings.Cut(key, "  ")
		ms, err := strconv.ParseInt(occurrence, 10, 64)
		if err != nil {
			s.t.Fatalf("key %q: %v", key, err)
		}
		if len(r.marks) > 20 {
			clear(r.marks)
		}
		r.txns[key], r.marks[key] = true, true
		r.posts = append(r.posts, simPost{a.Headline.String(), ms, s.now.Unix()})
	}
	s.mayDie()
	if s.rand.IntN(500) == 0 {
		s.counts.Lost++
		return "", errSimulated // it arrived, but the bot does not know
	}
	return "$sent", nil
}

func (s *simulation) isIn(context.Context, id.RoomID) (bool, error) { return true, nil }
func (s *simulation) speaks(context.Context, id.RoomID) lang.Code   { return lang.NL }
func (s *simulation) TipIDs() []string                              { return s.tips }
func (s *simulation) ScheduledTip(tip string, _ schedule.Rule, l lang.Code) *answer.Answer {
	return answer.New(l, answer.Plain(tip))
}

// check checks the law of the simulation.
func (s *simulation) check() simulated {
	for _, r := range s.rooms {
		s.checkRoom(r)
	}
	return s.counts
}

func (s *simulation) checkRoom(r *simRoom) {
	t := s.t
	done := map[int64]string{}
	for i, p := range r.posts {
		if again := slices.IndexFunc(r.posts[i+1:min(i+52, len(r.posts))], func(q simPost) bool { return q.tip == p.tip }); again >= 0 {
			t.Errorf("%s: %s comes again after %d", r.id, p.tip, again+1)
		}
		if p.occurrence == 0 {
			continue
		}
		if done[p.occurrence] != "" {
			t.Errorf("%s: occurrence %v is posted and %s", r.id, time.UnixMilli(p.occurrence), done[p.occurrence])
		}
		done[p.occurrence] = "posted"
		s.counts.Posted++
		if late := time.Unix(p.at, 0).Sub(time.UnixMilli(p.occurrence)); late > 24*time.Hour+time.Minute || late < -time.Second {
			t.Errorf("%s: occurrence %v is posted %v late", r.id, time.UnixMilli(p.occurrence), late)
		}
	}
	for _, at := range r.passed {
		if done[at.UnixMilli()] != "" {
			t.Errorf("%s: occurrence %v is passed over and %s", r.id, at, done[at.UnixMilli()])
		}
		done[at.UnixMilli()] = "passed over"
		s.counts.Passed++
		if free := s.longestUp(at.Add(maxSpread), at.Add(24*time.Hour)); free > 2*time.Hour {
			t.Errorf("%s: occurrence %v is passed over, but for %v it could have been posted", r.id, at, free)
		}
	}
	// What is still being done at the end of time is left out.
	for at := r.tip.Next(r.tip.From.Add(-time.Second)); at.Before(s.now.Add(-6 * 24 * time.Hour)); at = r.tip.Next(at) {
		if done[at.UnixMilli()] == "" {
			t.Errorf("%s: occurrence %v is neither posted nor passed over", r.id, at)
		}
		delete(done, at.UnixMilli())
	}
	for at := range done {
		if time.UnixMilli(at).Before(s.now.Add(-6 * 24 * time.Hour)) {
			t.Errorf("%s: %v is no occurrence of %s", r.id, time.UnixMilli(at), r.tip.Rule.In(lang.EN))
		}
	}
}

// longestUp is the longest time between two moments in which bot and
// homeserver were both there.
func (s *simulation) longestUp(from, to time.Time) time.Duration {
	longest := time.Duration(0)
	for _, d := range s.down {
		if d.from.After(to) {
			break
		}
		if d.from.After(from) {
			longest = max(longest, d.from.Sub(from))
		}
		if d.to.After(from) {
			from = d.to
		}
	}
	return max(longest, to.Sub(from))
}

// failingJobs is the database of a simulation as the bot sees it: it fails now
// and then, before something is stored or after, and the bot may be killed
// around it.
type failingJobs simulation

// fails says whether the next statement fails, which then may be carried out
// all the same.
func (f *failingJobs) fails() (before, after bool) {
	s := (*simulation)(f)
	s.mayDie()
	switch s.rand.IntN(10_000) {
	case 0:
		s.counts.Errors++
		return true, false
	case 1:
		s.counts.Errors++
		return false, true
	}
	return false, false
}

func (f *failingJobs) Job(ctx context.Context, room id.RoomID, kind, name string) (store.Job, bool, error) {
	if before, _ := f.fails(); before {
		return store.Job{}, false, errSimulated
	}
	return f.db.Job(ctx, room, kind, name)
}

func (f *failingJobs) DueJobs(ctx context.Context, kinds []string, limit int) ([]store.Job, error) {
	if before, _ := f.fails(); before {
		return nil, errSimulated
	}
	return f.db.DueJobs(ctx, kinds, limit)
}

func (f *failingJobs) NextDue(ctx context.Context) (time.Time, error) { return f.db.NextDue(ctx) }

func (f *failingJobs) CountJobs(context.Context, string) (int, error) { return len(f.rooms), nil }

func (f *failingJobs) BeginJob(ctx context.Context, j *store.Job, state string) (bool, error) {
	before, after := f.fails()
	if before {
		return false, errSimulated
	}
	ok, err := f.db.BeginJob(ctx, j, state)
	(*simulation)(f).mayDie()
	if after {
		return false, errSimulated
	}
	return ok, err
}

func (f *failingJobs) EndJob(ctx context.Context, j store.Job, state string, occurrence, due time.Time) (bool, error) {
	before, after := f.fails()
	if before {
		return false, errSimulated
	}
	ok, err := f.db.EndJob(ctx, j, state, occurrence, due)
	if ok && f.last == TooLate {
		t, err := schedule.Decode(state)
		if err != nil || t.Missed == nil || !t.Missed.Last.Equal(j.Occurrence) {
			f.t.Errorf("%s: passed over %v without a note: %v", j.Room, j.Occurrence, err)
		}
		r := f.byID[j.Room]
		r.passed = append(r.passed, j.Occurrence)
	}
	(*simulation)(f).mayDie()
	if after {
		return false, errSimulated
	}
	return ok, err
}

func (f *failingJobs) PostponeJob(ctx context.Context, j store.Job, due time.Time) error {
	if before, _ := f.fails(); before {
		return errSimulated
	}
	return f.db.PostponeJob(ctx, j, due)
}

func (f *failingJobs) ForgetRoom(context.Context, id.RoomID) error { panic("no room is forgotten") }

// memoryJobs is a database in memory, for fifty million occurrences.
type memoryJobs struct {
	now  func() time.Time
	jobs []*store.Job // by due
	by   map[jobKey]*store.Job
}

func newMemoryJobs() *memoryJobs { return &memoryJobs{by: map[jobKey]*store.Job{}} }

// place puts a job where it belongs.
func (m *memoryJobs) place(j *store.Job, due time.Time) {
	order := func(a, b *store.Job) int { return cmp.Or(a.Due.Compare(b.Due), cmp.Compare(a.Room, b.Room)) }
	if at, found := slices.BinarySearchFunc(m.jobs, j, order); found {
		m.jobs = slices.Delete(m.jobs, at, at+1)
	}
	j.Due = due
	at, _ := slices.BinarySearchFunc(m.jobs, j, order)
	m.jobs = slices.Insert(m.jobs, at, j)
}

func (m *memoryJobs) PutJob(_ context.Context, j store.Job) error {
	m.by[keyOf(j)] = &j
	m.place(&j, j.Due)
	return nil
}

func (m *memoryJobs) Job(_ context.Context, room id.RoomID, kind, name string) (store.Job, bool, error) {
	j := m.by[jobKey{room, kind, name}]
	return *j, true, nil
}

func (m *memoryJobs) DueJobs(_ context.Context, _ []string, limit int) (due []store.Job, err error) {
	for _, j := range m.jobs[:min(limit, len(m.jobs))] {
		if j.Due.After(m.now()) {
			break
		}
		due = append(due, *j)
	}
	return due, nil
}

func (m *memoryJobs) NextDue(context.Context) (time.Time, error) {
	at, _ := slices.BinarySearchFunc(m.jobs, m.now(), func(j *store.Job, now time.Time) int {
		if j.Due.After(now) {
			return 1
		}
		return -1
	})
	if at == len(m.jobs) {
		return time.Time{}, nil
	}
	return m.jobs[at].Due, nil
}

func (m *memoryJobs) change(j store.Job, change func(*store.Job)) (bool, error) {
	kept := m.by[keyOf(j)]
	if !kept.Occurrence.Equal(j.Occurrence) {
		return false, nil
	}
	change(kept)
	return true, nil
}

func (m *memoryJobs) BeginJob(_ context.Context, j *store.Job, state string) (bool, error) {
	j.Begun, j.State = m.now(), state
	return m.change(*j, func(kept *store.Job) { kept.Begun, kept.State = j.Begun, state })
}

func (m *memoryJobs) EndJob(_ context.Context, j store.Job, state string, occurrence, due time.Time) (bool, error) {
	return m.change(j, func(kept *store.Job) {
		kept.Begun, kept.State, kept.Occurrence = time.Time{}, state, occurrence
		m.place(kept, due)
	})
}

func (m *memoryJobs) PostponeJob(_ context.Context, j store.Job, due time.Time) error {
	_, err := m.change(j, func(kept *store.Job) { m.place(kept, due) })
	return err
}

func (m *memoryJobs) SetJobState(_ context.Context, j store.Job, state string) error {
	_, err := m.change(j, func(kept *store.Job) { kept.State = state })
	return err
}

func (m *memoryJobs) CountJobs(context.Context, string) (int, error) { return len(m.jobs), nil }

func (m *memoryJobs) ForgetRoom(context.Context, id.RoomID) error { panic("no room is forgotten") }
