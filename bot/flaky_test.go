package bot

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"io"
	"strings"
	"sync"
	"testing"
	"time"

	"maunium.net/go/mautrix/id"
)

// flaky is a database that fails once where a query has the words, as after a
// restart of PostgreSQL the first query on a connection from before does.
type flaky struct {
	*sql.DB
	down *sql.DB

	mu    sync.Mutex
	words []string
	hits  int
}

// unsteady has the database of the bot, which is not started yet, be flaky.
func (w *world) unsteady() *flaky {
	f := &flaky{down: sql.OpenDB(gone{})}
	w.t.Cleanup(func() { f.down.Close() })
	w.change = func(b *Bot) {
		f.DB = b.store.Database().RawDB
		b.store.Database().LoggingDB.UnderlyingExecable = f
	}
	return f
}

// fail has the next query with each of the words fail.
func (f *flaky) fail(words ...string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.words, f.hits = words, 0
}

// failed says whether all queries that were to fail have.
func (f *flaky) failed() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return len(f.words) == 0 && f.hits > 0
}

// asked returns the database that answers a query.
func (f *flaky) asked(query string) *sql.DB {
	f.mu.Lock()
	defer f.mu.Unlock()
	for i, words := range f.words {
		if strings.Contains(query, words) {
			f.words = append(append([]string{}, f.words[:i]...), f.words[i+1:]...)
			f.hits++
			return f.down
		}
	}
	return f.DB
}

// QueryContext implements [dbutil.UnderlyingExecable].
func (f *flaky) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	return f.asked(query).QueryContext(ctx, query, args...)
}

// QueryRowContext implements [dbutil.UnderlyingExecable].
func (f *flaky) QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row {
	return f.asked(query).QueryRowContext(ctx, query, args...)
}

// gone is a database server that is not there.
type gone struct{}

func (gone) Connect(context.Context) (driver.Conn, error) { return nil, io.EOF }
func (gone) Driver() driver.Driver                        { return nil }

// Parts of the queries that decide what becomes of a message.
const (
	readsRoom       = "FROM room WHERE room_id="
	readsReply      = "SELECT reply_id FROM inbox"
	readsMembers    = "FROM mx_user_profile"
	readsEncryption = "SELECT encryption FROM mx_room_state"
)

// The first look in the database fails: everything is done all the same.
func TestDatabaseThatFailsOnce(t *testing.T) {
	edit := func(w *world, room id.RoomID, question id.EventID, body string) {
		w.hs.Send(room, alice, "m.room.message", object{"msgtype": "m.text", "body": "* " + body, "m.new_content": text(body),
			"m.relates_to": object{"rel_type": "m.replace", "event_id": question}})
	}
	for _, tt := range []struct {
		name  string
		query []string
		do    func(w *world, room id.RoomID, question id.EventID)
		want  []string
	}{
		{"a question", []string{readsRoom}, func(w *world, room id.RoomID, _ id.EventID) { w.hs.Say(room, alice, "two") },
			[]string{"you said: one", "you said: two"}},
		{"a question, at the members", []string{readsMembers, readsMembers}, func(w *world, room id.RoomID, _ id.EventID) { w.hs.Say(room, alice, "two") },
			[]string{"you said: one", "you said: two"}},
		{"an edit", []string{readsReply, readsReply}, func(w *world, room id.RoomID, question id.EventID) { edit(w, room, question, "two") },
			[]string{"you said: one", "* you said: two"}},
		{"an edit, at the encryption", []string{readsEncryption}, func(w *world, room id.RoomID, question id.EventID) { edit(w, room, question, "two") },
			[]string{"you said: one", "* you said: two"}},
		{"a redaction when it comes", []string{readsReply}, func(w *world, room id.RoomID, question id.EventID) { w.hs.Redact(room, alice, question) }, nil},
		{"a redaction when it is handled too", []string{readsReply, readsReply}, func(w *world, room id.RoomID, question id.EventID) { w.hs.Redact(room, alice, question) }, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			inWorld(t, func(w *world) {
				f := w.unsteady()
				w.start()
				room := w.direct()
				w.pass(time.Minute)
				question := w.hs.Say(room, alice, "one")
				w.settle()
				w.wantSaid(room, "you said: one")
				f.fail(tt.query...)
				tt.do(w, room, question)
				w.pass(time.Minute)
				if !f.failed() {
					t.Fatal("the database did not fail")
				}
				w.wantSaid(room, tt.want...)
			})
		})
	}
}

// A question that is looked at while the bot is told to stop is not taken for
// one that is not for the bot.
func TestStopWhileTheDatabaseIsAway(t *testing.T) {
	inWorld(t, func(w *world) {
		f := w.unsteady()
		w.start()
		room := w.direct()
		w.pass(time.Minute)
		w.hs.Say(room, alice, "!think 5s")
		w.hs.Say(room, alice, "one")
		w.settle()
		var away []string
		for range 100 {
			away = append(away, readsMembers)
		}
		f.fail(away...)
		w.pass(5 * time.Second)
		w.end()
		f.fail()
		w.start()
		w.wantSaid(room, "thought 5s", "you said: one")
	})
}
