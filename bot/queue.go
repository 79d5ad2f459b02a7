package bot

import (
	"context"
	"slices"
	"sync"
	"time"

	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"
)

// incoming is an event on its way to an answer.
type incoming struct {
	room    id.RoomID
	id      id.EventID
	event   *event.Event // as it came; nil: still to be fetched
	again   bool         // it was in the inbox before the last start, so it may have an answer already
	begun   bool         // that answer may still be on its way
	full    bool         // it stands for events that did not fit in the queue
	backlog bool         // it may have come while the bot was away
	late    bool         // it waited for its key: its sender may have been told that it cannot be read

	at   time.Time                 // when it came
	task func(ctx context.Context) // to do in its turn, in place of an event
}

const (
	maxQueue   = 200 // events waiting in one room; more are refused with a sentence
	maxWorkers = 32  // rooms answered at once
)

// queues hands events to handle: one at a time and in order within a room,
// rooms side by side. A queue has a goroutine only while something waits.
type queues struct {
	handle  func(incoming)
	slots   chan struct{}
	workers sync.WaitGroup

	mu    sync.Mutex
	rooms map[id.RoomID][]incoming // what waits, the one being handled first
	moved map[id.RoomID]time.Time  // when the first one's turn came
}

func newQueues(handle func(incoming)) *queues {
	return &queues{handle: handle, slots: make(chan struct{}, maxWorkers), rooms: map[id.RoomID][]incoming{}, moved: map[id.RoomID]time.Time{}}
}

// push adds an event at the end of its room's queue. It returns false when
// the queue is full and the event is to be given up; the first that finds it
// full stands at the end of the queue for all of them, with full set.
func (q *queues) push(in incoming) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	in.at = time.Now()
	waiting := q.rooms[in.room]
	if len(waiting) >= maxQueue && !in.again && in.task == nil {
		if waiting[len(waiting)-1].full {
			return false
		}
		in.full = true
	}
	q.rooms[in.room] = append(waiting, in)
	if len(waiting) == 0 {
		q.workers.Go(func() { q.serve(in.room) })
	}
	return true
}

// next puts events of one room before all that wait there.
func (q *queues) next(room id.RoomID, first ...incoming) {
	if len(first) == 0 {
		return
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	waiting := q.rooms[room]
	if len(waiting) == 0 {
		q.rooms[room] = first
		q.workers.Go(func() { q.serve(room) })
		return
	}
	q.rooms[room] = slices.Insert(slices.Clip(waiting), 1, first...) // after the one being handled
}

// serve handles what waits in a room until nothing does.
func (q *queues) serve(room id.RoomID) {
	for {
		q.mu.Lock()
		in := q.rooms[room][0]
		q.moved[room] = time.Now()
		q.mu.Unlock()

		q.slots <- struct{}{}
		q.handle(in)
		<-q.slots

		q.mu.Lock()
		rest := q.rooms[room][1:]
		if len(rest) == 0 {
			delete(q.rooms, room)
			delete(q.moved, room)
			q.mu.Unlock()
			return
		}
		q.rooms[room] = rest
		q.mu.Unlock()
	}
}

// rest has a room, whose turn it is, wait for d and gives its place to others
// meanwhile. It returns false when ctx ends first. A room that rests is not stuck.
func (q *queues) rest(ctx context.Context, room id.RoomID, d time.Duration) bool {
	q.mu.Lock()
	delete(q.moved, room)
	q.mu.Unlock()
	<-q.slots
	rested := sleep(ctx, d)
	q.slots <- struct{}{}
	q.mu.Lock()
	q.moved[room] = time.Now()
	q.mu.Unlock()
	return rested
}

// depth is how many events wait or are being handled.
func (q *queues) depth() int {
	q.mu.Lock()
	defer q.mu.Unlock()
	n := 0
	for _, waiting := range q.rooms {
		n += len(waiting)
	}
	return n
}

// stuck returns the rooms in which nothing was done since a moment, and when
// the turn came of what is first there.
func (q *queues) stuck(since time.Time) map[id.RoomID]time.Time {
	q.mu.Lock()
	defer q.mu.Unlock()
	rooms := map[id.RoomID]time.Time{}
	for room, moved := range q.moved {
		if moved.Before(since) {
			rooms[room] = moved
		}
	}
	return rooms
}

// wait returns when nothing waits any more.
func (q *queues) wait() { q.workers.Wait() }
