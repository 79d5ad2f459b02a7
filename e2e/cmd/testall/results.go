package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"regexp"
	"slices"
	"strings"
)

// testEvent is a line of `go test -json` (see `go doc test2json`).
type testEvent struct {
	Action     string
	Package    string
	ImportPath string // of build output, in place of Package
	Test       string
	Elapsed    float64 // seconds
	Output     string
}

// key names a test; with an empty test, a package.
type key struct{ pkg, test string }

// results holds how each test ended, and what those running have said.
type results struct {
	ended  map[key]string // "pass", "fail" or "skip"
	begun  map[key]bool   // and not ended
	output map[key]*strings.Builder
	why    map[string]int // how many tests were skipped for a reason
	tried  map[key]bool   // failed tests that were tried once more
}

func newResults() *results {
	return &results{ended: map[key]string{}, begun: map[key]bool{}, output: map[key]*strings.Builder{}, why: map[string]int{}, tried: map[key]bool{}}
}

// read takes in the output of `go test -json`. It shows a line for each
// package that has ended, why tests were skipped, and all that failed tests
// have said.
func (r *results) read(from io.Reader, w io.Writer) error {
	lines := bufio.NewReader(from)
	for {
		line, err := lines.ReadBytes('\n')
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("read the results: %w", err)
		}
		var e testEvent
		if json.Unmarshal(line, &e) != nil {
			fmt.Fprintf(w, "%s", line) // the go command speaking
			continue
		}
		r.add(e, w)
	}
}

func (r *results) add(e testEvent, w io.Writer) {
	k := key{e.Package, e.Test}
	switch e.Action {
	case "build-output":
		fmt.Fprint(w, e.Output)
	case "output":
		if r.output[k] == nil {
			r.output[k] = &strings.Builder{}
		}
		r.output[k].WriteString(e.Output)
	case "run":
		r.begun[k] = true
	case "pass", "fail", "skip":
		if e.Test == "" {
			r.ended[k] = e.Action
			r.endPackage(e, w)
			return
		}
		r.endTest(k, e.Action, w)
	}
}

// endTest shows what a test has said that has ended, unless it passed.
func (r *results) endTest(k key, how string, w io.Writer) {
	r.ended[k] = how
	delete(r.begun, k)
	said := ""
	if b := r.output[k]; b != nil && how != "pass" {
		said = b.String()
	}
	delete(r.output, k)
	fmt.Fprint(w, framed(said))
	if reason := position.FindStringSubmatch(said); how == "skip" && reason != nil {
		r.why[reason[1]]++
	}
}

// position finds a message of a test after its place in the source.
var position = regexp.MustCompile(`(?m)^ +\S+\.go:\d+: (.+)$`)

// skipReasons returns why tests were skipped, each reason once with how many
// tests it skipped.
func (r *results) skipReasons() []string {
	var reasons []string
	for _, reason := range slices.Sorted(maps.Keys(r.why)) {
		reasons = append(reasons, fmt.Sprintf("%d: %s", r.why[reason], reason))
	}
	return reasons
}

// endPackage shows how a package ended. Tests that it had begun and not ended
// (it crashed, or took too long) have failed with it.
func (r *results) endPackage(e testEvent, w io.Writer) {
	for k := range r.begun {
		if k.pkg == e.Package {
			fmt.Fprintf(w, "%s did not end\n", k.test)
			r.endTest(k, "fail", w)
		}
	}
	said := r.output[key{e.Package, ""}]
	delete(r.output, key{e.Package, ""})
	switch {
	case e.Action == "skip": // it has no tests
	case e.Action == "fail":
		// Without a failed test it did not build, or ended before its time.
		if !r.anyFailed(e.Package) && said != nil {
			fmt.Fprint(w, said.String())
		}
		fmt.Fprintf(w, "FAIL  %s  %.1fs\n", e.Package, e.Elapsed)
	default:
		fmt.Fprintf(w, "ok    %s  %.1fs\n", e.Package, e.Elapsed)
	}
}

// failed returns the tests that have failed, without their subtests, and the
// packages they are in. Those of an earlier module that failed twice are not
// among them: their names are taken off once they have been returned.
func (r *results) failed() (names, packages []string) {
	for k, how := range r.ended {
		if how != "fail" || k.test == "" || r.tried[k] {
			continue
		}
		r.tried[k] = true
		name, _, _ := strings.Cut(k.test, "/")
		if !slices.Contains(names, name) {
			names = append(names, name)
		}
		if !slices.Contains(packages, k.pkg) {
			packages = append(packages, k.pkg)
		}
	}
	slices.Sort(names)
	slices.Sort(packages)
	return names, packages
}

func (r *results) anyFailed(pkg string) bool {
	for k, how := range r.ended {
		if k.pkg == pkg && k.test != "" && how == "fail" {
			return true
		}
	}
	return false
}

// framed leaves out of a test's output the lines with which the testing
// package tells of its course.
func framed(output string) string {
	var b strings.Builder
	for line := range strings.Lines(output) {
		if !strings.HasPrefix(line, "=== ") {
			b.WriteString(line)
		}
	}
	return b.String()
}

// tally counts tests by how they ended.
type tally struct{ passed, failed, skipped int }

func (t *tally) add(how string) {
	switch how {
	case "pass":
		t.passed++
	case "fail":
		t.failed++
	case "skip":
		t.skipped++
	}
}

func (t tally) String() string {
	return fmt.Sprintf("%d passed, %d failed, %d skipped", t.passed, t.failed, t.skipped)
}

// totals are the tallies of all tests and of those with matrix-js-sdk.
type totals struct{ all, javaScript tally }

// totals counts each test once: one that has subtests only if it failed by
// itself. A package that failed without a failed test counts as one.
func (r *results) totals() totals {
	hasTests, hasFailed := map[key]bool{}, map[key]bool{} // below a test or package
	for k, how := range r.ended {
		for up, ok := parent(k); ok; up, ok = parent(up) {
			hasTests[up] = true
			hasFailed[up] = hasFailed[up] || how == "fail"
		}
	}
	var t totals
	for k, how := range r.ended {
		if how == "fail" && hasFailed[k] || how != "fail" && (hasTests[k] || k.test == "") {
			continue
		}
		t.all.add(how)
		if strings.Contains(k.test, "matrix-js-sdk") {
			t.javaScript.add(how)
		}
	}
	return t
}

// parent returns the test that k is a subtest of, or the package of a test.
func parent(k key) (up key, ok bool) {
	if k.test == "" {
		return key{}, false
	}
	at := strings.LastIndexByte(k.test, '/')
	return key{k.pkg, k.test[:max(at, 0)]}, true
}

// verdict returns an error unless all is well. In CI nothing may be missing,
// and the tests with matrix-js-sdk must really have run.
func (t totals) verdict(missing []error, ci bool) error {
	switch {
	case t.all.failed > 0:
		return fmt.Errorf("%d failed", t.all.failed)
	case ci && len(missing) > 0:
		return fmt.Errorf("missing: %w", errors.Join(missing...))
	case ci && (t.javaScript.passed == 0 || t.javaScript.skipped > 0):
		return errors.New("the tests with matrix-js-sdk did not all run")
	}
	return nil
}
