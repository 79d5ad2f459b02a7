package bot

import (
	"strings"
	"testing"
	"time"

	"maunium.net/go/mautrix"
	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"

	"wolkwijs/bot/hstest"
)

// Who is told that a message cannot be read gets the answer in that place when
// the key comes after all; what was said behind it is answered as ever. What
// was not for the bot, or was removed meanwhile, leaves nothing behind.
func TestKeyThatComesAfterTheRemark(t *testing.T) {
	const remark = "remark"
	for _, tt := range []struct {
		name    string
		first   string
		remove  bool
		edit    string // what the first message becomes
		restart bool
		after   time.Duration
		want    string // what the replies say at last
	}{
		{name: "in time", first: "!echo one", after: 30 * time.Second, want: "one two three four"},
		{name: "in time, and removed", first: "!echo one", remove: true, after: 30 * time.Second, want: "two three four"},
		{name: "in time, and changed", first: "!echo one", edit: "!echo other", after: 30 * time.Second, want: "other two three four"},
		{name: "in time, and changed to nothing for the bot", first: "!echo one", edit: "hello", after: 30 * time.Second, want: "two three four"},
		{name: "late, and changed", first: "!echo one", edit: "!echo other", after: 5 * time.Minute, want: "other two three four"},
		{name: "late, and changed to nothing for the bot", first: "!echo one", edit: "hello", after: 5 * time.Minute, want: "removed two three four"},
		{name: "removed before the remark", first: "!echo one", remove: true, after: 80 * time.Second, want: "two three four"},
		{name: "late", first: "!echo one", after: 5 * time.Minute, want: "one two three four"},
		{name: "late, not for the bot", first: "hello", after: 5 * time.Minute, want: "removed two three four"},
		{name: "late, and removed", first: "!echo one", remove: true, after: 5 * time.Minute, want: "removed two three four"},
		{name: "late, after a restart", first: "!echo one", restart: true, after: 5 * time.Minute, want: remark + " two three four"},
		{name: "too late", first: "!echo one", after: 20 * time.Minute, want: remark + " four"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			encryptedWorld(t, func(w *world) {
				w.start()
				p, room, slow := w.slowPeer()
				defer p.close()

				first := p.say(room, tt.first)
				w.pass(time.Second)
				p.say(room, "!echo two")
				w.pass(tt.after / 2)
				p.say(room, "!echo three")
				if tt.edit != "" {
					// From another device of hers, whose key is here.
					w.whisper(room, alice, "m.room.message", object{"msgtype": "m.text", "body": "* " + tt.edit,
						"m.new_content": text(tt.edit),
						"m.relates_to":  object{"rel_type": "m.replace", "event_id": first},
					}, true)
				}
				if tt.remove {
					_, err := p.client.RedactEvent(w.t.Context(), room, first, mautrix.ReqRedact{})
					w.must(err)
				}
				if tt.restart {
					w.must(w.end())
					w.start()
				}
				w.pass(tt.after / 2)
				w.must(slow.Arrive())
				w.pass(time.Minute)
				p.say(room, "!echo four")
				w.pass(time.Hour)

				var got []string
				for _, said := range w.shown(p, room) {
					if said == textNoKey.NL {
						said = remark
					}
					got = append(got, said)
				}
				if got := strings.Join(got, " "); got != tt.want {
					t.Errorf("replies %q, want %q", got, tt.want)
				}
				pending, err := w.store.Pending(w.t.Context())
				w.must(err)
				if len(pending) > 0 {
					t.Errorf("%d events are still to be answered", len(pending))
				}
			})
		})
	}
}

// An edit of which the key is late gets the remark, unless the question has an
// answer; in the end there is one answer, to what was meant last.
func TestKeyOfAnEditThatComesLate(t *testing.T) {
	for _, tt := range []struct{ name, first, edit, want string }{
		{"of a question", "!echo one", "!echo two", "two removed"},
		{"of a question, to nothing for the bot", "!echo one", "hello", "removed removed"},
		{"to a question", "hello", "!echo two", "two"},
		{"of what was never for the bot", "hello", "hello all", "removed"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			encryptedWorld(t, func(w *world) {
				w.start()
				p, room, slow := w.slowPeer()
				defer p.close()
				first := w.whisper(room, alice, "m.room.message", text(tt.first), true)
				w.pass(time.Second)
				_, err := p.client.SendMessageEvent(w.t.Context(), room, event.EventMessage, object{
					"msgtype": "m.text", "body": "* " + tt.edit, "m.new_content": text(tt.edit),
					"m.relates_to": object{"rel_type": "m.replace", "event_id": first},
				})
				w.must(err)
				w.pass(5 * time.Minute)
				w.must(slow.Arrive())
				w.pass(time.Minute)
				if got := strings.Join(w.shown(p, room), " "); got != tt.want {
					t.Errorf("replies %q, want %q", got, tt.want)
				}
			})
		})
	}
}

// A removed question is passed over before its removal has its turn: what was
// said of it goes all the same.
func TestRemovedWhileTheRoomIsBusy(t *testing.T) {
	encryptedWorld(t, func(w *world) {
		w.start()
		p, room, slow := w.slowPeer()
		defer p.close()
		question := p.say(room, "!echo one")
		w.pass(2 * time.Minute)
		w.whisper(room, alice, "m.room.message", text("!think 30s"), true)
		w.pass(time.Second)
		w.hs.Redact(room, alice, question)
		w.must(slow.Arrive())
		w.pass(2 * time.Minute)
		if got := strings.Join(w.shown(p, room), ", "); got != "removed, thought 30s" {
			t.Errorf("replies %q", got)
		}
	})
}

// slowPeer is alice in an encrypted room with the bot. Her keys come late from
// now on.
func (w *world) slowPeer() (*peer, id.RoomID, *hstest.SlowKeys) {
	w.t.Helper()
	p := w.peer(alice)
	room := p.room("De club", 100)
	w.pass(time.Minute)
	slow := hstest.NewSlowKeys(w.hs)
	p.client.Client.Transport = slow
	return p, room, slow
}

// shown returns what the bot's replies in a room say now, as a member can
// read them, in the order of the replies.
func (w *world) shown(p *peer, room id.RoomID) (said []string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, e := range w.hs.Events(room) {
		if e.Sender != hstest.Bot || e.Type != "m.room.encrypted" {
			continue
		}
		relates, _ := e.Content["m.relates_to"].(map[string]any)
		switch {
		case len(e.Content) == 0:
			said = append(said, "removed")
		case relates["m.in_reply_to"] != nil:
			text, changed := p.edited[e.ID]
			if !changed {
				text = p.read[e.ID]
			}
			said = append(said, text)
		}
	}
	return said
}
