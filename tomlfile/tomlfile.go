// Package tomlfile reads TOML strictly: a key that the program does not know,
// a value of the wrong type and a syntax error are all errors that name file,
// line, column and key, and an unknown key comes with the nearest known one.
// Both config.toml and the knowledge base are read with it.
//
// [Decode] is what most callers need. [Positions] tells where a key stands in
// a file that was read well but says something wrong, for example a date in
// the future.
//
// May import: github.com/pelletier/go-toml/v2.
package tomlfile

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/pelletier/go-toml/v2"
)

// Error is one fault in a TOML file. Line and Column count from 1; 0 means
// that the place is not known.
type Error struct {
	File         string
	Line, Column int
	Key          string // dotted key, such as "matrix.homeserver"; may be empty
	Msg          string // what is wrong, without the key
	Hint         string // what to do; may be empty
}

// Error returns "file:line:column: key: message; hint".
func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString(e.File)
	if e.Line > 0 {
		fmt.Fprintf(&b, ":%d:%d", e.Line, e.Column)
	}
	if e.Key != "" {
		fmt.Fprintf(&b, ": %s", e.Key)
	}
	fmt.Fprintf(&b, ": %s", e.Msg)
	if e.Hint != "" {
		fmt.Fprintf(&b, "; %s", e.Hint)
	}
	return b.String()
}

// Errors are all faults found in one go, in the order of the file.
type Errors []*Error

// Error returns one line per fault.
func (es Errors) Error() string {
	lines := make([]string, len(es))
	for i, e := range es {
		lines[i] = e.Error()
	}
	return strings.Join(lines, "\n")
}

// Decode reads the TOML text data into v, a pointer to a struct with toml
// tags. file is only used in errors. The error is of type Errors.
func Decode(file string, data []byte, v any) error {
	dec := toml.NewDecoder(bytes.NewReader(data))
	dec.DisallowUnknownFields()
	err := dec.Decode(v)
	var unknown *toml.StrictMissingError
	var broken *toml.DecodeError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &unknown):
		var all Errors
		for _, e := range unknown.Errors {
			line, column := e.Position()
			key := []string(e.Key())
			all = append(all, &Error{
				File: file, Line: line, Column: column,
				Key: strings.Join(key, "."), Msg: "unknown key", Hint: nearestHint(reflect.TypeOf(v), key),
			})
		}
		return all
	case errors.As(err, &broken):
		line, column := broken.Position()
		e := &Error{File: file, Line: line, Column: column, Msg: message(broken)}
		e.Key = keyAt(data, line)
		return Errors{e}
	default:
		return Errors{{File: file, Msg: strings.TrimPrefix(err.Error(), "toml: ")}}
	}
}

// message is the library's own sentence without its prefix and without Go's
// type names, which say nothing to the person who edits the file.
func message(e *toml.DecodeError) string {
	msg := strings.TrimPrefix(e.Error(), "toml: ")
	if i := strings.Index(msg, " into struct field "); i >= 0 {
		if _, typ, ok := strings.Cut(msg, " of type "); ok {
			msg = msg[:i] + ": want " + typeName(typ)
		}
	}
	return strings.Replace(msg, "cannot decode TOML", "got", 1)
}

// typeName says a Go type in the words of TOML.
func typeName(goType string) string {
	switch {
	case strings.HasPrefix(goType, "[]"):
		return "an array"
	case strings.Contains(goType, "string"):
		return "a string in quotes"
	case strings.Contains(goType, "int"):
		return "a whole number"
	case strings.Contains(goType, "bool"):
		return "true or false"
	case strings.Contains(goType, "Date"), strings.Contains(goType, "Time"):
		return "a date such as 2026-08-31"
	}
	return "a table"
}

// keyAt returns the dotted key on a line of data, with the table it is in.
func keyAt(data []byte, line int) string {
	lines := strings.Split(string(data), "\n")
	if line < 1 || line > len(lines) {
		return ""
	}
	key, _, isPair := strings.Cut(lines[line-1], "=")
	if !isPair {
		return ""
	}
	key = strings.TrimSpace(key)
	if strings.ContainsAny(key, "\"'[]{}, ") {
		return ""
	}
	for i := line - 2; i >= 0; i-- {
		if table := strings.TrimSpace(lines[i]); strings.HasPrefix(table, "[") {
			if end := strings.IndexByte(table, ']'); end > 0 {
				return strings.Trim(table[:end], "[] ") + "." + key
			}
		}
	}
	return key
}

// nearestHint names the known key that is nearest to the last part of key,
// among those of the table it stands in, or else anywhere below t with the
// table it belongs to. It is empty where nothing is near.
func nearestHint(t reflect.Type, key []string) string {
	if len(key) == 0 {
		return ""
	}
	bad := key[len(key)-1]
	near := func(known []string, bad string) string {
		best, bestDistance := "", max(2, len(bad)/3)+1
		for _, k := range known {
			name := k[strings.LastIndexByte(k, '.')+1:]
			if d := Distance(bad, name); d < bestDistance {
				best, bestDistance = k, d
			}
		}
		return best
	}
	at := t
	for _, part := range key[:len(key)-1] {
		if at = field(at, part); at == nil {
			// The table itself is unknown: it is what the hint is about.
			return nearestHint(t, key[:slices.Index(key, part)+1])
		}
	}
	if k := near(keys(at, "", 0), bad); k != "" {
		return fmt.Sprintf("did you mean %q?", k)
	}
	if k := near(keys(t, "", 1), bad); k != "" {
		return fmt.Sprintf("did you mean %q?", k)
	}
	if known := keys(at, "", 0); len(known) > 0 && len(known) <= 12 {
		return "known here: " + strings.Join(known, ", ")
	}
	return ""
}

// element strips pointers and slices off t.
func element(t reflect.Type) reflect.Type {
	for t != nil && (t.Kind() == reflect.Pointer || t.Kind() == reflect.Slice || t.Kind() == reflect.Map) {
		t = t.Elem()
	}
	return t
}

// field returns the type of the field of t with the given TOML name, or nil.
func field(t reflect.Type, name string) reflect.Type {
	t = element(t)
	if t == nil || t.Kind() != reflect.Struct {
		return nil
	}
	for f := range t.Fields() {
		if tag, _, _ := strings.Cut(f.Tag.Get("toml"), ","); tag == name {
			return f.Type
		}
		if f.Anonymous {
			if inner := field(f.Type, name); inner != nil {
				return inner
			}
		}
	}
	return nil
}

// keys lists the TOML names of the fields of t, with those of the tables in
// it down to depth, each with prefix.
func keys(t reflect.Type, prefix string, depth int) []string {
	t = element(t)
	if t == nil || t.Kind() != reflect.Struct {
		return nil
	}
	var names []string
	for f := range t.Fields() {
		tag, _, _ := strings.Cut(f.Tag.Get("toml"), ",")
		if f.Anonymous {
			names = append(names, keys(f.Type, prefix, depth)...)
		}
		if tag == "" || tag == "-" {
			continue
		}
		names = append(names, prefix+tag)
		if depth > 0 {
			names = append(names, keys(f.Type, prefix+tag+".", depth-1)...)
		}
	}
	return names
}

// Distance is the number of letters to insert, remove, replace or swap with
// their neighbour to make a into b (optimal string alignment), counted in
// Unicode code points.
func Distance(a, b string) int {
	ra, rb := []rune(a), []rune(b)
	before, last, row := make([]int, len(rb)+1), make([]int, len(rb)+1), make([]int, len(rb)+1)
	for j := range last {
		last[j] = j
	}
	for i := 1; i <= len(ra); i++ {
		row[0] = i
		for j := 1; j <= len(rb); j++ {
			change := last[j-1]
			if ra[i-1] != rb[j-1] {
				change++
			}
			row[j] = min(last[j]+1, row[j-1]+1, change)
			if i > 1 && j > 1 && ra[i-1] == rb[j-2] && ra[i-2] == rb[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
		before, last, row = last, row, before
	}
	return last[len(rb)]
}

// Sort puts the faults in the order of file, line and column.
func (es Errors) Sort() {
	slices.SortStableFunc(es, func(a, b *Error) int {
		return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
	})
}
