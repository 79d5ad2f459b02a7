// Package setup asks what a new bot has to know and cannot guess: which
// homeserver, which account, which club room, which language. Each answer is
// tried at once against the real thing, and what is wrong with it is said in a
// sentence with what to do. Only when all is right does it write: the
// configuration, the password in a file of its own, a unit for systemd.
//
// [Run] is all that a program needs. It answers to a person at a terminal, to
// lines from a pipe, and to flags alone.
//
// May import: bot, config, golang.org/x/sys/unix, golang.org/x/term, maunium.net/go/mautrix/id.
package setup

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"maunium.net/go/mautrix/id"

	"wolkwijs/bot"
	"wolkwijs/lang"
)

// Options are the answers that are known already, and how to ask for the
// others.
type Options struct {
	Homeserver   string // base URL or server name
	User         string // user ID or localpart
	PasswordFile string // named in the configuration instead of a file made here, unless for a service
	Password     string // from the environment
	Room         string // alias or ID of the club room
	Admin        string // user ID of who looks after the bot
	Resolver     string // as dns.resolver
	Lang         lang.Code

	Yes       bool // ask nothing: what is left out gets its usual answer
	Overwrite bool // replace files that are there; the old ones are kept as .old, .old.2 …

	Start   *bool // start the bot in the end; nil: ask, or for a service do so
	Service bool

	Files Files

	In  io.Reader
	Out io.Writer // questions, and what came of them

	// Resolve says what the resolver is good for, in a sentence, and whether
	// it answers.
	Resolve func(ctx context.Context, resolver string) (verdict lang.Text, answers bool, err error)
}

// Result is what was set up.
type Result struct {
	Lang  lang.Code
	OAuth bool // the bot has to be logged in in a browser before it starts
	Start bool // it is to be started now
	Files Files
	Room  string // the club room that the bot is in already, if any
	User  id.UserID
}

// Fault is an answer that is not right, and what to do about it.
type Fault struct {
	Why  lang.Text
	lang lang.Code
	err  error // what it comes from, if anything
}

func (f *Fault) Error() string { return f.Why.In(f.lang) }
func (f *Fault) Unwrap() error { return f.err }

// ErrStopped says that somebody stopped it before anything was written.
var ErrStopped = errors.New("stopped; nothing was written")

// ErrMissing says that an answer is missing where nothing may be asked.
var ErrMissing = errors.New("an answer is missing")

// work is one run of the questions.
type work struct {
	*console
	o      Options
	server *bot.Homeserver
	visit  *bot.Visit // nil where the login is by OAuth 2.0
	joined bool       // the bot is in the club room
	values values

	written bool
	start   bool
}

// values are what goes into the files.
type values struct {
	homeserver string
	user       id.UserID
	password   string // to write to a file
	recovery   string // recovery key, to write to a file
	room       string
	admin      id.UserID
	resolver   string
}

// Run asks, checks and writes. Until everything is known it writes nothing,
// and when ctx ends it leaves nothing behind. Errors are a [*Fault],
// [ErrMissing], [ErrEnded], or say why a file could not be written.
func Run(ctx context.Context, o Options) (*Result, error) {
	w := &work{console: newConsole(o.In, o.Out), o: o}
	w.lang = o.Lang
	defer w.leave(ctx)
	steps := []func(context.Context) error{
		w.askLanguage, w.askOverwrite, w.askHomeserver, w.askAccount, w.askRecoveryKey, w.askRoom, w.askAdmin, w.askResolver, w.write, w.askStart,
	}
	for _, step := range steps {
		err := step(ctx)
		if ctx.Err() != nil && !w.written {
			return nil, ErrStopped
		}
		if err != nil {
			return nil, err
		}
	}
	r := &Result{Lang: w.lang, OAuth: w.visit == nil, Start: w.start, Files: w.o.Files, User: w.values.user}
	if w.joined {
		r.Room = w.values.room
	}
	return r, nil
}

// leave ends the session that the answers were tried with.
func (w *work) leave(ctx context.Context) {
	if w.visit != nil {
		if err := w.visit.End(ctx); err != nil {
			w.say(textStillIn)
		}
	}
}

// question is one thing to ask.
type question struct {
	text   lang.Text
	flag   string // that answers it too
	usual  string // answer to an empty line
	option bool   // no answer is fine
	hidden bool   // is not shown while it is typed
}

// settle takes the answer of the flag, or asks, until try accepts one. Where
// nothing may be asked a refused answer is the error.
func (w *work) settle(ctx context.Context, q question, given string, try func(answer string) error) error {
	for {
		answer := given
		if answer == "" {
			var err error
			if answer, err = w.ask(ctx, q); err != nil {
				return err
			}
		}
		err := w.try(answer, q, try)
		var fault *Fault
		switch {
		case err == nil:
			return nil
		case !errors.As(err, &fault) || w.o.Yes:
			return err
		}
		fmt.Fprintln(w.out, "  ✗", fault)
		given = ""
	}
}

func (w *work) try(answer string, q question, try func(answer string) error) error {
	if answer == "" {
		if q.option {
			return nil
		}
		return w.fault(textNeeded, nil)
	}
	return try(answer)
}

// ask asks one question once.
func (w *work) ask(ctx context.Context, q question) (string, error) {
	switch {
	case w.o.Yes && (q.usual != "" || q.option):
		return q.usual, nil
	case w.o.Yes:
		return "", fmt.Errorf("%w: give %s", ErrMissing, q.flag)
	case q.hidden:
		return w.secret(ctx, q.text.In(w.lang))
	}
	answer, err := w.line(ctx, q.text.In(w.lang), q.usual)
	if errors.Is(err, ErrEnded) {
		err = fmt.Errorf("%w at “%s”: give %s", err, q.text.In(w.lang), q.flag)
	}
	return answer, err
}

// fault is an answer that is not right.
func (w *work) fault(why lang.Text, err error, args ...any) error {
	if len(args) > 0 {
		why = lang.Text{NL: fmt.Sprintf(why.NL, args...), EN: fmt.Sprintf(why.EN, args...)}
	}
	return &Fault{Why: why, lang: w.lang, err: err}
}

// good tells what was found to be right.
func (w *work) good(text lang.Text, args ...any) {
	fmt.Fprintf(w.out, "  ✓ "+text.In(w.lang)+"\n", args...)
}

// askLanguage comes first: it decides how the rest is asked.
func (w *work) askLanguage(ctx context.Context) error {
	if w.lang != "" {
		return nil
	}
	w.lang = lang.Default
	return w.settle(ctx, question{text: textLanguage, flag: "--lang", usual: string(lang.Default)}, "", func(answer string) error {
		l, err := lang.Parse(answer)
		if err != nil {
			return w.fault(textLanguageWrong, err)
		}
		w.lang = l
		return nil
	})
}

// askOverwrite asks before anything else whether what is there may go, so
// that nobody answers in vain.
func (w *work) askOverwrite(ctx context.Context) error {
	w.say(textIntroduction)
	return w.mayReplace(ctx, w.o.Files.existing(w.ownPassword()))
}

// mayReplace asks whether the files that are there may go.
func (w *work) mayReplace(ctx context.Context, there []string) error {
	if len(there) == 0 || w.o.Overwrite {
		return nil
	}
	list := strings.Join(there, ", ")
	if w.o.Yes {
		return w.fault(textThere, nil, list)
	}
	ok, err := w.yes(ctx, lang.Text{NL: fmt.Sprintf(textReplace.NL, list), EN: fmt.Sprintf(textReplace.EN, list)}, false)
	if err != nil {
		return err
	}
	if !ok {
		return w.fault(textKept, nil)
	}
	return nil
}

// askStart settles whether the bot is to be started. No answer at all is no.
func (w *work) askStart(ctx context.Context) error {
	switch {
	case w.o.Start != nil:
		w.start = *w.o.Start
	case w.o.Service:
		w.start = true
	case !w.o.Yes:
		ok, err := w.yes(ctx, textStart, true)
		w.start = ok && err == nil
	}
	return nil
}
