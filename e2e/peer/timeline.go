package peer

import (
	"context"
	"fmt"
	"slices"
	"sync"

	"maunium.net/go/mautrix/id"
)

// Timeline collects the events a client has seen, in the order it saw them.
// It is safe for use by several goroutines.
type Timeline struct {
	mu      sync.Mutex
	events  []Event
	at      map[id.EventID]int // where each event stands
	changed chan struct{}      // closed and replaced when events changes
	err     error              // why nothing will be added any more
}

// NewTimeline returns an empty timeline.
func NewTimeline() *Timeline {
	return &Timeline{at: map[id.EventID]int{}, changed: make(chan struct{})}
}

// Add appends e. An event seen before is replaced where it stands: that is
// how one whose key came later becomes readable.
func (t *Timeline) Add(e Event) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if at, seen := t.at[e.ID]; seen {
		t.events[at] = e
	} else {
		t.at[e.ID] = len(t.events)
		t.events = append(t.events, e)
	}
	t.wake()
}

// Fail says that no events will come any more, and why. Whoever waits gets
// that error.
func (t *Timeline) Fail(err error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.err == nil {
		t.err = err
	}
	t.wake()
}

// wake lets those who wait look again. It needs the lock.
func (t *Timeline) wake() {
	close(t.changed)
	t.changed = make(chan struct{})
}

// All returns the events so far.
func (t *Timeline) All() []Event {
	t.mu.Lock()
	defer t.mu.Unlock()
	return slices.Clone(t.events)
}

// Events returns the events of a room so far.
func (t *Timeline) Events(room id.RoomID) []Event {
	return slices.DeleteFunc(t.All(), func(e Event) bool { return e.Room != room })
}

// Has says whether there is an event that match accepts.
func (t *Timeline) Has(match func(Event) bool) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return slices.ContainsFunc(t.events, match)
}

// Await returns the first event, past or to come, that match accepts.
func (t *Timeline) Await(ctx context.Context, match func(Event) bool) (Event, error) {
	for {
		t.mu.Lock()
		at := slices.IndexFunc(t.events, match)
		if at >= 0 {
			defer t.mu.Unlock()
			return t.events[at], nil
		}
		changed, err, seen := t.changed, t.err, len(t.events)
		t.mu.Unlock()
		if err != nil {
			return Event{}, fmt.Errorf("the client stopped: %w", err)
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return Event{}, fmt.Errorf("waited for an event, saw %d others: %w", seen, context.Cause(ctx))
		}
	}
}
