package bot

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"codeberg.org/miekg/dns"
	"maunium.net/go/mautrix/id"

	"wolkwijs/answer"
	"wolkwijs/bot/hstest"
	"wolkwijs/commands"
	"wolkwijs/domaincheck"
	"wolkwijs/domaincheck/asn"
	"wolkwijs/domaincheck/change/changetest"
	"wolkwijs/domaincheck/dnsq"
	"wolkwijs/domaincheck/dnsq/dnstest"
	"wolkwijs/knowledge"
	"wolkwijs/lang"
	"wolkwijs/store"
	"wolkwijs/store/pgtest"
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

// step is one thing that happens to the zone of club.nl, and the headline of
// what is posted about it; empty for nothing.
type step struct {
	name  string
	do    func(w *world, o *outside)
	posts string
}

// edits is a step that changes the zone.
func edits(all ...string) func(*world, *outside) {
	return func(w *world, o *outside) { o.edit(w.t, all...) }
}

// behaves is a step after which the server behaves otherwise.
func behaves(opts ...dnstest.Option) func(*world, *outside) {
	return func(_ *world, o *outside) { o.srv.Apply(opts...) }
}

// signed makes the names of the world signed.
var signed = dnstest.Secure("nl.", "example.", "club.nl.")

// twentySteps are what happens to a domain in half a year. Eight of them
// matter.
var twentySteps = []step{
	{"the name servers in another order", edits("- @ NS", "@ NS NS2.host.example.", "@ NS ns1.HOST.example."), ""},
	{"other preferences", edits("- @ MX", "@ MX 1 mx2.big.example.", "@ MX 2 mx1.big.example."), ""},
	{"the mail moves", edits("- @ MX", "@ MX 10 mx.small.example.", "- @ TXT", `@ TXT "v=spf1 include:_spf.small.example ~all"`),
		"De mail van club.nl staat nu bij Small Mail (Nederland). In totaal veranderden 3 dingen:"},
	{"the website gets other addresses", edits("- www.host.example.", "www.host.example. A 192.0.2.81", "www.host.example. A 192.0.2.82"), ""},
	{"a token for a search engine", edits(`@ TXT "google-site-verification=abc"`), ""},
	{"DMARC gets stricter", edits("- _dmarc", `_dmarc TXT "v=DMARC1; p=reject"`), "DMARC van club.nl is veranderd."},
	{"DMARC cannot be looked up", behaves(dnstest.ServFail("_dmarc.club.nl.", dns.TypeTXT)), ""},
	{"it can again", behaves(dnstest.Behave()), ""},
	{"the domain is signed", behaves(signed), "club.nl is nu goed ondertekend met DNSSEC."},
	{"a signature is wrong for less than an hour", func(w *world, o *outside) {
		o.srv.Apply(dnstest.Bogus("club.nl.", 7, "expired"))
		w.toNext()
		o.srv.Apply(dnstest.Behave(), signed)
	}, ""},
	{"the domain is gone for some hours", func(w *world, o *outside) {
		before := o.zones
		o.edit(w.t, "- @", "- www", "- _dmarc")
		w.toNext()
		w.passDue(5 * time.Hour)
		o.zones = before
		o.edit(w.t)
	}, ""},
	{"DNS moves", edits("- @ NS", "@ NS ns1.other.example.", "@ NS ns2.other.example."),
		"De DNS van club.nl staat nu bij Other Host (VS). In totaal veranderden 2 dingen:"},
	{"the mail company changes its own SPF", edits("- _spf.small.example.", `_spf.small.example. TXT "v=spf1 ip4:198.51.100.128/25 -all"`), ""},
	{"a newsletter may send", edits("- @ TXT", `@ TXT "v=spf1 include:_spf.small.example include:_spf.news.example ~all"`), "Wie namens club.nl mogen mailen, is veranderd."},
	{"nothing of it can be looked up for a week", func(w *world, o *outside) {
		o.srv.Apply(dnstest.ServFail(dnstest.Any, dns.TypeANY), dnstest.Rcode(".", dns.TypeANY, dns.RcodeSuccess))
		w.toNext()
		w.passDue(7 * 24 * time.Hour)
		o.srv.Apply(dnstest.Behave(), signed)
	}, ""},
	{"serial number and TTL", edits("- @ SOA", "@ 60 SOA ns1.host.example. hostmaster 99 7200 3600 1209600 60"), ""},
	{"the website moves", edits("- www", "www CNAME www.other.example."), "De website van club.nl staat nu bij Other Host (VS)."},
	{"the resolver does not work", func(w *world, o *outside) {
		o.srv.Apply(dnstest.ServFail(dnstest.Any, dns.TypeANY))
		w.toNext()
		o.srv.Apply(dnstest.Behave(), signed)
	}, ""},
	{"the domain is gone", edits("- @", "- www", "- _dmarc"), "club.nl bestaat niet meer in DNS."},
	{"it is back, as it was but for its website", edits("@ SOA ns1.host.example. hostmaster 1 7200 3600 1209600 0", "@ NS ns1.other.example.", "@ NS ns2.other.example.",
		"@ MX 10 mx.small.example.", `@ TXT "v=spf1 include:_spf.small.example include:_spf.news.example ~all"`, `_dmarc TXT "v=DMARC1; p=reject"`),
		"club.nl bestaat weer in DNS. In totaal veranderden 2 dingen:"},
}

func TestTwentyStepsOfAZone(t *testing.T) {
	watching(t, func(w *world, o *outside) {
		t := w.t
		w.start()
		club := w.club()
		w.hs.Say(club, alice, "!volg club.nl")
		w.settle()
		w.wantSaid(club, "Goed, ik volg club.nl voor deze kamer.")
		var want []string
		for i, s := range twentySteps {
			s.do(w, o)
			if s.posts != "" {
				want = append(want, s.posts)
			}
			w.passDue(9 * 24 * time.Hour)
			if got := w.headlines(club); !slices.Equal(got, want) {
				t.Fatalf("after step %d (%s) the bot had posted\n%q, want\n%q\n%s", i+1, s.name, got, want, o.zones)
			}
		}
		if len(twentySteps) != 20 || len(want) != 8 {
			t.Errorf("%d steps, %d posts", len(twentySteps), len(want))
		}
		for _, p := range w.posts(club) {
			t.Log(p)
		}
	})
}

// The moments at which a crash hurts most: before the post has arrived, and
// after it has, with and without a homeserver that remembers it.
func TestWatchSurvivesACrash(t *testing.T) {
	for _, tt := range []struct {
		name            string
		arrived, forgot bool
	}{{"before the post arrives", false, false}, {"after the post has arrived", true, false}, {"and the homeserver forgets", true, true}} {
		t.Run(tt.name, func(t *testing.T) {
			watching(t, func(w *world, o *outside) {
				t := w.t
				w.start()
				club := w.club()
				w.hs.Say(club, alice, "!volg club.nl")
				w.settle()
				o.edit(t, "- @ MX", "@ MX 10 mx.small.example.")
				w.toNext() // it seems to have changed
				posting := func(r *http.Request) bool { return strings.Contains(r.URL.Path, "/send/m.room.message/") }
				if tt.arrived {
					w.hs.Lose = func(r *http.Request) bool {
						if posting(r) {
							w.cut.dead()
						}
						return posting(r)
					}
				} else {
					w.hs.Fail = func(_ http.ResponseWriter, r *http.Request) bool {
						if posting(r) {
							w.cut.dead()
						}
						return posting(r)
					}
				}
				w.pass(time.Hour) // it has: the bot posts and dies
				w.crash()
				w.hs.Lose, w.hs.Fail = nil, nil
				if tt.forgot {
					w.hs.Restart()
				}
				looks := o.looks
				time.Sleep(36 * time.Hour) // nobody restarts it for a while
				w.start()
				w.pass(time.Minute)
				want := []string{"De mail van club.nl staat nu bij Small Mail (Nederland). In totaal veranderden 2 dingen:"}
				if got := w.headlines(club); !slices.Equal(got, want) {
					t.Fatalf("posts %q\n%s", got, w.log.String())
				}
				if o.looks != looks {
					t.Errorf("looked %d times more to say the same", o.looks-looks)
				}
				w.passDue(30 * 24 * time.Hour)
				if got := w.headlines(club); !slices.Equal(got, want) {
					t.Errorf("after a month: %q", got)
				}
			})
		})
	}
}

// A crash after a look that found something does not make the next look,
// right after the start, count as the second one.
func TestCrashDoesNotConfirm(t *testing.T) {
	watching(t, func(w *world, o *outside) {
		t := w.t
		w.start()
		club := w.club()
		w.hs.Say(club, alice, "!volg club.nl")
		w.settle()
		o.edit(t, "- @ MX", "@ MX 10 mx.small.example.")
		jobs, err := w.store.Jobs(t.Context(), club, watchJob)
		must(t, err)
		must(t, w.end())
		time.Sleep(time.Until(jobs[0].Due))
		// The look is stored, what follows it is not.
		st, err := store.Open(t.Context(), w.cfg.Storage.Database)
		must(t, err)
		kind := &watches{watcher: w.answerer.(Watcher), now: time.Now, recent: map[string]*sight{}}
		state, err := kind.begin(t.Context(), jobs[0])
		must(t, err)
		if ok, err := st.BeginJob(t.Context(), &jobs[0], state); err != nil || !ok {
			t.Fatalf("not begun: %v", err)
		}
		must(t, st.Close())
		w.start()
		w.pass(10 * time.Minute)
		if got := w.headlines(club); len(got) > 0 {
			t.Errorf("posted %q after a single look", got)
		}
		w.pass(time.Hour)
		if got := w.headlines(club); len(got) != 1 {
			t.Errorf("posted %q after two looks", got)
		}
	})
}

// Many rooms that watch the same domain share each look, and each is told.
func TestOneLookForAllRooms(t *testing.T) {
	watching(t, func(w *world, o *outside) {
		t := w.t
		w.start()
		var rooms []id.RoomID
		for range 20 {
			room := w.club()
			w.hs.Say(room, alice, "!watch club.nl")
			rooms = append(rooms, room)
		}
		w.settle()
		added := o.looks
		weeks := 0
		for at := usualLook("club.nl", time.Now().Add(soonest)); at.Before(time.Now().Add(15 * 24 * time.Hour)); at = at.Add(week) {
			weeks++
		}
		w.passDue(15 * 24 * time.Hour)
		if n := o.looks - added; n != weeks {
			t.Errorf("%d looks, want %d", n, weeks)
		}
		o.edit(t, "- _dmarc")
		w.passDue(7 * 24 * time.Hour)
		for _, room := range rooms {
			if got := w.headlines(room); len(got) != 1 {
				t.Errorf("posted %q", got)
			}
		}
		if n := o.looks - added; n != weeks+2 {
			t.Errorf("%d looks, want %d: one more for the week, and one to be sure", n, weeks+2)
		}
	})
}

// What a room watches moves with it, and goes when the bot does.
func TestWatchesFollowTheRoom(t *testing.T) {
	watching(t, func(w *world, o *outside) {
		t := w.t
		w.start()
		club := w.club()
		w.hs.Say(club, alice, "!watch club.nl")
		w.settle()
		next := w.hs.Room(alice, "De nieuwe club")
		w.hs.SetState(next, alice, "m.room.create", "", object{"room_version": "11", "predecessor": object{"room_id": string(club)}})
		w.hs.SetState(next, alice, "m.room.join_rules", "", object{"join_rule": "public"})
		w.hs.SetState(club, alice, "m.room.tombstone", "", object{"body": "moved", "replacement_room": string(next)})
		w.settle()
		o.edit(t, "- _dmarc")
		w.passDue(8 * 24 * time.Hour)
		if got := w.headlines(next); len(got) != 1 {
			t.Errorf("posted %q in the new room", got)
		}
		if got := w.headlines(club); len(got) != 0 {
			t.Errorf("posted %q in the old room", got)
		}
		w.hs.SetState(next, alice, "m.room.member", string(hstest.Bot), object{"membership": "leave"})
		w.settle()
		if n, err := w.store.CountJobs(t.Context(), watchJob); n != 0 || err != nil {
			t.Errorf("%d watches are left, %v", n, err)
		}
	})
}

// A room in which the bot may not speak is told once it may.
func TestNewsWaitsForTheRightToSpeak(t *testing.T) {
	watching(t, func(w *world, o *outside) {
		t := w.t
		w.start()
		club := w.club()
		w.hs.Say(club, alice, "!watch club.nl")
		w.settle()
		o.edit(t, "- _dmarc")
		w.hs.Fail = func(rw http.ResponseWriter, r *http.Request) bool {
			if !strings.Contains(r.URL.Path, "/send/") {
				return false
			}
			rw.WriteHeader(http.StatusForbidden)
			fmt.Fprint(rw, `{"errcode":"M_FORBIDDEN","error":"no power"}`)
			return true
		}
		w.passDue(20 * 24 * time.Hour)
		w.hs.Fail = nil
		w.passDue(8 * 24 * time.Hour)
		if got := w.headlines(club); len(got) != 1 {
			t.Errorf("posted %q", got)
		}
	})
}

// What is kept in a form that this version does not know is found out anew.
func TestUnreadableWatchIsTakenAnew(t *testing.T) {
	watching(t, func(w *world, o *outside) {
		t := w.t
		w.start()
		club := w.club()
		w.hs.Say(club, alice, "!watch club.nl")
		w.settle()
		_, err := w.store.Database().Exec(t.Context(), `UPDATE job SET state='{"state":{"seen":{"v":0}},"of":"another version"}'`)
		must(t, err)
		o.edit(t, "- _dmarc") // not seen
		w.passDue(8 * 24 * time.Hour)
		o.edit(t, "- @ TXT")
		w.passDue(8 * 24 * time.Hour)
		if got := w.headlines(club); !slices.Equal(got, []string{"SPF van club.nl is veranderd."}) {
			t.Errorf("posted %q", got)
		}
	})
}

// The instance that looked dies just as its post has arrived; the one that
// takes over says nothing twice.
func TestWatchSurvivesAChangeOfLeader(t *testing.T) {
	server := pgtest.Start(t)
	watching(t, func(w *world, o *outside) {
		t := w.t
		w.cfg.Storage.Database = server
		w.start()
		other := &world{t: w.t, hs: w.hs, cfg: w.cfg, answerer: w.answerer, change: w.change}
		other.start()
		defer func() { other.end() }()
		club := w.club()
		w.hs.Say(club, alice, "!volg club.nl")
		w.settle()
		w.wantSaid(club, "Goed, ik volg club.nl voor deze kamer.")
		o.edit(t, "- @ MX", "@ MX 10 mx.small.example.")
		// A week would be long with a database server that is asked each two
		// seconds: the look comes now.
		jobs, err := w.store.Jobs(t.Context(), club, watchJob)
		must(t, err)
		kept := commands.ParseWatched(jobs[0].State)
		kept.Next = time.Now()
		jobs[0].State, jobs[0].Occurrence = kept.String(), kept.Next
		must(t, w.bot.PutJob(t.Context(), jobs[0]))
		w.pass(time.Minute)
		w.hs.Lose = func(r *http.Request) bool {
			if strings.Contains(r.URL.Path, "/send/m.room.message/") {
				w.cut.dead()
				w.hs.Restart()
				return true
			}
			return false
		}
		w.pass(time.Hour)
		want := []string{"De mail van club.nl staat nu bij Small Mail (Nederland). In totaal veranderden 2 dingen:"}
		if got := w.headlines(club); !slices.Equal(got, want) {
			t.Fatalf("before the crash: %q\n%s", got, w.log.String())
		}
		crashUnlocked(t, server, w)
		w.hs.Lose = nil
		other.pass(10 * time.Minute)
		if got := w.headlines(club); !slices.Equal(got, want) {
			t.Errorf("after the change of leader: %q", got)
		}
		jobs, err = other.store.Jobs(t.Context(), club, watchJob)
		if err != nil || len(jobs) != 1 || !jobs[0].Begun.IsZero() || commands.ParseWatched(jobs[0].State).News != nil {
			t.Errorf("jobs %+v, %v", jobs, err)
		}
	})
}

// While nothing can be looked up, no room is told anything, and not every
// watch waits for the resolver in turn.
func TestBlindBotAsksOnce(t *testing.T) {
	asked := 0
	now := time.Unix(1_800_000_000, 0)
	w := &watches{watcher: blindWatcher{&asked}, now: func() time.Time { return now }, recent: map[string]*sight{}}
	for i := range 10 {
		if _, err := w.lookAt(t.Context(), fmt.Sprintf("d%d.nl", i)); err == nil {
			t.Error("no error")
		}
	}
	if asked != 1 {
		t.Errorf("asked %d times", asked)
	}
	now = now.Add(blindFor)
	if _, err := w.lookAt(t.Context(), "d0.nl"); err == nil || asked != 2 {
		t.Errorf("after a while: asked %d times", asked)
	}
}

type blindWatcher struct{ asked *int }

func (blindWatcher) TellNews(string, commands.News, lang.Code) *answer.Answer { return nil }

func (b blindWatcher) LookAt(context.Context, string) (commands.Look, error) {
	*b.asked++
	return commands.Look{}, errors.New("no resolver")
}

// The looks at many domains are spread over the week.
func TestLooksAreSpread(t *testing.T) {
	after := time.Unix(1_800_000_000, 0)
	perDay := map[int]int{}
	for i := range 7000 {
		at := usualLook(fmt.Sprintf("d%d.nl", i), after)
		if wait := at.Sub(after); wait <= 0 || wait > week {
			t.Fatalf("after %v", wait)
		}
		if again := usualLook(fmt.Sprintf("d%d.nl", i), at); again.Sub(at) != week {
			t.Fatalf("the one after it follows %v later", again.Sub(at))
		}
		perDay[int(at.Sub(after)/(24*time.Hour))]++
	}
	for day, n := range perDay {
		if n < 850 || n > 1150 {
			t.Errorf("day %d has %d of 7000 looks", day, n)
		}
	}
}
