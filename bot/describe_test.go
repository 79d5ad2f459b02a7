package bot

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"maunium.net/go/mautrix/event/cmdschema"
	"maunium.net/go/mautrix/id"

	"wolkwijs/bot/hstest"
	"wolkwijs/commands"
	"wolkwijs/knowledge"
	"wolkwijs/lang"
)

// guide is a parrot with two commands to describe.
type guide struct {
	parrot
	summary string
}

func (g guide) Describe(l lang.Code) []commands.Description {
	name := map[lang.Code]string{lang.NL: "herhaal", lang.EN: "repeat"}
	other := lang.EN
	if l == lang.EN {
		other = lang.NL
	}
	return []commands.Description{
		{Name: "who", Summary: lang.Text{NL: "wie je bent", EN: "who you are"}},
		{
			Name: name[l], Aliases: []string{name[other], "echo"}, Summary: lang.Text{NL: g.summary, EN: "says it again"},
			Argument: lang.Text{NL: "woorden", EN: "words"}, Optional: true,
		},
	}
}

const empower = `{"users":{"@alice:hs.example":100,"@bot:hs.example":50}}`

// described returns what the commands described in a room do, by name, and
// how many descriptions the bot has sent.
func (w *world) described(room id.RoomID) (names []string, sent int) {
	w.t.Helper()
	by := map[string]string{}
	for _, e := range w.hs.All() {
		if e.Room != room || e.Type != "org.matrix.msc4391.command_description" {
			continue
		}
		sent++
		raw, err := json.Marshal(e.Content)
		must(w.t, err)
		var content cmdschema.EventContent
		must(w.t, json.Unmarshal(raw, &content))
		by[*e.StateKey] = ""
		if len(e.Content) == 0 {
			continue
		}
		if err := content.Validate(); err != nil {
			w.t.Errorf("%s: %v", raw, err)
		}
		if want := content.StateKey(hstest.Bot); *e.StateKey != want {
			w.t.Errorf("the state key of %s is %s, want %s", content.Command, *e.StateKey, want)
		}
		by[*e.StateKey] = content.Command + ": " + content.Description.Text[0].Body + " | " + content.Description.Text[1].Body
	}
	for _, name := range by {
		if name != "" {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names, sent
}

// The commands are described in rooms where the bot has the power to, in the
// language of the room first, and again only when something has changed.
func TestDescribesCommands(t *testing.T) {
	inWorld(t, func(w *world) {
		g := &guide{parrot: parrot{&w.asked}, summary: "zegt het na"}
		w.answerer = g
		w.start()
		club := w.club()
		want := func(step string, sent int, want ...string) {
			t.Helper()
			w.pass(time.Minute)
			got, n := w.described(club)
			if !slices.Equal(got, want) || n != sent {
				t.Fatalf("%s: %d sent, described: %q", step, n, got)
			}
		}
		want("without power", 0)
		w.hs.SetState(club, alice, "m.room.power_levels", "", parseObject(t, empower))
		dutch := []string{"herhaal: zegt het na | says it again", "who: wie je bent | who you are"}
		want("with power", 2, dutch...)

		w.end()
		w.start()
		want("after a restart", 2, dutch...)

		w.hs.Say(club, alice, "!language en")
		want("in English", 5, "repeat: says it again | zegt het na", "who: who you are | wie je bent")

		w.end()
		g.summary = "papegaait"
		w.start()
		want("with another text", 6, "repeat: says it again | papegaait", "who: who you are | wie je bent")

		// The database is lost: what the room says is still true.
		if _, err := w.store.Database().Exec(context.Background(), "UPDATE room SET described=''"); err != nil {
			t.Fatal(err)
		}
		w.end()
		w.start()
		want("after a loss", 6, "repeat: says it again | papegaait", "who: who you are | wie je bent")
	})
}

func TestDescribesCommandsInTheRoomThatFollows(t *testing.T) {
	inWorld(t, func(w *world) {
		w.answerer = guide{parrot: parrot{&w.asked}, summary: "zegt het na"}
		w.start()
		club := w.hs.Room(alice, "De club")
		w.hs.SetState(club, alice, "m.room.power_levels", "", parseObject(t, empower))
		w.hs.Invite(club, alice, false)
		w.pass(time.Minute)
		next := w.hs.Successor(alice, "De club", club)
		w.hs.SetState(next, alice, "m.room.join_rules", "", object{"join_rule": "public"})
		w.hs.SetState(next, alice, "m.room.power_levels", "", parseObject(t, empower))
		w.hs.SetState(club, alice, "m.room.tombstone", "", object{"body": "moved", "replacement_room": string(next)})
		w.pass(time.Minute)
		for name, room := range map[string]id.RoomID{"old": club, "new": next} {
			if names, sent := w.described(room); len(names) != 2 || sent != 2 {
				t.Errorf("in the %s room %d were sent: %q", name, sent, names)
			}
		}
	})
}

// A client that knows the descriptions sends a command as data. It is for the
// bot only if the bot alone is mentioned.
func TestCommandsSentAsData(t *testing.T) {
	command := func(arguments string, mentions ...id.UserID) object {
		return object{
			"msgtype": "m.text", "body": "/echo of zo", "m.mentions": object{"user_ids": mentions},
			"org.matrix.msc4391.command": object{"command": "echo", "arguments": json.RawMessage(arguments)},
		}
	}
	inWorld(t, func(w *world) {
		w.start()
		club, dm := w.club(), w.direct()
		for _, content := range []object{
			command(`{"text":"hallo allemaal"}`, hstest.Bot),
			command(`{"text":"voor een ander"}`, bob),
			command(`{"text":"voor iedereen"}`, hstest.Bot, bob),
			command(`{"text":"voor niemand"}`),
			command(`{"text":5,"more":{}}`, hstest.Bot),
			command(`[]`, hstest.Bot),
		} {
			w.hs.Send(club, alice, "m.room.message", content)
			w.hs.Send(dm, alice, "m.room.message", content)
		}
		w.settle()
		w.wantSaid(club, "hallo allemaal", "", "")
		w.wantSaid(dm, "hallo allemaal", "", "")
		if asked := w.asked.String(); strings.Contains(asked, "of zo") {
			t.Errorf("asked: %q", asked)
		}
	})
}

// What the program's own commands are described as can be read by a client.
func TestEveryCommandCanBeDescribed(t *testing.T) {
	inWorld(t, func(w *world) {
		kb, err := knowledge.OpenLayers()
		must(t, err)
		w.answerer = commands.New(commands.Options{Knowledge: kb})
		w.start()
		for _, l := range []lang.Code{lang.NL, lang.EN} {
			all := w.bot.descriptions(l)
			if len(all) < 12 {
				t.Errorf("%d descriptions", len(all))
			}
			for _, raw := range all {
				var content cmdschema.EventContent
				if err := json.Unmarshal(raw, &content); err != nil {
					t.Fatal(err)
				}
				if err := content.Validate(); err != nil {
					t.Errorf("%s: %v", raw, err)
				}
				sent, err := content.ParseInput(hstest.Bot, []string{"/"}, "/"+content.Command+" een paar woorden")
				if err != nil {
					t.Errorf("%s: %v", raw, err)
				}
				words := ""
				if len(content.Parameters) > 0 {
					words = " een paar woorden"
				}
				if text, ok := w.bot.invoked(sent); !ok || text != "!"+content.Command+words {
					t.Errorf("%s: %q, %v", content.Command, text, ok)
				}
			}
		}
	})
}
