// Package proc runs programs that never outlive us. A [Process] is asked to
// stop with SIGTERM and made to stop with SIGKILL; on Linux the kernel also
// kills it when this program dies without having said goodbye.
package proc

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// dumpGrace is how long a program that hangs may take to tell where.
const dumpGrace = 2 * time.Second

// Process is a program that was started.
type Process struct {
	cmd  *exec.Cmd
	done chan struct{}
	err  error // of the exit; valid once done is closed
}

// Command says what to start.
type Command struct {
	Path string
	Args []string
	Dir  string    // working directory; empty: ours
	Env  []string  // added to our environment
	In   io.Reader // nil: an empty input
	Out  io.Writer // nil: thrown away
	Err  io.Writer // nil: thrown away
}

// Start starts a program in a process group of its own, so that Ctrl-C on our
// terminal reaches us alone and the order of stopping is ours.
func Start(c Command) (*Process, error) {
	cmd := exec.Command(c.Path, c.Args...)
	cmd.Dir = c.Dir
	cmd.Env = append(os.Environ(), c.Env...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = c.In, c.Out, c.Err
	cmd.SysProcAttr = attributes()
	// A grandchild that keeps our pipes open must not keep us waiting.
	cmd.WaitDelay = 5 * time.Second
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("start %s: %w", c.Path, err)
	}
	p := &Process{cmd: cmd, done: make(chan struct{})}
	go func() {
		p.err = cmd.Wait()
		close(p.done)
	}()
	return p, nil
}

// PID returns the process ID.
func (p *Process) PID() int { return p.cmd.Process.Pid }

// PeakMemory returns how many octets of memory the running program has held
// at most (VmHWM of proc_pid_status(5); Linux only).
func (p *Process) PeakMemory() (int64, error) {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.PID()))
	if err != nil {
		return 0, err
	}
	_, rest, found := strings.Cut(string(status), "VmHWM:")
	fields := strings.Fields(rest)
	if !found || len(fields) == 0 {
		return 0, errors.New("the kernel does not tell VmHWM")
	}
	kB, err := strconv.ParseInt(fields[0], 10, 64)
	return kB << 10, err
}

// Done is closed when the program has ended and its output is complete.
func (p *Process) Done() <-chan struct{} { return p.done }

// Err returns how the program ended: nil for exit status 0, else an
// [exec.ExitError]. It waits for the end.
func (p *Process) Err() error {
	<-p.done
	return p.err
}

// Terminate sends SIGTERM to the program and does not wait.
func (p *Process) Terminate() error { return p.signal(syscall.SIGTERM) }

// signal sends sig to the program and its descendants. A program that has
// ended is no error.
func (p *Process) signal(sig syscall.Signal) error {
	select {
	case <-p.done:
		return nil
	default:
	}
	if err := syscall.Kill(-p.PID(), sig); err != nil && !errors.Is(err, syscall.ESRCH) {
		return fmt.Errorf("send %v to %s: %w", sig, p.cmd.Path, err)
	}
	return nil
}

// Kill ends the program and its descendants with SIGKILL, as a power cut
// would, and waits for the end.
func (p *Process) Kill() error {
	err := p.signal(syscall.SIGKILL)
	<-p.done
	return err
}

// Stop sends SIGTERM, waits at most grace for the program to end, and kills
// it after that. The error says that it had to be killed.
func (p *Process) Stop(grace time.Duration) error { return p.stop(syscall.SIGTERM, grace) }

// Interrupt is Stop with SIGINT, as Ctrl-C sends it.
func (p *Process) Interrupt(grace time.Duration) error { return p.stop(syscall.SIGINT, grace) }

func (p *Process) stop(sig syscall.Signal, grace time.Duration) error {
	if err := p.signal(sig); err != nil {
		return err
	}
	timer := time.NewTimer(grace)
	defer timer.Stop()
	select {
	case <-p.done:
		return nil
	case <-timer.C:
	}
	err := fmt.Errorf("%s did not stop within %v of %v", p.cmd.Path, grace, sig)
	// Programs in Go tell at SIGQUIT what each goroutine was doing.
	err = errors.Join(err, p.signal(syscall.SIGQUIT))
	timer.Reset(dumpGrace)
	select {
	case <-p.done:
		return err
	case <-timer.C:
		return errors.Join(err, p.Kill())
	}
}
