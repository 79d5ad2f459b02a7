// Package tree finds the places of the source tree that the programs and
// tests of this module need.
package tree

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// Root returns the top of the source tree: the nearest folder, from the
// working directory upwards, that holds the go.mod of module wolkwijs.
func Root() (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", fmt.Errorf("find the source tree: %w", err)
	}
	for {
		mod, err := os.ReadFile(filepath.Join(dir, "go.mod"))
		switch {
		case err == nil && bytes.HasPrefix(mod, []byte("module wolkwijs\n")):
			return dir, nil
		case err != nil && !errors.Is(err, os.ErrNotExist):
			return "", fmt.Errorf("find the source tree: %w", err)
		}
		up := filepath.Dir(dir)
		if up == dir {
			return "", errors.New("this is not inside the source tree of wolkwijs: change to it first")
		}
		dir = up
	}
}

// Cache returns a folder under e2e/.cache, made if absent. Git ignores it;
// `make clean` removes it.
func Cache(elem ...string) (string, error) {
	root, err := Root()
	if err != nil {
		return "", err
	}
	dir := filepath.Join(append([]string{root, "e2e", ".cache"}, elem...)...)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return "", fmt.Errorf("make the cache folder: %w", err)
	}
	return dir, nil
}
