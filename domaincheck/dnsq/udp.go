package dnsq

import (
	"bytes"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"math"
	"net"
	"sync"
)

const (
	// ednsLoopback is the UDP size offered on loopback, where packets do not
	// fragment; ednsNetwork elsewhere (DNS Flag Day 2020).
	ednsLoopback = 4096
	ednsNetwork  = 1232
	// loopbackSockets are shared for ever. Elsewhere the port is half of
	// what a forger has to guess (RFC 5452): more sockets, often replaced.
	loopbackSockets   = 4
	networkSockets    = 16
	queriesPerSocket  = 64
	udpReceiveBuffer  = 4 << 20 // octets; the kernel may give less
	maxUDPReplyOctets = 65535
	maxReadFailures   = 16 // in a row; then the socket is given up
)

var (
	errClosed  = errors.New("the connection was closed")
	errSpoofed = errors.New("the reply does not repeat the question as asked")
)

// incoming is one reply, or why there will be none.
type incoming struct {
	wire     []byte // lent: it is used for the next reply once this one is delivered
	err      error
	from     *upstream
	byStream bool // over TCP or TLS
}

// receiver is who waits for a reply.
type receiver interface {
	// deliver hands over a reply. It does not wait.
	deliver(in incoming)
}

// replies is a receiver that keeps what comes. Who has more replies than room
// is served.
type replies chan incoming

func (r replies) deliver(in incoming) {
	in.wire = bytes.Clone(in.wire)
	select {
	case r <- in:
	default:
	}
}

// pending is a query that waits for its reply.
type pending struct {
	question []byte // name, type and class as sent
	from     *upstream
	to       receiver
}

func (p pending) deliver(in incoming) {
	in.from = p.from
	p.to.deliver(in)
}

// udp sends queries to one server over few shared sockets, each query in a
// slot that its random ID names. A socket per query costs five times as much.
type udp struct {
	addr     string // host:port; a host name is looked up for each socket
	loopback bool
	size     uint16 // of the largest reply wanted

	mu      sync.Mutex
	sockets []*udpSocket
	next    int
	closed  bool
}

type udpSocket struct {
	conn net.Conn

	mu      sync.Mutex
	pending map[uint16]pending
	random  idSource
	sent    int
	retired bool // closes when nothing is pending
}

func newUDP(addr string, loopback bool) *udp {
	u := &udp{addr: addr, loopback: loopback, size: ednsNetwork}
	n := networkSockets
	if u.loopback {
		u.size, n = ednsLoopback, loopbackSockets
	}
	u.sockets = make([]*udpSocket, n)
	return u
}

// send sends the query once. The reply goes to the receiver.
func (u *udp) send(q asked, from *upstream, to receiver) (slot, error) {
	s, wire, id, err := u.prepare(q, from, to, make([]byte, 0, len(q.name)+queryOctets))
	if err != nil {
		return slot{}, err
	}
	if _, err := s.conn.Write(wire); err != nil {
		s.forget(id)
		return slot{}, err
	}
	return slot{s, id}, nil
}

// prepare packs the query, into buf if it has the room, and lets the receiver
// wait in a slot of the socket that is to send it.
func (u *udp) prepare(q asked, from *upstream, to receiver, buf []byte) (s *udpSocket, wire []byte, id uint16, err error) {
	if s, err = u.socket(); err != nil {
		return nil, nil, 0, err
	}
	wire = q.pack(buf[:0], 0, u.size)
	end := headerOctets + len(q.name) + 4
	if !u.loopback {
		mixCase(wire[headerOctets : headerOctets+len(q.name)])
	}
	id = s.take(pending{wire[headerOctets:end], from, to})
	binary.BigEndian.PutUint16(wire, id)
	return s, wire, id, nil
}

// socket returns the socket whose turn it is, opening it if need be.
func (u *udp) socket() (*udpSocket, error) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.closed {
		return nil, errClosed
	}
	i := u.next % len(u.sockets)
	u.next++
	s := u.sockets[i]
	share := queriesPerSocket
	if u.loopback {
		share = math.MaxInt
	}
	if s != nil && s.use(share) {
		return s, nil
	}
	conn, err := net.Dial("udp", u.addr)
	if err != nil {
		return nil, err
	}
	conn.(*net.UDPConn).SetReadBuffer(udpReceiveBuffer) // best effort
	s = &udpSocket{conn: conn, pending: make(map[uint16]pending), sent: 1}
	u.sockets[i] = s
	go s.read()
	return s, nil
}

func (u *udp) close() {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.closed = true
	for _, s := range u.sockets {
		if s != nil {
			s.conn.Close()
		}
	}
}

// use counts a query and says whether the socket may still take it: it has
// not failed, nor had its share.
func (s *udpSocket) use(share int) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.sent < share && !s.retired {
		s.sent++
		return true
	}
	s.retired = true
	if len(s.pending) == 0 {
		s.conn.Close()
	}
	return false
}

// take puts the query into a slot that a random ID names.
func (s *udpSocket) take(p pending) uint16 {
	s.mu.Lock()
	defer s.mu.Unlock()
	for {
		id := s.random.next()
		if _, taken := s.pending[id]; !taken {
			s.pending[id] = p
			return id
		}
	}
}

func (s *udpSocket) forget(id uint16) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.drop(id)
}

// drop empties a slot. A socket that has had its share is closed with the last.
func (s *udpSocket) drop(id uint16) {
	delete(s.pending, id)
	if s.retired && len(s.pending) == 0 {
		s.conn.Close()
	}
}

// read hands each reply to the query that waits for it. The socket is
// connected, so the kernel drops what comes from elsewhere.
func (s *udpSocket) read() {
	buf := make([]byte, maxUDPReplyOctets)
	for failures := 0; failures < maxReadFailures; {
		n, err := s.conn.Read(buf)
		if errors.Is(err, net.ErrClosed) {
			break
		}
		if err != nil {
			failures++
			s.failAll(err) // such as "connection refused", from an ICMP message
			continue
		}
		failures = 0
		s.dispatch(buf[:n])
	}
	s.mu.Lock()
	s.retired = true
	s.mu.Unlock()
	s.conn.Close()
	s.failAll(errClosed)
}

func (s *udpSocket) dispatch(wire []byte) {
	if len(wire) < headerOctets {
		return
	}
	id := binary.BigEndian.Uint16(wire)
	s.mu.Lock()
	p, ok := s.pending[id]
	if !ok {
		s.mu.Unlock()
		return
	}
	in := incoming{}
	switch matches(wire, p.question) {
	case sameQuestion:
		in.wire = wire
	case otherCase:
		in.err = errSpoofed // perhaps a server that rewrites names: ask over TCP
	default:
		s.mu.Unlock()
		return // not to this query: wait on
	}
	s.drop(id)
	s.mu.Unlock()
	p.deliver(in)
}

func (s *udpSocket) failAll(err error) {
	s.mu.Lock()
	all := s.pending
	s.pending = make(map[uint16]pending)
	s.mu.Unlock()
	for _, p := range all {
		p.deliver(incoming{err: err})
	}
}

type match uint8

const (
	noMatch match = iota
	sameQuestion
	otherCase // the same but for upper and lower case
)

// matches says whether wire is a reply to the question as sent. A server that
// cannot read the query may leave the question out (FORMERR and the like).
func matches(wire, question []byte) match {
	if wire[2]&0x80 == 0 || wire[2]&0x78 != 0 { // QR set, opcode QUERY
		return noMatch
	}
	switch binary.BigEndian.Uint16(wire[4:]) {
	case 0:
		if wire[3]&0xF != 0 {
			return sameQuestion
		}
	case 1:
		got := wire[headerOctets:]
		if len(got) < len(question) {
			return noMatch
		}
		got = got[:len(question)]
		if bytes.Equal(got, question) {
			return sameQuestion
		}
		if name := len(question) - 4; bytes.Equal(got[name:], question[name:]) &&
			lowerName(string(got[:name])) == lowerName(string(question[:name])) {
			return otherCase
		}
	}
	return noMatch
}

// idSource gives IDs that a forger cannot guess (RFC 5452). It fetches random
// octets for many at once.
type idSource struct {
	octets [128]byte
	left   int
}

func (s *idSource) next() uint16 {
	if s.left == 0 {
		rand.Read(s.octets[:]) // never fails
		s.left = len(s.octets)
	}
	s.left -= 2
	return binary.BigEndian.Uint16(s.octets[s.left:])
}

// mixCase puts letters into upper or lower case at random: a reply has to
// repeat them, which adds a bit per letter to what a forger has to guess
// (draft-vixie-dnsext-dns0x20).
func mixCase(wire []byte) {
	var random [maxNameOctets]byte
	rand.Read(random[:len(wire)])
	for i, c := range wire {
		if 'a' <= c && c <= 'z' && random[i]&1 == 1 {
			wire[i] = c - ('a' - 'A')
		}
	}
}
