package e2e_test

import (
	"bytes"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"

	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"

	"wolkwijs/domaincheck/dnsq/dnstest"
	"wolkwijs/e2e/bot"
	"wolkwijs/e2e/homeserver"
	"wolkwijs/e2e/peer"
)

// testBot is a bot of one test.
type testBot struct {
	*bot.Bot
	id       id.UserID
	log      *lockedBuffer
	dir      string // all that it keeps
	database string // address of PostgreSQL; empty: SQLite, in dir
	listen   string // where its metrics are
	metrics  string // what they were at its end
}

// zone is what the DNS server of a bot knows.
const zone = `
$ORIGIN example.nl.
@    SOA ns1 hostmaster 1 7200 3600 1209600 300
@    NS  ns1
ns1  A   192.0.2.53
@    A   192.0.2.80
@    MX  10 mail
mail A   192.0.2.25
@    TXT "v=spf1 mx -all"
_dmarc TXT "v=DMARC1; p=reject"
`

// bot registers and starts a bot whose resolver is a DNS server that knows
// example.nl. settings override configuration values, as [bot.Options] says.
// At the end of the test the bot must stop in good order, and nothing that it
// leaves behind may tell what was said and by whom.
func (w *world) bot(settings map[string]string) *testBot {
	w.t.Helper()
	return w.botOn(bed.homeserver, settings)
}

// botOn is bot on a homeserver of the caller's.
func (w *world) botOn(hs *homeserver.Homeserver, settings map[string]string) *testBot {
	w.t.Helper()
	all := map[string]string{
		"dns.resolver":       "'" + dnstest.New(w.t, zone).Addr() + "'",
		"dns.asn":            "'off'",
		"limits.per_user":    "'1000/min'",
		"limits.per_room":    "'1000/min'",
		"limits.global":      "'1000/min'",
		"log.level":          "'trace'",
		"dns.mta_sts_policy": "false",
	}
	account, err := hs.Register(w.ctx, fmt.Sprint("wolkwijs.", accounts.Add(1)))
	w.must(err)
	b := &testBot{id: id.UserID(account.UserID), log: &lockedBuffer{}, dir: w.t.TempDir(), listen: freeAddress(w.t)}
	all["metrics.listen"] = "'" + b.listen + "'"
	for key, value := range settings {
		all[key] = value
	}
	b.database = strings.Trim(settings["storage.database"], "'")
	b.Bot, err = bot.Start(w.ctx, bot.Options{
		Homeserver: hs.URL,
		Account:    account,
		Dir:        b.dir,
		Settings:   all,
		Log:        b.log,
	})
	w.must(err)
	w.t.Cleanup(func() {
		select {
		case <-b.Done():
		default:
			if err := b.readMetrics(w.ctx); err != nil {
				w.t.Error(err)
			}
		}
		if err := b.Stop(); err != nil {
			w.t.Error(err)
		}
		w.checkPrivacy(b)
		if w.t.Failed() {
			w.t.Logf("the log of %s:\n%s", b.id, b.log)
		}
	})
	return b
}

// answer waits for the bot's reply to question and checks that it is one as
// it should be: readable for c without a warning, encrypted where the room
// is, a notice, and with a text that needs no HTML.
func (w *world) answer(b *testBot, c peer.Client, question id.EventID) peer.Event {
	w.t.Helper()
	answer, err := peer.AwaitReply(w.ctx, c, question)
	w.must(err)
	w.checkAnswer(b, c, answer)
	return answer
}

// tag is what a text would hold that was meant to be HTML.
var tag = regexp.MustCompile(`</?[a-z][a-z0-9]*[ >/]`)

func (w *world) checkAnswer(b *testBot, c peer.Client, answer peer.Event) {
	w.t.Helper()
	if answer.Sender != b.id {
		w.t.Errorf("%s answered, not %s", answer.Sender, b.id)
	}
	if answer.Failure != "" {
		w.t.Fatalf("%s could not decrypt the answer: %s", c.UserID(), answer.Failure)
	}
	if answer.Shield != "" {
		w.t.Errorf("%s sees a warning beside the answer: %s", c.UserID(), answer.Shield)
	}
	if encrypted := isEncrypted(c, answer.Room); answer.Encrypted != encrypted {
		w.t.Errorf("answer encrypted: %v, room encrypted: %v", answer.Encrypted, encrypted)
	}
	content := answer.Message()
	if content.MsgType != event.MsgNotice {
		w.t.Errorf("the answer is %s, not %s", content.MsgType, event.MsgNotice)
	}
	if strings.TrimSpace(content.Body) == "" {
		w.t.Error("the answer has no text")
	}
	if found := tag.FindString(content.Body); found != "" {
		w.t.Errorf("the answer's text has HTML (%s):\n%s", found, content.Body)
	}
	if m := content.Mentions; m == nil || m.Room || len(m.UserIDs) > 0 {
		w.t.Errorf("the answer mentions %v, not nobody", m)
	}
}

// isEncrypted says whether c has seen that room is encrypted.
func isEncrypted(c peer.Client, room id.RoomID) bool {
	for _, e := range c.Timeline().Events(room) {
		if e.IsState(event.StateEncryption) {
			return true
		}
	}
	return false
}

// said returns what user has said in room, as c saw it.
func said(c peer.Client, room id.RoomID, user id.UserID) []peer.Event {
	var found []peer.Event
	for _, e := range c.Timeline().Events(room) {
		if e.Sender == user && e.StateKey == nil && (e.Type == event.EventMessage.Type || e.Failure != "") {
			found = append(found, e)
		}
	}
	return found
}

// checkAnswered checks that the bot has answered the questions in room, each
// once and in their order, and has said nothing else, but for introducing
// itself once before.
func (w *world) checkAnswered(b *testBot, c peer.Client, room id.RoomID, questions ...id.EventID) {
	w.t.Helper()
	var got []id.EventID
	for i, e := range said(c, room, b.id) {
		// The introduction replies to nothing. It can come before a client
		// knows the bot's device, and is not judged.
		if i == 0 && e.InReplyTo() == "" {
			continue
		}
		w.checkAnswer(b, c, e)
		got = append(got, e.InReplyTo())
	}
	if !slices.Equal(got, questions) {
		w.t.Errorf("the bot replied to\n%q, want\n%q", got, questions)
	}
}

// checkIntroduced checks that the bot has introduced itself in room, once and
// before anything else.
func (w *world) checkIntroduced(b *testBot, c peer.Client, room id.RoomID) {
	w.t.Helper()
	for i, e := range said(c, room, b.id) {
		if introduces := e.InReplyTo() == ""; introduces != (i == 0) {
			w.t.Errorf("message %d of the bot is its introduction: %v: %q", i+1, introduces, e.FirstLine())
		}
	}
}

// lockedBuffer is a buffer that one goroutine writes and another reads.
type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}
