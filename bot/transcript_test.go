package bot

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"maunium.net/go/mautrix/id"

	"wolkwijs/bot/hstest"
)

var update = flag.Bool("update", false, "write what happened into the transcripts")

// TestTranscripts plays the conversations in testdata/transcripts. A line
// with ">" is what someone does; below it stands what came of it, in the
// order the homeserver saw it. Messages are numbered, so that "to 3" is a
// reply to the third. `go test ./bot -update` writes what happens now.
func TestTranscripts(t *testing.T) {
	files, err := filepath.Glob("testdata/transcripts/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatalf("no transcripts: %v", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txt"), func(t *testing.T) {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			var got string
			inWorld(t, func(w *world) { got = play(w, string(text)) })
			if *update {
				if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			} else if got != string(text) {
				t.Errorf("%s\n--- got\n%s\n--- want\n%s", file, got, text)
			}
		})
	}
}

// stage is a transcript being played.
type stage struct {
	w       *world
	out     strings.Builder
	rooms   map[string]id.RoomID
	names   map[id.RoomID]string
	numbers map[id.EventID]int
	events  []id.EventID // by number - 1
	place   map[id.EventID]id.RoomID
	seen    int // events of the stream that were shown
}

func play(w *world, script string) string {
	s := &stage{w: w, rooms: map[string]id.RoomID{}, names: map[id.RoomID]string{}, numbers: map[id.EventID]int{}, place: map[id.EventID]id.RoomID{}}
	started := false
	for line := range strings.Lines(script) {
		action, isAction := strings.CutPrefix(strings.TrimSuffix(line, "\n"), "> ")
		switch {
		case isAction && strings.HasPrefix(action, "config "):
			s.configure(strings.TrimPrefix(action, "config "))
			s.out.WriteString(line)
			continue
		case isAction:
			if !started {
				started = true
				w.start()
			}
			s.out.WriteString(line)
			s.do(action)
			w.settle()
			s.show()
		case line == "\n" || strings.HasPrefix(line, "#"):
			s.out.WriteString(line)
		}
	}
	return s.out.String()
}

var actions = []struct {
	pattern *regexp.Regexp
	do      func(s *stage, who id.UserID, m []string)
}{
	{regexp.MustCompile(`^(\w+) invites the bot to (\w+) "(.*)"$`), func(s *stage, who id.UserID, m []string) { s.room(who, m[2], m[3], false) }},
	{regexp.MustCompile(`^(\w+) invites the bot to (\w+)$`), func(s *stage, who id.UserID, m []string) { s.room(who, m[2], "", false) }},
	{regexp.MustCompile(`^(\w+) starts the direct message (\w+)$`), func(s *stage, who id.UserID, m []string) { s.room(who, m[2], "", true) }},
	{regexp.MustCompile(`^(\w+) sends the bot away from (\w+)$`), func(s *stage, who id.UserID, m []string) {
		s.w.hs.SetState(s.rooms[m[2]], who, "m.room.member", string(hstest.Bot), object{"membership": "leave"})
	}},
	{regexp.MustCompile(`^(\w+) joins (\w+)$`), func(s *stage, who id.UserID, m []string) { s.w.hs.Join(s.rooms[m[2]], who) }},
	{regexp.MustCompile(`^(\w+) leaves (\w+)$`), func(s *stage, who id.UserID, m []string) { s.w.hs.Leave(s.rooms[m[2]], who) }},
	{regexp.MustCompile(`^(\w+) in (\w+): (.*)$`), func(s *stage, who id.UserID, m []string) { s.w.hs.Say(s.rooms[m[2]], who, unescape(m[3])) }},
	{regexp.MustCompile(`^(\w+) in (\w+) as (m\.\w+): (.*)$`), func(s *stage, who id.UserID, m []string) {
		s.send(who, m[2], object{"msgtype": m[3], "body": m[4]})
	}},
	{regexp.MustCompile(`^(\w+) in (\w+) mentioning the bot: (.*)$`), func(s *stage, who id.UserID, m []string) {
		s.send(who, m[2], object{"msgtype": "m.text", "body": m[3], "m.mentions": object{"user_ids": []id.UserID{hstest.Bot}}})
	}},
	{regexp.MustCompile(`^(\w+) in (\w+) mentioning nobody: (.*)$`), func(s *stage, who id.UserID, m []string) {
		s.send(who, m[2], object{"msgtype": "m.text", "body": m[3], "m.mentions": object{}})
	}},
	{regexp.MustCompile(`^(\w+) in (\w+), to (\d+): (.*)$`), func(s *stage, who id.UserID, m []string) {
		s.send(who, m[2], object{"msgtype": "m.text", "body": m[4], "m.relates_to": object{"m.in_reply_to": object{"event_id": s.event(m[3])}}})
	}},
	{regexp.MustCompile(`^(\w+) in (\w+), to (\d+), mentioning the bot: (.*)$`), func(s *stage, who id.UserID, m []string) {
		s.send(who, m[2], object{
			"msgtype": "m.text", "body": "> <@bot:hs.example> what it said\n\n" + m[4], "m.mentions": object{"user_ids": []id.UserID{hstest.Bot}},
			"m.relates_to": object{"m.in_reply_to": object{"event_id": s.event(m[3])}},
		})
	}},
	{regexp.MustCompile(`^(\w+) in (\w+), thread (\d+), to (\d+): (.*)$`), func(s *stage, who id.UserID, m []string) {
		s.send(who, m[2], object{"msgtype": "m.text", "body": m[5], "m.relates_to": object{"rel_type": "m.thread", "event_id": s.event(m[3]), "m.in_reply_to": object{"event_id": s.event(m[4])}}})
	}},
	{regexp.MustCompile(`^(\w+) in (\w+), thread (\d+): (.*)$`), func(s *stage, who id.UserID, m []string) {
		s.send(who, m[2], object{"msgtype": "m.text", "body": m[4], "m.relates_to": object{"rel_type": "m.thread", "event_id": s.event(m[3]), "is_falling_back": true, "m.in_reply_to": object{"event_id": s.event(m[3])}}})
	}},
	{regexp.MustCompile(`^(\w+) edits (\d+): (.*)$`), func(s *stage, who id.UserID, m []string) {
		s.w.hs.Send(s.place[s.event(m[2])], who, "m.room.message", object{
			"msgtype": "m.text", "body": "* " + unescape(m[3]), "m.new_content": object{"msgtype": "m.text", "body": unescape(m[3])},
			"m.relates_to": object{"rel_type": "m.replace", "event_id": s.event(m[2])},
		})
	}},
	{regexp.MustCompile(`^(\w+) removes (\d+)$`), func(s *stage, who id.UserID, m []string) {
		s.w.hs.Redact(s.place[s.event(m[2])], who, s.event(m[2]))
	}},
	{regexp.MustCompile(`^(\w+) reacts to (\d+) with (.*)$`), func(s *stage, who id.UserID, m []string) {
		s.w.hs.Send(s.place[s.event(m[2])], who, "m.reaction", object{"m.relates_to": object{"rel_type": "m.annotation", "event_id": s.event(m[2]), "key": m[3]}})
	}},
	{regexp.MustCompile(`^(\w+) in (\w+) reacts to (\d+) with (.*)$`), func(s *stage, who id.UserID, m []string) {
		s.w.hs.Send(s.rooms[m[2]], who, "m.reaction", object{"m.relates_to": object{"rel_type": "m.annotation", "event_id": s.event(m[3]), "key": m[4]}})
	}},
	{regexp.MustCompile(`^(\w+) upgrades (\w+) to (\w+)$`), func(s *stage, who id.UserID, m []string) {
		s.w.hs.SetState(s.successor(alice, m[2], m[3]), alice, "m.room.join_rules", "", object{"join_rule": "public"})
		s.replace(who, m[2], m[3])
	}},
	{regexp.MustCompile(`^(\w+) upgrades (\w+) to (\w+), by invitation only$`), func(s *stage, who id.UserID, m []string) {
		s.successor(who, m[2], m[3])
		s.replace(who, m[2], m[3])
	}},
	{regexp.MustCompile(`^(\w+) makes (\w+), which says that it replaces (\w+)$`), func(s *stage, who id.UserID, m []string) { s.successor(who, m[3], m[2]) }},
	{regexp.MustCompile(`^(\w+) says in (\w+) that (\w+) replaces it$`), func(s *stage, who id.UserID, m []string) { s.replace(who, m[2], m[3]) }},
	{regexp.MustCompile(`^(\w+) sets (\S+) in (\w+) to (.*)$`), func(s *stage, who id.UserID, m []string) {
		s.w.hs.SetState(s.rooms[m[3]], who, m[2], "", parseObject(s.w.t, m[4]))
	}},
	{regexp.MustCompile(`^(wait) (\w+)$`), func(s *stage, _ id.UserID, m []string) {
		d, err := time.ParseDuration(m[2])
		if err != nil {
			s.w.t.Fatal(err)
		}
		s.w.pass(d)
	}},
	{regexp.MustCompile(`^(stop)$`), func(s *stage, _ id.UserID, _ []string) { s.w.end() }},
	{regexp.MustCompile(`^(start)$`), func(s *stage, _ id.UserID, _ []string) { s.w.start() }},
}

type object = map[string]any

// do lets one thing happen.
func (s *stage) do(action string) {
	for _, a := range actions {
		if m := a.pattern.FindStringSubmatch(action); m != nil {
			who := id.UserID("@" + m[1] + ":hs.example")
			if who == "@mallory:hs.example" {
				who = mallory
			}
			a.do(s, who, m)
			return
		}
	}
	s.w.t.Fatalf("nothing known called %q", action)
}

func (s *stage) room(who id.UserID, name, title string, direct bool) {
	room, known := s.rooms[name]
	if !known {
		room = s.w.hs.Room(who, title)
		s.rooms[name], s.names[room] = room, name
	}
	s.w.hs.Invite(room, who, direct)
}

// successor makes a room that names old as the one before it, unless its name
// is trap.
func (s *stage) successor(who id.UserID, old, name string) id.RoomID {
	before := s.rooms[old]
	if name == "trap" {
		before = ""
	}
	next := s.w.hs.Successor(who, "", before)
	s.rooms[name], s.names[next] = next, name
	return next
}

// replace sends the tombstone of a room.
func (s *stage) replace(who id.UserID, old, next string) {
	s.w.hs.SetState(s.rooms[old], who, "m.room.tombstone", "", object{"body": "This room was replaced", "replacement_room": s.rooms[next]})
}

func (s *stage) send(who id.UserID, room string, content object) {
	s.w.hs.Send(s.rooms[room], who, "m.room.message", content)
}

func (s *stage) event(number string) id.EventID {
	n, _ := strconv.Atoi(number)
	if n < 1 || n > len(s.events) {
		s.w.t.Fatalf("there is no message %s", number)
	}
	return s.events[n-1]
}

// unescape reads a text in a transcript: {long} stands for more than the bot
// takes at once.
func unescape(s string) string {
	return strings.NewReplacer(`\n`, "\n", "{long}", strings.Repeat("lang ", maxQuestion/4)).Replace(s)
}

// show writes what is new in the rooms. What the bot takes back is shown last:
// it does that beside its other work.
func (s *stage) show() {
	all := s.w.hs.All()
	news := slices.Clone(all[s.seen:])
	slices.SortStableFunc(news, func(a, b hstest.Event) int {
		last := func(e hstest.Event) int {
			if e.Sender == hstest.Bot && e.Type == "m.room.redaction" {
				return 1
			}
			return 0
		}
		return last(a) - last(b)
	})
	for _, e := range news {
		if line := s.line(e); line != "" {
			s.out.WriteString("  " + line + "\n")
		}
	}
	s.seen = len(all)
}

// line is one event as the transcript shows it.
func (s *stage) line(e hstest.Event) string {
	who, _, _ := strings.Cut(strings.TrimPrefix(string(e.Sender), "@"), ":")
	room := s.names[e.Room]
	if e.StateKey != nil {
		if e.Type != "m.room.member" || *e.StateKey != string(hstest.Bot) {
			return ""
		}
		if e.Sender != hstest.Bot {
			return ""
		}
		line := fmt.Sprintf("bot: %v %s", e.Content["membership"], room)
		if reason, ok := e.Content["reason"]; ok {
			line += fmt.Sprintf(" (%v)", reason)
		}
		return line
	}
	s.events = append(s.events, e.ID)
	s.place[e.ID] = e.Room
	s.numbers[e.ID] = len(s.events)
	line := fmt.Sprintf("[%d] %s in %s", len(s.events), who, room)
	relates, _ := e.Content["m.relates_to"].(map[string]any)
	related := func(key string) (int, bool) {
		r := relates
		if key == "m.in_reply_to" {
			r, _ = relates[key].(map[string]any)
		}
		n, ok := s.numbers[id.EventID(fmt.Sprint(r["event_id"]))]
		return n, ok
	}
	switch relates["rel_type"] {
	case "m.thread":
		n, _ := related("")
		line += fmt.Sprintf(", thread %d", n)
	case "m.replace":
		n, _ := related("")
		return fmt.Sprintf("%s edits %d: %s", line, n, body(e.Content["m.new_content"]))
	case "m.annotation":
		n, _ := related("")
		return fmt.Sprintf("%s reacts to %d with %v", line, n, relates["key"])
	}
	if e.Type == "m.room.redaction" {
		return fmt.Sprintf("%s removes %d", line, s.numbers[e.Redacts])
	}
	if n, ok := related("m.in_reply_to"); ok {
		line += fmt.Sprintf(", to %d", n)
	}
	if e.Type == "m.reaction" {
		return line + " reacts, and it was removed since"
	}
	if len(e.Content) == 0 {
		return line + " said something, and it was removed since"
	}
	if e.Sender == hstest.Bot {
		if mentions, ok := e.Content["m.mentions"].(map[string]any); !ok || len(mentions) > 0 || e.Content["msgtype"] != "m.notice" {
			line += " (NOT A SILENT NOTICE)"
		}
	}
	return line + ": " + body(e.Content)
}

// body is the text of a message on one line, cut where it gets long.
func body(content any) string {
	c, _ := content.(map[string]any)
	text := strings.ReplaceAll(fmt.Sprint(c["body"]), "\n", " / ")
	if r := []rune(text); len(r) > 160 {
		text = fmt.Sprintf("%s… (%d characters)", string(r[:120]), len(r))
	}
	return text
}

// configure changes the configuration before the bot starts.
func (s *stage) configure(setting string) {
	key, value, _ := strings.Cut(setting, " = ")
	switch key {
	case "admin":
		s.w.cfg.Bot.Admins = []id.UserID{id.UserID(value)}
	case "allow":
		s.w.cfg.Matrix.AllowInvitesFrom = strings.Split(value, " ")
	case "per_user":
		must(s.w.t, s.w.cfg.Limits.PerUser.UnmarshalText([]byte(value)))
	case "per_room":
		must(s.w.t, s.w.cfg.Limits.PerRoom.UnmarshalText([]byte(value)))
	case "global":
		must(s.w.t, s.w.cfg.Limits.Global.UnmarshalText([]byte(value)))
	default:
		s.w.t.Fatalf("no setting %q", key)
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func parseObject(t *testing.T, text string) object {
	t.Helper()
	var o object
	must(t, json.Unmarshal([]byte(text), &o))
	return o
}
