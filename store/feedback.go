package store

import "context"

// Feedback is how often people found the answers about a topic good or bad.
// Nothing is kept of who they were and what they had asked.
type Feedback struct {
	Topic    string
	Up, Down int
}

// CountFeedback counts one reaction to an answer about a topic.
func (s *Store) CountFeedback(ctx context.Context, topic string, good bool) error {
	up, down := 0, 1
	if good {
		up, down = 1, 0
	}
	return s.exec(ctx, `
		INSERT INTO feedback (topic, up, down) VALUES ($1, $2, $3)
		ON CONFLICT (topic) DO UPDATE SET up=feedback.up+excluded.up, down=feedback.down+excluded.down`, topic, up, down)
}

// Feedback returns the topics with the most reactions, at most limit of them,
// the most first.
func (s *Store) Feedback(ctx context.Context, limit int) ([]Feedback, error) {
	rows, err := s.db.Query(ctx, "SELECT topic, up, down FROM feedback ORDER BY up+down DESC, topic LIMIT $1", limit)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var all []Feedback
	for rows.Next() {
		var f Feedback
		if err := rows.Scan(&f.Topic, &f.Up, &f.Down); err != nil {
			return nil, err
		}
		all = append(all, f)
	}
	return all, rows.Err()
}
