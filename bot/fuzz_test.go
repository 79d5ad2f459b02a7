package bot

import (
	"encoding/json"
	"strings"
	"testing"

	"wolkwijs/bot/hstest"
)

// FuzzEvents sends any event, of any type and content, into a room. Whatever
// it is, the bot goes on, says nothing that is not a notice without mentions,
// and never says anything in a room that is encrypted.
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
	f.Fuzz(func(t *testing.T, kind, content string, state bool) {
		var body map[string]any
		if json.Unmarshal([]byte(content), &body) != nil || body == nil || kind == "" {
			t.Skip()
		}
		inWorld(t, func(w *world) {
			w.start()
			club := w.club()
			w.hs.Say(club, alice, "!choose")
			w.settle()
			before := len(w.hs.Events(club))
			if state {
				w.hs.SetState(club, alice, kind, "", body)
			} else {
				w.hs.Send(club, alice, kind, body)
			}
			w.settle()
			select {
			case err := <-w.ended:
				t.Fatalf("the bot ended: %v", err)
			default:
			}
			encrypted := w.hs.State(club, "m.room.encryption", "") != nil
			for _, e := range w.hs.Events(club)[before:] {
				if e.Sender != hstest.Bot || e.Type != "m.room.message" {
					continue
				}
				mentions, _ := e.Content["m.mentions"].(map[string]any)
				html, _ := e.Content["formatted_body"].(string)
				if e.Content["msgtype"] != "m.notice" || mentions == nil || len(mentions) > 0 || strings.Contains(html, "matrix.to") || encrypted {
					t.Errorf("the bot said %v", e.Content)
				}
			}
			if strings.Contains(w.log.String(), "badly wrong") {
				t.Errorf("a panic: %s", w.log.String())
			}
			// It still works, unless it was sent away or may not speak here.
			other := w.direct()
			w.hs.Say(other, alice, "hallo")
			w.settle()
			w.wantSaid(other, "you said: hallo")
		})
	})
}
