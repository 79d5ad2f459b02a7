package e2e_test

import (
	"bytes"
	"context"
	"database/sql"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	_ "github.com/lib/pq" // driver "postgres"
	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"
	_ "modernc.org/sqlite" // driver "sqlite", without cgo

	"wolkwijs/e2e/peer"
	"wolkwijs/e2e/tree"
	"wolkwijs/store/pgtest"
)

// anyUserID finds user IDs, also as parts of URLs.
var anyUserID = regexp.MustCompile(`(?i)(@|%40)[a-z0-9._=/+-]+(:|%3a)[a-z0-9.-]+`)

// telling is how many characters a line of a message must have for its being
// somewhere to be no accident.
const telling = 12

// people returns the tables, all of the Matrix library, that may know of
// people: those of which docs/privacy.md tells that they hold user IDs.
func people(t *testing.T) (patterns []string) {
	t.Helper()
	root, err := tree.Root()
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(filepath.Join(root, "docs", "privacy.md"))
	if err != nil {
		t.Fatal(err)
	}
	_, library, _ := strings.Cut(string(text), "**Tables of the Matrix library**")
	for line := range strings.Lines(library) {
		if !strings.HasPrefix(line, "| `") || !strings.Contains(line, "user ID") {
			continue
		}
		for _, name := range regexp.MustCompile("`([a-z_*]+)`").FindAllStringSubmatch(line, -1) {
			if strings.HasPrefix(name[1], "mx_") || strings.HasPrefix(name[1], "crypto_") {
				patterns = append(patterns, name[1])
			}
		}
	}
	if len(patterns) < 5 {
		t.Fatalf("docs/privacy.md tells of %q only", patterns)
	}
	return patterns
}

// traces are what a bot leaves behind, by the place where it does.
type traces struct {
	t      *testing.T
	of     id.UserID
	secret map[string]bool // texts of messages
	names  []string        // of people
}

// collect gathers what was said in a world and by whom.
func (w *world) collect(b *testBot) *traces {
	tr := &traces{t: w.t, of: b.id, secret: map[string]bool{}}
	for _, c := range w.clients {
		tr.names = append(tr.names, c.UserID().Localpart())
		for text := range texts(c) {
			tr.secret[text] = true
		}
	}
	return tr
}

// texts returns all questions, and each telling line of the answers, that c
// has seen.
func texts(c peer.Client) map[string]bool {
	found := map[string]bool{}
	for _, e := range c.Timeline().All() {
		if e.Type != event.EventMessage.Type {
			continue
		}
		message := e.Message()
		if message.MsgType == event.MsgText && message.Body != "" {
			found[message.Body] = true
		}
		for line := range strings.Lines(message.Body) {
			if line = strings.TrimSpace(line); len(line) >= telling {
				found[line] = true
			}
		}
	}
	return found
}

// nobody checks that a text names nobody.
func (tr *traces) nobody(where, text string) {
	if found := anyUserID.FindString(text); found != "" {
		tr.t.Errorf("%s of %s holds the user ID %s", where, tr.of, found)
	}
	for _, name := range tr.names {
		if strings.Contains(text, name) {
			tr.t.Errorf("%s of %s holds the name %s", where, tr.of, name)
		}
	}
}

// nothing checks that a text holds nothing that was said. Short questions,
// such as "help", are only looked for where every word is ours.
func (tr *traces) nothing(where, text string, short bool) {
	for secret := range tr.secret {
		if (short || len(secret) >= telling) && strings.Contains(text, secret) {
			tr.t.Errorf("%s of %s holds what was said: %q", where, tr.of, secret)
		}
	}
}

// checkPrivacy checks that a bot that has ended has left no text that was said
// in the test, and no user ID, in its log, its metrics and its database, but
// for those in the Matrix library's own tables.
func (w *world) checkPrivacy(b *testBot) {
	w.t.Helper()
	tr := w.collect(b)
	log := b.log.String()
	if log == "" {
		w.t.Error("the log is empty")
	}
	tr.nobody("the log", log)
	tr.nothing("the log", log, true)
	tr.nobody("the metrics", b.metrics)
	tr.nothing("the metrics", b.metrics, false)
	if b.database == "" {
		files, err := filepath.Glob(filepath.Join(b.dir, "wolkwijs.db*"))
		if err != nil || len(files) == 0 {
			w.t.Errorf("no database: %v", err)
		}
		for _, file := range files { // what was deleted may still be in them
			data, err := os.ReadFile(file)
			if err != nil {
				w.t.Error(err)
			}
			tr.nothing(filepath.Base(file), string(data), false)
		}
	}
	tr.tables(b)
}

// tables looks at every row of every table.
func (tr *traces) tables(b *testBot) {
	tr.t.Helper()
	driver, address, list := "sqlite", "file:"+filepath.Join(b.dir, "wolkwijs.db")+"?mode=ro", "SELECT name FROM sqlite_master WHERE type='table' AND name NOT LIKE 'sqlite_%'"
	if b.database != "" {
		driver, address, list = "postgres", b.database, "SELECT tablename FROM pg_tables WHERE schemaname='public'"
	}
	db, err := sql.Open(driver, address)
	if err != nil {
		tr.t.Fatal(err)
	}
	defer db.Close()
	known := people(tr.t)
	tables, err := column(db, list)
	if err != nil || len(tables) < 15 {
		tr.t.Errorf("tables %q: %v", tables, err)
	}
	for _, table := range tables {
		rows, err := column(db, "SELECT * FROM "+table)
		if err != nil {
			tr.t.Errorf("%s: %v", table, err)
		}
		for _, row := range rows {
			where := "the table " + table
			tr.nothing(where, row, false)
			if !slices.ContainsFunc(known, func(p string) bool { ok, _ := path.Match(p, table); return ok }) {
				tr.nobody(where, row)
			}
		}
	}
}

// column returns the rows of a query, each as one text.
func column(db *sql.DB, query string) ([]string, error) {
	rows, err := db.Query(query)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	columns, err := rows.Columns()
	if err != nil {
		return nil, err
	}
	var all []string
	for rows.Next() {
		values, targets := make([]any, len(columns)), make([]any, len(columns))
		for i := range values {
			targets[i] = &values[i]
		}
		if err := rows.Scan(targets...); err != nil {
			return nil, err
		}
		var row strings.Builder
		for i, value := range values {
			if i > 0 {
				row.WriteString(" | ")
			}
			if text, ok := value.([]byte); ok {
				row.Write(text)
			} else {
				fmt.Fprint(&row, value)
			}
		}
		all = append(all, row.String())
	}
	return all, rows.Err()
}

// readMetrics keeps what a running bot counts.
func (b *testBot) readMetrics(ctx context.Context) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+b.listen+"/metrics", nil)
	if err != nil {
		return err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	b.metrics = string(text)
	if err == nil && !bytes.Contains(text, []byte("wolkwijs_info")) {
		err = fmt.Errorf("these are no metrics: %.200s", text)
	}
	return err
}

// freeAddress returns a loopback address on which nothing listens.
func freeAddress(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// Every test checks what its bots leave behind, at level trace; this one has a
// bit of everything happen, at each level and with each kind of database.
func TestNothingIsKeptOfWhoSaidWhat(t *testing.T) {
	t.Parallel()
	for name, settings := range map[string]func(t *testing.T) map[string]string{
		"info":  func(*testing.T) map[string]string { return map[string]string{"log.level": "'info'"} },
		"trace": func(*testing.T) map[string]string { return map[string]string{"log.format": "'json'"} },
		"PostgreSQL": func(t *testing.T) map[string]string {
			return map[string]string{"storage.database": "'" + pgtest.Database(t, pgtest.Start(t)) + "'"}
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			b := w.bot(settings(t))
			anna := w.member(mautrixGo, "anna")
			bram := w.member(mautrixGo, "bram")
			for _, encrypted := range []bool{true, false} {
				club := w.roomWith(b, anna, peer.Room{Name: "Zwaluwenclub", Encrypted: encrypted, Invite: []id.UserID{bram.UserID()}})
				w.must(bram.Join(w.ctx, club))
				w.must(peer.AwaitJoin(w.ctx, anna, club, bram.UserID()))
				dm := w.roomWith(b, anna, peer.Room{Direct: true, Encrypted: encrypted})
				for _, text := range []string{
					"!help", "!alt videobellen", "!2fa zwaluwendienst", "!check example.nl",
					"!check zwaluwennest.nl", "!tip 3", "!about", "!language nl", "!compare example.nl zwaluwennest.nl",
				} {
					w.answer(b, anna, w.ask(anna, club, text))
				}
				w.ask(bram, club, "Zomaar iets over zwaluwen van bram")
				w.answer(b, bram, w.ask(bram, club, "!uitleg zwaluwenrecord"))
				w.answer(b, anna, w.ask(anna, dm, "Is het handig om zwaluwen in de cloud te bewaren?"))
				w.answer(b, anna, w.ask(anna, dm, strings.Repeat("zwaluwen ", 300)))
				w.send(anna, club, peer.Edit("!tip vier", w.ask(anna, club, "Zomaar een zwaluwenpraatje")))
				w.must(bram.Leave(w.ctx, club))
				w.answer(b, anna, w.ask(anna, club, "!tip 1"))
			}
			w.must(b.Kill())
			w.must(b.Restart(w.ctx))
		})
	}
}
