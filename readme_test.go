package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// README.md begins with the two commands that continuous integration runs, as
// they are written: the demo and all tests.
func TestReadmeCommandsAreRun(t *testing.T) {
	out, err := exec.Command(".ci/readme", "--list").Output()
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.Fields(string(out)); !slices.Equal(got, []string{"make", "demo", "make", "test"}) {
		t.Errorf("README.md begins with %q", got)
	}
	if !strings.Contains(read(t, ".ci/run"), ".ci/readme") {
		t.Error(".ci/run does not run them")
	}
}

// Both readmes show the pictures that `make screenshots` draws, each in a
// light and a dark version, and say in words what is on them.
func TestPicturesAreShown(t *testing.T) {
	pictures, err := filepath.Glob("docs/pictures/*.png")
	if err != nil || len(pictures) < 4 {
		t.Fatalf("%q %v", pictures, err)
	}
	shown := regexp.MustCompile(`(?:src|srcset)="([^"]+)"`)
	for _, file := range []string{"README.md", "LEESMIJ.md"} {
		text := read(t, file)
		var got []string
		for _, m := range shown.FindAllStringSubmatch(text, -1) {
			got = append(got, m[1])
		}
		slices.Sort(got)
		if !slices.Equal(got, pictures) {
			t.Errorf("%s shows\n%q, and there are\n%q", file, got, pictures)
		}
		if words := regexp.MustCompile(`<img [^>]*alt="[^"]{20,}"`).FindAllString(text, -1); len(words)*2 != len(pictures) {
			t.Errorf("%s says of %d pictures what is on them, of %d", file, len(words), len(pictures)/2)
		}
	}
}

// Every code block is of a kind that a test looks at: configurations and calls
// of the program are parsed above, knowledge in package knowledge, the diagram
// in imports_test.go; what is for a shell, one can read.
func TestEveryBlockIsLookedAt(t *testing.T) {
	bash, err := exec.LookPath("bash")
	if err != nil {
		t.Log("bash is not on this machine: what is for a shell is not read")
	}
	for _, file := range documents(t) {
		for _, b := range blocks(t, file) {
			switch b.kind {
			case "toml", "mermaid":
			case "sh":
				if bash == "" {
					continue
				}
				cmd := exec.Command(bash, "-n")
				cmd.Stdin = strings.NewReader(b.text)
				if out, err := cmd.CombinedOutput(); err != nil || len(out) > 0 {
					t.Errorf("%s: %v: %s in\n%s", file, err, out, b.text)
				}
			case "text":
				conversation, fault := strings.HasPrefix(b.text, "> "), strings.HasPrefix(b.text, "own/alternatives/") // see package knowledge
				if !conversation && !fault && !strings.Contains(b.text, "commands.Request → answer.Answer") {
					t.Errorf("%s: this is no conversation, so nothing checks it:\n%s", file, b.text)
				}
			default:
				t.Errorf("%s: nothing checks blocks of kind %q:\n%s", file, b.kind, b.text)
			}
		}
	}
}

// What the documentation has people run besides the program is there: targets
// of make (see above), files of this tree, and commands that Debian has.
func TestDocumentedShellLinesAreKnown(t *testing.T) {
	known := regexp.MustCompile(`^(?:sudo (?:-u wolkwijs )?)?(make|bin/wolkwijs|wolkwijs|ls|cp|install|apt|chown|chmod|useradd|systemctl|docker|tee|sqlite3|jq) ?`)
	files := regexp.MustCompile(`\b(deploy/[\w./-]+|config\.toml\.example)`)
	for _, file := range documents(t) {
		for _, b := range blocks(t, file) {
			if b.kind != "sh" {
				continue
			}
			for line := range strings.Lines(b.text) {
				line = strings.TrimSpace(line)
				for part := range strings.SplitSeq(line, " && ") {
					if !known.MatchString(part) {
						t.Errorf("%s: who knows %q?", file, part)
					}
				}
				for _, m := range files.FindAllStringSubmatch(line, -1) {
					if _, err := os.Stat(m[1]); err != nil {
						t.Errorf("%s: %s: %v", file, line, err)
					}
				}
			}
		}
	}
}
