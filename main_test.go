package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// call runs the program and returns its exit code and what it wrote.
func call(t *testing.T, stdin string, args ...string) (code int, out, errOut string) {
	t.Helper()
	var o, e strings.Builder
	code = run(&program{t.Context(), strings.NewReader(stdin), &o, &e}, args)
	return code, o.String(), e.String()
}

func TestExitCodes(t *testing.T) {
	dir := t.TempDir()
	file := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	good := file("good.toml", "[matrix]\nhomeserver = 'https://matrix.example.org'\nuser_id = '@a:example.org'\n")
	bad := file("bad.toml", "[matrix]\nhomesrver = 'https://matrix.example.org'\nuser_id = 'a'\n")
	none := filepath.Join(dir, "none")
	noFolder := file("folder.toml", "[knowledge]\ndir = '"+none+"'\n"+read(t, good))
	noAnchors := file("anchors.toml", "[dns]\ntrust_anchor_file = '"+none+"'\n"+read(t, good))
	for _, tt := range []struct {
		name        string
		args        []string
		code        int
		out, errOut string
	}{
		{"version", []string{"version"}, exitFine, "wolkwijs ", ""},
		{"help", []string{"--help"}, exitFine, "config check", ""},
		{"login is there", []string{"login", "--help"}, exitFine, "OAuth 2.0", ""},
		{"no command", nil, exitFine, "Usage: wolkwijs", ""},
		{"unknown command", []string{"fly"}, exitWrong, "", "wolkwijs --help"},
		{"good configuration", []string{"config", "check", "-c", good}, exitFine, "is fine", "warning: "},
		{"bad configuration", []string{"config", "check", "-c", bad}, exitWrong, "", bad + `:2:1: matrix.homesrver: unknown key; did you mean "homeserver"?`},
		{"no knowledge folder", []string{"config", "check", "-c", noFolder}, exitWrong, "", noFolder + ":2:1: knowledge.dir: the knowledge folder " + none + " does not exist"},
		{"no trust anchors", []string{"config", "check", "-c", noAnchors}, exitWrong, "", noAnchors + ":2:1: dns.trust_anchor_file: reading the trust anchors"},
		{"no resolver", []string{"check", "--resolver", "not a resolver", "example.nl"}, exitWrong, "", "give host, host:port"},
		{"no AS table", []string{"survey", "--asn-table", filepath.Join(dir, "none")}, exitWrong, "", "reading the AS table"},
		{"broken AS table", []string{"survey", "--asn-table", bad}, exitWrong, "", bad + ":1: "},
		{"no configuration", []string{"config", "check", "-c", filepath.Join(dir, "none")}, exitWrong, "", "does not exist: make it with `wolkwijs setup`"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			code, out, errOut := call(t, "", tt.args...)
			if code != tt.code || !strings.Contains(out, tt.out) || !strings.Contains(errOut, tt.errOut) {
				t.Errorf("%q: code %d, stdout %q, stderr %q", tt.args, code, out, errOut)
			}
		})
	}
}
