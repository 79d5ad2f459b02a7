package store_test

import (
	"context"
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
)

const (
	user = id.UserID("@bot:example.org")
	room = id.RoomID("!club:example.org")
)

// postgresVariable names an empty PostgreSQL database to run the same tests on.
const postgresVariable = "WOLKWIJS_TEST_POSTGRES"

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

// onEach runs a test on SQLite and, where one is named, on PostgreSQL.
func onEach(t *testing.T, test func(t *testing.T, s *store.Store)) {
	t.Run("sqlite", func(t *testing.T) { test(t, open(t)) })
	if address := os.Getenv(postgresVariable); address != "" {
		t.Run("postgres", func(t *testing.T) {
			s, err := store.Open(t.Context(), address)
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() {
				s.Database().Exec(context.Background(), "DELETE FROM session; DELETE FROM room; DELETE FROM inbox")
				s.Close()
			})
			test(t, s)
		})
	}
}

func TestSessionSurvives(t *testing.T) {
	onEach(t, func(t *testing.T, s *store.Store) {
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
	})
}

func TestInbox(t *testing.T) {
	onEach(t, func(t *testing.T, s *store.Store) {
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
		now = now.Add(31 * 24 * time.Hour)
		must(t, s.Expire(t.Context(), 30*24*time.Hour))
		if _, known, _ := s.Reply(t.Context(), "$a"); known {
			t.Error("a handled event is still known after 31 days")
		}
		if pending, _ := s.Pending(t.Context()); len(pending) != 1 {
			t.Error("an event that is still to be answered expired")
		}
	})
}

func TestInboxKeepsNoEventIDsOnceHandled(t *testing.T) {
	onEach(t, func(t *testing.T, s *store.Store) {
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
	})
}

func TestRooms(t *testing.T) {
	onEach(t, func(t *testing.T, s *store.Store) {
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
		must(t, s.MoveRoom(t.Context(), room, "!new:example.org"))
		must(t, s.ForgetRoom(t.Context(), room))
		if got, _, err := s.Room(t.Context(), "!new:example.org"); err != nil || got.Language != lang.EN || !got.Welcomed || got.Joined {
			t.Errorf("the room that replaces it = %+v, %v", got, err)
		}
		if _, known, _ := s.Room(t.Context(), room); known {
			t.Error("a forgotten room is known")
		}
	})
}

func TestManyAtOnce(t *testing.T) {
	onEach(t, func(t *testing.T, s *store.Store) {
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
	})
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
