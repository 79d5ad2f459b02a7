package bot

import (
	"errors"
	"math/rand/v2"
	"strconv"
	"time"

	"maunium.net/go/mautrix"
)

// pause is how long to wait before attempt+1 after err: what the homeserver
// asks for, or else a time that doubles, of which a random half is left out
// so that many clients do not come back together.
func (b *Bot) pause(attempt int, err error) time.Duration {
	if asked := retryAfter(err); asked > 0 {
		return min(asked, b.times.maxBackoff) + rand.N(b.times.backoff)
	}
	d := b.times.maxBackoff
	if attempt < 16 {
		d = min(d, b.times.backoff<<attempt)
	}
	return d/2 + rand.N(d/2+1)
}

// retryAfter is the delay that a refusal for too many requests asks for:
// the Retry-After header, or retry_after_ms of older homeservers.
func retryAfter(err error) time.Duration {
	var http mautrix.HTTPError
	if !errors.As(err, &http) || http.Response == nil || http.Response.StatusCode != 429 {
		return 0
	}
	if seconds, err := strconv.Atoi(http.Response.Header.Get("Retry-After")); err == nil && seconds > 0 {
		return time.Duration(seconds) * time.Second
	}
	if http.RespError != nil {
		if ms, ok := http.RespError.ExtraData["retry_after_ms"].(float64); ok && ms > 0 {
			return time.Duration(ms) * time.Millisecond
		}
	}
	return 0
}
