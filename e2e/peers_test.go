package e2e_test

import (
	"testing"

	"maunium.net/go/mautrix/id"

	"wolkwijs/e2e/peer"
)

// The clients of the other tests are worth believing only if they understand
// each other without the bot.
func TestClientsReadEachOthersEncryptedMessages(t *testing.T) {
	t.Parallel()
	for _, lib := range []library{matrixJS, matrixJSSignedOnly} {
		t.Run(lib.name, func(t *testing.T) {
			t.Parallel()
			ctx := testContext(t)
			anna := member(t, ctx, lib, "anna")
			bram := member(t, ctx, mautrixGo, "bram")
			room := createRoom(t, ctx, anna, peer.Room{Name: "Club", Encrypted: true, Invite: []id.UserID{bram.UserID()}})
			if err := bram.Join(ctx, room); err != nil {
				t.Fatal(err)
			}
			awaitJoin(t, ctx, anna, room, bram.UserID())

			question := ask(t, ctx, anna, room, "Are you there?")
			got, err := bram.Timeline().Await(ctx, func(e peer.Event) bool { return e.ID == question })
			if err != nil {
				t.Fatal(err)
			}
			if got.Body() != "Are you there?" || !got.Encrypted || got.Shield != "" || got.Failure != "" {
				t.Errorf("bram got %+v", got)
			}
			if _, err := bram.Send(ctx, room, peer.Reply("Here I am", question)); err != nil {
				t.Fatal(err)
			}
			reply := awaitReply(t, ctx, anna, question)
			if reply.Body() != "Here I am" || !reply.Encrypted {
				t.Errorf("anna got %+v", reply)
			}
		})
	}
}
