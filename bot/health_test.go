package bot

import (
	"net"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"wolkwijs/metrics"
)

func TestHealth(t *testing.T) {
	inWorld(t, func(w *world) {
		m := metrics.New("1.2.3")
		w.change = func(b *Bot) { b.Count(m) }
		var down atomic.Bool
		down.Store(true)
		w.hs.SetFail(func(rw http.ResponseWriter, r *http.Request) bool { return down.Load() })
		w.run()
		w.settle()
		get := func(path string) (int, string) {
			rec := httptest.NewRecorder()
			w.bot.healthHandler(m).ServeHTTP(rec, httptest.NewRequest("GET", path, nil))
			return rec.Code, rec.Body.String()
		}
		want := func(when string, health, ready int) {
			t.Helper()
			h, _ := get("/healthz")
			r, _ := get("/readyz")
			if h != health || r != ready {
				t.Errorf("%s: /healthz %d, /readyz %d; want %d, %d", when, h, r, health, ready)
			}
		}
		want("before the homeserver answers", 503, 503)
		down.Store(false)
		w.pass(5 * time.Minute)
		want("in sync", 200, 200)
		down.Store(true)
		w.pass(5 * time.Minute)
		want("the homeserver is gone", 503, 503)
		down.Store(false)
		w.pass(5 * time.Minute)
		want("the homeserver is back", 200, 200)

		club := w.club()
		w.hs.Say(club, alice, "!echo hallo")
		w.hs.Say(club, alice, "!panic")
		w.settle()
		_, numbers := get("/metrics")
		for _, line := range []string{
			`wolkwijs_commands_total{command="none",outcome="answered"} 1`,
			`wolkwijs_commands_total{command="none",outcome="panic"} 1`,
			`wolkwijs_answer_seconds_count{command="none"} 2`,
			`wolkwijs_queue_depth 0`,
			`wolkwijs_info{version="1.2.3"} 1`,
		} {
			if !strings.Contains(numbers, line+"\n") {
				t.Errorf("/metrics lacks %s", line)
			}
		}
		for _, secret := range []string{"alice", "hs.example", "hallo", string(club)} {
			if strings.Contains(numbers, secret) {
				t.Errorf("/metrics holds %q", secret)
			}
		}
	})
}

func TestNotifyServiceManager(t *testing.T) {
	path := filepath.Join(t.TempDir(), "notify")
	socket, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: path, Net: "unixgram"})
	if err != nil {
		t.Fatal(err)
	}
	defer socket.Close()
	t.Setenv("NOTIFY_SOCKET", path)
	notify("READY=1")
	buf := make([]byte, 100)
	n, err := socket.Read(buf)
	if err != nil || string(buf[:n]) != "READY=1" {
		t.Errorf("the service manager read %q, %v", buf[:n], err)
	}
	t.Setenv("NOTIFY_SOCKET", "")
	notify("ignored")
}
