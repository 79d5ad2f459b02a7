package store

import (
	"context"
	"fmt"
	"strings"
	"time"

	"go.mau.fi/util/dbutil"
	"maunium.net/go/mautrix/id"
)

// Job is something that the bot does in a room of its own accord, again and
// again: each time it is due is an occurrence, which is done exactly once.
//
// What does that is in package bot: see JobKind there. Here is only what must
// survive a crash: which occurrence comes next, and whether it was begun.
type Job struct {
	Room id.RoomID
	Kind string // such as "tip"
	Name string // tells the jobs of a kind in one room apart; may be empty

	// Occurrence is the moment that comes next, to the millisecond. It names
	// the occurrence and never changes while that is being done. Zero means
	// that the job is paused.
	Occurrence time.Time
	// Due is when to do it: Occurrence, or later so that not all is done at
	// once, or because it failed and is tried again.
	Due time.Time
	// Begun is since when the occurrence may have been done. Zero means that
	// it certainly was not.
	Begun time.Time
	// State is what the kind keeps, as JSON.
	State string
}

const jobColumns = "room_id, kind, name, occurrence, due, begun, state"

// PutJob adds a job, or replaces the one of the same room, kind and name. An
// occurrence that was begun counts as done then.
func (s *Store) PutJob(ctx context.Context, j Job) error {
	return s.exec(ctx, `
		INSERT INTO job (`+jobColumns+`) VALUES ($1, $2, $3, $4, $5, 0, $6)
		ON CONFLICT (room_id, kind, name) DO UPDATE SET occurrence=excluded.occurrence, due=excluded.due, begun=0, state=excluded.state`,
		j.Room, j.Kind, j.Name, millis(j.Occurrence), millis(j.Due), j.State)
}

// Job returns a job, and whether there is such a job.
func (s *Store) Job(ctx context.Context, room id.RoomID, kind, name string) (Job, bool, error) {
	j, err := scanJob(s.db.QueryRow(ctx, "SELECT "+jobColumns+" FROM job WHERE room_id=$1 AND kind=$2 AND name=$3", room, kind, name))
	ok, err := found(err)
	return j, ok, err
}

// Jobs returns the jobs of a kind in a room, by name.
func (s *Store) Jobs(ctx context.Context, room id.RoomID, kind string) ([]Job, error) {
	return s.jobs(ctx, "SELECT "+jobColumns+" FROM job WHERE room_id=$1 AND kind=$2 ORDER BY name", room, kind)
}

// DueJobs returns what is due now of some kinds, the longest due first, at
// most limit jobs.
func (s *Store) DueJobs(ctx context.Context, kinds []string, limit int) ([]Job, error) {
	args := []any{s.Now().UnixMilli(), limit}
	var in []string
	for _, kind := range kinds {
		args = append(args, kind)
		in = append(in, fmt.Sprintf("$%d", len(args)))
	}
	return s.jobs(ctx, "SELECT "+jobColumns+" FROM job WHERE due>0 AND due<=$1 AND kind IN ("+strings.Join(in, ",")+") ORDER BY due, room_id, kind, name LIMIT $2", args...)
}

// NextDue returns when the next job is due that is not due yet. The zero time
// means never.
func (s *Store) NextDue(ctx context.Context) (time.Time, error) {
	var due int64
	err := s.db.QueryRow(ctx, "SELECT COALESCE(MIN(due), 0) FROM job WHERE due>$1", s.Now().UnixMilli()).Scan(&due)
	return moment(due), err
}

// CountJobs returns how many jobs of a kind are not paused.
func (s *Store) CountJobs(ctx context.Context, kind string) (n int, err error) {
	err = s.db.QueryRow(ctx, "SELECT count(*) FROM job WHERE kind=$1 AND due>0", kind).Scan(&n)
	return n, err
}

// JobCount is how the jobs of one kind are.
type JobCount struct {
	Kind           string
	Active, Paused int
	Overdue        int       // due by now, of those that are active
	OldestDue      time.Time // of those that are overdue
}

// CountAllJobs returns how the jobs of each kind are, by kind.
func (s *Store) CountAllJobs(ctx context.Context) ([]JobCount, error) {
	rows, err := s.db.Query(ctx, `
		SELECT kind, SUM(CASE WHEN due>0 THEN 1 ELSE 0 END), SUM(CASE WHEN due>0 THEN 0 ELSE 1 END),
			SUM(CASE WHEN due>0 AND due<=$1 THEN 1 ELSE 0 END), COALESCE(MIN(CASE WHEN due>0 AND due<=$1 THEN due END), 0)
		FROM job GROUP BY kind ORDER BY kind`, s.Now().UnixMilli())
	if err != nil {
		return nil, fmt.Errorf("counting jobs: %w", err)
	}
	defer rows.Close()
	var all []JobCount
	for rows.Next() {
		var c JobCount
		var oldest int64
		if err := rows.Scan(&c.Kind, &c.Active, &c.Paused, &c.Overdue, &oldest); err != nil {
			return nil, fmt.Errorf("counting jobs: %w", err)
		}
		c.OldestDue = moment(oldest)
		all = append(all, c)
	}
	return all, rows.Err()
}

// RoomsWithJobs returns how many jobs of a kind each room has that are not
// paused.
func (s *Store) RoomsWithJobs(ctx context.Context, kind string) (map[id.RoomID]int, error) {
	rows, err := s.db.Query(ctx, "SELECT room_id, count(*) FROM job WHERE kind=$1 AND due>0 GROUP BY room_id", kind)
	if err != nil {
		return nil, fmt.Errorf("counting jobs: %w", err)
	}
	defer rows.Close()
	all := map[id.RoomID]int{}
	for rows.Next() {
		var room id.RoomID
		var n int
		if err := rows.Scan(&room, &n); err != nil {
			return nil, fmt.Errorf("counting jobs: %w", err)
		}
		all[room] = n
	}
	return all, rows.Err()
}

// BeginJob notes that the occurrence of j is about to be done, with the state
// that says what it will be. From then on only the homeserver knows whether it
// was done. It returns false, and changes nothing, where the job was changed,
// paused or removed meanwhile; else it brings j up to date.
func (s *Store) BeginJob(ctx context.Context, j *Job, state string) (bool, error) {
	now := millis(s.Now())
	ok, err := s.changeJob(ctx, j, "begun=$5, state=$6", now, state)
	if ok {
		j.Begun, j.State = moment(now), state
	}
	return ok, err
}

// EndJob notes that the occurrence of j is done or passed over, what the kind
// keeps of it, and when the next one is and is due: zero pauses the job. It
// returns false, and changes nothing, where the job was changed, paused or
// removed meanwhile.
func (s *Store) EndJob(ctx context.Context, j Job, state string, occurrence, due time.Time) (bool, error) {
	return s.changeJob(ctx, &j, "begun=0, state=$5, occurrence=$6, due=$7", state, millis(occurrence), millis(due))
}

// SetJobState changes what is kept of j, and nothing else.
func (s *Store) SetJobState(ctx context.Context, j Job, state string) error {
	_, err := s.changeJob(ctx, &j, "state=$5", state)
	return err
}

// PostponeJob has the occurrence of j tried later.
func (s *Store) PostponeJob(ctx context.Context, j Job, due time.Time) error {
	_, err := s.changeJob(ctx, &j, "due=$5", millis(due))
	return err
}

// changeJob changes a job, unless it is not the same occurrence any more.
func (s *Store) changeJob(ctx context.Context, j *Job, set string, args ...any) (bool, error) {
	res, err := s.db.Exec(ctx, "UPDATE job SET "+set+" WHERE room_id=$1 AND kind=$2 AND name=$3 AND occurrence=$4",
		append([]any{j.Room, j.Kind, j.Name, millis(j.Occurrence)}, args...)...)
	if err != nil {
		return false, fmt.Errorf("changing a job: %w", err)
	}
	n, err := res.RowsAffected()
	return n == 1, err
}

// DropJob removes a job, if there is one.
func (s *Store) DropJob(ctx context.Context, room id.RoomID, kind, name string) error {
	return s.exec(ctx, "DELETE FROM job WHERE room_id=$1 AND kind=$2 AND name=$3", room, kind, name)
}

// MoveJobs gives the jobs of one room to the room that replaces it. What the
// new room has already stays as it is.
func (s *Store) MoveJobs(ctx context.Context, from, to id.RoomID) error {
	return s.db.DoTxn(ctx, nil, func(ctx context.Context) error {
		for _, query := range []string{
			"DELETE FROM job WHERE room_id=$1 AND EXISTS (SELECT 1 FROM job AS there WHERE there.room_id=$2 AND there.kind=job.kind AND there.name=job.name)",
			"UPDATE job SET room_id=$2 WHERE room_id=$1",
		} {
			if _, err := s.db.Exec(ctx, query, from, to); err != nil {
				return fmt.Errorf("moving jobs: %w", err)
			}
		}
		return nil
	})
}

func (s *Store) jobs(ctx context.Context, query string, args ...any) ([]Job, error) {
	rows, err := s.db.Query(ctx, query, args...)
	if err != nil {
		return nil, fmt.Errorf("reading jobs: %w", err)
	}
	defer rows.Close()
	var all []Job
	for rows.Next() {
		j, err := scanJob(rows)
		if err != nil {
			return nil, fmt.Errorf("reading jobs: %w", err)
		}
		all = append(all, j)
	}
	return all, rows.Err()
}

func scanJob(row dbutil.Scannable) (j Job, err error) {
	var occurrence, due, begun int64
	err = row.Scan(&j.Room, &j.Kind, &j.Name, &occurrence, &due, &begun, &j.State)
	j.Occurrence, j.Due, j.Begun = moment(occurrence), moment(due), moment(begun)
	return j, err
}

// millis is a moment as it is stored: Unix milliseconds, 0 for none.
func millis(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}

// moment is the opposite of millis.
func moment(ms int64) time.Time {
	if ms == 0 {
		return time.Time{}
	}
	return time.UnixMilli(ms)
}
