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

// source is a Go package of this module as its files say. The last paragraph
// of each package comment is the architecture: "May import:" with our own
// packages by their folder and others by their path, which includes what is
// below it; after a semicolon, what of the standard library it may not. The
// rest of the standard library and package lang are for all. Change it when
// the architecture changes, not to please the compiler.
type source struct {
	imports map[string]bool // by the files of the program, not its tests
	rule    rule
	testing bool // "For tests only."
}

// rule is what a package may import.
type rule struct {
	everything bool // it joins the parts
	may, not   []string
}

// readRule reads the last paragraph of a package comment. It returns false
// for a comment that says neither what the package may import nor that it is
// for tests only.
func readRule(comment string) (r rule, testing, ok bool) {
	paragraphs := strings.Split(strings.TrimSpace(comment), "\n\n")
	last := strings.Join(strings.Fields(paragraphs[len(paragraphs)-1]), " ")
	if last == "For tests only." {
		return rule{}, true, true
	}
	list, ok := strings.CutPrefix(last, "May import: ")
	list, closed := strings.CutSuffix(list, ".")
	if !ok || !closed {
		return rule{}, false, false
	}
	may, not, _ := strings.Cut(list, "; not ")
	switch may {
	case "everything":
		return rule{everything: true}, false, true
	case "nothing":
	default:
		r.may = strings.Split(may, ", ")
	}
	if not != "" {
		r.not = strings.Split(not, ", ")
	}
	return r, false, true
}

// sources reads the import clauses and comments of all packages, by folder.
func sources(t *testing.T) map[string]*source {
	t.Helper()
	all := map[string]*source{}
	ruled := map[string]bool{}
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
		parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ImportsOnly|parser.ParseComments)
		if err != nil {
			return err
		}
		dir := path.Dir(filepath.ToSlash(file))
		if all[dir] == nil {
			all[dir] = &source{imports: map[string]bool{}}
		}
		if comment := parsed.Doc.Text(); comment != "" {
			r, testing, ok := readRule(comment)
			switch {
			case !ok:
				t.Errorf("%s: the package comment must end with a paragraph \"May import: …\", or \"For tests only.\"", file)
			case ruled[dir]:
				t.Errorf("%s: package %s has a comment in another file already", file, dir)
			}
			all[dir].rule, all[dir].testing, ruled[dir] = r, testing, true
		}
		for _, spec := range parsed.Imports {
			name, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				return err
			}
			all[dir].imports[name] = true
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for dir := range all {
		if !ruled[dir] {
			t.Errorf("package %s has no comment", dir)
		}
	}
	return all
}

// Each package imports only what its comment says.
func TestImportsFollowTheArchitecture(t *testing.T) {
	all := sources(t)
	for _, dir := range slices.Sorted(maps.Keys(all)) {
		p := all[dir]
		if p.testing {
			continue
		}
		for _, name := range slices.Sorted(maps.Keys(p.imports)) {
			own, ours := strings.CutPrefix(name, module+"/")
			switch {
			case ours && all[own] == nil:
				t.Errorf("package %s imports %s, which is not there", dir, name)
			case ours && all[own].testing:
				t.Errorf("package %s imports %s, which is for tests only", dir, name)
			case !mayImport(name, p.rule):
				t.Errorf("package %s must not import %s", dir, name)
			}
		}
		for _, name := range p.rule.may {
			if !slices.ContainsFunc(slices.Collect(maps.Keys(p.imports)), func(i string) bool { return covers(name, strings.TrimPrefix(i, module+"/")) }) && !shared(all, name, dir) {
				t.Errorf("package %s does not import %s, which its comment allows: leave that out", dir, name)
			}
		}
	}
}

// shared says whether a neighbour of the package in dir has the same rule:
// the packages of single protocols share one, and not each uses all of it.
func shared(all map[string]*source, name, dir string) bool {
	for other, p := range all {
		if other != dir && path.Dir(other) == path.Dir(dir) && slices.Equal(p.rule.may, all[dir].rule.may) && slices.Contains(p.rule.may, name) {
			return true
		}
	}
	return false
}

// mayImport says whether a package with rule r may import name.
func mayImport(name string, r rule) bool {
	own, ours := strings.CutPrefix(name, module+"/")
	switch {
	case r.everything:
		return true
	case !ours && !strings.Contains(strings.Split(name, "/")[0], "."):
		return !slices.Contains(r.not, name) // standard library
	case own == "lang":
		return true
	}
	if ours {
		name = own
	}
	return slices.ContainsFunc(r.may, func(a string) bool { return covers(a, name) })
}

// covers says whether name is allowed, or below it.
func covers(allowed, name string) bool {
	return name == allowed || strings.HasPrefix(name, allowed+"/")
}

// The rules can fail: these imports would break the architecture.
func TestForbiddenImportsAreSeen(t *testing.T) {
	all := sources(t)
	for dir, name := range map[string]string{
		"commands":           "maunium.net/go/mautrix/event",
		"answer":             "wolkwijs/commands",
		"knowledge":          "wolkwijs/domaincheck",
		"domaincheck/spf":    "wolkwijs/domaincheck/dmarc",
		"domaincheck/holder": "codeberg.org/miekg/dns",
		"bot":                "codeberg.org/miekg/dns",
		"store":              "wolkwijs/bot",
		"lang":               "wolkwijs/answer",
	} {
		if mayImport(name, all[dir].rule) {
			t.Errorf("package %s may import %s", dir, name)
		}
	}
	if mayImport("net/http", all["commands"].rule) {
		t.Error("commands may open connections of its own")
	}
	for _, comment := range []string{"Package a does b.", "Package a.\n\nMay import: b", "May import: b.\n\nAnd more."} {
		if r, _, ok := readRule(comment); ok {
			t.Errorf("%q is read as %+v", comment, r)
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
