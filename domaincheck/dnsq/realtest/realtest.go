// Package realtest runs real DNS servers on loopback for tests: a small
// signed tree with a root of its own on NSD and Knot, and Unbound in front of
// it, validating, not validating, and over TLS. Some zones are secure, others
// unsigned or broken in each way that zones break. Nothing leaves the machine
// and nothing needs a privilege.
//
// For tests only.
package realtest

import (
	"crypto/x509"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"wolkwijs/domaincheck/dnsq/dnstest"
)

// World is the running servers. They stop when the test ends.
type World struct {
	Validating    string         // Unbound that validates, 127.0.0.1:port
	Terse         string         // the same, but it gives no reasons, as is the default
	NotValidating string         // Unbound that does not
	TLS           string         // the validating Unbound over TLS, tls://127.0.0.1:port#resolver.test
	RootCAs       *x509.CertPool // for TLS
	NSD           string         // NSD, which refuses to look up what it does not have
	AnchorFile    string         // the trust anchor of the tree
	Dir           string         // configuration and logs
}

// BogusName is a name in the tree whose signatures are wrong.
const BogusName = "broken.nl."

// programs are the servers and tools, with the Debian package of each.
var programs = map[string]string{
	"nsd": "nsd", "knotd": "knot", "unbound": "unbound",
	"dnssec-keygen": "bind9-utils", "dnssec-signzone": "bind9-utils",
	"unbound-checkconf": "unbound",
}

// Start runs the servers; see [Find] for where they are not installed.
func Start(t testing.TB) *World {
	t.Helper()
	for program := range programs {
		Find(t, program)
	}
	w := &World{Dir: t.TempDir()}
	var err error
	if w.AnchorFile, err = build(w.Dir); err != nil {
		t.Fatal(err)
	}
	if err := w.start(t); err != nil {
		t.Fatal(err)
	}
	return w
}

// Find returns where a program is. Without it the test is skipped, or fails if
// the environment says CI=true.
func Find(t testing.TB, program string) string {
	t.Helper()
	path := find(program)
	if path == "" {
		if os.Getenv("CI") == "true" {
			t.Fatalf("%s is not installed (Debian package %s)", program, programs[program])
		}
		t.Skipf("%s is not installed (Debian package %s)", program, programs[program])
	}
	return path
}

// find returns where a program is, or "". Servers are in /usr/sbin, which is not in
// everybody's PATH.
func find(program string) string {
	if path, err := exec.LookPath(program); err == nil {
		return path
	}
	for _, dir := range []string{"/usr/sbin", "/usr/local/sbin"} {
		if path := filepath.Join(dir, program); isFile(path) {
			return path
		}
	}
	return ""
}

func isFile(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode().IsRegular()
}

// start writes the configurations and runs the servers.
func (w *World) start(t testing.TB) error {
	addrs := map[authority]string{}
	for _, a := range []authority{nsd, knot, dead, refused} {
		addrs[a] = freeAddr(t)
	}
	addrs[lame] = addrs[knot] // which does not have the zone, nor one above it
	addrs[silent] = dnstest.New(t, "", dnstest.Drop(dnstest.Any, anyType)).Addr()
	addrs[slow] = dnstest.New(t, slowZones(), dnstest.NotValidating(), dnstest.Authoritative(),
		dnstest.Delay(dnstest.Any, anyType, 200*time.Millisecond)).Addr()
	w.NSD = addrs[nsd]
	w.Validating, w.Terse, w.NotValidating = freeAddr(t), freeAddr(t), freeAddr(t)
	tlsAddr := freeAddr(t)
	cert, roots, err := certificate(w.Dir)
	if err != nil {
		return err
	}
	w.TLS, w.RootCAs = "tls://"+tlsAddr+"#"+serverName, roots

	for _, s := range []struct {
		program, config, addr string
		args                  []string
	}{
		{"nsd", nsdConfig(w.Dir, addrs[nsd]), addrs[nsd], []string{"-d", "-c"}},
		{"knotd", knotConfig(w.Dir, addrs[knot]), addrs[knot], []string{"-c"}},
		{"unbound", unboundConfig(w.Dir, w.Validating, "validator iterator", "yes", addrs) + tlsConfig(tlsAddr, cert), w.Validating, []string{"-d", "-c"}},
		{"unbound", unboundConfig(w.Dir, w.Terse, "validator iterator", "no", addrs), w.Terse, []string{"-d", "-c"}},
		{"unbound", unboundConfig(w.Dir, w.NotValidating, "iterator", "yes", addrs), w.NotValidating, []string{"-d", "-c"}},
	} {
		if err := w.run(t, s.program, s.addr, s.config, s.args); err != nil {
			return err
		}
	}
	return nil
}

// run starts one server and waits until it answers over TCP.
func (w *World) run(t testing.TB, program, addr, config string, args []string) error {
	_, port, _ := net.SplitHostPort(addr)
	file := filepath.Join(w.Dir, program+"-"+port+".conf")
	if err := os.WriteFile(file, []byte(config), 0o600); err != nil {
		return err
	}
	log, err := os.Create(filepath.Join(w.Dir, program+"-"+port+".out"))
	if err != nil {
		return err
	}
	defer log.Close()
	cmd := exec.Command(find(program), append(args, file)...)
	cmd.Dir, cmd.Stdout, cmd.Stderr = w.Dir, log, log
	if err := cmd.Start(); err != nil {
		return err
	}
	ended := make(chan struct{})
	go func() { cmd.Wait(); close(ended) }()
	t.Cleanup(func() {
		cmd.Process.Signal(os.Interrupt)
		select {
		case <-ended:
		case <-time.After(2 * time.Second):
			cmd.Process.Kill()
			<-ended
		}
	})
	for {
		c, err := net.Dial("tcp", addr)
		if err == nil {
			return c.Close()
		}
		select {
		case <-ended:
			out, _ := os.ReadFile(log.Name())
			t.Fatalf("%s ended at once:\n%s", program, out)
		case <-time.After(5 * time.Millisecond):
		}
	}
}

// freeAddr returns a loopback address with a port free for UDP and TCP.
func freeAddr(t testing.TB) string {
	s, err := dnstest.Start("")
	if err != nil {
		t.Fatal(err)
	}
	s.Stop()
	return s.Addr()
}

func slowZones() string {
	var b strings.Builder
	for _, z := range tree {
		if z.authority == slow {
			b.WriteString(z.text(""))
		}
	}
	return b.String()
}
