package bot

import (
	"context"
	"encoding/json"
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"maunium.net/go/mautrix/crypto"
	"maunium.net/go/mautrix/crypto/olm"
	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"

	"wolkwijs/bot/hstest"
)

// inSecretWorld is inWorld with end-to-end encryption switched on. Members
// have no devices in it: they speak with [world.whisper].
func inSecretWorld(t *testing.T, test func(w *world)) {
	t.Helper()
	inWorld(t, func(w *world) {
		dir := w.t.TempDir()
		w.cfg.Encryption.Enabled = true
		w.cfg.Encryption.PickleKeyFile = filepath.Join(dir, "pickle.key")
		w.cfg.Encryption.RecoveryKeyFile = filepath.Join(dir, "recovery.key")
		test(w)
	})
}

// encrypt switches on encryption in a room of alice.
func (w *world) encrypt(room id.RoomID) {
	w.hs.SetState(room, alice, "m.room.encryption", "", object{"algorithm": "m.megolm.v1.aes-sha2"})
	w.settle()
}

// secretClub is an encrypted club room in which the bot is.
func (w *world) secretClub() id.RoomID {
	w.t.Helper()
	room := w.hs.Room(alice, "De geheime club")
	w.encrypt(room)
	w.hs.Invite(room, alice, false)
	w.settle()
	return room
}

// whisper has a member send an event encrypted, with a key that the bot gets
// along with it if known. As clients do, it leaves the relation outside.
func (w *world) whisper(room id.RoomID, who id.UserID, kind string, content object, known bool) id.EventID {
	w.t.Helper()
	session, err := olm.NewOutboundGroupSession()
	must(w.t, err)
	sender, signing := id.SenderKey("sender key of "+string(who)), id.Ed25519("signing key of "+string(who))
	if known {
		inbound, err := crypto.NewInboundGroupSession(sender, signing, room, session.Key(), 0, 0, nil, false)
		must(w.t, err)
		must(w.t, w.bot.crypto.Machine().CryptoStore.PutGroupSession(context.Background(), inbound))
	}
	plain, err := json.Marshal(object{"room_id": room, "type": kind, "content": content})
	must(w.t, err)
	ciphertext, err := session.Encrypt(plain)
	must(w.t, err)
	outside := object{
		"algorithm": "m.megolm.v1.aes-sha2", "session_id": session.ID(), "ciphertext": string(ciphertext),
		"sender_key": sender, "device_id": "PHONE",
	}
	if content["m.relates_to"] != nil {
		outside["m.relates_to"] = content["m.relates_to"]
	}
	return w.hs.Send(room, who, "m.room.encrypted", outside)
}

// heard returns what the bot said in a room since an event, in the clear or
// decrypted. What is neither a message nor a reaction is left out.
func (w *world) heard(room id.RoomID, since int) (all []heard) {
	w.t.Helper()
	for _, e := range w.hs.Events(room)[since:] {
		if e.Sender != hstest.Bot || e.Type == "m.room.redaction" {
			continue
		}
		h := heard{kind: e.Type, content: e.Content, to: answers(&event.Event{Content: event.Content{Raw: e.Content}})}
		if e.Type == "m.room.encrypted" {
			h.secret = true
			h.kind, h.content = w.unlock(e)
		}
		all = append(all, h)
	}
	return all
}

// heard is an event of the bot.
type heard struct {
	kind    string
	content object
	to      id.EventID // what it is a reply to
	secret  bool       // it came encrypted
}

// unlock decrypts an event of the bot with its own keys.
func (w *world) unlock(e hstest.Event) (kind string, content object) {
	w.t.Helper()
	raw, err := json.Marshal(e)
	must(w.t, err)
	var evt event.Event
	must(w.t, json.Unmarshal(raw, &evt))
	must(w.t, evt.Content.ParseRaw(event.EventEncrypted))
	clear, err := w.bot.crypto.Machine().DecryptMegolmEvent(context.Background(), &evt)
	must(w.t, err)
	return clear.Type.Type, clear.Content.Raw
}

func text(body string) object { return object{"msgtype": "m.text", "body": body} }

func TestEncryptedQuestionHasAnEncryptedAnswer(t *testing.T) {
	inSecretWorld(t, func(w *world) {
		w.start()
		club := w.secretClub()
		before := len(w.hs.Events(club))
		question := w.whisper(club, alice, "m.room.message", text("!echo geheim"), true)
		w.settle()
		said := w.heard(club, before)
		if len(said) != 1 || !said[0].secret || said[0].content["body"] != "geheim" || said[0].to != question {
			t.Fatalf("the bot said %v", said)
		}
	})
}

// An event without its key is remarked upon once, and not where it was said
// to somebody else: that is how two bots in a room would go on for ever.
func TestUnreadableEvents(t *testing.T) {
	const waited = 60 * 1e9 // for the key
	reply := func(to id.EventID) object {
		c := text("nog iets")
		c["m.relates_to"] = object{"m.in_reply_to": object{"event_id": to}}
		return c
	}
	inSecretWorld(t, func(w *world) {
		w.start()
		club := w.secretClub()
		hints := func(step string, want int) {
			t.Helper()
			w.pass(waited)
			got := 0
			for _, h := range w.heard(club, 0) {
				if h.content["body"] == textNoKey.NL {
					got++
					if !h.secret {
						t.Errorf("%s: the remark is not encrypted", step)
					}
				}
			}
			if got != want {
				t.Errorf("%s: %d remarks, want %d", step, got, want)
			}
		}
		question := w.whisper(club, alice, "m.room.message", text("!echo kun je dit lezen?"), true)
		w.settle()
		answer := w.hs.Events(club)[len(w.hs.Events(club))-1]
		w.whisper(club, bob, "m.room.message", reply(question), false)
		hints("another bot's answer to a question", 0)
		w.whisper(club, bob, "m.room.message", reply(w.hs.Events(club)[0].ID), false)
		hints("a reply to the bot's introduction", 0)
		w.whisper(club, alice, "m.room.message", text("!tip"), false)
		hints("a question", 1)
		w.whisper(club, alice, "m.room.message", text("!tip"), false)
		hints("a second one within the hour", 1)
		w.pass(3600 * 1e9)
		w.whisper(club, alice, "m.room.message", reply(answer.ID), false)
		hints("a reply to the bot's answer", 2)
	})
}

// Whoever encrypts a redaction has nothing redacted, nor the bot's answer.
func TestEncryptedRedactionIsNone(t *testing.T) {
	inSecretWorld(t, func(w *world) {
		w.start()
		club := w.secretClub()
		question := w.whisper(club, alice, "m.room.message", text("!echo blijft staan"), true)
		w.settle()
		w.whisper(club, mallory, "m.room.redaction", object{"redacts": question}, true)
		w.settle()
		for _, e := range w.hs.Events(club) {
			if e.Type == "m.room.redaction" {
				t.Errorf("the bot took back %s", e.Redacts)
			}
		}
	})
}

// Encryption cannot be switched off, not even by those who run the room.
func TestEncryptionStaysOn(t *testing.T) {
	inSecretWorld(t, func(w *world) {
		w.start()
		club := w.secretClub()
		for _, content := range []object{{}, {"algorithm": ""}, {"algorithm": 5}, {"algorithm": "none"}} {
			before := len(w.hs.Events(club))
			w.hs.SetState(club, alice, "m.room.encryption", "", content)
			w.hs.Say(club, alice, "!echo in het open gevraagd")
			w.settle()
			said := w.heard(club, before)
			if len(said) != 1 || !said[0].secret {
				t.Errorf("after %v the bot said %v", content, said)
			}
		}
	})
}

// Where the state says that a room is encrypted, but not how, nothing is said
// in the clear, and nothing goes on being tried.
func TestEncryptionThatIsNotKnown(t *testing.T) {
	for _, content := range []object{
		{},
		{"algorithm": 5},
		{"algorithm": object{"x": 1}},
		{"algorithm": "m.other.v2"},
		{"algorithm": "m.megolm.v1.aes-sha2", "rotation_period_msgs": "100"},
	} {
		for _, before := range []bool{true, false} {
			t.Run(fmt.Sprintf("%v, before the bot came: %v", content, before), func(t *testing.T) {
				inSecretWorld(t, func(w *world) {
					w.start()
					room := w.hs.Room(alice, "De club")
					encrypt := func() { w.hs.SetState(room, alice, "m.room.encryption", "", content) }
					if before {
						encrypt()
					}
					w.hs.Invite(room, alice, false)
					w.settle()
					if !before {
						w.hs.Say(room, alice, "!echo open")
						w.settle()
						encrypt()
						w.settle()
					}
					since := len(w.hs.Events(room))
					w.hs.Say(room, alice, "!echo in het open gevraagd")
					w.whisper(room, alice, "m.room.message", text("!echo geheim"), true)
					w.pass(time.Hour)
					if said := w.heard(room, since); len(said) > 0 {
						t.Errorf("the bot said %v", said)
					}
					if before && len(w.said(room)) > 0 {
						t.Errorf("the bot said %q", w.said(room))
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
}
