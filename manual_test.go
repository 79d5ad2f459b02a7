package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/alecthomas/kong"
)

// The manual page names every sub-command and every flag that --help names.
func TestManualIsComplete(t *testing.T) {
	code, page, errOut := call(t, "", "man")
	if code != exitFine || errOut != "" {
		t.Fatalf("code %d, stderr %q", code, errOut)
	}
	page = strings.ReplaceAll(page, `\-`, "-")
	parser, err := kong.New(&cli{})
	if err != nil {
		t.Fatal(err)
	}
	rest := page
	for _, c := range parser.Model.Leaves(true) {
		at := strings.Index(rest, "\n.SS "+commandLine(c)+"\n")
		if at < 0 {
			t.Fatalf("%q is not in the page, or not in its place", commandLine(c))
		}
		rest = rest[at+1:]
		section, _, _ := strings.Cut(rest[1:], "\n.SS ")
		for _, f := range flagsOf(c) {
			if !strings.Contains(section, "--"+f.Name) && !strings.Contains(section, "--[no-]"+f.Name) {
				t.Errorf("%s: --%s is missing", c.Name, f.Name)
			}
		}
	}
	if !strings.HasPrefix(page, ".TH WOLKWIJS 1 ") {
		t.Errorf("the page begins with %q", page[:min(len(page), 40)])
	}
}

// groff reads the page without a complaint, where there is one.
func TestManualIsRoff(t *testing.T) {
	groff, err := exec.LookPath("groff")
	if err != nil {
		t.Skip("groff is not on this machine")
	}
	_, page, _ := call(t, "", "man")
	cmd := exec.Command(groff, "-man", "-Tutf8", "-ww", "-z")
	cmd.Stdin = strings.NewReader(page)
	if out, err := cmd.CombinedOutput(); err != nil || len(out) > 0 {
		t.Errorf("%v: %s", err, out)
	}
}

// bash completes what is typed, here up to "|", with these words.
func TestBashCompletes(t *testing.T) {
	bash, err := exec.LookPath("bash")
	if err != nil {
		t.Skip("bash is not on this machine")
	}
	_, script, _ := call(t, "", "completion", "bash")
	file := filepath.Join(t.TempDir(), "wolkwijs")
	if err := os.WriteFile(file, []byte(script), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		typed []string
		want  []string
	}{
		{[]string{"kn"}, []string{"knowledge"}},
		{[]string{"knowledge", "s"}, []string{"stats"}},
		{[]string{"config", ""}, []string{"check"}},
		{[]string{"run", "--re"}, []string{"--reset-device"}},
		{[]string{"config", "check", "--c"}, []string{"--config"}},
		{[]string{"chat", "--lang", ""}, []string{"nl", "en", "auto"}},
		{[]string{"check", "example.nl", "--js"}, []string{"--json"}},
		{[]string{"check", "--json", "--mt"}, []string{"--mta-sts-policy"}},
		{[]string{"completion", "f"}, []string{"fish"}},
		{[]string{"fly", ""}, []string{}},
	} {
		t.Run(strings.Join(tt.typed, " ")+"|", func(t *testing.T) {
			args := append([]string{"-c", `. "$0"; COMP_WORDS=(wolkwijs "$@"); COMP_CWORD=$#; _wolkwijs; printf '%s\n' "${COMPREPLY[@]}"`, file}, tt.typed...)
			out, err := exec.Command(bash, args...).CombinedOutput()
			if err != nil {
				t.Fatalf("%v: %s", err, out)
			}
			if got := strings.Fields(string(out)); !slices.Equal(got, tt.want) {
				t.Errorf("%q, want %q", got, tt.want)
			}
		})
	}
}

// fish hears of every sub-command and every flag, each with its help.
func TestFishCompletionIsComplete(t *testing.T) {
	code, script, _ := call(t, "", "completion", "fish")
	if code != exitFine {
		t.Fatal(code)
	}
	parser, err := kong.New(&cli{})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range parser.Model.Leaves(true) {
		if !strings.Contains(script, " -a "+c.Name+" -d "+quote(c.Help)) {
			t.Errorf("%s is missing", c.Name)
		}
		for _, f := range flagsOf(c) {
			if !strings.Contains(script, "_from "+c.Name+"' -l "+f.Name+" -d "+quote(f.Help)) {
				t.Errorf("%s --%s is missing", c.Name, f.Name)
			}
		}
	}
	if got := quote(`it's a \ sign`); got != `'it\'s a \\ sign'` {
		t.Errorf("quoted as %s", got)
	}
}
