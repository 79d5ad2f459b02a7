package main

import (
	"bufio"
	"bytes"
	"context"
	"flag"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"wolkwijs/bench/answerer"
	"wolkwijs/bench/world"
)

// answerRole answers for the first domains of the world until it is told to
// stop. It prints its address.
func answerRole(ctx context.Context, args []string) error {
	flags := flag.NewFlagSet("answer", flag.ContinueOnError)
	n := flags.Int("n", 1000, "domains")
	if err := flags.Parse(args); err != nil {
		return err
	}
	a, err := answersFor(*n)
	if err != nil {
		return err
	}
	conn, err := net.ListenUDP("udp", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		return err
	}
	fmt.Println(conn.LocalAddr())
	return a.Serve(ctx, conn, 0)
}

// answersFor are all answers about the first n domains.
func answersFor(n int) (*answerer.Answers, error) {
	zones := world.Tops()
	zones = append(zones, world.Shared(n)...)
	for i := range n {
		zones = append(zones, world.Make(i))
	}
	return answerer.New(zones...)
}

// process is a helper process that printed a line when it was ready.
type process struct {
	cmd  *exec.Cmd
	line string
}

// spawn starts a command and waits for its first line.
func spawn(ctx context.Context, cmd *exec.Cmd) (*process, error) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	p := &process{cmd: cmd}
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		p.stop()
		return nil, fmt.Errorf("%s did not start: %w", cmd.Args[0], err)
	}
	p.line = strings.TrimSpace(line)
	return p, nil
}

func (p *process) stop() {
	p.cmd.Process.Signal(syscall.SIGTERM)
	timer := time.AfterFunc(5*time.Second, func() { p.cmd.Process.Kill() })
	defer timer.Stop()
	p.cmd.Wait()
}

// on returns a command that runs on one processor alone, where that can be
// said; cpu counts from 0.
func on(ctx context.Context, cpu int, program string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, program, args...)
	if taskset, err := exec.LookPath("taskset"); err == nil {
		cmd = exec.CommandContext(ctx, taskset, append([]string{"-c", fmt.Sprint(cpu), program}, args...)...)
	}
	cmd.Env = append(os.Environ(), "GOMAXPROCS=1")
	return cmd
}

// self is the path of this program.
func self() string {
	path, err := os.Executable()
	if err != nil {
		return os.Args[0]
	}
	return path
}

// surveyed is what one run of a survey took.
type surveyed struct {
	domains   int
	queries   int // sent, of all domains
	wall, cpu time.Duration
	memory    int64  // octets at most
	partial   int    // domains with questions that had no answer
	failure   string // one of those
}

// survey runs the product's survey on one core over the list and throws the
// rows away.
func (b *bench) survey(ctx context.Context, list string, resolver string, args ...string) (surveyed, error) {
	out := filepath.Join(b.dir, "rows.jsonl")
	cmd := on(ctx, 0, b.program, append([]string{"survey", "--resolver", resolver, "--no-mta-sts-policy", "-o", out, list}, args...)...)
	var said bytes.Buffer
	cmd.Stderr = &said
	os.Remove(out)
	start := time.Now()
	if err := cmd.Run(); err != nil {
		return surveyed{}, fmt.Errorf("survey: %w\n%s", err, said.String())
	}
	s := surveyed{wall: time.Since(start), cpu: cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()}
	if u, ok := cmd.ProcessState.SysUsage().(*syscall.Rusage); ok {
		s.memory = u.Maxrss << 10
	}
	rows, err := os.ReadFile(out)
	if err != nil {
		return s, err
	}
	s.domains = bytes.Count(rows, []byte("\n"))
	for rest := rows; ; {
		var ok bool
		if _, rest, ok = bytes.Cut(rest, []byte(`"queries":`)); !ok {
			break
		}
		n, _, _ := bytes.Cut(rest, []byte(","))
		sent, err := strconv.Atoi(string(n))
		if err != nil {
			return s, fmt.Errorf("the number of queries in a row: %w", err)
		}
		s.queries += sent
	}
	s.partial = bytes.Count(rows, []byte(`"partial":true`))
	if _, rest, ok := bytes.Cut(rows, []byte(`"errors":[{`)); ok {
		why, _, _ := bytes.Cut(rest, []byte("}"))
		s.failure = string(why)
	}
	if s.partial > s.domains/20 {
		return s, fmt.Errorf("%d of %d domains had questions without an answer: %s", s.partial, s.domains, s.failure)
	}
	return s, nil
}

// list writes a list of domains, from one number to another, to a file.
func (b *bench) list(from, to int) (string, error) {
	var text strings.Builder
	for i := from; i < to; i++ {
		text.WriteString(world.Domain(i) + "\n")
	}
	name := filepath.Join(b.dir, fmt.Sprintf("domains-%d-%d", from, to))
	return name, os.WriteFile(name, []byte(text.String()), 0o600)
}

// engineDomains is how many domains the engine checks in a round.
const engineDomains = 6000

// engine measures a survey with a stand-in for the resolver, which runs on
// the other core.
func engine(ctx context.Context, b *bench) ([]row, error) {
	cmd := on(ctx, 1, self(), "answer", "-n", fmt.Sprint(engineDomains))
	cmd.Env = append(cmd.Env, "GOGC=400")
	answers, err := spawn(ctx, cmd)
	if err != nil {
		return nil, err
	}
	defer answers.stop()
	all, err := b.list(0, engineDomains)
	if err != nil {
		return nil, err
	}
	one, err := b.list(0, 1)
	if err != nil {
		return nil, err
	}
	askers, err := b.askers(answers.line, all)
	if err != nil {
		return nil, err
	}
	starters, err := b.askers(answers.line, one)
	if err != nil {
		return nil, err
	}
	perCPU := row{what: "domains per second of one core's time", goal: "≥ 3000"}
	wall := row{what: "domains per second", note: "as long as the stand-in keeps up"}
	cost := row{what: "processor time per domain", unit: "µs"}
	sent := row{what: "questions per domain"}
	memory := row{what: "memory at most", unit: "MB", goal: "< 300"}
	for range b.rounds + 2 {
		begin, err := b.survey(ctx, one, answers.line)
		if err != nil {
			return nil, err
		}
		s, err := b.survey(ctx, all, answers.line, "--concurrency", "8")
		if err != nil {
			return nil, err
		}
		n, used := float64(s.domains-1), (s.cpu - begin.cpu).Seconds()
		perCPU.values = append(perCPU.values, n/used)
		cost.values = append(cost.values, used/n*1e6)
		wall.values = append(wall.values, n/(s.wall-begin.wall).Seconds())
		sent.values = append(sent.values, float64(s.queries)/float64(s.domains))
		memory.values = append(memory.values, float64(s.memory)/1e6)
		for i := range askers {
			t := &askers[i]
			if t.program == "" {
				continue
			}
			begin, err := starters[i].run(ctx)
			if err != nil {
				return nil, err
			}
			used, err := t.run(ctx)
			if err != nil {
				return nil, err
			}
			t.values = append(t.values, (used-begin).Seconds()/(engineDomains-1)*1e6*sent.values[len(sent.values)-1])
		}
	}
	rows := []row{perCPU, cost, wall, memory, sent}
	for _, t := range askers {
		r := row{what: "processor time of " + t.name + " to ask as many questions", unit: "µs", values: t.values}
		ours := row{what: "a whole check ÷ " + t.name + " asking alone", values: ratio(cost.values, t.values)}
		if t.program == "" {
			r.note, ours.note = "missing: "+t.missing, "missing: "+t.missing
		}
		rows = append(rows, r, ours)
	}
	return rows, nil
}
