package dnsq_test

import (
	"context"
	"fmt"
	"maps"
	"sync"
	"testing"
	"time"

	"codeberg.org/miekg/dns"

	"wolkwijs/domaincheck/dnsq"
	"wolkwijs/domaincheck/dnsq/dnstest"
)

// counts are how often each type and outcome was told, such as "MX answer".
type counts struct {
	mu  sync.Mutex
	all map[string]int
}

func (c *counts) count(rrtype string, came dnsq.Outcome) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.all == nil {
		c.all = map[string]int{}
	}
	c.all[rrtype+" "+string(came)]++
}

// take returns the counts and begins anew.
func (c *counts) take() map[string]int {
	c.mu.Lock()
	defer c.mu.Unlock()
	all := c.all
	c.all = nil
	return all
}

// Every query is counted by its type and what came of it, whichever way it was
// asked; what the cache answers is none.
func TestQueriesAreCounted(t *testing.T) {
	s := dnstest.New(t, exampleZone,
		dnstest.ServFail("servfail.example.nl", dns.TypeANY), dnstest.Refused("refused.example.nl", dns.TypeANY),
		dnstest.Rcode("formerr.example.nl", dns.TypeANY, dns.RcodeFormatError), dnstest.Drop("silent.example.nl", dns.TypeANY),
		dnstest.Truncate("mail.example.nl", dns.TypeA),
		dnstest.Raw("garbage.example.nl", dns.TypeANY, func(q []byte) []byte { return append(append([]byte(nil), q[:2]...), 0x80, 1, 0, 0, 0, 9, 0, 0, 0, 0) }))
	for _, tt := range []struct {
		name   string
		rrtype uint16
		want   map[string]int
	}{
		{"example.nl", dns.TypeMX, map[string]int{"MX answer": 1}},
		{"www.example.nl", dns.TypeMX, map[string]int{"MX answer": 1}},
		{"www.example.nl", dns.TypeCAA, map[string]int{"CAA nodata": 1}},
		{"gone.example.nl", dns.TypeTXT, map[string]int{"TXT nxdomain": 1}},
		{"gone.example.nl", 65280, map[string]int{"other nxdomain": 1}},
		{"servfail.example.nl", dns.TypeNS, map[string]int{"NS servfail": 2}}, // once more, unchecked
		{"refused.example.nl", dns.TypeA, map[string]int{"A refused": 1}},
		{"formerr.example.nl", dns.TypeA, map[string]int{"A other": 1}},
		{"silent.example.nl", dns.TypeA, map[string]int{"A timeout": 2}},
		{"mail.example.nl", dns.TypeA, map[string]int{"A truncated": 1, "A answer": 1}},
		{"garbage.example.nl", dns.TypeA, map[string]int{"A failure": 2}},
		{"no name..at all", dns.TypeA, nil},
	} {
		for way, ask := range map[string]func(*dnsq.Resolver) dnsq.Client{
			"Resolver": func(r *dnsq.Resolver) dnsq.Client { return r },
			"Check":    func(r *dnsq.Resolver) dnsq.Client { return r.Check() },
		} {
			t.Run(fmt.Sprintf("%s %s by %s", tt.name, dns.TypeToString[tt.rrtype], way), func(t *testing.T) {
				var told counts
				r := newResolver(t, s, func(cfg *dnsq.Config) {
					if cfg.Count = told.count; tt.want["A timeout"] == 0 {
						cfg.TryTimeout = 2 * time.Second // long, so that a busy machine adds no timeout
					}
				})
				r.SelfTest(ctx)
				told.take()
				s.Reset()
				client := ask(r)
				client.Query(ctx, tt.name, tt.rrtype)
				if got := told.take(); !maps.Equal(got, tt.want) {
					t.Errorf("%v, want %v", got, tt.want)
				}
				sent := 0
				for _, n := range tt.want {
					sent += n
				}
				if s.Queries() != sent {
					t.Errorf("%d queries came, want %d", s.Queries(), sent)
				}
				client.Query(ctx, tt.name, tt.rrtype)
				if got := told.take(); len(got) > 0 {
					t.Errorf("asked again: %v", got)
				}
			})
		}
	}
}

// A query whose asker went away, and one to a server that is not there.
func TestQueriesWithoutReplyAreCounted(t *testing.T) {
	s := dnstest.New(t, exampleZone, dnstest.Drop("silent.example.nl", dns.TypeANY))
	var told counts
	r := newResolver(t, s, func(cfg *dnsq.Config) { cfg.Count, cfg.TryTimeout = told.count, time.Second })
	r.SelfTest(ctx)
	told.take()
	short, cancel := context.WithTimeout(ctx, 20*time.Millisecond)
	defer cancel()
	r.Query(short, "silent.example.nl", dns.TypeA)
	if got := told.take(); !maps.Equal(got, map[string]int{"A gave-up": 1}) {
		t.Errorf("given up: %v", got)
	}
	s.Stop()
	r.Query(ctx, "example.nl", dns.TypeMX)
	if got := told.take(); got["MX failure"]+got["MX timeout"] != 2 || len(got) == 0 {
		t.Errorf("no server: %v", got)
	}
}
