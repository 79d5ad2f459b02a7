package survey

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"wolkwijs/e2e/bot"
	"wolkwijs/e2e/proc"
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
