package dnsq

import (
	"context"
	"errors"
	"fmt"
	"net"
	"time"

	"codeberg.org/miekg/dns"
)

// Config says which resolver to ask and how. Only Resolver is needed.
type Config struct {
	// Resolver is "host" or "host:port" for plain DNS.
	Resolver string
	// Timeout is how long one question may take in all, retries included;
	// 0 means 5 s.
	Timeout time.Duration
	// TryTimeout is how long to wait for one reply before asking once more;
	// 0 means 1.5 s.
	TryTimeout time.Duration
}

// Resolver is a Client that asks a resolver. Close it after use.
type Resolver struct {
	addr    string
	timeout time.Duration
	try     time.Duration
}

// New returns a Resolver. It sends nothing yet. The error says which field of
// the configuration is wrong.
func New(cfg Config) (*Resolver, error) {
	if cfg.Resolver == "" {
		return nil, errors.New("no resolver given")
	}
	addr := cfg.Resolver
	if _, _, err := net.SplitHostPort(addr); err != nil {
		addr = net.JoinHostPort(addr, "53")
	}
	r := &Resolver{addr: addr, timeout: cfg.Timeout, try: cfg.TryTimeout}
	if r.timeout == 0 {
		r.timeout = 5 * time.Second
	}
	if r.try == 0 {
		r.try = 1500 * time.Millisecond
	}
	return r, nil
}

// Close ends all connections; questions under way fail.
func (r *Resolver) Close() error { return nil }

// String returns the address of the resolver asked, for reports.
func (r *Resolver) String() string { return r.addr }

// Query implements [Client].
func (r *Resolver) Query(ctx context.Context, name string, rrtype uint16) Answer {
	name = canonical(name)
	ctx, cancel := context.WithTimeout(ctx, r.timeout)
	defer cancel()
	m, err := r.exchange(ctx, name, rrtype, false)
	if err != nil {
		return failed(name, rrtype, err)
	}
	a := interpret(name, rrtype, m)
	if a.Failure != nil && a.Failure.Kind == ServFail {
		m, err := r.exchange(ctx, name, rrtype, true)
		if err == nil && m.Rcode != dns.RcodeServerFailure {
			a.Records = interpret(name, rrtype, m).Records
			a.Failure.Kind, a.Security = BogusKind, Bogus
		}
		return a
	}
	a.AD = m.AuthenticatedData
	a.Security = Insecure
	if a.AD {
		a.Security = Secure
	}
	return a
}

func (r *Resolver) exchange(ctx context.Context, name string, rrtype uint16, cd bool) (*dns.Msg, error) {
	var m *dns.Msg
	var err error
	for range 2 {
		q := dns.NewMsg(name, rrtype)
		if q == nil {
			return nil, fmt.Errorf("type %d cannot be asked for", rrtype)
		}
		q.ID = dns.ID()
		q.RecursionDesired, q.AuthenticatedData, q.CheckingDisabled = true, true, cd
		q.UDPSize = 4096
		try, cancel := context.WithTimeout(ctx, r.try)
		m, _, err = dns.NewClient().Exchange(try, q, "udp", r.addr)
		if err == nil && m.Truncated {
			m, _, err = dns.NewClient().Exchange(try, q, "tcp", r.addr)
		}
		cancel()
		if err == nil {
			return m, nil
		}
	}
	return nil, err
}
