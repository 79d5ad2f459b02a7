package bot

import (
	"context"
	"fmt"
	"testing"

	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"

	"wolkwijs/answer"
	"wolkwijs/bot/hstest"
	"wolkwijs/commands"
	"wolkwijs/lang"
)

// about answers everything, about the topic that the text names.
type about struct{}

func (about) Answer(_ context.Context, r commands.Request) *answer.Answer {
	a := answer.New(lang.NL, answer.Plain("answer"))
	a.Topic, a.Command = r.Text, "question"
	return a
}

// react has user react to an event.
func (w *world) react(room id.RoomID, user id.UserID, to id.EventID, key string) {
	w.hs.Send(room, user, "m.reaction", object{"m.relates_to": object{"rel_type": "m.annotation", "event_id": to, "key": key}})
	w.settle()
}

// lastAnswer is the bot's last message in a room.
func (w *world) lastAnswer(room id.RoomID) (reply id.EventID) {
	for _, e := range w.hs.Events(room) {
		if e.Sender == hstest.Bot && e.Type == "m.room.message" {
			reply = e.ID
		}
	}
	return reply
}

func TestFeedbackIsCountedPerTopic(t *testing.T) {
	inWorld(t, func(w *world) {
		w.answerer = about{}
		w.start()
		room := w.direct()
		for _, tt := range []struct {
			topic     string
			reactions []string
		}{
			{"passwords", []string{"👍"}},
			{"passwords", []string{"👎🏽", "👍🏿"}},
			{"check:somebodys-own.example", []string{"👍"}},
			{"spf", []string{"🎉", "❤️"}},
		} {
			w.hs.Say(room, alice, tt.topic)
			w.settle()
			reply := w.lastAnswer(room)
			for _, key := range tt.reactions {
				w.react(room, alice, reply, key)
			}
		}
		w.hs.Say(room, alice, "a message that is no answer")
		w.settle()
		for _, e := range w.hs.Events(room) {
			if e.Sender == alice && e.Type == event.EventMessage.Type {
				w.react(room, alice, e.ID, "👍")
			}
		}
		got, err := w.store.Feedback(w.t.Context(), 10)
		if want := "[{passwords 2 1} {check 1 0}]"; err != nil || fmt.Sprint(got) != want {
			t.Errorf("counted %v, %v, want %s", got, err, want)
		}
	})
}

// The reaction that takes up an offer says nothing about the answer.
func TestPickingIsNoFeedback(t *testing.T) {
	inWorld(t, func(w *world) {
		w.answerer = offering{}
		w.start()
		room := w.direct()
		w.hs.Say(room, alice, "question")
		w.settle()
		reply := w.lastAnswer(room)
		w.react(room, alice, reply, "👍")
		w.wantSaid(room, "Yes?", "picked")
		w.react(room, bob, reply, "👎")
		got, err := w.store.Feedback(w.t.Context(), 10)
		if want := "[{offer 0 1}]"; err != nil || fmt.Sprint(got) != want {
			t.Errorf("counted %v, %v, want %s", got, err, want)
		}
	})
}

// offering offers one choice and takes it up.
type offering struct{}

func (offering) Answer(_ context.Context, r commands.Request) *answer.Answer {
	if r.Text == "!go" {
		return answer.New(lang.NL, answer.Plain("picked"))
	}
	a := answer.New(lang.NL, answer.Plain("Yes?"))
	a.Topic = "offer"
	a.Choices = []answer.Choice{{Label: answer.Plain("Go"), Command: "go"}}
	return a
}

func TestOldAnswersAreForgotten(t *testing.T) {
	var kept topics
	for i := range maxTopics + 1 {
		kept.put("!club", id.EventID(fmt.Sprintf("$%d", i)), "topic")
	}
	if kept.of("!club", "$0") != "" || kept.of("!club", "$1") != "topic" || len(kept.by) != maxTopics || len(kept.order) != maxTopics {
		t.Errorf("%d and %d answers are remembered, want the last %d", len(kept.by), len(kept.order), maxTopics)
	}
}
