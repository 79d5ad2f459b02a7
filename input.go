package main

import (
	"context"
	"errors"
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
