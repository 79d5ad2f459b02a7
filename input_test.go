package main

import (
	"context"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// asProgram has the test be the program itself, for tests that need a process
// of their own.
const asProgram = "WOLKWIJS_TEST_AS_PROGRAM"

func TestMain(m *testing.M) {
	if os.Getenv(asProgram) != "" {
		main()
	}
	os.Exit(m.Run())
}

// firstRead tells that a program has begun to wait for its input.
type firstRead struct {
	io.Reader
	began chan<- struct{}
}

func (r *firstRead) Read(p []byte) (int, error) {
	select {
	case r.began <- struct{}{}:
	default:
	}
	return r.Reader.Read(p)
}

// Whoever stops a program that waits for input need not give it any.
func TestInterruptedWhileItWaitsForInput(t *testing.T) {
	for _, args := range [][]string{{"survey"}, {"ask", "--json", "--batch"}, {"chat"}} {
		t.Run(args[0], func(t *testing.T) {
			silent, w := io.Pipe()
			defer w.Close()
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			began := make(chan struct{}, 1)
			go func() {
				<-began
				cancel()
			}()
			done := make(chan int)
			var out, errOut strings.Builder
			go func() { done <- run(&program{ctx, &firstRead{silent, began}, &out, &errOut}, args) }()
			select {
			case code := <-done:
				if code != exitFailed || !strings.Contains(errOut.String(), "wolkwijs: interrupted\n") || out.Len() > 0 {
					t.Errorf("code %d, stdout %q, stderr %q", code, out.String(), errOut.String())
				}
			case <-time.After(20 * time.Second):
				t.Fatal("it still waits")
			}
		})
	}
}

// A second signal ends a program that the first one does not reach, such as
// one that opens a pipe to which nobody writes.
func TestSecondSignalKills(t *testing.T) {
	pipe := filepath.Join(t.TempDir(), "pipe")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Skip(err)
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), self, "survey", pipe)
	cmd.Env = append(os.Environ(), asProgram+"=1")
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() { done <- cmd.Wait() }()
	for end := time.After(20 * time.Second); ; {
		select {
		case err := <-done:
			if status, ok := cmd.ProcessState.Sys().(syscall.WaitStatus); !ok || !status.Signaled() {
				t.Errorf("it ended by itself: %v", err)
			}
			return
		case <-time.After(300 * time.Millisecond):
			_ = cmd.Process.Signal(syscall.SIGTERM)
		case <-end:
			_ = cmd.Process.Kill()
			t.Fatal("it still runs")
		}
	}
}
