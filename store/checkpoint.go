package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"sync"
)

const (
	// checkpointBatches is after how many batches from /sync the write-ahead
	// log is copied into the database file. One batch and the answer to it
	// mostly write a dozen pages of 4,096 octets.
	checkpointBatches = 32
	// maxLogPages is the length from which the log is made to begin anew, which
	// it does by itself only in a moment without writes: 2 MB.
	maxLogPages = 500
	// autoCheckpointPages is when a write does so itself: 4 MB. It happens where
	// batches are large. What the log takes a disk must have.
	autoCheckpointPages = 1000
	// checkpointWait is how long making the log begin anew may wait for those
	// who read or write, in milliseconds.
	checkpointWait = 50
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
	db.SetMaxOpenConns(1)
	if _, err := db.Exec(fmt.Sprintf("PRAGMA busy_timeout(%d)", checkpointWait)); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	ctx, stop := context.WithCancel(context.Background())
	c := &checkpointer{db: db, due: make(chan struct{}, 1), stop: stop}
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

// checkpoint copies the log, and makes it begin anew when it has become long.
// What it leaves (somebody reads, the disk is full) the next one takes.
func (c *checkpointer) checkpoint(ctx context.Context) {
	// PASSIVE waits for nobody and makes nobody wait.
	var busy, pages, copied int
	err := c.db.QueryRowContext(ctx, "PRAGMA wal_checkpoint(PASSIVE)").Scan(&busy, &pages, &copied)
	if err != nil || pages < maxLogPages {
		return
	}
	// RESTART makes writes wait, but for the few pages only that came since.
	_ = c.db.QueryRowContext(ctx, "PRAGMA wal_checkpoint(RESTART)").Scan(&busy, &pages, &copied)
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
