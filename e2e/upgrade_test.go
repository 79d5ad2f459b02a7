package e2e_test

import (
	"fmt"
	"strings"
	"testing"

	"maunium.net/go/mautrix/event"

	"wolkwijs/e2e/peer"
	"wolkwijs/e2e/peer/gopeer"
)

// The bot follows a room that a real homeserver upgrades, at once where
// anybody may join, else when it is invited: with the room's language and its
// tip of the week, without introducing itself again.
func TestRoomUpgrade(t *testing.T) {
	for _, tt := range []struct {
		name              string
		public, encrypted bool
	}{{"public", true, false}, {"by invitation", false, false}, {"by invitation, encrypted", false, true}} {
		t.Run(tt.name, func(t *testing.T) {
			w := newWorld(t)
			b := w.bot(nil)
			anna := w.member(mautrixGo, "anna").(*gopeer.Client)
			room := peer.Room{Name: "Club", Encrypted: tt.encrypted}
			if tt.public {
				room.Alias = fmt.Sprint("club", accounts.Add(1))
			}
			old := w.roomWith(b, anna, room)
			w.answer(b, anna, w.ask(anna, old, "!language en"))
			w.answer(b, anna, w.ask(anna, old, "!schedule tip every week friday 16:30"))

			next, err := anna.Upgrade(w.ctx, old, "11")
			w.must(err)
			if !tt.public {
				w.must(anna.Invite(w.ctx, next, b.id))
			}
			w.must(peer.AwaitJoin(w.ctx, anna, next, b.id))
			_, err = anna.Timeline().Await(w.ctx, func(e peer.Event) bool {
				return e.Room == old && e.Membership(b.id) == event.MembershipLeave
			})
			w.must(err)

			answer := w.answer(b, anna, w.ask(anna, next, "!schedule"))
			if want := "Tip of the week: every Friday at 16:30."; !strings.Contains(answer.Body(), want) {
				t.Errorf("in the new room the bot says %q, not %q", answer.Body(), want)
			}
			if all := said(anna, next, b.id); len(all) != 1 {
				t.Errorf("the bot has said %d things in the new room, not one: %v", len(all), all)
			}
		})
	}
}
