package survey_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"wolkwijs/domaincheck/survey"
)

// rowFiles writes files of rows and returns their names.
func rowFiles(t *testing.T, texts ...string) []string {
	t.Helper()
	var names []string
	for i, text := range texts {
		name := filepath.Join(t.TempDir(), fmt.Sprintf("part%d.jsonl", i+1))
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		names = append(names, name)
	}
	return names
}

// row is a row with a resolver, to tell it from others, and failed look-ups.
func row(input, group, resolver string, failures int) string {
	errors := strings.TrimSuffix(strings.Repeat(`{"name":"x","type":"MX"},`, failures), ",")
	return fmt.Sprintf(`{"line":1,"input":%q,"group":%q,"domain":%q,"resolver":%q,"errors":[%s]}`+"\n", input, group, input, resolver, errors)
}

// joined are the rows of a join, as "line input=group resolver".
func joined(t *testing.T, j *survey.Joined) []string {
	t.Helper()
	var all []string
	if err := j.Each(func(r *survey.Row) error {
		s := fmt.Sprintf("%d %s=%s", r.Line, r.Input, r.Group)
		if r.Report != nil {
			s += " " + r.Resolver
		} else {
			s += " " + string(r.ErrorKind)
		}
		all = append(all, s)
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	return all
}

func TestJoin(t *testing.T) {
	noAnswer := `{"line":4,"input":"d.nl","error":"none","error_kind":"no-answer"}` + "\n"
	names := rowFiles(t,
		row("a.nl", "A", "1", 0)+row("b.nl", "A", "1", 3)+row("a.nl", "B", "1", 0)+noAnswer+`{"input":"cut`,
		row("b.nl", "A", "2", 1)+row("c.nl", "A", "2", 2)+row("d.nl", "", "2", 9)+`{"input":"no domain","error":"x"}`+"\n",
		row("a.nl", "A", "3", 0)+row("c.nl", "A", "3", 3)+row("b.nl", "B", "3", 2),
	)
	j, err := survey.Join(names)
	if err != nil {
		t.Fatal(err)
	}
	defer j.Close()
	// The one with fewer failures counts, of equals the later.
	want := []string{"1 a.nl=A 3", "1 b.nl=A 2", "1 a.nl=B 1", "1 d.nl= 2", "1 c.nl=A 2", "0 no domain= no-domain", "1 b.nl=B 3"}
	if got := joined(t, j); !slices.Equal(got, want) || !slices.Equal(j.CutOff, names[:1]) {
		t.Errorf("%q, cut off %q", got, j.CutOff)
	}
	list, err := survey.ReadList(strings.NewReader("domain,province\nd.nl,X\nnew.nl,X\na.nl,A\na.nl,Y\nb.nl,B\n"), "")
	if err != nil {
		t.Fatal(err)
	}
	missing := j.Arrange(list)
	if got := show(missing); !slices.Equal(got, []string{"3:new.nl=X"}) {
		t.Errorf("missing %q", got)
	}
	if got, want := joined(t, j), []string{"2 d.nl=X 2", "4 a.nl=A 3", "5 a.nl=Y 3", "6 b.nl=B 2"}; !slices.Equal(got, want) || j.Extra != 4 {
		t.Errorf("%q, %d extra", got, j.Extra)
	}
}

func TestJoinTellsWhatIsNoRow(t *testing.T) {
	names := rowFiles(t, row("a.nl", "", "1", 0)+"my notes\n")
	if _, err := survey.Join(names); err == nil || !strings.Contains(err.Error(), names[0]+":2: ") {
		t.Errorf("%v", err)
	}
	names = rowFiles(t, `{"input":"a.nl"}`+"\n")
	j, err := survey.Join(names)
	if err != nil {
		t.Fatal(err)
	}
	defer j.Close()
	if err := j.Each(func(*survey.Row) error { return nil }); err == nil || !strings.Contains(err.Error(), `"a.nl" says nothing`) {
		t.Errorf("%v", err)
	}
	if _, err := survey.Join([]string{filepath.Join(t.TempDir(), "none")}); err == nil {
		t.Error("no error for a file that is not there")
	}
}
