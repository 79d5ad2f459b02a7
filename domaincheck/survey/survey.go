// Package survey checks many domains: a list in, one JSON object per line
// out, with a bounded number under way at once. A survey that was broken off
// goes on where it was.
//
// May import: domaincheck.
package survey

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"sync"

	"wolkwijs/domaincheck"
)

// Checker checks one domain; *domaincheck.Checker does.
type Checker interface {
	Check(ctx context.Context, input string) (*domaincheck.Report, error)
}

// Row is one line of the output: the report of a domain, or why there is
// none.
type Row struct {
	Input string `json:"input"` // as it was in the list
	*domaincheck.Report
	Error string `json:"error,omitempty"` // why the input is no domain
}

// Survey is one run over a list.
type Survey struct {
	Checker     Checker
	Concurrency int                    // domains under way at once; at least 1
	Done        map[string]bool        // inputs that have a row already, and are left out
	Progress    func(done, failed int) // called after each domain, one call at a time; nil: nobody is told
}

// maxInRow is after how many domains in a row, for which the resolver did not
// answer at all, a survey gives up.
const maxInRow = 20

// Run checks the domains of the list, a line each, and writes a row for each
// as it is done. Empty lines and lines that begin with # are skipped, and so
// are inputs seen before. Domains for which the resolver did not answer have
// no row: their number is failed, and another run does them. The error is of
// reading, writing or the context, or domaincheck.ErrResolver.
func (s *Survey) Run(ctx context.Context, list io.Reader, out io.Writer) (done, failed int, err error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	inputs := make(chan string)
	var readErr error
	go func() {
		defer close(inputs)
		readErr = s.read(ctx, list, inputs)
	}()
	var mu sync.Mutex // over what follows, and out
	inRow := 0
	encoder := json.NewEncoder(out)
	finish := func(row *Row, err error) {
		mu.Lock()
		defer mu.Unlock()
		switch {
		case ctx.Err() != nil:
			return
		case err != nil:
			failed++
			if inRow++; inRow >= maxInRow {
				cancel(err)
			}
		default:
			inRow = 0
			done++
			if err := encoder.Encode(row); err != nil {
				cancel(fmt.Errorf("write: %w", err))
			}
		}
		if s.Progress != nil {
			s.Progress(done, failed)
		}
	}
	var wait sync.WaitGroup
	for range max(s.Concurrency, 1) {
		wait.Go(func() {
			for input := range inputs {
				finish(s.check(ctx, input))
			}
		})
	}
	wait.Wait()
	if err := context.Cause(ctx); err != nil {
		return done, failed, err
	}
	return done, failed, readErr
}

// read sends the inputs of the list, each once.
func (s *Survey) read(ctx context.Context, list io.Reader, inputs chan<- string) error {
	seen := map[string]bool{}
	lines := bufio.NewScanner(list)
	for lines.Scan() {
		input := strings.TrimSpace(strings.TrimPrefix(lines.Text(), "\ufeff"))
		if input == "" || input[0] == '#' || seen[input] || s.Done[input] {
			continue
		}
		seen[input] = true
		select {
		case inputs <- input:
		case <-ctx.Done():
			return nil
		}
	}
	if err := lines.Err(); err != nil {
		return fmt.Errorf("read the list: %w", err)
	}
	return nil
}

// check returns the row of one input. The error is that of the resolver.
func (s *Survey) check(ctx context.Context, input string) (*Row, error) {
	r, err := s.Checker.Check(ctx, input)
	var wrong *domaincheck.InputError
	switch {
	case errors.As(err, &wrong):
		return &Row{Input: input, Error: wrong.Why.EN}, nil
	case err != nil:
		return nil, err
	}
	return &Row{Input: input, Report: r}, nil
}

// Resume opens a file of rows, or makes it, for a survey to go on with. It
// returns the inputs that have a row. What a broken run left half written at
// the end is cut off.
func Resume(name string) (*os.File, map[string]bool, error) {
	f, err := os.OpenFile(name, os.O_RDWR|os.O_CREATE, 0o644)
	if err != nil {
		return nil, nil, err
	}
	done, whole, err := readRows(f)
	if err == nil {
		err = f.Truncate(whole)
	}
	if err == nil {
		_, err = f.Seek(whole, io.SeekStart)
	}
	if err != nil {
		f.Close()
		return nil, nil, fmt.Errorf("%s: %w", name, err)
	}
	return f, done, nil
}

// readRows returns the inputs of the rows, and how many octets of whole rows
// there are. The error says that the file is something else.
func readRows(r io.Reader) (done map[string]bool, whole int64, err error) {
	done = map[string]bool{}
	lines := bufio.NewReader(r)
	for n := 1; ; n++ {
		line, err := lines.ReadBytes('\n')
		if errors.Is(err, io.EOF) {
			return done, whole, nil
		}
		if err != nil {
			return nil, 0, err
		}
		var row struct {
			Input *string `json:"input"`
		}
		if err := json.Unmarshal(bytes.TrimSpace(line), &row); err != nil || row.Input == nil {
			return nil, 0, fmt.Errorf("line %d is no row of a survey: give another file", n)
		}
		done[*row.Input] = true
		whole += int64(len(line))
	}
}
