package bot

import (
	"context"
	"strings"
	"sync"

	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"

	"wolkwijs/answer"
)

// The reactions that say what somebody thinks of an answer. Those with a skin
// tone begin with them.
const (
	thumbUp   = "👍"
	thumbDown = "👎"
)

// maxTopics is of how many answers is remembered what they were about.
const maxTopics = 2000

// topics are what the last answers were about. They are only kept in memory:
// which answer stood where is nobody's business later.
type topics struct {
	mu    sync.Mutex
	by    map[id.EventID]roomTopic
	order []id.EventID // oldest first
}

// roomTopic is what an answer in a room was about.
type roomTopic struct {
	room  id.RoomID
	topic string
}

// put notes what an answer is about; an edited answer can be about something
// else than it was.
func (t *topics) put(room id.RoomID, reply id.EventID, topic string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.by == nil {
		t.by = map[id.EventID]roomTopic{}
	}
	if _, known := t.by[reply]; !known {
		t.order = append(t.order, reply)
	}
	t.by[reply] = roomTopic{room, topic}
	for len(t.order) > maxTopics {
		delete(t.by, t.order[0])
		t.order = t.order[1:]
	}
}

// of returns what an answer in a room was about, or nothing.
func (t *topics) of(room id.RoomID, reply id.EventID) string {
	t.mu.Lock()
	defer t.mu.Unlock()
	if of := t.by[reply]; of.room == room {
		return of.topic
	}
	return ""
}

// feedbackTopic is what feedback on an answer is counted under: its topic, or
// else its command. Of a checked domain only that it was a check: its name is
// what somebody typed.
func feedbackTopic(a *answer.Answer) string {
	if a.Topic == "" {
		return a.Command
	}
	if kind, _, _ := strings.Cut(a.Topic, ":"); kind == "check" {
		return kind
	}
	return a.Topic
}

// feedback says whether a reaction is a thumb, and which.
func feedback(key string) (good, ok bool) {
	switch {
	case strings.HasPrefix(key, thumbUp):
		return true, true
	case strings.HasPrefix(key, thumbDown):
		return false, true
	}
	return false, false
}

// rates says whether a reaction is feedback on one of the last answers.
func (b *Bot) rates(room id.RoomID, relates event.RelatesTo) bool {
	_, ok := feedback(relates.Key)
	return ok && b.topics.of(room, relates.EventID) != ""
}

// rated counts a thumb for the topic of the answer. One that is taken back
// stays counted: to take it off, the bot would have to keep who gave it. So
// the numbers tell of tendencies, not of people.
func (b *Bot) rated(ctx context.Context, room id.RoomID, relates event.RelatesTo) {
	good, ok := feedback(relates.Key)
	topic := b.topics.of(room, relates.EventID)
	if !ok || topic == "" {
		return
	}
	if err := b.store.CountFeedback(ctx, topic, good); err != nil {
		b.log.Warn().Err(err).Msg("Cannot count feedback")
	}
}
