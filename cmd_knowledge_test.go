package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"wolkwijs/knowledge"
)

func TestKnowledgeLint(t *testing.T) {
	if code, out, errOut := call(t, "", "knowledge", "lint", "--errors"); code != exitFine || out != "" || !strings.Contains(errOut, "no faults") {
		t.Errorf("the built-in knowledge: exit code %d\n%s%s", code, out, errOut)
	}
	dir := t.TempDir()
	text := "[[term]]\nid = \"x\"\nnaam = \"X\"\n"
	if err := os.WriteFile(filepath.Join(dir, "glossary.toml"), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	code, out, _ := call(t, "", "knowledge", "lint", "--errors", "--dir", dir)
	if want := filepath.Join(dir, "glossary.toml") + `:3:1: term.naam: unknown key`; code != exitFailed || !strings.HasPrefix(out, want) {
		t.Errorf("a broken folder: exit code %d, want %s at the beginning of\n%s", code, want, out)
	}
}

func TestKnowledgeWithoutItsFolder(t *testing.T) {
	none := filepath.Join(t.TempDir(), "none")
	for _, what := range []string{"lint", "stats", "export"} {
		if code, _, errOut := call(t, "", "knowledge", what, "--dir", none); code != exitWrong || !strings.Contains(errOut, none+" is not a folder") {
			t.Errorf("%s: exit code %d, %s", what, code, errOut)
		}
	}
}

func TestKnowledgeStats(t *testing.T) {
	code, out, errOut := call(t, "", "knowledge", "stats", "--json")
	var s knowledge.Stats
	if err := json.Unmarshal([]byte(out), &s); code != exitFine || err != nil || errOut != "" {
		t.Fatalf("exit code %d, %v, %s", code, err, errOut)
	}
	if len(s.Categories) != s.Entries["categories"] || s.Entries["alternatives"] == 0 {
		t.Errorf("%+v", s.Entries)
	}
	if code, out, _ := call(t, "", "knowledge", "stats"); code != exitFine || !strings.Contains(out, "hq_country") {
		t.Errorf("exit code %d\n%s", code, out)
	}
}

func TestKnowledgeExport(t *testing.T) {
	code, out, _ := call(t, "", "knowledge", "export")
	var all map[string][]map[string]any
	var rest map[string]any
	if err := json.Unmarshal([]byte(out), &rest); code != exitFine || err != nil {
		t.Fatalf("exit code %d, %v", code, err)
	}
	delete(rest, "disclaimer")
	lists, err := json.Marshal(rest)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(lists, &all); err != nil || len(all["twofactor"]) == 0 || all["terms"][0]["id"] == "" {
		t.Errorf("%v, %d kinds", err, len(all))
	}
}
