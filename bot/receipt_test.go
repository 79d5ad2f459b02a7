package bot

import (
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"maunium.net/go/mautrix/id"
)

// A question is marked as read a moment after it came, when most answers are
// there; and once where more is asked at a time.
func TestReadReceipts(t *testing.T) {
	inWorld(t, func(w *world) {
		var mu sync.Mutex
		var told []string
		w.hs.SetFail(func(_ http.ResponseWriter, r *http.Request) bool {
			mu.Lock()
			defer mu.Unlock()
			path := r.URL.Path
			switch {
			case strings.Contains(path, "/receipt/m.read/"):
				told = append(told, "read "+path[strings.LastIndex(path, "/")+1:])
			case strings.Contains(path, "/typing/"):
				told = append(told, "typing")
			case strings.Contains(path, "/send/m.room.message/"):
				told = append(told, "answer")
			}
			return false
		})
		want := func(when string, want ...string) { // in any order
			t.Helper()
			mu.Lock()
			defer mu.Unlock()
			slices.Sort(told)
			slices.Sort(want)
			if !slices.Equal(told, want) {
				t.Errorf("%s, the homeserver was told %q, want %q", when, told, want)
			}
			told = nil
		}
		read := func(question id.EventID) string { return "read " + string(question) }
		w.start()
		club, other := w.club(), w.club()
		told = nil // the welcome

		question := w.hs.Say(club, alice, "!echo a")
		w.settle()
		want("at once", "answer")
		w.pass(time.Minute)
		want("later", read(question))

		w.hs.Say(club, alice, "!echo b")
		w.settle()
		inOther := w.hs.Say(other, alice, "!echo c")
		w.settle()
		question = w.hs.Say(club, alice, "!echo d")
		w.settle()
		want("at once", "answer", "answer", "answer")
		w.pass(time.Minute)
		want("after three questions at a time", read(question), read(inOther))

		question = w.hs.Say(club, alice, "!think 2s")
		w.pass(1500 * time.Millisecond)
		want("while it thinks", read(question), "typing")
		w.pass(time.Minute)

		told = nil
		w.hs.Say(club, alice, "!echo e")
		w.settle()
		if err := w.end(); err != nil {
			t.Error(err)
		}
		want("when the bot stops", "answer")
	})
}
