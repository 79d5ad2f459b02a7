package survey

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"wolkwijs/e2e/peer/jspeer"
	"wolkwijs/e2e/proc"
	"wolkwijs/e2e/tree"
)

// number is that of a domain of the country.
var number = regexp.MustCompile(`(?i)\bd\d+(?:\.nl|-nl\.)`)

// multiply makes of a file with rows of so many domains one of several times
// as many, which go on counting.
func multiply(t *testing.T, name string, domains, times int) {
	t.Helper()
	one, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	var all bytes.Buffer
	for k := range times {
		all.Write(number.ReplaceAllFunc(one, func(name []byte) []byte {
			end := bytes.IndexAny(name, ".-")
			i, _ := strconv.Atoi(string(name[1:end]))
			return fmt.Appendf(nil, "%c%d%s", name[0], k*domains+i, name[end:])
		}))
	}
	if err := os.WriteFile(name, all.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
}

// seen is what browser.mjs prints.
type seen struct {
	Console, Requests []string
	Views             []struct {
		Name, Scheme       string
		Bare, MS, Overflow int // of both pages: ms until there are rows to see
		Violations         []string
	}
	Steps map[string]struct {
		Status      string
		Rows, MS    int
		First, Sort []string
	}
	Groups        struct{ Before, After []string }
	Print         int
	WithoutScript struct {
		Bars  int
		Note  string
		Table bool
	} `json:"withoutScript"`
}

// maxPage is what a report of 10,000 domains may take, in octets.
const maxPage = 5 << 20

// bareTable writes a page with a table of as many columns as that of a report,
// and nothing else.
func bareTable(t *testing.T, name string, rows int) {
	t.Helper()
	var page bytes.Buffer
	page.WriteString("<!DOCTYPE html><html lang=nl><meta charset=utf-8><title>Bare</title><div id=table><table><tbody>")
	for i := range rows {
		fmt.Fprintf(&page, "<tr><th>d%d.nl%s", i, strings.Repeat("<td>Microsoft 365", 13))
	}
	page.WriteString("</table></div>")
	if err := os.WriteFile(name, page.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
}

// browse opens the bare table and the report in Chromium. The test is skipped
// where that, or Node.js, is not on the machine, except in CI.
func browse(t *testing.T, bare, report string) seen {
	t.Helper()
	lacks := func(err error) {
		if os.Getenv("CI") == "" {
			t.Skip(err)
		}
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	defer cancel()
	node, err := jspeer.Node(ctx)
	if err != nil {
		lacks(err)
	}
	chromium, err := exec.LookPath("chromium")
	if err != nil {
		lacks(errors.New("Chromium is not on this machine (Debian: apt install chromium)"))
	}
	if err := jspeer.Install(ctx, os.Stderr); err != nil {
		t.Fatal(err)
	}
	root, err := tree.Root()
	if err != nil {
		t.Fatal(err)
	}
	args := []string{"browser.mjs", chromium, bare, report}
	if folder := os.Getenv("WOLKWIJS_PICTURES"); folder != "" {
		args = append(args, folder)
	}
	cmd := exec.CommandContext(ctx, node, args...)
	cmd.Dir = filepath.Join(root, "e2e", "js")
	errs := &proc.Tail{}
	cmd.Stderr = errs
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v: %s", err, errs)
	}
	var s seen
	if err := json.Unmarshal(out, &s); err != nil {
		t.Fatalf("%s: %v", out, err)
	}
	return s
}

// A report of 10,000 domains is small, opens fast, keeps to itself, can be
// searched and sorted, fits a phone, and has none of the faults in
// accessibility that a machine can see.
func TestReportInBrowser(t *testing.T) {
	const domains, times = 1000, 10
	w := newWorld(t, domains)
	dir := t.TempDir()
	rows, report := filepath.Join(dir, "rows.jsonl"), filepath.Join(dir, "report.html")
	w.survey(t, rows).finish(t)
	multiply(t, rows, domains, times)
	out, err := exec.CommandContext(t.Context(), w.program, "survey", "--from", rows, "--group", "provincie", "--format", "html", "-o", report).CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	info, err := os.Stat(report)
	if err != nil {
		t.Fatal(err)
	}
	if info.Size() > maxPage {
		t.Errorf("%d octets", info.Size())
	}
	bare := filepath.Join(dir, "bare.html")
	bareTable(t, bare, domains*times/4)
	s := browse(t, bare, report)
	if len(s.Console) > 0 || len(s.Requests) > 0 {
		t.Errorf("console %q, requests %q", s.Console, s.Requests)
	}
	for _, v := range s.Views {
		if v.Overflow > 0 || len(v.Violations) > 0 {
			t.Errorf("%s, %s: %d pixels too wide, violations %q", v.Name, v.Scheme, v.Overflow, v.Violations)
		}
	}
	// The first view of each kind warms up; a loaded machine may be slow once.
	fastest, fastestBare := s.Views[0].MS, s.Views[0].Bare
	for _, v := range s.Views {
		fastest, fastestBare = min(fastest, v.MS), min(fastestBare, v.Bare)
	}
	t.Logf("%d octets, opened in %d ms at best, a bare table of a quarter of the rows in %d: %v", info.Size(), fastest, fastestBare, s.Views)
	if fastest > fastestBare {
		t.Errorf("opened in %d ms at best, a bare table of a quarter of the rows in %d", fastest, fastestBare)
	}
	domain := func(i int) func([]string) bool {
		return func(first []string) bool { return first[0] == fmt.Sprintf("d%d.nl", i) }
	}
	for _, tt := range []struct {
		step, status string
		rows         int
		sort         []string
		first        func([]string) bool
	}{
		{"opened", "9.990 van 9.990 domeinen", 100, nil, domain(0)},
		{"next page", "", 100, nil, domain(100)},
		{"sorted by domain", "", 100, []string{"Domein ascending"}, domain(0)},
		{"sorted the other way, by keyboard", "", 100, []string{"Domein descending"}, domain(9999)},
		{"sorted by DMARC", "", 100, []string{"DMARC ascending"}, func(first []string) bool { return slices.Contains(first, "reject") }},
		{"searched", "", 100, nil, func(first []string) bool { return first[1] == "Zeeland" && first[2] == "Microsoft 365" }},
		{"searched in vain", "Geen domein past bij deze keuze.", 0, nil, nil},
		{"law chosen", "", 100, nil, func(first []string) bool { return first[2] == "eigen server" && first[3] == "eigen server" }},
		{"group chosen", "", 100, nil, func(first []string) bool { return first[1] == "Zeeland" }},
	} {
		got := s.Steps[tt.step]
		if tt.status != "" && got.Status != tt.status || got.Rows != tt.rows || tt.sort != nil && !slices.Equal(got.Sort, tt.sort) || tt.first != nil && (len(got.First) != 14 || !tt.first(got.First)) {
			t.Errorf("%s: %+v", tt.step, got)
		}
		t.Logf("%s: %d ms", tt.step, got.MS)
	}
	if len(s.Groups.Before) != len(provinces) || !slices.IsSorted(s.Groups.After) || slices.Equal(s.Groups.Before, s.Groups.After) {
		t.Errorf("groups %q, then %q", s.Groups.Before, s.Groups.After)
	}
	if s.Print < 10000 || s.WithoutScript.Bars < 20 || s.WithoutScript.Table || !strings.Contains(s.WithoutScript.Note, "JavaScript") {
		t.Errorf("print %d octets, without scripts %+v", s.Print, s.WithoutScript)
	}
}
