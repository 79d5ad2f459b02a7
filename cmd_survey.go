package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"golang.org/x/term"

	"wolkwijs/domaincheck/survey"
	"wolkwijs/knowledge"
)

// surveyCmd checks many domains.
type surveyCmd struct {
	resolverFlags
	Concurrency int    `default:"20" help:"Domains under way at once (${default})."`
	Format      string `enum:"jsonl" default:"jsonl" help:"Format of the output: ${enum}."`
	Output      string `short:"o" placeholder:"FILE" help:"Write here, and go on where an earlier run ended; else to standard output."`
	Knowledge   string `placeholder:"DIR" help:"Folder with extra or overriding knowledge files."`
	File        string `arg:"" optional:"" help:"List of domains, one a line; else from standard input."`
}

// Run checks the domains of the list. It fails if for some the resolver did
// not answer.
func (c surveyCmd) Run(p *program) error {
	if c.Concurrency < 1 || c.Concurrency > 1000 {
		return wrongUse{errors.New("--concurrency must be from 1 to 1000")}
	}
	kb, err := knowledge.Open(c.Knowledge)
	if err != nil {
		return wrongUse{err}
	}
	checker, end, err := c.checker(kb, 0)
	if err != nil {
		return err
	}
	defer end()
	s := &survey.Survey{Checker: checker, Concurrency: c.Concurrency, Progress: progress(p.errOut)}
	list := p.in
	if c.File != "" {
		f, err := os.Open(c.File)
		if err != nil {
			return wrongUse{err}
		}
		defer f.Close()
		list = f
	}
	if c.Output == "" {
		return c.run(p, s, list, p.out)
	}
	out, done, err := survey.Resume(c.Output)
	if err != nil {
		return wrongUse{err}
	}
	s.Done = done
	return errors.Join(c.run(p, s, list, out), out.Close())
}

func (c surveyCmd) run(p *program, s *survey.Survey, list io.Reader, out io.Writer) error {
	done, failed, err := s.Run(p.ctx, list, out)
	fmt.Fprintf(p.errOut, "%d checked, %d without an answer from the resolver, %d done before.\n", done, failed, len(s.Done))
	if err == nil && failed > 0 {
		err = errors.New("not everything could be checked; the same call again does the rest")
	}
	return err
}

// progress returns what tells a terminal how far a survey is, twice a second;
// nil where nobody looks.
func progress(w io.Writer) func(done, failed int) {
	f, ok := w.(*os.File)
	if !ok || !term.IsTerminal(int(f.Fd())) {
		return nil
	}
	start, last := time.Now(), time.Time{}
	return func(done, failed int) {
		now := time.Now()
		if now.Sub(last) < 500*time.Millisecond {
			return
		}
		last = now
		fmt.Fprintf(f, "\r%d checked, %d failed, %.1f a second ", done, failed, float64(done)/now.Sub(start).Seconds())
	}
}
