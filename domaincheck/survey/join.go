package survey

import (
	"bufio"
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
)

// Joined are the rows of several files of JSON lines, such as those of the
// parts of a list: each input and group once. Only where they stand is kept in
// memory.
type Joined struct {
	CutOff []string // files whose last row was half written, and is left out
	Extra  int      // rows that [Joined.Arrange] found no place for in its list

	files  []*os.File
	places []place
	index  map[key]int // of places
}

// place is where a row stands, and what is to be told of it instead of what
// it says itself.
type place struct {
	key
	file     int
	offset   int64
	octets   int
	failures int
	as       *Item // nil: what it says itself
	bare     bool  // it is told without its group
}

// Join opens the files. Of two rows of the same input and group, the one with
// fewer failed look-ups counts, or else the later. The error names file and
// line.
func Join(names []string) (*Joined, error) {
	j := &Joined{index: map[key]int{}}
	for _, name := range names {
		f, err := os.Open(name)
		if err == nil {
			j.files = append(j.files, f)
			err = j.read(f)
		}
		if err != nil {
			return nil, errors.Join(err, j.Close())
		}
	}
	return j, nil
}

func (j *Joined) read(f *os.File) error {
	lines := bufio.NewReaderSize(f, 1<<18)
	var offset int64
	for n := 1; ; n++ {
		line, err := lines.ReadBytes('\n')
		if errors.Is(err, io.EOF) {
			if len(bytes.TrimSpace(line)) > 0 {
				j.CutOff = append(j.CutOff, f.Name())
			}
			return nil
		}
		if err != nil {
			return err
		}
		var row struct {
			Input     *string           `json:"input"`
			Group     string            `json:"group"`
			ErrorKind ErrorKind         `json:"error_kind"`
			Errors    []json.RawMessage `json:"errors"`
		}
		if err := json.Unmarshal(line, &row); err != nil || row.Input == nil {
			return fmt.Errorf("%s:%d: this is no row of a survey", f.Name(), n)
		}
		p := place{key: key{*row.Input, row.Group}, file: len(j.files) - 1, offset: offset, octets: len(line), failures: len(row.Errors)}
		if row.ErrorKind == NoAnswer {
			p.failures = unanswered
		}
		offset += int64(len(line))
		if i, twice := j.index[p.key]; !twice {
			j.index[p.key] = len(j.places)
			j.places = append(j.places, p)
		} else if p.failures <= j.places[i].failures {
			j.places[i] = p
		}
	}
}

// unanswered counts for more than any number of failed look-ups.
const unanswered = int(^uint(0) >> 1)

// Len returns how many rows there are.
func (j *Joined) Len() int { return len(j.places) }

// Arrange puts the rows in the order of the list and gives them its lines and
// groups. Which group a row had does not matter: what was looked up is the
// same. It returns the items that have no row.
func (j *Joined) Arrange(list *List) (missing []Item) {
	byInput := map[string]int{}
	for i, p := range j.places {
		if k, ok := byInput[p.input]; !ok || cmp.Less(p.failures, j.places[k].failures) {
			byInput[p.input] = i
		}
	}
	used := map[int]bool{}
	var places []place
	for _, item := range list.Items {
		best, ok := byInput[item.Input]
		if !ok {
			missing = append(missing, item)
			continue
		}
		// A row with the group of the list is as good as the best.
		i, ok := j.index[key{item.Input, item.Group}]
		if !ok || j.places[best].failures < j.places[i].failures {
			i = best
		}
		used[i] = true
		p := j.places[i]
		p.as = &item
		places = append(places, p)
	}
	j.Extra = len(j.places) - len(used)
	j.places = places
	return missing
}

// Ungroup leaves the groups out of the rows. Of those of the same input one
// stays, as in [Join].
func (j *Joined) Ungroup() {
	byInput := map[string]int{}
	var places []place
	for _, p := range j.places {
		p.bare = true
		if i, twice := byInput[p.input]; !twice {
			byInput[p.input] = len(places)
			places = append(places, p)
		} else if p.failures <= places[i].failures {
			places[i] = p
		}
	}
	j.places = places
}

// Each hands over the rows one after another.
func (j *Joined) Each(do func(*Row) error) error {
	var buf []byte
	for _, p := range j.places {
		if cap(buf) < p.octets {
			buf = make([]byte, p.octets)
		}
		line := buf[:p.octets]
		f := j.files[p.file]
		if _, err := f.ReadAt(line, p.offset); err != nil {
			return fmt.Errorf("%s: %w", f.Name(), err)
		}
		var row Row
		if err := json.Unmarshal(line, &row); err != nil {
			return fmt.Errorf("%s: the row of %q: %w", f.Name(), p.input, err)
		}
		if row.Report == nil && row.ErrorKind == "" {
			row.ErrorKind = NoDomain // rows of before there were kinds
		}
		if row.Report == nil && row.Error == "" {
			return fmt.Errorf("%s: the row of %q says nothing", f.Name(), p.input)
		}
		if p.as != nil {
			row.Line, row.Group = p.as.Line, p.as.Group
		}
		if p.bare {
			row.Group = ""
		}
		if err := do(&row); err != nil {
			return err
		}
	}
	return nil
}

// Close closes the files.
func (j *Joined) Close() error {
	var errs []error
	for _, f := range j.files {
		errs = append(errs, f.Close())
	}
	return errors.Join(errs...)
}
