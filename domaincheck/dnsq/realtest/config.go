package realtest

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"math/big"
	"os"
	"path/filepath"
	"strings"
	"time"

	"codeberg.org/miekg/dns"
)

const (
	anyType    = dns.TypeANY
	serverName = "resolver.test"
)

// at writes an address as the servers' configurations do: ip@port.
func at(addr string) string { return strings.Replace(addr, ":", "@", 1) }

func port(addr string) string { return addr[strings.LastIndexByte(addr, ':')+1:] }

func nsdConfig(dir, addr string) string {
	var b strings.Builder
	fmt.Fprintf(&b, `server:
  ip-address: %[2]s
  username: ""
  chroot: ""
  zonesdir: %[1]q
  pidfile: "%[1]s/nsd.pid"
  database: ""
  xfrdfile: "%[1]s/nsd.xfrd"
  zonelistfile: "%[1]s/nsd.list"
  server-count: 1
  rrl-ratelimit: 0
remote-control:
  control-enable: no
`, dir, at(addr))
	for _, z := range tree {
		if z.authority == nsd {
			fmt.Fprintf(&b, "zone:\n  name: %q\n  zonefile: %q\n", z.name, z.file(dir))
		}
	}
	return b.String()
}

func knotConfig(dir, addr string) string {
	var b strings.Builder
	fmt.Fprintf(&b, `server:
  listen: [ %[2]s ]
  rundir: %[1]s
  pidfile: %[1]s/knot.pid
  udp-workers: 1
  tcp-workers: 1
  background-workers: 1
database:
  storage: %[1]s/knotdb
template:
- id: default
  zonefile-sync: -1
  journal-content: none
  semantic-checks: off
zone:
`, dir, at(addr))
	for _, z := range tree {
		if z.authority == knot {
			fmt.Fprintf(&b, "- domain: %s\n  file: %s\n", z.name, z.file(dir))
		}
	}
	return b.String()
}

// unboundConfig has a stub zone per zone: a delegation learned from an answer
// would send Unbound to port 53, for glue has no port.
func unboundConfig(dir, addr, modules, ede string, addrs map[authority]string) string {
	var b strings.Builder
	fmt.Fprintf(&b, `server:
  verbosity: 1
  interface: %[2]s
  access-control: 127.0.0.0/8 allow
  username: ""
  chroot: ""
  directory: %[1]q
  pidfile: "%[1]s/unbound-%[3]s.pid"
  logfile: "%[1]s/unbound-%[3]s.log"
  use-syslog: no
  num-threads: 1
  do-ip6: no
  do-not-query-localhost: no
  module-config: %[4]q
  trust-anchor-file: "%[1]s/root.key"
  ede: %[5]s
  val-log-level: 2
  qname-minimisation: no
  minimal-responses: yes
  max-udp-size: 4096
`, dir, at(addr), port(addr), modules, ede)
	for _, z := range tree {
		if z.authority == refused {
			fmt.Fprintf(&b, "  local-zone: %q refuse\n", z.name)
		}
	}
	b.WriteString("remote-control:\n  control-enable: no\n")
	for _, z := range tree {
		fmt.Fprintf(&b, "stub-zone:\n  name: %q\n  stub-addr: %s\n", z.name, at(addrs[z.authority]))
	}
	return b.String()
}

// tlsConfig makes Unbound speak DNS over TLS on one more address.
func tlsConfig(addr, cert string) string {
	return fmt.Sprintf("server:\n  interface: %s\n  tls-port: %s\n  tls-service-key: %q\n  tls-service-pem: %q\n",
		at(addr), port(addr), cert, cert)
}

// certificate makes a certificate for the server's name that vouches for
// itself, valid only while the test may last.
func certificate(dir string) (file string, roots *x509.CertPool, err error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return "", nil, err
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), DNSNames: []string{serverName},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IsCA: true, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		return "", nil, err
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return "", nil, err
	}
	text := append(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}),
		pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: private})...)
	roots = x509.NewCertPool()
	roots.AppendCertsFromPEM(text)
	file = filepath.Join(dir, "tls.pem")
	return file, roots, os.WriteFile(file, text, 0o600)
}
