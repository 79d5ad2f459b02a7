package gopeer

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"sync"

	"maunium.net/go/mautrix/event"
)

// held keeps back the keys that a client sends to other devices, as a slow
// homeserver does: the client believes that they are on their way.
type held struct {
	*http.Transport
	mu       sync.Mutex
	open     bool
	requests []*http.Request
	once     sync.Once
	asked    chan struct{} // closed when a device has asked for a key
}

func newHeld(through *http.Transport) *held {
	return &held{Transport: through, asked: make(chan struct{})}
}

// RoundTrip implements [http.RoundTripper].
func (h *held) RoundTrip(req *http.Request) (*http.Response, error) {
	if !strings.Contains(req.URL.Path, "/sendToDevice/"+event.ToDeviceEncrypted.Type+"/") || !h.keep(req) {
		return h.Transport.RoundTrip(req)
	}
	return &http.Response{
		StatusCode: http.StatusOK, Request: req,
		Header: http.Header{"Content-Type": {"application/json"}},
		Body:   io.NopCloser(strings.NewReader("{}")),
	}, nil
}

// keep keeps a request, unless it is past that.
func (h *held) keep(req *http.Request) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	if !h.open {
		h.requests = append(h.requests, req.Clone(context.WithoutCancel(req.Context())))
	}
	return !h.open
}

func (h *held) release() error {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.open = true
	var errs []error
	for _, req := range h.requests {
		body, err := req.GetBody()
		if err == nil {
			req.Body = body
			var resp *http.Response
			if resp, err = h.Transport.RoundTrip(req); err == nil {
				err = resp.Body.Close()
				if resp.StatusCode != http.StatusOK {
					err = errors.New("the homeserver does not take a key: " + resp.Status)
				}
			}
		}
		errs = append(errs, err)
	}
	h.requests = nil
	return errors.Join(errs...)
}

// AwaitKeyRequest waits until a device has asked for a key that
// [Options.HoldKeys] holds back.
func (c *Client) AwaitKeyRequest(ctx context.Context) error {
	select {
	case <-c.held.asked:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// ReleaseKeys sends the keys that [Options.HoldKeys] held back, and holds none
// back any more.
func (c *Client) ReleaseKeys() error { return c.held.release() }
