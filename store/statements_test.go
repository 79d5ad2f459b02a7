package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// counted counts the statements that the driver prepares to be kept.
type counted struct {
	driver.Connector
	prepared atomic.Int64
}

func (c *counted) Connect(ctx context.Context) (driver.Conn, error) {
	opened, err := c.Connector.Connect(ctx)
	if err != nil {
		return nil, err
	}
	return &countedConn{opened.(fullConn), c}, nil
}

type countedConn struct {
	fullConn
	by *counted
}

func (c *countedConn) PrepareContext(ctx context.Context, text string) (driver.Stmt, error) {
	c.by.prepared.Add(1)
	return c.fullConn.PrepareContext(ctx, text)
}

// database is a database with one connection that keeps its statements.
type database struct {
	*sql.DB
	t       *testing.T
	path    string
	counted *counted
}

// openKept opens a file with a table t of an ID and a text.
func openKept(t *testing.T) *database {
	t.Helper()
	path := filepath.Join(t.TempDir(), "test.db")
	first, err := openSQLite(path)
	if err != nil {
		t.Fatal(err)
	}
	first.Close()
	query := url.Values{"_txlock": {"immediate"}, "_pragma": {"busy_timeout(10000)", "journal_mode(WAL)"}}
	connector, err := sqlite.NewConnector("file:" + path + "?" + query.Encode())
	if err != nil {
		t.Fatal(err)
	}
	d := &database{t: t, path: path, counted: &counted{Connector: connector}}
	d.DB = sql.OpenDB(statements{d.counted})
	d.SetMaxOpenConns(1)
	t.Cleanup(func() { d.Close() })
	d.exec("CREATE TABLE t (id INTEGER PRIMARY KEY, word TEXT NOT NULL UNIQUE)")
	return d
}

// another opens the same file as another program does.
func (d *database) another() *sql.DB {
	d.t.Helper()
	other, err := openSQLite(d.path)
	if err != nil {
		d.t.Fatal(err)
	}
	d.t.Cleanup(func() { other.Close() })
	return other
}

// exec runs a statement that has to succeed.
func (d *database) exec(text string, args ...any) sql.Result {
	d.t.Helper()
	result, err := d.ExecContext(d.t.Context(), text, args...)
	if err != nil {
		d.t.Fatalf("%s: %v", text, err)
	}
	return result
}

// word returns what a query for one text finds.
func (d *database) word(text string, args ...any) (word string) {
	d.t.Helper()
	if err := d.QueryRowContext(d.t.Context(), text, args...).Scan(&word); err != nil {
		d.t.Fatalf("%s: %v", text, err)
	}
	return word
}

// prepares fails the test unless fn has the driver prepare want statements.
func (d *database) prepares(want int, fn func()) {
	d.t.Helper()
	before := d.counted.prepared.Load()
	fn()
	if got := d.counted.prepared.Load() - before; int(got) != want {
		d.t.Errorf("%d statements were prepared, want %d", got, want)
	}
}

// kept returns how many statements the connection keeps.
func (d *database) kept() (n int) {
	d.t.Helper()
	c, err := d.Conn(d.t.Context())
	if err != nil {
		d.t.Fatal(err)
	}
	defer c.Close()
	err = c.Raw(func(raw any) error {
		if n = len(raw.(*conn).idle); n != raw.(*conn).recent.Len() {
			d.t.Errorf("%d statements are kept by text, %d by age", n, raw.(*conn).recent.Len())
		}
		return nil
	})
	if err != nil {
		d.t.Fatal(err)
	}
	return n
}

const (
	insertWord = "\n\tinsert\tINTO t (word) VALUES (?1)"
	selectWord = "SELECT word FROM t WHERE id=?1"
)

func TestStatementsArePreparedOnce(t *testing.T) {
	d := openKept(t)
	d.prepares(2, func() {
		for i := range 20 {
			word := fmt.Sprint("word", i)
			result := d.exec(insertWord, word)
			id, err := result.LastInsertId()
			if n, _ := result.RowsAffected(); err != nil || n != 1 || id != int64(i+1) {
				t.Fatalf("inserted %d rows, the last is %d, %v", n, id, err)
			}
			if got := d.word(selectWord, id); got != word {
				t.Fatalf("row %d has %q, want %q", id, got, word)
			}
		}
	})
	d.prepares(1, func() { // the transaction uses the same connection
		tx, err := d.Begin()
		if err != nil {
			t.Fatal(err)
		}
		for range 2 {
			if _, err := tx.Exec("UPDATE t SET word=?1 WHERE id=?2", "other", 1); err != nil {
				t.Fatal(err)
			}
		}
		if err := tx.Rollback(); err != nil {
			t.Fatal(err)
		}
	})
	if got := d.word(selectWord, 1); got != "word0" {
		t.Errorf("after rolling back, the word is %q", got)
	}
}

// A statement whose rows are being read is not used for something else.
func TestStatementInUse(t *testing.T) {
	d := openKept(t)
	for _, word := range []string{"a", "b", "c"} {
		d.exec(insertWord, word)
	}
	const from = "SELECT word FROM t WHERE id>=?1 ORDER BY id"
	for range 2 {
		tx, err := d.Begin()
		if err != nil {
			t.Fatal(err)
		}
		var seen []string
		outer, err := tx.Query(from, 1)
		if err != nil {
			t.Fatal(err)
		}
		for outer.Next() {
			var word, inner string
			if err := outer.Scan(&word); err != nil {
				t.Fatal(err)
			}
			if err := tx.QueryRow(from, 2).Scan(&inner); err != nil {
				t.Fatal(err)
			}
			seen = append(seen, word+inner)
		}
		if err := errors.Join(outer.Err(), outer.Close(), tx.Commit()); err != nil {
			t.Fatal(err)
		}
		if want := []string{"ab", "bb", "cb"}; !reflect.DeepEqual(seen, want) {
			t.Errorf("read %q, want %q", seen, want)
		}
	}
	if n := d.kept(); n != 2 {
		t.Errorf("%d statements are kept, want one of each text", n)
	}
}

func TestStatementThatFailsIsNotKept(t *testing.T) {
	d := openKept(t)
	d.exec(insertWord, "a")
	_, err := d.Exec(insertWord, "a")
	var lite *sqlite.Error
	if !errors.As(err, &lite) || lite.Code() != sqlite3.SQLITE_CONSTRAINT_UNIQUE {
		t.Errorf("inserting a word twice gives %v", err)
	}
	if n := d.kept(); n != 0 {
		t.Errorf("%d statements are kept", n)
	}
	d.prepares(1, func() { d.exec(insertWord, "b") })
	for range 2 {
		if _, err := d.Query("SELECT nothing FROM t"); !errors.As(err, &lite) || lite.Code() != sqlite3.SQLITE_ERROR {
			t.Errorf("asking for a column that is not there gives %v", err)
		}
		if _, err := d.Exec(insertWord); err == nil {
			t.Error("a missing argument is no error")
		}
	}
	if n := d.kept(); n != 0 {
		t.Errorf("%d statements are kept", n)
	}
	d.exec(insertWord, "c")
}

// Kept statements follow changes of the tables, also those by others.
func TestStatementsFollowTheTables(t *testing.T) {
	d := openKept(t)
	d.exec(insertWord, "a")
	other := d.another()
	all := func() string {
		t.Helper()
		rows, err := d.Query("SELECT * FROM t")
		if err != nil {
			return err.Error()
		}
		defer rows.Close()
		columns, err := rows.Columns()
		if err != nil {
			t.Fatal(err)
		}
		return strings.Join(columns, " ")
	}
	change := func(by *sql.DB, text string) {
		t.Helper()
		if _, err := by.Exec(text); err != nil {
			t.Fatal(err)
		}
	}
	d.prepares(1, func() {
		if got := all(); got != "id word" {
			t.Errorf("found %s", got)
		}
		change(d.DB, "ALTER TABLE t ADD COLUMN size INTEGER")
		if got := all(); got != "id word size" {
			t.Errorf("after adding a column, found %s", got)
		}
		change(other, "ALTER TABLE t DROP COLUMN size")
		if got := all(); got != "id word" {
			t.Errorf("after another connection dropped the column, found %s", got)
		}
	})
	change(d.DB, "DROP TABLE t")
	if got := all(); !strings.Contains(got, "no such table") {
		t.Errorf("after dropping the table, found %s", got)
	}
	change(other, "CREATE TABLE t (word TEXT)")
	if got := all(); got != "word" {
		t.Errorf("after making it anew, found %s", got)
	}
}

func TestStatementsAreBounded(t *testing.T) {
	d := openKept(t)
	text := func(i int) string { return fmt.Sprintf("SELECT 'w%d'", i) }
	for i := range maxStatements + 50 {
		d.word(text(i))
		d.word(text(0)) // so it is never the oldest
	}
	if n := d.kept(); n != maxStatements {
		t.Errorf("%d statements are kept, want %d", n, maxStatements)
	}
	d.prepares(0, func() { d.word(text(0)); d.word(text(maxStatements + 49)) })
	d.prepares(1, func() { d.word(text(1)) })
}

func TestStatementsNotToBeKept(t *testing.T) {
	d := openKept(t)
	for _, text := range []string{
		"PRAGMA user_version=3",
		"CREATE TABLE u (id INTEGER)",
		"INSERT INTO u VALUES (1); INSERT INTO u VALUES (2)",
		"DELETE FROM u;",
		"-- a comment\nDELETE FROM u",
		"WITH w AS (SELECT 1) SELECT * FROM w",
		"INSERT INTO u VALUES (1" + strings.Repeat("), (1", 1000) + ")",
		"",
	} {
		d.prepares(0, func() { d.exec(text) })
	}
	if n := d.kept(); n != 0 {
		t.Errorf("%d statements are kept", n)
	}
	if got := d.word("SELECT count(*) FROM u"); got != "1001" {
		t.Errorf("there are %s rows", got)
	}
}

// What waits for another program's transaction ends with its context.
func TestStatementWaitsNoLongerThanItsContext(t *testing.T) {
	d := openKept(t)
	d.exec(insertWord, "a")
	other := d.another()
	holds, err := other.Begin()
	if err != nil {
		t.Fatal(err)
	}
	defer holds.Rollback()
	for name, write := range map[string]func(ctx context.Context) error{
		"a kept statement": func(ctx context.Context) error {
			_, err := d.ExecContext(ctx, insertWord, "b")
			return err
		},
		"a new statement": func(ctx context.Context) error {
			_, err := d.ExecContext(ctx, "UPDATE t SET word='b'")
			return err
		},
		"one that returns rows": func(ctx context.Context) error {
			return d.QueryRowContext(ctx, "INSERT INTO t (word) VALUES ('b') RETURNING id").Scan(new(int))
		},
		"a transaction": func(ctx context.Context) error {
			tx, err := d.BeginTx(ctx, nil)
			if err == nil {
				tx.Rollback()
			}
			return err
		},
	} {
		ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
		begun := time.Now()
		if err := write(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("%s: %v", name, err)
		}
		if took := time.Since(begun); took > 5*time.Second {
			t.Errorf("%s waited %v", name, took)
		}
		if err := write(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("%s, with a context that has ended: %v", name, err)
		}
		cancel()
	}
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	if err := d.QueryRowContext(ctx, selectWord, 1).Scan(new(string)); err != nil {
		t.Errorf("reading meanwhile: %v", err)
	}
	if err := holds.Commit(); err != nil {
		t.Fatal(err)
	}
	d.exec(insertWord, "b")
}

// Rows that are left when their context ends give their statement back.
func TestStatementOfRowsThatAreLeft(t *testing.T) {
	d := openKept(t)
	d.exec(insertWord, "a")
	const text = "SELECT id, word FROM t"
	ctx, cancel := context.WithCancel(t.Context())
	left, err := d.QueryContext(ctx, text)
	if err != nil {
		t.Fatal(err)
	}
	types, err := left.ColumnTypes()
	if err != nil || types[0].DatabaseTypeName() != "INTEGER" || types[1].DatabaseTypeName() != "TEXT" {
		t.Errorf("the columns' types are %v, %v", types, err)
	}
	cancel()
	d.prepares(0, func() { d.word("SELECT word FROM (SELECT word FROM t);") }) // waits for the connection
	d.prepares(0, func() {
		var id int
		var word string
		if err := d.QueryRow(text).Scan(&id, &word); err != nil || word != "a" {
			t.Errorf("afterwards, the word is %q, %v", word, err)
		}
	})
}

// The settings of the address hold, and a transaction locks when it begins.
func TestConnectionsAreAsTheAddressSays(t *testing.T) {
	d := openKept(t)
	db, err := openSQLite(d.path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for setting, want := range map[string]string{
		"busy_timeout": "10000", "foreign_keys": "1", "journal_mode": "wal", "synchronous": "1", "wal_autocheckpoint": fmt.Sprint(autoCheckpointPages),
	} {
		var got string
		if err := db.QueryRow("PRAGMA " + setting).Scan(&got); err != nil || got != want {
			t.Errorf("%s is %s, want %s; %v", setting, got, want, err)
		}
	}
	tx, err := db.Begin()
	if err != nil {
		t.Fatal(err)
	}
	defer tx.Rollback()
	d.exec("PRAGMA busy_timeout=0")
	var lite *sqlite.Error
	if _, err := d.Exec(insertWord, "a"); !errors.As(err, &lite) || lite.Code() != sqlite3.SQLITE_BUSY || !Passing(err) {
		t.Errorf("writing beside a transaction gives %v", err)
	}
}

// SQLite closes a file only when no statement is left on it; then it removes
// the write-ahead log.
func TestNoStatementIsLeftOpen(t *testing.T) {
	d := openKept(t)
	d.exec(insertWord, "a")
	d.word(selectWord, 1)
	if _, err := os.Stat(d.path + "-wal"); err != nil {
		t.Fatal(err)
	}
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(d.path + "-wal"); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("after closing, the log is there: %v", err)
	}
}

// Many use few connections at once, and some give up half way.
func TestStatementsForMany(t *testing.T) {
	d := openKept(t)
	d.SetMaxOpenConns(2)
	for i := range 20 {
		d.exec(insertWord, fmt.Sprint("word", i))
	}
	var all sync.WaitGroup
	for worker := range 8 {
		all.Go(func() {
			for i := range 50 {
				ctx, cancel := context.WithCancel(t.Context())
				if i%5 == worker%5 {
					go cancel()
				}
				id := (worker+i)%20 + 1
				var word string
				err := d.QueryRowContext(ctx, selectWord, id).Scan(&word)
				if err == nil && word != fmt.Sprint("word", id-1) {
					t.Errorf("row %d has %q", id, word)
				}
				if err == nil {
					_, err = d.ExecContext(ctx, "UPDATE t SET word=?2 WHERE id=?1", id, word)
				}
				if err != nil && ctx.Err() == nil {
					t.Error(err)
				}
				cancel()
			}
		})
	}
	all.Wait()
}
