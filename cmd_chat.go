package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/ergochat/readline"
	"golang.org/x/term"

	"wolkwijs/answer"
	"wolkwijs/commands"
	"wolkwijs/domaincheck/dnsq"
	"wolkwijs/knowledge"
	"wolkwijs/lang"
)

// chatCmd is a conversation in the terminal, with the same commands as in a
// room.
type chatCmd struct {
	Lang lang.Code `enum:"nl,en" default:"nl" help:"Language of the answers: ${enum}."`
	resolverFlags
	Knowledge string `placeholder:"DIR" help:"Folder with extra or overriding knowledge files."`
}

// Run answers line by line until the input ends.
func (c chatCmd) Run(p *program) error {
	kb, err := knowledge.Open(c.Knowledge)
	if err != nil {
		return wrongUse{err}
	}
	checker, end, err := c.checker(kb, dnsq.Config{})
	if err != nil {
		return err
	}
	defer end()
	service := commands.New(commands.Options{Knowledge: kb, Checker: checker, Language: c.Lang, Version: versionText()})
	in, isFile := p.in.(*os.File)
	if isFile && term.IsTerminal(int(in.Fd())) {
		return c.converse(p, service)
	}
	return c.read(p, service)
}

// read answers the lines of a pipe or file.
func (c chatCmd) read(p *program, service *commands.Service) error {
	return p.eachLine(func(line string) error {
		c.answer(p.ctx, p.out, service, line, answer.Options{})
		return nil
	})
}

// converse answers at a prompt with line editing. The history is kept in
// memory only: what somebody asked is nobody else's business.
func (c chatCmd) converse(p *program, service *commands.Service) error {
	editor, err := readline.NewFromConfig(&readline.Config{Prompt: "> ", Stdout: p.out, Stderr: p.errOut})
	if err != nil {
		return fmt.Errorf("open the terminal: %w", err)
	}
	defer editor.Close()
	defer context.AfterFunc(p.ctx, func() { editor.Close() })() // then ReadLine ends
	fmt.Fprintln(p.errOut, lang.Text{
		NL: "Stel een vraag, of typ !help. Ctrl-D stopt.",
		EN: "Ask a question, or type !help. Ctrl-D stops.",
	}.In(c.Lang))
	for {
		line, err := editor.ReadLine()
		switch {
		case errors.Is(err, readline.ErrInterrupt):
			continue
		case p.ctx.Err() != nil:
			return errInterrupted
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return fmt.Errorf("read the terminal: %w", err)
		}
		c.answer(p.ctx, p.out, service, line, looks(p.out))
	}
}

// answer answers one line. The person at the terminal may do everything, but
// the bot's administration is left to the bot.
func (c chatCmd) answer(ctx context.Context, out io.Writer, service *commands.Service, line string, o answer.Options) {
	if strings.TrimSpace(line) == "" {
		return
	}
	a := service.Answer(ctx, commands.Request{
		Text: line, Kind: commands.Terminal, Room: "terminal", Rights: commands.Rights{RoomAdmin: true},
	})
	if a != nil {
		fmt.Fprintln(out, answer.Render(a, o))
	}
}
