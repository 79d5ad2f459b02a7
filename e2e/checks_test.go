package e2e_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"codeberg.org/miekg/dns"
	"maunium.net/go/mautrix/id"

	"wolkwijs/domaincheck/dnsq/dnstest"
	"wolkwijs/e2e/peer"
)

// What many checks at once may take, in all: a typical check asks some fifty
// questions, and the resolver is never asked more than 256 at a time.
const (
	maxQueriesPerCheck = 60
	maxQueriesInFlight = 256
	maxMemory          = 150 << 20 // bytes
)

func TestManyChecksAtOnce(t *testing.T) {
	const rooms, each = 50, 4
	w := newWorld(t)
	var mu sync.Mutex
	underWay, most := 0, 0
	count := func(by int) func(dnstest.Question) {
		return func(dnstest.Question) {
			mu.Lock()
			defer mu.Unlock()
			underWay += by
			most = max(most, underWay)
		}
	}
	server := dnstest.New(t, manyZones(rooms*each),
		dnstest.Delay(dnstest.Any, dns.TypeANY, 20*time.Millisecond), dnstest.Hook(count(1), count(-1)))
	b := w.bot(map[string]string{"dns.resolver": "'" + server.Addr() + "'"})
	anna := w.member(mautrixGo, "anna")
	in := make([]id.RoomID, rooms)
	for i := range in {
		in[i] = w.roomWith(b, anna, peer.Room{Name: fmt.Sprint("Room ", i), Encrypted: i%2 == 0})
	}
	server.Reset()

	began := time.Now()
	asked := make([][]id.EventID, rooms)
	var asking sync.WaitGroup
	for i, room := range in {
		asking.Go(func() {
			for n := range each {
				question, err := anna.Send(w.ctx, room, peer.Text(fmt.Sprintf("!check d%d.nl", i*each+n)))
				if err != nil {
					t.Error(err)
					return
				}
				asked[i] = append(asked[i], question)
			}
		})
	}
	asking.Wait()
	for i, room := range in {
		for n, question := range asked[i] {
			answer := w.answer(b, anna, question)
			if want := fmt.Sprintf("d%d.nl", i*each+n); !strings.HasPrefix(answer.Body(), want) {
				t.Errorf("the answer does not begin with %s:\n%s", want, answer.Body())
			}
		}
		w.checkAnswered(b, anna, room, asked[i]...)
	}
	took := time.Since(began)

	memory, err := b.PeakMemory()
	w.must(err)
	queries := server.Queries()
	mu.Lock()
	defer mu.Unlock()
	t.Logf("%d checks in %d rooms answered in %v: %d queries, at most %d at once; peak memory %d MB",
		rooms*each, rooms, took.Round(time.Millisecond), queries, most, memory>>20)
	if queries > rooms*each*maxQueriesPerCheck {
		t.Errorf("%d queries, more than %d a check", queries, maxQueriesPerCheck)
	}
	if most > maxQueriesInFlight {
		t.Errorf("%d queries at once, more than %d", most, maxQueriesInFlight)
	}
	if memory > maxMemory {
		t.Errorf("%d octets of memory, more than %d", memory, maxMemory)
	}
}

// manyZones are the zones d0.nl, d1.nl and so on, with what a domain usually
// has.
func manyZones(n int) string {
	var b strings.Builder
	b.WriteString("nl. SOA ns1.nl. hostmaster.nl. 1 7200 3600 1209600 300\n")
	for i := range n {
		b.WriteString(strings.ReplaceAll(zone, "example.nl.", fmt.Sprintf("d%d.nl.", i)))
	}
	return b.String()
}
