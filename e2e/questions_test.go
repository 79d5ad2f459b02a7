package e2e_test

import (
	"strings"
	"testing"

	"maunium.net/go/mautrix/id"

	"wolkwijs/e2e/peer"
)

// plainQuestions are put as people put them, without a command, and want says
// what only the right answer speaks of.
var plainQuestions = []struct {
	lang, text string
	want       []string
}{
	{"nl", "ik wil van whatsapp af, wat nu?", []string{"WhatsApp", "Meta", "In plaats van", "eind-tot-eindversleuteld"}},
	{"en", "what can I use instead of gmail?", []string{"Gmail", "Alphabet", "end-to-end encrypted"}},
	{"nl", "hoe zet ik tweestapsverificatie aan bij digid", []string{"DigiD", "tweestapsverificatie", "sms"}},
	{"en", "how do I recognise a phishing mail", []string{"hishing", "bank", "password"}},
	{"nl", "wat is de cloud act en moet ik me zorgen maken?", []string{"CLOUD Act", "Amerikaanse", "2018"}},
	{"en", "what are passkeys", []string{"asskey", "phone", "password"}},
	{"nl", "welke wachtwoordkluis kan ik het beste nemen", []string{"achtwoordkluis", "kluis"}},
	{"en", "is it safe to keep my photos with google", []string{"Photos", "best choices"}},
	{"nl", "mag ik internetbankieren op de wifi van de trein?", []string{"wifi", "nepnetwerk"}},
	{"en", "how often should I make a backup?", []string{"ackup", "3-2-1"}},
}

// In a direct message nobody types commands: ten questions, ten answers, each
// in the language of its question.
func TestQuestionsInADirectMessage(t *testing.T) {
	with(t, []library{mautrixGo, matrixJS}, func(w *world, lib library) {
		b := w.bot(nil)
		anna := w.member(lib, "anna")
		dm := w.roomWith(b, anna, peer.Room{Encrypted: true, Direct: true})
		sources := map[string]string{"nl": "Bron", "en": "Source"}
		var asked []id.EventID
		for _, q := range plainQuestions {
			question := w.ask(anna, dm, q.text)
			body := w.answer(b, anna, question).Body()
			for _, want := range append(q.want, sources[q.lang]) {
				if !strings.Contains(body, want) {
					w.t.Errorf("the answer to %q does not speak of %q:\n%s", q.text, want, body)
				}
			}
			asked = append(asked, question)
		}
		w.checkAnswered(b, anna, dm, asked...)
	})
}
