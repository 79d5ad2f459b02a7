package e2e_test

import (
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/creack/pty"
	"golang.org/x/term"
	"maunium.net/go/mautrix/id"

	"wolkwijs/domaincheck/dnsq/dnstest"
	"wolkwijs/e2e/bot"
	"wolkwijs/e2e/homeserver"
	"wolkwijs/e2e/peer"
)

// setupRun is `wolkwijs setup` in an empty folder.
type setupRun struct {
	w       *world
	cmd     *exec.Cmd
	dir     string
	account homeserver.Account // that the bot is to have
	lines   *reader            // what it says
	in      io.Writer          // what is typed
	screen  *os.File           // nil without a terminal
}

// newSetup prepares it. The resolver is given by a flag: the one of this
// machine may or may not answer.
func newSetup(w *world, args ...string) *setupRun {
	w.t.Helper()
	program, err := bot.Program()
	w.must(err)
	dir := filepath.Join(w.t.TempDir(), "bot")
	args = append([]string{"setup", "--no-service", "-c", filepath.Join(dir, "config.toml")}, args...)
	args = append(args, "--resolver", dnstest.New(w.t, zone).Addr())
	s := &setupRun{w: w, cmd: exec.CommandContext(w.ctx, program, args...), dir: dir, account: w.register("wolkwijs")}
	s.cmd.Dir = w.t.TempDir()
	return s
}

// atTerminal starts it at a terminal.
func (s *setupRun) atTerminal() *setupRun {
	s.w.t.Helper()
	screen, err := pty.StartWithSize(s.cmd, &pty.Winsize{Rows: 50, Cols: 200})
	s.w.must(err)
	s.w.t.Cleanup(func() { screen.Close() })
	s.screen, s.in, s.lines = screen, screen, &reader{from: screen}
	return s
}

// expect waits until it says each text, in this order.
func (s *setupRun) expect(texts ...string) {
	s.w.t.Helper()
	for _, text := range texts {
		s.w.must(s.lines.until(text))
	}
}

// answer waits for a question and answers it.
func (s *setupRun) answer(question, line string) {
	s.w.t.Helper()
	s.expect(question)
	_, err := io.WriteString(s.in, line+"\r")
	s.w.must(err)
}

// checkWritten checks the files and who may read them.
func (s *setupRun) checkWritten(want map[string]os.FileMode) {
	s.w.t.Helper()
	for name, mode := range want {
		info, err := os.Stat(filepath.Join(s.dir, name))
		if err != nil {
			s.w.t.Error(err)
		} else if info.Mode().Perm() != mode {
			s.w.t.Errorf("%s has mode %o, want %o", name, info.Mode().Perm(), mode)
		}
	}
	config, err := os.ReadFile(filepath.Join(s.dir, "config.toml"))
	s.w.must(err)
	if strings.Contains(string(config), s.account.Password) {
		s.w.t.Error("the configuration holds the password")
	}
	if half, err := filepath.Glob(filepath.Join(s.dir, ".setup-*")); err != nil || len(half) > 0 {
		s.w.t.Errorf("half-written: %v %v", half, err)
	}
}

// From nothing to an answered !help, with a mistake at each question.
func TestSetupAtATerminal(t *testing.T) {
	w := newWorld(t)
	s := newSetup(w)
	anna := w.member(mautrixGo, "anna")
	local := "club" + strings.ReplaceAll(strings.TrimPrefix(string(anna.UserID().Localpart()), "anna"), ".", "-")
	club := w.room(anna, peer.Room{Name: "Computerclub", Alias: local, Encrypted: true})
	alias := "#" + local + ":" + homeserver.ServerName
	user, _, _ := strings.Cut(strings.TrimPrefix(s.account.UserID, "@"), ":")

	s.atTerminal()
	s.answer("Taal / Language (nl, en) [nl]: ", "klingon")
	s.answer("Kies nl of en.", "nl")
	s.answer("Homeserver van de bot", "not a name")
	s.answer("geen servernaam en geen adres", "http://127.0.0.1:1")
	s.answer("http://127.0.0.1:1 antwoordt niet", bed.homeserver.URL)
	s.expect("✓ Er antwoordt een Matrix-homeserver op " + bed.homeserver.URL)
	s.answer("Account van de bot", user)
	s.answer("Wachtwoord van dat account: ", "wrong")
	s.expect("kent " + user + " niet met dit wachtwoord")
	s.answer("Account van de bot", s.account.UserID)
	s.answer("Wachtwoord van dat account: ", s.account.Password)
	s.expect("✓ Inloggen als " + s.account.UserID + " lukt.")
	s.answer("Clubkamer", "#nowhere:"+homeserver.ServerName)
	s.expect("kent #nowhere:" + homeserver.ServerName + " niet")
	s.answer("Clubkamer", "https://matrix.to/#/"+alias)
	s.expect("✓ De bot is nu lid van " + alias)
	s.answer("Je eigen account", s.account.UserID)
	s.expect("Dat is het account van de bot")
	s.answer("Je eigen account", string(anna.UserID()))
	s.expect("✓ De DNS-server antwoordt", "✓ Geschreven: "+filepath.Join(s.dir, "config.toml"), "✓ Geschreven: ", "✓ Geschreven: ")
	s.answer("De bot nu starten? (J/n): ", "")
	s.expect("Typ !help in "+alias, "Ready")
	s.checkWritten(map[string]os.FileMode{"config.toml": 0o640, "password": 0o600, "wolkwijs.service": 0o644, "data": 0o700})
	if strings.Contains(string(s.lines.said), s.account.Password) {
		t.Error("the password was shown")
	}

	question := w.ask(anna, club, "!help")
	reply, err := peer.AwaitReply(w.ctx, anna, question)
	w.must(err)
	if reply.Failure != "" || !strings.Contains(reply.Body(), "!alt") {
		t.Errorf("!help is answered with %q %s", reply.Body(), reply.Failure)
	}
	_, err = io.WriteString(s.in, "\x03")
	w.must(err)
	if err := s.cmd.Wait(); err != nil {
		t.Errorf("the bot ended with %v", err)
	}
}

// Somebody who stops half-way leaves nothing behind, and has a terminal that
// shows what is typed.
func TestSetupStoppedHalfway(t *testing.T) {
	w := newWorld(t)
	s := newSetup(w, "--lang", "en").atTerminal()
	s.answer("homeserver", bed.homeserver.URL)
	s.answer("account", s.account.UserID)
	s.expect("Password of that account: ")
	before, err := term.GetState(int(s.screen.Fd()))
	w.must(err)
	_, err = io.WriteString(s.in, "\x03")
	w.must(err)
	s.expect("stopped; nothing was written")
	var exit *exec.ExitError
	if err := s.cmd.Wait(); !errors.As(err, &exit) || exit.ExitCode() != 1 {
		t.Errorf("it ended with %v", err)
	}
	if _, err := os.Stat(s.dir); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("it left %s: %v", s.dir, err)
	}
	after, err := term.GetState(int(s.screen.Fd()))
	w.must(err)
	if *before == *after {
		t.Error("the terminal still hides what is typed")
	}
}

// Answers may come from a pipe, one on each line.
func TestSetupFromAPipe(t *testing.T) {
	w := newWorld(t)
	s := newSetup(w)
	s.cmd.Stdin = strings.NewReader(strings.Join([]string{"en", bed.homeserver.URL, s.account.UserID, s.account.Password, "", "", "n"}, "\n") + "\n")
	out, err := s.cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	s.checkWritten(map[string]os.FileMode{"config.toml": 0o640, "password": 0o600, "wolkwijs.service": 0o644})
	s.runs()

	again := newSetup(w, "--yes", "--lang", "en", "--homeserver", bed.homeserver.URL, "--user", s.account.UserID)
	again.cmd.Args[4], again.cmd.Env = s.cmd.Args[4], append(os.Environ(), "WOLKWIJS_PASSWORD="+s.account.Password)
	if out, err := again.cmd.CombinedOutput(); err == nil || !strings.Contains(string(out), "--overwrite") {
		t.Errorf("a second time: %v\n%s", err, out)
	}

	short := newSetup(w, "--lang", "en")
	short.cmd.Stdin = strings.NewReader(bed.homeserver.URL + "\n")
	var exit *exec.ExitError
	if out, err := short.cmd.CombinedOutput(); !errors.As(err, &exit) || exit.ExitCode() != 2 || !strings.Contains(string(out), "give --user") {
		t.Errorf("answers that end: %v\n%s", err, out)
	}
	if _, err := os.Stat(short.dir); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("it left %s: %v", short.dir, err)
	}
}

// Flags alone will do; the password is in a file. An account that was used
// with encryption before needs its recovery key.
func TestSetupByFlags(t *testing.T) {
	w := newWorld(t)
	b := w.bot(nil)
	s := newSetup(w)
	password := filepath.Join(t.TempDir(), "secret")
	w.must(os.WriteFile(password, []byte(s.account.Password+"\n"), 0o600))
	s.cmd.Args = append(s.cmd.Args, "--yes", "--lang", "en", "--homeserver", bed.homeserver.URL, "--user", s.account.UserID, "--password-file", password, "--admin", string(b.id))
	if out, err := s.cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	s.checkWritten(map[string]os.FileMode{"config.toml": 0o640, "wolkwijs.service": 0o644})
	if _, err := os.Stat(filepath.Join(s.dir, "password")); !errors.Is(err, os.ErrNotExist) {
		t.Error("it made a password file beside the one that was given")
	}
	s.runs()

	used := newSetup(w)
	used.cmd.Args = append(used.cmd.Args, "--yes", "--lang", "en", "--homeserver", bed.homeserver.URL, "--user", s.account.UserID, "--password-file", password)
	out, err := used.cmd.CombinedOutput()
	if err == nil || !strings.Contains(string(out), "Put its recovery key in "+filepath.Join(used.dir, "data", "recovery.key")) {
		t.Errorf("an account with keys: %v\n%s", err, out)
	}

	key, err := os.ReadFile(filepath.Join(s.dir, "data", "recovery.key"))
	w.must(err)
	move := newSetup(w, "--lang", "en", "--homeserver", bed.homeserver.URL, "--user", s.account.UserID, "--password-file", password, "--no-start")
	move.cmd.Stdin = strings.NewReader("EsTc wrong\n" + string(key) + "\n\n")
	if out, err := move.cmd.CombinedOutput(); err != nil || !strings.Contains(string(out), "does not fit") || !strings.Contains(string(out), "The key fits.") {
		t.Errorf("with the recovery key: %v\n%s", err, out)
	}
	move.checkWritten(map[string]os.FileMode{"data/recovery.key": 0o600})
}

// runs checks that a bot starts with what was written, and answers.
func (s *setupRun) runs() {
	s.w.t.Helper()
	started, err := bot.StartWith(s.w.ctx, filepath.Join(s.dir, "config.toml"), nil)
	s.w.must(err)
	anna := s.w.member(mautrixGo, "anna")
	room := s.w.room(anna, peer.Room{Encrypted: true, Direct: true, Invite: []id.UserID{id.UserID(s.account.UserID)}})
	s.w.must(peer.AwaitJoin(s.w.ctx, anna, room, id.UserID(s.account.UserID)))
	reply, err := peer.AwaitReply(s.w.ctx, anna, s.w.ask(anna, room, "!help"))
	s.w.must(err)
	if reply.Failure != "" {
		s.w.t.Errorf("the answer cannot be read: %s", reply.Failure)
	}
	s.w.must(started.Stop())
}
