package config_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"wolkwijs/config"
	"wolkwijs/lang"
	"wolkwijs/tomlfile"
)

// account is the least a configuration needs, in its first three lines.
const account = "[matrix]\nhomeserver = 'https://matrix.example.org'\nuser_id = '@wolkwijs:example.org'\n"

func TestFaultsNameFileLineAndKey(t *testing.T) {
	for _, tt := range []struct {
		name, text string
		want       []string // how each fault starts, in order
	}{
		{"nothing at all", "", []string{
			"c.toml:1:1: matrix.homeserver: is missing; write the base URL",
			"c.toml:1:1: matrix.user_id: is missing",
		}},
		{"not TOML", "[matrix\n", []string{"c.toml:1:"}},
		{"wrong type", account + "[bot]\nprefix = 3\n", []string{"c.toml:5:10: bot.prefix: got integer: want a string"}},
		{"misspelt key", "[matrix]\nhomeserver = 'example.org'\nuserid = '@a:b.nl'\n", []string{
			"c.toml:1:2: matrix.user_id: is missing",
			`c.toml:3:1: matrix.userid: unknown key; did you mean "user_id"?`,
		}},
		{"misspelt table", account + "[limit]\nper_user = '1/min'\n", []string{`c.toml:4:2: limit: unknown key; did you mean "limits"?`}},
		{"homeserver that is no URL", "[matrix]\nuser_id = '@a:b.nl'\nhomeserver = 'ftp://x'\n", []string{`c.toml:3:1: matrix.homeserver: "ftp://x" is not a base URL`}},
		{"user ID without server", "[matrix]\nhomeserver = 'example.org'\nuser_id = 'wolkwijs'\n", []string{`c.toml:3:1: matrix.user_id: "wolkwijs" is not a user ID; write it as "@name:example.org"`}},
		{"inviter", account + "allow_invites_from = ['example.org', 'not a server']\n", []string{`c.toml:4:38: matrix.allow_invites_from.1: "not a server" is not someone who can invite`}},
		{"two secrets", account + "password = 'x'\npassword_file = 'y'\n", []string{"c.toml:5:1: matrix.password_file: there is more than one way to log in"}},
		{"prefix", account + "[bot]\nprefix = 'a '\n", []string{`c.toml:5:1: bot.prefix: "a " cannot start a command`}},
		{"language", account + "[bot]\nlanguage = 'fr'\n", []string{`c.toml:5:1: bot.language: unknown language "fr"; use nl or en`}},
		{"time zone", account + "[bot]\ntimezone = 'Europe/Amsterdm'\n", []string{`c.toml:5:1: bot.timezone: "Europe/Amsterdm" is not a time zone`}},
		{"admin", account + "[bot]\nadmins = ['admin']\n", []string{`c.toml:5:11: bot.admins.0: "admin" is not a user ID`}},
		{"database", account + "[storage]\ndatabase = 'mysql://x'\n", []string{"c.toml:5:1: storage.database: is not a database; write \"sqlite:"}},
		{"empty key file", account + "[encryption]\npickle_key_file = ''\n", []string{"c.toml:5:1: encryption.pickle_key_file: is empty"}},
		{"resolver", account + "[dns]\nresolver = 'https://dns.example'\n", []string{`c.toml:5:1: dns.resolver: "https://dns.example" is not a resolver`}},
		{"resolver with half a bracket", account + "[dns]\nresolver = '[::1'\n", []string{`c.toml:5:1: dns.resolver: "[::1" is not a resolver`}},
		{"resolver at no port", account + "[dns]\nresolver = 'dns.example:0'\n", []string{`c.toml:5:1: dns.resolver: "dns.example:0" is not a resolver`}},
		{"resolver with a bad name", account + "[dns]\nresolver = 'tls://192.0.2.1#a b'\n", []string{`c.toml:5:1: dns.resolver: "tls://192.0.2.1#a b" is not a resolver`}},
		{"colon in a value", account + "[limits]\nper_room = '10: a minute'\n", []string{`c.toml:5:1: limits.per_room: "10: a minute" is not a rate; write for example "10/min"`}},
		{"network owner", account + "[dns]\nasn = 'ripe'\n", []string{`c.toml:5:1: dns.asn: "ripe" is unknown; use cymru, riswhois or off`}},
		{"duration", account + "[dns]\ntimeout = '5'\n", []string{`c.toml:5:1: dns.timeout: "5" is not a duration`}},
		{"duration of nothing", account + "[dns]\ntimeout = '0s'\n", []string{`c.toml:5:1: dns.timeout: "0s" is not more than nothing`}},
		{"moment", account + "[schedule]\ntip = 'mon 25:00'\n", []string{`c.toml:5:1: schedule.tip: "mon 25:00" is not a day and a time`}},
		{"rate", account + "[limits]\nper_room = '10 per minute'\n", []string{`c.toml:5:1: limits.per_room: "10 per minute" is not a rate`}},
		{"address to listen on", account + "[metrics]\nlisten = '9464'\n", []string{`c.toml:5:1: metrics.listen: "9464" is not an address`}},
		{"log level and format", account + "[log]\nlevel = 'loud'\nformat = 'xml'\n", []string{
			`c.toml:5:1: log.level: "loud" is unknown`,
			`c.toml:6:1: log.format: "xml" is unknown; use console or json`,
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, _, err := config.Parse("c.toml", []byte(tt.text))
			var faults tomlfile.Errors
			if !errors.As(err, &faults) {
				t.Fatalf("error = %v, want faults with a place", err)
			}
			if len(faults) != len(tt.want) {
				t.Fatalf("got %d faults, want %d:\n%v", len(faults), len(tt.want), err)
			}
			for i, f := range faults {
				if !strings.HasPrefix(f.Error(), tt.want[i]) {
					t.Errorf("fault %d\n got: %s\nwant: %s…", i, f, tt.want[i])
				}
			}
		})
	}
}

func TestDefaultsFillWhatIsLeftOut(t *testing.T) {
	cfg, warnings, err := config.Parse("c.toml", []byte(account))
	if err != nil {
		t.Fatal(err)
	}
	if len(warnings) != 0 {
		t.Errorf("warnings: %v", warnings)
	}
	if cfg.Bot.Prefix != "!" || cfg.Bot.Language != lang.NL || cfg.Bot.Timezone.String() != "Europe/Amsterdam" || cfg.DNS.Timeout.Duration != 5*time.Second || cfg.Limits.PerUser.String() != "10/min" || cfg.Schedule.Tip.String() != "mon 09:00" {
		t.Errorf("defaults: %+v", cfg)
	}
}

func TestWarnings(t *testing.T) {
	_, warnings, err := config.Parse("c.toml", []byte("[matrix]\nhomeserver = 'http://matrix.example.org'\nuser_id = '@a:b.nl'\npassword = 'x'\n"))
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"c.toml:2:1: matrix.homeserver: http:", "c.toml:4:1: matrix.password: "}
	for i, w := range want {
		if len(warnings) != len(want) || !strings.HasPrefix(warnings[i], w) {
			t.Fatalf("warnings = %q, want %q", warnings, want)
		}
	}
}

// A configuration that holds a password is no less secret than a file that
// holds nothing else.
func TestOpenConfigurationWithAPassword(t *testing.T) {
	for _, tt := range []struct {
		text string
		mode os.FileMode
		want string // in a warning; empty: none about the mode
	}{
		{"password = 'x'\n", 0o644, "matrix.password holds a password, and others can read the file (mode 0644): run chmod 600 "},
		{"password = 'x'\n", 0o600, ""},
		{"[storage]\ndatabase = 'postgres://bot:secret@db/bot'\n", 0o640, "storage.database holds a password, and others can read the file (mode 0640)"},
		{"[storage]\ndatabase = 'postgres://bot@db/bot'\n", 0o644, ""},
	} {
		file := filepath.Join(t.TempDir(), "config.toml")
		if err := os.WriteFile(file, []byte(account+tt.text+"[encryption]\nenabled = false\n"), tt.mode); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(file, tt.mode); err != nil {
			t.Fatal(err)
		}
		_, warnings, err := config.Load(file)
		if err != nil {
			t.Fatal(err)
		}
		told := strings.Join(warnings, "\n")
		if tt.want == "" && strings.Contains(told, "others can read") || !strings.Contains(told, tt.want) {
			t.Errorf("%q with mode %04o: %q", tt.text, tt.mode, warnings)
		}
	}
}

func TestAcceptedValues(t *testing.T) {
	for _, text := range []string{
		"homeserver = 'example.org'", "homeserver = 'http://127.0.0.1:8008'", "homeserver = 'http://synapse:8008'", "homeserver = 'http://[::1]:8008'",
	} {
		if _, w, err := config.Parse("c.toml", []byte("[matrix]\nuser_id='@a:b.nl'\n"+text)); err != nil || len(w) > 0 {
			t.Errorf("%s: %v %v", text, err, w)
		}
	}
	for _, text := range []string{
		"allow_invites_from = ['*', 'b.nl:8448', '@a:b.nl', '#club:b.nl', '!space:b.nl', '[::1]:8448']",
		"[dns]\nresolver = 'tls://dns.example:853#dns.example'", "[dns]\nresolver = '127.0.0.1:5353'", "[dns]\nresolver = '::1'", "[dns]\nresolver = '[::1]'", "[dns]\nresolver = 'tls://[2001:db8::1]#x.nl'",
		"[storage]\ndatabase = 'postgres://u:p@localhost/w?sslmode=disable'", "[schedule]\ntip = 'ma 08:30'", "[bot]\nlanguage = 'English'",
	} {
		if _, _, err := config.Parse("c.toml", []byte(account+text)); err != nil {
			t.Errorf("%s: %v", text, err)
		}
	}
}

func TestExampleIsFine(t *testing.T) {
	data, err := os.ReadFile("../config.toml.example")
	if err != nil {
		t.Fatal(err)
	}
	cfg, warnings, err := config.Parse("config.toml.example", data)
	if err != nil || len(warnings) > 0 {
		t.Fatalf("%v %v", err, warnings)
	}
	def := config.Default()
	if cfg.Limits != def.Limits || cfg.DNS != def.DNS || cfg.Encryption != def.Encryption || cfg.Storage != def.Storage || cfg.Log != def.Log || cfg.Schedule != def.Schedule || cfg.Metrics != def.Metrics {
		t.Errorf("the example says that it shows the defaults, but\n got: %+v\nwant: %+v", cfg, def)
	}
}

func TestSecretFiles(t *testing.T) {
	dir := t.TempDir()
	secret := func(name, text string, mode os.FileMode) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), mode); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(path, mode); err != nil {
			t.Fatal(err)
		}
		return path
	}
	for _, tt := range []struct{ name, path, want, err string }{
		{"good", secret("good", "s3cret\n", 0o600), "s3cret", ""},
		{"readable by others", secret("open", "s3cret", 0o644), "", "can be read by others (mode 0644): run chmod 600"},
		{"empty", secret("empty", "\n", 0o600), "", "is empty"},
		{"missing", filepath.Join(dir, "none"), "", "does not exist"},
		{"a folder", dir, "", "is not a file"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, err := config.ReadSecret(tt.path)
			if got != tt.want || (tt.err == "") != (err == nil) || err != nil && !strings.Contains(err.Error(), tt.err) {
				t.Errorf("got %q, %v; want %q, %q", got, err, tt.want, tt.err)
			}
		})
	}
	t.Run("handed over by the service manager", func(t *testing.T) {
		t.Setenv("CREDENTIALS_DIRECTORY", dir)
		if _, err := config.ReadSecret(filepath.Join(dir, "open")); err != nil {
			t.Error(err)
		}
	})
	t.Run("environment goes first", func(t *testing.T) {
		t.Setenv("WOLKWIJS_PASSWORD", "from outside")
		m := config.Matrix{PasswordFile: filepath.Join(dir, "good")}
		if s, err := m.Secret(); err != nil || s.Password != "from outside" {
			t.Errorf("secret = %+v, %v", s, err)
		}
	})
	t.Run("named with its place", func(t *testing.T) {
		file := secret("config.toml", account+"password_file = '"+filepath.Join(dir, "open")+"'\n", 0o600)
		_, _, err := config.Load(file)
		if err == nil || !strings.HasPrefix(err.Error(), file+":4:1: matrix.password_file: ") {
			t.Errorf("error = %v", err)
		}
	})
}

func FuzzParse(f *testing.F) {
	f.Add(account)
	f.Add("[limits]\nper_user = '/'\n[schedule]\ntip = ' '\n[matrix]\nuser_id='@'\nallow_invites_from=['#','@','!','']")
	f.Fuzz(func(t *testing.T, text string) {
		if cfg, _, err := config.Parse("c.toml", []byte(text)); err == nil && (cfg.Matrix.Homeserver == "" || cfg.Matrix.UserID == "") {
			t.Errorf("accepted without an account: %q", text)
		}
	})
}
