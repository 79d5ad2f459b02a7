// Package config reads config.toml: every key the program knows, its default,
// and what may stand there. Everything wrong is reported in one go, each fault
// with file, line, column and key, so that a person mends the file once.
//
// Most callers need [Load]. [Parse] does the same for a text that is not a
// file of this machine, without looking at the files it names.
//
// May import: domaincheck/dnsq, tomlfile, github.com/rs/zerolog,
// maunium.net/go/mautrix/id.
package config

import (
	"errors"
	"fmt"
	"os"
	"time"

	"maunium.net/go/mautrix/id"

	"wolkwijs/lang"
	"wolkwijs/tomlfile"
)

// Config is a whole configuration. Every field holds a usable value.
type Config struct {
	Matrix     Matrix     `toml:"matrix"`
	Bot        Bot        `toml:"bot"`
	Storage    Storage    `toml:"storage"`
	Encryption Encryption `toml:"encryption"`
	DNS        DNS        `toml:"dns"`
	Knowledge  Knowledge  `toml:"knowledge"`
	Schedule   Schedule   `toml:"schedule"`
	Limits     Limits     `toml:"limits"`
	Metrics    Metrics    `toml:"metrics"`
	Log        Log        `toml:"log"`
}

// Matrix is the account the bot uses and who may invite it.
type Matrix struct {
	Homeserver       string    `toml:"homeserver"` // base URL, or a server name to discover it from
	UserID           id.UserID `toml:"user_id"`
	Password         string    `toml:"password"`
	PasswordFile     string    `toml:"password_file"`
	AccessTokenFile  string    `toml:"access_token_file"`
	DeviceName       string    `toml:"device_name"`
	AllowInvitesFrom []string  `toml:"allow_invites_from"` // server names, user IDs, room aliases, room IDs, or "*"
}

// Bot is how the bot behaves in rooms.
type Bot struct {
	Prefix   string      `toml:"prefix"`
	Language lang.Code   `toml:"language"`
	Admins   []id.UserID `toml:"admins"`
	Timezone Zone        `toml:"timezone"`
}

// Storage is where what must survive a restart is kept.
type Storage struct {
	Database string `toml:"database"` // sqlite:PATH or postgres://…
}

// Encryption is about end-to-end encryption.
type Encryption struct {
	Enabled         bool   `toml:"enabled"`
	PickleKeyFile   string `toml:"pickle_key_file"`
	RecoveryKeyFile string `toml:"recovery_key_file"`
}

// DNS is how names are looked up.
type DNS struct {
	Resolver        string   `toml:"resolver"` // system, host[:port] or tls://host[:port]#name
	ASN             string   `toml:"asn"`      // cymru, riswhois or off
	TrustAnchorFile string   `toml:"trust_anchor_file"`
	Timeout         Duration `toml:"timeout"` // of one question
	MTASTSPolicy    bool     `toml:"mta_sts_policy"`
}

// Knowledge is where an operator's own TOML files are.
type Knowledge struct {
	Dir string `toml:"dir"` // empty for none
}

// Schedule is when rooms get what they subscribed to.
type Schedule struct {
	Tip Weekly `toml:"tip"`
}

// Limits is how much the bot answers.
type Limits struct {
	PerUser Rate `toml:"per_user"`
	PerRoom Rate `toml:"per_room"`
	Global  Rate `toml:"global"`
}

// Metrics is where the bot tells how it is.
type Metrics struct {
	Listen string `toml:"listen"` // host:port; empty for nowhere
}

// Log is what the bot writes to standard error.
type Log struct {
	Level  string `toml:"level"`  // as in zerolog: trace, debug, info, warn or error
	Format string `toml:"format"` // console or json
}

// Default returns the configuration with nothing filled in: it lacks only
// what no one can guess, [Matrix].Homeserver and [Matrix].UserID.
func Default() *Config {
	amsterdam, err := time.LoadLocation("Europe/Amsterdam")
	if err != nil {
		amsterdam = time.UTC // a machine without time zones; the build brings its own (tag timetzdata)
	}
	return &Config{
		Matrix:  Matrix{DeviceName: "Wolkwijs"},
		Bot:     Bot{Prefix: "!", Language: lang.Default, Timezone: Zone{Location: amsterdam}},
		Storage: Storage{Database: "sqlite:/var/lib/wolkwijs/wolkwijs.db"},
		Encryption: Encryption{
			Enabled:         true,
			PickleKeyFile:   "/var/lib/wolkwijs/pickle.key",
			RecoveryKeyFile: "/var/lib/wolkwijs/recovery.key",
		},
		DNS:      DNS{Resolver: "system", ASN: "cymru", Timeout: Duration{Duration: 5 * time.Second}, MTASTSPolicy: true},
		Schedule: Schedule{Tip: Weekly{Day: time.Monday, Hour: 9}},
		Limits: Limits{
			PerUser: Rate{Count: 10, Per: time.Minute},
			PerRoom: Rate{Count: 30, Per: time.Minute},
			Global:  Rate{Count: 600, Per: time.Minute},
		},
		Log: Log{Level: "info", Format: "console"},
	}
}

// Load reads and checks a configuration file and the secret files it names.
// The warnings are sentences for the operator about what works but should
// not stay. The error is of type [tomlfile.Errors] where the file says
// something wrong.
func Load(file string) (cfg *Config, warnings []string, err error) {
	data, err := os.ReadFile(file)
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil, fmt.Errorf("%s does not exist: make it with `wolkwijs setup`, copy config.toml.example, or name another file with -c", file)
	}
	if err != nil {
		return nil, nil, fmt.Errorf("reading the configuration: %w", err)
	}
	cfg, warnings, err = parse(file, data, true)
	if err != nil {
		return cfg, warnings, err
	}
	if key := cfg.secretInside(); key != "" {
		if info, err := os.Stat(file); err == nil && info.Mode().Perm()&0o077 != 0 && !handed(file) {
			warnings = append(warnings, fmt.Sprintf("%s: %s holds a password, and others can read the file (mode %04o): run chmod 600 %s", file, key, info.Mode().Perm(), file))
		}
	}
	return cfg, warnings, nil
}

// Parse reads and checks the text of a configuration; file is only used in
// faults. Files that the configuration names are not looked at.
func Parse(file string, data []byte) (cfg *Config, warnings []string, err error) {
	return parse(file, data, false)
}

func parse(file string, data []byte, withFiles bool) (*Config, []string, error) {
	cfg := Default()
	err := tomlfile.Decode(file, data, cfg)
	var faults tomlfile.Errors
	if err != nil && (!errors.As(err, &faults) || !onlyUnknownKeys(faults)) {
		return nil, nil, err // the rest was not read, so nothing can be said about it
	}
	c := &checker{file: file, places: tomlfile.Positions(data), faults: faults}
	c.check(cfg)
	if withFiles {
		c.secretFiles(cfg)
	}
	if len(c.faults) > 0 {
		c.faults.Sort()
		return nil, c.warnings, c.faults
	}
	return cfg, c.warnings, nil
}

// onlyUnknownKeys says whether the file was read to its end in spite of its
// faults.
func onlyUnknownKeys(faults tomlfile.Errors) bool {
	for _, f := range faults {
		if f.Msg != "unknown key" {
			return false
		}
	}
	return true
}
