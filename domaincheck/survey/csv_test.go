package survey_test

import (
	"bytes"
	"encoding/csv"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"wolkwijs/domaincheck"
	"wolkwijs/domaincheck/holder"
	"wolkwijs/domaincheck/survey"
)

// cellsOf reads a row of CSV by the names of its columns.
func cellsOf(t testing.TB, row *survey.Row) map[string]string {
	t.Helper()
	text, err := survey.CSV{}.Row(row)
	if err != nil {
		t.Fatal(err)
	}
	if n := bytes.Count(text, []byte("\n")); n != 1 || !bytes.HasSuffix(text, []byte("\n")) || !utf8.Valid(text) {
		t.Fatalf("%d lines: %q", n, text)
	}
	cells, err := csv.NewReader(bytes.NewReader(text)).ReadAll()
	if err != nil || len(cells) != 1 || len(cells[0]) != len(survey.Columns()) {
		t.Fatalf("%q: %v, %v", text, cells, err)
	}
	named := map[string]string{}
	for i, name := range survey.Columns() {
		named[name] = cells[0][i]
	}
	return named
}

func TestCSV(t *testing.T) {
	row := &survey.Row{Line: 3, Input: "https://www.example.nl", Group: "Utrecht", Report: &domaincheck.Report{
		Domain: "example.nl", Resolver: "127.0.0.1:53", DMARCPolicy: "reject", CheckedAt: time.Date(2026, 11, 26, 5, 0, 0, 0, time.UTC),
		Functions: []holder.Function{{Function: holder.Mail, Provider: "microsoft", Name: "Microsoft 365", Owner: "Microsoft", HQCountry: "US", Jurisdiction: "US", CloudAct: "yes", Confidence: "high"}},
		Findings:  findings("spf-ok pass, dane-missing info, caa-unknown unknown"),
		Errors:    []domaincheck.LookupError{{}}, Partial: true,
	}}
	for name, want := range map[string]string{
		"line": "3", "input": "https://www.example.nl", "group": "Utrecht", "domain": "example.nl", "result": "partial", "failed_lookups": "1",
		"mail_name": "Microsoft 365", "mail_cloud_act": "yes", "dns_name": "", "spf": "ok", "dane": "missing", "caa": "unknown", "dkim": "",
		"dmarc_policy": "reject", "checked_at": "2026-11-26T05:00:00Z", "error": "",
	} {
		if got := cellsOf(t, row)[name]; got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
	for _, tt := range []struct {
		row  *survey.Row
		want string
	}{
		{&survey.Row{Input: "x", Error: "An ending is missing.", ErrorKind: survey.NoDomain}, "no-domain"},
		{&survey.Row{Input: "x", Error: "No answer.", ErrorKind: survey.NoAnswer}, "no-answer"},
		{&survey.Row{Report: &domaincheck.Report{Findings: findings("domain-not-found fail")}}, "not-found"},
		{&survey.Row{Report: &domaincheck.Report{Findings: findings("mail-domain-of-provider info")}}, "mail-domain"},
		{&survey.Row{Report: &domaincheck.Report{}}, "complete"},
	} {
		if got := cellsOf(t, tt.row)["result"]; got != tt.want {
			t.Errorf("result %q, want %q", got, tt.want)
		}
	}
}

func TestCellIsNoFormula(t *testing.T) {
	for text, want := range map[string]string{
		"=1+1": "'=1+1", "a;=1+1": "a;'=1+1", "a; +1;b;-1": "a;' +1;b;'-1", `a;"=1"`: `a;'"=1"`, "a;\t=1": "a;' =1",
		"v=spf1; a=b": "v=spf1; a=b", "a;'=1": "a;'=1", "a,=1": "a,=1",
	} {
		if got := survey.Cell(text); got != want {
			t.Errorf("%q becomes %q, want %q", text, got, want)
		}
	}
}

// No cell of a stranger's text is a formula, and none breaks a line.
func FuzzCell(f *testing.F) {
	for _, s := range []string{"=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r\n=1", " =1", "＝1", "\u200b=1", "a\nb", "\"", "\x00", "\xff", "|x", "'=1", "a;=1", "a; \u00a0@b;;-1", "a;\"=1", "a;\t=1", "a\n;\r\n=1", strings.Repeat("=", 5000)} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		row := &survey.Row{Input: text, Group: text, Error: text, ErrorKind: survey.NoDomain}
		cells := cellsOf(t, row)
		for _, name := range []string{"input", "group", "error"} {
			c := cells[name]
			if c == "" {
				continue
			}
			for part := range strings.SplitSeq(c, ";") { // as a spreadsheet may
				part = strings.TrimLeftFunc(part, func(r rune) bool { return unicode.IsSpace(r) || r == '"' && part != c })
				first, _ := utf8.DecodeRuneInString(part)
				if part != "" && strings.ContainsRune("=+-@\t\r\n|%＝＋－＠", first) {
					t.Errorf("%q: a part begins with %q", c, first)
				}
			}
			if strings.ContainsFunc(c, func(r rune) bool { return unicode.IsControl(r) || unicode.Is(unicode.Cf, r) }) {
				t.Errorf("%q has control characters", c)
			}
		}
	})
}
