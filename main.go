// Wolkwijs is a Matrix bot that gives practical privacy advice and checks who
// holds a domain. This file reads the command line and joins the parts; each
// sub-command lives in the file that bears its name (cmd_run.go, cmd_chat.go …).
//
// May import: everything.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/alecthomas/kong"
)

// cli is the command line. Each field with cmd is a sub-command whose Run
// method does the work; see [program] for what Run may ask for.
type cli struct {
	Run       runCmd       `cmd:"" help:"Run the bot."`
	Login     loginCmd     `cmd:"" help:"Log the bot in by OAuth 2.0, where the homeserver takes no password."`
	Ask       askCmd       `cmd:"" help:"Answer a question in plain words."`
	Chat      chatCmd      `cmd:"" help:"Talk in the terminal, without an account."`
	Check     checkCmd     `cmd:"" help:"Check domains."`
	Config    configCmd    `cmd:"" help:"Check a configuration."`
	Health    healthCmd    `cmd:"" help:"Ask a running bot how it is."`
	Knowledge knowledgeCmd `cmd:"" help:"Check, count or print the knowledge base."`
	Setup     setupCmd     `cmd:"" help:"Set the bot up: ask what it has to know, try each answer, write its files."`
	Survey    surveyCmd    `cmd:"" help:"Check many domains: JSON lines, CSV, or an HTML report."`
	Version   versionCmd   `cmd:"" help:"Print the version."`

	Completion completionCmd `cmd:"" help:"Print what a shell needs to complete commands."`
	Man        manCmd        `cmd:"" hidden:"" help:"Print the manual page."`
}

// program is what the outside world gives to a sub-command: a context that
// ends on SIGINT and SIGTERM, and the standard streams.
type program struct {
	ctx    context.Context
	in     io.Reader
	out    io.Writer // what was asked for
	errOut io.Writer // everything else for people
}

// Exit codes of the program.
const (
	exitFine   = 0
	exitFailed = 1 // the work failed
	exitWrong  = 2 // wrong use or configuration
)

// wrongUse is an error in how the program is called or configured; the
// program then exits with 2.
type wrongUse struct{ err error }

func (w wrongUse) Error() string { return w.err.Error() }
func (w wrongUse) Unwrap() error { return w.err }

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second signal kills
	code := run(&program{ctx, os.Stdin, os.Stdout, os.Stderr}, os.Args[1:])
	stop()
	os.Exit(code)
}

// run does what args ask and returns the exit code.
func run(p *program, args []string) int {
	exited := -1 // set by --help, which ends parsing
	parser, err := kong.New(&cli{},
		kong.Name("wolkwijs"),
		kong.Description("Privacy advice and domain checks, as a Matrix bot and in the terminal."),
		kong.UsageOnError(),
		kong.Writers(p.out, p.errOut),
		kong.Exit(func(code int) { exited = code }),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true}),
	)
	if err != nil {
		fmt.Fprintln(p.errOut, "wolkwijs:", err)
		return exitFailed
	}
	if len(args) == 0 {
		args = []string{"--help"}
	}
	parsed, err := parser.Parse(args)
	if exited >= 0 {
		return exited
	}
	if err != nil {
		fmt.Fprintln(p.errOut, "wolkwijs:", err)
		fmt.Fprintln(p.errOut, "See `wolkwijs --help`.")
		return exitWrong
	}
	if err := parsed.Run(p); err != nil {
		fmt.Fprintln(p.errOut, "wolkwijs:", err)
		if errors.As(err, new(wrongUse)) {
			return exitWrong
		}
		return exitFailed
	}
	return exitFine
}
