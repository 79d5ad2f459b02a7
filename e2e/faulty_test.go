package e2e_test

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"

	"wolkwijs/domaincheck/dnsq/dnstest"
	"wolkwijs/e2e/bot"
	"wolkwijs/e2e/clock"
	"wolkwijs/e2e/homeserver"
	"wolkwijs/e2e/peer"
	"wolkwijs/e2e/peer/gopeer"
	"wolkwijs/e2e/proxy"
	"wolkwijs/e2e/smalldisk"
)

const (
	faultRate     = 12              // questions a second
	faultPatience = 4 * time.Minute // for the last answer after the last question

	// queuedFor is after how long Dendrite has shown what it had queued when it
	// was killed: input that is not acknowledged in 5 minutes and 10 seconds is
	// handled again (roomserver/internal/input, AckWait), and what is shown to
	// clients after half a minute (the default of NATS).
	queuedFor = 5*time.Minute + 30*time.Second
	// takingBack is how long taking back a copy may take.
	takingBack = 45 * time.Second
)

// faulty is a homeserver of its own with one bot behind a proxy, a member who
// asks, and what goes wrong with them.
type faulty struct {
	t    *testing.T
	ctx  context.Context
	dice *rand.Rand
	dir  string

	settings map[string]string
	wrap     []string
	program  string       // of the bot; empty: the usual one
	clock    *clock.Clock // of that program; nil: it has the machine's
	limit    homeserver.RateLimit
	disk     *smalldisk.Disk

	homeserver *homeserver.Homeserver
	proxy      *proxy.Proxy
	bot        *bot.Bot
	log        *lockedBuffer
	id         id.UserID
	anna       *gopeer.Client
	rooms      []id.RoomID

	asked  time.Duration // how long asking took
	ends   []time.Time   // of faults
	waited time.Duration // for what the homeserver had queued
}

// newFaulty starts everything. The bot's log is shown if the test fails.
func newFaulty(t *testing.T, dice *rand.Rand, before func(*faulty)) *faulty {
	ctx, cancel := context.WithTimeout(bed.ctx, 100*time.Minute)
	t.Cleanup(cancel)
	f := &faulty{t: t, ctx: ctx, dice: dice, dir: t.TempDir(), log: &lockedBuffer{}}
	f.settings = map[string]string{
		"dns.resolver":       "'" + dnstest.New(t, zone).Addr() + "'",
		"dns.asn":            "'off'",
		"dns.mta_sts_policy": "false",
		"limits.per_user":    "'100000/min'",
		"limits.per_room":    "'100000/min'",
		"limits.global":      "'100000/min'",
		"log.level":          "'debug'",
	}
	if before != nil {
		before(f)
	}
	servers := filepath.Join(f.dir, "homeserver")
	f.must(os.Mkdir(servers, 0o700))
	var err error
	f.homeserver, err = homeserver.Start(ctx, homeserver.Options{Program: bed.dendrite, Dir: servers, RateLimit: f.limit})
	f.must(err)
	t.Cleanup(func() {
		if err := f.homeserver.Stop(); err != nil {
			t.Error(err)
		}
	})
	f.proxy, err = proxy.Start(f.homeserver.URL)
	f.must(err)
	t.Cleanup(func() {
		if err := f.proxy.Close(); err != nil {
			t.Error(err)
		}
	})
	account, err := f.homeserver.Register(ctx, "wolkwijs")
	f.must(err)
	f.id = id.UserID(account.UserID)
	f.bot, err = bot.Start(ctx, bot.Options{
		Homeserver: f.proxy.URL, Account: account, Dir: f.dir, Settings: f.settings, Wrap: f.wrap, Program: f.program, Log: f.log,
	})
	f.must(err)
	t.Cleanup(func() {
		if err := f.bot.Stop(); err != nil {
			t.Error(err)
		}
		if t.Failed() {
			keep(t, f.log.String())
		}
	})
	member, err := f.homeserver.RegisterAdmin(ctx, "anna") // admins have no rate limit
	f.must(err)
	f.anna, err = gopeer.Start(ctx, peer.Login{Homeserver: f.homeserver.URL, UserID: id.UserID(member.UserID), Password: member.Password}, gopeer.Options{})
	f.must(err)
	t.Cleanup(func() { f.anna.Close() })
	return f
}

// keep shows the end of a long log, and tells where all of it is.
func keep(t *testing.T, log string) {
	file, err := os.CreateTemp("", "wolkwijs-faults-*.log")
	if err == nil {
		_, _ = file.WriteString(log)
		file.Close()
		t.Log("the bot's log is in ", file.Name())
	}
	t.Log(log[max(0, len(log)-20_000):])
}

func (f *faulty) must(err error) {
	f.t.Helper()
	if err != nil {
		f.t.Fatal(err)
	}
}

// wait lets time pass, for faults that last.
func (f *faulty) wait(d time.Duration) {
	f.t.Helper()
	select {
	case <-time.After(d):
	case <-f.ctx.Done():
		f.t.Fatal(context.Cause(f.ctx))
	}
}

// pause lets a random time up to most pass.
func (f *faulty) pause(most time.Duration) { f.wait(time.Duration(f.dice.Int64N(int64(most)))) }

// over notes that a fault is over.
func (f *faulty) over() { f.ends = append(f.ends, time.Now()) }

// room makes a room with the bot in it.
func (f *faulty) room(name string, encrypted bool) {
	f.t.Helper()
	room, err := f.anna.CreateRoom(f.ctx, peer.Room{Name: name, Encrypted: encrypted, Invite: []id.UserID{f.id}})
	f.must(err)
	f.must(peer.AwaitJoin(f.ctx, f.anna, room, f.id))
	f.rooms = append(f.rooms, room)
}

// run asks and has the fault strike meanwhile, and waits for the last answer.
func (f *faulty) run(questions, strikes int, strike func(*faulty)) {
	f.t.Helper()
	within := time.Duration(questions) * time.Second / faultRate
	began := time.Now()
	each := questions / len(f.rooms)
	var asking sync.WaitGroup
	for i, room := range f.rooms {
		dice := rand.New(rand.NewPCG(f.dice.Uint64(), uint64(i)))
		asking.Go(func() {
			for n := 0; n < each && f.ctx.Err() == nil; n++ {
				// Now and then two at once, now and then none for a while.
				time.Sleep(time.Duration(dice.Int64N(2 * int64(within) / int64(each))))
				if _, err := f.anna.Send(f.ctx, room, peer.Text(fmt.Sprintf("!tip %d", n%5+1))); err != nil {
					n-- // the homeserver is away; it may have it nevertheless
				}
			}
		})
	}
	for _, at := range f.moments(strikes, within) {
		f.wait(max(0, at-time.Since(began)))
		strike(f)
	}
	asking.Wait()
	f.asked = time.Since(began)
	f.askLast()
}

// askLast asks once more in each room and waits for the answers: what comes
// after everything is answered when everything is.
func (f *faulty) askLast() {
	f.t.Helper()
	deadline, cancel := context.WithTimeout(f.ctx, faultPatience)
	defer cancel()
	for _, room := range f.rooms {
		last, err := f.anna.Send(f.ctx, room, peer.Text("!about"))
		f.must(err)
		if _, err := peer.AwaitReply(deadline, f.anna, last); err != nil {
			f.t.Errorf("the last question in %s: %v", room, err)
		}
	}
}

// awaitQueued waits until the homeserver has shown all that it had queued when
// it was last killed. It does so for a room when something happens there.
func (f *faulty) awaitQueued() {
	f.t.Helper()
	last := f.ends[len(f.ends)-1]
	f.t.Logf("waiting until %v for what the homeserver had queued", last.Add(queuedFor).Format(time.TimeOnly))
	f.wait(queuedFor - time.Since(last))
	f.askLast()
	f.waited = time.Since(last)
}

// awaitOneEach returns when no question has two answers, or when a copy should
// have been taken back: the homeserver may have shown it just now.
func (f *faulty) awaitOneEach() {
	f.t.Helper()
	for deadline := time.Now().Add(takingBack); time.Now().Before(deadline); f.wait(time.Second) {
		twice := false
		for _, room := range f.rooms {
			events, err := f.anna.History(f.ctx, room)
			f.must(err)
			answered := map[id.EventID]bool{}
			for _, e := range events {
				if to := inReplyTo(e); e.Sender == f.id && to != "" {
					twice = twice || answered[to]
					answered[to] = true
				}
			}
		}
		if !twice {
			return
		}
	}
}

// header is above the rows of [faulty.judge]. Answers are those that stand at
// the end; those that the bot took back, because the homeserver took them
// twice, are counted apart. Their order is that of the room's graph: the
// homeserver had accepted one before the bot sent the next. Where it was
// killed it may tell clients of one after the next all the same; those are
// counted under "shown late". For the same reason it may tell of questions in
// two orders, by /sync and by /messages: then either is right. Waited is how
// long for what the homeserver had queued.
const header = "fault                   rooms      faults questions answers lost twice disorder unreadable taken back shown late waited  recovery p50/max"

// judge looks at what the homeserver has of each room and returns a row.
func (f *faulty) judge(name, kind string, strikes int) string {
	f.t.Helper()
	f.awaitOneEach()
	questions, answers, lost, twice, disorder, unreadable, copies, takenBack, shownLate := 0, 0, 0, 0, 0, 0, 0, 0, 0
	graph, err := f.homeserver.Graph(f.ctx)
	f.must(err)
	var said []moment
	var stood []time.Duration // from when a copy was sent until it was taken back
	readable := map[id.EventID]bool{}
	for _, e := range f.anna.Timeline().All() {
		readable[e.ID] = e.Failure == "" && e.Shield == ""
	}
	for _, room := range f.rooms {
		events, err := f.anna.History(f.ctx, room)
		f.must(err)
		var asked, replied []id.EventID
		// Dendrite forgets transaction IDs when it is killed, and can take a
		// question twice. The bot must answer one of the two and no copy.
		firsts, original := map[any]id.EventID{}, map[id.EventID]id.EventID{}
		times, askedAt, answeredAt := map[id.EventID]int{}, map[id.EventID]int64{}, map[id.EventID]int64{}
		replies, first := map[id.EventID][]string{}, map[id.EventID]id.EventID{}
		for _, e := range events {
			if e.Type != event.EventMessage && e.Type != event.EventEncrypted {
				continue
			}
			to := inReplyTo(e)
			switch {
			case e.Sender == f.anna.UserID():
				text, encrypted := e.Content.Raw["ciphertext"]
				if before, copied := firsts[text]; encrypted && copied {
					copies++
					original[e.ID] = before
					continue
				}
				firsts[text] = e.ID
				original[e.ID] = e.ID
				asked = append(asked, e.ID)
				askedAt[e.ID] = e.Timestamp
			case e.Sender == f.id && len(e.Content.Raw) == 0: // redacted, and nobody else does that here
				takenBack++
				if because := e.Unsigned.RedactedBecause; because != nil {
					stood = append(stood, time.Duration(because.Timestamp-e.Timestamp)*time.Millisecond)
				}
			case e.Sender == f.id && to != "":
				if to = original[to]; to == "" {
					f.t.Errorf("%s in %s replies to what nobody asked", e.ID, room)
					continue
				}
				answers++
				replies[to] = append(replies[to], fmt.Sprintf("%s at %s", e.ID, time.UnixMilli(e.Timestamp).Format("15:04:05.000")))
				said = append(said, moment{time.UnixMilli(askedAt[to]), time.UnixMilli(e.Timestamp)})
				if times[to]++; times[to] == 1 {
					replied = append(replied, to)
					first[to] = e.ID
					answeredAt[to] = e.Timestamp
				}
				if e.Type == event.EventEncrypted && !readable[e.ID] { // or not in the part of the timeline that came
					if reads, err := f.anna.Reads(f.ctx, raw(f.t, e)); err != nil || !reads {
						unreadable++
						f.t.Logf("cannot read %s in %s: %v", e.ID, room, err)
					}
				}
			}
		}
		questions += len(asked)
		for _, question := range asked {
			switch n := times[question]; {
			case n == 0:
				lost++
				f.t.Logf("no answer to %s in %s", question, room)
			case n > 1:
				twice += n - 1
				f.t.Logf("%s in %s was answered %d times: %s", question, room, n, strings.Join(replies[question], ", "))
			}
		}
		place := func(e id.EventID) int { return graph[string(e)] }
		for i := range replied[:max(0, len(replied)-1)] {
			if place(first[replied[i]]) > place(first[replied[i+1]]) {
				shownLate++
			}
		}
		slices.SortFunc(replied, func(a, b id.EventID) int { return place(first[a]) - place(first[b]) })
		told := map[id.EventID]int{} // in which order the homeserver tells of questions
		for i, question := range asked {
			told[question] = i
		}
		for i, late := range replied {
			for _, before := range replied[:i] {
				if told[late] < told[before] && place(late) < place(before) {
					disorder++
					f.t.Logf("disorder in %s: %s was asked at %s and answered at %s, after %s of %s, which was answered at %s", room,
						late, timeOfDay(askedAt[late]), timeOfDay(answeredAt[late]), before, timeOfDay(askedAt[before]), timeOfDay(answeredAt[before]))
					break
				}
			}
		}
	}
	if slices.Sort(stood); len(stood) > 0 {
		f.t.Logf("%d answers were taken back, %v to %v after they were sent, half of them within %v", takenBack, stood[0], stood[len(stood)-1], stood[len(stood)/2])
	}
	if copies > 0 {
		f.t.Logf("the homeserver took %d questions twice", copies)
	}
	if lost+twice+disorder+unreadable > 0 {
		f.t.Error("not every question has one readable answer in its turn")
	}
	waited := "–"
	if f.waited > 0 {
		waited = f.waited.Round(time.Second).String()
	}
	return fmt.Sprintf("%-23s %2d %-9s %4d %9d %7d %4d %5d %8d %10d %10d %10d %6s  %s", name, len(f.rooms), kind, strikes, questions, answers, lost, twice, disorder, unreadable, takenBack, shownLate, waited, f.recovery(said))
}

// timeOfDay shows when an event was sent.
func timeOfDay(at int64) string { return time.UnixMilli(at).Format("15:04:05.000") }

// raw is an event as it came.
func raw(t *testing.T, e *event.Event) json.RawMessage {
	t.Helper()
	text, err := json.Marshal(e)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// moment is when a question was asked and answered.
type moment struct{ asked, answered time.Time }

// recovery is how long it took, from the end of a fault or from the question
// if that came later, until there was an answer again.
func (f *faulty) recovery(said []moment) string {
	slices.SortFunc(said, func(a, b moment) int { return a.answered.Compare(b.answered) })
	var took []time.Duration
	for _, end := range f.ends {
		at, _ := slices.BinarySearchFunc(said, end, func(m moment, end time.Time) int { return m.answered.Compare(end) })
		if at == len(said) {
			continue
		}
		from := end
		if said[at].asked.After(end) {
			from = said[at].asked
		}
		took = append(took, said[at].answered.Sub(from))
	}
	if len(took) == 0 {
		return "–"
	}
	slices.Sort(took)
	return fmt.Sprintf("%v / %v", took[len(took)/2].Round(time.Millisecond), took[len(took)-1].Round(time.Millisecond))
}

// inReplyTo returns what an event replies to; that is readable in encrypted
// ones too.
func inReplyTo(e *event.Event) id.EventID {
	relates, _ := e.Content.Raw["m.relates_to"].(map[string]any)
	if relates["rel_type"] == string(event.RelReplace) {
		return ""
	}
	to, _ := relates["m.in_reply_to"].(map[string]any)
	reply, _ := to["event_id"].(string)
	return id.EventID(reply)
}
