package commands_test

import (
	"context"
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"wolkwijs/answer"
	"wolkwijs/commands"
	"wolkwijs/knowledge"
	"wolkwijs/lang"
)

// now is the day on which all tests are asked.
var now = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

// newService answers from the small test base.
func newService(t testing.TB, change ...func(*commands.Options)) *commands.Service {
	t.Helper()
	store, err := knowledge.OpenLayers(knowledge.Dir("../knowledge/testdata/base"))
	if err != nil {
		t.Fatal(err)
	}
	o := commands.Options{
		Knowledge: store,
		Version:   "1.2.3",
		Now:       func() time.Time { return now },
		Random:    func(int) int { return 0 },
	}
	for _, c := range change {
		c(&o)
	}
	return commands.New(o)
}

func headline(a *answer.Answer) string {
	if a == nil {
		return "(silence)"
	}
	return a.Headline.String()
}

func TestWhoIsAddressed(t *testing.T) {
	const list = "In plaats van Gmail (Google, Verenigde Staten):"
	for _, tt := range []struct {
		name, text string
		kind       commands.RoomKind
		mentioned  bool
		want       string
	}{
		{"command in a group", "!alt gmail", commands.Group, false, list},
		{"command in capitals", "!ALT Gmail", commands.Group, false, list},
		{"talk in a group", "alt gmail", commands.Group, false, "(silence)"},
		{"exclamation in a group", "!!!", commands.Group, false, "(silence)"},
		{"unknown command in a group", "!weather", commands.Group, false, "(silence)"},
		{"one typo away in a group", "!atl gmail", commands.Group, false, "Bedoel je !alt gmail?"},
		{"two typos away in a group", "!tlaa gmail", commands.Group, false, "(silence)"},
		{"mention without prefix", "alt gmail", commands.Group, true, list},
		{"mention with a question", "wat kan ik doen in plaats van gmail?", commands.Group, true, list},
		{"direct message with prefix", "!alt gmail", commands.Direct, false, list},
		{"direct message without prefix", "alt gmail", commands.Direct, false, list},
		{"direct message in words", "ik wil van gmail af", commands.Direct, false, list},
		{"a sentence that begins with a command", "tip voor iets anders dan gmail", commands.Direct, false, list},
		{"unknown command in a direct message", "!weather tomorrow", commands.Direct, false, "Daar weet ik niets van."},
		{"nothing we know", "wat wordt het weer morgen", commands.Direct, false, "Daar weet ik niets van."},
		{"terminal", "alt gmail", commands.Terminal, false, list},
		{"nothing at all", "", commands.Direct, false, "Daar weet ik niets van."},
	} {
		t.Run(tt.name, func(t *testing.T) {
			a := newService(t).Answer(context.Background(), commands.Request{Text: tt.text, Kind: tt.kind, Mentioned: tt.mentioned})
			if got := headline(a); got != tt.want {
				t.Errorf("%q\n got %s\nwant %s", tt.text, got, tt.want)
			}
		})
	}
}

func TestLanguageOfTheReply(t *testing.T) {
	for _, tt := range []struct {
		name, text string
		room, bot  lang.Code
		want       lang.Code
	}{
		{"Dutch name", "!uitleg spf", "", "", lang.NL},
		{"English name", "!explain spf", "", "", lang.EN},
		{"shared name takes the default", "!alt gmail", "", "", lang.NL},
		{"shared name takes the bot's language", "!alt gmail", "", lang.EN, lang.EN},
		{"the room decides over the name", "!explain spf", lang.NL, "", lang.NL},
		{"the room decides over the bot", "!alt gmail", lang.NL, lang.EN, lang.NL},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := newService(t, func(o *commands.Options) { o.Language = tt.bot })
			if got := s.Answer(context.Background(), commands.Request{Text: tt.text, Lang: tt.room}).Lang; got != tt.want {
				t.Errorf("answered in %s, want %s", got, tt.want)
			}
		})
	}
}

func TestPrefixIsConfigurable(t *testing.T) {
	s := newService(t, func(o *commands.Options) { o.Prefix = "w!" })
	ask := func(text string) *answer.Answer { return s.Answer(context.Background(), commands.Request{Text: text}) }
	if a := ask("!alt gmail"); a != nil {
		t.Errorf("another bot's prefix was answered: %s", headline(a))
	}
	if got, want := headline(ask("w!help alt")), "w!alt soort of product: andere diensten, de beste eerst."; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// Whatever is asked, the commands in the answer begin with the prefix of the
// configuration: in help, in texts of the knowledge base and in lists.
func TestAnswersTeachThePrefix(t *testing.T) {
	store, err := knowledge.OpenLayers(knowledge.Builtin())
	if err != nil {
		t.Fatal(err)
	}
	s := newService(t, func(o *commands.Options) { o.Prefix, o.Knowledge = "?", store })
	known := map[string]bool{"reload": true, "herlaad": true, "status": true, "rooms": true, "kamers": true}
	var texts []string
	for _, l := range []lang.Code{lang.NL, lang.EN} {
		for _, d := range s.Describe(l) {
			known[d.Name] = true
			texts = append(texts, "?"+d.Name, "?"+d.Name+" x", "?help "+d.Name)
		}
	}
	kb := store.Base()
	for _, alts := range kb.Alternatives {
		texts = append(texts, "?alt "+alts.Category.Name.NL)
	}
	for _, topic := range kb.Topics {
		texts = append(texts, topic.Title.NL, topic.Title.EN)
	}
	for i := range 9 {
		texts = append(texts, fmt.Sprintf("?tip %d", i))
	}
	command := regexp.MustCompile(`!([\pL\d]+)`)
	seen := 0
	for _, text := range texts {
		for _, l := range []lang.Code{lang.NL, lang.EN} {
			for _, kind := range []commands.RoomKind{commands.Group, commands.Direct} {
				a := s.Answer(t.Context(), commands.Request{Text: text, Lang: l, Kind: kind, Mentioned: true, Rights: commands.Rights{RoomAdmin: true, BotAdmin: true}})
				body := answer.Body(a, answer.Options{})
				seen += strings.Count(body, "?alt ")
				for _, found := range command.FindAllStringSubmatch(body, -1) {
					if known[found[1]] {
						t.Errorf("%s (%s): %s in\n%s", text, l, found[0], body)
					}
				}
				if strings.Contains(body, "hoeft het uitroepteken") || strings.Contains(body, "leave out the exclamation mark") {
					t.Errorf("%s (%s): speaks of an exclamation mark:\n%s", text, l, body)
				}
			}
		}
	}
	if seen < 100 {
		t.Errorf("only %d commands were seen: is the right prefix looked for?", seen)
	}
}

func TestChoicesAreTakenUp(t *testing.T) {
	clock := now
	s := newService(t, func(o *commands.Options) { o.Now = func() time.Time { return clock } })
	ask := func(room, text string) string {
		return headline(s.Answer(context.Background(), commands.Request{Text: text, Room: room, Kind: commands.Direct}))
	}
	if got := ask("a", "!alternative proton"); got != "Which one do you mean?" {
		t.Fatalf("got %q", got)
	}
	if got, want := ask("b", "2"), "Daar weet ik niets van."; got != want {
		t.Errorf("another room's number: got %q, want %q", got, want)
	}
	if got, want := ask("a", "2"), "Proton Mail: Switzerland, owner Proton AG."; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	ask("a", "!alt proton")
	clock = clock.Add(11 * time.Minute)
	if got, want := ask("a", "2"), "Daar weet ik niets van."; got != want {
		t.Errorf("after eleven minutes: got %q, want %q", got, want)
	}
}

func TestMoreContinuesTheList(t *testing.T) {
	s := newService(t)
	ask := func(text string) *answer.Answer {
		return s.Answer(context.Background(), commands.Request{Text: text, Room: "a", Kind: commands.Direct})
	}
	if got, want := headline(ask("meer")), "Er is niet meer. Stel gerust een nieuwe vraag."; got != want {
		t.Errorf("before anything was asked: got %q, want %q", got, want)
	}
	ask("alt email")
	var starts []int
	for range 2 {
		for _, b := range ask("meer").Blocks {
			if l, ok := b.(answer.List); ok {
				starts = append(starts, l.Start)
			}
		}
	}
	if len(starts) != 1 || starts[0] != 6 {
		t.Errorf("lists after the first started at %v, want [6]", starts)
	}
	ask("alt email")
	ask("tip")
	if got, want := headline(ask("meer")), "Er is niet meer. Stel gerust een nieuwe vraag."; got != want {
		t.Errorf("after another command: got %q, want %q", got, want)
	}
}
