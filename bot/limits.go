package bot

import (
	"sync"
	"time"

	"maunium.net/go/mautrix/id"

	"wolkwijs/config"
)

// limits decides how much is answered: for each person, each room and in all.
// It counts in memory only.
type limits struct {
	cfg config.Limits

	mu      sync.Mutex
	buckets map[string]*bucket
}

// bucket holds what may still be asked; it fills up again as time passes.
type bucket struct {
	left   float64
	at     time.Time
	warned bool // whoever emptied it was told so
}

// maxBuckets is how many people and rooms are counted before those who have
// asked nothing for a while are forgotten.
const maxBuckets = 10_000

// verdict is what becomes of a question.
type verdict uint8

const (
	allowed verdict = iota
	warn            // too much: say so once
	silent          // too much, and said so already
)

// ask counts one question of a person in a room.
func (l *limits) ask(user id.UserID, room id.RoomID, now time.Time) verdict {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.buckets) > maxBuckets {
		l.forget(now)
	}
	counted := []*bucket{
		l.fill("u"+string(user), l.cfg.PerUser, now),
		l.fill("r"+string(room), l.cfg.PerRoom, now),
		l.fill("*", l.cfg.Global, now),
	}
	for _, b := range counted {
		if b.left < 1 {
			if b.warned {
				return silent
			}
			b.warned = true
			return warn
		}
	}
	for _, b := range counted {
		b.left--
	}
	return allowed
}

// fill returns the bucket of that name as it is now. The caller holds mu.
func (l *limits) fill(name string, rate config.Rate, now time.Time) *bucket {
	if l.buckets == nil {
		l.buckets = map[string]*bucket{}
	}
	b := l.buckets[name]
	if b == nil {
		b = &bucket{left: float64(rate.Count), at: now}
		l.buckets[name] = b
		return b
	}
	passed := max(now.Sub(b.at), 0) // a clock set back fills nothing
	b.left = min(b.left+float64(rate.Count)*float64(passed)/float64(rate.Per), float64(rate.Count))
	b.at = now
	if b.left >= float64(rate.Count)/2 {
		b.warned = false
	}
	return b
}

// forget drops the buckets that are full again. The caller holds mu.
func (l *limits) forget(now time.Time) {
	for name, b := range l.buckets {
		if now.Sub(b.at) > max(l.cfg.PerUser.Per, l.cfg.PerRoom.Per, l.cfg.Global.Per) {
			delete(l.buckets, name)
		}
	}
}
