package main

import (
	"errors"
	"io"
	"slices"
	"strings"
	"testing"
)

// stream is what `go test -json` prints, shortened.
const stream = `
{"Action":"start","Package":"a"}
{"Action":"run","Package":"a","Test":"TestTable"}
{"Action":"pass","Package":"a","Test":"TestTable/one"}
{"Action":"output","Package":"a","Test":"TestTable/two","Output":"=== RUN   TestTable/two\n"}
{"Action":"output","Package":"a","Test":"TestTable/two","Output":"    a_test.go:7: two is wrong\n"}
{"Action":"fail","Package":"a","Test":"TestTable/two"}
{"Action":"fail","Package":"a","Test":"TestTable"}
{"Action":"fail","Package":"a","Elapsed":0.5}
{"Action":"pass","Package":"b","Test":"TestDM/matrix-js-sdk"}
{"Action":"pass","Package":"b","Test":"TestDM/mautrix-go"}
{"Action":"pass","Package":"b","Test":"TestDM"}
{"Action":"output","Package":"b","Test":"TestSkipped","Output":"    b_test.go:3: no printer\n"}
{"Action":"skip","Package":"b","Test":"TestSkipped"}
{"Action":"pass","Package":"b","Elapsed":1}
{"Action":"skip","Package":"without-tests","Elapsed":0}
{"Action":"output","Package":"broken","Output":"panic in init\n"}
{"Action":"fail","Package":"broken","Elapsed":0}
{"Action":"run","Package":"slow","Test":"TestFailed"}
{"Action":"fail","Package":"slow","Test":"TestFailed"}
{"Action":"run","Package":"slow","Test":"TestForEver"}
{"Action":"output","Package":"slow","Test":"TestForEver","Output":"panic: test timed out\n"}
{"Action":"fail","Package":"slow","Elapsed":1200}
`

func TestTotalsCountEachTestOnce(t *testing.T) {
	r := newResults()
	var shown strings.Builder
	if err := r.read(strings.NewReader(stream[1:]), &shown); err != nil {
		t.Fatal(err)
	}
	got := r.totals()
	if want := (tally{passed: 3, failed: 4, skipped: 1}); got.all != want {
		t.Errorf("all: %v, want %v", got.all, want)
	}
	if want := (tally{passed: 1}); got.javaScript != want {
		t.Errorf("matrix-js-sdk: %v, want %v", got.javaScript, want)
	}
	if got := r.skipReasons(); !slices.Equal(got, []string{"1: no printer"}) {
		t.Errorf("reasons for skipping: %q", got)
	}
	const want = `    a_test.go:7: two is wrong
FAIL  a  0.5s
    b_test.go:3: no printer
ok    b  1.0s
panic in init
FAIL  broken  0.0s
TestForEver did not end
panic: test timed out
FAIL  slow  1200.0s
`
	if shown.String() != want {
		t.Errorf("shown:\n%swant:\n%s", shown.String(), want)
	}
}

func TestVerdict(t *testing.T) {
	missing := []error{errors.New("no Node.js")}
	for _, tt := range []struct {
		name    string
		totals  totals
		missing []error
		ci      bool
		fine    bool
	}{
		{"all passed", totals{tally{passed: 9}, tally{passed: 2}}, nil, true, true},
		{"one failed", totals{tally{passed: 8, failed: 1}, tally{passed: 2}}, nil, false, false},
		{"Node.js is missing at home", totals{tally{7, 0, 2}, tally{skipped: 2}}, missing, false, true},
		{"Node.js is missing in CI", totals{tally{7, 0, 2}, tally{skipped: 2}}, missing, true, false},
		{"a matrix-js-sdk test was skipped in CI", totals{tally{8, 0, 1}, tally{1, 0, 1}}, nil, true, false},
		{"no matrix-js-sdk test ran in CI", totals{tally{passed: 9}, tally{}}, nil, true, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if err := tt.totals.verdict(tt.missing, tt.ci); (err == nil) != tt.fine {
				t.Errorf("verdict: %v", err)
			}
		})
	}
}

func TestWhatFailsIsTriedOnceMore(t *testing.T) {
	r := newResults()
	for _, e := range []testEvent{
		{Action: "fail", Package: "a", Test: "TestOne/sub"}, {Action: "fail", Package: "a", Test: "TestOne"},
		{Action: "pass", Package: "b", Test: "TestTwo"}, {Action: "fail", Package: "c", Test: "TestThree"}, {Action: "fail", Package: "c"},
	} {
		r.add(e, io.Discard)
	}
	if names, packages := r.failed(); !slices.Equal(names, []string{"TestOne", "TestThree"}) || !slices.Equal(packages, []string{"a", "c"}) {
		t.Errorf("failed: %q in %q", names, packages)
	}
	if names, _ := r.failed(); names != nil {
		t.Errorf("a third try of %q", names)
	}
	r.add(testEvent{Action: "pass", Package: "c", Test: "TestThree"}, io.Discard)
	if r.anyFailed("c") || !r.anyFailed("a") {
		t.Error("the second try does not decide")
	}
}
