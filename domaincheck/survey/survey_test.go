package survey_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"hash/fnv"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"wolkwijs/domaincheck"
	"wolkwijs/domaincheck/survey"
)

// checker reports every domain that Normalise finds.
type checker struct {
	now, most, total atomic.Int32
	hold             func(ctx context.Context, domain string)      // called in each check
	answer           func(domain string) (failures int, dead bool) // nil: all is well
}

func (c *checker) Check(ctx context.Context, input string) (*domaincheck.Report, error) {
	n := c.now.Add(1)
	defer c.now.Add(-1)
	for most := c.most.Load(); n > most && !c.most.CompareAndSwap(most, n); most = c.most.Load() {
	}
	c.total.Add(1)
	t, err := domaincheck.Normalise(input)
	if err != nil {
		return nil, err
	}
	if c.hold != nil {
		c.hold(ctx, t.Domain)
	}
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	r := &domaincheck.Report{Domain: t.Domain, Unicode: t.Unicode}
	if c.answer != nil {
		failures, dead := c.answer(t.Domain)
		if dead {
			return nil, domaincheck.ErrResolver
		}
		for range failures {
			r.Errors = append(r.Errors, domaincheck.LookupError{Name: t.Domain, Type: "MX", Kind: "timeout"})
		}
		r.Partial = failures > 0
	}
	return r, nil
}

// items reads a list.
func items(t testing.TB, list string) []survey.Item {
	t.Helper()
	l, err := survey.ReadList(strings.NewReader(list), "")
	if err != nil {
		t.Fatal(err)
	}
	return l.Items
}

// names is a list of n domains.
func names(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "d%d.nl\n", i)
	}
	return b.String()
}

// inputs are those of the lines of out, in their order, with "!" and the kind
// for those that have an error.
func inputs(t testing.TB, out []byte) []string {
	t.Helper()
	var all []string
	for line := range bytes.Lines(out) {
		var row survey.Row
		if err := json.Unmarshal(line, &row); err != nil {
			t.Fatalf("%s: %v", line, err)
		}
		if row.Error != "" {
			row.Input += "!" + string(row.ErrorKind)
		}
		all = append(all, row.Input)
	}
	return all
}

func TestRun(t *testing.T) {
	list := "\ufeffexample.nl\n\n# a comment\n  https://www.example.org/ \nexample.nl\nno domain\nslow.nl\n"
	var out bytes.Buffer
	var told []int
	s := &survey.Survey{
		Checker:     &checker{answer: func(d string) (int, bool) { return map[string]int{"slow.nl": 2}[d], false }},
		Concurrency: 3, Progress: func(n survey.Count) { told = append(told, n.Done) },
	}
	n, err := s.Run(t.Context(), items(t, list), survey.JSONL{}, &out)
	if want := (survey.Count{Done: 4, Wrong: 1, Partial: 1}); n != want || err != nil {
		t.Errorf("%+v, %v", n, err)
	}
	if got, want := inputs(t, out.Bytes()), []string{"example.nl", "https://www.example.org/", "no domain!no-domain", "slow.nl"}; !slices.Equal(got, want) {
		t.Errorf("rows %q, want %q", got, want)
	}
	if !slices.Equal(told, []int{1, 2, 3, 4}) {
		t.Errorf("progress %v", told)
	}
	if first, _, _ := strings.Cut(out.String(), "\n"); !strings.HasPrefix(first, `{"line":1,"input":"example.nl","domain":"example.nl",`) {
		t.Errorf("the first row is %s", first)
	}
}

func TestConcurrencyIsBounded(t *testing.T) {
	step := make(chan struct{})
	c := &checker{hold: func(ctx context.Context, _ string) {
		select {
		case <-step:
		case <-ctx.Done():
		}
	}}
	go func() {
		for range 50 {
			step <- struct{}{}
		}
	}()
	s := &survey.Survey{Checker: c, Concurrency: 4}
	if n, err := s.Run(t.Context(), items(t, names(50)), survey.JSONL{}, &bytes.Buffer{}); n.Done != 50 || err != nil {
		t.Errorf("%+v, %v", n, err)
	}
	if most := c.most.Load(); most > 4 {
		t.Errorf("%d at once, want at most 4", most)
	}
}

// Rows come in the order of the list, however long each domain takes.
func TestRowsAreInOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := &checker{hold: func(_ context.Context, d string) {
			h := fnv.New32()
			h.Write([]byte(d))
			time.Sleep(time.Duration(h.Sum32()%1000) * time.Millisecond)
		}}
		var out bytes.Buffer
		s := &survey.Survey{Checker: c, Concurrency: 20}
		if _, err := s.Run(t.Context(), items(t, names(500)), survey.JSONL{}, &out); err != nil {
			t.Fatal(err)
		}
		if got, want := inputs(t, out.Bytes()), strings.Fields(names(500)); !slices.Equal(got, want) {
			t.Errorf("rows %q", got)
		}
	})
}

// A domain that takes long keeps the others waiting, and does not let them
// pile up.
func TestSlowDomainBoundsWhatWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		c := &checker{hold: func(_ context.Context, d string) {
			if d == "d0.nl" {
				<-release
			}
		}}
		ended := make(chan error)
		s := &survey.Survey{Checker: c, Concurrency: 2}
		go func() {
			_, err := s.Run(t.Context(), items(t, names(10000)), survey.JSONL{}, &bytes.Buffer{})
			ended <- err
		}()
		synctest.Wait()
		if n := c.total.Load(); n < 60 || n > 70 {
			t.Errorf("%d checked while the first is not done, want about 64", n)
		}
		close(release)
		if err := <-ended; err != nil || c.total.Load() != 10000 {
			t.Errorf("%d checked, %v", c.total.Load(), err)
		}
	})
}

func TestGivesUpWithoutResolver(t *testing.T) {
	c := &checker{answer: func(string) (int, bool) { return 0, true }}
	var out bytes.Buffer
	s := &survey.Survey{Checker: c, Concurrency: 2, Patience: survey.Patience}
	_, err := s.Run(t.Context(), items(t, names(500)), survey.JSONL{}, &out)
	if !errors.Is(err, domaincheck.ErrResolver) || c.total.Load() > 2 || out.Len() > 0 {
		t.Errorf("%d checked, %d octets written, %v", c.total.Load(), out.Len(), err)
	}
}

// The resolver, or the network, is away for a while: whether it says so, or
// only look-ups fail and nothing else can be asked either. No row tells of it.
func TestWaitsForResolver(t *testing.T) {
	for _, silent := range []bool{true, false} {
		t.Run(fmt.Sprint("silent ", silent), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				start := time.Now()
				away := func() bool { d := time.Since(start); return d > 10*time.Second && d < 40*time.Second }
				c := &checker{hold: func(context.Context, string) { time.Sleep(time.Second) }, answer: func(d string) (int, bool) {
					if away() {
						return 5, silent
					}
					return map[bool]int{true: 1}[d == "d7.nl"], false // its own fault
				}}
				var out bytes.Buffer
				s := &survey.Survey{Checker: c, Concurrency: 3, Patience: survey.Patience, Reachable: func(context.Context, string) bool { return !away() }}
				n, err := s.Run(t.Context(), items(t, names(100)), survey.JSONL{}, &out)
				if want := (survey.Count{Done: 100, Partial: 1}); n != want || err != nil {
					t.Errorf("%+v, %v", n, err)
				}
				if got := inputs(t, out.Bytes()); !slices.Equal(got, strings.Fields(names(100))) {
					t.Errorf("rows %q", got)
				}
			})
		})
	}
}

// A resolver that goes away for good ends the survey, and none of the rows
// that are there tells of it.
func TestGivesUpWhenResolverGoes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		c := &checker{hold: func(context.Context, string) { time.Sleep(time.Second) }, answer: func(string) (int, bool) { return 0, time.Since(start) > 10*time.Second }}
		var out bytes.Buffer
		s := &survey.Survey{Checker: c, Concurrency: 3, Patience: survey.Patience}
		n, err := s.Run(t.Context(), items(t, names(100)), survey.JSONL{}, &out)
		got := inputs(t, out.Bytes())
		if !errors.Is(err, domaincheck.ErrResolver) || n.Done != len(got) || len(got) < 27 || len(got) > 33 {
			t.Errorf("%+v, %v, rows %q", n, err, got)
		}
		if waited := time.Since(start); waited < time.Minute || waited > 90*time.Second {
			t.Errorf("gave up after %v", waited)
		}
	})
}

// The resolver goes while a domain is looked up, and has told something of
// others since that began: this is no reason to think that it is only that
// domain.
func TestResolverGoesMeanwhile(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		c := &checker{
			hold: func(_ context.Context, d string) {
				if d == "d0.nl" && time.Since(start) == 0 {
					time.Sleep(2500 * time.Millisecond) // the first to fail, after others were answered
				}
				time.Sleep(time.Second)
			},
			answer: func(d string) (int, bool) { return 0, d == "d0.nl" || time.Since(start) > 3200*time.Millisecond },
		}
		var out bytes.Buffer
		s := &survey.Survey{Checker: c, Concurrency: 2, Patience: survey.Patience}
		n, err := s.Run(t.Context(), items(t, names(100)), survey.JSONL{}, &out)
		if !errors.Is(err, domaincheck.ErrResolver) || n.Unanswered > 0 || out.Len() > 0 {
			t.Errorf("%+v, %v, rows %q", n, err, inputs(t, out.Bytes()))
		}
	})
}

// One domain for which the resolver never answers, while it does for others,
// gets a row that says so.
func TestUnansweredDomain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := &checker{hold: func(context.Context, string) { time.Sleep(time.Second) }, answer: func(d string) (int, bool) { return 0, d == "d5.nl" }}
		var out bytes.Buffer
		s := &survey.Survey{Checker: c, Concurrency: 2, Patience: survey.Patience}
		n, err := s.Run(t.Context(), items(t, names(200)), survey.JSONL{}, &out)
		if want := (survey.Count{Done: 200, Unanswered: 1}); n != want || err != nil {
			t.Errorf("%+v, %v", n, err)
		}
		if got := inputs(t, out.Bytes()); len(got) != 200 || got[5] != "d5.nl!no-answer" {
			t.Errorf("rows %q", got)
		}
	})
}

// full is a file that fails when it is full.
type full struct {
	bytes.Buffer
	room int
}

func (f *full) Write(p []byte) (int, error) {
	if f.Len()+len(p) > f.room {
		return 0, errors.New("no space left on device")
	}
	return f.Buffer.Write(p)
}

func TestFullDisk(t *testing.T) {
	out := &full{room: 1000}
	s := &survey.Survey{Checker: &checker{}, Concurrency: 4}
	_, err := s.Run(t.Context(), items(t, names(500)), survey.JSONL{}, out)
	if err == nil || !strings.Contains(err.Error(), "no space left") {
		t.Errorf("%v", err)
	}
	if got := inputs(t, out.Bytes()); !slices.Equal(got, strings.Fields(names(500))[:len(got)]) {
		t.Errorf("rows %q", got)
	}
}

// Ctrl-C drops what is under way: no row is cut short.
func TestInterrupted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 10500*time.Millisecond)
		defer cancel()
		c := &checker{hold: func(ctx context.Context, _ string) {
			select {
			case <-time.After(time.Second):
			case <-ctx.Done():
			}
		}}
		var out bytes.Buffer
		s := &survey.Survey{Checker: c, Concurrency: 5}
		_, err := s.Run(ctx, items(t, names(500)), survey.JSONL{}, &out)
		if got := inputs(t, out.Bytes()); !errors.Is(err, context.DeadlineExceeded) || !slices.Equal(got, strings.Fields(names(50))) {
			t.Errorf("%v, rows %q", err, got)
		}
	})
}

// What is kept in memory does not grow with the number of rows.
func TestMemoryIsFlat(t *testing.T) {
	var mu sync.Mutex
	var most uint64
	s := &survey.Survey{Checker: &checker{}, Concurrency: 50, Progress: func(n survey.Count) {
		if n.Done%5000 == 0 {
			var m runtime.MemStats
			runtime.GC()
			runtime.ReadMemStats(&m)
			mu.Lock()
			most = max(most, m.HeapAlloc)
			mu.Unlock()
		}
	}}
	list := items(t, names(50000))
	var before runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	if n, err := s.Run(t.Context(), list, survey.JSONL{}, &counter{}); n.Done != 50000 || err != nil {
		t.Fatalf("%+v, %v", n, err)
	}
	if grown := int64(most) - int64(before.HeapAlloc); grown > 8<<20 {
		t.Errorf("grown by %d octets", grown)
	}
	runtime.KeepAlive(list)
}

// counter throws away what is written.
type counter struct{ n int }

func (c *counter) Write(p []byte) (int, error) { c.n += len(p); return len(p), nil }
