package dnsq_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"math/big"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"codeberg.org/miekg/dns"

	"wolkwijs/domaincheck/dnsq"
	"wolkwijs/domaincheck/dnsq/dnstest"
)

// tlsFor returns a server's TLS configuration for a name, and who vouches
// for it.
func tlsFor(t *testing.T, name string) (*tls.Config, *x509.CertPool) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), DNSNames: []string{name}, IsCA: true, BasicConstraintsValid: true,
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AddCert(cert)
	return &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}}, roots
}

func TestDNSOverTLS(t *testing.T) {
	config, roots := tlsFor(t, "resolver.test")
	s := dnstest.New(t, exampleZone, dnstest.TLS(config), dnstest.Secure("example.nl"))
	over := func(name string) func(*dnsq.Config) {
		return func(c *dnsq.Config) { c.Resolver, c.RootCAs = "tls://"+s.Addr()+"#"+name, roots }
	}
	r := newResolver(t, s, over("resolver.test"), func(c *dnsq.Config) { c.TryTimeout = 5 * time.Second })
	var wg sync.WaitGroup
	for i := range 100 {
		wg.Go(func() {
			if a := r.Query(ctx, fmt.Sprintf("n%d.example.nl", i), dns.TypeA); a.Status != dnsq.NXDomain || a.Security != dnsq.Secure {
				t.Errorf("question %d: status %v, security %v, failure %v", i, a.Status, a.Security, a.Failure)
			}
		})
	}
	wg.Wait()
	if n := s.Connections(); n != 1 {
		t.Errorf("%d connections, want one that all share", n)
	}
	s.HangUp()
	if a := r.Query(ctx, "example.nl", dns.TypeMX); a.Status != dnsq.Found {
		t.Errorf("after the server hung up: status %v, failure %v", a.Status, a.Failure)
	}
	other := newResolver(t, s, over("other.test"))
	if a := other.Query(ctx, "example.nl", dns.TypeMX); kind(a) != dnsq.Refused || !strings.Contains(a.Failure.Detail, "certificate") {
		t.Errorf("a certificate of another name: %+v", a.Failure)
	}
}

func TestOverANetworkNothingIsBelievedUnproven(t *testing.T) {
	s := dnstest.New(t, exampleZone, dnstest.Secure("example.nl"))
	r := newResolver(t, s)
	dnsq.AsOverNetwork(r)
	ports, spellings := map[string]bool{}, map[string]bool{}
	for i := range 200 {
		a := r.Query(ctx, fmt.Sprintf("abcdefghijklm%d.example.nl", i), dns.TypeA)
		if a.Status != dnsq.NXDomain || a.AD || a.Security != dnsq.Indeterminate {
			t.Fatalf("question %d: %+v, failure %v: the AD bit may be forged on the way", i, a, a.Failure)
		}
	}
	for _, q := range s.Log() {
		ports[q.From] = true
		spellings[q.Spelling[:min(13, len(q.Spelling))]] = true
	}
	if len(ports) < 16 {
		t.Errorf("%d ports for %d queries", len(ports), s.Queries())
	}
	if len(spellings) < 100 {
		t.Errorf("%d spellings of one word in 200 questions", len(spellings))
	}
}

func TestSelfTest(t *testing.T) {
	for _, tt := range []struct {
		name string
		opts []dnstest.Option
		want dnsq.SelfTest
	}{
		{"validates", []dnstest.Option{dnstest.Bogus("bogus.example.nl", dns.ExtendedErrorDNSBogus, "")},
			dnsq.SelfTest{SafePath: true, Reached: true, AD: true, RefusesBogus: dnsq.Yes, GivesReasons: dnsq.Yes, Believed: true}},
		{"validates without reasons", []dnstest.Option{dnstest.ServFail("bogus.example.nl", dns.TypeA)},
			dnsq.SelfTest{SafePath: true, Reached: true, AD: true, RefusesBogus: dnsq.Yes, GivesReasons: dnsq.No, Believed: true}},
		{"does not know the bogus name", []dnstest.Option{dnstest.Rcode("bogus.example.nl", dns.TypeA, dns.RcodeNameError)},
			dnsq.SelfTest{SafePath: true, Reached: true, AD: true, Believed: true}},
		{"sets AD on anything", nil,
			dnsq.SelfTest{SafePath: true, Reached: true, AD: true, RefusesBogus: dnsq.No}},
		{"does not validate", []dnstest.Option{dnstest.NotValidating()},
			dnsq.SelfTest{SafePath: true, Reached: true, RefusesBogus: dnsq.No}},
		{"is silent", []dnstest.Option{dnstest.Drop(dnstest.Any, dns.TypeANY)},
			dnsq.SelfTest{SafePath: true}},
	} {
		s := dnstest.New(t, exampleZone+"bogus A 192.0.2.66\n", tt.opts...)
		r := newResolver(t, s, func(c *dnsq.Config) { c.BogusName = "bogus.example.nl" })
		tt.want.Server = s.Addr()
		if got := r.SelfTest(ctx); len(got) != 1 || got[0] != tt.want {
			t.Errorf("%s: %+v, want %+v", tt.name, got, tt.want)
		}
	}
}

func TestResolverAddresses(t *testing.T) {
	resolv := filepath.Join(t.TempDir(), "resolv.conf")
	if err := os.WriteFile(resolv, []byte("# comment\nsearch example.nl\nnameserver 192.0.2.1\nnameserver 2001:db8::1\nnameserver what\nnameserver 192.0.2.3\nnameserver 192.0.2.4\noptions edns0\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct{ spec, conf, want, err string }{
		{"192.0.2.1", "", "192.0.2.1:53", ""},
		{"192.0.2.1:5353", "", "192.0.2.1:5353", ""},
		{"2001:db8::1", "", "[2001:db8::1]:53", ""},
		{"[2001:db8::1]:5353", "", "[2001:db8::1]:5353", ""},
		{"localhost", "", "127.0.0.1:53", ""},
		{"unbound:5335", "", "unbound:5335", ""},
		{"tls://192.0.2.1#dns.example.nl", "", "tls://192.0.2.1#dns.example.nl", ""},
		{"tls://dns.example.nl:8853", "", "tls://dns.example.nl:8853", ""},
		{"system", resolv, "192.0.2.1:53, [2001:db8::1]:53, 192.0.2.3:53", ""},
		{"", filepath.Join(t.TempDir(), "none"), "127.0.0.1:53", ""},
		{"192.0.2.1:0", "", "", "give host, host:port"},
		{"192.0.2.1:dns", "", "", "give host, host:port"},
		{"two words", "", "", "give host, host:port"},
		{"https://dns.example.nl", "", "", "give host, host:port"},
		{"[2001:db8::53]", "", "[2001:db8::53]:53", ""},
		{"tls://", "", "", "give host, host:port"},
		{"[::1", "", "", "give host, host:port"},
		{"[dns.example.nl]", "", "", "give host, host:port"},
		{"dns.example.nl:0", "", "", "give host, host:port"},
		{"tls://192.0.2.1#a b", "", "", "give host, host:port"},
	} {
		if err := dnsq.CheckResolver(tt.spec); (err != nil) != (tt.err != "") {
			t.Errorf("%q, looked at alone: error %v, want one with %q", tt.spec, err, tt.err)
		}
		r, err := dnsq.New(dnsq.Config{Resolver: tt.spec, ResolvConf: tt.conf})
		switch {
		case tt.err != "" && (err == nil || !strings.Contains(err.Error(), tt.err)):
			t.Errorf("%q: error %v, want one with %q", tt.spec, err, tt.err)
		case tt.err == "" && err != nil:
			t.Errorf("%q: %v", tt.spec, err)
		case err == nil && r.String() != tt.want:
			t.Errorf("%q is %s, want %s", tt.spec, r, tt.want)
		}
	}
}

func TestTrustAnchorFiles(t *testing.T) {
	dir := t.TempDir()
	write := func(text string) string {
		f := filepath.Join(dir, "anchor")
		if err := os.WriteFile(f, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return f
	}
	for text, want := range map[string]string{
		". IN DS 20326 8 2 E06D44B80B8F1D39A95C0B0D7C65D08458E880409BBC683457104237C7F8EC8D\n":                                           "",
		"example.nl. 3600 IN DNSKEY 257 3 13 mdsswUyr3DPW132mOi8V9xESWE8jTo0dxCjjnopKl+GqJxpVXckHAeF+KkxLbxILfDLUT0rAK9iUzy1L53eKGQ==\n": "",
		"":                     "no DS and no DNSKEY record",
		". IN NS a.root.\n":    "NS is neither a DS nor a DNSKEY",
		". IN DS what\n":       "line: 1",
		"$INCLUDE /etc/passwd": "anchor",
	} {
		_, err := dnsq.New(dnsq.Config{Resolver: "127.0.0.1", TrustAnchorFile: write(text)})
		if (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%q: error %v, want %q", text, err, want)
		}
	}
}
