package commands_test

import (
	"context"
	"errors"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"codeberg.org/miekg/dns"

	"wolkwijs/answer"
	"wolkwijs/commands"
	"wolkwijs/domaincheck"
	"wolkwijs/domaincheck/asn"
	"wolkwijs/domaincheck/change/changetest"
	"wolkwijs/domaincheck/dnsq"
	"wolkwijs/domaincheck/dnsq/dnstest"
	"wolkwijs/knowledge"
	"wolkwijs/lang"
)

// watchedZones are the internet of the transcripts of !watch.
const watchedZones = changetest.Around + changetest.Club + `
post MX 10 mx.small.example.
$ORIGIN xn--caf-dma.nl.
@ SOA ns1.host.example. hostmaster 1 7200 3600 1209600 0
@ NS ns1.host.example.
@ NS ns2.host.example.
@ MX 0 .
@ TXT "v=spf1 -all"
_dmarc TXT "v=DMARC1; p=reject"
$ORIGIN .
a.nl. SOA a. b. 1 7200 3600 1209600 0
b.nl. SOA a. b. 1 7200 3600 1209600 0
c.nl. SOA a. b. 1 7200 3600 1209600 0
d.nl. SOA a. b. 1 7200 3600 1209600 0
e.nl. SOA a. b. 1 7200 3600 1209600 0
f.nl. SOA a. b. 1 7200 3600 1209600 0
g.nl. SOA a. b. 1 7200 3600 1209600 0
h.nl. SOA a. b. 1 7200 3600 1209600 0
i.nl. SOA a. b. 1 7200 3600 1209600 0
j.nl. SOA a. b. 1 7200 3600 1209600 0
`

// TestWatchTranscripts plays testdata/watch: a comment that says what the case
// is, a script, and what is said in both languages. A line of the script is
// what somebody who manages the room writes, or one of these:
//
//	member: TEXT    somebody else writes it
//	dm: TEXT        somebody writes it in a direct message
//	terminal: TEXT  somebody writes it where there is no room
//	dns: EDIT; …    records of club.nl change: "- @ MX" takes away, others are added
//	dns fails: NAME a name is not answered; "all but the root"; "all"; "nothing": all are again
//	time: DURATION  time goes by, and what is due is looked at
//	store: fails    the database does no longer work
func TestWatchTranscripts(t *testing.T) {
	files, err := filepath.Glob("testdata/watch/*.txt")
	if err != nil || len(files) < 20 {
		t.Fatalf("%d transcripts: %v", len(files), err)
	}
	kb, err := knowledge.OpenLayers(knowledge.Dir("../knowledge/testdata/base"), knowledge.Dir("../knowledge/testdata/watched"))
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txt"), func(t *testing.T) {
			data, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			head, _, _ := strings.Cut(string(data), "-- nl --\n")
			_, script, ok := strings.Cut(head, "-- script --\n")
			if !ok {
				t.Fatal("there is no script")
			}
			got := head
			for _, l := range []lang.Code{lang.NL, lang.EN} {
				got += "-- " + string(l) + " --\n" + playWatch(t, kb, l, script)
			}
			golden(t, file, got)
		})
	}
}

// watchStage is a transcript being played.
type watchStage struct {
	t       *testing.T
	srv     *dnstest.Server
	service *commands.Service
	lang    lang.Code
	zone    string
	clock   time.Time
	room    memoryWatches
	out     strings.Builder
}

func playWatch(t *testing.T, kb *knowledge.Store, l lang.Code, script string) string {
	s := &watchStage{t: t, srv: dnstest.New(t, watchedZones), lang: l, zone: watchedZones, clock: now}
	s.room = memoryWatches{all: map[string]commands.Watch{}, now: func() time.Time { return s.clock }}
	checker := &domaincheck.Checker{Companies: commands.Companies(kb), Networks: asn.Cymru{}}
	checker.Questions = func() domaincheck.Questions { // of a resolver without a memory
		r, err := dnsq.New(dnsq.Config{Resolver: s.srv.Addr(), Timeout: 300 * time.Millisecond})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { r.Close() })
		return r.Check()
	}
	s.service = newService(t, func(o *commands.Options) {
		o.Knowledge, o.Checker, o.Now = kb, checker, func() time.Time { return s.clock }
	})
	for line := range strings.Lines(script) {
		s.out.WriteString("> " + line)
		s.do(strings.TrimSpace(line))
	}
	return s.out.String()
}

func (s *watchStage) do(line string) {
	what, rest, _ := strings.Cut(line, ": ")
	r := commands.Request{Text: line, Lang: s.lang, Kind: commands.Group, Room: "room", Rights: commands.Rights{RoomAdmin: true}, Watches: &s.room}
	switch what {
	case "member":
		r.Text, r.Rights = rest, commands.Rights{}
	case "dm":
		r.Text, r.Kind = rest, commands.Direct
	case "terminal":
		r.Text, r.Kind, r.Watches = rest, commands.Terminal, nil
	case "dns":
		s.zone = changetest.Edit(s.zone, strings.Split(rest, ";")...)
		if err := s.srv.SetZones(s.zone); err != nil {
			s.t.Fatal(err)
		}
		return
	case "dns fails":
		s.srv.Apply(dnstest.Behave())
		switch rest {
		case "nothing":
		case "all but the root":
			s.srv.Apply(dnstest.ServFail(dnstest.Any, dns.TypeANY), dnstest.Rcode(".", dns.TypeANY, dns.RcodeSuccess))
		case "all":
			s.srv.Apply(dnstest.ServFail(dnstest.Any, dns.TypeANY))
		default:
			s.srv.Apply(dnstest.ServFail(rest, dns.TypeANY))
		}
		return
	case "time":
		d, err := time.ParseDuration(rest)
		if err != nil {
			s.t.Fatal(err)
		}
		s.pass(d)
		return
	case "store":
		s.room.fails = true
		return
	}
	a := s.service.Answer(s.t.Context(), r)
	if a == nil {
		s.out.WriteString("(silence)\n")
		return
	}
	s.out.WriteString(answer.Body(a, answer.Options{}) + "\n")
}

// pass lets time go by, from one look that is due to the next.
func (s *watchStage) pass(d time.Duration) {
	end := s.clock.Add(d)
	for {
		next := commands.Watch{Next: end.Add(time.Second)}
		for _, w := range s.room.all {
			if w.Next.Before(next.Next) {
				next = w
			}
		}
		if next.Next.After(end) {
			s.clock = end
			return
		}
		s.clock = next.Next
		look, err := s.service.LookAt(s.t.Context(), next.Domain)
		if err != nil {
			s.t.Fatal(err)
		}
		w := commands.ParseWatched(next.Watched.String()).Look(look, weekly)
		if w.News != nil {
			s.out.WriteString("(" + s.clock.Format("2 Jan 15:04") + ") " + answer.Body(s.service.TellNews(next.Domain, *w.News, s.lang), answer.Options{}) + "\n")
		}
		s.room.all[next.Domain] = commands.Watch{Domain: next.Domain, Watched: w.Told(), Next: w.Next}
	}
}

func weekly(after time.Time) time.Time { return after.Add(7 * 24 * time.Hour) }

// memoryWatches keeps what a room watches in memory.
type memoryWatches struct {
	all   map[string]commands.Watch
	now   func() time.Time
	fails bool
}

var errFull = errors.New("the disk is full")

func (m *memoryWatches) List(context.Context) ([]commands.Watch, error) {
	if m.fails {
		return nil, errFull
	}
	var list []commands.Watch
	for _, d := range slices.Sorted(maps.Keys(m.all)) {
		list = append(list, m.all[d])
	}
	return list, nil
}

func (m *memoryWatches) Add(_ context.Context, domain string, w commands.Watched) (time.Time, error) {
	next := weekly(m.now())
	m.all[domain] = commands.Watch{Domain: domain, Watched: w, Next: next}
	return next, nil
}

func (m *memoryWatches) Drop(_ context.Context, domain string) error {
	delete(m.all, domain)
	return nil
}
