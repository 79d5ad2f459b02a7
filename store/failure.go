package store

import (
	"context"
	"database/sql/driver"
	"errors"
	"io"
	"net"

	"github.com/lib/pq"
	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// Passing says whether a failure of the database may pass by itself: the disk
// is full, the database is busy, the server is away. What was to be written
// can then be written later.
func Passing(err error) bool {
	if err == nil || errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return false
	}
	var lite *sqlite.Error
	if errors.As(err, &lite) {
		switch lite.Code() & 0xff { // without the extension of the result code
		case sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_NOMEM,
			sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_READONLY:
			return true
		}
		return false
	}
	var pg *pq.Error
	if errors.As(err, &pg) {
		switch pg.Code.Class() { // PostgreSQL documentation, appendix A
		case "08", "40", "53", "55", "57", "58": // connection, rolled back, resources, state, intervention, system
			return true
		}
		return pg.Code == "25006" // read-only while it recovers
	}
	return errors.Is(err, driver.ErrBadConn) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) || errors.As(err, new(*net.OpError))
}
