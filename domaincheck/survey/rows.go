package survey

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"

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
		Input *string `json:"input"`
		Group string  `json:"group"`
	}
	if err := json.Unmarshal(line, &row); err != nil || row.Input == nil {
		return key{}, errNoRow
	}
	return key{*row.Input, row.Group}, nil
}

func (JSONL) keyOf(i Item) key { return key{i.Input, i.Group} }

var errNoRow = errors.New("it is no row of a survey")

// Resumed is a file that has rows of an earlier run, for another to go on
// with.
type Resumed struct {
	*os.File
	Rows   int // rows that are there
	format Format
	done   map[key]int // how many rows there are of each
}

// Resume opens a file of rows, or makes it. What a broken run left half
// written at the end is cut off. The error says that the file holds something
// else, and which line shows it; the file is then as it was.
func Resume(name string, format Format) (*Resumed, error) {
	f, err := os.OpenFile(name, os.O_RDWR|os.O_CREATE, 0o644)
	if err != nil {
		return nil, err
	}
	r := &Resumed{File: f, format: format, done: map[key]int{}}
	var whole int64
	if err = lock(f); err == nil {
		whole, err = r.read()
	}
	if err == nil {
		err = f.Truncate(whole)
	}
	if err == nil {
		_, err = f.Seek(whole, io.SeekStart)
	}
	if err == nil && whole == 0 {
		_, err = f.Write(format.Header())
	}
	if err != nil {
		f.Close()
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return r, nil
}

// lock keeps other surveys from the file: each would write its rows over those
// of the other. On a file system without locks people have to see to that.
func lock(f *os.File) error {
	err := filelock.Try(f)
	switch {
	case errors.Is(err, filelock.ErrHeld):
		return errors.New("another survey writes to this file")
	case errors.Is(err, errors.ErrUnsupported):
		return nil
	}
	return err
}

// read takes in the rows, and returns how many octets of whole lines there
// are.
func (r *Resumed) read() (whole int64, err error) {
	header := r.format.Header()
	lines := bufio.NewReaderSize(r.File, 1<<16)
	for n := 1; ; n++ {
		line, err := lines.ReadBytes('\n')
		if errors.Is(err, io.EOF) {
			if whole == 0 && len(line) > 0 && !r.ours(line, header) {
				return 0, errors.New("line 1 is no row of a survey: give another file")
			}
			return whole, nil
		}
		if err != nil {
			return 0, err
		}
		whole += int64(len(line))
		if n == 1 && len(header) > 0 {
			if !bytes.Equal(line, header) {
				return 0, errors.New("line 1 does not name the columns of a survey: give another file")
			}
			continue
		}
		k, err := r.format.key(line)
		if err != nil {
			return 0, fmt.Errorf("line %d is no row of a survey: give another file", n)
		}
		r.done[k]++
		r.Rows++
	}
}

// ours says whether a first line without an end may be the beginning of what
// we write.
func (r *Resumed) ours(line, header []byte) bool {
	if len(header) > 0 {
		return bytes.HasPrefix(header, line)
	}
	const begin = `{"line":`
	return bytes.HasPrefix(line, []byte(begin)) || bytes.HasPrefix([]byte(begin), line) || bytes.HasPrefix(line, []byte(`{"input":`))
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
