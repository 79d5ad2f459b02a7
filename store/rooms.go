package store

import (
	"context"

	"maunium.net/go/mautrix/id"

	"wolkwijs/lang"
)

// Room is what is kept of a room.
type Room struct {
	Language  lang.Code  // empty if none was chosen
	Direct    bool       // it was made as a direct message
	Named     bool       // it has a name
	Joined    bool       // the bot is in it
	Welcomed  bool       // the welcome message was sent
	LastEvent id.EventID // the newest event stored
	Described string     // fingerprint of the commands described in its state; empty: none
}

// Room returns what is kept of a room. The zero Room and false mean that
// nothing is.
func (s *Store) Room(ctx context.Context, room id.RoomID) (Room, bool, error) {
	var r Room
	ok, err := found(s.db.QueryRow(ctx,
		"SELECT language, direct, named, joined, welcomed, last_event, described FROM room WHERE room_id=$1", room,
	).Scan(&r.Language, &r.Direct, &r.Named, &r.Joined, &r.Welcomed, &r.LastEvent, &r.Described))
	return r, ok, err
}

// SetLanguage chooses the language of a room.
func (s *Store) SetLanguage(ctx context.Context, room id.RoomID, l lang.Code) error {
	return s.exec(ctx, "INSERT INTO room (room_id, language) VALUES ($1, $2) ON CONFLICT (room_id) DO UPDATE SET language=excluded.language", room, l)
}

// SetDirect records that a room was made as a direct message.
func (s *Store) SetDirect(ctx context.Context, room id.RoomID) error {
	return s.exec(ctx, "INSERT INTO room (room_id, direct) VALUES ($1, true) ON CONFLICT (room_id) DO UPDATE SET direct=true", room)
}

// SetNamed records whether a room has a name.
func (s *Store) SetNamed(ctx context.Context, room id.RoomID, named bool) error {
	return s.exec(ctx, "INSERT INTO room (room_id, named) VALUES ($1, $2) ON CONFLICT (room_id) DO UPDATE SET named=excluded.named", room, named)
}

// SetWelcomed records that the welcome message was sent to a room.
func (s *Store) SetWelcomed(ctx context.Context, room id.RoomID) error {
	return s.exec(ctx, "UPDATE room SET welcomed=true WHERE room_id=$1", room)
}

// SetDescribed records which commands are described in a room's state.
func (s *Store) SetDescribed(ctx context.Context, room id.RoomID, fingerprint string) error {
	return s.exec(ctx, "UPDATE room SET described=$2 WHERE room_id=$1", room, fingerprint)
}

// MoveRoom gives the settings of one room to the room that replaces it, where
// the bot need not introduce itself again. What was chosen in the new room
// already stays as it is.
func (s *Store) MoveRoom(ctx context.Context, from, to id.RoomID) error {
	return s.exec(ctx, `
		INSERT INTO room (room_id, language, direct, welcomed) SELECT $2, language, direct, true FROM room WHERE room_id=$1
		ON CONFLICT (room_id) DO UPDATE SET
			language=CASE WHEN room.language='' THEN excluded.language ELSE room.language END,
			direct=room.direct OR excluded.direct, welcomed=true`, from, to)
}

// ForgetRoom removes everything kept of a room.
func (s *Store) ForgetRoom(ctx context.Context, room id.RoomID) error {
	return s.db.DoTxn(ctx, nil, func(ctx context.Context) error {
		for _, query := range []string{
			"DELETE FROM room WHERE room_id=$1",
			"DELETE FROM inbox WHERE room_id=$1",
			"DELETE FROM job WHERE room_id=$1",
			"DELETE FROM copy WHERE room_id=$1",
		} {
			if _, err := s.db.Exec(ctx, query, room); err != nil {
				return err
			}
		}
		// Where the bot comes again it says the same again, under the same
		// transaction IDs.
		_, err := s.db.Exec(ctx, "DELETE FROM sent WHERE room=$1", hash(string(room)))
		return err
	})
}

// CountRooms returns how many rooms the bot is in.
func (s *Store) CountRooms(ctx context.Context) (n int, err error) {
	err = s.db.QueryRow(ctx, "SELECT count(*) FROM room WHERE joined").Scan(&n)
	return n, err
}

// Unwelcomed returns the rooms that the bot is in and has not welcomed.
func (s *Store) Unwelcomed(ctx context.Context) ([]id.RoomID, error) {
	return s.roomIDs(ctx, "SELECT room_id FROM room WHERE joined AND NOT welcomed ORDER BY room_id")
}

// Rooms returns the rooms that the bot is in.
func (s *Store) Rooms(ctx context.Context) ([]id.RoomID, error) {
	return s.roomIDs(ctx, "SELECT room_id FROM room WHERE joined ORDER BY room_id")
}

// roomIDs runs a query for room IDs.
func (s *Store) roomIDs(ctx context.Context, query string) ([]id.RoomID, error) {
	rows, err := s.db.Query(ctx, query)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var rooms []id.RoomID
	for rows.Next() {
		var room id.RoomID
		if err := rows.Scan(&room); err != nil {
			return nil, err
		}
		rooms = append(rooms, room)
	}
	return rooms, rows.Err()
}
