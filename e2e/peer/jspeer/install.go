package jspeer

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"

	"wolkwijs/e2e/proc"
	"wolkwijs/e2e/progress"
	"wolkwijs/e2e/tree"
)

// minNode is the oldest major version of Node.js that the driver runs on:
// that of Debian 12.
const minNode = 18

// ErrNoNode says that this machine has no Node.js that is new enough, or no
// npm. Both are for the machine's owner to install.
var ErrNoNode = fmt.Errorf("matrix-js-sdk needs Node.js %d or later and npm (Debian: apt install nodejs npm)", minNode)

// Node returns the path of Node.js. The error is [ErrNoNode] if there is none
// that is new enough.
func Node(ctx context.Context) (string, error) {
	path, err := exec.LookPath("node")
	if err != nil {
		return "", ErrNoNode
	}
	out, err := exec.CommandContext(ctx, path, "--version").Output()
	if err != nil {
		return "", fmt.Errorf("ask Node.js for its version: %w", err)
	}
	version := strings.TrimSpace(string(out)) // such as v20.20.2
	major, _, _ := strings.Cut(strings.TrimPrefix(version, "v"), ".")
	if n, err := strconv.Atoi(major); err != nil || n < minNode {
		return "", fmt.Errorf("%w; this is %s", ErrNoNode, version)
	}
	return path, nil
}

// Install fetches the npm packages that package-lock.json names into
// e2e/js/node_modules, unless they are there. The error is [ErrNoNode] if
// Node.js or npm is missing.
func Install(ctx context.Context, w io.Writer) error {
	if _, err := Node(ctx); err != nil {
		return err
	}
	npm, err := exec.LookPath("npm")
	if err != nil {
		return ErrNoNode
	}
	root, err := tree.Root()
	if err != nil {
		return err
	}
	dir := filepath.Join(root, "e2e", "js")
	want, err := os.ReadFile(filepath.Join(dir, "package-lock.json"))
	if err != nil {
		return fmt.Errorf("install the npm packages: %w", err)
	}
	// npm removes node_modules before it fills it, so that what we leave
	// there tells of a complete installation.
	done := filepath.Join(dir, "node_modules", ".installed-package-lock.json")
	if have, err := os.ReadFile(done); err == nil && bytes.Equal(have, want) {
		return nil
	}
	say := progress.New(w)
	defer say.End()
	say.Status("matrix-js-sdk: fetching its npm packages …")
	output := &proc.Tail{}
	p, err := proc.Start(proc.Command{Path: npm, Args: []string{"ci"}, Dir: dir, Out: output, Err: output})
	if err != nil {
		return fmt.Errorf("install the npm packages: %w", err)
	}
	select {
	case <-p.Done():
	case <-ctx.Done():
		return errors.Join(ctx.Err(), p.Kill())
	}
	if err := p.Err(); err != nil {
		return fmt.Errorf("install the npm packages: npm ci: %w\n%s", err, output)
	}
	return os.WriteFile(done, want, 0o644)
}
