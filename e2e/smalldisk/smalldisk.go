// Package smalldisk gives a program a file system of a few megabytes that can
// be filled up. It is a tmpfs in a mount namespace of its own, for which no
// rights are needed where user namespaces are allowed.
package smalldisk

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"syscall"

	"wolkwijs/e2e/proc"
)

// ErrNotAllowed means that this machine lets nobody mount here.
var ErrNotAllowed = errors.New("user and mount namespaces are not allowed here")

// Disk is a mounted file system. Only programs started through [Disk.Wrap] see
// it.
type Disk struct {
	dir    string
	holder *proc.Process // keeps the namespaces
}

// Mount mounts a file system of so many mebibytes over the existing folder dir.
func Mount(ctx context.Context, dir string, mebibytes int) (*Disk, error) {
	reader, writer, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	defer reader.Close()
	p, err := proc.Start(proc.Command{
		Path: "unshare",
		Args: []string{"--user", "--map-root-user", "--mount", "sh", "-c",
			`mount -t tmpfs -o size="$1"m tmpfs "$0" && echo && exec sleep infinity`, dir, strconv.Itoa(mebibytes)},
		Out: writer,
	})
	writer.Close()
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrNotAllowed, err)
	}
	mounted := make(chan bool, 1)
	go func() {
		_, err := reader.Read(make([]byte, 1))
		mounted <- err == nil
	}()
	select {
	case ok := <-mounted:
		if ok {
			return &Disk{dir: dir, holder: p}, nil
		}
		return nil, errors.Join(ErrNotAllowed, p.Kill())
	case <-ctx.Done():
		return nil, errors.Join(context.Cause(ctx), p.Kill())
	}
}

// Wrap returns the command that runs another one where the disk is mounted.
func (d *Disk) Wrap() []string {
	return []string{"nsenter", "--target", strconv.Itoa(d.holder.PID()), "--user", "--mount", "--preserve-credentials", "--"}
}

// ballast is the path of the file that fills the disk, seen from outside.
func (d *Disk) ballast() string {
	return filepath.Join("/proc", strconv.Itoa(d.holder.PID()), "root", d.dir, "ballast")
}

// Fill takes all that is left.
func (d *Disk) Fill() error {
	f, err := os.Create(d.ballast())
	if err != nil {
		return fmt.Errorf("fill the disk: %w", err)
	}
	defer f.Close()
	for _, size := range []int{1 << 20, 1 << 12, 1} {
		for {
			if _, err = f.Write(make([]byte, size)); err != nil {
				break
			}
		}
		if !errors.Is(err, syscall.ENOSPC) && !errors.Is(err, io.ErrShortWrite) {
			return fmt.Errorf("fill the disk: %w", err)
		}
	}
	return nil
}

// Free gives back what Fill took.
func (d *Disk) Free() error { return os.Remove(d.ballast()) }

// Unmount ends the namespaces. Programs that still run there keep theirs.
func (d *Disk) Unmount() error { return d.holder.Kill() }
