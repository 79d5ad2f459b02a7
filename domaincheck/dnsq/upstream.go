package dnsq

import (
	"bufio"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"strings"
	"sync/atomic"
	"time"
)

// upstream is one server that is asked, with the limit on what is under way.
type upstream struct {
	label  string // for reports
	path   bool   // the path is safe from tampering: loopback or TLS
	slots  chan struct{}
	budget *bucket // the limit on queries per second; nil for none
	udp    *udp    // nil if the server is asked over TLS alone
	stream *stream

	failures  atomic.Int32 // tries in a row without a reply
	deadUntil atomic.Int64 // Unix nanoseconds
	test      tester
}

const (
	defaultPort    = "53"
	defaultTLSPort = "853"
	maxServers     = 3 // as the C library's resolver
	// deadAfter tries in a row without a reply, a server among several is
	// asked last for a while.
	deadAfter = 3
	deadFor   = 30 * time.Second
)

// newUpstreams reads the resolver of a configuration. The error names the
// remedy.
func newUpstreams(cfg Config) ([]*upstream, error) {
	spec := strings.TrimSpace(cfg.Resolver)
	var all []*upstream
	switch {
	case spec == "" || spec == "system":
		servers, err := systemServers(cfg.ResolvConf)
		if err != nil {
			return nil, err
		}
		for _, s := range servers {
			all = append(all, newPlain(net.JoinHostPort(s, defaultPort)))
		}
	case strings.HasPrefix(spec, "tls://"):
		u, err := newTLS(spec, cfg.RootCAs)
		if err != nil {
			return nil, err
		}
		all = append(all, u)
	default:
		host, port, err := hostPort(spec, defaultPort)
		if err != nil {
			return nil, err
		}
		all = append(all, newPlain(net.JoinHostPort(host, port)))
	}
	for _, u := range all {
		u.slots = make(chan struct{}, cfg.MaxInFlight)
		host, _, _ := net.SplitHostPort(u.stream.addr)
		u.budget = newBucket(rateOf(cfg.Rate, host))
	}
	return all, nil
}

// CheckResolver says what is wrong with a [Config].Resolver.
func CheckResolver(resolver string) error {
	spec := strings.TrimSpace(resolver)
	var err error
	switch {
	case spec == "" || spec == "system":
	case strings.HasPrefix(spec, "tls://"):
		_, err = newTLS(spec, nil)
	default:
		_, _, err = hostPort(spec, defaultPort)
	}
	return err
}

// dockerDNS is where containers find Docker's own server. It only passes
// questions on, in the clear: what it says of DNSSEC came over a network.
var dockerDNS = netip.AddrFrom4([4]byte{127, 0, 0, 11})

func newPlain(addr string) *upstream {
	host, port, _ := net.SplitHostPort(addr)
	if host == "localhost" {
		host = "127.0.0.1"
		addr = net.JoinHostPort(host, port)
	}
	ip, err := netip.ParseAddr(host)
	loopback := err == nil && ip.IsLoopback()
	return &upstream{label: addr, path: loopback && ip != dockerDNS, udp: newUDP(addr, loopback), stream: &stream{addr: addr}}
}

// newTLS reads "tls://host[:port][#name]". The certificate has to be valid
// for name, or for host if no name is given (RFC 7858, section 4.2; RFC 8310).
func newTLS(spec string, roots *x509.CertPool) (*upstream, error) {
	rest, name, named := strings.Cut(strings.TrimPrefix(spec, "tls://"), "#")
	host, port, err := hostPort(strings.TrimSuffix(rest, "/"), defaultTLSPort)
	if err != nil {
		return nil, err
	}
	if _, ok := HostName(name); named && !ok {
		return nil, badResolver(spec)
	}
	if name == "" {
		name = host
	}
	return &upstream{label: spec, path: true, stream: &stream{
		addr: net.JoinHostPort(host, port),
		tls: &tls.Config{ServerName: name, RootCAs: roots, MinVersion: tls.VersionTLS12, NextProtos: []string{"dot"},
			ClientSessionCache: tls.NewLRUClientSessionCache(1)}, // a new connection needs no full handshake
	}}, nil
}

// hostPort reads "host", "host:port", "[ipv6]:port", or an IPv6 address with
// or without brackets.
func hostPort(spec, port string) (string, string, error) {
	if inside, ok := strings.CutPrefix(spec, "["); ok && strings.HasSuffix(inside, "]") {
		spec = strings.TrimSuffix(inside, "]")
		if _, err := netip.ParseAddr(spec); err != nil {
			return "", "", badResolver("[" + inside)
		}
	}
	if _, err := netip.ParseAddr(spec); err == nil {
		return spec, port, nil
	}
	if h, p, err := net.SplitHostPort(spec); err == nil {
		spec, port = h, p
	} else if strings.Contains(spec, ":") {
		return "", "", badResolver(spec)
	}
	if n, err := net.LookupPort("udp", port); err != nil || n == 0 {
		return "", "", badResolver(spec + ":" + port)
	}
	if _, err := netip.ParseAddr(spec); err != nil {
		if _, ok := HostName(spec); !ok {
			return "", "", badResolver(spec)
		}
	}
	return spec, port, nil
}

func badResolver(spec string) error {
	return fmt.Errorf("%q is no resolver: give host, host:port, tls://host:port#name or system", spec)
}

// systemServers returns the name servers of resolv.conf(5), in its order.
func systemServers(path string) ([]string, error) {
	f, err := os.Open(path)
	if errors.Is(err, os.ErrNotExist) {
		return []string{"127.0.0.1"}, nil // resolv.conf(5): "the local machine"
	}
	if err != nil {
		return nil, fmt.Errorf("finding the system's resolver: %w", err)
	}
	defer f.Close()
	var servers []string
	for lines := bufio.NewScanner(f); lines.Scan() && len(servers) < maxServers; {
		fields := strings.Fields(lines.Text())
		if len(fields) < 2 || fields[0] != "nameserver" {
			continue
		}
		if _, err := netip.ParseAddr(fields[1]); err == nil {
			servers = append(servers, fields[1])
		}
	}
	if len(servers) == 0 {
		servers = []string{"127.0.0.1"}
	}
	return servers, nil
}

// acquire waits for a place among the queries under way to this server.
func (u *upstream) acquire(ctx context.Context) error {
	select {
	case u.slots <- struct{}{}:
		return nil
	default:
	}
	select {
	case u.slots <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (u *upstream) release() { <-u.slots }

// answered and silent keep account of whether the server is alive.
func (u *upstream) answered() {
	if u.failures.Load() != 0 { // a store would cost every other core a cache miss
		u.failures.Store(0)
		u.deadUntil.Store(0)
	}
}

func (u *upstream) silent() {
	if u.failures.Add(1) >= deadAfter {
		u.deadUntil.Store(time.Now().Add(deadFor).UnixNano())
	}
}

func (u *upstream) dead() bool { return time.Now().UnixNano() < u.deadUntil.Load() }

func (u *upstream) close() {
	if u.udp != nil {
		u.udp.close()
	}
	u.stream.close()
}
