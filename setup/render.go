package setup

import (
	"cmp"
	"fmt"
	"path/filepath"
	"strconv"
	"strings"
)

// config is the example configuration with the answers filled in, so that
// whoever opens it later finds every key explained.
func (w *work) config() (string, error) {
	f := &w.o.Files
	v := &w.values
	password, err := w.givenPassword()
	if err != nil {
		return "", err
	}
	password = cmp.Or(password, f.Password())
	admins := []string{}
	if v.admin != "" {
		admins = append(admins, string(v.admin))
	}
	set := map[string]any{
		"matrix.homeserver":            v.homeserver,
		"matrix.user_id":               string(v.user),
		"matrix.allow_invites_from":    w.inviters(),
		"bot.language":                 string(w.lang),
		"bot.admins":                   admins,
		"storage.database":             "sqlite:" + filepath.Join(f.Data, "wolkwijs.db"),
		"encryption.pickle_key_file":   filepath.Join(f.Data, "pickle.key"),
		"encryption.recovery_key_file": f.recovery(),
		"dns.resolver":                 v.resolver,
	}
	leave := ""
	if w.visit == nil {
		leave = "matrix.password_file" // the session is made in a browser
	} else {
		set["matrix.password_file"] = password
	}
	return fill(f.Example, set, leave)
}

// givenPassword is the absolute path of the password file that the
// configuration names, where that is not one made here.
func (w *work) givenPassword() (string, error) {
	if w.visit == nil || w.ownPassword() {
		return "", nil
	}
	return filepath.Abs(w.o.PasswordFile)
}

// inviters are who may invite the bot: members of the club room, once the bot
// is in it and can see them; until then, and without one, everybody of the
// account's homeserver.
func (w *work) inviters() []string {
	_, server, _ := strings.Cut(string(w.values.user), ":")
	switch {
	case w.values.room == "":
		return []string{server}
	case w.joined:
		return []string{w.values.room}
	}
	return []string{server, w.values.room}
}

// fill replaces the values of keys, "section.key", in a configuration that
// has each of them on a line of its own, and keeps what is said about them.
// The key leave is left out.
func fill(example string, set map[string]any, leave string) (string, error) {
	var b strings.Builder
	section, used := "", 0
	for line := range strings.Lines(example) {
		trimmed := strings.TrimSpace(line)
		if name, ok := strings.CutPrefix(trimmed, "["); ok && strings.HasSuffix(name, "]") {
			section = strings.TrimSuffix(name, "]")
		}
		key, rest, isValue := strings.Cut(trimmed, " = ")
		name := section + "." + key
		value, given := set[name]
		switch {
		case isValue && name == leave:
			fmt.Fprintf(&b, "# %s", line)
		case isValue && given:
			text := toml(value)
			_, about, explained := strings.Cut(rest, " # ")
			fmt.Fprintf(&b, "%s = %s", key, text)
			if explained {
				fmt.Fprintf(&b, "   # %s", strings.TrimSpace(about))
			}
			b.WriteString("\n")
			used++
		case section == "" && strings.HasPrefix(line, "#"):
			// How to use the example: that is done.
		default:
			b.WriteString(line)
		}
	}
	if used != len(set) {
		return "", fmt.Errorf("the example configuration has %d of the %d keys to fill in", used, len(set))
	}
	return "# Wolkwijs: configuration, made by `wolkwijs setup`. See whether it is right\n# with `wolkwijs config check`.\n" + b.String(), nil
}

// toml writes a string, or an array of strings.
func toml(value any) string {
	list, isList := value.([]string)
	if !isList {
		return quote(value.(string))
	}
	quoted := make([]string, len(list))
	for i, s := range list {
		quoted[i] = quote(s)
	}
	return "[" + strings.Join(quoted, ", ") + "]"
}

// quote writes s as a TOML string. Of the escapes of [strconv.Quote] TOML
// knows all but \x, \a and \v, which only unreadable texts need; such a text
// makes a configuration that is refused.
func quote(s string) string { return strconv.Quote(s) }

// The places that the unit knows by itself.
const (
	usualProgram = "/usr/local/bin/wolkwijs"
	usualConfig  = "/etc/wolkwijs/config.toml"
	usualData    = "/var/lib/wolkwijs"
)

// unit is the unit for systemd with the places of these files, and of a
// password file if it is not beside the configuration. Where they are in
// somebody's home the unit lets the bot see those and nothing else of it.
func (f *Files) unit(password string) string {
	var own []string
	seen := []string{f.Program, filepath.Dir(f.Config)}
	if password != "" && filepath.Dir(password) != filepath.Dir(f.Config) {
		seen = append(seen, password)
	}
	home := inHome(f.Config) || inHome(f.Data)
	for i, path := range seen {
		home = home || inHome(path)
		seen[i] = unitQuote(path)
	}
	for line := range strings.Lines(f.Template) {
		line = strings.TrimSuffix(line, "\n")
		switch {
		case strings.HasPrefix(line, "ExecStart="):
			line = fmt.Sprintf("ExecStart=%s run -c %s", unitQuote(f.Program), unitQuote(f.Config))
		case strings.HasPrefix(line, "User="):
			line = "User=" + f.runsAs()
		case strings.HasPrefix(line, "Group="):
			if f.Owner == "" {
				continue // the account's own
			}
			line = "Group=" + f.Owner
		case strings.HasPrefix(line, "StateDirectory=") && f.Data != usualData:
			line = "ReadWritePaths=" + unitQuote(f.Data)
		case strings.HasPrefix(line, "StateDirectoryMode=") && f.Data != usualData:
			continue
		case line == "ProtectHome=true" && home:
			line = "ProtectHome=tmpfs\nBindReadOnlyPaths=" + strings.Join(seen, " ") + "\nBindPaths=" + unitQuote(f.Data)
		}
		own = append(own, line)
	}
	return strings.Join(own, "\n") + "\n"
}

// inHome says whether a path is where ProtectHome= hides it.
func inHome(path string) bool {
	for _, home := range []string{"/home/", "/root/", "/run/user/"} {
		if strings.HasPrefix(path, home) {
			return true
		}
	}
	return false
}

// unitQuote writes a path for a unit: "%" begins a specifier there, and
// spaces part words (systemd.syntax(7)).
func unitQuote(path string) string {
	path = strings.NewReplacer("%", "%%", `\`, `\\`, `"`, `\"`).Replace(path)
	if strings.ContainsAny(path, " \t'\"\\") {
		return `"` + path + `"`
	}
	return path
}
