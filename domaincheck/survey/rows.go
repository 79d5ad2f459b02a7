package survey

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"syscall"

	"wolkwijs/domaincheck"
	"wolkwijs/filelock"
)

// Row is what came of one item: the report of a domain, or why there is none.
type Row struct {
	Line  int    `json:"line,omitempty"`  // where the input stands in the list
	Input string `json:"input"`           // as it stands in the list
	Group string `json:"group,omitempty"` // as in the list
	*domaincheck.Report
	Error     string    `json:"error,omitempty"` // why there is no report
	ErrorKind ErrorKind `json:"error_kind,omitempty"`
}

// ErrorKind is why there is no report on an input.
type ErrorKind string

// The reasons. Only NoAnswer is worth another try.
const (
	NoDomain ErrorKind = "no-domain" // there is no domain in it that can be checked
	NoAnswer ErrorKind = "no-answer" // the resolver did not answer
)

// key is what tells rows apart.
type key struct{ input, group string }

// Format is how rows are written.
type Format interface {
	// Header is what comes before the first row, perhaps nothing.
	Header() []byte
	// Row is the row as one line, with its LF.
	Row(*Row) ([]byte, error)
	// key finds out of which input and group a line is, as the format writes
	// them, and how the format writes those of an item.
	key(line []byte) (key, error)
	keyOf(Item) key
	// begun says whether text may be the beginning of a row, or all of it.
	begun(text []byte) bool
}

// JSONL writes rows as JSON objects, one a line.
type JSONL struct{}

// Header implements [Format].
func (JSONL) Header() []byte { return nil }

// Row implements [Format].
func (JSONL) Row(r *Row) ([]byte, error) {
	var b bytes.Buffer
	err := json.NewEncoder(&b).Encode(r)
	return b.Bytes(), err
}

func (JSONL) key(line []byte) (key, error) {
	var row struct {
		Input  *string `json:"input"`
		Group  string  `json:"group"`
		Domain string  `json:"domain"`
		Error  string  `json:"error"`
	}
	if err := json.Unmarshal(line, &row); err != nil || row.Input == nil || row.Domain == "" && row.Error == "" {
		return key{}, errNoRow
	}
	return key{*row.Input, row.Group}, nil
}

func (j JSONL) begun(text []byte) bool {
	if json.Valid(text) {
		_, err := j.key(text)
		return err == nil
	}
	if !alike(text, `{"line":`) && !alike(text, `{"input":"`) {
		return false
	}
	// The fields before those of the report, in the order of Row.
	tokens := json.NewDecoder(bytes.NewReader(text))
	for n, next := 0, []string{"line", "input"}; ; n++ {
		token, err := tokens.Token()
		switch {
		case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
			return true
		case err != nil:
			return false
		case n%2 == 0: // the brace, or a value
			continue
		}
		name, _ := token.(string)
		if !slices.Contains(next, name) {
			return false
		}
		switch name {
		case "line":
			next = []string{"input"}
		case "input":
			next = []string{"group", "domain", "error"}
		case "group":
			next = []string{"domain", "error"}
		default:
			return true
		}
	}
}

// alike says whether text begins with begin, as far as it goes.
func alike(text []byte, begin string) bool {
	return bytes.HasPrefix(text, []byte(begin)) || strings.HasPrefix(begin, string(text))
}

func (JSONL) keyOf(i Item) key { return key{i.Input, i.Group} }

var errNoRow = errors.New("it is no row of a survey")

// Resumed is a file that has rows of an earlier run, for another to go on
// with.
type Resumed struct {
	*os.File
	Rows   int   // rows that are there
	whole  int64 // octets of whole lines
	format Format
	done   map[key]int // how many rows there are of each
}

// Resume opens a file of rows, or makes it, and changes nothing in it yet. The
// error says that the file holds something else, and which line shows it, or
// that another survey writes to it.
func Resume(name string, format Format) (*Resumed, error) {
	f, err := os.OpenFile(name, os.O_RDWR|os.O_CREATE, 0o644)
	if err != nil {
		return nil, err
	}
	r := &Resumed{File: f, format: format, done: map[key]int{}}
	if err = lock(f); err == nil {
		err = r.read()
	}
	if err != nil {
		f.Close()
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return r, nil
}

// Mend readies the file for the rows to come: what a broken run left half
// written at its end is cut off, and an empty file gets its header.
func (r *Resumed) Mend() error {
	err := r.Truncate(r.whole)
	if err == nil {
		_, err = r.Seek(r.whole, io.SeekStart)
	}
	if err == nil && r.whole == 0 {
		_, err = r.Write(r.format.Header())
	}
	return err
}

// lock keeps other surveys from the file: each would write its rows over those
// of the other. On a file system without locks people have to see to that.
func lock(f *os.File) error {
	err := filelock.Try(f)
	switch {
	case errors.Is(err, filelock.ErrHeld):
		return errors.New("another survey writes to this file")
	case errors.Is(err, errors.ErrUnsupported), errors.Is(err, syscall.ENOLCK):
		return nil
	}
	return err
}

// read takes in the rows.
func (r *Resumed) read() error {
	header := r.format.Header()
	lines := bufio.NewReaderSize(r.File, 1<<16)
	for n := 1; ; n++ {
		line, err := lines.ReadBytes('\n')
		if errors.Is(err, io.EOF) {
			if !r.ours(line, n == 1) {
				return errOther(n)
			}
			return nil
		}
		if err != nil {
			return err
		}
		r.whole += int64(len(line))
		if n == 1 && len(header) > 0 {
			if !bytes.Equal(line, header) {
				return errors.New("line 1 does not name the columns of a survey: give another file")
			}
			continue
		}
		k, err := r.format.key(line)
		if err != nil {
			return errOther(n)
		}
		r.done[k]++
		r.Rows++
	}
}

func errOther(line int) error {
	return fmt.Errorf("line %d is no row of a survey: give another file", line)
}

// ours says whether a last line without an end may be what a broken run left:
// nothing, or the beginning of a row or header, and after a power cut perhaps
// a place on the disk that nothing was written to.
func (r *Resumed) ours(line []byte, first bool) bool {
	line = bytes.TrimRight(line, "\x00")
	if header := r.format.Header(); first && len(header) > 0 {
		return bytes.HasPrefix(header, line)
	}
	return len(line) == 0 || r.format.begun(line)
}

// Left returns the items that have no row yet. It is called once.
func (r *Resumed) Left(items []Item) []Item {
	if len(r.done) == 0 {
		return items
	}
	var left []Item
	for _, item := range items {
		// The format may write two inputs alike: each row is for one of them.
		if k := r.format.keyOf(item); r.done[k] > 0 {
			r.done[k]--
		} else {
			left = append(left, item)
		}
	}
	return left
}
