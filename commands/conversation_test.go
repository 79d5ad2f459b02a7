package commands_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"wolkwijs/answer"
	"wolkwijs/commands"
	"wolkwijs/knowledge"
	"wolkwijs/lang"
)

var updateConversations = flag.Bool("update-conversations", false, "write what is answered now into the conversations")

// TestConversations plays the conversations in testdata/conversations against
// the built-in knowledge. A line with ">" is what somebody types in a direct
// message; below it stand the topic of the answer, its headline, the names in
// its list and what may be picked next. With -update-conversations it
// writes what is answered now.
func TestConversations(t *testing.T) {
	store, err := knowledge.Open("")
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range []lang.Code{lang.NL, lang.EN} {
		file := filepath.Join("testdata", "conversations", string(l)+".txt")
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		got := converse(t, store, l, string(text))
		if *updateConversations {
			if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
				t.Fatal(err)
			}
		} else if got != string(text) {
			t.Errorf("%s (run with -update-conversations if this is meant)\n--- got\n%s", file, got)
		}
	}
}

// converse plays the conversations of one file, each in a room of its own.
func converse(t *testing.T, store *knowledge.Store, l lang.Code, text string) string {
	var out strings.Builder
	s := commands.New(commands.Options{Knowledge: store, Language: l, Now: func() time.Time { return now }, Random: func(int) int { return 0 }})
	room := ""
	for line := range strings.Lines(text) {
		line = strings.TrimSuffix(line, "\n")
		switch {
		case strings.HasPrefix(line, "## "):
			room = line
			if out.Len() > 0 {
				out.WriteByte('\n')
			}
			fmt.Fprintln(&out, line)
		case strings.HasPrefix(line, "> "):
			fmt.Fprintln(&out, line)
			out.WriteString(digest(s.Answer(t.Context(), commands.Request{Text: line[2:], Kind: commands.Direct, Room: room})))
		}
	}
	return out.String()
}

// digest is an answer in a few lines.
func digest(a *answer.Answer) string {
	if a == nil {
		return "  (silence)\n"
	}
	var b strings.Builder
	fmt.Fprintf(&b, "  [%s, %s] %s\n", a.Topic, a.Lang, a.Headline)
	for _, block := range a.Blocks {
		list, ok := block.(answer.List)
		if !ok {
			continue
		}
		for i, item := range list.Items {
			name, _, _ := strings.Cut(item.String(), ": ")
			fmt.Fprintf(&b, "  %d. %s\n", max(list.Start, 1)+i, name[:min(len(name), 60)])
		}
	}
	for i, c := range a.Choices {
		fmt.Fprintf(&b, "  (%d) %s → !%s\n", i+1, c.Label, c.Command)
	}
	return b.String()
}
