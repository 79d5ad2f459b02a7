package config

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/rs/zerolog"
	"maunium.net/go/mautrix/id"

	"wolkwijs/domaincheck/dnsq"
	"wolkwijs/lang"
	"wolkwijs/tomlfile"
)

// checker gathers what is wrong with the values of a configuration.
type checker struct {
	file     string
	places   map[string]tomlfile.Place
	faults   tomlfile.Errors
	warnings []string
}

// fault reports that the value of key is wrong, and what to do.
func (c *checker) fault(key, msg, hint string) {
	at := tomlfile.Find(c.places, key)
	c.faults = append(c.faults, &tomlfile.Error{File: c.file, Line: at.Line, Column: at.Column, Key: key, Msg: msg, Hint: hint})
}

// value reports err, if there is one.
func (c *checker) value(key string, err error) {
	var m *mistake
	switch {
	case errors.As(err, &m):
		c.fault(key, m.msg, m.hint)
	case err != nil:
		c.fault(key, err.Error(), "")
	}
}

// mistake is what is wrong with a value, and what to do. The two are kept
// apart because either may quote the value, in which anything may stand.
type mistake struct{ msg, hint string }

func (m *mistake) Error() string { return m.msg + ": " + m.hint }

// mistakef returns a mistake with the remedy hint.
func mistakef(hint, format string, args ...any) error {
	return &mistake{fmt.Sprintf(format, args...), hint}
}

// warn reports something that works but should not stay.
func (c *checker) warn(key, msg string) {
	at := tomlfile.Find(c.places, key)
	c.warnings = append(c.warnings, fmt.Sprintf("%s:%d:%d: %s: %s", c.file, at.Line, at.Column, key, msg))
}

// check looks at every value of cfg.
func (c *checker) check(cfg *Config) {
	c.matrix(&cfg.Matrix)
	c.bot(&cfg.Bot)
	c.value("storage.database", checkDatabase(cfg.Storage.Database))
	if e := cfg.Encryption; e.Enabled {
		if e.PickleKeyFile == "" {
			c.fault("encryption.pickle_key_file", "is empty", "name a file; it is made at the first start")
		}
		if e.RecoveryKeyFile == "" {
			c.fault("encryption.recovery_key_file", "is empty", "name a file; it is made at the first start")
		}
	}
	c.value("dns.resolver", checkResolver(cfg.DNS.Resolver))
	if !slices.Contains([]string{"cymru", "riswhois", "off"}, cfg.DNS.ASN) {
		c.fault("dns.asn", fmt.Sprintf("%q is unknown", cfg.DNS.ASN), "use cymru, riswhois or off")
	}
	c.value("dns.timeout", cfg.DNS.Timeout.fault)
	c.value("schedule.tip", cfg.Schedule.Tip.fault)
	c.value("limits.per_user", cfg.Limits.PerUser.fault)
	c.value("limits.per_room", cfg.Limits.PerRoom.fault)
	c.value("limits.global", cfg.Limits.Global.fault)
	if at := cfg.Metrics.Listen; at != "" {
		c.value("metrics.listen", checkHostPort(at))
	}
	if _, err := zerolog.ParseLevel(cfg.Log.Level); err != nil || cfg.Log.Level == "" {
		c.fault("log.level", fmt.Sprintf("%q is unknown", cfg.Log.Level), "use trace, debug, info, warn or error")
	}
	if cfg.Log.Format != "console" && cfg.Log.Format != "json" {
		c.fault("log.format", fmt.Sprintf("%q is unknown", cfg.Log.Format), "use console or json")
	}
}

func (c *checker) matrix(m *Matrix) {
	switch plain, err := checkHomeserver(m.Homeserver); {
	case err != nil:
		c.value("matrix.homeserver", err)
	case plain:
		c.warn("matrix.homeserver", "http: the password and every message not end-to-end encrypted can be read on the way; use https")
	}
	if m.UserID == "" {
		c.fault("matrix.user_id", "is missing", `write the bot's account, such as "@wolkwijs:example.org"`)
	} else if err := checkUserID(m.UserID); err != nil {
		c.value("matrix.user_id", err)
	}
	ways := 0
	for _, secret := range []string{m.Password, m.PasswordFile, m.AccessTokenFile} {
		if secret != "" {
			ways++
		}
	}
	if ways > 1 {
		c.fault("matrix.password_file", "there is more than one way to log in", "keep one of password_file, access_token_file and password")
	}
	if m.Password != "" {
		c.warn("matrix.password", "a password in a configuration is easily copied along; put it in a file of its own and name that with password_file")
	}
	if m.DeviceName == "" {
		c.fault("matrix.device_name", "is empty", `write for example "Wolkwijs"`)
	}
	for i, from := range m.AllowInvitesFrom {
		c.value(fmt.Sprintf("matrix.allow_invites_from.%d", i), checkInviter(from))
	}
}

func (c *checker) bot(b *Bot) {
	if b.Prefix == "" || len(b.Prefix) > 10 || strings.ContainsFunc(b.Prefix, func(r rune) bool { return unicode.IsSpace(r) || unicode.IsLetter(r) || unicode.IsDigit(r) }) {
		c.fault("bot.prefix", fmt.Sprintf("%q cannot start a command", b.Prefix), `use a sign such as "!"; no letters, digits or spaces`)
	}
	if l, err := lang.Parse(string(b.Language)); err != nil {
		c.fault("bot.language", fmt.Sprintf("unknown language %q", b.Language), "use nl or en")
	} else {
		b.Language = l
	}
	for i, admin := range b.Admins {
		c.value(fmt.Sprintf("bot.admins.%d", i), checkUserID(admin))
	}
	c.value("bot.timezone", b.Timezone.fault)
}

// checkUserID says what is wrong with a user ID (Matrix specification,
// appendix "User Identifiers").
func checkUserID(user id.UserID) error {
	localpart, server, err := user.ParseAndValidateRelaxed()
	if err != nil || localpart == "" || !isServerName(server) {
		return mistakef(`write it as "@name:example.org"`, "%q is not a user ID", user)
	}
	return nil
}

// checkInviter says what is wrong with an entry of allow_invites_from.
func checkInviter(from string) error {
	switch {
	case from == "*", isServerName(from):
		return nil
	case strings.HasPrefix(from, "@"):
		return checkUserID(id.UserID(from))
	case strings.HasPrefix(from, "#"):
		if name, server, ok := strings.Cut(from[1:], ":"); ok && name != "" && isServerName(server) {
			return nil
		}
	case strings.HasPrefix(from, "!") && len(from) > 1:
		return nil
	}
	return mistakef(`write a server name, a user ID, a room alias, a room ID or "*"`, "%q is not someone who can invite", from)
}

// checkHomeserver says what is wrong with a base URL or server name, and
// whether it goes over the network without TLS.
func checkHomeserver(s string) (plain bool, err error) {
	if s == "" {
		return false, mistakef(`write the base URL, such as "https://matrix.example.org", or a server name`, "is missing")
	}
	if !strings.Contains(s, "://") {
		if !isServerName(s) {
			return false, mistakef(`write for example "example.org" or "https://matrix.example.org"`, "%q is not a server name", s)
		}
		return false, nil
	}
	u, err := url.Parse(s)
	if err != nil || (u.Scheme != "https" && u.Scheme != "http") || u.Hostname() == "" || u.RawQuery != "" || u.Fragment != "" || u.User != nil {
		return false, mistakef(`write for example "https://matrix.example.org"`, "%q is not a base URL", s)
	}
	if u.Scheme == "https" || u.Hostname() == "localhost" || !strings.Contains(u.Hostname(), ".") && !strings.Contains(u.Hostname(), ":") {
		return false, nil // a name without dots is a neighbour, such as another container
	}
	ip, err := netip.ParseAddr(u.Hostname())
	return err != nil || !(ip.IsLoopback() || ip.IsPrivate()), nil
}

// checkDatabase says what is wrong with where to store.
func checkDatabase(s string) error {
	path, isSQLite := strings.CutPrefix(s, "sqlite:")
	switch {
	case isSQLite && path != "" && !strings.HasPrefix(path, "//") && !strings.ContainsAny(path, "?#"):
		return nil
	case strings.HasPrefix(s, "postgres://"), strings.HasPrefix(s, "postgresql://"):
		if u, err := url.Parse(s); err == nil && (u.Host != "" || u.Query().Has("host")) {
			return nil
		}
	}
	return mistakef(`write "sqlite:/path/to/file.db" or "postgres://user:password@host/name"`, "is not a database")
}

// checkResolver says what is wrong with the address of a resolver.
func checkResolver(s string) error {
	if dnsq.CheckResolver(s) != nil {
		return mistakef(`write "system", "host:port" or "tls://host:port#name"`, "%q is not a resolver", s)
	}
	return nil
}

// checkHostPort says what is wrong with an address to listen on or connect to.
func checkHostPort(s string) error {
	host, port, err := net.SplitHostPort(s)
	if err == nil {
		_, err = strconv.ParseUint(port, 10, 16)
	}
	if err == nil && host != "" && !isHost(host) {
		_, err = netip.ParseAddr(host)
	}
	if err != nil {
		return mistakef(`write for example "127.0.0.1:9464"`, "%q is not an address", s)
	}
	return nil
}

// isServerName says whether s is a server name: a host name or address
// literal, with or without a port (Matrix specification, appendix "Server
// Name").
func isServerName(s string) bool {
	if isHost(s) {
		return true
	}
	host, port, err := net.SplitHostPort(s)
	if err != nil {
		_, err = netip.ParseAddr(strings.Trim(s, "[]"))
		return err == nil
	}
	if _, err := strconv.ParseUint(port, 10, 16); err != nil {
		return false
	}
	_, err = netip.ParseAddr(host)
	return err == nil || isHost(host)
}

// isHost says whether s is written as a host name or an IPv4 address.
func isHost(s string) bool {
	if s == "" || len(s) > 253 {
		return false
	}
	for label := range strings.SplitSeq(strings.TrimSuffix(s, "."), ".") {
		if label == "" || len(label) > 63 || label[0] == '-' || label[len(label)-1] == '-' {
			return false
		}
		for _, r := range label {
			if !(r == '-' || r == '_' || '0' <= r && r <= '9' || 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z') {
				return false
			}
		}
	}
	return true
}
