package e2e_test

import (
	"debug/elf"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"maunium.net/go/mautrix/id"

	"wolkwijs/domaincheck/dnsq/dnstest"
	"wolkwijs/e2e/bot"
	"wolkwijs/e2e/peer"
	"wolkwijs/e2e/proc"
	"wolkwijs/e2e/tree"
)

// image is an image as .ci/image unpacks it.
type image struct {
	root   string // its files
	Config struct {
		User        string
		Entrypoint  []string
		Cmd         []string
		Volumes     map[string]any
		Healthcheck struct{ Test []string }
	} `json:"config"`
	Architecture string `json:"architecture"`
}

// buildImages builds the image for each architecture, where that can be done.
func buildImages(t *testing.T, architectures ...string) map[string]*image {
	t.Helper()
	for _, program := range []string{"buildah", "busybox", "setpriv", "unshare"} {
		if _, err := exec.LookPath(program); err != nil {
			cannot(t, fmt.Sprintf("%s is not on this machine (Debian: apt install buildah busybox-static)", program))
		}
	}
	if os.Getuid() != 0 {
		cannot(t, "only root can build an image without user namespaces")
	}
	top, err := tree.Root()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	cmd := exec.CommandContext(bed.ctx, filepath.Join(top, ".ci", "image"), append([]string{dir}, architectures...)...)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("build the image: %v\n%s", err, out)
	}
	images := map[string]*image{}
	for _, arch := range architectures {
		text, err := os.ReadFile(filepath.Join(dir, arch, "config.json"))
		if err != nil {
			t.Fatal(err)
		}
		m := &image{root: filepath.Join(dir, arch, "rootfs")}
		if err := json.Unmarshal(text, &struct{ Docker *image }{m}); err != nil {
			t.Fatal(err)
		}
		images[arch] = m
	}
	return images
}

// cannot ends a test that this machine lacks something for: on a person's it
// is skipped.
func cannot(t *testing.T, why string) {
	t.Helper()
	if os.Getenv("CI") != "" {
		t.Fatal(why)
	}
	t.Skip(why)
}

// files lists what is in the image: files and empty folders.
func (m *image) files(t *testing.T) []string {
	t.Helper()
	var all []string
	err := filepath.WalkDir(m.root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			if inside, err := os.ReadDir(path); err != nil || len(inside) > 0 {
				return err
			}
		}
		all = append(all, strings.TrimPrefix(path, m.root))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// run starts a program of the image as its user, with a root that cannot be
// written, without a way to gain rights, and with folders of this machine
// (place in the image → folder). It is what a container runtime does, less
// what needs a kernel that lets us.
func (m *image) run(w *world, log *lockedBuffer, folders map[string]string, args ...string) *proc.Process {
	w.t.Helper()
	script := "mount --bind " + m.root + " " + m.root + "\n"
	for place, folder := range folders {
		w.must(os.MkdirAll(m.root+place, 0o755)) // before the root is closed
		script += "mount --bind " + folder + " " + m.root + place + "\n"
	}
	uid, gid, _ := strings.Cut(m.Config.User, ":")
	script += "mount -o remount,bind,ro " + m.root + "\n" +
		"exec setpriv --clear-groups --no-new-privs unshare --root=" + m.root + " --wd=/ --setgid=" + gid + " --setuid=" + uid + ` "$@"`
	p, err := proc.Start(proc.Command{
		Path: "unshare",
		Args: append([]string{"--mount", "sh", "-ec", script, "image"}, args...),
		Dir:  "/",
		Out:  log,
		Err:  log,
	})
	w.must(err)
	return p
}

func TestImage(t *testing.T) {
	t.Parallel()
	images := buildImages(t, "amd64", "arm64")
	w := laterWorld(t)
	want := []string{"/etc/ssl/certs/ca-certificates.crt", "/usr/local/bin/wolkwijs", "/var/lib/wolkwijs"}
	machines := map[string]elf.Machine{"amd64": elf.EM_X86_64, "arm64": elf.EM_AARCH64}
	for arch, m := range images {
		if got := m.files(t); !slices.Equal(got, want) {
			t.Errorf("%s: the image holds %q, want %q", arch, got, want)
		}
		program, err := elf.Open(m.root + "/usr/local/bin/wolkwijs")
		w.must(err)
		if program.Machine != machines[arch] || m.Architecture != arch {
			t.Errorf("%s: the program is for %v, the image for %s", arch, program.Machine, m.Architecture)
		}
		program.Close()
		var data syscall.Stat_t
		w.must(syscall.Stat(m.root+"/var/lib/wolkwijs", &data))
		if owner := fmt.Sprintf("%d:%d", data.Uid, data.Gid); owner != m.Config.User || data.Uid == 0 {
			t.Errorf("%s: it runs as %s, its data belongs to %s", arch, m.Config.User, owner)
		}
		if _, ok := m.Config.Volumes["/var/lib/wolkwijs"]; !ok || len(m.Config.Healthcheck.Test) < 2 {
			t.Errorf("%s: volumes %v, health check %q", arch, m.Config.Volumes, m.Config.Healthcheck.Test)
		}
	}
	if t.Failed() {
		return
	}
	runsOnArm(t, images["arm64"].root+"/usr/local/bin/wolkwijs")
	answersInContainer(w, images[runtime.GOARCH])
}

// runsOnArm runs the program of a Raspberry Pi, elsewhere under an emulator.
func runsOnArm(t *testing.T, program string) {
	emulator, err := exec.LookPath("qemu-aarch64-static")
	if runtime.GOARCH == "arm64" {
		emulator, err = "/usr/bin/env", nil
	}
	if err != nil {
		cannot(t, "qemu-aarch64-static is not on this machine (Debian: apt install qemu-user-static)")
	}
	for _, tt := range []struct {
		args []string
		want string
	}{
		{[]string{"version"}, "wolkwijs "},
		{[]string{"ask", "--lang", "nl", "Wat is een passkey?"}, "passkey"},
		{[]string{"knowledge", "lint"}, ""},
	} {
		out, err := exec.CommandContext(bed.ctx, emulator, append([]string{program}, tt.args...)...).CombinedOutput()
		if err != nil || !strings.Contains(string(out), tt.want) {
			t.Errorf("arm64: %q: %v\n%s", tt.args, err, out)
		}
	}
}

// answersInContainer runs the image as its Dockerfile says, and asks the bot
// in it a question, and its health check how it is.
func answersInContainer(w *world, m *image) {
	dir := w.t.TempDir()
	folders := map[string]string{"/var/lib/wolkwijs": dir + "/data", "/etc/wolkwijs": dir + "/etc", "/run/secrets": dir + "/etc"}
	for _, name := range []string{"data", "etc"} {
		w.must(os.Mkdir(filepath.Join(dir, name), 0o755))
	}
	account := w.register("wolkwijs")
	_, err := bot.Configure(bot.Options{
		Homeserver: bed.homeserver.URL,
		Account:    account,
		Dir:        filepath.Join(dir, "etc"),
		Settings: map[string]string{
			"matrix.password_file":         "'/run/secrets/password'",
			"storage.database":             "'sqlite:/var/lib/wolkwijs/wolkwijs.db'",
			"encryption.pickle_key_file":   "'/var/lib/wolkwijs/pickle.key'",
			"encryption.recovery_key_file": "'/var/lib/wolkwijs/recovery.key'",
			"dns.resolver":                 "'" + dnstest.New(w.t, zone).Addr() + "'",
			"metrics.listen":               "'" + freeAddress(w.t) + "'",
		},
	})
	w.must(err)
	// What a runtime mounts is for the image's user to read.
	w.must(filepath.WalkDir(dir, func(path string, _ fs.DirEntry, err error) error {
		var uid, gid int
		_, scan := fmt.Sscanf(m.Config.User, "%d:%d", &uid, &gid)
		return errors.Join(err, scan, os.Lchown(path, uid, gid))
	}))
	log := &lockedBuffer{}
	container := m.run(w, log, folders, append(slices.Clone(m.Config.Entrypoint), m.Config.Cmd...)...)
	w.t.Cleanup(func() {
		if err := errors.Join(container.Stop(15*time.Second), container.Err()); err != nil {
			w.t.Errorf("the container ended with %v", err)
		}
		if w.t.Failed() {
			w.t.Logf("the container said:\n%s", log)
		}
	})
	go func() { // fail at once, not after minutes
		select {
		case <-container.Done():
			w.cancel(fmt.Errorf("the container ended: %w\n%s", container.Err(), log))
		case <-w.ctx.Done():
		}
	}()

	anna := w.member(mautrixGo, "anna")
	wolkwijs := id.UserID(account.UserID)
	room := w.room(anna, peer.Room{Encrypted: true, Direct: true, Invite: []id.UserID{wolkwijs}})
	w.must(peer.AwaitJoin(w.ctx, anna, room, wolkwijs))
	reply, err := peer.AwaitReply(w.ctx, anna, w.ask(anna, room, "!check example.nl"))
	w.must(err)
	if reply.Failure != "" || !strings.Contains(reply.Body(), "example.nl") {
		w.t.Errorf("the answer is %q %s", reply.Body(), reply.Failure)
	}
	said := &lockedBuffer{}
	check := m.run(w, said, folders, m.Config.Healthcheck.Test[1:]...)
	w.wait(check.Done(), "the health check")
	if check.Err() != nil || strings.TrimSpace(said.String()) != "ok" {
		w.t.Errorf("the health check: %v %q", check.Err(), said)
	}
}
