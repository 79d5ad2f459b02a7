package bot

import (
	"errors"
	"fmt"
	"net/http"
	"testing"
	"time"

	"maunium.net/go/mautrix"
)

func TestPause(t *testing.T) {
	b := &Bot{times: times{backoff: 500 * time.Millisecond, maxBackoff: time.Minute}}
	refused := func(header string) error {
		resp := &http.Response{StatusCode: http.StatusTooManyRequests, Header: http.Header{}}
		if header != "" {
			resp.Header.Set("Retry-After", header)
		}
		return fmt.Errorf("wrapped: %w", mautrix.HTTPError{Response: resp, RespError: &mautrix.RespError{ExtraData: map[string]any{"retry_after_ms": 7000.0}}})
	}
	for _, tt := range []struct {
		name        string
		attempt     int
		err         error
		least, most time.Duration
	}{
		{"first", 0, errors.New("reset"), 250 * time.Millisecond, 500 * time.Millisecond},
		{"doubled three times", 3, errors.New("reset"), 2 * time.Second, 4 * time.Second},
		{"at most a minute", 10, errors.New("reset"), 30 * time.Second, time.Minute},
		{"the thousandth", 1000, errors.New("reset"), 30 * time.Second, time.Minute},
		{"what the homeserver asks for", 0, refused("5"), 5 * time.Second, 5500 * time.Millisecond},
		{"in the way of older homeservers", 0, refused(""), 7 * time.Second, 7500 * time.Millisecond},
		{"but not for an hour", 0, refused("3600"), time.Minute, time.Minute + 500*time.Millisecond},
	} {
		t.Run(tt.name, func(t *testing.T) {
			least, most := time.Hour, time.Duration(0)
			for range 1000 {
				d := b.pause(tt.attempt, tt.err)
				least, most = min(least, d), max(most, d)
			}
			if least < tt.least || most > tt.most {
				t.Errorf("pauses of %v to %v, want %v to %v", least, most, tt.least, tt.most)
			}
			if spread := tt.most - tt.least; most-least < spread/2 {
				t.Errorf("pauses of %v to %v: hardly any chance in them", least, most)
			}
		})
	}
}
