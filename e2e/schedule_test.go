package e2e_test

import (
	"strings"
	"testing"

	"maunium.net/go/mautrix/id"

	"wolkwijs/e2e/peer"
)

// Those who manage a room choose when it gets the tip of the week, others are
// told why they cannot; what falls due while the bot is off comes after its
// start, encrypted as the room is.
func TestScheduleInAnEncryptedGroup(t *testing.T) {
	with(t, []library{mautrixGo, matrixJS}, func(w *world, lib library) {
		b := w.bot(nil)
		anna := w.member(lib, "anna")
		bram := w.member(mautrixGo, "bram")
		club := w.roomWith(b, anna, peer.Room{Name: "Club", Encrypted: true, Invite: []id.UserID{bram.UserID()}})
		w.must(bram.Join(w.ctx, club))
		w.must(peer.AwaitJoin(w.ctx, anna, club, bram.UserID()))
		for _, tt := range []struct {
			who        peer.Client
			text, want string
		}{
			{bram, "!rooster", "Deze kamer krijgt geen tip van de week."},
			{bram, "!rooster aan", "Dat mag alleen wie deze kamer beheert."},
			{anna, "!rooster tip elke 2 weken vrijdag half vijf 's middags", "elke 2 weken op vrijdag om 16:30"},
			{anna, "!rooster tip mnadag 9:00", "Bedoel je maandag?"},
			{bram, "!rooster", "Tip van de week: elke 2 weken op vrijdag om 16:30."},
			{anna, "!rooster voorbeeld", "Voorbeeld."},
			{anna, "!rooster nu", "Tip van de week: "},
		} {
			question := w.ask(tt.who, club, tt.text)
			if body := w.answer(b, tt.who, question).Body(); !strings.Contains(body, tt.want) {
				w.t.Errorf("the answer to %q does not say %q:\n%s", tt.text, tt.want, body)
			}
		}
		w.must(b.Stop())
		w.due(b, club)
		w.must(b.Restart(w.ctx))
		post, err := anna.Timeline().Await(w.ctx, func(e peer.Event) bool { return e.Room == club && isPost(e.Raw) })
		w.must(err)
		w.checkAnswer(b, anna, post)
		off := w.ask(anna, club, "!rooster uit")
		w.answer(b, anna, off)
		if posts := w.postsSeen(anna, club); len(posts) != 1 {
			w.t.Errorf("%d posts, want one", len(posts))
		}
	})
}
