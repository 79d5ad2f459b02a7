package survey

import (
	"bytes"
	"encoding/csv"
	"errors"
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode"

	"wolkwijs/domaincheck/holder"
)

// CSV writes rows as comma-separated values (RFC 4180) in UTF-8, with a line
// that names the columns. A row is one line. Cells that a spreadsheet would
// take for a formula begin with an apostrophe, also where it splits rows at
// semicolons.
type CSV struct{}

// column is one column of [CSV].
type column struct {
	name string
	of   func(*Summary) string
}

// columns are those of [CSV], in their order: a contract. New ones come last.
var columns = func() []column {
	all := []column{
		{"line", func(s *Summary) string { return number(s.Line) }},
		{"input", func(s *Summary) string { return s.Input }},
		{"group", func(s *Summary) string { return s.Group }},
		{"domain", report(func(s *Summary) string { return s.Domain })},
		{"result", result},
		{"failed_lookups", report(func(s *Summary) string { return strconv.Itoa(len(s.Errors)) })},
	}
	for _, f := range Functions {
		name := strings.ReplaceAll(f, "-", "_")
		for _, c := range holderColumns {
			all = append(all, column{name + "_" + c.name, func(s *Summary) string {
				if h, ok := s.Holders[f]; ok {
					return c.of(h)
				}
				return ""
			}})
		}
	}
	for _, subject := range Subjects {
		all = append(all, column{strings.ReplaceAll(subject, "-", "_"), func(s *Summary) string { return string(s.States[subject]) }})
	}
	return append(all,
		column{"dmarc_policy", report(func(s *Summary) string { return s.DMARCPolicy })},
		column{"checked_at", report(func(s *Summary) string { return s.CheckedAt.Format(time.RFC3339) })},
		column{"resolver", report(func(s *Summary) string { return s.Resolver })},
		column{"error", func(s *Summary) string { return s.Error }},
	)
}()

// holderColumns are the columns for each of [Functions].
var holderColumns = []struct {
	name string
	of   func(holder.Function) string
}{
	{"provider", func(f holder.Function) string { return f.Provider }},
	{"name", func(f holder.Function) string { return f.Name }},
	{"owner", func(f holder.Function) string { return f.Owner }},
	{"country", func(f holder.Function) string { return f.HQCountry }},
	{"jurisdiction", func(f holder.Function) string { return f.Jurisdiction }},
	{"cloud_act", func(f holder.Function) string { return f.CloudAct }},
	{"confidence", func(f holder.Function) string { return f.Confidence }},
}

// report makes a column empty where there is no report.
func report(of func(*Summary) string) func(*Summary) string {
	return func(s *Summary) string {
		if s.Report == nil {
			return ""
		}
		return of(s)
	}
}

func number(n int) string {
	if n == 0 {
		return ""
	}
	return strconv.Itoa(n)
}

// result is what came of a row, in a word.
func result(s *Summary) string {
	switch {
	case s.Report == nil:
		return string(s.ErrorKind)
	case s.NotFound:
		return "not-found"
	case s.MailDomain:
		return "mail-domain"
	case s.Partial:
		return "partial"
	}
	return "complete"
}

// Columns returns the names of the columns of [CSV].
func Columns() []string {
	names := make([]string, len(columns))
	for i, c := range columns {
		names[i] = c.name
	}
	return names
}

// Header implements [Format].
func (CSV) Header() []byte { return line(Columns()) }

// Row implements [Format].
func (CSV) Row(r *Row) ([]byte, error) {
	s := Summarise(r)
	cells := make([]string, len(columns))
	for i, c := range columns {
		cells[i] = Cell(c.of(s))
	}
	return line(cells), nil
}

// line writes cells, of which none has a line break, as one line.
func line(cells []string) []byte {
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	w.Write(cells)
	w.Flush()
	return b.Bytes()
}

// maxCell is how long a cell may be, in bytes: more is no domain.
const maxCell = 2048

// formula finds where a formula begins: at the start of a cell, and after
// each semicolon, for there a spreadsheet may see another cell. There a quote
// hides nothing: it has the text taken as it is, or is left out.
var formula = regexp.MustCompile(`^[` + formulaSigns + `]|;[\s\pZ"]*[` + formulaSigns + `]`)

// formulaSigns are those with which a formula begins.
const formulaSigns = "=+@|%＝＋－＠-"

// Cell makes a stranger's text fit for a cell: one line without control and
// formatting characters, and no formula (OWASP, "CSV Injection").
func Cell(s string) string {
	if len(s) > maxCell {
		s = strings.ToValidUTF8(s[:maxCell], "")
	}
	s = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || r == '\u2028' || r == '\u2029' {
			return ' '
		}
		return r
	}, s)
	if s = strings.TrimSpace(s); !strings.Contains(s, ";") {
		if s != "" && strings.ContainsRune(formulaSigns, []rune(s)[0]) {
			s = "'" + s
		}
		return s
	}
	return formula.ReplaceAllStringFunc(s, func(begin string) string {
		if after, ok := strings.CutPrefix(begin, ";"); ok {
			return ";'" + after
		}
		return "'" + begin
	})
}

func (CSV) key(text []byte) (key, error) {
	cells, err := csv.NewReader(bytes.NewReader(text)).Read()
	if err != nil || len(cells) != len(columns) {
		return key{}, errors.Join(errNoRow, err)
	}
	return key{Cell(cells[1]), Cell(cells[2])}, nil // an older version kept less from being a formula
}

func (CSV) keyOf(i Item) key { return key{Cell(i.Input), Cell(i.Group)} }

// begun looks for the number of the line, the first column.
func (CSV) begun(text []byte) bool {
	rest := bytes.TrimLeft(text, "0123456789")
	return len(rest) < len(text) && (len(rest) == 0 || rest[0] == ',')
}
