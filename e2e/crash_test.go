package e2e_test

import (
	"fmt"
	"sync"
	"testing"

	"codeberg.org/miekg/dns"
	"maunium.net/go/mautrix/id"

	"wolkwijs/domaincheck/dnsq/dnstest"
	"wolkwijs/e2e/peer"
)

func TestKilledBotAnswersWhatCameMeanwhile(t *testing.T) {
	with(t, []library{mautrixGo, matrixJS}, func(w *world, lib library) {
		b := w.bot(nil)
		anna := w.member(lib, "anna")
		dm := w.roomWith(b, anna, peer.Room{Encrypted: true, Direct: true})
		before := w.ask(anna, dm, "!help")
		w.answer(b, anna, before)
		w.must(b.Kill())

		asked := []id.EventID{before}
		for n := range 5 {
			asked = append(asked, w.ask(anna, dm, fmt.Sprintf("!tip %d", n+1)))
		}
		w.must(b.Restart(w.ctx))
		for _, question := range asked {
			w.answer(b, anna, question)
		}
		// Whatever the bot would say twice, it would have said before this.
		after := w.ask(anna, dm, "!about")
		w.answer(b, anna, after)
		w.checkAnswered(b, anna, dm, append(asked, after)...)
	})
}

func TestTerminatedBotFirstAnswersWhatWasAsked(t *testing.T) {
	w := newWorld(t)
	reached, open := make(chan struct{}), make(chan struct{})
	var once sync.Once
	hold := dnstest.Raw("example.nl", dns.TypeMX, func([]byte) []byte {
		once.Do(func() { close(reached) })
		<-open
		return nil // the bot will ask again
	})
	server := dnstest.New(t, zone, hold)
	b := w.bot(map[string]string{"dns.resolver": "'" + server.Addr() + "'"})
	anna := w.member(mautrixGo, "anna")
	dm := w.roomWith(b, anna, peer.Room{Encrypted: true, Direct: true})
	question := w.ask(anna, dm, "!check example.nl")
	w.wait(reached, "the bot to ask for DNS records")
	w.must(b.Terminate())
	server.Apply(dnstest.Behave())
	close(open)
	w.answer(b, anna, question)
	w.must(b.Wait(w.ctx))
	w.checkAnswered(b, anna, dm, question)
}
