package homeserver

import (
	"context"
	"database/sql"
	"fmt"
	"path/filepath"

	_ "modernc.org/sqlite" // the database/sql driver "sqlite", without cgo
)

// Graph returns the place of every event in the graph of its room, by event
// ID: an event comes after those that its sender's homeserver had accepted
// when it was sent. Clients are shown that order too, but for events of which
// a homeserver that was killed tells late.
func (h *Homeserver) Graph(ctx context.Context) (map[string]int, error) {
	db, err := sql.Open("sqlite", "file:"+filepath.Join(h.options.Dir, "rooms.db")+"?mode=ro&_pragma=busy_timeout(10000)")
	if err != nil {
		return nil, fmt.Errorf("read the graph of rooms: %w", err)
	}
	defer db.Close()
	rows, err := db.QueryContext(ctx, "SELECT event_id FROM roomserver_events ORDER BY depth, event_nid")
	if err != nil {
		return nil, fmt.Errorf("read the graph of rooms: %w", err)
	}
	defer rows.Close()
	places := map[string]int{}
	for rows.Next() {
		var event string
		if err := rows.Scan(&event); err != nil {
			return nil, fmt.Errorf("read the graph of rooms: %w", err)
		}
		places[event] = len(places)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("read the graph of rooms: %w", err)
	}
	return places, nil
}
