package bot

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"

	"wolkwijs/answer"
	"wolkwijs/bot/hstest"
	"wolkwijs/config"
	"wolkwijs/lang"
)

// isMessage says whether a request sends a message, encrypted or not.
func isMessage(r *http.Request) bool {
	return strings.Contains(r.URL.Path, "/send/m.room.message/") || strings.Contains(r.URL.Path, "/send/m.room.encrypted/")
}

// once lets a fault happen to the first request that match accepts.
func once(match func(*http.Request) bool) func(*http.Request) bool {
	var done atomic.Bool
	return func(r *http.Request) bool { return match(r) && !done.Swap(true) }
}

// killAtSend has the homeserver be killed when it has queued the next message
// of the bot: what it queued is shown only when it is flushed.
func (w *world) killAtSend() {
	first := once(isMessage)
	w.hs.SetQueue(func(r *http.Request) bool {
		if !first(r) {
			return false
		}
		w.hs.Restart()
		return true
	})
}

// standing returns the messages of the bot in a room that nobody has redacted,
// and how many it has redacted itself.
func (w *world) standing(room id.RoomID) (all []hstest.Event, redacted int) {
	for _, e := range w.hs.Events(room) {
		switch {
		case e.Sender != hstest.Bot:
		case e.Type == "m.room.redaction":
			redacted++
		case (e.Type == "m.room.message" || e.Type == "m.room.encrypted") && len(e.Content) > 0:
			all = append(all, e)
		}
	}
	return all, redacted
}

// replies are the standing replies to an event, and how many messages the bot
// has redacted.
func (w *world) replies(room id.RoomID, to id.EventID) (all []id.EventID, redacted int) {
	standing, redacted := w.standing(room)
	for _, e := range standing {
		if answers(&event.Event{Content: event.Content{Raw: e.Content}}) == to {
			all = append(all, e.ID)
		}
	}
	return all, redacted
}

// wantOne checks that a question has one standing answer, which the bot knows,
// and how often it redacted something.
func (w *world) wantOne(room id.RoomID, question id.EventID, redactions int) {
	w.t.Helper()
	stand, redacted := w.replies(room, question)
	known, _, err := w.store.Reply(context.Background(), question)
	if len(stand) != 1 || redacted != redactions || err != nil || stand[0] != known {
		w.t.Errorf("standing answers %v and %d redactions, the bot knows %s (%v); want one and %d\n%s", stand, redacted, known, err, redactions, w.log.String())
	}
}

// The homeserver is killed with an answer in its queue, shows it only after
// the bot has answered again, and does not know that it is the same.
func TestLateCopyIsTakenBack(t *testing.T) {
	late := map[string]func(w *world, room id.RoomID){
		"soon": func(w *world, room id.RoomID) {
			w.hs.Flush()
			w.settle()
		},
		"after hours": func(w *world, room id.RoomID) {
			w.pass(3 * time.Hour)
			w.hs.Flush()
			w.settle()
		},
		"after a restart of the bot": func(w *world, room id.RoomID) {
			w.end()
			w.start()
			w.hs.Flush()
			w.settle()
		},
		"while the bot is off": func(w *world, room id.RoomID) {
			w.end()
			w.hs.Flush()
			w.start()
		},
		"and the bot dies before it is taken back": func(w *world, room id.RoomID) {
			w.hs.SetFail(func(_ http.ResponseWriter, r *http.Request) bool { return strings.Contains(r.URL.Path, "/redact/") })
			w.hs.Flush()
			w.pass(time.Minute)
			w.crash()
			w.hs.SetFail(nil)
			w.start()
		},
		"and the homeserver takes the redaction twice": func(w *world, room id.RoomID) {
			w.hs.SetLose(once(func(r *http.Request) bool { return strings.Contains(r.URL.Path, "/redact/") }))
			w.hs.Flush()
			w.pass(time.Minute)
		},
		"before the answer that stands": func(w *world, room id.RoomID) {
			w.hs.SetFail(func(rw http.ResponseWriter, r *http.Request) bool {
				if !strings.Contains(r.URL.Path, "/event/") {
					return false
				}
				rw.WriteHeader(http.StatusNotFound)
				fmt.Fprint(rw, `{"errcode":"M_NOT_FOUND"}`)
				return true
			})
			w.hs.Flush()
			w.pass(2 * time.Minute)
			if _, redacted := w.standing(room); redacted > 0 {
				w.t.Error("it was taken back while it was the only one")
			}
			w.hs.SetFail(nil)
			w.pass(time.Minute)
		},
	}
	for name, late := range late {
		t.Run(name, func(t *testing.T) {
			inWorld(t, func(w *world) {
				w.start()
				room := w.club()
				w.killAtSend()
				question := w.hs.Say(room, alice, "!echo one")
				w.pass(time.Minute)
				w.wantOne(room, question, 0)
				late(w, room)
				w.wantOne(room, question, 1)
				// It is over: nothing more happens, after a restart neither.
				w.pass(time.Hour)
				w.end()
				w.start()
				w.pass(time.Hour)
				w.wantOne(room, question, 1)
			})
		})
	}
	t.Run("encrypted", func(t *testing.T) {
		inSecretWorld(t, func(w *world) {
			w.start()
			room := w.secretClub()
			w.killAtSend()
			question := w.whisper(room, alice, "m.room.message", object{"msgtype": "m.text", "body": "!echo one"}, true)
			w.pass(time.Minute)
			w.wantOne(room, question, 0)
			w.end()
			w.start()
			w.hs.Flush()
			w.settle()
			w.wantOne(room, question, 1)
		})
	})
}

// The queue is flushed while the bot sends again: whichever it hears of first
// stands, and is the one that it changes and takes back with the question.
func TestCopyThatComesMeanwhile(t *testing.T) {
	inWorld(t, func(w *world) {
		w.start()
		club := w.club()
		w.killAtSend()
		w.hs.SetFail(func(_ http.ResponseWriter, r *http.Request) bool {
			if isMessage(r) {
				w.hs.Flush()
				time.Sleep(time.Second) // until the bot has heard of it
			}
			return false
		})
		question := w.hs.Say(club, alice, "!echo one")
		w.pass(time.Minute)
		w.wantOne(club, question, 1)
		w.hs.Redact(club, alice, question)
		w.settle()
		if stand, redacted := w.replies(club, question); len(stand) != 0 || redacted != 2 {
			t.Errorf("%v stand, %d redactions", stand, redacted)
		}
	})
}

// The question was deleted, and the answer taken back, before the copy came.
func TestCopyOfWhatWasTakenBack(t *testing.T) {
	inWorld(t, func(w *world) {
		w.start()
		club := w.club()
		w.killAtSend()
		question := w.hs.Say(club, alice, "!echo one")
		w.pass(time.Minute)
		w.hs.Redact(club, alice, question)
		w.settle()
		w.hs.Flush()
		w.settle()
		if stand, redacted := w.replies(club, question); len(stand) != 0 || redacted != 2 {
			t.Errorf("%v stand, %d redactions", stand, redacted)
		}
	})
}

// Somebody else has removed the answer: the copy may be the only one.
func TestCopyThatIsTheOnlyAnswerStays(t *testing.T) {
	inWorld(t, func(w *world) {
		w.start()
		club := w.club()
		w.killAtSend()
		question := w.hs.Say(club, alice, "!echo one")
		w.pass(time.Minute)
		stand, _ := w.replies(club, question)
		w.hs.Redact(club, bob, stand[0])
		w.hs.Flush()
		w.pass(time.Hour)
		if stand, redacted := w.replies(club, question); len(stand) != 1 || redacted != 0 {
			t.Errorf("%v stand, %d redactions", stand, redacted)
		}
	})
}

// The answer has arrived and came by /sync, but the homeserver leaves it out
// of what was said in the room.
func TestAnswerThatOnlySyncTellsOf(t *testing.T) {
	for _, crash := range []bool{false, true} {
		t.Run(fmt.Sprint("crash ", crash), func(t *testing.T) {
			inWorld(t, func(w *world) {
				w.start()
				club := w.club()
				w.hs.SetUnlisted(func(e *hstest.Event) bool { return e.Sender == hstest.Bot })
				first := once(isMessage)
				w.hs.SetLose(func(r *http.Request) bool {
					if !first(r) {
						return false
					}
					w.hs.Restart()
					if crash {
						w.cut.dead()
					}
					return true
				})
				question := w.hs.Say(club, alice, "!echo one")
				if crash {
					w.settle()
					w.crash()
					w.start()
				}
				w.pass(time.Minute)
				w.wantOne(club, question, 0)
			})
		})
	}
}

// While /sync does not come through the bot waits some time for what it may
// bring before it answers again.
func TestWaitsForTheSyncThatMayTell(t *testing.T) {
	inWorld(t, func(w *world) {
		w.start()
		club := w.club()
		w.hs.SetUnlisted(func(e *hstest.Event) bool { return e.Sender == hstest.Bot })
		w.hs.SetLose(func(r *http.Request) bool {
			if isMessage(r) {
				w.hs.Restart()
				w.cut.dead()
				return true
			}
			return false
		})
		question := w.hs.Say(club, alice, "!echo one")
		w.settle()
		w.crash()
		w.hs.SetLose(nil)
		started := time.Now()
		w.hs.SetFail(func(_ http.ResponseWriter, r *http.Request) bool {
			return strings.HasSuffix(r.URL.Path, "/sync") && time.Since(started) < 8*time.Second
		})
		w.start()
		w.pass(time.Minute)
		w.wantOne(club, question, 0)
	})
}

// The introduction has arrived, its acknowledgement has not, and the homeserver
// does not know the transaction ID any more.
func TestIntroductionWithoutAcknowledgement(t *testing.T) {
	inWorld(t, func(w *world) {
		w.start()
		first := once(isMessage)
		w.hs.SetLose(func(r *http.Request) bool {
			if !first(r) {
				return false
			}
			w.hs.Restart()
			return true
		})
		club := w.club()
		w.pass(time.Minute)
		if said, redacted := w.standing(club); len(said) != 1 || redacted != 0 {
			t.Errorf("%d messages, %d redactions", len(said), redacted)
		}
	})
}

// A post, and what the bot says by itself, is taken back like an answer.
func TestLateCopyOfAPost(t *testing.T) {
	inWorld(t, func(w *world) {
		w.start()
		w.killAtSend()
		club := w.club() // the introduction is queued
		w.pass(time.Minute)
		w.killAtSend()
		tip := answer.New(lang.NL, answer.Plain("Tip van de week"))
		if _, err := w.bot.Post(context.Background(), club, "week 1", tip); err != nil {
			t.Fatal(err)
		}
		if said, redacted := w.standing(club); len(said) != 2 || redacted != 0 {
			t.Fatalf("%d messages, %d redactions", len(said), redacted)
		}
		w.end()
		w.start()
		w.hs.Flush()
		w.settle()
		if said, redacted := w.standing(club); len(said) != 2 || redacted != 2 {
			t.Errorf("%d messages, %d redactions", len(said), redacted)
		}
	})
}

// Everything that the bot may well say further is left alone, also when it
// replies to the same event, and when /sync tells all of it again.
func TestFurtherMessagesStay(t *testing.T) {
	inWorld(t, func(w *world) {
		w.cfg.Limits.PerUser = config.Rate{Count: 12, Per: time.Minute}
		w.start()
		club := w.club()
		react := func(to id.EventID, key string) {
			w.hs.Send(club, alice, "m.reaction", object{"m.relates_to": object{"rel_type": "m.annotation", "event_id": to, "key": key}})
			w.settle()
		}
		edit := func(of id.EventID, text string) {
			w.hs.Send(club, alice, "m.room.message", object{
				"msgtype": "m.text", "body": "* " + text, "m.new_content": object{"msgtype": "m.text", "body": text},
				"m.relates_to": object{"rel_type": "m.replace", "event_id": of},
			})
			w.settle()
		}
		ask := func(text string) id.EventID {
			question := w.hs.Say(club, alice, text)
			w.settle()
			return question
		}
		last := func() id.EventID {
			said, _ := w.standing(club)
			return said[len(said)-1].ID
		}
		want := 1 // the introduction
		expect := func(what string, more int) {
			t.Helper()
			want += more
			if said, redacted := w.standing(club); len(said) != want || redacted != 0 {
				t.Fatalf("%s: %d messages, want %d; %d redactions", what, len(said), want, redacted)
			}
		}
		ask("!long")
		react(last(), keyNext)
		expect("a page by a reaction", 2)
		ask("!long")
		ask("!more")
		expect("a page by a word", 2)
		ask("!choose")
		menu := last()
		react(menu, "1\ufe0f\u20e3")
		react(menu, "2\ufe0f\u20e3")
		expect("two choices", 3)
		edit(ask("!echo one"), "!echo two")
		expect("a corrected question", 2)
		edit(ask("nothing"), "!echo three")
		expect("a question by correction", 1)
		ask("!panic")
		expect("an error", 1)
		for range 6 {
			ask("!echo much")
		}
		standing, _ := w.standing(club)
		want = len(standing) // the limit told once
		for _, key := range []string{"week 1", "week 2"} {
			if _, err := w.bot.Post(context.Background(), club, key, answer.New(lang.NL, answer.Plain("Tip"))); err != nil {
				t.Fatal(err)
			}
		}
		expect("two posts", 2)

		w.pass(time.Hour)
		w.end()
		w.start()
		w.hs.Restart()
		w.pass(time.Hour)
		expect("nothing more", 0)
		w.hs.Restart()
		w.hs.Leave(club, hstest.Bot)
		w.settle()
		w.hs.Invite(club, alice, false)
		w.pass(time.Hour)
		expect("another introduction", 1)
	})
}

// Of two choices under an answer both get theirs, also when the connection
// breaks before the second reply was sent: the first is none to it.
func TestSecondChoiceAfterABrokenConnection(t *testing.T) {
	inWorld(t, func(w *world) {
		w.start()
		club := w.club()
		w.hs.Say(club, alice, "!choose")
		w.settle()
		said, _ := w.standing(club)
		menu := said[len(said)-1].ID
		broken := once(isMessage)
		for i, key := range []string{"1\ufe0f\u20e3", "2\ufe0f\u20e3"} {
			w.hs.SetFail(func(_ http.ResponseWriter, r *http.Request) bool {
				return i > 0 && broken(r)
			})
			w.hs.Send(club, alice, "m.reaction", object{"m.relates_to": object{"rel_type": "m.annotation", "event_id": menu, "key": key}})
			w.pass(time.Minute)
		}
		w.wantSaid(club, "Which?", "one", "two")
	})
}
