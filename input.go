package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
)

// errInterrupted says that the program was told to stop before its work was
// done.
var errInterrupted = errors.New("interrupted")

// input reads from in until ctx ends, also where nobody types or writes
// anything: a read of a terminal or pipe does not end by itself. What comes
// after that is read by nobody: the program ends.
func input(ctx context.Context, in io.Reader) io.Reader {
	r, w := io.Pipe()
	context.AfterFunc(ctx, func() { w.CloseWithError(errInterrupted) })
	go func() {
		_, err := io.Copy(w, in)
		w.CloseWithError(err)
	}()
	return r
}

// maxLine is how long a line may be, in octets: as long as a Matrix event
// (Matrix specification, "Size limits").
const maxLine = 65536

// eachLine hands over the lines of standard input, one after another. The
// error is that of do, or says why not all were handed over.
func (p *program) eachLine(do func(line string) error) error {
	lines := bufio.NewScanner(input(p.ctx, p.in))
	lines.Buffer(nil, maxLine+len("\n"))
	n := 0
	for ; lines.Scan() && p.ctx.Err() == nil; n++ {
		if err := do(lines.Text()); err != nil {
			return err
		}
	}
	switch {
	case p.ctx.Err() != nil:
		return errInterrupted
	case errors.Is(lines.Err(), bufio.ErrTooLong):
		return fmt.Errorf("line %d is longer than %d octets: it and what comes after it are not answered", n+1, maxLine)
	}
	return lines.Err()
}
