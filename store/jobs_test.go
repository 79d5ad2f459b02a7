package store_test

import (
	"reflect"
	"testing"
	"time"

	"maunium.net/go/mautrix/id"

	"wolkwijs/store"
)

// nine is when all jobs of these tests are due first.
var nine = time.UnixMilli(1_800_000_000_000)

// aJob is the job called name in a room.
func aJob(room id.RoomID, name string) store.Job {
	return store.Job{Room: room, Kind: "test", Name: name, Occurrence: nine, Due: nine.Add(time.Second), State: "{}"}
}

// at sets the clock of s.
func at(s *store.Store, now time.Time) { s.Now = func() time.Time { return now } }

// wantJob checks what is kept of the job with the room, kind and name of want.
func wantJob(t *testing.T, s *store.Store, want store.Job) {
	t.Helper()
	got, ok, err := s.Job(t.Context(), want.Room, want.Kind, want.Name)
	if err != nil || !ok || !reflect.DeepEqual(got, want) {
		t.Errorf("job = %+v, %v, %v\nwant  %+v", got, ok, err, want)
	}
}

func jobs(t *testing.T, s *store.Store) {
	due := func() (names []string) {
		t.Helper()
		all, err := s.DueJobs(t.Context(), []string{"other", "test"}, 10)
		must(t, err)
		for _, j := range all {
			names = append(names, j.Name)
		}
		return names
	}
	want := func(what string, got, want any) {
		t.Helper()
		if !reflect.DeepEqual(got, want) {
			t.Errorf("%s: got %v, want %v", what, got, want)
		}
	}
	next := func() time.Time {
		t.Helper()
		at, err := s.NextDue(t.Context())
		must(t, err)
		return at
	}
	at(s, nine)
	want("next of none", next(), time.Time{})
	a, b, paused := aJob(room, "a"), aJob(room, "b"), aJob(room, "paused")
	b.Due = nine.Add(time.Minute)
	paused.Occurrence, paused.Due = time.Time{}, time.Time{}
	for _, j := range []store.Job{b, a, paused} {
		must(t, s.PutJob(t.Context(), j))
	}
	all, err := s.Jobs(t.Context(), room, "test")
	must(t, err)
	want("jobs of the room", all, []store.Job{a, b, paused})
	n, err := s.CountJobs(t.Context(), "test")
	must(t, err)
	want("jobs that are not paused", n, 2)

	want("due before its time", due(), []string(nil))
	want("next", next(), a.Due)
	at(s, a.Due)
	want("due in time", due(), []string{"a"})
	want("next after it", next(), b.Due)
	at(s, b.Due.Add(time.Second))
	want("all due, the longest first", due(), []string{"a", "b"})

	counts, err := s.CountAllJobs(t.Context())
	must(t, err)
	want("how they are", counts, []store.JobCount{{Kind: "test", Active: 2, Paused: 1, Overdue: 2, OldestDue: a.Due}})
	inRooms, err := s.RoomsWithJobs(t.Context(), "test")
	must(t, err)
	want("jobs by room", inRooms, map[id.RoomID]int{room: 2})

	others, err := s.DueJobs(t.Context(), []string{"other"}, 10)
	must(t, err)
	want("due of another kind", len(others), 0)
	first, err := s.DueJobs(t.Context(), []string{"test"}, 1)
	must(t, err)
	want("the first", len(first), 1)

	must(t, s.PostponeJob(t.Context(), a, nine.Add(time.Hour)))
	want("one postponed", due(), []string{"b"})
	a.Due = nine.Add(time.Hour)
	wantJob(t, s, a)

	began := s.Now()
	ok, err := s.BeginJob(t.Context(), &b, `{"posting":1}`)
	if !ok || err != nil || !b.Begun.Equal(began) {
		t.Fatalf("begun: %v, %v, at %v", ok, err, b.Begun)
	}
	wantJob(t, s, b)
	week := nine.AddDate(0, 0, 7)
	ok, err = s.EndJob(t.Context(), b, `{"done":1}`, week, week.Add(time.Minute))
	if !ok || err != nil {
		t.Fatalf("ended: %v, %v", ok, err)
	}
	b.Begun, b.State, b.Occurrence, b.Due = time.Time{}, `{"done":1}`, week, week.Add(time.Minute)
	wantJob(t, s, b)

	must(t, s.SetJobState(t.Context(), b, `{"asked":1}`))
	b.State = `{"asked":1}`
	wantJob(t, s, b)

	must(t, s.DropJob(t.Context(), room, "test", "b"))
	must(t, s.DropJob(t.Context(), room, "test", "never there"))
	if _, ok, err := s.Job(t.Context(), room, "test", "b"); ok || err != nil {
		t.Errorf("a dropped job: %v, %v", ok, err)
	}
}

// While an occurrence is being done, someone changes the job: what the one who
// does it writes then must not undo that.
func changedJobs(t *testing.T, s *store.Store) {
	at(s, nine.Add(time.Second))
	for name, change := range map[string]func(j store.Job) error{
		"replaced": func(j store.Job) error {
			j.Occurrence, j.State = nine.Add(time.Hour), `{"new":1}`
			return s.PutJob(t.Context(), j)
		},
		"paused": func(j store.Job) error {
			j.Occurrence, j.Due = time.Time{}, time.Time{}
			return s.PutJob(t.Context(), j)
		},
		"dropped":            func(j store.Job) error { return s.DropJob(t.Context(), j.Room, j.Kind, j.Name) },
		"gone with its room": func(j store.Job) error { return s.ForgetRoom(t.Context(), j.Room) },
	} {
		j := aJob(room, name)
		must(t, s.PutJob(t.Context(), j))
		must(t, change(j))
		changed, there, err := s.Job(t.Context(), room, "test", name)
		must(t, err)
		if ok, err := s.BeginJob(t.Context(), &j, "old"); ok || err != nil || !j.Begun.IsZero() {
			t.Errorf("%s: begun all the same: %v, %v, %v", name, ok, err, j.Begun)
		}
		if ok, err := s.EndJob(t.Context(), j, "old", nine, nine); ok || err != nil {
			t.Errorf("%s: ended all the same: %v, %v", name, ok, err)
		}
		must(t, s.PostponeJob(t.Context(), j, nine.Add(time.Minute)))
		if after, still, err := s.Job(t.Context(), room, "test", name); err != nil || still != there || !reflect.DeepEqual(after, changed) {
			t.Errorf("%s: was %+v, %v; is %+v, %v, %v", name, changed, there, after, still, err)
		}
	}
}

func movedJobs(t *testing.T, s *store.Store) {
	const next = id.RoomID("!next:example.org")
	both := aJob(next, "in both")
	both.State = `{"newer":1}`
	for _, j := range []store.Job{aJob(room, "moves"), aJob(room, "in both"), both} {
		must(t, s.PutJob(t.Context(), j))
	}
	must(t, s.MoveJobs(t.Context(), room, next))
	must(t, s.ForgetRoom(t.Context(), room))
	wantJob(t, s, aJob(next, "moves"))
	wantJob(t, s, both)
	if left, err := s.Jobs(t.Context(), room, "test"); len(left) > 0 || err != nil {
		t.Errorf("left in the old room: %v, %v", left, err)
	}
	must(t, s.ForgetRoom(t.Context(), next))
	if left, err := s.Jobs(t.Context(), next, "test"); len(left) > 0 || err != nil {
		t.Errorf("left of a forgotten room: %v, %v", left, err)
	}
}
