package survey_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"wolkwijs/domaincheck"
	"wolkwijs/domaincheck/survey"
)

// checker reports every domain that Normalise finds; the resolver does not
// answer for names that begin with "dead".
type checker struct {
	now, most, total atomic.Int32
	hold             chan struct{} // if set, each check waits for one value
}

func (c *checker) Check(ctx context.Context, input string) (*domaincheck.Report, error) {
	n := c.now.Add(1)
	defer c.now.Add(-1)
	for most := c.most.Load(); n > most && !c.most.CompareAndSwap(most, n); most = c.most.Load() {
	}
	c.total.Add(1)
	if c.hold != nil {
		select {
		case <-c.hold:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
	t, err := domaincheck.Normalise(input)
	if err != nil {
		return nil, err
	}
	if strings.HasPrefix(t.Domain, "dead") {
		return nil, domaincheck.ErrResolver
	}
	return &domaincheck.Report{Domain: t.Domain}, nil
}

// rows are the inputs of the lines of out, sorted, with "!" for those that
// have an error.
func rows(t *testing.T, out []byte) []string {
	t.Helper()
	var all []string
	for line := range bytes.Lines(out) {
		var row struct{ Input, Domain, Error string }
		if err := json.Unmarshal(line, &row); err != nil {
			t.Fatalf("%s: %v", line, err)
		}
		if row.Error != "" {
			row.Input += "!"
		}
		all = append(all, row.Input)
	}
	slices.Sort(all)
	return all
}

func TestRun(t *testing.T) {
	list := "\ufeffexample.nl\n\n# a comment\n  https://www.example.org/ \nexample.nl\nno domain\ndead.nl\n"
	var out bytes.Buffer
	var told []int
	s := &survey.Survey{Checker: &checker{}, Concurrency: 3, Progress: func(done, failed int) { told = append(told, done+failed) }}
	done, failed, err := s.Run(t.Context(), strings.NewReader(list), &out)
	if done != 3 || failed != 1 || err != nil {
		t.Errorf("%d done, %d failed, %v", done, failed, err)
	}
	if got, want := rows(t, out.Bytes()), []string{"example.nl", "https://www.example.org/", "no domain!"}; !slices.Equal(got, want) {
		t.Errorf("rows %q, want %q", got, want)
	}
	if !slices.Equal(told, []int{1, 2, 3, 4}) {
		t.Errorf("progress %v", told)
	}
}

func TestConcurrencyIsBounded(t *testing.T) {
	c := &checker{hold: make(chan struct{})}
	go func() {
		for range 50 {
			c.hold <- struct{}{}
		}
	}()
	var list strings.Builder
	for i := range 50 {
		list.WriteString(strings.Repeat("a", i+1) + ".nl\n")
	}
	s := &survey.Survey{Checker: c, Concurrency: 4}
	if done, _, err := s.Run(t.Context(), strings.NewReader(list.String()), &bytes.Buffer{}); done != 50 || err != nil {
		t.Errorf("%d done, %v", done, err)
	}
	if most := c.most.Load(); most > 4 {
		t.Errorf("%d at once, want at most 4", most)
	}
}

func TestGivesUpWithoutResolver(t *testing.T) {
	c := &checker{}
	var list strings.Builder
	for i := range 500 {
		list.WriteString("dead" + strings.Repeat("a", i%50+1) + strings.Repeat("b", i/50+1) + ".nl\n")
	}
	s := &survey.Survey{Checker: c, Concurrency: 2}
	_, failed, err := s.Run(t.Context(), strings.NewReader(list.String()), &bytes.Buffer{})
	if !errors.Is(err, domaincheck.ErrResolver) || failed > 25 || c.total.Load() > 25 {
		t.Errorf("%d failed, %d checked, %v", failed, c.total.Load(), err)
	}
}

// TestResume breaks off a run, damages the end of its file, and goes on.
func TestResume(t *testing.T) {
	name := filepath.Join(t.TempDir(), "out.jsonl")
	if err := os.WriteFile(name, []byte(`{"input":"a.nl","domain":"a.nl"}`+"\n"+`{"input":"b.nl","dom`), 0o600); err != nil {
		t.Fatal(err)
	}
	f, done, err := survey.Resume(name)
	if err != nil {
		t.Fatal(err)
	}
	c := &checker{}
	s := &survey.Survey{Checker: c, Concurrency: 1, Done: done}
	if _, _, err := s.Run(t.Context(), strings.NewReader("a.nl\nb.nl\nc.nl\n"), f); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := rows(t, data), []string{"a.nl", "b.nl", "c.nl"}; !slices.Equal(got, want) || c.total.Load() != 2 {
		t.Errorf("rows %q after %d checks, want %q after 2", got, c.total.Load(), want)
	}
}

func TestResumeKeepsOffOtherFiles(t *testing.T) {
	name := filepath.Join(t.TempDir(), "notes.txt")
	if err := os.WriteFile(name, []byte("my notes\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, _, err := survey.Resume(name); err == nil || !strings.Contains(err.Error(), "line 1 is no row") {
		t.Errorf("%v", err)
	}
	if data, err := os.ReadFile(name); err != nil || string(data) != "my notes\n" {
		t.Errorf("the file is now %q, %v", data, err)
	}
}
