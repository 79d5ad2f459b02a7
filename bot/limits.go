package bot

import (
	"slices"
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
	waited  map[string]time.Duration // by the names of buckets: since the last outage
	lenient time.Time                // until then everybody may wait, because a backlog has emptied the buckets
}

// bucket holds what may still be asked; it fills up again as time passes. It
// holds less than nothing when questions wait for it to fill.
type bucket struct {
	left   float64
	at     time.Time
	warned bool // whoever emptied it was told so
}

// maxBuckets is how many people and rooms are counted before those who have
// asked nothing for a while are forgotten.
const maxBuckets = 10_000

// What was asked while the bot was away came over as long a time as that, and
// is met with all at once. It is not refused but waits until it would have been
// within the limits. So that nobody can hold up the others by it, all that a
// person has asked waits for so long at most, and all that was asked in a room.
// What exceeds that is refused as ever.
const (
	maxUserWait = 5 * time.Minute
	maxRoomWait = 10 * time.Minute
)

// aftermath is how long after a backlog nobody is refused for what that has
// used up.
const aftermath = time.Minute

// verdict is what becomes of a question.
type verdict uint8

const (
	allowed verdict = iota // after the wait
	warn                   // too much: say so once
	silent                 // too much, and said so already
)

// ask counts one question of a person in a room. One of a backlog has to wait
// where it is too much, and counts at once.
func (l *limits) ask(user id.UserID, room id.RoomID, now time.Time, backlog bool) (verdict, time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.buckets) > maxBuckets {
		l.forget(now)
	}
	ofUser, ofRoom := "u"+string(user), "r"+string(room)
	counted := []*bucket{
		l.fill(ofUser, l.cfg.PerUser, now),
		l.fill(ofRoom, l.cfg.PerRoom, now),
		l.fill("*", l.cfg.Global, now),
	}
	var wait time.Duration
	for i, rate := range []config.Rate{l.cfg.PerUser, l.cfg.PerRoom, l.cfg.Global} {
		if lacks := 1 - counted[i].left; lacks > 0 {
			wait = max(wait, time.Duration(lacks*float64(rate.Per)/float64(rate.Count)))
		}
	}
	if wait > 0 {
		mayWait := backlog || now.Before(l.lenient)
		if !mayWait || !l.mayWait(ofUser, wait, maxUserWait) || !l.mayWait(ofRoom, wait, maxRoomWait) {
			return refuse(counted), 0
		}
		l.waits(ofUser, wait)
		l.waits(ofRoom, wait)
		if backlog {
			l.lenient = now.Add(wait + aftermath)
		}
	}
	for _, b := range counted {
		b.left--
	}
	return allowed, wait
}

// refuse is the verdict where there is not enough in some bucket: in the first
// of those it is noted.
func refuse(counted []*bucket) verdict {
	empty := counted[slices.IndexFunc(counted, func(b *bucket) bool { return b.left < 1 })]
	if empty.warned {
		return silent
	}
	empty.warned = true
	return warn
}

// mayWait says whether a person or a room has waited for most at most, with d.
// The caller holds mu.
func (l *limits) mayWait(name string, d, most time.Duration) bool {
	return l.waited[name]+d <= most && len(l.waited) <= maxBuckets
}

// waits notes that a person or a room waits. The caller holds mu.
func (l *limits) waits(name string, d time.Duration) {
	if l.waited == nil {
		l.waited = map[string]time.Duration{}
	}
	l.waited[name] += d
}

// back notes that the bot was away, and has what it missed before it.
func (l *limits) back() {
	l.mu.Lock()
	defer l.mu.Unlock()
	clear(l.waited)
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
