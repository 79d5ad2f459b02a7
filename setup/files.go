package setup

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"

	"wolkwijs/config"
)

// Files are the places of what is written, and what it is made from.
type Files struct {
	Config  string // config.toml; the password is beside it
	Data    string // folder of the database and the keys
	Unit    string // unit for systemd; empty for none
	Program string // absolute path of the program, for the unit
	Owner   string // account that the bot runs under; empty for the caller's

	Example  string // config.toml.example
	Template string // deploy/wolkwijs.service
}

// Password is the file for the password of the bot's account.
func (f *Files) Password() string { return filepath.Join(filepath.Dir(f.Config), "password") }

// recovery is the file of the recovery key, where the configuration puts it.
func (f *Files) recovery() string { return filepath.Join(f.Data, "recovery.key") }

// existing are the files that would be replaced.
func (f *Files) existing(password bool) []string {
	paths := []string{f.Config}
	if password {
		paths = append(paths, f.Password())
	}
	if f.Unit != "" {
		paths = append(paths, f.Unit)
	}
	var there []string
	for _, path := range paths {
		if exists(path) {
			there = append(there, path)
		}
	}
	return there
}

func exists(path string) bool {
	_, err := os.Lstat(path)
	return !errors.Is(err, fs.ErrNotExist)
}

// Modes of what is written: secrets are for the bot alone.
const (
	modeSecret = 0o600
	modeConfig = 0o640
	modeUnit   = 0o644
)

// file is a file to write.
type file struct {
	path, text string
	mode       fs.FileMode
	owner      bool // it goes to the bot's account; otherwise only its group does
}

// write writes all files, or none.
func (w *work) write(ctx context.Context) error {
	f := &w.o.Files
	text, err := w.config()
	if err != nil {
		return err
	}
	if _, _, err := config.Parse(f.Config, []byte(text)); err != nil {
		return fmt.Errorf("the answers do not make a configuration: %w", err)
	}
	account, err := f.account(ctx)
	if err != nil {
		return err
	}
	files := []file{{f.Config, text, modeConfig, false}}
	if w.values.password != "" {
		files = append(files, file{f.Password(), w.values.password + "\n", modeSecret, true})
	}
	if w.values.recovery != "" {
		files = append(files, file{f.recovery(), w.values.recovery + "\n", modeSecret, true})
	}
	if f.Unit != "" {
		password, err := w.givenPassword()
		if err != nil {
			return err
		}
		files = append(files, file{f.Unit, f.unit(password), modeUnit, false})
	}
	s := &stage{account: account}
	defer s.clear()
	if err := s.folder(f.Data, 0o700, true); err != nil {
		return err
	}
	for _, file := range files {
		if err := s.add(file); err != nil {
			return err
		}
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	if err := s.commit(); err != nil {
		return err
	}
	w.written = true
	for _, file := range files {
		w.good(textWritten, file.path)
	}
	return nil
}

// runsAs is the account that the unit names.
func (f *Files) runsAs() string {
	if f.Owner != "" {
		return f.Owner
	}
	if caller, err := user.Current(); err == nil {
		return caller.Username
	}
	return "wolkwijs"
}

// account finds the account that the bot runs under, and makes it where there
// is none. It returns nil for the caller's own.
func (f *Files) account(ctx context.Context) (*user.User, error) {
	if f.Owner == "" {
		return nil, nil
	}
	account, err := user.Lookup(f.Owner)
	if !errors.As(err, new(user.UnknownUserError)) {
		return account, err
	}
	out, err := exec.CommandContext(ctx, "useradd", "--system", "--user-group", "--no-create-home", "--home-dir", f.Data, "--shell", "/usr/sbin/nologin", f.Owner).CombinedOutput()
	if err != nil {
		return nil, fmt.Errorf("make the account %s: useradd: %w: %s", f.Owner, err, out)
	}
	return user.Lookup(f.Owner)
}

// stage holds files that are written but not yet in their place, and folders
// that were made for them.
type stage struct {
	account *user.User
	ready   map[string]string // place → where it is now
	order   []string
	made    []string
	done    bool
}

// folder makes a folder, and those above it, where there is none.
func (s *stage) folder(path string, mode fs.FileMode, owner bool) error {
	if exists(path) {
		return nil
	}
	if err := s.folder(filepath.Dir(path), 0o755, false); err != nil {
		return err
	}
	if err := os.Mkdir(path, mode); err != nil {
		return err
	}
	s.made = append(s.made, path)
	if owner {
		return s.give(path, true)
	}
	return nil
}

// give gives a file to the bot's account: to its user, or only to its group.
func (s *stage) give(path string, owner bool) error {
	if s.account == nil {
		return nil
	}
	uid, err := strconv.Atoi(s.account.Uid)
	if err != nil {
		return err
	}
	gid, err := strconv.Atoi(s.account.Gid)
	if err != nil {
		return err
	}
	if !owner {
		uid = 0
	}
	return os.Lchown(path, uid, gid)
}

// add writes a file beside its place.
func (s *stage) add(f file) error {
	if err := s.folder(filepath.Dir(f.path), 0o755, false); err != nil {
		return err
	}
	half, err := os.CreateTemp(filepath.Dir(f.path), ".setup-*") // mode 0600
	if err != nil {
		return err
	}
	if s.ready == nil {
		s.ready = map[string]string{}
	}
	s.ready[f.path] = half.Name()
	s.order = append(s.order, f.path)
	_, err = half.WriteString(f.text)
	if err == nil {
		err = half.Sync()
	}
	if closing := half.Close(); err == nil {
		err = closing
	}
	if err == nil {
		err = os.Chmod(half.Name(), f.mode)
	}
	if err == nil && f.mode != modeUnit {
		err = s.give(half.Name(), f.owner)
	}
	return err
}

// commit puts everything in its place. What was there is kept under another
// name.
func (s *stage) commit() error {
	for _, path := range s.order {
		if err := os.Rename(path, oldName(path)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		if err := os.Rename(s.ready[path], path); err != nil {
			return err
		}
		delete(s.ready, path)
	}
	s.done = true
	return nil
}

// oldName is where a file is kept that is replaced: ".old" after its name, or
// with a number where earlier ones are kept.
func oldName(path string) string {
	name := path + ".old"
	for n := 2; exists(name); n++ {
		name = fmt.Sprintf("%s.old.%d", path, n)
	}
	return name
}

// clear removes what is not in its place, and unless all is, the folders that
// were made for it.
func (s *stage) clear() {
	for _, half := range s.ready {
		os.Remove(half)
	}
	if s.done {
		return
	}
	for i := len(s.made) - 1; i >= 0; i-- {
		os.Remove(s.made[i])
	}
}
