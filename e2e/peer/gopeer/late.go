package gopeer

import (
	"context"
	"net/http"
	"sync"

	"maunium.net/go/mautrix"
	"maunium.net/go/mautrix/event"

	"wolkwijs/bot/hstest"
)

// late is what a client needs whose keys come late.
type late struct {
	*hstest.SlowKeys
	once  sync.Once
	asked chan struct{} // closed when a device has asked for a key
}

func newLate(network http.RoundTripper, syncer *mautrix.DefaultSyncer) *late {
	l := &late{SlowKeys: hstest.NewSlowKeys(network), asked: make(chan struct{})}
	syncer.OnEventType(event.ToDeviceRoomKeyRequest, func(context.Context, *event.Event) {
		l.once.Do(func() { close(l.asked) })
	})
	return l
}

// AwaitKeyRequest waits until a device has asked for a key that
// [Options.HoldKeys] holds back.
func (c *Client) AwaitKeyRequest(ctx context.Context) error {
	select {
	case <-c.late.asked:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// ReleaseKeys sends the keys that [Options.HoldKeys] held back, and holds none
// back any more.
func (c *Client) ReleaseKeys() error { return c.late.Arrive() }
