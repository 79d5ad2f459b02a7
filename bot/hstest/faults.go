package hstest

import (
	"net/http"
	"sync"
)

// hook is a function that tests set while requests run.
type hook[F any] struct {
	mu sync.Mutex
	f  F
}

func (h *hook[F]) set(f F) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.f = f
}

func (h *hook[F]) get() F {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.f
}

// SetFail lets fail see each request first. Where it returns true it has
// answered, or the request is to break off (nothing written). nil ends that.
func (s *Server) SetFail(fail func(w http.ResponseWriter, r *http.Request) bool) { s.fail.set(fail) }

// SetLose lets lose say whether the answer to a request that was carried out
// is lost on its way back. nil ends that.
func (s *Server) SetLose(lose func(r *http.Request) bool) { s.lose.set(lose) }

// SetQueue lets queue say whether an event that a client sends is queued: the
// connection breaks, and the event is nowhere until [Server.Flush]. nil ends
// that.
func (s *Server) SetQueue(queue func(r *http.Request) bool) { s.queue.set(queue) }

// SetUnlisted lets unlisted say which events GET /messages leaves out. nil
// ends that.
func (s *Server) SetUnlisted(unlisted func(e *Event) bool) { s.unlisted.set(unlisted) }

func (s *Server) fails(w http.ResponseWriter, r *http.Request) bool {
	fail := s.fail.get()
	return fail != nil && fail(w, r)
}

func (s *Server) loses(r *http.Request) bool {
	lose := s.lose.get()
	return lose != nil && lose(r)
}

func (s *Server) queues(r *http.Request) bool {
	queue := s.queue.get()
	return queue != nil && queue(r)
}

func (s *Server) leavesOut(e *Event) bool {
	unlisted := s.unlisted.get()
	return unlisted != nil && unlisted(e)
}
