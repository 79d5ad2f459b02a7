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
				if err == nil {
					err = out.Mend()
				}
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

// A file that holds something else is refused and left as it is, whichever
// line shows it, and whether that has an end or not.
func TestResumeKeepsOffOtherFiles(t *testing.T) {
	jsonl := `{"line":1,"input":"a.nl","domain":"a.nl"}` + "\n"
	row, err := survey.CSV{}.Row(&survey.Row{Line: 1, Input: "a.nl", Error: "No.", ErrorKind: survey.NoDomain})
	if err != nil {
		t.Fatal(err)
	}
	csv := string(survey.CSV{}.Header()) + string(row)
	for _, tt := range []struct {
		format string
		text   string
	}{
		{"JSON lines", "my notes\n"},
		{"JSON lines", "my notes"},
		{"JSON lines", jsonl + "my notes\n"},
		{"JSON lines", jsonl + "my notes"},
		{"JSON lines", "input,domain\n"},
		{"JSON lines", `{"input":"my data","output":"kept for years"}`},
		{"JSON lines", `{"input":"my data","output":"kept for years"}` + "\n"},
		{"JSON lines", `{"input":"my data","output":"kept for` + "\n"},
		{"JSON lines", `{"input":"my data","output":"kept for`},
		{"JSON lines", jsonl + `{"input":"my data"}`},
		{"JSON lines", jsonl + `{"output":"`},
		{"JSON lines", jsonl + `{"line":"1","input":1,"x"`},
		{"CSV", "my notes\n"},
		{"CSV", "my notes"},
		{"CSV", "input,domain\n"},
		{"CSV", csv + "my notes\n"},
		{"CSV", csv + "my notes"},
		{"CSV", csv + "1 note"},
	} {
		file := filepath.Join(t.TempDir(), "notes.txt")
		if err := os.WriteFile(file, []byte(tt.text), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := survey.Resume(file, formats[tt.format]); err == nil || !strings.Contains(err.Error(), "give another file") {
			t.Errorf("%s, %q: %v", tt.format, tt.text, err)
		}
		if data, err := os.ReadFile(file); err != nil || string(data) != tt.text {
			t.Errorf("%s: the file is now %q, %v", tt.format, data, err)
		}
	}
}

// A half row is cut off when its file is mended, and not before.
func TestResumeMends(t *testing.T) {
	row := `{"line":1,"input":"a.nl","domain":"a.nl"}` + "\n"
	for _, half := range []string{"", "{", `{"line":12`, `{"input":"\u00e`, `{"line":2,"input":"b.nl","group":"B","er`, `{"line":2,"input":"b.nl","domain":"b.nl"}`, "\x00\x00", `{"line":2,"in` + "\x00\x00"} {
		file := filepath.Join(t.TempDir(), "rows.jsonl")
		if err := os.WriteFile(file, []byte(row+half), 0o600); err != nil {
			t.Fatal(err)
		}
		out, err := survey.Resume(file, survey.JSONL{})
		if err != nil {
			t.Errorf("%q: %v", half, err)
			continue
		}
		if data, err := os.ReadFile(file); err != nil || string(data) != row+half {
			t.Errorf("before: %q, %v", data, err)
		}
		if err := errors.Join(out.Mend(), out.Close()); err != nil {
			t.Error(err)
		}
		if data, err := os.ReadFile(file); err != nil || string(data) != row {
			t.Errorf("after: %q, %v", data, err)
		}
	}
}

// Rows of a list that has changed since stay, and what is new is done.
func TestResumeWithAnotherList(t *testing.T) {
	file := filepath.Join(t.TempDir(), "rows.jsonl")
	run := func(list string) (rows, left int) {
		out, err := survey.Resume(file, survey.JSONL{})
		if err == nil {
			err = out.Mend()
		}
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
