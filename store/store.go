// Package store keeps what must survive a restart: the bot's session, the
// settings of rooms, and the inbox of events that are still to be answered.
// It holds no message text and no user ID.
//
// The same SQL serves SQLite (the default) and PostgreSQL. The Matrix library
// keeps its own tables, such as encryption keys, in the same database; see
// [Store.Database].
//
// May import: filelock, go.mau.fi/util/dbutil, modernc.org/sqlite,
// github.com/lib/pq, maunium.net/go/mautrix/id.
package store

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"embed"
	"encoding/base64"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	_ "github.com/lib/pq" // driver "postgres"
	"go.mau.fi/util/dbutil"
	"modernc.org/sqlite" // without cgo
)

//go:embed upgrades/*.sql
var upgradeFiles embed.FS

// Store is an open database. It is safe for concurrent use.
type Store struct {
	db   *dbutil.Database
	file string        // of SQLite
	log  *checkpointer // nil for PostgreSQL

	// Now is the clock; tests set it.
	Now func() time.Time

	receiving sync.Mutex // guards lastSeq
	lastSeq   int64
}

// Open opens the database named by a "sqlite:PATH" or "postgres://" address
// and brings its tables up to date. A SQLite file that does not exist is made,
// readable by its owner only.
func Open(ctx context.Context, address string) (*Store, error) {
	db, err := open(address)
	if err != nil {
		return nil, err
	}
	upgrades := dbutil.BuildUpgradeTable().WithFSPath(upgradeFiles, "upgrades").Finish()
	s := &Store{db: db.Child("wolkwijs_version", upgrades, nil), file: strings.TrimPrefix(address, "sqlite:"), Now: time.Now}
	if err := s.upgrade(ctx); err != nil {
		db.Close()
		return nil, fmt.Errorf("bringing the database's tables up to date: %w", err)
	}
	if err := s.loadSeq(ctx); err != nil {
		db.Close()
		return nil, err
	}
	if db.Dialect == dbutil.SQLite {
		if s.log, err = newCheckpointer(s.file, db.RawDB); err != nil {
			db.Close()
			return nil, err
		}
	}
	return s, nil
}

// upgrade brings the tables up to date, one program at a time.
func (s *Store) upgrade(ctx context.Context) error {
	if s.db.Dialect == dbutil.SQLite {
		return s.db.Upgrade(ctx)
	}
	return s.db.DoTxn(ctx, nil, func(ctx context.Context) error {
		if _, err := s.db.Exec(ctx, "SELECT pg_advisory_xact_lock($1)", upgradeKey); err != nil {
			return err
		}
		return s.db.Upgrade(ctx)
	})
}

// open connects to the database without touching its tables.
func open(address string) (*dbutil.Database, error) {
	path, isSQLite := strings.CutPrefix(address, "sqlite:")
	if !isSQLite {
		raw, err := sql.Open("postgres", address)
		if err != nil {
			return nil, fmt.Errorf("database address: %w", err)
		}
		raw.SetMaxOpenConns(20)
		return dbutil.NewWithDB(raw, "postgres")
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, fmt.Errorf("making the folder of the database: %w", err)
	}
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("opening the database: %w", err)
	}
	f.Close()
	raw, err := openSQLite(path)
	if err != nil {
		return nil, err
	}
	// One connection: SQLite has one writer at a time, and whoever waits for
	// a connection is woken in order, while SQLite itself only looks again
	// after a while.
	raw.SetMaxOpenConns(1)
	return dbutil.NewWithDB(raw, "sqlite3")
}

// openSQLite opens a SQLite file, once for every connection.
func openSQLite(path string) (*sql.DB, error) {
	// WAL with NORMAL loses nothing when the program is killed. When the
	// machine loses power the last moments are gone as a whole, with the sync
	// token, so that they come again from the homeserver.
	query := url.Values{
		"_txlock": {"immediate"},
		"_pragma": {"busy_timeout(10000)", "foreign_keys(1)", "journal_mode(WAL)", "synchronous(NORMAL)",
			fmt.Sprintf("wal_autocheckpoint(%d)", autoCheckpointPages)},
	}
	connector, err := sqlite.NewConnector((&url.URL{Scheme: "file", Opaque: (&url.URL{Path: path}).EscapedPath(), RawQuery: query.Encode()}).String())
	if err != nil {
		return nil, fmt.Errorf("opening the database: %w", err)
	}
	return sql.OpenDB(statements{connector}), nil
}

// Close closes the database.
func (s *Store) Close() error { return errors.Join(s.log.close(), s.db.Close()) }

// Database is the database itself, for the Matrix library's own tables.
func (s *Store) Database() *dbutil.Database { return s.db }

// exec runs one statement.
func (s *Store) exec(ctx context.Context, query string, args ...any) error {
	_, err := s.db.Exec(ctx, query, args...)
	return err
}

// found turns "no rows" into false.
func found(err error) (bool, error) {
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	return err == nil, err
}

// hash hides an ID: it can be recognised, not read back.
func hash(id string) string {
	sum := sha256.Sum256([]byte(id))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}
