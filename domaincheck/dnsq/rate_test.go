package dnsq_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"codeberg.org/miekg/dns"

	"wolkwijs/domaincheck/dnsq"
	"wolkwijs/domaincheck/dnsq/dnstest"
)

func TestRateOfServers(t *testing.T) {
	for _, tt := range []struct {
		resolver   string
		rate, want float64
	}{
		{"127.0.0.1", 0, 0},
		{"[::1]:5353", 0, 0},
		{"localhost", 0, 0},
		{"192.168.1.1", 0, 0},
		{"10.0.0.53", 0, 0},
		{"fd00::53", 0, 0},
		{"fe80::1", 0, 0},
		{"unbound:5335", 0, 0}, // a container beside us
		{"tls://192.168.1.1#dns.home.example", 0, 0},
		{"192.0.2.53", 0, dnsq.PoliteRate},
		{"2001:db8::53", 0, dnsq.PoliteRate},
		{"dns.example.net", 0, dnsq.PoliteRate},
		{"tls://192.0.2.53#dns.example.net", 0, dnsq.PoliteRate},
		{"192.0.2.53", 5000, 5000},
		{"192.0.2.53", -1, 0},
		{"127.0.0.1", 20, 20},
	} {
		r, err := dnsq.New(dnsq.Config{Resolver: tt.resolver, Rate: tt.rate})
		if err != nil {
			t.Fatal(err)
		}
		if got := r.Rate(); got != tt.want {
			t.Errorf("%s with %v: %v queries per second, want %v", tt.resolver, tt.rate, got, tt.want)
		}
	}
}

// TestChecksWaitForTheLimit begins checks that send nothing, and checks that
// are taken to send 45 queries each.
func TestChecksWaitForTheLimit(t *testing.T) {
	for _, tt := range []struct {
		name        string
		rate, total float64
		ends        bool // each ends before the next begins, without a query
		want        time.Duration
	}{
		{"no limit", -1, 0, false, 0},
		{"a limit per server", 90, 0, false, 5 * time.Second / 2},
		{"a limit for all", -1, 45, false, 5 * time.Second},
		{"the lower counts", 45, 90, false, 5 * time.Second},
		{"nothing used", 45, 0, true, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r, err := dnsq.New(dnsq.Config{Resolver: "192.0.2.53", Rate: tt.rate, TotalRate: tt.total})
				if err != nil {
					t.Fatal(err)
				}
				start := time.Now()
				// 250 queries are there at the start: five checks, and a part
				// of the sixth.
				const checks = 5 + 5
				for range checks {
					c := r.Check()
					if err := c.Begin(t.Context()); err != nil {
						t.Fatal(err)
					}
					if tt.ends {
						c.End()
					}
				}
				// Ten checks are 450 queries, 200 more than there were.
				want := tt.want * 200 / 225
				if took := time.Since(start); took.Round(time.Millisecond) != want.Round(time.Millisecond) {
					t.Errorf("%d checks had begun after %v, want %v", checks, took, want)
				}
			})
		})
	}
}

func TestWhoStopsWaitingGivesBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, err := dnsq.New(dnsq.Config{Resolver: "192.0.2.53", Rate: 45})
		if err != nil {
			t.Fatal(err)
		}
		for range 5 {
			r.Check().Begin(t.Context())
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
		defer cancel()
		for range 100 {
			if err := r.Check().Begin(ctx); !errors.Is(err, context.DeadlineExceeded) {
				t.Fatalf("error %v", err)
			}
		}
		start := time.Now()
		r.Check().Begin(t.Context())
		if took := time.Since(start); took > time.Second {
			t.Errorf("the next check waited %v for those who had gone", took)
		}
	})
}

// TestQueriesCount holds that what a check sends beyond what was expected, or
// less, counts for the next.
func TestQueriesCount(t *testing.T) {
	s := dnstest.New(t, exampleZone)
	r := newResolver(t, s, func(c *dnsq.Config) { c.Rate = 0.001 }) // as good as nothing comes back
	r.SelfTest(ctx)
	left := 250 - s.Queries()
	c := r.Check()
	if err := c.Begin(ctx); err != nil {
		t.Fatal(err)
	}
	for _, rrtype := range []uint16{dns.TypeA, dns.TypeMX, dns.TypeTXT} {
		c.Query(ctx, "example.nl", rrtype)
	}
	c.End()
	left -= c.Queries()
	for ; left >= 45; left -= 45 {
		if err := r.Check().Begin(ctx); err != nil {
			t.Fatal(err)
		}
	}
	late, cancel := context.WithTimeout(ctx, 10*time.Millisecond)
	defer cancel()
	if err := r.Check().Begin(late); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("a check began with %d queries left: %v", left, err)
	}
}
