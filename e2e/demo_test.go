package e2e_test

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"

	"github.com/creack/pty"

	"wolkwijs/domaincheck/dnsq/dnstest"
)

// demoZone is what the demo's resolver knows here.
const demoZone = `
$ORIGIN hcc.nl.
@  SOA ns1 hostmaster 1 7200 3600 1209600 300
@  NS  ns1
@  MX  10 mail
`

// demo is the built demo with a place of its own for what it writes.
type demo struct {
	w      *world
	cmd    *exec.Cmd
	tmp    string
	marker string // a variable in the environment of all that it starts
}

// newDemo prepares the demo, without a terminal.
func newDemo(w *world) *demo {
	w.t.Helper()
	dir := w.t.TempDir()
	program := filepath.Join(dir, "demo")
	if out, err := exec.Command("go", "build", "-o", program, "./cmd/demo").CombinedOutput(); err != nil {
		w.t.Fatalf("build the demo: %v\n%s", err, out)
	}
	tmp, err := os.MkdirTemp("", "d-")
	w.must(err)
	w.t.Cleanup(func() { os.RemoveAll(tmp) })
	d := &demo{w: w, tmp: tmp, marker: "WOLKWIJS_DEMO_TEST=" + dir}
	d.cmd = exec.CommandContext(w.ctx, program, "-resolver", dnstest.New(w.t, demoZone).Addr())
	d.cmd.Env = append(os.Environ(), "TMPDIR="+tmp, d.marker)
	return d
}

// checkNothingLeft checks that the demo has left no file and no process.
func (d *demo) checkNothingLeft() {
	d.w.t.Helper()
	files, err := os.ReadDir(d.tmp)
	d.w.must(err)
	for _, f := range files {
		d.w.t.Errorf("the demo left %s", f.Name())
	}
	if runtime.GOOS != "linux" {
		return
	}
	processes, err := filepath.Glob("/proc/[0-9]*/environ")
	d.w.must(err)
	for _, file := range processes {
		if env, err := os.ReadFile(file); err == nil && bytes.Contains(env, []byte(d.marker)) {
			command, _ := os.ReadFile(filepath.Join(filepath.Dir(file), "cmdline"))
			d.w.t.Errorf("the demo left a process: %q", command)
		}
	}
}

// Without a terminal, and with nothing at all to read, the demo is a tour.
func TestDemoTour(t *testing.T) {
	w := newWorld(t)
	d := newDemo(w)
	d.cmd.Path, d.cmd.Args = "/bin/sh", append([]string{"sh", "-c", `exec "$0" "$@" <&-`}, d.cmd.Args...)
	out, err := d.cmd.CombinedOutput()
	if err != nil {
		t.Errorf("the demo: %v", err)
	}
	if got := strings.Count(string(out), "wolkwijs│"); got != 6 {
		t.Errorf("%d answers, want 6", got)
	}
	if t.Failed() {
		t.Logf("it said:\n%s", out)
	}
	d.checkNothingLeft()
}

func TestDemoPrompt(t *testing.T) {
	w := newWorld(t)
	d := newDemo(w)
	screen, err := pty.StartWithSize(d.cmd, &pty.Winsize{Rows: 50, Cols: 200})
	w.must(err)
	defer screen.Close()
	shown := &reader{from: screen}
	expect := func(text string) {
		t.Helper()
		w.must(shown.until(text))
	}
	send := func(line string) {
		t.Helper()
		_, err := io.WriteString(screen, line+"\r")
		w.must(err)
	}
	expect("homeserver  http://127.0.0.1:")
	expect("user        @anna:")
	expect("password    ")
	expect("anna, club> ")
	send("!tip 1")
	expect("wolkwijs│ Tip 1")
	send("/dm")
	expect("anna, dm> ")
	send("!about")
	expect("wolkwijs│ ")
	send("/quit")
	w.must(d.cmd.Wait())
	d.checkNothingLeft()
}

func TestInterruptedDemoLeavesNothing(t *testing.T) {
	for name, sig := range map[string]syscall.Signal{"Ctrl-C": syscall.SIGINT, "SIGTERM": syscall.SIGTERM, "closed terminal": syscall.SIGHUP} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			d := newDemo(w)
			out, err := d.cmd.StdoutPipe()
			w.must(err)
			w.must(d.cmd.Start())
			w.must((&reader{from: out}).until("anna│"))
			w.must(d.cmd.Process.Signal(sig))
			if err := d.cmd.Wait(); err == nil {
				t.Error("the demo says that all was answered")
			}
			d.checkNothingLeft()
		})
	}
}

// reader reads what a program says and looks for texts in it, one after the
// other.
type reader struct {
	from io.Reader
	said []byte
	past int // how much of said is before the text looked for next
}

// until reads until the program has said text.
func (r *reader) until(text string) error {
	chunk := make([]byte, 4096)
	for {
		if at := bytes.Index(r.said[r.past:], []byte(text)); at >= 0 {
			r.past += at + len(text)
			return nil
		}
		n, err := r.from.Read(chunk)
		r.said = append(r.said, chunk[:n]...)
		if n == 0 && err != nil {
			return fmt.Errorf("it did not say %q: %w; it said:\n%s", text, err, r.said)
		}
	}
}
