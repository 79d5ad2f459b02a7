package setup

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"maunium.net/go/mautrix/id"

	"wolkwijs/bot"
	"wolkwijs/config"
	"wolkwijs/lang"
)

func read(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// answered is a run in which all questions have their answers.
func answered(t *testing.T) *work {
	t.Helper()
	dir := t.TempDir()
	w := &work{console: newConsole(strings.NewReader(""), &strings.Builder{}), visit: &bot.Visit{}, joined: true}
	w.lang = lang.EN
	w.values = values{homeserver: "example.org", user: "@wolkwijs:example.org", password: "s3cret", room: "#club:example.org", admin: "@anna:example.org", resolver: "127.0.0.1"}
	w.o.Files = Files{
		Config: filepath.Join(dir, "etc", "config.toml"), Data: filepath.Join(dir, "data"), Unit: filepath.Join(dir, "wolkwijs.service"),
		Program: "/usr/local/bin/wolkwijs", Example: read(t, "../config.toml.example"), Template: read(t, "../deploy/wolkwijs.service"),
	}
	return w
}

// The configuration holds the answers, and keeps every key of the example and
// what is said about it.
func TestConfigurationIsTheExampleFilledIn(t *testing.T) {
	for _, tt := range []struct {
		name   string
		change func(w *work)
		invite []string
		file   bool // the password is in a file
	}{
		{"in the club room", func(w *work) {}, []string{"#club:example.org"}, true},
		{"not in the club room yet", func(w *work) { w.joined = false }, []string{"example.org", "#club:example.org"}, true},
		{"no club room", func(w *work) { w.values.room = "" }, []string{"example.org"}, true},
		{"login in a browser", func(w *work) { w.visit = nil }, []string{"#club:example.org"}, false},
		{"nobody in charge", func(w *work) { w.values.admin = "" }, []string{"#club:example.org"}, true},
		{"a path with a quote", func(w *work) { w.o.Files.Data = `/srv/a "b" \c` }, []string{"#club:example.org"}, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := answered(t)
			tt.change(w)
			text, err := w.config()
			if err != nil {
				t.Fatal(err)
			}
			cfg, warnings, err := config.Parse("config.toml", []byte(text))
			if err != nil || len(warnings) > 0 {
				t.Fatalf("%v %v\n%s", err, warnings, text)
			}
			if cfg.Matrix.UserID != "@wolkwijs:example.org" || cfg.Matrix.Homeserver != "example.org" || cfg.DNS.Resolver != "127.0.0.1" || cfg.Bot.Language != lang.EN {
				t.Errorf("it says\n%s", text)
			}
			if got := strings.Join(cfg.Matrix.AllowInvitesFrom, " "); got != strings.Join(tt.invite, " ") {
				t.Errorf("invites from %s, want %s", got, tt.invite)
			}
			if got := cfg.Matrix.PasswordFile != ""; got != tt.file {
				t.Errorf("a password file: %v", got)
			}
			if cfg.Storage.Database != "sqlite:"+filepath.Join(w.o.Files.Data, "wolkwijs.db") {
				t.Errorf("database %s", cfg.Storage.Database)
			}
			if strings.Contains(text, "s3cret") {
				t.Error("it holds the password")
			}
			for line := range strings.Lines(w.o.Files.Example) {
				if _, about, ok := strings.Cut(line, " # "); ok && !strings.Contains(text, strings.TrimSpace(about)) {
					t.Errorf("it lost what is said here: %s", line)
				}
			}
		})
	}
}

// The unit names the places that were chosen, and stays as hardened.
func TestUnit(t *testing.T) {
	analyze, err := exec.LookPath("systemd-analyze")
	if err != nil {
		t.Log("systemd-analyze is not on this machine: the units are not judged")
	}
	for _, tt := range []struct {
		name     string
		change   func(f *Files)
		password string
		want     []string
		without  string
	}{
		{"a service", func(f *Files) {
			f.Owner, f.Config, f.Data = "wolkwijs", "/etc/wolkwijs/config.toml", "/var/lib/wolkwijs"
		}, "",
			[]string{"ExecStart=/usr/local/bin/wolkwijs run -c /etc/wolkwijs/config.toml", "User=wolkwijs", "Group=wolkwijs", "StateDirectory=wolkwijs", "ProtectHome=true"}, "ReadWritePaths"},
		{"other folders", func(f *Files) { f.Owner, f.Config, f.Data = "wolkwijs", "/srv/bot/config.toml", "/srv/bot/my data" }, "",
			[]string{"ExecStart=/usr/local/bin/wolkwijs run -c /srv/bot/config.toml", `ReadWritePaths="/srv/bot/my data"`, "ProtectHome=true"}, "StateDirectory"},
		{"in a home", func(f *Files) {
			f.Program, f.Config, f.Data = "/home/a/wolkwijs", "/home/a/bot/config.toml", "/home/a/bot/data"
		}, "",
			[]string{"ExecStart=/home/a/wolkwijs run -c /home/a/bot/config.toml", "ProtectHome=tmpfs", "BindReadOnlyPaths=/home/a/wolkwijs /home/a/bot", "BindPaths=/home/a/bot/data"}, "Group="},
		{"with a password beside it", func(f *Files) {
			f.Program, f.Config, f.Data = "/home/a/wolkwijs", "/home/a/bot/config.toml", "/home/a/bot/data"
		}, "/home/a/bot/secret", []string{"BindReadOnlyPaths=/home/a/wolkwijs /home/a/bot"}, "Group="},
		{"with a password elsewhere", func(f *Files) {
			f.Program, f.Config, f.Data = "/home/a/wolkwijs", "/home/a/bot/config.toml", "/home/a/bot/data"
		}, "/home/a/my secret", []string{`BindReadOnlyPaths=/home/a/wolkwijs /home/a/bot "/home/a/my secret"`}, "Group="},
		{"only the password in a home", func(f *Files) { f.Config, f.Data = "/srv/bot/config.toml", "/srv/bot/data" }, "/home/a/secret",
			[]string{"ProtectHome=tmpfs", "BindReadOnlyPaths=/usr/local/bin/wolkwijs /srv/bot /home/a/secret", "BindPaths=/srv/bot/data"}, "ProtectHome=true"},
		{"a sign that units know", func(f *Files) { f.Config = "/srv/100%/config.toml" }, "", []string{"run -c /srv/100%%/config.toml"}, "StateDirectory"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			f := answered(t).o.Files
			tt.change(&f)
			unit := f.unit(tt.password)
			for _, line := range tt.want {
				if !strings.Contains(unit, line+"\n") {
					t.Errorf("there is no %q in\n%s", line, unit)
				}
			}
			if strings.Contains(unit, tt.without) {
				t.Errorf("there is %q in\n%s", tt.without, unit)
			}
			if analyze == "" {
				return
			}
			file := filepath.Join(t.TempDir(), "wolkwijs.service")
			if err := os.WriteFile(file, []byte(unit), 0o600); err != nil {
				t.Fatal(err)
			}
			out, err := exec.Command(analyze, "security", "--offline=true", "--no-pager", file).CombinedOutput()
			level := regexp.MustCompile(`Overall exposure level for \S+: (\d+\.\d+)`).FindStringSubmatch(string(out))
			if level == nil {
				t.Skipf("systemd-analyze cannot look at a file: %v", err)
			}
			if exposure, err := strconv.ParseFloat(level[1], 64); err != nil || exposure >= 2 {
				t.Errorf("the exposure is %s of 10, and should be under 2", level[1])
			}
		})
	}
}

// The password file that the configuration names is one that the unit lets the
// bot see.
func TestGivenPasswordIsSeen(t *testing.T) {
	w := answered(t)
	w.values.password, w.o.PasswordFile = "", "/home/a/secret"
	if err := w.write(t.Context()); err != nil {
		t.Fatal(err)
	}
	if text := read(t, w.o.Files.Config); !strings.Contains(text, `password_file = "/home/a/secret"`) {
		t.Errorf("it says\n%s", text)
	}
	if unit := read(t, w.o.Files.Unit); !strings.Contains(unit, " /home/a/secret\n") {
		t.Errorf("the unit is\n%s", unit)
	}
}

// What cannot be written whole is not written at all.
func TestWriteAllOrNothing(t *testing.T) {
	list := func(dir string) (names []string) {
		_ = filepath.WalkDir(dir, func(path string, _ os.DirEntry, err error) error {
			names = append(names, strings.TrimPrefix(path, dir))
			return err
		})
		return names
	}
	t.Run("a folder that cannot be made", func(t *testing.T) {
		w := answered(t)
		dir := filepath.Dir(w.o.Files.Data)
		blocker := filepath.Join(dir, "file")
		if err := os.WriteFile(blocker, nil, 0o600); err != nil {
			t.Fatal(err)
		}
		w.o.Files.Unit = filepath.Join(blocker, "wolkwijs.service") // below a file
		if err := w.write(t.Context()); err == nil {
			t.Fatal("it was written")
		}
		if got := list(dir); len(got) != 2 {
			t.Errorf("it left %q", got)
		}
	})
	t.Run("stopped", func(t *testing.T) {
		w := answered(t)
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if err := w.write(ctx); !errors.Is(err, context.Canceled) {
			t.Errorf("error %v", err)
		}
		if got := list(filepath.Dir(w.o.Files.Data)); len(got) != 1 {
			t.Errorf("it left %q", got)
		}
	})
	t.Run("the old is kept", func(t *testing.T) {
		w := answered(t)
		for _, answer := range []string{"first", "second", "third"} {
			w.values.password = answer
			if err := w.write(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		file := w.o.Files.Password()
		for name, want := range map[string]string{file: "third\n", file + ".old": "first\n", file + ".old.2": "second\n"} {
			if got := read(t, name); got != want {
				t.Errorf("%s holds %q, want %q", filepath.Base(name), got, want)
			}
		}
	})
}

// Every trouble has a sentence in both languages that names what it is about.
func TestTroubles(t *testing.T) {
	for _, known := range troubles {
		for _, l := range []lang.Code{lang.NL, lang.EN} {
			w := answered(t)
			w.lang = l
			err := w.trouble(known.why, "example.org")
			var fault *Fault
			if !errors.As(err, &fault) || !errors.Is(err, known.why) || strings.Contains(err.Error(), "%!") || !strings.HasSuffix(err.Error(), ".") && !strings.HasSuffix(err.Error(), ").") {
				t.Errorf("%v in %s: %v", known.why, l, err)
			}
		}
	}
}

func TestFromLink(t *testing.T) {
	for link, want := range map[string]string{
		"#club:example.org":                                     "#club:example.org",
		"https://matrix.to/#/#club:example.org":                 "#club:example.org",
		"https://matrix.to/#/%23club%3Aexample.org?via=a.b":     "#club:example.org",
		"https://matrix.to/#/!abc:example.org?via=example.org":  "!abc:example.org",
		"http://www.matrix.to/#/%21abc%3Aexample.org?via=x.org": "!abc:example.org",
	} {
		if got := fromLink(link); got != want {
			t.Errorf("%s is %s, want %s", link, got, want)
		}
	}
}

// Without anybody to ask, what is missing is named by its flag.
func TestMissingAnswersAreNamed(t *testing.T) {
	w := answered(t)
	w.o.Yes = true
	if err := w.askHomeserver(t.Context()); !errors.Is(err, ErrMissing) || !strings.Contains(err.Error(), "--homeserver") {
		t.Errorf("error %v", err)
	}
	w.server = &bot.Homeserver{Password: true}
	if err := w.askAccount(t.Context()); !errors.Is(err, ErrMissing) || !strings.Contains(err.Error(), "--user") {
		t.Errorf("error %v", err)
	}
	w.o.User = string(id.UserID("@wolkwijs:example.org"))
	if err := w.askAccount(t.Context()); !errors.Is(err, ErrMissing) || !strings.Contains(err.Error(), "--password-file") {
		t.Errorf("error %v", err)
	}
}
