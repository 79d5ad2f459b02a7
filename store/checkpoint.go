package store

import (
	"context"
	"database/sql"
	"sync"
)

const (
	// checkpointBatches is after how many batches from /sync the write-ahead
	// log is copied into the database file. One batch and the answer to it
	// mostly write a dozen pages of 4,096 octets.
	checkpointBatches = 32
	// maxBehind is how many times the log may be due to be copied while it is
	// being copied.
	maxBehind = 2
	// maxLogPages is the length from which the log is made to begin anew, which
	// it does by itself only in a moment without writes: 6 MB. Then all wait for
	// the disk, which is to be seldom: an answer writes some 14 pages.
	maxLogPages = 1500
	// autoCheckpointPages is when a write does so itself: 8 MB. It happens where
	// batches are large. What the log takes a disk must have.
	autoCheckpointPages = 2000
)

// checkpointer copies SQLite's write-ahead log into the database file, over a
// connection of its own. SQLite would do it inside a write instead, where the
// answer to a question waits for the disk twice: some milliseconds on a solid
// state disk, tenths of a second on a memory card.
type checkpointer struct {
	beside  *sql.DB // the connection of its own
	writers *sql.DB // the one connection that all who write share
	due     chan struct{}
	batches int // since the last time
	stopped <-chan struct{}
	stop    context.CancelFunc
	done    sync.WaitGroup
}

func newCheckpointer(path string, writers *sql.DB) (*checkpointer, error) {
	beside, err := openSQLite(path)
	if err != nil {
		return nil, err
	}
	beside.SetMaxOpenConns(1)
	ctx, stop := context.WithCancel(context.Background())
	c := &checkpointer{beside: beside, writers: writers, due: make(chan struct{}, maxBehind), stopped: ctx.Done(), stop: stop}
	c.done.Go(func() {
		for {
			select {
			case <-c.due:
				c.checkpoint(ctx)
			case <-ctx.Done():
				return
			}
		}
	})
	return c, nil
}

// checkpoint copies the log, and has it begin anew when it has become long.
// What it leaves (somebody else reads, the disk is full) the next one takes.
func (c *checkpointer) checkpoint(ctx context.Context) {
	pages, err := copyLog(ctx, c.beside)
	if err != nil || pages < maxLogPages {
		return
	}
	// The next write begins the log anew once all of it is copied. The few
	// pages that came since are copied while nobody can write: whoever wants to
	// waits for the connection, and in order, where a RESTART over another
	// connection would have them look again after a while.
	_, _ = copyLog(ctx, c.writers)
}

// copyLog copies what it can of the log without waiting for anybody who reads
// or writes, and returns how many pages the log has.
func copyLog(ctx context.Context, db *sql.DB) (pages int, err error) {
	var busy, copied int
	err = db.QueryRowContext(ctx, "PRAGMA wal_checkpoint(PASSIVE)").Scan(&busy, &pages, &copied)
	return pages, err
}

// wrote tells that a batch was written. It waits only where copying is far
// behind, on a disk that others keep busy: the log must not grow meanwhile. It
// is not for concurrent use.
func (c *checkpointer) wrote() {
	if c == nil {
		return
	}
	if c.batches++; c.batches < checkpointBatches {
		return
	}
	c.batches = 0
	select {
	case c.due <- struct{}{}:
	case <-c.stopped:
	}
}

func (c *checkpointer) close() error {
	if c == nil {
		return nil
	}
	c.stop()
	c.done.Wait()
	return c.beside.Close()
}
