package e2e_test

import (
	"testing"

	"maunium.net/go/mautrix/id"

	"wolkwijs/e2e/peer"
)

// The clients of the other tests are worth believing only if they understand
// each other without the bot.
func TestClientsReadEachOthersEncryptedMessages(t *testing.T) {
	with(t, []library{matrixJS, matrixJSSignedOnly}, func(w *world, lib library) {
		anna := w.member(lib, "anna")
		bram := w.member(mautrixGo, "bram")
		room := w.room(anna, peer.Room{Name: "Club", Encrypted: true, Invite: []id.UserID{bram.UserID()}})
		w.must(bram.Join(w.ctx, room))
		w.must(peer.AwaitJoin(w.ctx, anna, room, bram.UserID()))

		question := w.ask(anna, room, "Are you there?")
		got, err := bram.Timeline().Await(w.ctx, func(e peer.Event) bool { return e.ID == question })
		w.must(err)
		if got.Body() != "Are you there?" || !got.Encrypted || got.Shield != "" || got.Failure != "" {
			t.Errorf("bram got %+v", got)
		}
		w.send(bram, room, peer.Reply("Here I am", question))
		reply, err := peer.AwaitReply(w.ctx, anna, question)
		w.must(err)
		if reply.Body() != "Here I am" || !reply.Encrypted || reply.Shield != "" || reply.Failure != "" {
			t.Errorf("anna got %+v", reply)
		}
	})
}
