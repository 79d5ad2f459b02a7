package main

import (
	"context"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"codeberg.org/miekg/dns"

	"wolkwijs/domaincheck/dnsq/dnstest"
	"wolkwijs/domaincheck/survey"
)

// surveyList is a list with all that a list may hold.
const surveyList = "domein;provincie\r\nclub.nl;Utrecht\r\n# a comment\r\nhttps://www.gone.nl/;Zeeland\r\nno domain;Zeeland\r\nclub.nl;Utrecht\r\n"

// file reads a file.
func file(t *testing.T, name string) string {
	t.Helper()
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// surveyed are the rows of JSON lines, as "line input=group" with the kind of
// the error.
func surveyed(t *testing.T, text string) []string {
	t.Helper()
	var all []string
	for line := range strings.Lines(text) {
		var row survey.Row
		if err := json.Unmarshal([]byte(line), &row); err != nil {
			t.Fatalf("%s: %v", line, err)
		}
		all = append(all, strings.TrimSpace(fmt.Sprintf("%d %s=%s %s", row.Line, row.Input, row.Group, row.ErrorKind)))
	}
	return all
}

var surveyRows = []string{"2 club.nl=Utrecht", "4 https://www.gone.nl/=Zeeland", "5 no domain=Zeeland no-domain"}

func TestSurveyJSONL(t *testing.T) {
	srv := dnstest.New(t, checkWorld)
	code, out, errOut := call(t, surveyList, offline(srv, "survey")...)
	if code != exitFine || !slices.Equal(surveyed(t, out), surveyRows) || !strings.Contains(errOut, "1 lines say the same") || !strings.Contains(errOut, "1 without a domain in it") {
		t.Errorf("code %d, stdout %s, stderr %s", code, out, errOut)
	}
	var row struct {
		Domain, Resolver string
		Findings         []struct{ ID string }
		DMARCPolicy      string `json:"dmarc_policy"`
	}
	first, _, _ := strings.Cut(out, "\n")
	if err := json.Unmarshal([]byte(first), &row); err != nil || row.Domain != "club.nl" || row.Resolver != srv.Addr() || len(row.Findings) == 0 || row.DMARCPolicy != "reject" {
		t.Errorf("%+v, %v", row, err)
	}
}

// A survey goes on where it was, with --resume or without it; --no-resume
// keeps off what is there.
func TestSurveyResumes(t *testing.T) {
	srv := dnstest.New(t, checkWorld)
	for _, format := range []string{"jsonl", "csv"} {
		name := filepath.Join(t.TempDir(), "out")
		args := offline(srv, "survey", "--format", format, "-o", name)
		if code, out, errOut := call(t, surveyList, args...); code != exitFine || out != "" {
			t.Fatalf("code %d, stdout %q, stderr %q", code, out, errOut)
		}
		whole := file(t, name)
		if err := os.WriteFile(name, []byte(whole[:len(whole)-20]), 0o600); err != nil {
			t.Fatal(err)
		}
		if code, _, errOut := call(t, surveyList, append(args, "--no-resume")...); code != exitWrong || !strings.Contains(errOut, "has 2 rows: leave out --no-resume") {
			t.Errorf("%s: code %d, stderr %q", format, code, errOut)
		}
		if got := file(t, name); got != whole[:len(whole)-20] {
			t.Errorf("%s: --no-resume left\n%s", format, got)
		}
		if code, _, errOut := call(t, surveyList, append(args, "--resume")...); code != exitFine || !strings.Contains(errOut, "1 checked, 2 done before") {
			t.Errorf("%s: code %d, stderr %q", format, code, errOut)
		}
		if got := file(t, name); got != whole {
			t.Errorf("%s: resumed\n%s\nwant\n%s", format, got, whole)
		}
		if code, _, errOut := call(t, "other.nl\n", args...); code != exitFine || !strings.Contains(errOut, "also has 3 rows") || !strings.HasPrefix(file(t, name), whole) {
			t.Errorf("%s: code %d, stderr %q", format, code, errOut)
		}
	}
}

func TestSurveyCSV(t *testing.T) {
	srv := dnstest.New(t, checkWorld)
	code, out, errOut := call(t, surveyList, offline(srv, "survey", "--format", "csv")...)
	rows, err := csv.NewReader(strings.NewReader(out)).ReadAll()
	if code != exitFine || err != nil || len(rows) != 4 || !slices.Equal(rows[0], survey.Columns()) {
		t.Fatalf("code %d, stdout %s, stderr %s, %v", code, out, errOut, err)
	}
	var got []string
	for _, row := range rows[1:] {
		got = append(got, strings.Join(row[:5], "|"))
	}
	if want := []string{"2|club.nl|Utrecht|club.nl|complete", "4|https://www.gone.nl/|Zeeland|gone.nl|not-found", "5|no domain|Zeeland||no-domain"}; !slices.Equal(got, want) {
		t.Errorf("%q", got)
	}
}

// A report keeps its rows beside it, and another one costs no look-ups.
func TestSurveyHTML(t *testing.T) {
	srv := dnstest.New(t, checkWorld)
	dir := t.TempDir()
	page, rows := filepath.Join(dir, "report.html"), filepath.Join(dir, "report.jsonl")
	args := offline(srv, "survey", "--format", "html", "-o", page)
	code, out, errOut := call(t, surveyList, args...)
	if code != exitFine || out != "" || !strings.Contains(errOut, "kept in "+rows) || !slices.Equal(surveyed(t, file(t, rows)), surveyRows) {
		t.Fatalf("code %d, stdout %q, stderr %q", code, out, errOut)
	}
	first := file(t, page)
	if !strings.HasPrefix(first, "<!doctype html>\n<html lang=\"nl\">") || !strings.Contains(first, "Provincie") || !strings.Contains(first, "club.nl") {
		t.Errorf("%s", first)
	}
	asked := srv.Queries()
	if code, out, _ := call(t, "", "survey", "--from", rows, "--format", "html", "--lang", "en", "--title", "Our clubs", "-o", page); code != exitFine || out != "" {
		t.Errorf("code %d", code)
	}
	if second := file(t, page); !strings.Contains(second, "<h1>Our clubs</h1>") || srv.Queries() != asked {
		t.Errorf("%d queries more, %s", srv.Queries()-asked, second)
	}
	if code, out, _ := call(t, surveyList, offline(srv, "survey", "--format", "html")...); code != exitFine || !strings.HasPrefix(out, "<!doctype html>") {
		t.Errorf("code %d, stdout %s", code, out)
	}
	if err := os.WriteFile(page, []byte("my notes"), 0o600); err != nil {
		t.Fatal(err)
	}
	if code, _, errOut := call(t, surveyList, args...); code != exitWrong || !strings.Contains(errOut, "is no report") || file(t, page) != "my notes" {
		t.Errorf("code %d, stderr %q", code, errOut)
	}
}

// Without groups, rows that are there lose theirs, and an input that had
// several has one row.
func TestSurveyFromWithoutGroups(t *testing.T) {
	srv := dnstest.New(t, checkWorld)
	rows := filepath.Join(t.TempDir(), "rows.jsonl")
	if code, _, errOut := call(t, "domein;provincie\nclub.nl;Utrecht\nclub.nl;Zeeland\ngone.nl;Zeeland\n", offline(srv, "survey", "-o", rows)...); code != exitFine {
		t.Fatalf("code %d, stderr %q", code, errOut)
	}
	code, out, errOut := call(t, "", "survey", "--from", rows, "--group", "none")
	if got := surveyed(t, out); code != exitFine || !slices.Equal(got, []string{"3 club.nl=", "4 gone.nl="}) {
		t.Errorf("code %d, rows %q, stderr %q", code, got, errOut)
	}
	code, out, errOut = call(t, "", "survey", "--from", rows, "--group", "none", "--format", "html")
	if code != exitFine || strings.Contains(out, "Utrecht") || strings.Contains(out, "Zeeland") || strings.Contains(out, ">none<") {
		t.Errorf("code %d, stderr %q, report\n%s", code, errOut, out)
	}
}

// The parts of a list, joined, are the list.
func TestSurveyShards(t *testing.T) {
	srv := dnstest.New(t, checkWorld)
	dir := t.TempDir()
	list := filepath.Join(dir, "list.txt")
	var names strings.Builder
	for i := range 30 {
		fmt.Fprintf(&names, "d%d.nl\n", i)
	}
	if err := os.WriteFile(list, []byte(names.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	join := []string{"survey", "--format", "csv", "-o", filepath.Join(dir, "all.csv")}
	for _, shard := range []string{"1/3", "2/3", "3/3"} {
		part := filepath.Join(dir, shard[:1]+".jsonl")
		if code, _, errOut := call(t, "", offline(srv, "survey", "--shard", shard, "-o", part, list)...); code != exitFine {
			t.Fatalf("code %d, stderr %q", code, errOut)
		}
		join = append(join, "--from", part)
	}
	if code, _, errOut := call(t, "", append(join, list)...); code != exitFine {
		t.Fatalf("code %d, stderr %q", code, errOut)
	}
	rows, err := csv.NewReader(strings.NewReader(file(t, filepath.Join(dir, "all.csv")))).ReadAll()
	if err != nil || len(rows) != 31 {
		t.Fatalf("%d rows, %v", len(rows), err)
	}
	for i, row := range rows[1:] {
		if row[0] != fmt.Sprint(i+1) || row[1] != fmt.Sprintf("d%d.nl", i) {
			t.Errorf("row %d is of line %s, %s", i, row[0], row[1])
		}
	}
	if code, _, errOut := call(t, "", append(join, list)...); code != exitWrong || !strings.Contains(errOut, "is there already") {
		t.Errorf("code %d, stderr %q", code, errOut)
	}
	join[4] = filepath.Join(dir, "some.csv")
	if code, _, errOut := call(t, "", append(join[:len(join)-2], list)...); code != exitFailed || !strings.Contains(errOut, "inputs of the list have no row") {
		t.Errorf("code %d, stderr %q", code, errOut)
	}
}

func TestSurveyFails(t *testing.T) {
	srv := dnstest.New(t, checkWorld)
	dir := t.TempDir()
	gone := offline(srv, "survey", "-o", filepath.Join(dir, "out.jsonl"))
	srv.Stop()
	lost := dnstest.New(t, "nl. SOA a. b. 1 2 3 4 5", dnstest.Rcode(".", dns.TypeNS, dns.RcodeNameError))
	for _, tt := range []struct {
		name   string
		args   []string
		code   int
		errOut string
	}{
		{"no resolver", gone, exitFailed, "the DNS resolver does not answer: check its address, or name another one; the same command goes on from here"},
		{"a resolver that is cut off", offline(lost, "survey"), exitFailed, "the DNS resolver does not answer"},
		{"no list", []string{"survey", filepath.Join(dir, "none.txt")}, exitWrong, "no such file"},
		{"no such column", []string{"survey", "--group", "size"}, exitWrong, `no column "size"`},
		{"bad shard", []string{"survey", "--shard", "9/8"}, exitWrong, "2/8"},
		{"bad concurrency", []string{"survey", "--concurrency", "0"}, exitWrong, "from 1 to 1000"},
		{"bad rate", []string{"survey", "--rate", "0.5"}, exitWrong, "--rate"},
		{"bad limit", []string{"survey", "--max-in-flight", "-1"}, exitWrong, "--max-in-flight"},
		{"nothing to resume", []string{"survey", "--resume"}, exitWrong, "goes with -o FILE"},
		{"a part of rows", []string{"survey", "--from", "x.jsonl", "--shard", "1/2"}, exitWrong, "--shard does not go with --from"},
		{"no rows", []string{"survey", "--from", filepath.Join(dir, "none.jsonl")}, exitWrong, "no such file"},
		{"report over its rows", []string{"survey", "--format", "html", "-o", filepath.Join(dir, "x.jsonl")}, exitWrong, "give the report another name"},
	} {
		if code, out, errOut := call(t, surveyList, tt.args...); code != tt.code || !strings.Contains(errOut, tt.errOut) || out != "" {
			t.Errorf("%s: code %d, stdout %q, stderr %q", tt.name, code, out, errOut)
		}
	}
}

// interrupted surveys until it has to wait for the second domain, and returns
// what it then said.
func interrupted(t *testing.T, args ...string) (code int, errOut string) {
	t.Helper()
	began := make(chan struct{}, 1000)
	srv := dnstest.New(t, checkWorld, dnstest.Drop("slow.nl.", dns.TypeANY), dnstest.Hook(func(q dnstest.Question) {
		if q.Name == "slow.nl." {
			began <- struct{}{}
		}
	}, func(dnstest.Question) {}))
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	go func() {
		<-began
		cancel()
	}()
	var out, told strings.Builder
	code = run(&program{ctx, strings.NewReader("club.nl\nslow.nl\nclub.nl\n"), &out, &told}, offline(srv, append([]string{"survey", "--concurrency", "1"}, args...)...))
	if out.Len() > 0 {
		t.Errorf("stdout %q", out.String())
	}
	return code, told.String()
}

// Ctrl-C ends a survey at once, with whole rows and a word on how to go on.
func TestSurveyInterrupted(t *testing.T) {
	name := filepath.Join(t.TempDir(), "out.jsonl")
	code, errOut := interrupted(t, "-o", name)
	if code != exitFailed || !strings.Contains(errOut, "interrupted; the same command goes on from here: all rows in "+name+" are whole") {
		t.Errorf("code %d, stderr %q", code, errOut)
	}
	if got := surveyed(t, file(t, name)); !slices.Equal(got, []string{"1 club.nl="}) {
		t.Errorf("rows %q", got)
	}
}

// The rows for a report to standard output are kept where it says, and it
// leaves none behind where there are none.
func TestSurveyHTMLInterrupted(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("TMPDIR", dir)
	code, errOut := interrupted(t, "--format", "html")
	kept, err := filepath.Glob(filepath.Join(dir, "*.jsonl"))
	if err != nil || len(kept) != 1 {
		t.Fatalf("code %d, stderr %q, files %q, %v", code, errOut, kept, err)
	}
	if want := "interrupted; the rows so far are kept: go on with `--format jsonl -o " + kept[0] + "`, and make the report with `--format html --from " + kept[0] + "`"; code != exitFailed || !strings.Contains(errOut, want) {
		t.Errorf("code %d, stderr %q", code, errOut)
	}
	if got := surveyed(t, file(t, kept[0])); !slices.Equal(got, []string{"1 club.nl="}) {
		t.Errorf("rows %q", got)
	}

	t.Setenv("TMPDIR", t.TempDir())
	srv := dnstest.New(t, checkWorld)
	gone := offline(srv, "survey", "--format", "html")
	srv.Stop()
	if code, _, errOut := call(t, surveyList, gone...); code != exitFailed || strings.Contains(errOut, "kept") || strings.Contains(errOut, "goes on") {
		t.Errorf("code %d, stderr %q", code, errOut)
	}
	if left, err := os.ReadDir(os.TempDir()); err != nil || len(left) > 0 {
		t.Errorf("it left %q, %v", left, err)
	}
}

func TestMeter(t *testing.T) {
	var out strings.Builder
	m := newMeter(&out, 1000, 200)
	now := m.start
	m.now = func() time.Time { return now }
	now = now.Add(30 * time.Second)
	m.show(survey.Count{Done: 100})
	now = now.Add(31 * time.Second)
	m.show(survey.Count{Done: 244, Partial: 3})
	m.width, m.every = 80, time.Second
	now = now.Add(time.Hour)
	m.show(survey.Count{Done: 1000})
	m.end()
	want := "444 of 1200 (37%), 4.0 a second, 3 min left, 3 with failures\n" +
		"\r\x1b[K[########################################] 1200 of 1200 (100%), 0.3 a second\n"
	if out.String() != want {
		t.Errorf("%q, want %q", out.String(), want)
	}
	for d, want := range map[time.Duration]string{59 * time.Second: "60 s", 90 * time.Minute: "90 min", 26 * time.Hour: "26 h"} {
		if got := roughly(d); got != want {
			t.Errorf("%v is %q, want %q", d, got, want)
		}
	}
}
