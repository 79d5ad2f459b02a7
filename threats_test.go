package main

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// The threat model names the tests that hold us to it.
func TestThreatsAreTested(t *testing.T) {
	var tests strings.Builder
	err := filepath.WalkDir(".", func(file string, d fs.DirEntry, err error) error {
		if d != nil && d.IsDir() && d.Name() == "node_modules" {
			return filepath.SkipDir
		}
		if err == nil && strings.HasSuffix(file, "_test.go") {
			tests.WriteString(read(t, file))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	model := read(t, "docs/threats.md")
	names := regexp.MustCompile("`((?:Test|Fuzz)[A-Za-z]+)`").FindAllStringSubmatch(model, -1)
	if len(names) < 10 {
		t.Errorf("only %d tests are named", len(names))
	}
	for _, name := range names {
		if !strings.Contains(tests.String(), "func "+name[1]+"(") {
			t.Errorf("docs/threats.md names %s, which is not there", name[1])
		}
	}
	for _, list := range regexp.MustCompile("transcripts ((?:`[a-z]+`(?:, )?)+)").FindAllStringSubmatch(model, -1) {
		for _, name := range regexp.MustCompile("`([a-z]+)`").FindAllStringSubmatch(list[1], -1) {
			if _, err := os.Stat("bot/testdata/transcripts/" + name[1] + ".txt"); err != nil {
				t.Errorf("docs/threats.md: %v", err)
			}
		}
	}
}
