package store

import (
	"container/list"
	"context"
	"database/sql/driver"
	"errors"
	"strings"
	"unicode"
)

const (
	// maxStatements is how many prepared statements a connection keeps at
	// most. The bot and the Matrix library have some two hundred texts, of
	// which everyday life needs a few dozen; each takes some kilobytes.
	maxStatements = 256
	// maxStatementText is how long a text may be to be kept. Those that insert
	// many rows at once are longer, and hardly ever come again as they were.
	maxStatementText = 2000
)

// statements opens SQLite connections that keep their prepared statements.
// Left alone, database/sql has every text parsed and planned each time that it
// is run, which takes longer than running it. SQLite itself plans a kept
// statement anew when the tables have changed.
type statements struct{ driver.Connector }

// Connect implements [driver.Connector].
func (s statements) Connect(ctx context.Context) (driver.Conn, error) {
	opened, err := s.Connector.Connect(ctx)
	if err != nil {
		return nil, err
	}
	full, ok := opened.(fullConn)
	if !ok {
		return nil, errors.Join(errIncomplete, opened.Close())
	}
	return &conn{fullConn: full, idle: map[string]*list.Element{}}, nil
}

// errIncomplete is for another version of the driver than the tests had.
var errIncomplete = errors.New("the SQLite driver does not do all that is needed of it")

// fullConn is what database/sql makes use of in a connection of the driver.
type fullConn interface {
	driver.Conn
	driver.ConnBeginTx
	driver.ConnPrepareContext
	driver.ExecerContext
	driver.QueryerContext
	driver.Pinger
	driver.SessionResetter
	driver.Validator
}

// fullStmt is the same in a prepared statement.
type fullStmt interface {
	driver.Stmt
	driver.StmtExecContext
	driver.StmtQueryContext
}

// fullRows is the same in what a query finds.
type fullRows interface {
	driver.Rows
	driver.RowsColumnTypeDatabaseTypeName
	driver.RowsColumnTypeLength
	driver.RowsColumnTypeNullable
	driver.RowsColumnTypePrecisionScale
	driver.RowsColumnTypeScanType
}

// conn is a connection that keeps prepared statements. As with all drivers,
// only one call at a time is made on it and on what comes from it.
type conn struct {
	fullConn
	idle   map[string]*list.Element // by text: the kept ones that nobody uses
	recent list.List                // of *statement: the same, what was used last in front
	writes bool                     // it is in a transaction, which has the lock for writing
}

// statement is a prepared statement. While it is used it is not among the
// idle ones.
type statement struct {
	fullStmt
	text  string
	reads bool // it only reads
}

// ExecContext implements [driver.ExecerContext].
func (c *conn) ExecContext(ctx context.Context, text string, args []driver.NamedValue) (driver.Result, error) {
	s, err := c.take(ctx, text)
	if err != nil {
		return nil, err
	}
	if s == nil {
		return c.fullConn.ExecContext(ctx, text, args)
	}
	result, err := s.ExecContext(c.watched(ctx, s), args)
	c.put(s, err)
	return result, err
}

// QueryContext implements [driver.QueryerContext].
func (c *conn) QueryContext(ctx context.Context, text string, args []driver.NamedValue) (driver.Rows, error) {
	s, err := c.take(ctx, text)
	if err != nil {
		return nil, err
	}
	if s == nil {
		return c.fullConn.QueryContext(ctx, text, args)
	}
	result, err := s.QueryContext(c.watched(ctx, s), args)
	if err != nil {
		c.put(s, err)
		return nil, err
	}
	full, ok := result.(fullRows)
	if !ok {
		err := errors.Join(errIncomplete, result.Close())
		c.put(s, err)
		return nil, err
	}
	return &rows{full, c, s}, nil
}

// take returns a statement that nobody uses, prepared now if need be, or nil
// where the text is not one to be kept. Nothing is done once ctx has ended.
func (c *conn) take(ctx context.Context, text string) (*statement, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if kept := c.idle[text]; kept != nil {
		delete(c.idle, text)
		return c.recent.Remove(kept).(*statement), nil
	}
	reads, lasts := lasting(text)
	if !lasts {
		return nil, nil
	}
	prepared, err := c.PrepareContext(ctx, text)
	if err != nil {
		return nil, err
	}
	full, ok := prepared.(fullStmt)
	if !ok {
		return nil, errors.Join(errIncomplete, prepared.Close())
	}
	return &statement{full, text, reads}, nil
}

// put keeps a statement for the next time, unless it failed, or is the second
// of its text: it was needed again while its rows were read.
func (c *conn) put(s *statement, err error) {
	if err != nil || c.idle[s.text] != nil {
		_ = s.Close() // it can only tell again what err tells
		return
	}
	c.idle[s.text] = c.recent.PushFront(s)
	if c.recent.Len() > maxStatements {
		oldest := c.recent.Remove(c.recent.Back()).(*statement)
		delete(c.idle, oldest.text)
		_ = oldest.Close()
	}
}

// lasting says whether a text is a single statement that can be prepared once
// and run later, and whether it only reads. A PRAGMA is none: some are carried
// out when they are prepared.
func lasting(text string) (reads, lasts bool) {
	if len(text) > maxStatementText || strings.Contains(text, ";") {
		return false, false
	}
	text = strings.TrimSpace(text)
	verb := text[:max(0, strings.IndexFunc(text, unicode.IsSpace))]
	switch strings.ToUpper(verb) {
	case "SELECT":
		return true, true
	case "INSERT", "UPDATE", "DELETE":
		return false, true
	}
	return false, false
}

// watched returns the context to run a statement in. The driver starts a
// goroutine to watch one that can end, and that takes as long as a small
// statement. It is worth it where the statement may wait for another program
// that writes. Those in a transaction do not: it began by taking the lock. And
// in WAL mode who reads does not wait for who writes.
func (c *conn) watched(ctx context.Context, s *statement) context.Context {
	if c.writes || s.reads {
		return context.WithoutCancel(ctx)
	}
	return ctx
}

// BeginTx implements [driver.ConnBeginTx].
func (c *conn) BeginTx(ctx context.Context, options driver.TxOptions) (driver.Tx, error) {
	begun, err := c.fullConn.BeginTx(ctx, options)
	if err != nil {
		return nil, err
	}
	c.writes = !options.ReadOnly
	return &tx{begun, c}, nil
}

// Close implements [driver.Conn].
func (c *conn) Close() error {
	for at := c.recent.Front(); at != nil; at = at.Next() {
		_ = at.Value.(*statement).Close()
	}
	clear(c.idle)
	c.recent.Init()
	return c.fullConn.Close()
}

// tx is a transaction on such a connection.
type tx struct {
	driver.Tx
	conn *conn
}

// Commit implements [driver.Tx].
func (t *tx) Commit() error {
	t.conn.writes = false
	return t.Tx.Commit()
}

// Rollback implements [driver.Tx].
func (t *tx) Rollback() error {
	t.conn.writes = false
	return t.Tx.Rollback()
}

// rows are what a kept statement finds.
type rows struct {
	fullRows
	conn *conn
	of   *statement
}

// Close implements [driver.Rows]. database/sql calls it once.
func (r *rows) Close() error {
	err := r.fullRows.Close()
	r.conn.put(r.of, err)
	return err
}
