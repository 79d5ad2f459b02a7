package hstest

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"sync"

	"maunium.net/go/mautrix/event"
)

// SlowKeys is the network of a client whose homeserver is slow with the keys
// that the client sends to other devices: it holds them back until
// [SlowKeys.Arrive], while the client believes that they are on their way.
type SlowKeys struct {
	to       http.RoundTripper
	mu       sync.Mutex
	open     bool
	requests []*http.Request
}

// NewSlowKeys returns the slow network in front of to.
func NewSlowKeys(to http.RoundTripper) *SlowKeys { return &SlowKeys{to: to} }

// RoundTrip implements [http.RoundTripper].
func (s *SlowKeys) RoundTrip(req *http.Request) (*http.Response, error) {
	if !strings.Contains(req.URL.Path, "/sendToDevice/"+event.ToDeviceEncrypted.Type+"/") || !s.keep(req) {
		return s.to.RoundTrip(req)
	}
	return &http.Response{
		StatusCode: http.StatusOK, Request: req,
		Header: http.Header{"Content-Type": {"application/json"}},
		Body:   io.NopCloser(strings.NewReader("{}")),
	}, nil
}

// CloseIdleConnections has [http.Client.CloseIdleConnections] reach the network
// behind this one.
func (s *SlowKeys) CloseIdleConnections() {
	if to, ok := s.to.(interface{ CloseIdleConnections() }); ok {
		to.CloseIdleConnections()
	}
}

// keep keeps a request, unless the keys have arrived.
func (s *SlowKeys) keep(req *http.Request) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.open {
		s.requests = append(s.requests, req.Clone(context.WithoutCancel(req.Context())))
	}
	return !s.open
}

// Arrive lets all keys through, also those to come. It fails when the
// homeserver does not take one.
func (s *SlowKeys) Arrive() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.open = true
	var errs []error
	for _, req := range s.requests {
		errs = append(errs, s.pass(req))
	}
	s.requests = nil
	return errors.Join(errs...)
}

func (s *SlowKeys) pass(req *http.Request) error {
	body, err := req.GetBody()
	if err != nil {
		return err
	}
	req.Body = body
	resp, err := s.to.RoundTrip(req)
	if err != nil {
		return err
	}
	if resp.StatusCode != http.StatusOK {
		err = errors.New("the homeserver does not take a key: " + resp.Status)
	}
	return errors.Join(err, resp.Body.Close())
}
