// Package filelock keeps two programs from working with one file. A lock ends
// with the program that holds it, however that ends.
//
// May import: nothing.
package filelock

import (
	"errors"
	"os"
	"syscall"
)

// ErrHeld means that somebody else holds the lock.
var ErrHeld = errors.New("the file is locked already")

// Try locks a file until it is closed, and does not wait for it. The error is
// [ErrHeld], or that of the system: [errors.ErrUnsupported] or ENOLCK
// (flock(2), fcntl(2)) where the file system has no locks.
func Try(f *os.File) error {
	err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	if errors.Is(err, syscall.EWOULDBLOCK) {
		return ErrHeld
	}
	return err
}
