package survey_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"wolkwijs/domaincheck/survey"
)

// formats are the ways to write rows.
var formats = map[string]survey.Format{"JSON lines": survey.JSONL{}, "CSV": survey.CSV{}}

// A survey that is broken off at any moment, with the end of its file half
// written, and goes on, writes what an undisturbed one writes.
func TestResumedIsUndisturbed(t *testing.T) {
	list := items(t, "no domain,A\n=1+1,A\nexample.nl,A\nexample.nl,B\n\"quoted, name\",C\nx\u200by.nl,A\nx y.nl,A\n"+strings.ReplaceAll(names(60), "\n", ",D\n"))
	for name, format := range formats {
		t.Run(name, func(t *testing.T) {
			var want bytes.Buffer
			want.Write(format.Header())
			s := &survey.Survey{Checker: &checker{}, Concurrency: 4}
			if _, err := s.Run(t.Context(), list, format, &want); err != nil {
				t.Fatal(err)
			}
			for cut := 0; cut <= want.Len(); cut += 37 {
				file := filepath.Join(t.TempDir(), "rows")
				if err := os.WriteFile(file, want.Bytes()[:cut], 0o600); err != nil {
					t.Fatal(err)
				}
				out, err := survey.Resume(file, format)
				if err != nil {
					t.Fatalf("cut at %d: %v", cut, err)
				}
				whole := bytes.Count(want.Bytes()[:cut], []byte("\n"))
				if len(format.Header()) > 0 && whole > 0 {
					whole--
				}
				left := out.Left(list)
				if out.Rows != whole || len(left) != len(list)-whole {
					t.Fatalf("cut at %d: %d rows, %d left", cut, out.Rows, len(left))
				}
				s := &survey.Survey{Checker: &checker{}, Concurrency: 4}
				_, err = s.Run(t.Context(), left, format, out)
				if err := errors.Join(err, out.Close()); err != nil {
					t.Fatal(err)
				}
				got, err := os.ReadFile(file)
				if err != nil || !bytes.Equal(got, want.Bytes()) {
					t.Fatalf("cut at %d: %v\n%s\nwant\n%s", cut, err, got, want.Bytes())
				}
			}
		})
	}
}

func TestResumeKeepsOffOtherFiles(t *testing.T) {
	for name, format := range formats {
		for _, text := range []string{"my notes\n", "my notes", "{\"input\":\"a.nl\"}\nmy notes\n", "input,domain\n"} {
			file := filepath.Join(t.TempDir(), "notes.txt")
			if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
			if _, err := survey.Resume(file, format); err == nil || !strings.Contains(err.Error(), "give another file") {
				t.Errorf("%s, %q: %v", name, text, err)
			}
			if data, err := os.ReadFile(file); err != nil || string(data) != text {
				t.Errorf("%s: the file is now %q, %v", name, data, err)
			}
		}
	}
}

// Rows of a list that has changed since stay, and what is new is done.
func TestResumeWithAnotherList(t *testing.T) {
	file := filepath.Join(t.TempDir(), "rows.jsonl")
	run := func(list string) (rows, left int) {
		out, err := survey.Resume(file, survey.JSONL{})
		if err != nil {
			t.Fatal(err)
		}
		todo := out.Left(items(t, list))
		s := &survey.Survey{Checker: &checker{}, Concurrency: 1}
		_, err = s.Run(t.Context(), todo, survey.JSONL{}, out)
		if err := errors.Join(err, out.Close()); err != nil {
			t.Fatal(err)
		}
		return out.Rows, len(todo)
	}
	run("a.nl\nb.nl\n")
	if rows, left := run("a.nl\nnew.nl\nc.nl\n"); rows != 2 || left != 2 {
		t.Errorf("%d rows, %d left", rows, left)
	}
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if got := inputs(t, data); !slices.Equal(got, []string{"a.nl", "b.nl", "new.nl", "c.nl"}) {
		t.Errorf("rows %q", got)
	}
}

// Two surveys do not write to one file: the second finds it as it is, and may
// have it when the first has ended.
func TestResumeIsForOne(t *testing.T) {
	file := filepath.Join(t.TempDir(), "rows.jsonl")
	first, err := survey.Resume(file, survey.JSONL{})
	if err != nil {
		t.Fatal(err)
	}
	const half = `{"line":1,"input":"a.nl","dom`
	if _, err := first.WriteString(half); err != nil {
		t.Fatal(err)
	}
	if _, err := survey.Resume(file, survey.JSONL{}); err == nil || !strings.Contains(err.Error(), file+": another survey writes to this file") {
		t.Errorf("error %v", err)
	}
	if data, err := os.ReadFile(file); err != nil || string(data) != half {
		t.Errorf("the file is now %q, %v", data, err)
	}
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	second, err := survey.Resume(file, survey.JSONL{})
	if err != nil {
		t.Fatal(err)
	}
	if err := second.Close(); err != nil {
		t.Error(err)
	}
}
