package config

import (
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
)

// passwordVariable is where the password may come from instead of a file.
const passwordVariable = "WOLKWIJS_PASSWORD"

// maxSecret is how long a secret file may be, in bytes. Longer is a mistake.
const maxSecret = 64 << 10

// Secret is how the bot proves who it is. At most one field is filled; none
// means that it can only go on with a session it already has.
type Secret struct {
	Password    string
	AccessToken string
}

// Secret reads the password or access token that the configuration names. The
// environment variable WOLKWIJS_PASSWORD goes before a password in the file.
func (m *Matrix) Secret() (Secret, error) {
	if m.AccessTokenFile != "" {
		token, err := ReadSecret(m.AccessTokenFile)
		return Secret{AccessToken: token}, err
	}
	if p := os.Getenv(passwordVariable); p != "" {
		return Secret{Password: p}, nil
	}
	if m.PasswordFile != "" {
		password, err := ReadSecret(m.PasswordFile)
		return Secret{Password: password}, err
	}
	return Secret{Password: m.Password}, nil
}

// ReadSecret returns the text of a secret file without the line end. It
// refuses a file that is empty, or that others on the machine can read.
func ReadSecret(file string) (string, error) {
	info, err := os.Stat(file)
	switch {
	case errors.Is(err, os.ErrNotExist):
		return "", mistakef("make it, readable for the bot only (chmod 600)", "%s does not exist", file)
	case err != nil:
		return "", fmt.Errorf("%s cannot be read: %w", file, err)
	case !info.Mode().IsRegular():
		return "", mistakef("name a file with the secret and nothing else", "%s is not a file", file)
	case info.Mode().Perm()&0o077 != 0 && !handed(file):
		return "", mistakef("run chmod 600 "+file, "%s can be read by others (mode %04o)", file, info.Mode().Perm())
	case info.Size() > maxSecret:
		return "", mistakef("is it the right file?", "%s is too long for a secret", file)
	}
	data, err := os.ReadFile(file)
	if err != nil {
		return "", fmt.Errorf("%s cannot be read: %w", file, err)
	}
	secret := strings.TrimRight(string(data), "\r\n")
	if secret == "" {
		return "", mistakef("put the secret in it", "%s is empty", file)
	}
	return secret, nil
}

// handed says whether file lies where a service manager or container runtime
// puts secrets. They set the mode themselves, often readable for all, and keep
// others away from the folder.
func handed(file string) bool {
	dirs := []string{"/run/secrets", "/run/credentials"}
	if d := os.Getenv("CREDENTIALS_DIRECTORY"); d != "" {
		dirs = append(dirs, d)
	}
	path, err := filepath.Abs(file)
	if err != nil {
		return false
	}
	for _, d := range dirs {
		if strings.HasPrefix(path, filepath.Clean(d)+string(filepath.Separator)) {
			return true
		}
	}
	return false
}

// secretInside returns the key whose value holds a password, or nothing.
func (c *Config) secretInside() string {
	if c.Matrix.Password != "" {
		return "matrix.password"
	}
	if address, err := url.Parse(c.Storage.Database); err == nil && address.User != nil {
		if _, has := address.User.Password(); has {
			return "storage.database"
		}
	}
	return ""
}

// secretFiles checks the secret files that cfg names.
func (c *checker) secretFiles(cfg *Config) {
	m := &cfg.Matrix
	switch {
	case m.AccessTokenFile != "":
		_, err := ReadSecret(m.AccessTokenFile)
		c.value("matrix.access_token_file", err)
	case os.Getenv(passwordVariable) != "":
	case m.PasswordFile != "":
		_, err := ReadSecret(m.PasswordFile)
		c.value("matrix.password_file", err)
	case m.Password == "":
		c.warn("matrix", "there is no password or access token: the bot can only go on where it has logged in before")
	}
	if !cfg.Encryption.Enabled {
		return
	}
	for key, file := range map[string]string{
		"encryption.pickle_key_file":   cfg.Encryption.PickleKeyFile,
		"encryption.recovery_key_file": cfg.Encryption.RecoveryKeyFile,
	} {
		if _, err := os.Stat(file); errors.Is(err, os.ErrNotExist) {
			continue // made at the first start
		}
		_, err := ReadSecret(file)
		c.value(key, err)
	}
}
