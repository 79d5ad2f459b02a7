package dnsq

import (
	"bufio"
	"context"
	"crypto/tls"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"sync"
	"sync/atomic"
	"time"
)

var errSilent = errors.New("nothing comes over the connection")

// writeTimeout bounds how long a server may refuse to take a query in.
const writeTimeout = 2 * time.Second

// stream sends queries to one server over one TCP or TLS connection, kept
// open and pipelined: many queries under way, replies in any order (RFC 7766,
// sections 6.2.1.1 and 7; RFC 7858).
type stream struct {
	addr string
	tls  *tls.Config // nil for plain TCP

	mu     sync.Mutex
	conn   *streamConn
	dial   chan struct{} // closed when the dial under way has ended; nil if none is
	err    error         // of the last dial
	closed bool
}

type streamConn struct {
	net.Conn
	write    sync.Mutex
	lastRead atomic.Int64 // when the last reply came, in Unix nanoseconds

	mu      sync.Mutex
	pending map[uint16]pending
	random  idSource
	err     error // why the connection has ended
}

// send sends the query. The reply goes to the receiver. It may take as long as
// patience to connect.
func (s *stream) send(ctx context.Context, patience time.Duration, q asked, from *upstream, to receiver) (slot, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	c, err := s.connect(ctx)
	if err != nil {
		return slot{}, err
	}
	wire := q.pack(make([]byte, 2, 2+len(q.name)+queryOctets), 0, ednsNetwork)
	binary.BigEndian.PutUint16(wire, uint16(len(wire)-2))
	question := wire[2+headerOctets : 2+headerOctets+len(q.name)+4]
	id, err := c.take(pending{question, from, to})
	if err != nil {
		return slot{}, err
	}
	binary.BigEndian.PutUint16(wire[2:], id)
	c.write.Lock()
	c.SetWriteDeadline(time.Now().Add(writeTimeout))
	_, err = c.Write(wire)
	c.write.Unlock()
	if err != nil {
		c.end(err) // half a query may have gone out: the connection is lost
		return slot{}, err
	}
	return slot{c, id}, nil
}

// connect returns the open connection or opens one. Those who come while it
// is being opened wait for it.
func (s *stream) connect(ctx context.Context) (*streamConn, error) {
	for {
		s.mu.Lock()
		if s.closed {
			s.mu.Unlock()
			return nil, errClosed
		}
		if s.conn != nil && s.conn.alive() {
			defer s.mu.Unlock()
			return s.conn, nil
		}
		if s.dial == nil {
			s.dial = make(chan struct{})
			go s.open()
		}
		dial := s.dial
		s.mu.Unlock()
		select {
		case <-dial:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
		s.mu.Lock()
		conn, err := s.conn, s.err
		s.mu.Unlock()
		if err != nil {
			return nil, err
		}
		if conn.alive() {
			return conn, nil
		}
	}
}

// connectTimeout bounds a TCP and TLS handshake.
const connectTimeout = 3 * time.Second

// open connects. It belongs to all who wait, so no one's context ends it.
func (s *stream) open() {
	ctx, cancel := context.WithTimeout(context.Background(), connectTimeout)
	defer cancel()
	conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", s.addr)
	if err == nil {
		conn = quickAck(conn)
		if s.tls != nil {
			secure := tls.Client(conn, s.tls)
			if err = secure.HandshakeContext(ctx); err != nil {
				conn.Close()
			}
			conn = secure
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	close(s.dial)
	s.dial, s.conn, s.err = nil, nil, err
	if err != nil {
		return
	}
	if s.closed {
		conn.Close()
		s.err = errClosed
		return
	}
	s.conn = &streamConn{Conn: conn, pending: make(map[uint16]pending)}
	go s.conn.read()
}

// dropSilent gives up the connection if nothing has come over it since the
// given time: it may be dead without a sign. The next query opens another.
func (s *stream) dropSilent(since time.Time) {
	s.mu.Lock()
	c := s.conn
	s.mu.Unlock()
	if c != nil && c.lastRead.Load() < since.UnixNano() {
		c.end(errSilent)
	}
}

func (s *stream) close() {
	s.mu.Lock()
	s.closed = true
	c := s.conn
	s.mu.Unlock()
	if c != nil {
		c.end(errClosed)
	}
}

func (c *streamConn) alive() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.err == nil
}

func (c *streamConn) take(p pending) (uint16, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.err != nil {
		return 0, c.err
	}
	for {
		id := c.random.next()
		if _, taken := c.pending[id]; !taken {
			c.pending[id] = p
			return id, nil
		}
	}
}

func (c *streamConn) forget(id uint16) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.pending, id)
}

// end closes the connection and fails what is pending.
func (c *streamConn) end(err error) {
	c.mu.Lock()
	if c.err != nil {
		c.mu.Unlock()
		return
	}
	c.err = errors.Join(errClosed, err)
	all := c.pending
	c.pending = nil
	c.mu.Unlock()
	c.Close()
	for _, p := range all {
		p.deliver(incoming{err: c.err, byStream: true})
	}
}

func (c *streamConn) read() {
	r := bufio.NewReaderSize(c.Conn, 16<<10)
	buf := make([]byte, 4<<10)
	for {
		var length [2]byte
		if _, err := io.ReadFull(r, length[:]); err != nil {
			c.end(err)
			return
		}
		n := int(binary.BigEndian.Uint16(length[:]))
		if n > len(buf) {
			buf = make([]byte, n)
		}
		wire := buf[:n]
		if _, err := io.ReadFull(r, wire); err != nil {
			c.end(err)
			return
		}
		c.lastRead.Store(time.Now().UnixNano())
		c.dispatch(wire)
	}
}

func (c *streamConn) dispatch(wire []byte) {
	if len(wire) < headerOctets {
		return
	}
	id := binary.BigEndian.Uint16(wire)
	c.mu.Lock()
	p, ok := c.pending[id]
	if ok && matches(wire, p.question) == noMatch {
		ok = false
	}
	if ok {
		delete(c.pending, id)
	}
	c.mu.Unlock()
	if ok {
		p.deliver(incoming{wire: wire, byStream: true})
	}
}
