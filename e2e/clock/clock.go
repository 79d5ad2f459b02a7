// Package clock builds the program with a wall clock that can be moved while
// it runs, as when the clock of a machine is set: what measures how long
// things take does not move with it.
package clock

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"time"

	"wolkwijs/e2e/tree"
)

// variable names the file, in the environment of the program, that says how
// many seconds its clock is ahead.
const variable = "WOLKWIJS_E2E_CLOCK"

// The program's own source does not change: package time is another one.
const (
	// now is where [time.Now] reads the clock, and moved what it reads.
	now   = "\tsec, nsec, mono := runtimeNow()\n\tif mono == 0 {\n\t\treturn Time{uint64(nsec), sec + unixToInternal, Local}\n\t}\n\tmono -= startNano\n"
	moved = "\tsec, nsec, mono := runtimeNow()\n\tsec += Ahead.Load()\n\tif mono == 0 {\n\t\treturn Time{uint64(nsec), sec + unixToInternal, Local}\n\t}\n\tmono -= startNano\n"

	ahead = `package time

import "sync/atomic"

// Ahead is how many seconds Now is ahead.
var Ahead atomic.Int64
`
	follow = `package main

import (
	"os"
	"strconv"
	"time"
)

func init() {
	read := func() {
		text, err := os.ReadFile(os.Getenv("` + variable + `"))
		if seconds, bad := strconv.ParseInt(string(text), 10, 64); err == nil && bad == nil {
			time.Ahead.Store(seconds)
		}
	}
	read()
	go func() {
		for {
			time.Sleep(20 * time.Millisecond)
			read()
		}
	}()
}
`
)

// Clock is the clock of programs that are started with its environment.
type Clock struct {
	// Program is the path of the program.
	Program string

	file string
}

// Build builds the program into an existing folder. All of it is compiled
// anew the first time, which takes some minutes.
func Build(ctx context.Context, dir string) (*Clock, error) {
	c := &Clock{Program: filepath.Join(dir, "wolkwijs"), file: filepath.Join(dir, "ahead")}
	if err := c.build(ctx, dir); err != nil {
		return nil, fmt.Errorf("build the program with a clock that can be moved: %w", err)
	}
	return c, c.Move(0)
}

func (c *Clock) build(ctx context.Context, dir string) error {
	root, err := tree.Root()
	if err != nil {
		return err
	}
	goroot, err := exec.CommandContext(ctx, "go", "env", "GOROOT").Output()
	if err != nil {
		return err
	}
	library := filepath.Join(string(bytes.TrimSpace(goroot)), "src", "time")
	source, err := os.ReadFile(filepath.Join(library, "time.go"))
	if err != nil {
		return err
	}
	changed := bytes.Replace(source, []byte(now), []byte(moved), 1)
	if bytes.Equal(changed, source) {
		return fmt.Errorf("%s reads the clock in another way than expected", filepath.Join(library, "time.go"))
	}
	replace := map[string]string{}
	for path, text := range map[string][]byte{
		filepath.Join(library, "time.go"):  changed,
		filepath.Join(library, "ahead.go"): []byte(ahead),
		filepath.Join(root, "ahead.go"):    []byte(follow),
	} {
		replace[path] = filepath.Join(dir, strconv.Itoa(len(replace))+".go")
		if err := os.WriteFile(replace[path], text, 0o600); err != nil {
			return err
		}
	}
	overlay, err := json.Marshal(map[string]any{"Replace": replace})
	if err != nil {
		return err
	}
	file := filepath.Join(dir, "overlay.json")
	if err := os.WriteFile(file, overlay, 0o600); err != nil {
		return err
	}
	cmd := exec.CommandContext(ctx, "go", "build", "-overlay", file, "-o", c.Program, ".")
	cmd.Dir = root
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("%w\n%s", err, out)
	}
	return nil
}

// Move sets how far the clock is ahead of the machine's, in whole seconds;
// negative: behind it. Running programs follow within some hundredths of a
// second.
func (c *Clock) Move(ahead time.Duration) error {
	file := c.file + ".new"
	if err := os.WriteFile(file, strconv.AppendInt(nil, int64(ahead/time.Second), 10), 0o600); err != nil {
		return err
	}
	return os.Rename(file, c.file)
}

// Environment is a command that runs what follows it with this clock.
func (c *Clock) Environment() []string { return []string{"env", variable + "=" + c.file} }
