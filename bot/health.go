package bot

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"time"

	"wolkwijs/metrics"
)

// unhealthyAfter is how long the homeserver may be silent before the bot
// calls itself unwell. A /sync takes half a minute when nothing happens.
const unhealthyAfter = 3 * time.Minute

// Health is how the bot is.
type Health struct {
	Ready    bool          // it is in sync and its database answers
	Standby  bool          // another instance leads, this one waits
	LastSync time.Duration // since the homeserver last answered; 0 before the first time
	Queue    int           // events waiting for an answer
	Rooms    int           // rooms it is in
}

// Healthy says whether the bot hears from its homeserver, or stands by while
// another instance does.
func (b *Bot) Healthy() bool {
	if b.standby.Load() {
		return true
	}
	at, ok := b.lastSync.Load().(time.Time)
	return ok && b.store.Now().Sub(at) < unhealthyAfter
}

// Health tells how the bot is. It may be called at any time.
func (b *Bot) Health(ctx context.Context) Health {
	h := Health{Queue: b.depth(), Standby: b.standby.Load()}
	if at, ok := b.lastSync.Load().(time.Time); ok {
		h.LastSync = b.store.Now().Sub(at)
	}
	rooms, err := b.store.CountRooms(ctx)
	h.Rooms = rooms
	h.Ready = err == nil && b.Healthy() && !h.Standby
	return h
}

// serveHealth answers /healthz, /readyz and /metrics on address until ctx
// ends.
func (b *Bot) serveHealth(ctx context.Context, address string, m *metrics.Metrics) error {
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return fmt.Errorf("metrics.listen: %w", err)
	}
	server := &http.Server{Handler: b.healthHandler(m), ReadHeaderTimeout: 5 * time.Second}
	go func() {
		if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			b.log.Error().Err(err).Msg("Health and metrics are no longer served")
		}
	}()
	context.AfterFunc(ctx, func() { server.Close() })
	b.log.Info().Stringer("address", listener.Addr()).Msg("Serving health and metrics")
	return nil
}

func (b *Bot) healthHandler(m *metrics.Metrics) http.Handler {
	mux := http.NewServeMux()
	say := func(w http.ResponseWriter, well bool, text string) {
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		if !well {
			w.WriteHeader(http.StatusServiceUnavailable)
		}
		fmt.Fprintln(w, text)
	}
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, r *http.Request) {
		if b.Healthy() {
			say(w, true, "ok")
			return
		}
		say(w, false, "no answer from the homeserver in the last minutes")
	})
	mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, r *http.Request) {
		if b.Health(r.Context()).Ready {
			say(w, true, "ready")
			return
		}
		say(w, false, "not in sync yet")
	})
	if m != nil {
		mux.Handle("GET /metrics", m.Handler())
	}
	return mux
}
