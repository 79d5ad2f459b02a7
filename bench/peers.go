package main

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"codeberg.org/miekg/dns"

	"wolkwijs/domaincheck/dnsq"
)

const (
	peerQuestions = 20_000
	inFlight      = 200
)

// peers asks the same MX questions with other tools: the same stand-in for a
// resolver on the other core, the same number under way.
func peers(ctx context.Context, b *bench) ([]row, error) {
	cmd := on(ctx, 1, self(), "answer", "-n", fmt.Sprint(peerQuestions))
	cmd.Env = append(cmd.Env, "GOGC=400")
	answers, err := spawn(ctx, cmd)
	if err != nil {
		return nil, err
	}
	defer answers.stop()
	list, err := b.list(0, peerQuestions)
	if err != nil {
		return nil, err
	}
	asking, err := b.askers(answers.line, list)
	if err != nil {
		return nil, err
	}
	tools := append([]tool{{name: "Wolkwijs", program: self(), args: []string{"mx", "-resolver", answers.line, list}}}, asking...)
	tools = append(tools, tool{name: "zdns", program: b.zdns(ctx), missing: "Go module bench/zdns", args: []string{"MX", "--name-servers", answers.line, "--threads", fmt.Sprint(inFlight), "--input-file", list, "--output-file", "/dev/null", "--quiet"}, goal: "≥ 10"})
	for range b.rounds {
		for i := range tools {
			t := &tools[i]
			if t.program == "" {
				continue
			}
			used, err := t.run(ctx)
			if err != nil {
				return nil, err
			}
			t.values = append(t.values, peerQuestions/used.Seconds())
		}
	}
	var rows []row
	for _, t := range tools {
		r := row{what: "MX questions per second of one core's time, " + t.name, values: t.values}
		if t.program == "" {
			r.note = "missing: " + t.missing
		}
		rows = append(rows, r)
		if t.goal != "" {
			rows = append(rows, row{what: "Wolkwijs ÷ " + t.name, goal: t.goal, values: ratio(tools[0].values, t.values), note: r.note})
		}
	}
	return rows, nil
}

// tool is one that asks for the MX records of a list of names.
type tool struct {
	name, program, missing string // the program is empty if it is missing
	args                   []string
	goal                   string    // of ours divided by it
	values                 []float64 // questions per second of processor time
}

// run asks all there is to ask on one core and returns the processor time.
func (t *tool) run(ctx context.Context) (time.Duration, error) {
	cmd := on(ctx, 0, t.program, t.args...)
	if out, err := cmd.CombinedOutput(); err != nil {
		return 0, fmt.Errorf("%s: %w\n%s", t.name, err, out)
	}
	return cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime(), nil
}

// askers are the tools written in C, which ask the resolver about the names of
// a list and do nothing else.
func (b *bench) askers(resolver, list string) ([]tool, error) {
	host, port, err := net.SplitHostPort(resolver)
	if err != nil {
		return nil, err
	}
	text, err := os.ReadFile(list)
	if err != nil {
		return nil, err
	}
	questions, resolvers := list+"-MX", list+"-resolvers"
	if err := os.WriteFile(questions, bytes.ReplaceAll(text, []byte("\n"), []byte(" MX\n")), 0o600); err != nil {
		return nil, err
	}
	if err := os.WriteFile(resolvers, []byte(resolver+"\n"), 0o600); err != nil {
		return nil, err
	}
	return []tool{
		{name: "massdns", program: lookPath("massdns"), missing: "not in Debian 12", args: []string{"-r", resolvers, "-t", "MX", "-o", "S", "-w", "/dev/null", "-s", fmt.Sprint(inFlight), "-q", list}, goal: "≥ 0.8"},
		{name: "dnsperf", program: lookPath("dnsperf"), missing: "Debian package dnsperf", args: []string{"-s", host, "-p", port, "-d", questions, "-T", "1", "-q", fmt.Sprint(inFlight), "-n", "1"}},
	}, nil
}

func lookPath(program string) string {
	path, err := exec.LookPath(program)
	if err != nil {
		return ""
	}
	return path
}

// zdns builds zdns, which a Go module of its own pins; "" if that fails.
func (b *bench) zdns(ctx context.Context) string {
	path := filepath.Join(b.dir, "zdns")
	cmd := exec.CommandContext(ctx, "go", "build", "-o", path, "github.com/zmap/zdns/v2")
	cmd.Dir = filepath.Join(b.root, "bench", "zdns")
	if out, err := cmd.CombinedOutput(); err != nil {
		b.say("zdns cannot be built: %v\n%s", err, out)
		return ""
	}
	return path
}

// mxRole asks for the MX records of a list of names, and prints each with the
// number of records.
func mxRole(ctx context.Context, args []string) error {
	flags := flag.NewFlagSet("mx", flag.ContinueOnError)
	resolver := flags.String("resolver", "", "whom to ask")
	if err := flags.Parse(args); err != nil {
		return err
	}
	text, err := os.ReadFile(flags.Arg(0))
	if err != nil {
		return err
	}
	r, err := dnsq.New(dnsq.Config{Resolver: *resolver, MaxInFlight: inFlight})
	if err != nil {
		return err
	}
	defer r.Close()
	r.SelfTest(ctx)
	names := strings.Fields(string(text))
	const workers = 4
	batches := make(chan []string)
	go func() {
		defer close(batches)
		for len(names) > 0 {
			n := min(inFlight/workers, len(names))
			batches <- names[:n]
			names = names[n:]
		}
	}()
	var mu sync.Mutex
	var wait sync.WaitGroup
	failed := 0
	for range workers {
		wait.Go(func() {
			for batch := range batches {
				var out strings.Builder
				c := r.Check()
				for _, name := range batch {
					c.Start(ctx, name, dns.TypeMX)
				}
				for _, name := range batch {
					fmt.Fprintln(&out, name, len(c.Query(ctx, name, dns.TypeMX).Records))
				}
				mu.Lock()
				failed += len(c.Failures())
				fmt.Print(out.String())
				mu.Unlock()
			}
		})
	}
	wait.Wait()
	if failed > 0 {
		return fmt.Errorf("%d questions had no answer", failed)
	}
	return nil
}
