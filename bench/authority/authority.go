package authority

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"codeberg.org/miekg/dns"

	"wolkwijs/bench/world"
)

// The addresses of the name servers: the root, the top-level domains, and
// those of the companies, one address for each kind.
const (
	rootServer = "127.0.1.1"
	topServer  = "127.0.1.2"
	restServer = "127.0.1.3"
)

// World is the running servers.
type World struct {
	Dir     string
	Delay   time.Duration // of each answer of a name server
	running []*exec.Cmd
	unbound *exec.Cmd
}

// ErrMissing says which program is not installed.
var ErrMissing = errors.New("nsd or unbound (Debian packages of the same names)")

// Start writes the zones of the first n domains and starts the name servers.
func Start(ctx context.Context, dir string, n int, delay time.Duration) (*World, error) {
	w := &World{Dir: dir, Delay: delay}
	if find("nsd") == "" || find("unbound") == "" {
		return nil, ErrMissing
	}
	for _, args := range [][]string{{"link", "set", "lo", "up"}, {"route", "add", "local", "198.0.0.0/8", "dev", "lo"}} {
		if out, err := exec.Command("ip", args...).CombinedOutput(); err != nil {
			return nil, fmt.Errorf("ip %s: %w: %s", strings.Join(args, " "), err, out)
		}
	}
	zones, err := w.write(n)
	if err != nil {
		return nil, err
	}
	rest := []string{restServer}
	for _, addr := range world.NameServers() {
		rest = append(rest, addr)
	}
	for server, addrs := range map[string][]string{rootServer: {rootServer}, topServer: {topServer}, restServer: rest} {
		if err := w.startNSD(server, addrs, zones[server]); err != nil {
			w.Stop()
			return nil, err
		}
		if delay == 0 {
			continue
		}
		for _, addr := range addrs {
			go relay(ctx, addr, delay)
		}
	}
	return w, nil
}

// Stop ends all servers.
func (w *World) Stop() {
	w.StopUnbound()
	for _, cmd := range w.running {
		end(cmd)
	}
}

func end(cmd *exec.Cmd) {
	cmd.Process.Signal(syscall.SIGTERM)
	timer := time.AfterFunc(3*time.Second, func() { cmd.Process.Kill() })
	defer timer.Stop()
	cmd.Wait()
}

// file is a zone as it is served.
type file struct{ zone, path string }

// write writes all zones, the root's hints and the trust anchor, and returns
// the files by server.
func (w *World) write(n int) (map[string][]file, error) {
	k, err := newKey()
	if err != nil {
		return nil, err
	}
	var root, nl *zone
	tops := map[string]*zone{}
	order := []*zone{}
	var failed error
	add := func(z *zone, lines ...string) { failed = errors.Join(failed, z.parse(lines)) }
	for _, t := range world.Tops() {
		z := &zone{name: t.Name, signed: true}
		add(z, t.Records...)
		tops[t.Name] = z
		order = append(order, z)
	}
	root, nl = tops["."], tops["nl."]
	delete(tops, ".")
	add(root, ". 3600 IN NS a.root.", "a.root. 3600 IN A "+rootServer, "ns.tops.nl. 3600 IN A "+topServer)
	add(nl, "ns.tops.nl. 3600 IN A "+topServer)
	for _, z := range tops {
		add(z, z.name+" 3600 IN NS ns.tops.nl.")
		add(root, z.name+" 3600 IN NS ns.tops.nl.")
		root.rrs = append(root.rrs, k.of(z.name).ToDS(dns.SHA256))
	}
	for name, addr := range world.NameServers() { // glue
		add(tops[top(name+".")], name+". 3600 IN A "+addr)
	}
	files := map[string][]file{}
	save := func(z *zone, server string) {
		path, err := z.write(w.Dir, k)
		failed = errors.Join(failed, err)
		files[server] = append(files[server], file{z.name, path})
	}
	all := world.Shared(n)
	for i := range n {
		all = append(all, world.Make(i))
	}
	for _, one := range all {
		z := &zone{name: one.Name, signed: one.Signed}
		add(z, one.Records...)
		above := tops[top(one.Name)]
		if above == nil {
			return nil, fmt.Errorf("%s is below no top-level domain of the world", one.Name)
		}
		for _, rr := range z.rrs {
			if ns, ok := rr.(*dns.NS); ok {
				above.rrs = append(above.rrs, ns)
			}
		}
		if one.Signed {
			above.rrs = append(above.rrs, k.of(one.Name).ToDS(dns.SHA256))
		}
		save(z, restServer)
	}
	for _, z := range order {
		if z == root {
			save(z, rootServer)
		} else {
			save(z, topServer)
		}
	}
	hints := ". 3600 IN NS a.root.\na.root. 3600 IN A " + rootServer + "\n"
	return files, errors.Join(failed,
		os.WriteFile(filepath.Join(w.Dir, "hints"), []byte(hints), 0o600),
		os.WriteFile(filepath.Join(w.Dir, "anchor"), []byte(k.of(".").String()+"\n"), 0o600))
}

// top returns the top-level domain of a name with the final dot.
func top(name string) string {
	labels := strings.Split(strings.TrimSuffix(name, "."), ".")
	return labels[len(labels)-1] + "."
}

// startNSD starts a name server for zones.
func (w *World) startNSD(server string, addrs []string, zones []file) error {
	port := 53
	if w.Delay > 0 {
		port = 5353 // and the relay in front of it
	}
	dir := filepath.Join(w.Dir, server)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	var b strings.Builder
	fmt.Fprintf(&b, `server:
  username: ""
  chroot: ""
  zonesdir: %[1]q
  pidfile: "%[1]s/pid"
  database: ""
  xfrdfile: "%[1]s/xfrd"
  zonelistfile: "%[1]s/list"
  server-count: 1
  rrl-ratelimit: 0
  minimal-responses: yes
`, dir)
	for _, addr := range addrs {
		fmt.Fprintf(&b, "  ip-address: %s@%d\n", addr, port)
	}
	b.WriteString("remote-control:\n  control-enable: no\n")
	for _, z := range zones {
		fmt.Fprintf(&b, "zone:\n  name: %q\n  zonefile: %q\n", z.zone, z.path)
	}
	config := filepath.Join(dir, "nsd.conf")
	if err := os.WriteFile(config, []byte(b.String()), 0o600); err != nil {
		return err
	}
	cmd := exec.Command(find("nsd"), "-d", "-c", config)
	if err := w.start(cmd, fmt.Sprintf("%s:%d", server, port)); err != nil {
		return err
	}
	w.running = append(w.running, cmd)
	return nil
}

// start starts a server and waits until it answers over TCP.
func (w *World) start(cmd *exec.Cmd, addr string) error {
	log, err := os.Create(filepath.Join(w.Dir, filepath.Base(cmd.Path)+".out"))
	if err != nil {
		return err
	}
	defer log.Close()
	cmd.Stdout, cmd.Stderr = log, log
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := cmd.Start(); err != nil {
		return err
	}
	for range 1200 {
		c, err := net.Dial("tcp", addr)
		if err == nil {
			return c.Close()
		}
		time.Sleep(25 * time.Millisecond)
	}
	text, _ := os.ReadFile(log.Name())
	return fmt.Errorf("%s does not answer: %s", cmd.Path, text)
}

// Unbound starts Unbound anew, with an empty cache, on 127.0.0.1:53, with the
// configuration that the product ships but for what this world needs.
func (w *World) Unbound(shipped string, threads int, cpu string) error {
	w.StopUnbound()
	text, err := os.ReadFile(shipped)
	if err != nil {
		return err
	}
	var b strings.Builder
	for line := range strings.Lines(string(text)) {
		if strings.Contains(line, "[own]") || strings.Contains(line, "num-threads:") || strings.Contains(line, "so-rcvbuf:") {
			continue
		}
		b.WriteString(line)
	}
	fmt.Fprintf(&b, "\n    num-threads: %d\n    username: \"\"\n    chroot: \"\"\n    directory: %q\n    pidfile: \"%s/unbound.pid\"\n    use-syslog: no\n    do-ip6: no\n    do-not-query-localhost: no\n    root-hints: \"%s/hints\"\n    trust-anchor-file: \"%s/anchor\"\nremote-control:\n    control-enable: no\n",
		threads, w.Dir, w.Dir, w.Dir, w.Dir)
	config := filepath.Join(w.Dir, "unbound.conf")
	if err := os.WriteFile(config, []byte(b.String()), 0o600); err != nil {
		return err
	}
	cmd := exec.Command(find("unbound"), "-d", "-c", config)
	if taskset, err := exec.LookPath("taskset"); err == nil && cpu != "" {
		cmd = exec.Command(taskset, "-c", cpu, find("unbound"), "-d", "-c", config)
	}
	if err := w.start(cmd, "127.0.0.1:53"); err != nil {
		return err
	}
	w.unbound = cmd
	return nil
}

// StopUnbound ends Unbound, if it runs.
func (w *World) StopUnbound() {
	if w.unbound != nil {
		end(w.unbound)
		w.unbound = nil
	}
}

// UnboundPID returns the process ID of Unbound.
func (w *World) UnboundPID() int { return w.unbound.Process.Pid }

// find returns where a server is, or "": not everybody has /usr/sbin in PATH.
func find(program string) string {
	if path, err := exec.LookPath(program); err == nil {
		return path
	}
	if path := filepath.Join("/usr/sbin", program); exec.Command(path, "-v").Run() == nil || exists(path) {
		return path
	}
	return ""
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}
