package dnsq_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"codeberg.org/miekg/dns"

	"wolkwijs/domaincheck/dnsq"
	"wolkwijs/domaincheck/dnsq/dnstest"
)

var ctx = context.Background()

func TestTruncatedAnswersAreAskedForOverTCP(t *testing.T) {
	zone := exampleZone
	for i := range 40 {
		zone += fmt.Sprintf("big TXT \"%0200d\"\n", i)
	}
	s := dnstest.New(t, zone, dnstest.Truncate("mail.example.nl", dns.TypeA))
	r := newResolver(t, s)
	if a := r.Query(ctx, "big.example.nl", dns.TypeTXT); len(a.Records) != 40 {
		t.Errorf("8 KB of TXT: %d records, failure %v", len(a.Records), a.Failure)
	}
	if a := r.Query(ctx, "mail.example.nl", dns.TypeA); len(a.Records) != 1 {
		t.Errorf("TC bit: %d records, failure %v", len(a.Records), a.Failure)
	}
	tcp := 0
	for _, q := range s.Log() {
		if q.Network == "tcp" {
			tcp++
		}
	}
	if tcp != 2 {
		t.Errorf("%d queries over TCP, want 2", tcp)
	}
}

func TestOneLostReplyIsAskedForAgain(t *testing.T) {
	s := dnstest.New(t, exampleZone)
	r := newResolver(t, s)
	r.SelfTest(ctx)
	s.Reset()
	s.Apply(dnstest.DropNth(1))
	if a := r.Query(ctx, "example.nl", dns.TypeMX); a.Status != dnsq.Found {
		t.Errorf("status %v, failure %v", a.Status, a.Failure)
	}
	if n := s.Count("example.nl", dns.TypeMX); n != 2 {
		t.Errorf("%d queries, want 2", n)
	}
}

func TestALateReplyToTheFirstTryCounts(t *testing.T) {
	s := dnstest.New(t, exampleZone, dnstest.Delay("example.nl", dns.TypeMX, 70*time.Millisecond))
	r := newResolver(t, s) // gives a try 50 ms
	if a := r.Query(ctx, "example.nl", dns.TypeMX); a.Status != dnsq.Found {
		t.Errorf("status %v, failure %v", a.Status, a.Failure)
	}
}

// TestATimeThatIsOverBeforeTheFirstTry happens where the machine has stood
// still for as long.
func TestATimeThatIsOverBeforeTheFirstTry(t *testing.T) {
	s := dnstest.New(t, exampleZone)
	r := newResolver(t, s, func(c *dnsq.Config) { c.Timeout = time.Nanosecond })
	if a := r.Query(ctx, "example.nl", dns.TypeMX); kind(a) != dnsq.Timeout {
		t.Errorf("status %v, failure %v", a.Status, a.Failure)
	}
}

func TestADeadServerIsRefusedAtOnce(t *testing.T) {
	s := dnstest.New(t, exampleZone)
	r := newResolver(t, s, func(c *dnsq.Config) { c.TryTimeout = time.Minute; c.Timeout = time.Minute })
	s.Stop()
	if a := r.Query(ctx, "example.nl", dns.TypeMX); kind(a) != dnsq.Refused {
		t.Errorf("failure %v, want refused: the kernel says that nobody listens", a.Failure)
	}
}

func TestQueriesUnderWayAreBounded(t *testing.T) {
	const limit, questions = 10, 200
	var mu sync.Mutex
	underWay, most := 0, 0
	s := dnstest.New(t, exampleZone,
		dnstest.Delay(dnstest.Any, dns.TypeA, 5*time.Millisecond),
		dnstest.Hook(func(dnstest.Question) { mu.Lock(); underWay++; most = max(most, underWay); mu.Unlock() },
			func(dnstest.Question) { mu.Lock(); underWay--; mu.Unlock() }))
	r := newResolver(t, s, func(c *dnsq.Config) { c.MaxInFlight = limit; c.TryTimeout = 10 * time.Second })
	var wg sync.WaitGroup
	for i := range questions {
		wg.Go(func() {
			if a := r.Query(ctx, fmt.Sprintf("n%d.example.nl", i), dns.TypeA); a.Status != dnsq.NXDomain {
				t.Errorf("question %d: status %v, failure %v", i, a.Status, a.Failure)
			}
		})
	}
	wg.Wait()
	s.Stop()
	if most > limit {
		t.Errorf("%d queries under way at once, want at most %d", most, limit)
	}
}

func TestTheSystemsServersAreAskedInOrder(t *testing.T) {
	first, second := dnstest.New(t, exampleZone), dnstest.New(t, exampleZone)
	r := newResolver(t, first)
	dnsq.AddServer(r, second.Addr())
	r.SelfTest(ctx)
	first.Reset()
	second.Reset()

	r.Query(ctx, "example.nl", dns.TypeMX)
	if first.Queries() != 1 || second.Queries() != 0 {
		t.Errorf("both alive: %d queries to the first, %d to the second", first.Queries(), second.Queries())
	}
	first.Apply(dnstest.Refused(dnstest.Any, dns.TypeTXT), dnstest.Drop(dnstest.Any, dns.TypeA))
	if a := r.Query(ctx, "example.nl", dns.TypeTXT); a.Status != dnsq.NoData {
		t.Errorf("the first refuses: status %v, failure %v", a.Status, a.Failure)
	}
	if a := r.Query(ctx, "mail.example.nl", dns.TypeA); a.Status != dnsq.Found {
		t.Errorf("the first is silent: status %v, failure %v", a.Status, a.Failure)
	}
}

func TestForgedRepliesAreIgnored(t *testing.T) {
	forge := func(change func(*dns.Msg)) func([]byte) []byte {
		return func(query []byte) []byte {
			m := &dns.Msg{Data: query}
			if err := m.Unpack(); err != nil {
				return nil
			}
			m.Response = true
			change(m)
			if err := m.Pack(); err != nil {
				return nil
			}
			return m.Data
		}
	}
	for name, change := range map[string]func(*dns.Msg){
		"another ID":     func(m *dns.Msg) { m.ID++ },
		"another name":   func(m *dns.Msg) { m.Question[0].Header().Name = "other.nl." },
		"another type":   func(m *dns.Msg) { m.Question = dns.NewMsg("example.nl.", dns.TypeA).Question },
		"not a response": func(m *dns.Msg) { m.Response = false },
		"another opcode": func(m *dns.Msg) { m.Opcode = dns.OpcodeNotify },
		"no question":    func(m *dns.Msg) { m.Question = nil },
	} {
		t.Run(name, func(t *testing.T) {
			s := dnstest.New(t, exampleZone, dnstest.Raw("example.nl", dns.TypeMX, forge(change)))
			r := newResolver(t, s)
			if a := r.Query(ctx, "example.nl", dns.TypeMX); a.Status != dnsq.Failed {
				t.Errorf("status %v", a.Status)
			}
		})
	}
}

func TestAServerThatRewritesNamesIsAskedOverTCP(t *testing.T) {
	s := dnstest.New(t, exampleZone, dnstest.Raw("example.nl", dns.TypeMX, func(query []byte) []byte {
		m := &dns.Msg{Data: query}
		if err := m.Unpack(); err != nil {
			return nil
		}
		m.Response = true
		m.Question[0].Header().Name = "EXAMPLE.NL."
		if err := m.Pack(); err != nil {
			return nil
		}
		return m.Data
	}))
	r := newResolver(t, s, func(c *dnsq.Config) { c.TryTimeout = 5 * time.Second })
	if a := r.Query(ctx, "example.nl", dns.TypeMX); a.Status != dnsq.NoData {
		t.Errorf("status %v, failure %v", a.Status, a.Failure)
	}
	if n := s.Count("example.nl", dns.TypeMX); n != 2 {
		t.Errorf("%d queries, want one over UDP and one over TCP", n)
	}
}
