package commands_test

import (
	"context"
	"flag"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"wolkwijs/answer"
	"wolkwijs/commands"
	"wolkwijs/lang"
)

var updateTalk = flag.Bool("update-talk", false, "write the answers into testdata/talk")

// asked begins a line with what a person writes; the lines up to the next one
// are the answer. {long} stands for five thousand letters, and a line in Go's
// double quotes for what it means.
const asked = ">>> "

// said is what a person writes on a line of a transcript.
func said(t *testing.T, line string) string {
	t.Helper()
	if strings.HasPrefix(line, `"`) {
		text, err := strconv.Unquote(line)
		if err != nil {
			t.Fatalf("%s: %v", line, err)
		}
		line = text
	}
	return strings.ReplaceAll(line, "{long}", strings.Repeat("lang", 1250))
}

// TestTalk plays the conversations in testdata/talk, each in a room of its
// own, and compares the answers. The language of a file that ends in .en.txt
// is set to English; the others leave it to the commands.
func TestTalk(t *testing.T) {
	files, err := filepath.Glob("testdata/talk/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatalf("no transcripts: %v", err)
	}
	cases := map[bool]int{}
	for _, file := range files {
		english := strings.HasSuffix(file, ".en.txt")
		t.Run(filepath.Base(file), func(t *testing.T) {
			data, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			s := newService(t)
			var got strings.Builder
			for line := range strings.Lines(string(data)) {
				line = strings.TrimSuffix(line, "\n")
				if !strings.HasPrefix(line, asked) {
					if got.Len() == 0 {
						got.WriteString(line + "\n")
					}
					continue
				}
				cases[english]++
				r := commands.Request{Text: said(t, line[len(asked):]), Room: "room", Kind: commands.Direct}
				if english {
					r.Lang = lang.EN
				}
				got.WriteString(line + "\n")
				if a := s.Answer(context.Background(), r); a != nil {
					got.WriteString(answer.Body(a, answer.Options{}) + "\n")
				}
				got.WriteString("\n")
			}
			if *updateTalk {
				if err := os.WriteFile(file, []byte(got.String()), 0o644); err != nil {
					t.Fatal(err)
				}
			} else if got.String() != string(data) {
				t.Errorf("%s differs: run with -update-talk and look at the difference\n%s", file, got.String())
			}
		})
	}
	t.Logf("%d Dutch and %d English cases", cases[false], cases[true])
}
