package bot

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"codeberg.org/miekg/dns"
	"maunium.net/go/mautrix/id"

	"wolkwijs/answer"
	"wolkwijs/bot/hstest"
	"wolkwijs/commands"
	"wolkwijs/domaincheck/dnsq/dnstest"
	"wolkwijs/lang"
)

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
		club := w.clubThatAsks("!volg club.nl")
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
		w.pass(time.Minute) // all have seen it once
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
		club := w.clubThatAsks("!watch club.nl")
		next := w.hs.Successor(alice, "De nieuwe club", club)
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
		club := w.clubThatAsks("!watch club.nl")
		o.edit(t, "- _dmarc")
		w.hs.SetFail(func(rw http.ResponseWriter, r *http.Request) bool {
			if !strings.Contains(r.URL.Path, "/send/") {
				return false
			}
			rw.WriteHeader(http.StatusForbidden)
			fmt.Fprint(rw, `{"errcode":"M_FORBIDDEN","error":"no power"}`)
			return true
		})
		w.passDue(20 * 24 * time.Hour)
		w.hs.SetFail(nil)
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
		club := w.clubThatAsks("!watch club.nl")
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
