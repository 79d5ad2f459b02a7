package store_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"maunium.net/go/mautrix/id"

	"wolkwijs/lang"
	"wolkwijs/store"
	"wolkwijs/store/pgtest"
)

const (
	user = id.UserID("@bot:example.org")
	room = id.RoomID("!club:example.org")
)

// open returns an empty database.
func open(t *testing.T) *store.Store {
	t.Helper()
	s, err := store.Open(t.Context(), "sqlite:"+filepath.Join(t.TempDir(), "deep", "test.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

// tests hold for both kinds of database.
var tests = map[string]func(t *testing.T, s *store.Store){
	"session survives":                      sessionSurvives,
	"inbox":                                 inbox,
	"inbox keeps no event IDs once handled": inboxForgets,
	"rooms":                                 rooms,
	"many at once":                          manyAtOnce,
	"once":                                  once,
	"sent":                                  sent,
	"feedback":                              feedback,
	"jobs":                                  jobs,
	"jobs change under the one that does them": changedJobs,
	"jobs go with their room":                  movedJobs,
}

func TestSQLite(t *testing.T) {
	for name, test := range tests {
		t.Run(name, func(t *testing.T) { test(t, open(t)) })
	}
}

func TestPostgreSQL(t *testing.T) {
	server := pgtest.Start(t)
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			s, err := store.Open(t.Context(), pgtest.Database(t, server))
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { s.Close() })
			test(t, s)
		})
	}
	t.Run("the lead", func(t *testing.T) { lead(t, pgtest.Database(t, server)) })
}

func sessionSurvives(t *testing.T, s *store.Store) {
	if got, err := s.Session(t.Context(), user); got != nil || err != nil {
		t.Fatalf("session of an empty store = %v, %v", got, err)
	}
	want := &store.Session{DeviceID: "DEVICE", AccessToken: "token", Since: "s1", Created: time.UnixMilli(1700000000000)}
	must(t, s.SaveSession(t.Context(), user, want))
	got, err := s.Session(t.Context(), user)
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Fatalf("session = %+v, %v; want %+v", got, err, want)
	}
	must(t, s.SaveTokens(t.Context(), user, "token2", "refresh2", time.UnixMilli(1700000005000)))
	if got, _ := s.Session(t.Context(), user); got.AccessToken != "token2" || got.RefreshToken != "refresh2" || got.Since != "s1" {
		t.Errorf("after a refresh: %+v", got)
	}
	if other, err := s.Session(t.Context(), "@other:example.org"); other != nil || err != nil {
		t.Errorf("another account has session %v, %v", other, err)
	}
	must(t, s.DropLogin(t.Context(), user))
	want = &store.Session{Since: "s1", Created: want.Created}
	if got, err := s.Session(t.Context(), user); err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("session without login = %+v, %v; want %+v", got, err, want)
	}
}

func inbox(t *testing.T, s *store.Store) {
	now := time.UnixMilli(1700000000000)
	s.Now = func() time.Time { return now }
	must(t, s.SaveSession(t.Context(), user, &store.Session{Created: now}))
	a, b, c := store.Event{Room: room, ID: "$a"}, store.Event{Room: room, ID: "$b"}, store.Event{Room: "!other:example.org", ID: "$c"}

	fresh, err := s.Receive(t.Context(), user, &store.Batch{Since: "s1", Events: []store.Event{a, b}})
	if want := []store.Event{a, b}; err != nil || !reflect.DeepEqual(fresh, want) {
		t.Fatalf("first batch: fresh %v, %v; want %v", fresh, err, want)
	}
	fresh, err = s.Receive(t.Context(), user, &store.Batch{Since: "s2", Events: []store.Event{b, c}})
	if want := []store.Event{c}; err != nil || !reflect.DeepEqual(fresh, want) {
		t.Fatalf("an event that came twice: fresh %v, %v; want %v", fresh, err, want)
	}
	if x, _ := s.Session(t.Context(), user); x.Since != "s2" {
		t.Errorf("since = %q, want s2", x.Since)
	}
	must(t, s.Handled(t.Context(), "$a", "$answer"))
	must(t, s.Handled(t.Context(), "$c", ""))
	must(t, s.Begin(t.Context(), "$b"))
	b.Begun = true
	if pending, err := s.Pending(t.Context()); err != nil || !reflect.DeepEqual(pending, []store.Event{b}) {
		t.Errorf("pending = %v, %v; want %v", pending, err, b)
	}
	for _, tt := range []struct {
		event, reply id.EventID
		known        bool
	}{{"$a", "$answer", true}, {"$b", "", true}, {"$c", "", true}, {"$never", "", false}} {
		if reply, known, err := s.Reply(t.Context(), tt.event); reply != tt.reply || known != tt.known || err != nil {
			t.Errorf("reply to %s = %q, %v, %v; want %q, %v", tt.event, reply, known, err, tt.reply, tt.known)
		}
	}
	must(t, s.Reopen(t.Context(), c))
	must(t, s.Reopen(t.Context(), store.Event{Room: room, ID: "$d"}))
	if pending, err := s.Pending(t.Context()); err != nil || !reflect.DeepEqual(pending, []store.Event{b, c, {Room: room, ID: "$d"}}) {
		t.Errorf("pending with what was opened again = %v, %v", pending, err)
	}
	must(t, s.Handled(t.Context(), "$c", ""))
	must(t, s.Handled(t.Context(), "$d", ""))
	now = now.Add(31 * 24 * time.Hour)
	must(t, s.Expire(t.Context(), 30*24*time.Hour))
	if _, known, _ := s.Reply(t.Context(), "$a"); known {
		t.Error("a handled event is still known after 31 days")
	}
	if pending, _ := s.Pending(t.Context()); len(pending) != 1 {
		t.Error("an event that is still to be answered expired")
	}
}

func inboxForgets(t *testing.T, s *store.Store) {
	if _, err := s.Receive(t.Context(), user, &store.Batch{Events: []store.Event{{Room: room, ID: "$secret"}}}); err != nil {
		t.Fatal(err)
	}
	must(t, s.Handled(t.Context(), "$secret", "$answer"))
	var hash, roomID, eventID string
	if err := s.Database().QueryRow(t.Context(), "SELECT hash, room_id, event_id FROM inbox").Scan(&hash, &roomID, &eventID); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(hash+roomID+eventID, "secret") || roomID != "" {
		t.Errorf("row = %q %q %q", hash, roomID, eventID)
	}
}

func rooms(t *testing.T, s *store.Store) {
	if _, known, err := s.Room(t.Context(), room); known || err != nil {
		t.Fatalf("an unknown room: known %v, %v", known, err)
	}
	must(t, s.SetDirect(t.Context(), room))
	must(t, s.SetNamed(t.Context(), room, true))
	must(t, s.SetLanguage(t.Context(), room, lang.EN))
	if _, err := s.Receive(t.Context(), user, &store.Batch{Since: "s", Rooms: []store.RoomNews{{Room: room, LastEvent: "$1"}}}); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Receive(t.Context(), user, &store.Batch{Since: "s", Rooms: []store.RoomNews{{Room: room}}}); err != nil {
		t.Fatal(err)
	}
	must(t, s.SetWelcomed(t.Context(), room))
	want := store.Room{Language: lang.EN, Direct: true, Named: true, Joined: true, Welcomed: true, LastEvent: "$1"}
	if got, _, err := s.Room(t.Context(), room); err != nil || got != want {
		t.Fatalf("room = %+v, %v; want %+v", got, err, want)
	}
	all, err := s.Rooms(t.Context())
	if err != nil || !reflect.DeepEqual(all, []id.RoomID{room}) {
		t.Errorf("rooms = %+v, %v", all, err)
	}
	must(t, s.MoveRoom(t.Context(), room, "!new:example.org"))
	must(t, s.SetLanguage(t.Context(), "!chosen:example.org", lang.NL))
	must(t, s.MoveRoom(t.Context(), room, "!chosen:example.org"))
	must(t, s.ForgetRoom(t.Context(), room))
	if got, _, err := s.Room(t.Context(), "!chosen:example.org"); err != nil || got.Language != lang.NL || !got.Direct || !got.Welcomed {
		t.Errorf("the room that has a language of its own = %+v, %v", got, err)
	}
	if got, _, err := s.Room(t.Context(), "!new:example.org"); err != nil || got.Language != lang.EN || !got.Welcomed || got.Joined {
		t.Errorf("the room that replaces it = %+v, %v", got, err)
	}
	if _, known, _ := s.Room(t.Context(), room); known {
		t.Error("a forgotten room is known")
	}
}

func manyAtOnce(t *testing.T, s *store.Store) {
	var wg sync.WaitGroup
	for i := range 20 {
		wg.Go(func() {
			for j := range 10 {
				e := store.Event{Room: room, ID: id.EventID(rune('a'+i)) + id.EventID(rune('a'+j))}
				if _, err := s.Receive(t.Context(), user, &store.Batch{Events: []store.Event{e}}); err != nil {
					t.Error(err)
				}
				if err := s.Handled(t.Context(), e.ID, "$r"); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	if pending, err := s.Pending(t.Context()); len(pending) != 0 || err != nil {
		t.Errorf("pending = %v, %v", pending, err)
	}
}

func feedback(t *testing.T, s *store.Store) {
	count := func(topic string, thumbs ...bool) {
		for _, good := range thumbs {
			if err := s.CountFeedback(t.Context(), topic, good); err != nil {
				t.Fatal(err)
			}
		}
	}
	count("passwords", true)
	count("alt:email", true, false, true)
	count("spf", false, false)
	for _, tt := range []struct {
		limit int
		want  []store.Feedback
	}{
		{10, []store.Feedback{{Topic: "alt:email", Up: 2, Down: 1}, {Topic: "spf", Down: 2}, {Topic: "passwords", Up: 1}}},
		{2, []store.Feedback{{Topic: "alt:email", Up: 2, Down: 1}, {Topic: "spf", Down: 2}}},
	} {
		got, err := s.Feedback(t.Context(), tt.limit)
		if err != nil || !reflect.DeepEqual(got, tt.want) {
			t.Errorf("the first %d: got %v, %v, want %v", tt.limit, got, err, tt.want)
		}
	}
}

func TestFileIsPrivateAndReopens(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a b?.db")
	if _, err := store.Open(t.Context(), "sqlite:"+path); err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Fatalf("mode = %v, %v; want 0600", info.Mode(), err)
	}
	s, err := store.Open(t.Context(), "sqlite:"+path)
	if err != nil {
		t.Fatal(err)
	}
	s.Close()
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func once(t *testing.T, s *store.Store) {
	for i, want := range []bool{true, false, false} {
		if got, err := s.Once(t.Context(), "x"); got != want || err != nil {
			t.Errorf("call %d: %v, %v", i+1, got, err)
		}
	}
	if got, err := s.Once(t.Context(), "y"); !got || err != nil {
		t.Errorf("another key: %v, %v", got, err)
	}
	if pending, err := s.Pending(t.Context()); len(pending) > 0 || err != nil {
		t.Errorf("pending: %v, %v", pending, err)
	}
}

// lead has one program lead, another wait, and the second take over when the
// first gives up, and when PostgreSQL ends its session.
func lead(t *testing.T, address string) {
	first, err := store.Open(t.Context(), address)
	if err != nil {
		t.Fatal(err)
	}
	defer first.Close()
	second, err := store.Open(t.Context(), address)
	if err != nil {
		t.Fatal(err)
	}
	defer second.Close()
	_, release, err := first.Lead(t.Context(), func() { t.Error("the first had to wait") })
	must(t, err)
	waits, leads := make(chan struct{}), make(chan context.Context)
	go func() {
		leading, _, err := second.Lead(t.Context(), func() { close(waits) })
		if err != nil {
			t.Error(err)
		}
		leads <- leading
	}()
	<-waits
	release()
	leading := <-leads
	if err := leading.Err(); err != nil {
		t.Fatal(err)
	}
	if _, err := first.Database().Exec(t.Context(), "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype='advisory' AND database=(SELECT oid FROM pg_database WHERE datname=current_database())"); err != nil {
		t.Fatal(err)
	}
	<-leading.Done() // it notices that it does not lead any more
	_, release, err = first.Lead(t.Context(), nil)
	must(t, err)
	release()
}

func TestOneProgramPerSQLiteFile(t *testing.T) {
	s := open(t)
	_, release, err := s.Lead(t.Context(), nil)
	must(t, err)
	if _, _, err := s.Lead(t.Context(), nil); !errors.Is(err, store.ErrBusy) {
		t.Errorf("a second program: %v", err)
	}
	release()
	_, release, err = s.Lead(t.Context(), nil)
	must(t, err)
	release()
}

func sent(t *testing.T, s *store.Store) {
	now := time.UnixMilli(1700000000000)
	s.Now = func() time.Time { return now }
	must(t, s.SaveSession(t.Context(), user, &store.Session{Created: now}))
	note := func(txn string, event, want id.EventID) {
		t.Helper()
		if got, err := s.Sent(t.Context(), store.Sent{Room: room, Txn: txn, Event: event}); got != want || err != nil {
			t.Errorf("%s under %s: %q stands, %v; want %q", event, txn, got, err, want)
		}
	}
	stands := func(txn string, want id.EventID) {
		t.Helper()
		if got, err := s.SentAs(t.Context(), txn); got != want || err != nil {
			t.Errorf("under %s stands %q, %v; want %q", txn, got, err, want)
		}
	}
	copies := func(want ...store.Copy) {
		t.Helper()
		if got, err := s.Copies(t.Context()); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("copies %v, %v; want %v", got, err, want)
		}
	}
	stands("one", "")
	note("one", "$1", "$1")
	note("one", "$1", "$1") // its acknowledgement and its /sync
	note("two", "$2", "$2")
	stands("one", "$1")
	copies()

	_, err := s.Receive(t.Context(), user, &store.Batch{Since: "s1", Sent: []store.Sent{
		{Room: room, Txn: "one", Event: "$late"}, {Room: room, Txn: "three", Event: "$3"},
	}})
	must(t, err)
	note("one", "$late", "$1")
	stands("one", "$1")
	stands("three", "$3")
	copies(store.Copy{Room: room, Event: "$late", Stands: "$1"})
	must(t, s.DropCopy(t.Context(), "$late"))
	copies()

	// In a day the same may be said again.
	now = now.Add(25 * time.Hour)
	stands("one", "")
	note("one", "$again", "$again")
	stands("one", "$again")
	must(t, s.Expire(t.Context(), 30*24*time.Hour))
	stands("one", "$again")
	copies()

	note("one", "$late", "$again")
	must(t, s.ForgetRoom(t.Context(), room))
	stands("one", "")
	copies()
}
