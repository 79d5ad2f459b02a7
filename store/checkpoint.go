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
	checkpointBatches = 128
	// autoCheckpointPages is when a write copies what is left itself, and so
	// lets the log begin anew: 16 MB. It happens where batches are large, or
	// come without a moment between them.
	autoCheckpointPages = 4000
)

// checkpointer copies SQLite's write-ahead log into the database file, over a
// connection of its own. SQLite would do it inside a write instead, where the
// answer to a question waits for the disk twice: some milliseconds on a solid
// state disk, tenths of a second on a memory card.
type checkpointer struct {
	db      *sql.DB
	due     chan struct{}
	batches int // since the last time
	stop    context.CancelFunc
	done    sync.WaitGroup
}

func newCheckpointer(path string) (*checkpointer, error) {
	db, err := openSQLite(path)
	if err != nil {
		return nil, err
	}
	ctx, stop := context.WithCancel(context.Background())
	c := &checkpointer{db: db, due: make(chan struct{}, 1), stop: stop}
	c.done.Go(func() {
		for {
			select {
			case <-c.due:
				// PASSIVE waits for nobody and makes nobody wait. What it
				// leaves (somebody reads, the disk is full) the next one takes.
				_, _ = c.db.ExecContext(ctx, "PRAGMA wal_checkpoint(PASSIVE)")
			case <-ctx.Done():
				return
			}
		}
	})
	return c, nil
}

// wrote tells that a batch was written. It does not wait, and is not for
// concurrent use.
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
	default:
	}
}

func (c *checkpointer) close() error {
	if c == nil {
		return nil
	}
	c.stop()
	c.done.Wait()
	return c.db.Close()
}
