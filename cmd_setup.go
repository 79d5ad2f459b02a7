package main

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"wolkwijs/domaincheck/dnsq"
	"wolkwijs/lang"
	"wolkwijs/setup"
)

// The files that setup fills in.
//
//go:embed config.toml.example
var exampleConfig string

//go:embed deploy/wolkwijs.service
var serviceUnit string

// setupCmd asks what the bot has to know and starts it.
type setupCmd struct {
	Config string `short:"c" placeholder:"FILE" help:"Configuration file to write (config.toml; for a service /etc/wolkwijs/config.toml)."`
	Data   string `placeholder:"DIR" help:"Folder for what the bot keeps (data beside the configuration; for a service /var/lib/wolkwijs)."`
	Unit   string `placeholder:"FILE" help:"Unit for systemd to write (wolkwijs.service beside the configuration; for a service in /etc/systemd/system)."`

	Homeserver   string    `placeholder:"ADDR" help:"The bot's homeserver: a server name or base URL."`
	User         string    `placeholder:"USER" help:"The bot's account."`
	PasswordFile string    `placeholder:"FILE" help:"File with the account's password, or $$WOLKWIJS_PASSWORD; otherwise it is asked for."`
	Room         string    `placeholder:"ROOM" help:"The club room, by its alias or ID."`
	Admin        string    `placeholder:"USER" help:"The account of who looks after the bot."`
	Resolver     string    `placeholder:"ADDR" help:"DNS resolver: host[:port], tls://host[:port]#name or system."`
	Lang         lang.Code `enum:",nl,en" default:"" placeholder:"LANG" help:"Language of the bot and of these questions: nl or en."`

	Yes       bool  `short:"y" help:"Ask nothing: flags tell all, and what they leave out gets its usual answer."`
	Overwrite bool  `help:"Replace files that are there; the old are kept as .old."`
	Service   *bool `negatable:"" help:"Install the bot as a service of systemd (so it does as root, where systemd runs)."`
	Start     *bool `negatable:"" help:"Start the bot in the end."`
}

// Run asks, writes, and hands over to the bot.
func (c setupCmd) Run(p *program) error {
	files, service, err := c.files()
	if err != nil {
		return err
	}
	result, err := setup.Run(p.ctx, setup.Options{
		Homeserver: c.Homeserver, User: c.User, PasswordFile: c.PasswordFile, Password: os.Getenv("WOLKWIJS_PASSWORD"),
		Room: c.Room, Admin: c.Admin, Resolver: c.Resolver, Lang: c.Lang,
		Yes: c.Yes, Overwrite: c.Overwrite, Start: c.Start, Service: service, Files: *files,
		In: p.in, Out: p.errOut, Resolve: tryResolver,
	})
	if errors.Is(err, setup.ErrMissing) || errors.Is(err, setup.ErrEnded) {
		return wrongUse{err}
	}
	if err != nil {
		return err
	}
	if result.OAuth {
		login := loginCmd{Config: result.Files.Config}
		if err := logInFor(&result.Files, func() error { return login.Run(p) }); err != nil {
			return err
		}
	}
	next := afterSetup{p, result}
	if service {
		return next.startService()
	}
	return next.startHere()
}

// files are the places of what is written: those of a service, or all in one
// folder of the caller's.
func (c setupCmd) files() (f *setup.Files, service bool, err error) {
	program, err := os.Executable()
	if err != nil {
		return nil, false, fmt.Errorf("find this program: %w", err)
	}
	if service = systemdRuns() && os.Getuid() == 0; c.Service != nil {
		service = *c.Service
	}
	f = &setup.Files{Config: c.Config, Data: c.Data, Unit: c.Unit, Program: program, Example: exampleConfig, Template: serviceUnit}
	if service {
		f.Owner = "wolkwijs"
		set(&f.Config, "/etc/wolkwijs/config.toml")
		set(&f.Data, "/var/lib/wolkwijs")
		if f.Unit == "" && !packaged(f) {
			f.Unit = "/etc/systemd/system/wolkwijs.service"
		}
		for _, home := range []string{"/home/", "/root/", "/tmp/"} {
			if strings.HasPrefix(program, home) {
				return nil, false, wrongUse{fmt.Errorf("a service cannot run %s, which is in somebody's folder: put it in its place with `install -m 755 %s /usr/local/bin/wolkwijs` and start setup from there", program, program)}
			}
		}
	}
	set(&f.Config, "config.toml")
	folder := filepath.Dir(f.Config)
	set(&f.Data, filepath.Join(folder, "data"))
	if !service {
		set(&f.Unit, filepath.Join(folder, "wolkwijs.service"))
	}
	for _, path := range []*string{&f.Config, &f.Data, &f.Unit} {
		if *path == "" {
			continue
		}
		if *path, err = filepath.Abs(*path); err != nil {
			return nil, false, err
		}
	}
	return f, service, nil
}

func set(path *string, usual string) {
	if *path == "" {
		*path = usual
	}
}

// systemdRuns says whether systemd is this machine's service manager
// (sd_booted(3)).
func systemdRuns() bool {
	_, err := os.Stat("/run/systemd/system")
	return err == nil
}

// packaged says whether a Debian package has brought a unit that fits.
func packaged(f *setup.Files) bool {
	unit, err := os.ReadFile("/usr/lib/systemd/system/wolkwijs.service")
	return err == nil && f.Data == "/var/lib/wolkwijs" && strings.Contains(string(unit), "ExecStart="+f.Program+" run -c "+f.Config+"\n")
}

// logInFor logs in for the account that the bot runs under. That gets what the
// login left also where it failed: a database that the bot cannot open would
// be in the way of the next.
func logInFor(f *setup.Files, login func() error) error {
	return errors.Join(login(), giveAway(f.Data, f.Owner))
}

// giveAway gives a folder and all in it to an account; to nobody if that has
// no name.
func giveAway(folder, owner string) error {
	if owner == "" {
		return nil
	}
	account, err := user.Lookup(owner)
	if err != nil {
		return err
	}
	uid, uidErr := strconv.Atoi(account.Uid)
	gid, gidErr := strconv.Atoi(account.Gid)
	if err := errors.Join(uidErr, gidErr); err != nil {
		return err
	}
	return filepath.WalkDir(folder, func(path string, _ fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		return os.Lchown(path, uid, gid)
	})
}

// tryResolver asks a resolver what it is good for.
func tryResolver(ctx context.Context, resolver string) (verdict lang.Text, answers bool, err error) {
	r, err := dnsq.New(dnsq.Config{Resolver: resolver, Timeout: 5 * time.Second})
	if err != nil {
		return lang.Text{}, false, err
	}
	defer r.Close()
	for _, s := range r.SelfTest(ctx) {
		if !s.Reached {
			continue
		}
		verdict = lang.Text{
			NL: "De DNS-server antwoordt. DNSSEC controleert de bot zelf.",
			EN: "The DNS resolver answers. The bot validates DNSSEC itself.",
		}
		if s.Believed {
			verdict = lang.Text{
				NL: "De DNS-server antwoordt en controleert DNSSEC.",
				EN: "The DNS resolver answers and validates DNSSEC.",
			}
		}
		return verdict, true, nil
	}
	return lang.Text{}, false, nil
}

// afterSetup is what comes after the files are written.
type afterSetup struct {
	*program
	*setup.Result
}

// say writes a line for the person who sets up.
func (a afterSetup) say(text lang.Text, args ...any) {
	fmt.Fprintf(a.errOut, text.In(a.Lang)+"\n", args...)
}

// startService has systemd start the bot, now and at each boot.
func (a afterSetup) startService() error {
	if !a.Start {
		a.say(lang.Text{NL: "Starten: sudo systemctl enable --now wolkwijs", EN: "To start it: sudo systemctl enable --now wolkwijs"})
		return nil
	}
	for _, args := range [][]string{{"daemon-reload"}, {"enable", "wolkwijs"}, {"restart", "wolkwijs"}} {
		if out, err := exec.CommandContext(a.ctx, "systemctl", args...).CombinedOutput(); err != nil {
			return fmt.Errorf("systemctl %s: %w: %s(`journalctl -u wolkwijs -n 30` shows what the bot says)", strings.Join(args, " "), err, out)
		}
	}
	a.say(lang.Text{NL: "De bot draait, en start voortaan mee met deze computer.", EN: "The bot runs, and will start with this machine."})
	a.greet()
	return nil
}

// startHere runs the bot in this terminal, if that is wanted.
func (a afterSetup) startHere() error {
	a.say(lang.Text{NL: "Starten:      %s run -c %s", EN: "To start it:    %s run -c %s"}, a.Files.Program, a.Files.Config)
	a.say(lang.Text{
		NL: "Als service:  sudo cp %s /etc/systemd/system/ && sudo systemctl enable --now wolkwijs",
		EN: "As a service:   sudo cp %s /etc/systemd/system/ && sudo systemctl enable --now wolkwijs",
	}, a.Files.Unit)
	if !a.Start {
		return nil
	}
	a.say(lang.Text{NL: "Hij start nu. Ctrl-C stopt hem.", EN: "It starts now. Ctrl-C stops it."})
	a.greet()
	return runCmd{Config: a.Files.Config}.Run(a.program)
}

// greet says where to find the bot.
func (a afterSetup) greet() {
	if a.Room != "" {
		a.say(lang.Text{NL: "Typ !help in %s, of begin een privégesprek met %s.", EN: "Type !help in %s, or start a direct message with %s."}, a.Room, a.User)
		return
	}
	a.say(lang.Text{NL: "Nodig %s uit in een kamer, of begin er een privégesprek mee.", EN: "Invite %s into a room, or start a direct message with it."}, a.User)
}
