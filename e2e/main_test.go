// Package e2e_test drives the built program from outside: a real homeserver,
// real clients, real encryption. The tests share one homeserver, each with
// accounts and rooms of its own.
package e2e_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"testing"

	"wolkwijs/e2e/homeserver"
	"wolkwijs/e2e/peer/jspeer"
)

// bed is what all tests share.
var bed struct {
	ctx        context.Context // ends on Ctrl-C
	dendrite   string          // path of its program
	homeserver *homeserver.Homeserver
	noNode     error // why there can be no matrix-js-sdk client; nil if there can
}

func TestMain(m *testing.M) {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code, err := run(ctx, m)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "e2e:", err)
		code = 1
	}
	os.Exit(code)
}

// run prepares the bed, runs the tests and clears up, also after Ctrl-C.
func run(ctx context.Context, m *testing.M) (code int, err error) {
	bed.ctx = ctx
	if bed.dendrite, err = homeserver.Build(ctx, os.Stderr); err != nil {
		return 0, err
	}
	if err := jspeer.Install(ctx, os.Stderr); errors.Is(err, jspeer.ErrNoNode) && os.Getenv("CI") == "" {
		bed.noNode = err
	} else if err != nil {
		return 0, err
	}
	dir, err := os.MkdirTemp("", "wolkwijs-e2e-")
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	log, err := os.Create(filepath.Join(dir, "dendrite.log"))
	if err != nil {
		return 0, err
	}
	defer log.Close()
	bed.homeserver, err = homeserver.Start(ctx, homeserver.Options{Program: bed.dendrite, Dir: dir, Log: log})
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, bed.homeserver.Stop()) }()

	ended := make(chan int, 1)
	go func() { ended <- m.Run() }()
	select {
	case code = <-ended:
		return code, nil
	case <-ctx.Done():
		return 0, errors.New("interrupted")
	}
}
