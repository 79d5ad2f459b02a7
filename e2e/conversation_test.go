package e2e_test

import (
	"encoding/json"
	"strings"
	"testing"

	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/event/cmdschema"
	"maunium.net/go/mautrix/id"

	"wolkwijs/e2e/peer"
)

// everyLibrary are all the clients that people's clients are like.
var everyLibrary = []library{mautrixGo, matrixJS, matrixJSSignedOnly}

func TestEncryptedDirectMessage(t *testing.T) {
	with(t, everyLibrary, func(w *world, lib library) {
		b := w.bot(nil)
		anna := w.member(lib, "anna")
		dm := w.roomWith(b, anna, peer.Room{Encrypted: true, Direct: true})
		var asked []id.EventID
		for _, tt := range []struct{ text, want string }{
			{"!help", "!alt"},
			{"!alt video", "ideobellen"},
			{"!2fa", "sms"},
			{"!tip 2", "alternatie"},
			{"!check example.nl", "example.nl"},
			{"!about", "Wolkwijs"},
			{"Hoe kies ik een goed wachtwoord?", "wachtwoord"},
			{"What can I use instead of WhatsApp?", "hat"},
			{"help", "!alt"},
		} {
			question := w.ask(anna, dm, tt.text)
			if body := w.answer(b, anna, question).Body(); !strings.Contains(body, tt.want) {
				w.t.Errorf("the answer to %q does not speak of %q:\n%s", tt.text, tt.want, body)
			}
			asked = append(asked, question)
		}
		w.checkAnswered(b, anna, dm, asked...)
		w.checkIntroduced(b, anna, dm)
	})
}

func TestEncryptedGroup(t *testing.T) {
	with(t, everyLibrary, func(w *world, lib library) {
		b := w.bot(nil)
		anna := w.member(lib, "anna")
		bram := w.member(mautrixGo, "bram")
		club := w.roomWith(b, anna, peer.Room{Name: "Club", Encrypted: true, Invite: []id.UserID{bram.UserID()}})
		w.must(bram.Join(w.ctx, club))
		w.must(peer.AwaitJoin(w.ctx, anna, club, bram.UserID()))

		w.ask(anna, club, "Hoe laat begint de clubavond?")
		byAnna := w.ask(anna, club, "!alt chat")
		w.answer(b, anna, byAnna)
		w.answer(b, bram, byAnna)
		byBram := w.ask(bram, club, "!tip")
		w.answer(b, bram, byBram)
		w.answer(b, anna, byBram)
		mention := peer.Text("wolkwijs: wat is 2fa?")
		mention.Mentions = &event.Mentions{UserIDs: []id.UserID{b.id}}
		byMention := w.send(anna, club, mention)
		w.answer(b, anna, byMention)
		// What was not for the bot came before these and has no answer.
		w.checkAnswered(b, anna, club, byAnna, byBram, byMention)
		w.checkIntroduced(b, anna, club)
	})
}

func TestPlainRoom(t *testing.T) {
	with(t, []library{mautrixGo, matrixJS}, func(w *world, lib library) {
		b := w.bot(nil)
		anna := w.member(lib, "anna")
		club := w.roomWith(b, anna, peer.Room{Name: "Club"})
		first := w.ask(anna, club, "!2fa")
		w.answer(b, anna, first)
		second := w.ask(anna, club, "!check example.nl")
		w.answer(b, anna, second)
		w.checkAnswered(b, anna, club, first, second)
		w.checkIntroduced(b, anna, club)
	})
}

func TestAnswerStaysInTheThread(t *testing.T) {
	with(t, []library{mautrixGo, matrixJS}, func(w *world, lib library) {
		b := w.bot(nil)
		anna := w.member(lib, "anna")
		club := w.roomWith(b, anna, peer.Room{Name: "Club", Encrypted: true})
		root := w.ask(anna, club, "Wie weet een goede mailaanbieder?")
		question := w.send(anna, club, peer.InThread("!alt mail", root))
		if got := w.answer(b, anna, question).Thread(); got != root {
			t.Errorf("the answer is in thread %q, the question in %q", got, root)
		}
		outside := w.ask(anna, club, "!tip 1")
		if got := w.answer(b, anna, outside).Thread(); got != "" {
			t.Errorf("the answer is in thread %q, the question in none", got)
		}
	})
}

// People write at once, while the bot still has to come in.
func TestFirstMessageBeforeTheBotJoins(t *testing.T) {
	with(t, []library{mautrixGo, matrixJS}, func(w *world, lib library) {
		b := w.bot(nil)
		anna := w.member(lib, "anna")
		w.roomWith(b, anna, peer.Room{}) // by now the bot has logged in
		w.must(b.Stop())

		dm := w.room(anna, peer.Room{Encrypted: true, Direct: true, Invite: []id.UserID{b.id}})
		question := w.ask(anna, dm, "!help")
		w.must(b.Restart(w.ctx))
		w.answer(b, anna, question)
		w.checkAnswered(b, anna, dm, question)
		w.checkIntroduced(b, anna, dm)
	})
}

func TestCheckWithoutReachableResolver(t *testing.T) {
	w := newWorld(t)
	b := w.bot(map[string]string{"dns.resolver": "'" + silentAddress(t) + "'"})
	anna := w.member(mautrixGo, "anna")
	dm := w.roomWith(b, anna, peer.Room{Encrypted: true, Direct: true})
	check := w.ask(anna, dm, "!check example.nl")
	next := w.ask(anna, dm, "!tip 1")
	t.Logf("said: %s", w.answer(b, anna, check).Body())
	w.answer(b, anna, next)
	w.checkAnswered(b, anna, dm, check, next)
}

// Where the bot may set state, clients can offer its commands, and send them
// as data rather than as text.
func TestCommandsAreDescribed(t *testing.T) {
	w := newWorld(t)
	b := w.bot(nil)
	anna := w.member(mautrixGo, "anna")
	club := w.roomWith(b, anna, peer.Room{Name: "Club", Encrypted: true, Equal: true})
	described, err := anna.Timeline().Await(w.ctx, func(e peer.Event) bool {
		return e.Room == club && e.Sender == b.id && e.IsState(event.StateMSC4391BotCommand)
	})
	w.must(err)
	var content cmdschema.EventContent
	w.must(json.Unmarshal(described.Raw, &content))
	w.must(content.Validate())
	if want := content.StateKey(b.id); *described.StateKey != want {
		t.Errorf("the state key of %s is %s, want %s", content.Command, *described.StateKey, want)
	}
	alt := &cmdschema.EventContent{Command: "alt", Parameters: []*cmdschema.Parameter{{Key: "text", Schema: cmdschema.PrimitiveTypeString.Schema()}}}
	command, err := alt.ParseInput(b.id, []string{"/"}, "/alt video")
	w.must(err)
	if body := w.answer(b, anna, w.send(anna, club, command)).Body(); !strings.Contains(body, "ideobellen") {
		t.Errorf("the answer does not speak of video calls:\n%s", body)
	}
}
