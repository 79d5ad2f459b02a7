package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"os"
	"time"

	"go.mau.fi/util/dbutil"

	"wolkwijs/filelock"
)

// ErrBusy means that another program works with this database already.
var ErrBusy = errors.New("another wolkwijs works with this database already")

const (
	leadKey    = 0x776f6c6b77696a73 // the advisory lock: "wolkwijs" in ASCII
	upgradeKey = leadKey + 1
	leadPoll   = 2 * time.Second // between attempts to take the lead, and between checks that it is still held
	leadCheck  = 5 * time.Second // how long a check may take
)

// Lead waits until this program may work with the database alone. On
// PostgreSQL several programs may wait, and when the one that leads ends or
// dies another takes over; on SQLite a second program gets [ErrBusy]. waiting
// is called once if there is a wait. The context returned ends when the lead
// is lost, or with ctx; release gives the lead up.
func (s *Store) Lead(ctx context.Context, waiting func()) (leading context.Context, release func(), err error) {
	if s.db.Dialect == dbutil.SQLite {
		release, err = s.lockFile()
		leading = ctx
	} else {
		leading, release, err = s.lockPostgres(ctx, waiting)
	}
	if err != nil {
		return nil, nil, err
	}
	s.receiving.Lock()
	defer s.receiving.Unlock()
	if err := s.loadSeq(ctx); err != nil { // another may have written meanwhile
		release()
		return nil, nil, err
	}
	return leading, release, nil
}

// lockFile locks a file beside the database. The lock ends with the program,
// however that ends.
func (s *Store) lockFile() (release func(), err error) {
	f, err := os.OpenFile(s.file+".lock", os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("locking the database: %w", err)
	}
	if err := filelock.Try(f); err != nil {
		f.Close()
		if errors.Is(err, filelock.ErrHeld) {
			return nil, ErrBusy
		}
		return nil, fmt.Errorf("locking the database: %w", err)
	}
	return func() { f.Close() }, nil
}

// lockPostgres takes an advisory lock on a connection of its own, which
// PostgreSQL gives free when that connection ends. It is watched: whoever
// cannot see the lock any more does not lead.
func (s *Store) lockPostgres(ctx context.Context, waiting func()) (context.Context, func(), error) {
	told := false
	for {
		conn, err := s.tryLock(ctx)
		if err != nil {
			return nil, nil, err
		}
		if conn != nil {
			leading, cancel := context.WithCancel(ctx)
			watched := make(chan struct{})
			go func() {
				defer close(watched)
				defer cancel()
				watch(leading, conn)
			}()
			return leading, func() {
				cancel()
				<-watched
				// The pool must not keep the session, which holds the lock.
				_ = conn.Raw(func(any) error { return driver.ErrBadConn })
				conn.Close()
			}, nil
		}
		if !told && waiting != nil {
			told = true
			waiting()
		}
		select {
		case <-ctx.Done():
			return nil, nil, ctx.Err()
		case <-time.After(leadPoll):
		}
	}
}

// tryLock returns a connection that holds the lock, or nil if another does.
func (s *Store) tryLock(ctx context.Context) (*sql.Conn, error) {
	conn, err := s.db.RawDB.Conn(ctx)
	if err != nil {
		return nil, fmt.Errorf("connecting to the database: %w", err)
	}
	// A machine that vanishes is noticed within twenty seconds.
	for _, query := range []string{"SET tcp_keepalives_idle=5", "SET tcp_keepalives_interval=5", "SET tcp_keepalives_count=3"} {
		if _, err = conn.ExecContext(ctx, query); err != nil {
			break
		}
	}
	locked := false
	if err == nil {
		err = conn.QueryRowContext(ctx, "SELECT pg_try_advisory_lock($1)", leadKey).Scan(&locked)
	}
	if err != nil || !locked {
		conn.Close()
		if err != nil {
			return nil, fmt.Errorf("asking for the lead: %w", err)
		}
		return nil, nil
	}
	return conn, nil
}

// watch returns when the connection no longer answers or ctx ends.
func watch(ctx context.Context, conn *sql.Conn) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-time.After(leadPoll):
		}
		check, cancel := context.WithTimeout(context.WithoutCancel(ctx), leadCheck)
		_, err := conn.ExecContext(check, "SELECT 1")
		cancel()
		if err != nil {
			return
		}
	}
}
