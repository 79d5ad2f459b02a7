package asn

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"strings"
	"sync"
	"time"

	"wolkwijs/domaincheck/dnsq"
)

const (
	// RISWhoisAddr is RIPE's RIS whois service.
	RISWhoisAddr = "riswhois.ripe.net:43"

	risTimeout   = 5 * time.Second // of one connection
	risBatch     = 100             // questions on one connection
	risOctets    = 1 << 20         // of answers read on one connection
	risCacheTime = 6 * time.Hour
	risCacheSize = 50_000 // blocks
)

// RISWhois is RIPE's RIS whois: what its route collectors see announced. While
// one connection is under way, questions wait for the next, which takes them
// all; answers are kept for some hours.
type RISWhois struct {
	Addr string           // host:port; empty means [RISWhoisAddr]
	Now  func() time.Time // nil means time.Now

	mu      sync.Mutex
	cache   map[netip.Prefix]risEntry
	waiting map[netip.Prefix]*risQuestion // for the next connection
	asking  map[netip.Prefix]*risQuestion // on the one under way; nil if none is
}

type risEntry struct {
	network Network
	expires time.Time
}

// risQuestion is a block that is asked for, perhaps by many.
type risQuestion struct {
	done   chan struct{}
	answer Network
}

// Network implements [Source].
func (r *RISWhois) Network(ctx context.Context, _ dnsq.Client, ip netip.Addr, _ bool) Network {
	b := block(ip)
	if !b.IsValid() {
		return Network{}
	}
	q, cached := r.question(b)
	if q == nil {
		return cached
	}
	select {
	case <-q.done:
		return q.answer
	case <-ctx.Done():
		return Network{Failed: true}
	}
}

// question returns the answer from the cache, or a question to wait for.
func (r *RISWhois) question(b netip.Prefix) (*risQuestion, Network) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if e, ok := r.cache[b]; ok {
		if r.now().Before(e.expires) {
			return nil, e.network
		}
		delete(r.cache, b)
	}
	if q, ok := r.asking[b]; ok {
		return q, Network{}
	}
	if q, ok := r.waiting[b]; ok {
		return q, Network{}
	}
	q := &risQuestion{done: make(chan struct{})}
	if r.waiting == nil {
		r.waiting = make(map[netip.Prefix]*risQuestion)
	}
	r.waiting[b] = q
	if r.asking == nil {
		r.asking = make(map[netip.Prefix]*risQuestion)
		go r.work()
	}
	return q, Network{}
}

func (r *RISWhois) now() time.Time {
	if r.Now != nil {
		return r.Now()
	}
	return time.Now()
}

// work asks until nothing waits any more.
func (r *RISWhois) work() {
	for {
		r.mu.Lock()
		for b, q := range r.waiting {
			if len(r.asking) == risBatch {
				break
			}
			r.asking[b] = q
			delete(r.waiting, b)
		}
		if len(r.asking) == 0 {
			r.asking = nil
			r.mu.Unlock()
			return
		}
		batch := make([]netip.Prefix, 0, len(r.asking))
		for b := range r.asking {
			batch = append(batch, b)
		}
		r.mu.Unlock()
		routes, err := r.ask(batch)
		r.answer(routes, err)
	}
}

// answer hands the answers to those who wait, and keeps them.
func (r *RISWhois) answer(routes []Network, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.cache == nil {
		r.cache = make(map[netip.Prefix]risEntry)
	}
	for b, q := range r.asking {
		if err != nil {
			q.answer = Network{Failed: true}
		} else {
			q.answer = longest(routes, b.Addr())
			r.makeRoom()
			r.cache[b] = risEntry{q.answer, r.now().Add(risCacheTime)}
		}
		close(q.done)
	}
	r.asking = make(map[netip.Prefix]*risQuestion)
}

// makeRoom drops one block, any, if the cache is full.
func (r *RISWhois) makeRoom() {
	if len(r.cache) < risCacheSize {
		return
	}
	for b := range r.cache {
		delete(r.cache, b)
		return
	}
}

// longest returns the most specific route to the address.
func longest(routes []Network, ip netip.Addr) Network {
	var best Network
	for _, n := range routes {
		if n.Prefix.Contains(ip) && (best.ASN == 0 || n.Prefix.Bits() > best.Prefix.Bits()) {
			best = n
		}
	}
	return best
}

// ask asks for all blocks on one connection and returns all routes that come
// back, of whichever block.
func (r *RISWhois) ask(batch []netip.Prefix) ([]Network, error) {
	addr := r.Addr
	if addr == "" {
		addr = RISWhoisAddr
	}
	ctx, cancel := context.WithTimeout(context.Background(), risTimeout)
	defer cancel()
	conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", addr)
	if err != nil {
		return nil, fmt.Errorf("RIS whois: %w", err)
	}
	defer conn.Close()
	deadline, _ := ctx.Deadline()
	conn.SetDeadline(deadline)
	// The first -k keeps the connection open for more questions, the last
	// lets go of it.
	var query strings.Builder
	query.WriteString("-k\n")
	for _, b := range batch {
		query.WriteString(b.Addr().String() + "\n")
	}
	query.WriteString("-k\n")
	if _, err := io.WriteString(conn, query.String()); err != nil {
		return nil, fmt.Errorf("RIS whois: %w", err)
	}
	routes, err := parseRIS(io.LimitReader(conn, risOctets))
	if err != nil {
		return nil, fmt.Errorf("RIS whois: %w", err)
	}
	return routes, nil
}

// errNotRIS says that what came is not what RIS whois says.
var errNotRIS = errors.New("the server does not answer as RIS whois")

// parseRIS reads objects with a route (or route6), an origin and a descr,
// each on a line of its own, blank lines between objects.
func parseRIS(r io.Reader) ([]Network, error) {
	var routes []Network
	var n Network
	seen := false
	keep := func() {
		if n.ASN != 0 && n.Prefix.IsValid() {
			routes = append(routes, n)
		}
		n = Network{}
	}
	lines := bufio.NewScanner(r)
	for lines.Scan() {
		line := lines.Text()
		key, value, ok := strings.Cut(line, ":")
		value = strings.TrimSpace(value)
		switch {
		case strings.HasPrefix(line, "%"):
			seen = true
		case strings.TrimSpace(line) == "":
			keep()
		case !ok:
		case key == "route" || key == "route6":
			keep()
			n.Prefix, _ = netip.ParsePrefix(value)
			n.Prefix = n.Prefix.Masked()
			seen = true
		case key == "origin":
			n.ASN, _ = number(value)
		case key == "descr":
			n.Name, n.Country = nameOf(value), countryOfName(value)
		}
	}
	keep()
	if err := lines.Err(); err != nil {
		return nil, err
	}
	if !seen {
		return nil, errNotRIS
	}
	return routes, nil
}
