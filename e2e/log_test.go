package e2e_test

import (
	"regexp"
	"strings"
	"testing"

	"maunium.net/go/mautrix/event"

	"wolkwijs/e2e/peer"
)

// anyUserID finds user IDs, also as parts of URLs.
var anyUserID = regexp.MustCompile(`(?i)(@|%40)[a-z0-9._=/+-]+(:|%3a)[a-z0-9.-]+`)

// telling is how many characters a line of a message must have for its being
// in the log to be no accident.
const telling = 12

// checkLog checks that a bot's log holds no text that was said in the test
// and no user ID.
func (w *world) checkLog(b *testBot) {
	log := b.log.String()
	if log == "" {
		w.t.Error("the log is empty")
	}
	if found := anyUserID.FindString(log); found != "" {
		w.t.Errorf("the log of %s holds the user ID %s", b.id, found)
	}
	for _, c := range w.clients {
		if name := c.UserID().Localpart(); strings.Contains(log, name) {
			w.t.Errorf("the log of %s holds the name %s", b.id, name)
		}
		for text := range texts(c) {
			if strings.Contains(log, text) {
				w.t.Errorf("the log of %s holds what was said: %q", b.id, text)
			}
		}
	}
}

// texts returns all questions, and each telling line of the answers, that c
// has seen.
func texts(c peer.Client) map[string]bool {
	found := map[string]bool{}
	for _, e := range c.Timeline().All() {
		body := e.Body()
		if e.Message().MsgType == event.MsgText && body != "" {
			found[body] = true
		}
		for line := range strings.Lines(body) {
			if line = strings.TrimSpace(line); len(line) >= telling {
				found[line] = true
			}
		}
	}
	return found
}

// Every test checks the log of its bots at level debug; this one says a bit
// of everything, at each level.
func TestLogHoldsNoMessageTextAndNoUserID(t *testing.T) {
	t.Parallel()
	for _, level := range []string{"info", "debug", "trace"} {
		t.Run(level, func(t *testing.T) {
			w := newWorld(t)
			b := w.bot(map[string]string{"log.level": "'" + level + "'"})
			anna := w.member(mautrixGo, "anna")
			for _, encrypted := range []bool{true, false} {
				club := w.roomWith(b, anna, peer.Room{Name: "Zwaluwenclub", Encrypted: encrypted})
				dm := w.roomWith(b, anna, peer.Room{Direct: true, Encrypted: encrypted})
				for _, text := range []string{
					"!help", "!alt videobellen", "!2fa zwaluwendienst", "!check example.nl",
					"!check zwaluwennest.nl", "!tip 3", "!about",
				} {
					w.answer(b, anna, w.ask(anna, club, text))
				}
				w.answer(b, anna, w.ask(anna, dm, "Is het handig om zwaluwen in de cloud te bewaren?"))
				w.send(anna, club, peer.Edit("!tip vier", w.ask(anna, club, "Zomaar een zwaluwenpraatje")))
				w.answer(b, anna, w.ask(anna, club, "!tip 1"))
			}
		})
	}
}
