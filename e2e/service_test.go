package e2e_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"maunium.net/go/mautrix/id"

	"wolkwijs/domaincheck/dnsq/dnstest"
	"wolkwijs/e2e/bot"
	"wolkwijs/e2e/peer"
)

// systemctl stands in for that of systemd, which runs on no machine of
// continuous integration: it notes what it is told, and starts what the unit
// names, as the account that it names, without rights.
const systemctl = `#!/bin/sh -e
echo "$@" >>"$TOLD/calls"
[ "$1" = restart ] || exit 0
unit=/etc/systemd/system/$2.service
user=$(sed -n s/^User=//p "$unit") group=$(sed -n s/^Group=//p "$unit")
cd /
setsid setpriv --reuid="$user" --regid="$group" --clear-groups --no-new-privs --inh-caps=-all \
	$(sed -n s/^ExecStart=//p "$unit") >"$TOLD/log" 2>&1 </dev/null &
echo $! >"$TOLD/pid"
`

// machine is what the test changes of the machine, seen by itself alone.
const machine = `
cp -a /etc "$TOLD/etc"
mount --bind "$TOLD/etc" /etc
mkdir -p /etc/systemd/system
mount -t tmpfs -o mode=755 none /var/lib
mount -t tmpfs -o mode=755 none /usr/local/bin
cp "$PROGRAM" /usr/local/bin/wolkwijs
cp "$TOLD/systemctl" /usr/local/bin/systemctl
PATH=/usr/local/bin:$PATH
exec wolkwijs setup --service "$@"
`

// As root, setup makes the bot's account and its files, each for those who
// may read it, and starts a service that answers.
func TestSetupAsAService(t *testing.T) {
	if os.Getuid() != 0 {
		cannot(t, "only root can set up a service")
	}
	for _, program := range []string{"unshare", "setpriv", "useradd"} {
		if _, err := exec.LookPath(program); err != nil {
			cannot(t, program+" is not on this machine")
		}
	}
	w := newWorld(t)
	program, err := bot.Program()
	w.must(err)
	told := t.TempDir()
	w.must(os.Chmod(told, 0o755))
	w.must(os.WriteFile(filepath.Join(told, "systemctl"), []byte(systemctl), 0o755))
	account := w.register("wolkwijs")
	w.must(os.WriteFile(filepath.Join(told, "password"), []byte(account.Password), 0o600))
	cmd := exec.CommandContext(w.ctx, "unshare", "--mount", "sh", "-ec", machine, "setup",
		"--yes", "--lang", "nl", "--homeserver", bed.homeserver.URL, "--user", account.UserID,
		"--password-file", filepath.Join(told, "password"), "--resolver", dnstest.New(t, zone).Addr())
	cmd.Env = append(os.Environ(), "TOLD="+told, "PROGRAM="+program)
	out, err := cmd.CombinedOutput()
	t.Cleanup(func() { stopService(t, told) })
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	if !strings.Contains(string(out), "De bot draait") {
		t.Errorf("it said\n%s", out)
	}
	if calls, err := os.ReadFile(filepath.Join(told, "calls")); err != nil || string(calls) != "daemon-reload\nenable wolkwijs\nrestart wolkwijs\n" {
		t.Errorf("systemctl was told %q %v", calls, err)
	}
	for name, mode := range map[string]os.FileMode{"config.toml": 0o640, "password": 0o600} {
		info, err := os.Stat(filepath.Join(told, "etc", "wolkwijs", name))
		w.must(err)
		stat := info.Sys().(*syscall.Stat_t)
		if info.Mode().Perm() != mode || stat.Gid == 0 || (stat.Uid == 0) != (name == "config.toml") {
			t.Errorf("%s: mode %o, owner %d:%d", name, info.Mode().Perm(), stat.Uid, stat.Gid)
		}
	}

	anna := w.member(mautrixGo, "anna")
	wolkwijs := id.UserID(account.UserID)
	room := w.room(anna, peer.Room{Encrypted: true, Direct: true, Invite: []id.UserID{wolkwijs}})
	w.must(peer.AwaitJoin(w.ctx, anna, room, wolkwijs))
	reply, err := peer.AwaitReply(w.ctx, anna, w.ask(anna, room, "!help"))
	w.must(err)
	if reply.Failure != "" {
		t.Errorf("the answer cannot be read: %s", reply.Failure)
	}
}

// stopService ends the bot that systemctl has started.
func stopService(t *testing.T, told string) {
	text, err := os.ReadFile(filepath.Join(told, "pid"))
	if err == nil {
		var pid int
		if pid, err = strconv.Atoi(strings.TrimSpace(string(text))); err == nil {
			err = syscall.Kill(pid, syscall.SIGTERM)
		}
	}
	if err != nil {
		t.Errorf("stop the service: %v", err)
	}
	if t.Failed() {
		log, _ := os.ReadFile(filepath.Join(told, "log"))
		t.Logf("the service said:\n%s", log)
	}
}
