package e2e_test

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync"
	"testing"

	"wolkwijs/e2e/peer"
	"wolkwijs/e2e/peer/gopeer"
)

// deviceQueries stands before the homeserver and can refuse to tell the
// devices of one user.
type deviceQueries struct {
	http.Handler
	user    string
	mu      sync.Mutex
	refuse  bool
	refused func()
	told    func() // after it was refused
}

// ServeHTTP implements [http.Handler].
func (q *deviceQueries) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	asked := strings.HasSuffix(r.URL.Path, "/keys/query") && strings.Contains(string(body), q.user)
	q.mu.Lock()
	refuse, told := q.refuse, q.told
	q.mu.Unlock()
	if asked && refuse {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusInternalServerError)
		_, _ = io.WriteString(w, `{"errcode":"M_UNKNOWN","error":"not now"}`)
		q.refused()
		return
	}
	q.Handler.ServeHTTP(w, r)
	if asked && told != nil {
		told()
	}
}

// TestNewDeviceWhenItsKeysCannotBeHad adds a device while the homeserver fails
// to tell the bot of it: the bot asks again, and the device reads what is
// answered then.
func TestNewDeviceWhenItsKeysCannotBeHad(t *testing.T) {
	w := newWorld(t)
	account := w.register("anna")
	target, err := url.Parse(bed.homeserver.URL)
	w.must(err)
	refused, told := make(chan struct{}), make(chan struct{})
	queries := &deviceQueries{Handler: httputil.NewSingleHostReverseProxy(target), user: account.UserID, refused: sync.OnceFunc(func() { close(refused) })}
	server := httptest.NewServer(queries)
	t.Cleanup(server.Close)
	hs := *bed.homeserver
	hs.URL = server.URL
	b := w.botOn(&hs, nil)

	login := func(name string, o gopeer.Options) *gopeer.Client {
		return w.client(library{name, func(ctx context.Context, login peer.Login) (peer.Client, error) {
			return gopeer.Start(ctx, login, o)
		}}, account).(*gopeer.Client)
	}
	first := login("first device", gopeer.Options{})
	dm := w.roomWith(b, first, peer.Room{Encrypted: true, Direct: true})
	w.answer(b, first, w.ask(first, dm, "!tip 1"))

	queries.mu.Lock()
	queries.refuse = true
	queries.mu.Unlock()
	second := login("second device", gopeer.Options{Second: true})
	w.wait(refused, "the bot to ask for the new device")
	queries.mu.Lock()
	queries.refuse, queries.told = false, sync.OnceFunc(func() { close(told) })
	queries.mu.Unlock()
	w.wait(told, "the bot to ask again")

	question := w.ask(first, dm, "!tip 2")
	w.answer(b, first, question)
	reply, err := second.Timeline().Await(w.ctx, func(e peer.Event) bool {
		return e.Room == dm && e.Sender == b.id && e.InReplyTo() == question
	})
	w.must(err)
	if reply.Failure != "" {
		t.Errorf("the new device cannot read the answer: %s", reply.Failure)
	}
}
