package e2e_test

import (
	"context"
	"testing"

	"maunium.net/go/mautrix/id"

	"wolkwijs/e2e/peer"
	"wolkwijs/e2e/peer/gopeer"
)

// TestQuestionsWhoseKeyComesLate asks with keys that come when the bot has
// given up waiting for them and has asked for them. It answers in order all
// the same.
func TestQuestionsWhoseKeyComesLate(t *testing.T) {
	w := newWorld(t)
	b := w.bot(nil)
	slow := library{"mautrix-go with late keys", func(ctx context.Context, login peer.Login) (peer.Client, error) {
		return gopeer.Start(ctx, login, gopeer.Options{HoldKeys: true})
	}}
	anna := w.member(slow, "anna").(*gopeer.Client)
	dm := w.roomWith(b, anna, peer.Room{Encrypted: true, Direct: true})

	asked := []id.EventID{w.ask(anna, dm, "!tip 1"), w.ask(anna, dm, "!tip 2")}
	w.must(anna.AwaitKeyRequest(w.ctx))
	asked = append(asked, w.ask(anna, dm, "!tip 3"))
	w.must(anna.ReleaseKeys())
	asked = append(asked, w.ask(anna, dm, "!tip 4"))
	for _, question := range asked {
		w.answer(b, anna, question)
	}
	w.checkAnswered(b, anna, dm, asked...)
}
