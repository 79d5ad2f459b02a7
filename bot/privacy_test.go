package bot

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"maunium.net/go/mautrix/event"

	"wolkwijs/answer"
	"wolkwijs/config"
	"wolkwijs/lang"
)

// Whatever happens, neither what people write nor who they are is in the log,
// even at the most talkative level, or in our tables.
func TestLogAndDatabaseTellNothing(t *testing.T) {
	inWorld(t, func(w *world) {
		w.start()
		club := w.club()
		w.hs.Say(club, alice, "!echo geheimzinnig")
		w.hs.Say(club, mallory, "!panic geheimzinnig")
		w.settle()
		dm := w.direct()
		w.hs.Say(dm, alice, "geheimzinnig")
		w.hs.Invite(w.hs.Room(mallory, "geheimzinnig"), mallory, false)
		w.settle()
		if len(w.said(club)) != 2 || len(w.said(dm)) != 1 {
			t.Fatalf("the bot said %q and %q", w.said(club), w.said(dm))
		}
		w.end()
		database, err := filepath.Glob(strings.TrimPrefix(w.cfg.Storage.Database, "sqlite:") + "*")
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range database {
			data, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			// User IDs are in the library's own tables: it needs to know
			// who is in a room.
			if strings.Contains(string(data), "geheimzinnig") {
				t.Errorf("%s holds what was written", filepath.Base(file))
			}
		}
		for _, secret := range []string{"geheimzinnig", "alice", "mallory", "%40", "@bot", "token1"} {
			if at := strings.Index(w.log.String(), secret); at >= 0 {
				t.Errorf("the log holds %q: …%s…", secret, w.log.String()[max(0, at-200):min(len(w.log.String()), at+100)])
			}
		}
		if !strings.Contains(w.log.String(), "Request completed") {
			t.Error("the library's log is not in the log")
		}
	})
}

func TestLogHidesUserIDs(t *testing.T) {
	for text, want := range map[string]string{
		"no device of @alice:hs.example here":              "no device of (user) here",
		"PUT /rooms/!r:hs.example/typing/%40alice%3Ahs.ex": "PUT /rooms/!r:hs.example/typing/(user)",
		"@a:[::1]:8448 and @b=/c:hs.example:8448":          "(user) and (user)",
		"mail a@b is no user ID":                           "mail a@b is no user ID",
	} {
		var out syncBuffer
		log := NewLog(config.Log{Level: "info", Format: "json"}, &out)
		log.Warn().Err(errors.New(text)).Msg("x")
		if !strings.Contains(out.String(), `"`+want+`"`) {
			t.Errorf("%q is logged as %s", text, out.String())
		}
	}
}

// A question that came encrypted is never answered in plaintext, whatever the
// state of the room says.
func TestNoPlaintextAnswerToAnEncryptedQuestion(t *testing.T) {
	inWorld(t, func(w *world) {
		w.start()
		club := w.club()
		question := &event.Event{RoomID: club, ID: "$question"}
		question.Mautrix.EventSource |= event.SourceDecrypted
		reply, err := w.bot.deliver(context.Background(), replyTo(question), answer.New(lang.NL, answer.Plain("geheim")))
		if !errors.Is(err, errPlaintext) || reply != "" {
			t.Errorf("reply = %q, %v", reply, err)
		}
		w.wantSaid(club)
	})
}

// The state store missed that a room is encrypted: the bot asks the
// homeserver before its first message there.
func TestAsksWhetherARoomIsEncrypted(t *testing.T) {
	inWorld(t, func(w *world) {
		w.start()
		club := w.club()
		w.hs.SetState(club, alice, "m.room.encryption", "", object{"algorithm": "m.megolm.v1.aes-sha2"})
		w.settle()
		if _, err := w.store.Database().Exec(context.Background(), "UPDATE mx_room_state SET encryption=NULL"); err != nil {
			t.Fatal(err)
		}
		w.bot.plainRooms.Delete(club) // as after a start
		w.hs.Say(club, alice, "!echo geheim")
		w.settle()
		w.wantSaid(club)
	})
}
