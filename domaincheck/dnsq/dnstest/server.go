// Package dnstest runs a DNS server on loopback for tests. It plays a
// recursive resolver that already knows every answer: it serves zones given
// as zone-file text, follows CNAMEs through all of them, and tells NODATA
// from NXDOMAIN as the RFCs do (empty non-terminals, wildcards). Options make
// it misbehave, for one name or for all: SERVFAIL, REFUSED, silence, delay,
// truncation, garbage.
//
//	srv := dnstest.New(t, `
//	$ORIGIN example.nl.
//	@   SOA ns1 hostmaster 1 7200 3600 1209600 300
//	@   MX  10 mail
//	`, dnstest.ServFail("example.nl", dns.TypeTXT))
//	resolver, err := dnsq.New(dnsq.Config{Resolver: srv.Addr()})
//
// For tests only.
package dnstest

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"codeberg.org/miekg/dns"
	"codeberg.org/miekg/dns/dnsutil"
)

// Server is a DNS server for tests. It stops when its test ends.
type Server struct {
	udp   *net.UDPConn
	tcp   net.Listener
	done  sync.WaitGroup
	start time.Time

	mu     sync.Mutex
	zones  *zones
	knobs  knobs
	log    []Question
	seen   map[key]int // distinct questions, numbered from 1 as they came
	counts map[key]int
	conns  map[net.Conn]bool // nil once the server has stopped
	opened int               // connections so far
}

// Question is one query as it came.
type Question struct {
	Name     string // lower case, with the final dot
	Spelling string // the name as it came
	Type     uint16
	Network  string // "udp" or "tcp"
	From     string // the asker's address and port
	DO, CD   bool
	At       time.Duration // since the server started
}

type key struct {
	name   string
	rrtype uint16
}

// New starts a server for zone, a zone file in which names are relative to
// the root unless $ORIGIN says otherwise; it may hold any number of zones,
// each with its SOA. The test fails if the text is not a zone file.
func New(t testing.TB, zone string, opts ...Option) *Server {
	t.Helper()
	s, err := Start(zone, opts...)
	if err != nil {
		t.Fatalf("dnstest: %v", err)
	}
	t.Cleanup(s.Stop)
	return s
}

// Start is New for programs that are no test; the caller has to call Stop.
func Start(zone string, opts ...Option) (*Server, error) {
	z, err := parseZones(zone)
	if err != nil {
		return nil, err
	}
	s := &Server{
		zones:  z,
		knobs:  knobs{validating: true},
		seen:   make(map[key]int),
		counts: make(map[key]int),
		conns:  make(map[net.Conn]bool),
		start:  time.Now(),
	}
	s.Apply(opts...)
	if err := s.listen(); err != nil {
		return nil, err
	}
	s.done.Add(2)
	go s.serveUDP()
	go s.serveTCP()
	return s, nil
}

// listen takes a port that is free for both UDP and TCP.
func (s *Server) listen() error {
	for range 20 {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			return err
		}
		port := l.Addr().(*net.TCPAddr).Port
		u, err := net.ListenUDP("udp", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1), Port: port})
		if err != nil {
			l.Close()
			continue
		}
		u.SetReadBuffer(4 << 20) // best effort: tests with thousands of queries in flight
		s.udp, s.tcp = u, l
		return nil
	}
	return errors.New("no port is free for both UDP and TCP")
}

// Addr returns the address of the server, "127.0.0.1:port", for UDP and TCP.
func (s *Server) Addr() string { return s.udp.LocalAddr().String() }

// Stop ends the server and all its connections. It may be called twice.
func (s *Server) Stop() {
	s.udp.Close()
	s.tcp.Close()
	s.mu.Lock()
	for c := range s.conns {
		c.Close()
	}
	s.conns = nil
	s.mu.Unlock()
	s.done.Wait()
}

// Apply changes the behaviour of the running server.
func (s *Server) Apply(opts ...Option) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, o := range opts {
		o(&s.knobs)
	}
}

// SetZones replaces all zones of the running server.
func (s *Server) SetZones(zone string) error {
	z, err := parseZones(zone)
	if err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.zones = z
	return nil
}

// Queries returns how many queries have come, repeated ones included.
func (s *Server) Queries() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.log)
}

// Distinct returns how many different questions have come.
func (s *Server) Distinct() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.seen)
}

// Count returns how many queries have come for name and rrtype.
func (s *Server) Count(name string, rrtype uint16) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.counts[key{canonical(name), rrtype}]
}

// Connections returns how many TCP connections have been opened.
func (s *Server) Connections() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.opened
}

// HangUp closes all connections; new ones are welcome.
func (s *Server) HangUp() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for c := range s.conns {
		c.Close()
	}
}

// Log returns the queries in the order in which they came.
func (s *Server) Log() []Question {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]Question(nil), s.log...)
}

// Reset forgets the queries that have come.
func (s *Server) Reset() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.log = nil
	clear(s.seen)
	clear(s.counts)
}

func (s *Server) serveUDP() {
	defer s.done.Done()
	buf := make([]byte, dns.MaxMsgSize)
	for {
		n, from, err := s.udp.ReadFromUDPAddrPort(buf)
		if err != nil {
			return
		}
		query := append([]byte(nil), buf[:n]...)
		s.answer(query, "udp", from.String(), func(reply []byte) { s.udp.WriteToUDPAddrPort(reply, from) })
	}
}

func (s *Server) serveTCP() {
	defer s.done.Done()
	for {
		c, err := s.tcp.Accept()
		if err != nil {
			return
		}
		s.mu.Lock()
		if s.conns == nil {
			s.mu.Unlock()
			c.Close()
			return
		}
		if s.knobs.tls != nil {
			c = s.knobs.tls(c)
		}
		s.conns[c] = true
		s.opened++
		s.done.Add(1)
		s.mu.Unlock()
		go s.serveConn(c)
	}
}

// serveConn answers the pipelined queries of one connection (RFC 7766), each
// as soon as it can.
func (s *Server) serveConn(c net.Conn) {
	defer s.done.Done()
	defer func() {
		s.mu.Lock()
		delete(s.conns, c)
		s.mu.Unlock()
		c.Close()
	}()
	var write sync.Mutex
	for {
		var length [2]byte
		if _, err := io.ReadFull(c, length[:]); err != nil {
			return
		}
		query := make([]byte, binary.BigEndian.Uint16(length[:]))
		if _, err := io.ReadFull(c, query); err != nil {
			return
		}
		s.answer(query, "tcp", c.RemoteAddr().String(), func(reply []byte) {
			write.Lock()
			defer write.Unlock()
			c.Write(append(binary.BigEndian.AppendUint16(nil, uint16(len(reply))), reply...))
		})
	}
}

// answer works out the reply and sends it, at once or after a delay.
func (s *Server) answer(wire []byte, network, from string, send func([]byte)) {
	q := &dns.Msg{Data: wire}
	if err := q.Unpack(); err != nil || len(q.Question) != 1 || q.Response {
		return
	}
	name, rrtype := dnsutil.Question(q)
	k := key{canonical(name), rrtype}

	s.mu.Lock()
	came := Question{Name: k.name, Spelling: name, Type: rrtype, Network: network, From: from,
		DO: q.Security, CD: q.CheckingDisabled, At: time.Since(s.start)}
	s.log = append(s.log, came)
	s.counts[k]++
	if s.seen[k] == 0 {
		s.seen[k] = len(s.seen) + 1
	}
	act := s.knobs.action(k, network, len(s.log), s.seen[k])
	zones, knobs := s.zones, s.knobs.clone()
	s.mu.Unlock()

	if knobs.came != nil {
		knobs.came(came)
	}
	if act.drop {
		return
	}
	work := func() {
		reply := buildReply(q, came, wire, act, zones, knobs)
		if knobs.left != nil {
			knobs.left(came)
		}
		if reply != nil {
			send(reply)
		}
	}
	if act.delay == 0 && knobs.left == nil && knobs.forward == "" { // those may take their time
		work()
		return
	}
	time.AfterFunc(act.delay, work)
}

// String names a question for failure messages, as "example.nl. MX".
func (q Question) String() string {
	return fmt.Sprintf("%s %s", q.Name, dnsutil.TypeToString(q.Type))
}

// canonical returns name in lower case with the final dot.
func canonical(name string) string {
	return dnsutil.Fqdn(strings.ToLower(name))
}
