package main

import (
	"flag"
	"fmt"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write what the tests expect")

// module is the path of the Go module.
const module = "wolkwijs"

// allowed says what each package may import besides the standard library and
// package lang: our own packages by their folder, others by their path, which
// includes what is below it. It is the architecture: `commands` and what is
// below it know nothing of Matrix, only domaincheck touches DNS, only store
// the database. Change it when the architecture changes, not to please the
// compiler.
var allowed = map[string][]string{
	"lang":     {},
	"tomlfile": {"github.com/pelletier/go-toml/v2"},
	"answer":   {"golang.org/x/net/html"},
	"metrics":  {"github.com/prometheus/client_golang"},
	"config":   {"tomlfile", "github.com/rs/zerolog", "maunium.net/go/mautrix/id"},
	"store":    {"go.mau.fi/util/dbutil", "modernc.org/sqlite", "github.com/lib/pq", "maunium.net/go/mautrix/id"},

	"knowledge":        {"tomlfile", "github.com/pelletier/go-toml/v2", "golang.org/x/text"},
	"knowledge/search": {"knowledge", "tomlfile", "github.com/blevesearch/bleve/v2", "golang.org/x/text", "golang.org/x/net"},

	"domaincheck":        {"domaincheck", "codeberg.org/miekg/dns", "golang.org/x/net"},
	"domaincheck/survey": {"domaincheck"},
	"domaincheck/holder": {"knowledge", "golang.org/x/net/publicsuffix"},
	"domaincheck/dnsq":   {"codeberg.org/miekg/dns"},
	"domaincheck/record": {"domaincheck/dnsq", "codeberg.org/miekg/dns", "golang.org/x/net/publicsuffix"},
	"domaincheck/syntax": {},
	"domaincheck/asn":    protocol,
	"domaincheck/bimi":   protocol,
	"domaincheck/caa":    protocol,
	"domaincheck/dane":   protocol,
	"domaincheck/dkim":   protocol,
	"domaincheck/dmarc":  protocol,
	"domaincheck/mtasts": protocol,
	"domaincheck/spf":    protocol,
	"domaincheck/tlsrpt": protocol,

	"commands": {"answer", "knowledge", "domaincheck", "tomlfile"},
	"bot":      {"commands", "answer", "store", "config", "metrics", "maunium.net/go/mautrix", "go.mau.fi/util", "github.com/rs/zerolog", "github.com/mattn/go-isatty"},
	".":        nil, // joins everything
}

// protocol is what the packages of single protocols may import: they read
// records and know neither each other nor what is made of them.
var protocol = []string{"domaincheck/dnsq", "domaincheck/record", "domaincheck/syntax", "codeberg.org/miekg/dns"}

// source is a Go package of this module as its files say.
type source struct {
	imports map[string]bool // by the files of the program, not its tests
	testing bool            // it imports package testing: it is for tests only
}

// sources reads the import clauses of all packages, by folder.
func sources(t *testing.T) map[string]*source {
	t.Helper()
	all := map[string]*source{}
	err := filepath.WalkDir(".", func(file string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			_, err := os.Stat(filepath.Join(file, "go.mod"))
			if file != "." && (err == nil || strings.HasPrefix(d.Name(), ".") || d.Name() == "testdata") {
				return filepath.SkipDir // another module, or no package
			}
			return nil
		}
		if !strings.HasSuffix(file, ".go") || strings.HasSuffix(file, "_test.go") {
			return nil
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ImportsOnly)
		if err != nil {
			return err
		}
		dir := path.Dir(filepath.ToSlash(file))
		if all[dir] == nil {
			all[dir] = &source{imports: map[string]bool{}}
		}
		for _, spec := range parsed.Imports {
			name, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				return err
			}
			all[dir].imports[name] = true
			all[dir].testing = all[dir].testing || name == "testing"
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	// What only packages for tests import is for tests too.
	for changed := true; changed; {
		changed = false
		for dir, p := range all {
			if p.testing || dir == "." {
				continue
			}
			users, testers := 0, 0
			for _, q := range all {
				if q.imports[path.Join(module, dir)] {
					users++
					if q.testing {
						testers++
					}
				}
			}
			if users == testers {
				p.testing, changed = true, true
			}
		}
	}
	return all
}

func TestImportsFollowTheArchitecture(t *testing.T) {
	all := sources(t)
	for _, dir := range slices.Sorted(maps.Keys(all)) {
		p := all[dir]
		if p.testing || dir == "." {
			continue
		}
		may, known := allowed[dir]
		if !known {
			t.Errorf("package %s is not in the table of allowed imports: say what it may import", dir)
			continue
		}
		for _, name := range slices.Sorted(maps.Keys(p.imports)) {
			if !mayImport(dir, name, may) {
				t.Errorf("package %s must not import %s", dir, name)
			}
		}
	}
}

// mayImport says whether the package in dir may import name.
func mayImport(dir, name string, may []string) bool {
	own, ours := strings.CutPrefix(name, module+"/")
	switch {
	case !ours && !strings.Contains(strings.Split(name, "/")[0], "."):
		return dir != "commands" || name != "net" && name != "net/http" // standard library
	case own == "lang":
		return dir != "lang"
	}
	if ours {
		name = own
	}
	return slices.ContainsFunc(may, func(a string) bool { return name == a || strings.HasPrefix(name, a+"/") })
}

// The rules can fail: these imports would break the architecture.
func TestForbiddenImportsAreSeen(t *testing.T) {
	for dir, name := range map[string]string{
		"commands":           "maunium.net/go/mautrix/event",
		"knowledge":          "wolkwijs/domaincheck",
		"answer":             "wolkwijs/commands",
		"domaincheck/spf":    "wolkwijs/domaincheck/dmarc",
		"domaincheck/holder": "codeberg.org/miekg/dns",
		"bot":                "codeberg.org/miekg/dns",
		"store":              "wolkwijs/bot",
		"lang":               "wolkwijs/lang",
	} {
		if mayImport(dir, name, allowed[dir]) {
			t.Errorf("package %s may import %s", dir, name)
		}
	}
}

// TestArchitectureDiagram holds the diagram in docs/architecture.md to the
// imports of the code.
func TestArchitectureDiagram(t *testing.T) {
	const file, begin, end = "docs/architecture.md", "<!-- packages -->\n", "<!-- /packages -->"
	text := read(t, file)
	head, rest, ok := strings.Cut(text, begin)
	_, tail, ok2 := strings.Cut(rest, end)
	if !ok || !ok2 {
		t.Fatalf("%s has no place for the diagram", file)
	}
	want := head + begin + diagram(sources(t)) + end + tail
	if want == text {
		return
	}
	if !*update {
		t.Fatalf("the diagram in %s is out of date: run go test . -run Architecture -update", file)
	}
	if err := os.WriteFile(file, []byte(want), 0o644); err != nil {
		t.Fatal(err)
	}
}

// diagram draws the imports between our packages, without those that follow
// from others and without lang.
func diagram(all map[string]*source) string {
	edges := map[string][]string{}
	for dir, p := range all {
		for name := range p.imports {
			own, ours := strings.CutPrefix(name, module+"/")
			if ours && own != "lang" && !p.testing {
				edges[dir] = append(edges[dir], own)
			}
		}
		slices.Sort(edges[dir])
	}
	var b strings.Builder
	b.WriteString("```mermaid\nflowchart TD\n")
	for _, from := range slices.Sorted(maps.Keys(edges)) {
		for _, to := range edges[from] {
			if !reached(edges, from, to) {
				fmt.Fprintf(&b, "    %s --> %s\n", node(from), node(to))
			}
		}
	}
	b.WriteString("```\n")
	return b.String()
}

// reached says whether to is also imported by something else that from
// imports, so that an arrow of its own would tell nothing new.
func reached(edges map[string][]string, from, to string) bool {
	var leads func(at string) bool
	leads = func(at string) bool {
		return slices.ContainsFunc(edges[at], func(next string) bool { return next == to || leads(next) })
	}
	return slices.ContainsFunc(edges[from], func(next string) bool { return next != to && leads(next) })
}

// node is a package in the diagram.
func node(dir string) string {
	if dir == "." {
		return "main"
	}
	return strings.NewReplacer("/", "_").Replace(dir) + "[" + dir + "]"
}
