package store

import (
	"context"
	"fmt"
	"time"

	"maunium.net/go/mautrix/id"
)

// Sent is an event that the bot sent, as its acknowledgement or a /sync told.
type Sent struct {
	Room  id.RoomID
	Txn   string // the transaction ID it was sent under; no two messages share one
	Event id.EventID
}

// Copy is an event under a transaction ID under which another one stands: the
// homeserver took a message twice.
type Copy struct {
	Room          id.RoomID
	Event, Stands id.EventID
}

// sentFor is how long is known what was sent. Homeservers that queue what
// they take, to go on after a crash, queue it no longer than that.
const sentFor = 24 * time.Hour

// Sent notes an event that the bot sent and returns the one that stands under
// its transaction ID: the first that was told of. Any other is also noted as a
// copy.
func (s *Store) Sent(ctx context.Context, x Sent) (stands id.EventID, err error) {
	now := s.Now()
	err = s.db.QueryRow(ctx, `
		INSERT INTO sent (txn, room, event_id, noted) VALUES ($1, $2, $3, $4)
		ON CONFLICT (txn) DO UPDATE SET
			event_id=CASE WHEN sent.noted<$5 THEN excluded.event_id ELSE sent.event_id END,
			noted=CASE WHEN sent.noted<$5 THEN excluded.noted ELSE sent.noted END
		RETURNING event_id`,
		x.Txn, hash(string(x.Room)), x.Event, now.UnixMilli(), now.Add(-sentFor).UnixMilli()).Scan(&stands)
	if err == nil && stands != x.Event {
		err = s.exec(ctx, "INSERT INTO copy (event_id, room_id, stands) VALUES ($1, $2, $3) ON CONFLICT (event_id) DO NOTHING", x.Event, x.Room, stands)
	}
	if err != nil {
		return "", fmt.Errorf("noting what was sent: %w", err)
	}
	return stands, nil
}

// SentAs returns the event that stands under a transaction ID, or nothing.
func (s *Store) SentAs(ctx context.Context, txn string) (event id.EventID, err error) {
	_, err = found(s.db.QueryRow(ctx, "SELECT event_id FROM sent WHERE txn=$1 AND noted>=$2", txn, s.Now().Add(-sentFor).UnixMilli()).Scan(&event))
	return event, err
}

// Copies returns the copies that were noted and not dropped.
func (s *Store) Copies(ctx context.Context) ([]Copy, error) {
	rows, err := s.db.Query(ctx, "SELECT room_id, event_id, stands FROM copy ORDER BY event_id")
	if err != nil {
		return nil, fmt.Errorf("reading what was sent twice: %w", err)
	}
	defer rows.Close()
	var all []Copy
	for rows.Next() {
		var c Copy
		if err := rows.Scan(&c.Room, &c.Event, &c.Stands); err != nil {
			return nil, fmt.Errorf("reading what was sent twice: %w", err)
		}
		all = append(all, c)
	}
	return all, rows.Err()
}

// DropCopy forgets a copy that has been seen to.
func (s *Store) DropCopy(ctx context.Context, event id.EventID) error {
	return s.exec(ctx, "DELETE FROM copy WHERE event_id=$1", event)
}
