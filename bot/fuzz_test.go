package bot

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"maunium.net/go/mautrix/id"

	"wolkwijs/answer"
	"wolkwijs/bot/hstest"
	"wolkwijs/commands"
	"wolkwijs/knowledge"
	"wolkwijs/lang"
)

// FuzzEvents sends any event, of any type and content, into a plain room, and
// encrypted and plain into an encrypted one; see [arena.judge] for what must
// hold whatever it is.
func FuzzEvents(f *testing.F) {
	for _, seed := range []struct {
		kind, content string
		state         bool
	}{
		{"m.room.message", `{"msgtype":"m.text","body":"!echo hallo"}`, false},
		{"m.room.message", `{"msgtype":"m.text","body":"!echo @alice:hs.example <b>@room</b>","m.mentions":{"room":true,"user_ids":["@bot:hs.example"]}}`, false},
		{"m.room.message", `{"msgtype":"m.text","body":"* x","m.new_content":{"msgtype":"m.text","body":"!echo"},"m.relates_to":{"rel_type":"m.replace","event_id":"$event5"}}`, false},
		{"m.room.message", `{"msgtype":5,"body":{},"m.relates_to":"no"}`, false},
		{"m.room.message", `{"body":"> <@x:y> z\n\n!echo","format":"org.matrix.custom.html","formatted_body":"<mx-reply>","msgtype":"m.text","m.relates_to":{"m.in_reply_to":{}}}`, false},
		{"m.room.message", `{"msgtype":"m.text","body":"/x","m.mentions":{"user_ids":["@bot:hs.example"]},"org.matrix.msc4391.command":{"command":"echo @room","arguments":{"text":"<i>"}}}`, false},
		{"m.room.encrypted", `{"algorithm":"m.megolm.v1.aes-sha2","ciphertext":"AAAA","session_id":"x"}`, false},
		{"m.room.redaction", `{"redacts":"$event5"}`, false},
		{"m.reaction", `{"m.relates_to":{"rel_type":"m.annotation","event_id":"$event7","key":"1"}}`, false},
		{"m.room.tombstone", `{"replacement_room":"!x:hs.example"}`, true},
		{"m.room.member", `{"membership":"leave"}`, true},
		{"m.room.power_levels", `{"users":{"@alice:hs.example":"100"},"events":[]}`, true},
		{"m.room.encryption", `{"algorithm":"m.megolm.v1.aes-sha2"}`, true},
		{"m.room.name", `{"name":["a"]}`, true},
		{"m.room.create", `{}`, true},
	} {
		f.Add(seed.kind, seed.content, seed.state)
	}
	service := fuzzService(f)
	f.Fuzz(func(t *testing.T, kind, content string, state bool) {
		var body map[string]any
		if json.Unmarshal([]byte(content), &body) != nil || body == nil || kind == "" {
			t.Skip()
		}
		inArena(t, service, func(a *arena) {
			if state {
				a.w.hs.SetState(a.plain, alice, kind, "", body)
				a.w.hs.SetState(a.secret, alice, kind, "", body)
			} else {
				a.w.hs.Send(a.plain, alice, kind, body)
				a.w.hs.Send(a.secret, alice, kind, body)
				a.w.whisper(a.secret, alice, kind, body, true)
			}
		})
	})
}

// FuzzConversations has people send events made from random bytes: of the
// kinds that there are, with fields of the right and of the wrong types, with
// relations to what was said, in plain and encrypted rooms.
func FuzzConversations(f *testing.F) {
	for n := range 40 {
		seed := make([]byte, 96)
		for i := range seed {
			seed[i] = byte((i*i*7 + i*n*13 + n*n*31) >> 1)
		}
		f.Add(seed)
	}
	service := fuzzService(f)
	f.Fuzz(func(t *testing.T, seed []byte) { converse(t, service, seed) })
}

// TestRandomConversations does the same with bytes from a generator of random
// numbers, which is much faster than a fuzzer that watches every branch. It
// takes WOLKWIJS_FUZZ, such as 10m; without, some rounds that are always the
// same.
func TestRandomConversations(t *testing.T) {
	rounds, until, first := 30, time.Time{}, uint64(1)
	if d, err := time.ParseDuration(os.Getenv("WOLKWIJS_FUZZ")); err == nil {
		rounds, until, first = math.MaxInt, time.Now().Add(d), rand.Uint64()
	}
	service := fuzzService(t)
	done := 0
	for ; done < rounds && (until.IsZero() || time.Now().Before(until)) && !t.Failed(); done++ {
		number := first + uint64(done)
		random := rand.New(rand.NewPCG(number, 1))
		seed := make([]byte, 40+random.IntN(360))
		for i := range seed {
			seed[i] = byte(random.Uint32())
		}
		t.Run(fmt.Sprint(number), func(t *testing.T) { converse(t, service, seed) })
	}
	t.Logf("%d conversations", done)
}

// converse plays a conversation made from bytes.
func converse(t *testing.T, service Answerer, seed []byte) {
	inArena(t, service, func(a *arena) {
		d := &dice{left: seed[:min(len(seed), 600)], arena: a}
		for n := 0; len(d.left) > 0 && n < 40; n++ {
			d.act()
		}
	})
}

// fuzzService answers as the program does, from the small knowledge base. It
// is made outside of any bubble and has answered before.
func fuzzService(f testing.TB) Answerer {
	kb, err := knowledge.OpenLayers(knowledge.Dir("../knowledge/testdata/base"))
	if err != nil {
		f.Fatal(err)
	}
	service := commands.New(commands.Options{Knowledge: kb})
	service.Answer(context.Background(), commands.Request{Text: "hoe kies ik een wachtwoord?", Kind: commands.Direct})
	return service
}

// either answers as a parrot where that knows how, and as the service else.
type either struct {
	parrot  parrot
	service Answerer
}

func (e either) Answer(ctx context.Context, r commands.Request) *answer.Answer {
	name, rest, _ := strings.Cut(strings.TrimPrefix(r.Text, "!"), " ")
	switch name {
	case "echo": // a stranger's words, as commands show them
		return answer.New(lang.NL, answer.Code(rest))
	case "choose", "long":
		return e.parrot.Answer(ctx, r)
	}
	return e.service.Answer(ctx, r)
}

// arena is a world with a plain and an encrypted club, in each of which
// something was asked.
type arena struct {
	w             *world
	plain, secret id.RoomID
}

func inArena(t *testing.T, service Answerer, play func(a *arena)) {
	inSecretWorld(t, func(w *world) {
		w.answerer = either{parrot{&w.asked}, service}
		w.start()
		a := &arena{w: w, plain: w.club(), secret: w.secretClub()}
		w.hs.Say(a.plain, alice, "!choose")
		w.whisper(a.secret, alice, "m.room.message", text("!choose"), true)
		w.settle()
		play(a)
		w.pass(time.Minute) // keys that do not come are waited for
		a.judge()
	})
}

// reactionKeys are all the reactions that the bot gives.
var reactionKeys = []string{keyYes, keyNext, textWorking.NL, textWorking.EN}

// loud is what would ping somebody or lead somewhere.
var loud = regexp.MustCompile(`matrix\.to|matrix:|mailto:|(?i)<script|<img|href="(?:[^h]|h[^t])`)

// judge says what must hold: the bot goes on and answers elsewhere; it says
// nothing but notices that mention nobody, and nothing in the clear where the
// room or the question is encrypted; its log holds no panic and nobody's name.
func (a *arena) judge() {
	w := a.w
	w.t.Helper()
	select {
	case err := <-w.ended:
		w.t.Fatalf("the bot ended: %v", err)
	default:
	}
	for _, room := range []id.RoomID{a.plain, a.secret} {
		encrypted := false
		for _, e := range w.hs.All() {
			if e.Room != room {
				continue
			}
			encrypted = encrypted || e.Type == "m.room.encryption" && e.StateKey != nil && *e.StateKey == "" && e.Content["algorithm"] != nil
			if e.Sender == hstest.Bot {
				a.judgeEvent(e, encrypted)
			}
		}
	}
	for _, word := range []string{"badly wrong", "@alice", "%40alice", "@bob", "mallory"} {
		if log := w.log.String(); strings.Contains(log, word) {
			w.t.Errorf("%q is in the log: %s", word, log)
		}
	}
	// It still works, unless it was sent away or may not speak here.
	other := w.direct()
	w.hs.Say(other, alice, "!echo hallo")
	w.settle()
	w.wantSaid(other, "hallo")
}

func (a *arena) judgeEvent(e hstest.Event, encrypted bool) {
	content := e.Content
	switch {
	case e.StateKey != nil:
		if e.Type != "m.room.member" || *e.StateKey != string(hstest.Bot) {
			a.w.t.Errorf("the bot set state: %v", e)
		}
		return
	case e.Type == "m.room.redaction", len(content) == 0:
		return
	case e.Type == "m.reaction":
		relates, _ := content["m.relates_to"].(map[string]any)
		if key, _ := relates["key"].(string); !slices.Contains(reactionKeys, key) && !strings.HasSuffix(key, "\ufe0f\u20e3") {
			a.w.t.Errorf("the bot reacted with %q", key)
		}
		return
	case e.Type == "m.room.encrypted":
		_, content = a.w.unlock(e)
	case e.Type != "m.room.message", encrypted:
		a.w.t.Errorf("the bot said in the clear: %v", e)
	}
	for _, c := range []any{content, content["m.new_content"]} {
		said, ok := c.(map[string]any)
		if !ok {
			continue
		}
		mentions, _ := said["m.mentions"].(map[string]any)
		html, _ := said["formatted_body"].(string)
		body, _ := said["body"].(string)
		if said["msgtype"] != "m.notice" || mentions == nil || len(mentions) > 0 || loud.MatchString(html) || loud.MatchString(body) {
			a.w.t.Errorf("the bot said %v", said)
		}
	}
}

// dice makes events from bytes. Without bytes left it always throws nought.
type dice struct {
	left  []byte
	arena *arena
}

// throw returns a number below n.
func (d *dice) throw(n int) int {
	if len(d.left) == 0 {
		return 0
	}
	b := int(d.left[0])
	d.left = d.left[1:]
	return b % n
}

func pick[T any](d *dice, of ...T) T { return of[d.throw(len(of))] }

// act has somebody do something.
func (d *dice) act() {
	w := d.arena.w
	room := pick(d, d.arena.plain, d.arena.secret)
	who := pick(d, alice, bob, mallory)
	switch d.throw(12) {
	case 0:
		w.hs.SetState(room, who, d.stateKind(), pick(d, "", string(alice), string(hstest.Bot), "x"), d.object(2))
	case 1:
		w.pass(time.Duration(d.throw(100)) * time.Second)
		return
	case 2:
		w.hs.Redact(room, who, d.event())
	case 3:
		w.hs.Join(room, who)
	case 4:
		w.hs.Send(room, who, d.kind(), d.object(3))
	case 5:
		w.whisper(room, who, d.kind(), d.message(), d.throw(4) > 0)
	case 6, 7, 8:
		w.whisper(room, who, "m.room.message", d.message(), d.throw(8) > 0)
	default:
		w.hs.Send(room, who, "m.room.message", d.message())
	}
	if d.throw(2) == 0 {
		w.settle()
	}
}

func (d *dice) kind() string {
	return pick(d, "m.room.message", "m.reaction", "m.room.redaction", "m.room.encrypted", "m.sticker", "m.poll.start", "m.call.invite", "m.room.tombstone", "m.room.member", "x", "org.matrix.msc4391.command_description")
}

func (d *dice) stateKind() string {
	return pick(d, "m.room.name", "m.room.power_levels", "m.room.tombstone", "m.room.encryption", "m.room.history_visibility", "m.room.join_rules", "m.room.member", "m.room.create", "m.room.topic", "m.space.child", "org.matrix.msc4391.command_description")
}

// event is the ID of some event, or of none.
func (d *dice) event() id.EventID {
	if d.throw(8) == 0 {
		return id.EventID(d.word())
	}
	all := d.arena.w.hs.All()
	return all[len(all)-1-d.throw(min(len(all), 12))].ID
}

func (d *dice) word() string {
	return pick(d, "!help", "!alt whatsapp", "!alt", "!check example.nl", "!2fa", "!2fa digid", "!tip 3", "!vraag wat is e2ee", "!taal en", "!language nl", "!choose", "!long",
		"!echo @room", "!echo @alice:hs.example", "!echo [x](https://matrix.to/#/@alice:hs.example)", "!echo <b onclick=x>&lt;</b>", "!echo \u202e\x00\u200b", "!explain spf", "!status", "!privacy", "!chek x",
		"meer", "1", "ja", "wolkwijs: wat is 2fa?", "@bot:hs.example hoe kies ik een wachtwoord", "hallo", "> <@bot:hs.example> x\n\n!tip", "", "\n\n", "!", "! !", "👍", "➡️", "1️⃣", "$x", "@alice:hs.example", "!x:hs.example", strings.Repeat("é", 2100), strings.Repeat("!tip ", 30))
}

// value is any JSON value, at most depth levels deep.
func (d *dice) value(depth int) any {
	switch d.throw(9) {
	case 0:
		return nil
	case 1:
		return d.throw(2) == 0
	case 2:
		return d.throw(256)
	case 3:
		return -1e18
	case 4:
		return string(d.event())
	case 5, 6:
		if depth > 0 {
			return d.object(depth - 1)
		}
	case 7:
		if depth > 0 {
			return []any{d.value(depth - 1), d.value(depth - 1)}
		}
	}
	return d.word()
}

// object has fields that events have, of any type.
func (d *dice) object(depth int) object {
	o := object{}
	for range d.throw(5) {
		field := pick(d, "msgtype", "body", "m.relates_to", "rel_type", "event_id", "key", "m.in_reply_to", "m.new_content", "m.mentions", "user_ids", "room", "formatted_body", "format",
			"membership", "name", "users", "events", "users_default", "state_default", "algorithm", "session_id", "ciphertext", "sender_key", "replacement_room", "redacts", "url", "info",
			"org.matrix.msc4391.command", "command", "arguments", "history_visibility", "join_rule", "predecessor", "rotation_period_msgs", "m.text")
		o[field] = d.value(depth)
	}
	return o
}

// message is a message that may be in order.
func (d *dice) message() object {
	o := object{"msgtype": pick(d, "m.text", "m.text", "m.text", "m.notice", "m.emote", "m.image", "m.file"), "body": d.word()}
	switch d.throw(8) {
	case 0:
		o["m.relates_to"] = object{"rel_type": "m.replace", "event_id": d.event()}
		o["m.new_content"] = d.newContent()
	case 1:
		o["m.relates_to"] = object{"m.in_reply_to": object{"event_id": d.event()}}
	case 2:
		o["m.relates_to"] = object{"rel_type": "m.thread", "event_id": d.event(), "is_falling_back": d.throw(2) == 0, "m.in_reply_to": object{"event_id": d.event()}}
	case 3:
		o["m.relates_to"] = d.value(2)
	case 4:
		o["m.mentions"] = object{"user_ids": []id.UserID{pick(d, hstest.Bot, alice)}, "room": d.throw(2) == 0}
	case 5:
		o["m.mentions"] = object{"user_ids": []id.UserID{hstest.Bot}}
		o["org.matrix.msc4391.command"] = object{"command": strings.TrimPrefix(d.word(), "!"), "arguments": d.value(2)}
	case 6:
		o[pick(d, "msgtype", "body", "m.mentions", "m.new_content", "format", "formatted_body", "org.matrix.msc4391.command")] = d.value(2)
	}
	return o
}

func (d *dice) newContent() any {
	if d.throw(4) == 0 {
		return d.value(2)
	}
	return object{"msgtype": "m.text", "body": d.word()}
}
