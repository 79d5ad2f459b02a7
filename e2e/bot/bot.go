// Package bot runs the built program as `wolkwijs run`, with a configuration
// made from config.toml.example.
package bot

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"wolkwijs/e2e/homeserver"
	"wolkwijs/e2e/proc"
	"wolkwijs/e2e/tree"
)

// stopGrace is how long the bot may take to stop: it answers what was asked
// (10 s at most) and lets go of what it holds.
const stopGrace = 15 * time.Second

// Options say which bot to run.
type Options struct {
	Homeserver string // base URL
	Account    homeserver.Account
	// Dir is an existing folder for the configuration and all that the bot
	// keeps. A bot started again with the same folder is the same bot.
	Dir string
	// Settings override values of config.toml.example: "dns.resolver" is the
	// key resolver under [dns]. Values are written as TOML.
	Settings map[string]string
	// Wrap is a command before the bot's own, such as one that changes what
	// the bot sees of the machine; it must become the bot.
	Wrap []string
	// Program is the path of the program; empty: that of [Program].
	Program string
	// Log receives the log; nil: it is thrown away.
	Log io.Writer
}

// Bot is a running bot.
type Bot struct {
	options Options
	config  string // path of the configuration
	process *proc.Process
}

// Start starts the bot and waits until it is ready: logged in, with a signed
// device.
func Start(ctx context.Context, o Options) (*Bot, error) {
	config, err := Configure(o)
	if err != nil {
		return nil, err
	}
	b := &Bot{options: o, config: config}
	if err := b.Restart(ctx); err != nil {
		return nil, err
	}
	return b, nil
}

// Configure writes the configuration and the password, and returns the path of
// the former. It starts nothing.
func Configure(o Options) (config string, err error) {
	b := &Bot{options: o, config: filepath.Join(o.Dir, "config.toml")}
	if err := b.writeConfig(); err != nil {
		return "", fmt.Errorf("configure the bot: %w", err)
	}
	return b.config, nil
}

// StartWith starts a bot with a configuration that is there already, and
// waits until it is ready. Its log goes to log, or nowhere.
func StartWith(ctx context.Context, config string, log io.Writer) (*Bot, error) {
	b := &Bot{options: Options{Dir: filepath.Dir(config), Log: log}, config: config}
	if err := b.Restart(ctx); err != nil {
		return nil, err
	}
	return b, nil
}

// Restart starts a bot that has ended again, with the same configuration and
// all that it kept, and waits until it is ready.
func (b *Bot) Restart(ctx context.Context) error {
	program := b.options.Program
	if program == "" {
		var err error
		if program, err = Program(); err != nil {
			return err
		}
	}
	n, err := newNotify()
	if err != nil {
		return fmt.Errorf("start the bot: %w", err)
	}
	defer n.close()
	command := append(slices.Clone(b.options.Wrap), program, "run", "-c", b.config)
	p, err := proc.Start(proc.Command{
		Path: command[0],
		Args: command[1:],
		Dir:  b.options.Dir,
		Env:  []string{n.env()},
		Out:  b.options.Log,
		Err:  b.options.Log,
	})
	if err != nil {
		return err
	}
	select {
	case <-n.ready:
		b.process = p
		return nil
	case <-p.Done():
		return fmt.Errorf("the bot ended before it was ready: %w", p.Err())
	case <-ctx.Done():
		return errors.Join(fmt.Errorf("the bot is not ready: %w", context.Cause(ctx)), p.Kill())
	}
}

// Program returns the path of the program that `make build` has built.
func Program() (string, error) {
	root, err := tree.Root()
	if err != nil {
		return "", err
	}
	path := filepath.Join(root, "bin", "wolkwijs")
	if _, err := os.Stat(path); err != nil {
		return "", fmt.Errorf("the bot is not built (make build does it): %w", err)
	}
	return path, nil
}

// Terminate asks the bot to stop, as a service manager does, and does not
// wait.
func (b *Bot) Terminate() error { return b.process.Terminate() }

// Stop asks the bot to stop and waits for its end. A bot that takes too long
// or ends with an error is an error.
func (b *Bot) Stop() error {
	if err := b.process.Stop(stopGrace); err != nil {
		return err
	}
	if err := b.process.Err(); err != nil {
		return fmt.Errorf("the bot ended with an error: %w", err)
	}
	return nil
}

// Kill ends the bot with SIGKILL, as a power cut would, and waits.
func (b *Bot) Kill() error { return b.process.Kill() }

// PID returns the process ID of the running bot.
func (b *Bot) PID() int { return b.process.PID() }

// PeakMemory returns how many octets of memory the running bot has held at
// most (VmHWM of proc_pid_status(5); Linux only).
func (b *Bot) PeakMemory() (int64, error) { return b.process.PeakMemory() }

// Done is closed when the bot has ended, for whatever reason.
func (b *Bot) Done() <-chan struct{} { return b.process.Done() }

// Wait waits for the end of the bot and returns how it ended.
func (b *Bot) Wait(ctx context.Context) error {
	select {
	case <-b.process.Done():
		return b.process.Err()
	case <-ctx.Done():
		return fmt.Errorf("the bot did not end: %w", context.Cause(ctx))
	}
}

// writeConfig makes the configuration from the example, so that the example
// is always one that works.
func (b *Bot) writeConfig() error {
	root, err := tree.Root()
	if err != nil {
		return err
	}
	example, err := os.ReadFile(filepath.Join(root, "config.toml.example"))
	if err != nil {
		return err
	}
	in := func(name string) string { return quote(filepath.Join(b.options.Dir, name)) }
	_, server, _ := strings.Cut(b.options.Account.UserID, ":")
	settings := map[string]string{
		"matrix.homeserver":            quote(b.options.Homeserver),
		"matrix.user_id":               quote(b.options.Account.UserID),
		"matrix.password_file":         in("password"),
		"matrix.allow_invites_from":    "[" + quote(server) + "]",
		"bot.admins":                   "[]",
		"storage.database":             quote("sqlite:" + filepath.Join(b.options.Dir, "wolkwijs.db")),
		"encryption.pickle_key_file":   in("pickle.key"),
		"encryption.recovery_key_file": in("recovery.key"),
	}
	for key, value := range b.options.Settings {
		settings[key] = value
	}
	config, err := override(string(example), settings)
	if err != nil {
		return err
	}
	return errors.Join(
		os.WriteFile(filepath.Join(b.options.Dir, "password"), []byte(b.options.Account.Password+"\n"), 0o600),
		os.WriteFile(b.config, []byte(config), 0o600))
}

// override replaces the values of the given keys, "section.key", in a
// configuration that has each of them on a line of its own.
func override(config string, settings map[string]string) (string, error) {
	var b strings.Builder
	section := ""
	used := 0
	for line := range strings.Lines(config) {
		trimmed := strings.TrimSpace(line)
		if name, ok := strings.CutPrefix(trimmed, "["); ok && strings.HasSuffix(name, "]") {
			section = strings.TrimSuffix(name, "]")
		}
		key, _, isValue := strings.Cut(trimmed, " = ")
		if value, ok := settings[section+"."+key]; ok && isValue {
			fmt.Fprintf(&b, "%s = %s\n", key, value)
			used++
			continue
		}
		b.WriteString(line)
	}
	if used != len(settings) {
		return "", fmt.Errorf("config.toml.example has %d of the %d keys to set", used, len(settings))
	}
	return b.String(), nil
}

// quote writes s as a TOML literal string; it must not hold a quote itself.
func quote(s string) string { return "'" + s + "'" }
