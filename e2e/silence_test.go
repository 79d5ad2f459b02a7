package e2e_test

import (
	"net"
	"testing"

	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"

	"wolkwijs/e2e/peer"
)

// silentAddress returns the address of a resolver that never answers.
func silentAddress(t *testing.T) string {
	t.Helper()
	conn, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return conn.LocalAddr().String()
}

// The bot keeps the order within a room: when it has answered a later
// question, what it has not answered by then it never will.

func TestNoAnswerToNoticesEditsAndChatter(t *testing.T) {
	for _, encrypted := range []bool{true, false} {
		t.Run(map[bool]string{true: "encrypted", false: "plain"}[encrypted], func(t *testing.T) {
			w := newWorld(t)
			b := w.bot(nil)
			anna := w.member(mautrixGo, "anna")
			club := w.roomWith(b, anna, peer.Room{Name: "Club", Encrypted: encrypted})

			notice := peer.Text("!help")
			notice.MsgType = event.MsgNotice
			w.send(anna, club, notice)
			emote := peer.Text("!help")
			emote.MsgType = event.MsgEmote
			w.send(anna, club, emote)
			chatter := w.ask(anna, club, "tot morgen!")
			w.send(anna, club, peer.Edit("tot overmorgen!", chatter))
			w.ask(anna, club, "!onbekendcommando van een andere bot")

			question := w.ask(anna, club, "!tip 1")
			w.answer(b, anna, question)
			w.checkAnswered(b, anna, club, question)
		})
	}
}

func TestNoAnswerToWhatCameBeforeTheInvite(t *testing.T) {
	w := newWorld(t)
	b := w.bot(nil)
	anna := w.member(mautrixGo, "anna")
	club := w.room(anna, peer.Room{Name: "Club"})
	w.ask(anna, club, "!help")
	w.must(anna.Invite(w.ctx, club, b.id))
	w.must(peer.AwaitJoin(w.ctx, anna, club, b.id))
	question := w.ask(anna, club, "!tip 1")
	w.answer(b, anna, question)
	w.checkAnswered(b, anna, club, question)
}

func TestTwoBotsDoNotTalkToEachOther(t *testing.T) {
	for _, encrypted := range []bool{true, false} {
		t.Run(map[bool]string{true: "encrypted", false: "plain"}[encrypted], func(t *testing.T) {
			w := newWorld(t)
			first, second := w.bot(nil), w.bot(nil)
			anna := w.member(mautrixGo, "anna")
			club := w.roomWith(first, anna, peer.Room{Name: "Club", Encrypted: encrypted, Invite: []id.UserID{second.id}})
			w.must(peer.AwaitJoin(w.ctx, anna, club, second.id))

			var asked []id.EventID
			for _, text := range []string{"!help", "!tip 1", "!about"} {
				question := w.ask(anna, club, text)
				asked = append(asked, question)
				for _, b := range []*testBot{first, second} {
					_, err := anna.Timeline().Await(w.ctx, func(e peer.Event) bool {
						return e.Room == club && e.Sender == b.id && e.InReplyTo() == question
					})
					w.must(err)
				}
			}
			for _, b := range []*testBot{first, second} {
				w.checkAnswered(b, anna, club, asked...)
				w.checkIntroduced(b, anna, club)
			}
		})
	}
}

func TestOnlyThoseAllowedCanInvite(t *testing.T) {
	w := newWorld(t)
	anna := w.member(mautrixGo, "anna")
	bram := w.member(mautrixGo, "bram")
	b := w.bot(map[string]string{"matrix.allow_invites_from": "['" + string(anna.UserID()) + "']"})
	refused := w.room(bram, peer.Room{Name: "Bram", Invite: []id.UserID{b.id}})
	w.roomWith(b, anna, peer.Room{Name: "Anna"})
	for _, e := range bram.Timeline().Events(refused) {
		if e.Membership(b.id) == event.MembershipJoin {
			t.Error("the bot joined a room that it may not be invited to")
		}
	}
}
