package commands_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"unicode"
)

// mute finds a sign that says something by its colour or form alone, without
// the word behind it that says the same: a screen reader reads "cross mark",
// and who cannot tell red from green does not see which is which.
var mute = regexp.MustCompile(`[✅❌⚠✔✗✘☑🟢🔴🟡🟠⚪⚫🟥🟩🟨👎]\x{fe0f}?( \P{L}|[^ \x{fe0f}]|\s*$)`)

// No answer in the transcripts has a line without words, or a sign in place of
// a word.
func TestAnswersUseWords(t *testing.T) {
	lines := 0
	err := filepath.WalkDir("testdata", func(file string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(file, ".txt") {
			return err
		}
		data, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		for line := range strings.Lines(string(data)) {
			line = strings.TrimSpace(line)
			if line == "" || strings.HasPrefix(line, asked) || strings.HasPrefix(line, "#") || strings.HasPrefix(line, "-- ") {
				continue
			}
			lines++
			if strings.IndexFunc(line, func(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }) < 0 {
				t.Errorf("%s: a line without words: %q", file, line)
			}
			if mute.MatchString(line) {
				t.Errorf("%s: a sign instead of words: %q", file, line)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if lines < 500 {
		t.Errorf("only %d lines of answers were looked at", lines)
	}
}
