package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"wolkwijs/bench/authority"
	"wolkwijs/commands"
	"wolkwijs/domaincheck/dnsq"
	"wolkwijs/knowledge"
)

// The domains of a survey through Unbound, one after another: those that a
// cold cache is measured with, by one thread and by two.
const (
	coldDomains  = 1500
	delayDomains = 400
)

// throughUnbound measures in network namespaces of its own, for which it
// starts this program again as another user of the kernel's.
func throughUnbound(ctx context.Context, b *bench) ([]row, error) {
	unshare, err := exec.LookPath("unshare")
	if err != nil {
		return nil, &missingError{"unshare (Debian package util-linux)"}
	}
	var rows []row
	for _, what := range []string{"survey", "check"} {
		dir := filepath.Join(b.dir, "unbound-"+what)
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return nil, err
		}
		cmd := exec.CommandContext(ctx, unshare, "--user", "--map-root-user", "--net", self(), "authority",
			"-measure", what, "-dir", dir, "-program", b.program, "-root", b.root, "-rounds", fmt.Sprint(b.rounds))
		cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
		var out bytes.Buffer
		cmd.Stdout, cmd.Stderr = &out, b.log
		if err := cmd.Run(); err != nil {
			return rows, err
		}
		var measured []namedRow
		if err := json.Unmarshal(out.Bytes(), &measured); err != nil {
			return rows, fmt.Errorf("%w: %s", err, out.String())
		}
		for _, r := range measured {
			rows = append(rows, row{what: r.What, unit: r.Unit, values: r.Values, goal: r.Goal, note: r.Note})
		}
	}
	return rows, nil
}

// namedRow is a row on its way between processes.
type namedRow struct {
	What, Unit, Goal, Note string
	Values                 []float64
}

// authorityRole measures inside the namespace and prints the rows.
func authorityRole(ctx context.Context, args []string) error {
	flags := flag.NewFlagSet("authority", flag.ContinueOnError)
	what := flags.String("measure", "survey", "survey or check")
	b := &bench{log: os.Stderr}
	flags.StringVar(&b.dir, "dir", "", "for files")
	flags.StringVar(&b.program, "program", "", "the product")
	flags.StringVar(&b.root, "root", "", "of the source tree")
	flags.IntVar(&b.rounds, "rounds", 3, "how often to measure")
	if err := flags.Parse(args); err != nil {
		return err
	}
	measure := b.coldAndWarm
	if *what == "check" {
		measure = b.checkThroughUnbound
	}
	rows, err := measure(ctx)
	if errors.Is(err, authority.ErrMissing) {
		rows, err = []row{{what: "a " + *what + " through Unbound", note: err.Error() + ": not installed"}}, nil
	}
	if err != nil {
		return err
	}
	var out []namedRow
	for _, r := range rows {
		out = append(out, namedRow{r.what, r.unit, r.goal, r.note, r.values})
	}
	return json.NewEncoder(os.Stdout).Encode(out)
}

func (b *bench) shipped() string { return filepath.Join(b.root, "deploy", "unbound.conf") }

// coldAndWarm surveys through Unbound: with one thread of it and two, with an
// empty cache and with a full one.
func (b *bench) coldAndWarm(ctx context.Context) ([]row, error) {
	w, err := authority.Start(ctx, b.dir, coldDomains, 0)
	if err != nil {
		return nil, err
	}
	defer w.Stop()
	list, err := b.list(0, coldDomains)
	if err != nil {
		return nil, err
	}
	var rows []row
	for _, threads := range []struct {
		n    int
		goal string
	}{{1, "≥ 230"}, {2, "≥ 400"}} {
		name := map[int]string{1: "one thread", 2: "two threads"}[threads.n]
		cold := row{what: "domains per second, cold cache, " + name, goal: threads.goal}
		warm := row{what: "domains per second, warm cache, " + name}
		busy := row{what: "Unbound's processor time per domain, cold, " + name, unit: "ms"}
		ours := row{what: "our processor time per domain, cold, " + name, unit: "ms"}
		for range b.rounds {
			if err := w.Unbound(b.shipped(), threads.n, ""); err != nil {
				return nil, err
			}
			for _, r := range []*row{&cold, &warm} {
				before, err := cpuTime(w.UnboundPID())
				if err != nil {
					return nil, err
				}
				s, err := b.survey(ctx, list, "127.0.0.1", "--concurrency", "100", "--trust-anchor", filepath.Join(b.dir, "anchor"))
				if err != nil {
					return nil, err
				}
				after, err := cpuTime(w.UnboundPID())
				if err != nil {
					return nil, err
				}
				n := float64(s.domains)
				r.values = append(r.values, n/s.wall.Seconds())
				if s.partial > 0 {
					b.say("%s: %d of %d domains incomplete, such as %s", r.what, s.partial, s.domains, s.failure)
				}
				if r == &cold {
					busy.values = append(busy.values, (after-before).Seconds()*1000/n)
					ours.values = append(ours.values, s.cpu.Seconds()*1000/n)
				}
			}
		}
		rows = append(rows, cold, busy, ours, warm)
	}
	return rows, nil
}

// unboundStages is how many answers of name servers a check through Unbound
// waits for, one after another, once that knows the top-level domains and the
// companies: the referral of the top-level domain, MX and _domainkey, the alias
// at a selector, and the key that it leads to.
const unboundStages = 4

// checkThroughUnbound checks single domains through Unbound with its shipped
// settings, whose name servers are 20 ms away. What domains share (top-level
// domains, hosters, the keeper of the mailboxes) is known, as it mostly is; the
// domain is not.
func (b *bench) checkThroughUnbound(ctx context.Context) ([]row, error) {
	w, err := authority.Start(ctx, b.dir, delayDomains, perQuestion)
	if err != nil {
		return nil, err
	}
	defer w.Stop()
	kb, err := knowledge.Open("")
	if err != nil {
		return nil, err
	}
	domains := tenants(1+checksPerRound*(b.rounds+1), delayDomains)
	if err := w.Unbound(b.shipped(), 1, ""); err != nil {
		return nil, err
	}
	config := dnsq.Config{Resolver: "127.0.0.1", TrustAnchorFile: filepath.Join(b.dir, "anchor"), TryTimeout: 5 * time.Second}
	times := row{what: "a check through Unbound, name servers 20 ms away", unit: "ms"}
	for round := 0; len(domains) > 0; round++ {
		n := min(checksPerRound, len(domains))
		took, _, err := checks(ctx, config, commands.Companies(kb), domains[:n])
		if err != nil {
			return nil, err
		}
		if domains = domains[n:]; round > 0 { // the first is to warm up
			times.values = append(times.values, took)
		}
	}
	path := float64(unboundStages * perQuestion.Milliseconds())
	return []row{
		{what: fmt.Sprintf("critical path through Unbound, %d questions of %v", unboundStages, perQuestion), unit: "ms", values: []float64{path}},
		times,
		{what: "÷ critical path", goal: "≤ 1.3", values: scaled(times.values, 1/path)},
	}, nil
}
