// Bench measures Wolkwijs beside its peers and beside what is possible at
// best, in one run, and prints a table. `make bench` runs it.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"time"

	"wolkwijs/e2e/tree"
)

// part is one of the things that are measured.
type part struct {
	name    string
	what    string
	measure func(ctx context.Context, b *bench) ([]row, error)
}

// parts are all parts, in the order of the table.
var parts = []part{
	{"reply", "a reply on Dendrite, beside echo bots", reply},
	{"bot", "the bot alone, on a homeserver in memory", botAlone},
	{"check", "one check, beside its critical path", oneCheck},
	{"engine", "a survey, the resolver left out", engine},
	{"survey", "a survey and a check through Unbound", throughUnbound},
	{"peers", "plain MX questions, beside other tools", peers},
	{"ask", "questions in plain words", ask},
	{"size", "start-up, memory, size of the program", footprint},
}

// bench is what the parts share.
type bench struct {
	root    string // of the source tree
	program string // the built product
	dir     string // for files of this run
	rounds  int
	log     io.Writer
}

// say tells how far it is.
func (b *bench) say(format string, args ...any) {
	fmt.Fprintf(b.log, format+"\n", args...)
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string) error {
	if len(args) > 0 {
		if role, ok := roles[args[0]]; ok { // a process of its own, started by a part
			return role(ctx, args[1:])
		}
	}
	flags := flag.NewFlagSet("bench", flag.ContinueOnError)
	only := flags.String("only", "", "measure these parts alone: names with commas between them")
	rounds := flags.Int("rounds", 3, "how often to measure what varies")
	out := flags.String("o", "", "also write the table here, as bench/README.md has it")
	if err := flags.Parse(args); err != nil {
		return err
	}
	root, err := tree.Root()
	if err != nil {
		return err
	}
	b := &bench{root: root, program: filepath.Join(root, "bin", "wolkwijs"), rounds: *rounds, log: os.Stderr}
	if _, err := os.Stat(b.program); err != nil {
		return fmt.Errorf("the program is not built (make build does it): %w", err)
	}
	if b.dir, err = os.MkdirTemp("", "wolkwijs-bench-"); err != nil {
		return err
	}
	defer os.RemoveAll(b.dir)
	wanted := strings.Split(*only, ",")
	var rows []row
	var failures []error
	for _, p := range parts {
		if *only != "" && !slices.Contains(wanted, p.name) {
			continue
		}
		b.say("%s: %s …", p.name, p.what)
		start := time.Now()
		measured, err := p.measure(ctx, b)
		var missing *missingError
		switch {
		case errors.As(err, &missing):
			measured = append(measured, row{what: p.what, note: err.Error()})
		case err != nil:
			failures = append(failures, fmt.Errorf("%s: %w", p.name, err))
			measured = append(measured, row{what: p.what, note: "failed: " + firstLine(err)})
		}
		for i := range measured {
			measured[i].part = p.name
		}
		rows = append(rows, measured...)
		b.say("%s: %.0f s", p.name, time.Since(start).Seconds())
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
	}
	var text strings.Builder
	fmt.Fprintf(&text, "%s\n\n", machine())
	write(&text, rows)
	fmt.Print(text.String())
	if *out != "" {
		if err := os.WriteFile(*out, []byte(strings.Replace(readme, "TABLE", text.String(), 1)), 0o644); err != nil {
			return err
		}
	}
	return errors.Join(failures...)
}

// missingError says that something is not installed.
type missingError struct{ what string }

func (e *missingError) Error() string { return e.what + " is not installed" }

func firstLine(err error) string {
	line, _, _ := strings.Cut(err.Error(), "\n")
	return strings.ReplaceAll(line, "|", "/")
}

// machine describes where this was measured.
func machine() string {
	model, cores := "unknown processor", runtime.NumCPU()
	if text, err := os.ReadFile("/proc/cpuinfo"); err == nil {
		for line := range strings.Lines(string(text)) {
			if name, value, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(name) == "model name" {
				model = strings.TrimSpace(value)
				break
			}
		}
	}
	load := ""
	if text, err := os.ReadFile("/proc/loadavg"); err == nil {
		load = ", load at the end " + strings.Fields(string(text))[0]
	}
	return fmt.Sprintf("%s, %d × %s, %s/%s, %s%s.", time.Now().UTC().Format("2 January 2006 15:04 UTC"), cores, model, runtime.GOOS, runtime.GOARCH, runtime.Version(), load)
}

// readme is the text around the table.
const readme = `# How fast it is

` + "`make bench`" + ` measures all this in one run of some ten minutes and prints the
table; ` + "`make bench SAVE=yes`" + ` also writes it here. What is compared is measured
side by side, in turns, so ratios hold on a busy machine where times do not.
"lowest – highest" is over the rounds of one run.

- **reply**: from sending a question to seeing its answer, at the asker. Raw
  echo bot: HTTP and JSON alone, the least that a bot can do. mautrix echo bot:
  the library that Wolkwijs uses, and nothing else. Each is asked five times in
  a row, then nobody for 1.5 s: Wolkwijs marks questions as read after a second.
- **bot**: the same without a homeserver, with the durable inbox on disk.
- **check**: one check on an empty cache, with 20 ms for each question. The
  critical path is the longest chain of questions that depend on one another.
- **engine**: domains per second and core of a survey with its whole plan of
  questions. The resolver is a stand-in on the other core that knows all answers.
  Beside it stands what massdns and dnsperf, which are written in C and judge
  nothing, take to ask as many questions: where sending a packet is dear, that
  is the bound, not the checking.
- **survey**: the same through Unbound as in ` + "`deploy/unbound.conf`" + `, in a network
  of its own with real delegations on NSD, half of the domains signed.

- **peers**: the same 20,000 MX questions to the stand-in, 200 under way.
- **ask**, **size**: see the benchmarks of ` + "`knowledge/search`" + `; memory is the
  resident set of the running bot.

Not measured here: checkdmarc (Python) is not in the registries that this
project uses.

TABLE
`

// roles are what this program does when a part starts it as another process.
var roles = map[string]func(ctx context.Context, args []string) error{
	"answer":    answerRole,
	"authority": authorityRole,
	"mx":        mxRole,
}
