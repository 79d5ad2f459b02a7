// Testall runs every test of the source tree and ends with the totals. It is
// what `make test` runs. What the tests need of Go modules and npm packages is
// fetched into ignored folders of the tree; what they need of the machine and
// is not there is named, and the rest runs. Where the environment says CI, a
// missing part is an error.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"wolkwijs/e2e/homeserver"
	"wolkwijs/e2e/peer/jspeer"
	"wolkwijs/e2e/proc"
	"wolkwijs/e2e/tree"
)

// stopGrace is how long tests may take to clear up after Ctrl-C.
const stopGrace = 30 * time.Second

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	totalsFile := flag.String("totals", "", "also write the totals to this file")
	flag.Parse()
	err := run(ctx, os.Stdout, *totalsFile)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "testall:", err)
		os.Exit(1)
	}
}

// run runs the tests of each module and prints the totals to w.
func run(ctx context.Context, w io.Writer, totalsFile string) error {
	root, err := tree.Root()
	if err != nil {
		return err
	}
	missing, err := prepare(ctx, w)
	if err != nil {
		return err
	}
	// Tests that are killed cannot clear up; so all they write is in one
	// folder, and that goes.
	scratch, err := os.MkdirTemp("", "wolkwijs-test-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(scratch)
	// PostgreSQL runs as another user where the tests run as root: it must be
	// able to pass through to its own folder.
	if err := os.Chmod(scratch, 0o711); err != nil {
		return err
	}

	began := time.Now()
	results := newResults()
	for _, module := range []string{".", "e2e"} {
		dir := filepath.Join(root, module)
		if err := testModule(ctx, w, dir, scratch, results, "./..."); err != nil {
			return err
		}
		// Real servers on a loaded machine can be late for a test. What fails
		// is therefore tried once more, by itself and in the open; what fails
		// twice has failed.
		if names, packages := results.failed(); len(names) > 0 {
			fmt.Fprintln(w, "once more:", strings.Join(names, ", "))
			args := append([]string{"-run", "^(" + strings.Join(names, "|") + ")$"}, packages...)
			if err := testModule(ctx, w, dir, scratch, results, args...); err != nil {
				return err
			}
		}
	}
	totals := results.totals()
	for _, m := range missing {
		fmt.Fprintln(w, "missing:", m)
	}
	for _, reason := range results.skipReasons() {
		fmt.Fprintln(w, "skipped:", reason)
	}
	fmt.Fprintf(w, "matrix-js-sdk tests: %s\n", totals.javaScript)
	fmt.Fprintf(w, "took %v\n%s\n", time.Since(began).Round(time.Second), totals.all)
	if totalsFile != "" {
		if err := os.WriteFile(totalsFile, []byte(totals.all.String()+"\n"), 0o644); err != nil {
			return err
		}
	}
	return totals.verdict(missing, os.Getenv("CI") != "")
}

// prepare fetches and builds what the tests need besides this tree, and
// returns what this machine lacks.
func prepare(ctx context.Context, w io.Writer) (missing []error, err error) {
	if _, err := homeserver.Build(ctx, w); err != nil {
		return nil, err
	}
	switch err := jspeer.Install(ctx, w); {
	case errors.Is(err, jspeer.ErrNoNode):
		missing = append(missing, err)
	case err != nil:
		return nil, err
	}
	return missing, nil
}

// testModule runs the tests of the module at dir that args choose and adds
// their results. That some failed is in the results; the error says that they
// did not run.
func testModule(ctx context.Context, w io.Writer, dir, scratch string, results *results, args ...string) error {
	reader, writer, err := os.Pipe()
	if err != nil {
		return err
	}
	defer reader.Close()
	p, err := proc.Start(proc.Command{
		Path: "go",
		// Nothing is cached: whether a test passes depends on more than Go
		// files here.
		Args: append([]string{"test", "-json", "-count=1", "-timeout=20m"}, args...),
		Dir:  dir,
		Env:  []string{"TMPDIR=" + scratch},
		Out:  writer,
		Err:  w,
	})
	writer.Close()
	if err != nil {
		return err
	}
	go func() {
		select {
		case <-ctx.Done():
			p.Interrupt(stopGrace) // the go command passes it on and waits
		case <-p.Done():
		}
	}()
	err = results.read(reader, w)
	<-p.Done()
	if ctx.Err() != nil {
		return errors.New("interrupted")
	}
	return err
}
