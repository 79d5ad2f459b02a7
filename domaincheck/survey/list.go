package survey

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"
)

// Item is one entry of a list.
type Item struct {
	Line  int    // where it stands in the list, from 1
	Input string // what is to be checked, as it stands there
	Group string // what its results are compared by; empty: nothing
}

// List is what a list holds.
type List struct {
	Items     []Item
	GroupName string // the name of the column with the groups; empty where there is none, or no header
	Repeated  int    // lines that say the same as an earlier one, and are left out
}

// NoGroup is the name of the column for those who want no groups.
const NoGroup = "none"

// ReadList reads a list to its end: a domain, URL or mail address a line, or a
// table (tab, semicolon or comma) in which the first line may name the
// columns. Empty lines and lines that begin with # are skipped. Everything
// else is an item, whether there is a domain in it or not.
//
// Domains are in the column with a name such as "domain", else in the first.
// Groups are in the column that group names, by its header or its number from
// 1; if group is empty, in the first column after that of the domains; if it
// is [NoGroup], nowhere. The error says that the column does not exist, or
// that the list cannot be read.
func ReadList(r io.Reader, group string) (*List, error) {
	text, err := decode(r)
	if err != nil {
		return nil, fmt.Errorf("read the list: %w", err)
	}
	t := table{separator: separator(text), domain: 0, group: -1}
	list := &List{}
	type key struct{ input, group string }
	seen := map[key]bool{}
	number, first := 0, true
	for line := range strings.SplitSeq(text, "\n") {
		number++
		bare := strings.TrimSpace(line)
		if bare == "" || bare[0] == '#' {
			continue
		}
		cells := t.cells(line)
		if first {
			first = false
			header, err := t.columns(cells, group)
			if err != nil {
				return nil, err
			}
			if header {
				list.GroupName = cell(cells, t.group)
				continue
			}
		}
		item := Item{Line: number, Input: cell(cells, t.domain), Group: cell(cells, t.group)}
		if item.Input == "" {
			item.Input = bare // there is something, so it gets a row
		}
		k := key{item.Input, item.Group}
		if seen[k] {
			list.Repeated++
			continue
		}
		seen[k] = true
		list.Items = append(list.Items, item)
	}
	return list, nil
}

// decode returns the text of a list with LF at the end of lines: UTF-8, UTF-16
// with a byte order mark, or else Windows-1252, as spreadsheets write it.
func decode(r io.Reader) (string, error) {
	data, err := io.ReadAll(r)
	if err != nil {
		return "", err
	}
	data, _, err = transform.Bytes(unicode.BOMOverride(transform.Nop), data)
	if err != nil {
		return "", err
	}
	if !utf8.Valid(data) {
		if data, err = charmap.Windows1252.NewDecoder().Bytes(data); err != nil {
			return "", err
		}
	}
	data = bytes.ReplaceAll(data, []byte("\r\n"), []byte("\n"))
	data = bytes.ReplaceAll(data, []byte("\r"), []byte("\n"))
	return string(data), nil
}

// table is how the cells of a line are told apart, and which count.
type table struct {
	separator     byte // 0: a line is one cell
	domain, group int  // columns from 0; -1: none
}

// sampled is how many lines tell what separates the cells of a list.
const sampled = 100

// separator returns what separates the cells: what is in at least half of the
// first lines, so that a stray comma does not make a table of a list.
func separator(text string) byte {
	var lines int
	counts := map[byte]int{}
	for line := range strings.SplitSeq(text, "\n") {
		if bare := strings.TrimSpace(line); bare == "" || bare[0] == '#' {
			continue
		}
		for _, c := range []byte("\t;,") {
			if strings.IndexByte(line, c) >= 0 {
				counts[c]++
			}
		}
		if lines++; lines == sampled {
			break
		}
	}
	for _, c := range []byte("\t;,") {
		if counts[c] > 0 && 2*counts[c] >= lines {
			return c
		}
	}
	return 0
}

// cells returns the cells of a line, without quotes and spaces around them.
func (t table) cells(line string) []string {
	if t.separator == 0 {
		return []string{strings.TrimSpace(line)}
	}
	var cells []string
	if strings.IndexByte(line, '"') >= 0 {
		r := csv.NewReader(strings.NewReader(line))
		r.Comma, r.LazyQuotes, r.TrimLeadingSpace = rune(t.separator), true, t.separator != '\t'
		if read, err := r.Read(); err == nil {
			cells = read
		}
	}
	if cells == nil {
		cells = strings.Split(line, string(t.separator))
	}
	for i := range cells {
		cells[i] = strings.TrimSpace(cells[i])
	}
	return cells
}

// cell returns the cell of a column, empty where the line has none.
func cell(cells []string, column int) string {
	if column < 0 || column >= len(cells) {
		return ""
	}
	return cells[column]
}

// domainHeaders are names of a column with domains, in lower case, the surest
// first.
var domainHeaders = []string{
	"domain", "domein", "domain name", "domain_name", "domainname", "domeinnaam", "domains", "domeinen",
	"host", "hostname", "url", "website", "web site", "webadres", "site",
	"mail", "email", "e-mail", "mailadres", "mail address", "e-mailadres", "email address", "e-mail address",
}

// columns finds the columns in the first line, and says whether that line
// names them. A line with a domain in it never does.
func (t *table) columns(cells []string, group string) (header bool, err error) {
	lower := make([]string, len(cells))
	for i, c := range cells {
		lower[i] = strings.ToLower(c)
	}
	for _, name := range domainHeaders {
		if i := slices.Index(lower, name); i >= 0 {
			t.domain, header = i, true
			break
		}
	}
	named := slices.Index(lower, strings.ToLower(group))
	switch {
	case group == NoGroup:
		return header, nil
	case group == "":
		if t.separator != 0 {
			t.group = t.domain + 1
		}
		return header, nil
	case named >= 0 && named != t.domain:
		t.group = named
		return true, nil
	}
	n, err := strconv.Atoi(group)
	if err != nil || n < 1 || n > len(cells) || n-1 == t.domain {
		return false, fmt.Errorf("the list has no column %q to group by; its first line is: %s", group, strings.Join(cells, " | "))
	}
	t.group = n - 1
	return header, nil
}
