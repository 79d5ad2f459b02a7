package main

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/alecthomas/kong"
	"github.com/pelletier/go-toml/v2"

	"wolkwijs/answer"
	"wolkwijs/commands"
	"wolkwijs/config"
	"wolkwijs/domaincheck/dnsq"
	"wolkwijs/domaincheck/dnsq/dnstest"
	"wolkwijs/knowledge"
	"wolkwijs/lang"
)

// documents are the texts for people: every Markdown file of the tree.
func documents(t *testing.T) []string {
	t.Helper()
	var files []string
	err := filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && (d.Name() == "node_modules" || path == "dist" || strings.HasPrefix(d.Name(), ".") && path != ".") {
			return filepath.SkipDir
		}
		if strings.HasSuffix(path, ".md") {
			files = append(files, path)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// block is a fenced code block of a document.
type block struct {
	kind string // what follows the opening fence
	text string
}

// fence finds code blocks, also those in a list.
var fence = regexp.MustCompile("(?ms)^( *)```([a-z]*)\n(.*?)^ *```$")

// blocks returns the fenced code blocks of a document.
func blocks(t *testing.T, file string) []block {
	t.Helper()
	var all []block
	for _, m := range fence.FindAllStringSubmatch(read(t, file), -1) {
		indent := regexp.MustCompile("(?m)^" + m[1])
		all = append(all, block{m[2], indent.ReplaceAllString(m[3], "")})
	}
	return all
}

func read(t *testing.T, file string) string {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// Every configuration in the documentation is one that the program takes.
// Where it leaves out the account, that of config.toml.example stands in.
func TestDocumentedConfigurationsLoad(t *testing.T) {
	const account = "[matrix]\nhomeserver = 'https://matrix.example.org'\nuser_id = '@wolkwijs:example.org'\n"
	found := 0
	for _, file := range append(documents(t), "config.toml.example") {
		texts := []string{}
		if file == "config.toml.example" {
			texts = append(texts, read(t, file))
		}
		for _, b := range blocks(t, file) {
			if b.kind == "toml" && isConfiguration(t, file, b.text) {
				texts = append(texts, b.text)
			}
		}
		for _, text := range texts {
			found++
			if !strings.Contains(text, "[matrix]") {
				text = account + text
			}
			if _, _, err := config.Parse(file, []byte(text)); err != nil {
				t.Errorf("%s:\n%s\n%v", file, text, err)
			}
		}
	}
	if found < 4 {
		t.Errorf("only %d configurations found: is the pattern still right?", found)
	}
}

// isConfiguration tells a part of config.toml from an entry of the knowledge
// base, which package knowledge checks.
func isConfiguration(t *testing.T, file, text string) bool {
	t.Helper()
	var tables map[string]any
	if err := toml.Unmarshal([]byte(text), &tables); err != nil {
		t.Errorf("%s: %v in\n%s", file, err, text)
		return false
	}
	for name := range tables {
		if !slices.Contains([]string{"matrix", "bot", "storage", "encryption", "dns", "knowledge", "schedule", "limits", "metrics", "log"}, name) {
			return false
		}
	}
	return true
}

// Every call of the program in the documentation is one that it understands.
func TestDocumentedCallsParse(t *testing.T) {
	found := 0
	for _, file := range documents(t) {
		for _, b := range blocks(t, file) {
			if b.kind != "sh" {
				continue
			}
			for line := range strings.Lines(b.text) {
				args, ok := calledWith(line)
				if !ok {
					continue
				}
				found++
				if i := slices.Index(args, "/etc/wolkwijs/knowledge"); i >= 0 {
					args[i] = t.TempDir() // a folder that must exist
				}
				if err := parses(t, args); err != nil {
					t.Errorf("%s: %s: %v", file, strings.TrimSpace(line), err)
				}
			}
		}
	}
	if found < 5 {
		t.Errorf("only %d calls found: is the pattern still right?", found)
	}
}

// parses says whether the program understands args, without running it.
func parses(t *testing.T, args []string) error {
	t.Helper()
	parser, err := kong.New(&cli{}, kong.Exit(func(int) {}))
	if err != nil {
		t.Fatal(err)
	}
	_, err = parser.Parse(args)
	return err
}

var programCall = regexp.MustCompile(`(?:^|\| |\s)(?:\S*/)?wolkwijs ([a-z-].*)$`)

// calledWith returns the arguments with which a shell line calls the program.
// It knows quotes, comments, pipes and redirections, as far as the
// documentation uses them.
func calledWith(line string) (args []string, ok bool) {
	line = strings.TrimPrefix(strings.TrimSpace(line), "sudo -u wolkwijs ")
	if strings.HasPrefix(line, "#") || strings.Contains(line, "systemctl") || strings.Contains(line, "apt") {
		return nil, false
	}
	m := programCall.FindStringSubmatch(line)
	if m == nil {
		return nil, false
	}
	for _, w := range regexp.MustCompile(`'[^']*'|\S+`).FindAllString(m[1], -1) {
		if strings.HasPrefix(w, "#") || strings.ContainsAny(w[:1], "|>&<") {
			break
		}
		args = append(args, strings.Trim(w, "'"))
	}
	return args, true
}

// Every make target in the documentation exists.
func TestDocumentedTargetsExist(t *testing.T) {
	makefile := read(t, "Makefile")
	call := regexp.MustCompile("(?m)(?:^|`)make ([a-z]+)")
	for _, file := range documents(t) {
		for _, m := range call.FindAllStringSubmatch(read(t, file), -1) {
			if !regexp.MustCompile(`(?m)^` + m[1] + `:`).MatchString(makefile) {
				t.Errorf("%s: there is no target %q", file, m[1])
			}
		}
	}
}

// documented returns the service that the documentation talks to: what is
// built in, and the domains of docs/testdata/example.zone.
func documented(t *testing.T) *commands.Service {
	t.Helper()
	kb, err := knowledge.Open("")
	if err != nil {
		t.Fatal(err)
	}
	dns := dnstest.New(t, read(t, "docs/testdata/example.zone"))
	checker, end, err := resolverFlags{Resolver: dns.Addr(), ASN: "off"}.checker(kb, dnsq.Config{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { end() })
	return commands.New(commands.Options{Knowledge: kb, Checker: checker, Version: "test"})
}

// Conversations in the documentation are real: each piece of an answer that
// is shown, between one "…" and the next, is in the answer, in that order.
func TestDocumentedConversations(t *testing.T) {
	service := documented(t)
	found := 0
	for _, file := range documents(t) {
		l := lang.EN
		if slices.Contains(inDutch, filepath.ToSlash(file)) {
			l = lang.NL
		}
		for _, b := range blocks(t, file) {
			if b.kind != "text" || !strings.HasPrefix(b.text, "> ") {
				continue
			}
			for _, turn := range strings.Split("\n"+b.text, "\n> ")[1:] {
				question, shown, _ := strings.Cut(turn, "\n")
				found++
				a := service.Answer(t.Context(), commands.Request{Text: question, Lang: l, Kind: commands.Direct, Room: file})
				if a == nil {
					t.Errorf("%s: %q is not answered", file, question)
					continue
				}
				compare(t, file+": "+question, answer.Render(a, answer.Options{}), shown)
			}
		}
	}
	if found < 4 {
		t.Errorf("only %d questions found: is the pattern still right?", found)
	}
}

// inDutch are the documents in Dutch.
var inDutch = []string{"LEESMIJ.md", "docs/card.md"}

// compare reports what is shown of an answer and is not there.
func compare(t *testing.T, where, got, shown string) {
	t.Helper()
	rest := got
	for line := range strings.Lines(shown) {
		for piece := range strings.SplitSeq(line, "…") {
			piece = strings.TrimSpace(piece)
			i := strings.Index(rest, piece)
			if i < 0 {
				t.Errorf("%s: the answer has no %q at this place:\n%s", where, piece, got)
				return
			}
			rest = rest[i+len(piece):]
		}
	}
}

// What the documentation tells people to type is a command.
func TestDocumentedChatCommandsExist(t *testing.T) {
	service := documented(t)
	line := regexp.MustCompile("`!([a-z0-9-]+)[^`]*`")
	found := 0
	for _, file := range documents(t) {
		for _, m := range line.FindAllStringSubmatch(read(t, file), -1) {
			found++
			help := service.Answer(t.Context(), commands.Request{Text: "!help " + m[1], Lang: lang.EN, Kind: commands.Terminal})
			if text := answer.Render(help, answer.Options{}); strings.Contains(text, "I know no command") {
				t.Errorf("%s: %s: there is no such command", file, m[0])
			}
		}
	}
	if found < 10 {
		t.Errorf("only %d commands found: is the pattern still right?", found)
	}
}

// Links between documents lead somewhere.
func TestInternalLinks(t *testing.T) {
	link := regexp.MustCompile(`\]\(([^)\s]+)\)`)
	for _, file := range documents(t) {
		for _, m := range link.FindAllStringSubmatch(fence.ReplaceAllString(read(t, file), ""), -1) {
			path, anchor, _ := strings.Cut(m[1], "#")
			if strings.Contains(path, "://") || strings.HasPrefix(path, "mailto:") {
				continue
			}
			target := filepath.Join(filepath.Dir(file), filepath.FromSlash(path))
			if path == "" {
				target = file
			}
			if _, err := os.Stat(target); errors.Is(err, fs.ErrNotExist) {
				t.Errorf("%s: %s does not exist", file, m[1])
			} else if anchor != "" && !slices.Contains(anchors(read(t, target)), anchor) {
				t.Errorf("%s: %s has no heading %q", file, target, anchor)
			}
		}
	}
}

// anchors are the names that a forge gives to the headings of a document.
func anchors(text string) []string {
	var all []string
	for _, m := range regexp.MustCompile(`(?m)^#+ (.*)$`).FindAllStringSubmatch(text, -1) {
		name := regexp.MustCompile(`[^\p{L}\p{N} _-]`).ReplaceAllString(strings.ToLower(m[1]), "")
		all = append(all, strings.ReplaceAll(name, " ", "-"))
	}
	return all
}

// Every module that the program requires by itself is explained in the list of
// dependencies, and nothing else is.
func TestDependenciesAreExplained(t *testing.T) {
	const file = "docs/decisions/003-dependencies.md"
	direct := regexp.MustCompile(`(?m)^(?:require )?\s*(\S+\.\S+/\S+) v\S+$`)
	row := regexp.MustCompile("(?m)^\\| `(\\S+)` \\|")
	names := func(re *regexp.Regexp, text string) []string {
		var all []string
		for _, m := range re.FindAllStringSubmatch(text, -1) {
			all = append(all, m[1])
		}
		slices.Sort(all)
		return all
	}
	required, explained := names(direct, read(t, "go.mod")), names(row, read(t, file))
	if len(required) < 5 || !slices.Equal(required, explained) {
		t.Errorf("go.mod requires\n%s\n%s explains\n%s", strings.Join(required, "\n"), file, strings.Join(explained, "\n"))
	}
}

// Each of the ten questions on the members' card gets an answer.
func TestCardQuestionsAreAnswered(t *testing.T) {
	service := documented(t)
	rows := regexp.MustCompile("(?m)^\\| \\d+ \\| \\*\\*`?(.*?)`?\\*\\*").FindAllStringSubmatch(read(t, "docs/card.md"), -1)
	if len(rows) != 10 {
		t.Fatalf("%d questions", len(rows))
	}
	for _, row := range rows {
		a := service.Answer(t.Context(), commands.Request{Text: row[1], Kind: commands.Direct})
		if a == nil || a.Failed || a.Topic == "none" || a.Topic == "" && a.Command == "question" {
			t.Errorf("%q is not answered: %+v", row[1], a)
		}
	}
}
