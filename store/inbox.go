package store

import (
	"context"
	"fmt"
	"time"

	"maunium.net/go/mautrix/id"
)

// Event is an event in the inbox: where it is, not what it says. What it says
// is fetched again from the homeserver when it is needed after a restart.
type Event struct {
	Room  id.RoomID
	ID    id.EventID
	Begun bool // an answer may be on its way, see [Store.Begin]
}

// RoomNews is what one /sync told about a room the bot is in.
type RoomNews struct {
	Room      id.RoomID
	LastEvent id.EventID // newest event of the timeline; empty: unchanged
}

// Batch is what one /sync brought.
type Batch struct {
	Since  string // its next_batch
	Rooms  []RoomNews
	Events []Event // what may have to be answered, oldest first
	Sent   []Sent  // what came back of the bot's own, oldest first

	Copied bool // set by [Store.Receive]: some of what was sent is a copy
}

// loadSeq finds where the numbering of events goes on.
func (s *Store) loadSeq(ctx context.Context) error {
	if err := s.db.QueryRow(ctx, "SELECT COALESCE(MAX(seq), 0) FROM inbox").Scan(&s.lastSeq); err != nil {
		return fmt.Errorf("reading the inbox: %w", err)
	}
	return nil
}

// Receive stores a batch and how far user has read, all or nothing. It
// returns the events that were not in the inbox before, in the same order.
func (s *Store) Receive(ctx context.Context, user id.UserID, b *Batch) (fresh []Event, err error) {
	now := s.Now().UnixMilli()
	s.receiving.Lock()
	defer s.receiving.Unlock()
	err = s.db.DoTxn(ctx, nil, func(ctx context.Context) error {
		seq := s.lastSeq
		for _, r := range b.Rooms {
			if _, err := s.db.Exec(ctx, `
				INSERT INTO room (room_id, joined, last_event) VALUES ($1, true, $2)
				ON CONFLICT (room_id) DO UPDATE SET joined=true,
					last_event=CASE WHEN $2='' THEN room.last_event ELSE $2 END`,
				r.Room, r.LastEvent); err != nil {
				return err
			}
		}
		for _, e := range b.Events {
			seq++
			isFresh, err := s.keep(ctx, e, seq, now)
			if err != nil {
				return err
			}
			if isFresh {
				fresh = append(fresh, e)
			}
		}
		for _, x := range b.Sent {
			stands, err := s.Sent(ctx, x)
			if err != nil {
				return err
			}
			b.Copied = b.Copied || stands != x.Event
		}
		_, err := s.db.Exec(ctx, "UPDATE session SET since=$2 WHERE account=$1", hash(string(user)), b.Since)
		s.lastSeq = seq // even if this is rolled back: numbers may be skipped, not used twice
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("storing what came in: %w", err)
	}
	s.log.wrote() // often enough: every /sync ends here
	return fresh, nil
}

// keep puts an event into the inbox as number seq, and says whether it was not
// there before.
func (s *Store) keep(ctx context.Context, e Event, seq, now int64) (fresh bool, err error) {
	res, err := s.db.Exec(ctx, "INSERT INTO inbox (hash, seq, room_id, event_id, received) VALUES ($1, $2, $3, $4, $5) ON CONFLICT (hash) DO NOTHING",
		hash(string(e.ID)), seq, e.Room, e.ID, now)
	if err != nil {
		return false, err
	}
	n, err := res.RowsAffected()
	return n == 1, err
}

// Add puts one event into the inbox that no /sync brought, unless it is there.
func (s *Store) Add(ctx context.Context, e Event) error {
	s.receiving.Lock()
	defer s.receiving.Unlock()
	s.lastSeq++
	if _, err := s.keep(ctx, e, s.lastSeq, s.Now().UnixMilli()); err != nil {
		return fmt.Errorf("storing an event: %w", err)
	}
	return nil
}

// Pending returns the events that are not handled yet, oldest first.
func (s *Store) Pending(ctx context.Context) ([]Event, error) {
	rows, err := s.db.Query(ctx, "SELECT room_id, event_id, begun FROM inbox WHERE handled=0 ORDER BY seq")
	if err != nil {
		return nil, fmt.Errorf("reading the inbox: %w", err)
	}
	defer rows.Close()
	var events []Event
	for rows.Next() {
		var e Event
		if err := rows.Scan(&e.Room, &e.ID, &e.Begun); err != nil {
			return nil, fmt.Errorf("reading the inbox: %w", err)
		}
		events = append(events, e)
	}
	return events, rows.Err()
}

// Begin notes that an answer to an event is about to be sent. From then on
// only the homeserver knows whether it has arrived.
func (s *Store) Begin(ctx context.Context, event id.EventID) error {
	return s.exec(ctx, "UPDATE inbox SET begun=true WHERE hash=$1", hash(string(event)))
}

// Handled marks an event as done, with the event ID of the answer, or empty
// if it needed none. From then on only its hash is kept.
func (s *Store) Handled(ctx context.Context, event, reply id.EventID) error {
	return s.exec(ctx, `
		INSERT INTO inbox (hash, seq, room_id, event_id, received, handled, reply_id) VALUES ($1, 0, '', '', $2, $2, $3)
		ON CONFLICT (hash) DO UPDATE SET handled=excluded.handled, reply_id=excluded.reply_id, room_id='', event_id=''`,
		hash(string(event)), s.Now().UnixMilli(), reply)
}

// Reopen puts an event in the inbox that may have been handled already: it is
// to be handled once more.
func (s *Store) Reopen(ctx context.Context, e Event) error {
	s.receiving.Lock()
	defer s.receiving.Unlock()
	s.lastSeq++
	return s.exec(ctx, `
		INSERT INTO inbox (hash, seq, room_id, event_id, received) VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (hash) DO UPDATE SET handled=0, seq=excluded.seq, room_id=excluded.room_id, event_id=excluded.event_id`,
		hash(string(e.ID)), s.lastSeq, e.Room, e.ID, s.Now().UnixMilli())
}

// Reply returns the event ID of the answer to an event, and whether the event
// is known at all. The ID is empty where there was no answer (yet).
func (s *Store) Reply(ctx context.Context, event id.EventID) (reply id.EventID, known bool, err error) {
	known, err = found(s.db.QueryRow(ctx, "SELECT reply_id FROM inbox WHERE hash=$1", hash(string(event))).Scan(&reply))
	return reply, known, err
}

// IsReply says whether an event is one of the answers that are known.
func (s *Store) IsReply(ctx context.Context, event id.EventID) (bool, error) {
	var one int
	return found(s.db.QueryRow(ctx, "SELECT 1 FROM inbox WHERE reply_id=$1 LIMIT 1", event).Scan(&one))
}

// Expire forgets the events that were handled longer than age ago, and what
// was sent so long ago that no copy of it comes any more.
func (s *Store) Expire(ctx context.Context, age time.Duration) error {
	if err := s.exec(ctx, "DELETE FROM sent WHERE noted<$1", s.Now().Add(-sentFor).UnixMilli()); err != nil {
		return err
	}
	return s.exec(ctx, "DELETE FROM inbox WHERE handled>0 AND handled<$1", s.Now().Add(-age).UnixMilli())
}

// Once says whether this is the first time that it is called with key, or the
// first time since that was forgotten with the handled events.
func (s *Store) Once(ctx context.Context, key string) (bool, error) {
	res, err := s.db.Exec(ctx, "INSERT INTO inbox (hash, seq, room_id, event_id, received, handled) VALUES ($1, 0, '', '', $2, $2) ON CONFLICT (hash) DO NOTHING",
		hash("once "+key), s.Now().UnixMilli())
	if err != nil {
		return false, err
	}
	n, err := res.RowsAffected()
	return n == 1, err
}
