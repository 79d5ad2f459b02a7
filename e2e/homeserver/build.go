package homeserver

import (
	"bufio"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"

	"wolkwijs/e2e/proc"
	"wolkwijs/e2e/progress"
	"wolkwijs/e2e/tree"
)

// program is the package of the Go module e2e/dendrite that is built.
const program = "github.com/element-hq/dendrite/cmd/dendrite"

// Build returns the path of Dendrite's program. It is built from the Go
// module e2e/dendrite, without cgo, and kept under e2e/.cache until that
// module or the Go version changes. A cold build takes some minutes, and how
// far it is gets written to w. Several callers at a time wait for each other.
func Build(ctx context.Context, w io.Writer) (string, error) {
	root, err := tree.Root()
	if err != nil {
		return "", err
	}
	module := filepath.Join(root, "e2e", "dendrite")
	key, err := cacheKey(module)
	if err != nil {
		return "", fmt.Errorf("build Dendrite: %w", err)
	}
	dir, err := tree.Cache("dendrite")
	if err != nil {
		return "", err
	}
	path := filepath.Join(dir, key, "dendrite")
	if isFile(path) {
		return path, nil
	}
	unlock, err := lock(filepath.Join(dir, "lock"))
	if err != nil {
		return "", fmt.Errorf("build Dendrite: %w", err)
	}
	defer unlock()
	if isFile(path) { // another process built it while we waited
		return path, nil
	}
	if err := build(ctx, module, path, w); err != nil {
		return "", fmt.Errorf("build Dendrite: %w", err)
	}
	return path, nil
}

// cacheKey names a build by what goes into it.
func cacheKey(module string) (string, error) {
	h := sha256.New()
	for _, name := range []string{"go.mod", "go.sum"} {
		b, err := os.ReadFile(filepath.Join(module, name))
		if err != nil {
			return "", err
		}
		h.Write(b)
	}
	fmt.Fprint(h, runtime.Version(), runtime.GOOS, runtime.GOARCH)
	return hex.EncodeToString(h.Sum(nil))[:16], nil
}

// build compiles Dendrite to path, which appears only when it is complete.
func build(ctx context.Context, module, path string, w io.Writer) error {
	flags := []string{"-trimpath", "-ldflags=-s -w"}
	say := progress.New(w)
	defer say.End()

	say.Status("Dendrite: fetching its modules …")
	stale := 0
	list := append([]string{"list", "-deps", "-f", "{{if .Stale}}stale{{end}}"}, flags...)
	downloads := 0
	err := goCommand(ctx, module, append(list, program),
		func(line string) {
			if line == "stale" {
				stale++
			}
		},
		func(line string) {
			if what, ok := strings.CutPrefix(line, "go: downloading "); ok {
				downloads++
				say.Status(fmt.Sprintf("Dendrite: fetching module %d: %s", downloads, what))
			}
		})
	if err != nil {
		return err
	}

	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	half := path + ".new"
	defer os.Remove(half)
	compiled := 0
	args := append([]string{"build", "-v", "-o", half}, flags...)
	err = goCommand(ctx, module, append(args, program), nil,
		func(line string) { // with -v, one line for each package compiled
			compiled++
			say.Status(fmt.Sprintf("Dendrite: compiling package %d of %d: %s", compiled, stale, line))
		})
	if err != nil {
		return err
	}
	return os.Rename(half, path)
}

// goCommand runs the go command in the module at dir, without cgo and without
// the flags meant for our own modules, and hands over its output by lines.
// What it printed last to standard error is part of the error.
func goCommand(ctx context.Context, dir string, args []string, stdout, stderr func(line string)) error {
	said := &proc.Tail{}
	command := proc.Command{
		Path: "go",
		Args: args,
		Dir:  dir,
		Env:  []string{"CGO_ENABLED=0", "GOFLAGS=-buildvcs=false", "GOWORK=off"},
		Err:  io.MultiWriter(said, &lineWriter{each: stderr}),
	}
	if stdout != nil {
		command.Out = &lineWriter{each: stdout}
	}
	p, err := proc.Start(command)
	if err != nil {
		return err
	}
	select {
	case <-p.Done():
	case <-ctx.Done():
		return errors.Join(ctx.Err(), p.Kill())
	}
	if err := p.Err(); err != nil {
		return fmt.Errorf("go %s: %w\n%s", args[0], err, said)
	}
	return nil
}

// lineWriter hands over complete lines.
type lineWriter struct {
	each func(line string)
	rest []byte
}

func (w *lineWriter) Write(p []byte) (int, error) {
	w.rest = append(w.rest, p...)
	for {
		n, line, err := bufio.ScanLines(w.rest, false)
		if err != nil || n == 0 {
			return len(p), err
		}
		w.each(string(line))
		w.rest = w.rest[n:]
	}
}

// lock takes an exclusive lock on the file at path, waiting for it.
func lock(path string) (unlock func(), err error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o644)
	if err != nil {
		return nil, err
	}
	for {
		err = syscall.Flock(int(f.Fd()), syscall.LOCK_EX)
		if !errors.Is(err, syscall.EINTR) {
			break
		}
	}
	if err != nil {
		f.Close()
		return nil, fmt.Errorf("lock %s: %w", path, err)
	}
	return func() { f.Close() }, nil
}

func isFile(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode().IsRegular()
}
