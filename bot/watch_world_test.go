package bot

import (
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	"maunium.net/go/mautrix/id"

	"wolkwijs/commands"
	"wolkwijs/domaincheck"
	"wolkwijs/domaincheck/asn"
	"wolkwijs/domaincheck/change/changetest"
	"wolkwijs/domaincheck/dnsq"
	"wolkwijs/domaincheck/dnsq/dnstest"
	"wolkwijs/knowledge"
)

// outside is a checker that works outside the bubble of a world, where it can
// speak with a real DNS server. The world's clock stands still meanwhile.
type outside struct {
	srv      *dnstest.Server
	zones    string
	requests chan func(*domaincheck.Checker)
	mu       sync.Mutex // one at a time
	looks    int        // with mu
}

// newOutside starts a DNS server and a checker that asks it. It must be called
// outside the bubble.
func newOutside(t *testing.T, kb *knowledge.Store) *outside {
	o := &outside{srv: dnstest.New(t, changetest.Around+changetest.Club), zones: changetest.Around + changetest.Club, requests: make(chan func(*domaincheck.Checker))}
	checker := &domaincheck.Checker{Companies: commands.Companies(kb), Networks: asn.Cymru{}}
	checker.Questions = func() domaincheck.Questions { // of a resolver without a memory
		r, err := dnsq.New(dnsq.Config{Resolver: o.srv.Addr(), Timeout: 300 * time.Millisecond})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { r.Close() })
		return r.Check()
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		for work := range o.requests {
			work(checker)
		}
	}()
	t.Cleanup(func() { close(o.requests); <-done })
	return o
}

func (o *outside) Check(_ context.Context, input string) (*domaincheck.Report, error) {
	return o.do(func(c *domaincheck.Checker) (*domaincheck.Report, error) { return c.Check(context.Background(), input) })
}

func (o *outside) Recheck(_ context.Context, domain string) (*domaincheck.Report, error) {
	return o.do(func(c *domaincheck.Checker) (*domaincheck.Report, error) {
		return c.Recheck(context.Background(), domain)
	})
}

func (o *outside) do(work func(c *domaincheck.Checker) (*domaincheck.Report, error)) (report *domaincheck.Report, err error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.looks++
	var done sync.Mutex // not a channel: that would belong to the bubble
	done.Lock()
	o.requests <- func(c *domaincheck.Checker) {
		defer done.Unlock()
		report, err = work(c)
	}
	done.Lock()
	return report, err
}

// edit changes the zone of club.nl.
func (o *outside) edit(t *testing.T, edits ...string) {
	o.zones = changetest.Edit(o.zones, edits...)
	if err := o.srv.SetZones(o.zones); err != nil {
		t.Fatal(err)
	}
}

// watching runs a test in a world whose bot knows all its commands and watches
// domains that a real DNS server has.
func watching(t *testing.T, test func(w *world, o *outside)) {
	kb, err := knowledge.OpenLayers(knowledge.Dir("../knowledge/testdata/base"), knowledge.Dir("../knowledge/testdata/watched"))
	if err != nil {
		t.Fatal(err)
	}
	o := newOutside(t, kb)
	inWorld(t, func(w *world) {
		service := commands.New(commands.Options{Knowledge: kb, Checker: o})
		w.answerer = service
		w.change = func(b *Bot) { b.Watch(service) }
		test(w, o)
	})
}

// clubThatAsks starts the bot and has alice say something to it in a club.
func (w *world) clubThatAsks(text string) id.RoomID {
	w.t.Helper()
	w.start()
	club := w.club()
	w.hs.Say(club, alice, text)
	w.settle()
	return club
}

// passDue lets time go by while the bot is off but for half a minute before
// and a minute after something is due: weeks then cost no more than days.
func (w *world) passDue(d time.Duration) {
	w.t.Helper()
	end := time.Now().Add(d)
	for {
		due, err := w.store.NextDue(w.t.Context())
		must(w.t, err)
		if due.IsZero() || due.After(end) {
			break
		}
		must(w.t, w.end())
		time.Sleep(max(time.Until(due.Add(-30*time.Second)), 0))
		w.start()
		w.pass(90 * time.Second)
	}
	must(w.t, w.end())
	time.Sleep(max(time.Until(end), 0))
	w.start()
}

// toNext lets time go by until the next look has been.
func (w *world) toNext() {
	w.t.Helper()
	due, err := w.store.NextDue(w.t.Context())
	must(w.t, err)
	must(w.t, w.end())
	time.Sleep(time.Until(due.Add(-30 * time.Second)))
	w.start()
	w.pass(90 * time.Second)
}

// headlines are the first lines of what was posted in a room.
func (w *world) headlines(room id.RoomID) []string {
	var lines []string
	for _, p := range w.posts(room) {
		line, _, _ := strings.Cut(p, "\n")
		lines = append(lines, line)
	}
	return lines
}
