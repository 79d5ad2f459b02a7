// Package progress tells people how far a long job is: on a terminal on one
// line that changes, elsewhere with a line now and then.
package progress

import (
	"fmt"
	"io"
	"os"
	"time"

	"golang.org/x/term"
)

// interval is how often a status is shown where lines stay.
const interval = 10 * time.Second

// Reporter shows the status of one job. It is for one goroutine at a time.
type Reporter struct {
	w        io.Writer
	terminal bool
	width    int
	shown    time.Time // of the last status, where lines stay
	open     bool      // a changing line stands on the terminal
}

// New returns a reporter that writes to w.
func New(w io.Writer) *Reporter {
	r := &Reporter{w: w, width: 80}
	if f, ok := w.(*os.File); ok && term.IsTerminal(int(f.Fd())) {
		r.terminal = true
		if width, _, err := term.GetSize(int(f.Fd())); err == nil && width > 20 {
			r.width = width
		}
	}
	return r
}

// Status shows where the job is. Where lines stay, only one in ten seconds
// is shown.
func (r *Reporter) Status(s string) {
	switch {
	case r.terminal:
		fmt.Fprintf(r.w, "\r\x1b[K%s", cut(s, r.width-1))
		r.open = true
	case time.Since(r.shown) >= interval:
		fmt.Fprintln(r.w, s)
		r.shown = time.Now()
	}
}

// End takes the changing line away.
func (r *Reporter) End() {
	if r.open {
		fmt.Fprint(r.w, "\r\x1b[K")
		r.open = false
	}
}

// cut shortens s to n characters.
func cut(s string, n int) string {
	runes := []rune(s)
	if len(runes) <= n {
		return s
	}
	return string(runes[:n-1]) + "…"
}
