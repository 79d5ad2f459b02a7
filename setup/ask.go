package setup

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"golang.org/x/term"

	"wolkwijs/lang"
)

// ErrEnded says that the answers ended before the questions did, as those of
// a pipe can.
var ErrEnded = errors.New("the answers ended")

// console is where questions are asked: a terminal, or a pipe with an answer
// on each line.
type console struct {
	in       *bufio.Reader
	terminal *os.File // nil for a pipe
	out      io.Writer
	lang     lang.Code
}

func newConsole(in io.Reader, out io.Writer) *console {
	c := &console{in: bufio.NewReader(in), out: out}
	if f, ok := in.(*os.File); ok && term.IsTerminal(int(f.Fd())) {
		c.terminal = f
	}
	return c
}

// say writes a line.
func (c *console) say(text lang.Text, args ...any) {
	fmt.Fprintf(c.out, text.In(c.lang)+"\n", args...)
}

// line asks for one line. An empty one is the usual answer.
func (c *console) line(ctx context.Context, question, usual string) (string, error) {
	if usual != "" {
		question += " [" + usual + "]"
	}
	text, err := c.shown(ctx, question)
	if err != nil {
		return "", err
	}
	if text = strings.TrimSpace(text); text == "" {
		text = usual
	}
	return text, nil
}

// shown asks for one line as it is. What comes from a pipe nobody sees, so the
// line of the question ends here.
func (c *console) shown(ctx context.Context, question string) (string, error) {
	fmt.Fprint(c.out, question+": ")
	if c.terminal == nil {
		defer fmt.Fprintln(c.out)
	}
	return c.read(ctx, func() (string, error) { return c.in.ReadString('\n') })
}

// secret asks for one line that is not shown on a terminal.
func (c *console) secret(ctx context.Context, question string) (string, error) {
	if c.terminal == nil {
		return c.shown(ctx, question)
	}
	fd := int(c.terminal.Fd())
	before, err := term.GetState(fd)
	if err != nil {
		return "", fmt.Errorf("look at the terminal: %w", err)
	}
	// Whoever stops here must see again what they type.
	defer term.Restore(fd, before)
	if err := hideInput(fd); err != nil {
		return "", fmt.Errorf("hide what is typed: %w", err)
	}
	fmt.Fprint(c.out, question+": ")
	defer fmt.Fprintln(c.out)
	return c.read(ctx, func() (string, error) {
		secret, err := term.ReadPassword(fd)
		return string(secret), err
	})
}

// yes asks a question that is answered with yes or no.
func (c *console) yes(ctx context.Context, question lang.Text, usual bool) (bool, error) {
	choices := lang.Text{NL: "j/N", EN: "y/N"}
	if usual {
		choices = lang.Text{NL: "J/n", EN: "Y/n"}
	}
	for {
		text, err := c.line(ctx, question.In(c.lang)+" ("+choices.In(c.lang)+")", "")
		if err != nil {
			return false, err
		}
		switch strings.ToLower(text) {
		case "":
			return usual, nil
		case "j", "ja", "y", "yes":
			return true, nil
		case "n", "nee", "no":
			return false, nil
		}
	}
}

// read waits for next or for the end of ctx. What somebody still types after
// that is read by nobody: the program ends.
func (c *console) read(ctx context.Context, next func() (string, error)) (string, error) {
	type result struct {
		text string
		err  error
	}
	done := make(chan result, 1)
	go func() {
		text, err := next()
		done <- result{text, err}
	}()
	select {
	case <-ctx.Done():
		return "", ctx.Err()
	case r := <-done:
		text := strings.TrimRight(r.text, "\r\n")
		switch {
		case errors.Is(r.err, io.EOF) && text == "":
			return "", ErrEnded
		case r.err != nil && !errors.Is(r.err, io.EOF):
			return "", fmt.Errorf("read the answer: %w", r.err)
		}
		return text, nil
	}
}
