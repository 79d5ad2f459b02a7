package main

import (
	"errors"
	"os"
	"os/user"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"

	"wolkwijs/setup"
)

// A login that fails leaves nothing that the bot's account cannot open.
func TestFailedLoginLeavesTheBotItsFiles(t *testing.T) {
	nobody, err := user.Lookup("nobody")
	if err != nil || os.Getuid() != 0 {
		t.Skip("only root gives files away, and only to accounts that there are")
	}
	f := &setup.Files{Data: t.TempDir(), Owner: nobody.Username}
	database := filepath.Join(f.Data, "wolkwijs.db")
	refused := errors.New("nobody confirmed the code")
	err = logInFor(f, func() error { return errors.Join(os.WriteFile(database, nil, 0o600), refused) })
	if !errors.Is(err, refused) {
		t.Errorf("error %v", err)
	}
	info, err := os.Stat(database)
	if err != nil {
		t.Fatal(err)
	}
	if owner := info.Sys().(*syscall.Stat_t).Uid; strconv.Itoa(int(owner)) != nobody.Uid {
		t.Errorf("the database belongs to %d", owner)
	}
}
