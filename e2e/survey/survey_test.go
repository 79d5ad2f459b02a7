package survey

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"wolkwijs/e2e/bot"
	"wolkwijs/e2e/peer/jspeer"
	"wolkwijs/e2e/proc"
	"wolkwijs/e2e/tree"
)

// maxMemory is what a survey may take, in octets, however long its list is.
const maxMemory = 300 << 20

// size is how many domains the country has: WOLKWIJS_COUNTRY, or so few that the
// tests take no minute.
func size(t *testing.T) int {
	text := os.Getenv("WOLKWIJS_COUNTRY")
	if text == "" {
		return 3000
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1000 {
		t.Fatalf("WOLKWIJS_COUNTRY is %q: give a number from 1000 on", text)
	}
	return n
}

var provinces = strings.Fields("Drenthe Flevoland Fryslân Gelderland Groningen Limburg Noord-Brabant Noord-Holland Overijssel Utrecht Zeeland Zuid-Holland")

// world is a country and the list of its domains, in which some lines are
// odd.
type world struct {
	*Country
	program, list string
	rows          int
}

func newWorld(t *testing.T, n int) *world {
	t.Helper()
	program, err := bot.Program()
	if err != nil {
		t.Fatal(err)
	}
	country, err := Start()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(country.Stop)
	w := &world{Country: country, program: program, list: filepath.Join(t.TempDir(), "list.csv"), rows: n}
	var b strings.Builder
	b.WriteString("domein;provincie\r\n")
	for i := range n {
		name := fmt.Sprintf("d%d.nl", i)
		switch i % 1000 {
		case 100:
			name = "https://www." + name + "/contact"
		case 200:
			name = "info@" + name
		case 300:
			name = "=not a domain " + name
		case 400:
			name = strings.ToUpper(name)
		}
		fmt.Fprintf(&b, "%s;%s\r\n", name, provinces[i%len(provinces)])
	}
	if err := os.WriteFile(w.list, []byte(b.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	return w
}

// survey is a run of the program.
type survey struct {
	*proc.Process
	errs *proc.Tail
	peak atomic.Int64 // memory, as far as it was seen
}

// survey starts a run that writes to out.
func (w *world) survey(t *testing.T, out string, args ...string) *survey {
	t.Helper()
	args = append([]string{"survey", "--resolver", w.Addr(), "--asn", "off", "--no-mta-sts-policy", "-o", out}, append(args, w.list)...)
	s := &survey{errs: &proc.Tail{}}
	var err error
	if s.Process, err = proc.Start(proc.Command{Path: w.program, Args: args, Err: s.errs}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Kill() })
	go func() {
		tick := time.NewTicker(100 * time.Millisecond)
		defer tick.Stop()
		for {
			select {
			case <-s.Done():
				return
			case <-tick.C:
				if peak, err := s.PeakMemory(); err == nil {
					s.peak.Store(peak)
				}
			}
		}
	}()
	return s
}

// finish waits for the end, which has to be a good one.
func (s *survey) finish(t *testing.T) {
	t.Helper()
	if err := s.Err(); err != nil {
		t.Fatalf("%v: %s", err, s.errs)
	}
}

// A survey that a power cut ends twice, and that goes on each time, gives the
// same rows as one that nothing disturbed, one for each line of the list, and
// its memory does not grow with the list.
func TestSurveyIsResumedAfterPowerCuts(t *testing.T) {
	n := size(t)
	w := newWorld(t, n)
	dir := t.TempDir()
	whole, cut := filepath.Join(dir, "whole.jsonl"), filepath.Join(dir, "cut.jsonl")
	began := time.Now()
	undisturbed := w.survey(t, whole)
	tenth := w.Asked(n / 10)
	var early int64
	select {
	case <-tenth:
		if peak, err := undisturbed.PeakMemory(); err == nil {
			early = peak
		}
	case <-undisturbed.Done():
	}
	undisturbed.finish(t)
	took := time.Since(began)
	peaks := []int64{undisturbed.peak.Load()}
	for _, at := range []int{n / 3, 2 * n / 3} {
		asked := w.Asked(at)
		s := w.survey(t, cut, "--resume")
		select {
		case <-asked:
		case <-s.Done():
			t.Fatalf("it ended before domain %d: %v: %s", at, s.Err(), s.errs)
		}
		if err := s.Kill(); err != nil {
			t.Fatal(err)
		}
		peaks = append(peaks, s.peak.Load())
		info, err := os.Stat(cut)
		if err != nil {
			t.Fatal(err)
		}
		t.Logf("killed at domain %d, with %d octets written", at, info.Size())
	}
	last := w.survey(t, cut, "--resume")
	last.finish(t)
	peaks = append(peaks, last.peak.Load())
	rows := same(t, whole, cut)
	if rows != n {
		t.Errorf("%d rows for %d lines", rows, n)
	}
	t.Logf("%d domains in %v (%.0f a second), memory %d MB after a tenth, at most %d MB", n, took.Round(time.Second), float64(n)/took.Seconds(), early>>20, slices.Max(peaks)>>20)
	if slices.Max(peaks) > maxMemory {
		t.Errorf("it took %d MB", slices.Max(peaks)>>20)
	}
}

// varying are the fields in which two runs may differ: when and how fast, and
// how many queries were left to send as others had asked the same.
var varying = regexp.MustCompile(`"(checked_at|queries|duration_ms)":("[^"]*"|\d+),`)

// same holds two files of rows against each other, and returns how many rows
// there are, each of its own line of the list and in its order.
func same(t *testing.T, a, b string) (rows int) {
	t.Helper()
	var files [2]*bufio.Reader
	for i, name := range []string{a, b} {
		f, err := os.Open(name)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		files[i] = bufio.NewReaderSize(f, 1<<20)
	}
	differ, line := 0, 1 // the header
	for {
		x, errX := files[0].ReadBytes('\n')
		y, errY := files[1].ReadBytes('\n')
		if errors.Is(errX, io.EOF) && errors.Is(errY, io.EOF) {
			break
		}
		if errX != nil || errY != nil {
			t.Errorf("after %d rows: %v, %v", rows, errX, errY)
			break
		}
		rows++
		line++
		if !bytes.HasPrefix(x, fmt.Appendf(nil, `{"line":%d,"input":`, line)) {
			t.Errorf("row %d is %.100s", rows, x)
			break
		}
		x, y = varying.ReplaceAll(x, nil), varying.ReplaceAll(y, nil)
		if !bytes.Equal(x, y) {
			if differ++; differ <= 3 {
				i := 0
				for i < min(len(x), len(y)) && x[i] == y[i] {
					i++
				}
				from := max(0, i-200)
				t.Errorf("row %d differs:\n%.400s\n%.400s", rows, x[from:], y[from:])
			}
		}
	}
	if differ > 0 {
		t.Errorf("%d rows differ", differ)
	}
	return rows
}

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
		Name, Scheme string
		MS, Overflow int
		Violations   []string
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

// maxPage is what a report of 10,000 domains may take, in octets; maxOpen how
// long a browser may take to open it.
const (
	maxPage = 5 << 20
	maxOpen = 2 * time.Second
)

// browse opens the report in Chromium. The test is skipped where that, or
// Node.js, is not on the machine, except in CI.
func browse(t *testing.T, report string) seen {
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
	args := []string{"browser.mjs", chromium, report}
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
	s := browse(t, report)
	if len(s.Console) > 0 || len(s.Requests) > 0 {
		t.Errorf("console %q, requests %q", s.Console, s.Requests)
	}
	for _, v := range s.Views {
		if v.Overflow > 0 || len(v.Violations) > 0 {
			t.Errorf("%s, %s: %d pixels too wide, violations %q", v.Name, v.Scheme, v.Overflow, v.Violations)
		}
	}
	// The first view of each kind warms up; a loaded machine may be slow once.
	fastest := s.Views[0].MS
	for _, v := range s.Views {
		fastest = min(fastest, v.MS)
	}
	t.Logf("%d octets, opened in %v", info.Size(), s.Views)
	if time.Duration(fastest)*time.Millisecond > maxOpen {
		t.Errorf("opened in %d ms at best", fastest)
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
