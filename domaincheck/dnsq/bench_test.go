package dnsq

import (
	"context"
	"fmt"
	"sync/atomic"
	"syscall"
	"testing"

	"codeberg.org/miekg/dns"

	"wolkwijs/domaincheck/dnsq/realtest"
)

// cpu returns the processor time of this process, in microseconds. The
// servers are processes of their own.
func cpu(b *testing.B) int64 {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return u.Utime.Sec*1e6 + int64(u.Utime.Usec) + u.Stime.Sec*1e6 + int64(u.Stime.Usec)
}

// inParallel asks 64 questions at a time, each for another name, and reports
// queries per second and the processor time of each.
func inParallel(b *testing.B, ask func(name string) error) {
	b.Helper()
	var n atomic.Int64
	b.ReportAllocs()
	b.SetParallelism(32)
	before := cpu(b)
	b.ResetTimer()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			if err := ask(fmt.Sprintf("n%d.wild.example.nl.", n.Add(1))); err != nil {
				b.Error(err)
			}
		}
	})
	b.StopTimer()
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "queries/s")
	b.ReportMetric(float64(cpu(b)-before)/float64(b.N), "cpu-µs/query")
}

// BenchmarkQuery is a whole question, from name to records, none cached: to
// NSD over UDP, which can do more than we ask, and to Unbound with the answers
// ready.
func BenchmarkQuery(b *testing.B) {
	w := realtest.Start(b)
	for _, way := range []struct {
		name string
		cfg  Config
	}{
		{"NSD over UDP", Config{Resolver: w.NSD}},
		{"Unbound over UDP", Config{Resolver: w.Validating}},
		{"Unbound over TLS", Config{Resolver: w.TLS, RootCAs: w.RootCAs}},
	} {
		b.Run(way.name, func(b *testing.B) {
			r := benchResolver(b, way.cfg)
			inParallel(b, func(name string) error {
				return found(r.Query(context.Background(), name, dns.TypeA))
			})
		})
	}
}

func benchResolver(b *testing.B, cfg Config) *Resolver {
	b.Helper()
	r, err := New(cfg)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { r.Close() })
	for _, u := range r.upstreams {
		u.test.set(SelfTest{Believed: true}, r.now().Add(testAgain)) // NSD does not validate
	}
	return r
}

func found(a Answer) error {
	if a.Status != Found {
		return fmt.Errorf("%s: status %v, failure %+v", a.Name, a.Status, a.Failure)
	}
	return nil
}

// BenchmarkExchange is the transport alone: the query out, the octets back.
func BenchmarkExchange(b *testing.B) {
	w := realtest.Start(b)
	r := benchResolver(b, Config{Resolver: w.NSD})
	inParallel(b, func(text string) error {
		n, err := parseName(text)
		if err != nil {
			return err
		}
		_, err = r.ask(context.Background(), asked{question: question{n, dns.TypeA}}, nil)
		return err
	})
}

// BenchmarkSocketPerQuery is the library's own client, with a socket for each
// query. It is here to compare with.
func BenchmarkSocketPerQuery(b *testing.B) {
	w := realtest.Start(b)
	inParallel(b, func(name string) error {
		q := dns.NewMsg(name, dns.TypeA)
		q.ID, q.UDPSize = dns.ID(), 4096
		_, _, err := dns.NewClient().Exchange(context.Background(), q, "udp", w.NSD)
		return err
	})
}

// BenchmarkValidate is a question to a resolver that does not validate: the
// signatures are checked here, the zone's keys being known.
func BenchmarkValidate(b *testing.B) {
	w := realtest.Start(b)
	r, err := New(Config{Resolver: w.NotValidating, TrustAnchorFile: w.AnchorFile})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { r.Close() })
	inParallel(b, func(name string) error {
		a := r.Query(context.Background(), name, dns.TypeA)
		if a.Security != Secure {
			return fmt.Errorf("%s: %v %v", name, a.Security, a.Problem)
		}
		return nil
	})
}

// BenchmarkCached is a question whose answer is in the cache.
func BenchmarkCached(b *testing.B) {
	w := realtest.Start(b)
	r := benchResolver(b, Config{Resolver: w.NSD})
	b.ReportAllocs()
	for b.Loop() {
		if err := found(r.Query(context.Background(), "example.nl", dns.TypeMX)); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkParse reads a reply and the RRset in it.
func BenchmarkParse(b *testing.B) {
	wire := message(b, "example.nl. MX 10 a.example.nl.\nexample.nl. MX 20 b.example.nl.\n--\n")
	q := question{"\x07example\x02nl\x00", dns.TypeMX}
	b.ReportAllocs()
	for b.Loop() {
		r, err := parseReply(wire)
		if err != nil {
			b.Fatal(err)
		}
		if a, _ := r.interpret(q); len(a.Records) != 2 {
			b.Fatal(a)
		}
	}
}
