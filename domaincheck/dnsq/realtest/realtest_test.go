package realtest_test

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"codeberg.org/miekg/dns"
	"codeberg.org/miekg/dns/dnsutil"

	"wolkwijs/domaincheck/dnsq"
	"wolkwijs/domaincheck/dnsq/realtest"
)

// verdict is what a question comes to.
type verdict struct {
	status   dnsq.Status
	kind     dnsq.FailureKind
	security dnsq.Security
}

var (
	secure      = verdict{dnsq.Found, "", dnsq.Secure}
	insecure    = verdict{dnsq.Found, "", dnsq.Insecure}
	bogus       = verdict{dnsq.Failed, dnsq.BogusKind, dnsq.Bogus}
	secureNone  = verdict{dnsq.NoData, "", dnsq.Secure}
	secureNX    = verdict{dnsq.NXDomain, "", dnsq.Secure}
	openNone    = verdict{dnsq.NoData, "", dnsq.Insecure}
	openNX      = verdict{dnsq.NXDomain, "", dnsq.Insecure}
	servfail    = verdict{dnsq.Failed, dnsq.ServFail, dnsq.Indeterminate}
	timeout     = verdict{dnsq.Failed, dnsq.Timeout, dnsq.Indeterminate}
	refusedKind = verdict{dnsq.Failed, dnsq.Refused, dnsq.Indeterminate}
)

// questions has each state and each failure; all ways to ask have to agree.
var questions = []struct {
	name   string
	rrtype uint16
	want   verdict
	why    string
}{
	{".", dns.TypeSOA, secure, "the anchor itself"},
	{"nl", dns.TypeSOA, secure, "NSEC3 with opt-out"},
	{"com", dns.TypeSOA, secure, "RSA/SHA-256"},
	{"example.nl", dns.TypeMX, secure, ""},
	{"nsec3.nl", dns.TypeMX, secure, ""},
	{"rsa.nl", dns.TypeMX, secure, "RSA/SHA-512"},
	{"sha1.nl", dns.TypeMX, secure, "RSA/SHA-1, still to be validated"},
	{"p384.nl", dns.TypeMX, secure, ""},
	{"ed25519.nl", dns.TypeMX, secure, ""},
	{"mailhost.com", dns.TypeMX, secure, ""},
	{"big.example.nl", dns.TypeTXT, secure, "over TCP"},

	{"x.wild.example.nl", dns.TypeA, secure, "a wildcard, with proof by NSEC"},
	{"x.y.wild.example.nl", dns.TypeA, secure, "the same, deeper"},
	{"x.wild.nsec3.nl", dns.TypeA, secure, "a wildcard, with proof by NSEC3"},
	{"*.wild.example.nl", dns.TypeA, secure, "the wildcard itself"},
	{"alias.example.nl", dns.TypeA, secure, "a CNAME into another secure zone"},
	{"plain.example.nl", dns.TypeA, insecure, "a CNAME into an unsigned zone"},
	{"www.below.example.nl", dns.TypeA, secure, "a CNAME made from a DNAME"},

	{"example.nl", dns.TypeCAA, secureNone, "NODATA by NSEC"},
	{"nsec3.nl", dns.TypeCAA, secureNone, "NODATA by NSEC3"},
	{"empty.example.nl", dns.TypeTXT, secureNone, "an empty non-terminal by NSEC"},
	{"empty.nsec3.nl", dns.TypeTXT, secureNone, "an empty non-terminal by NSEC3"},
	{"x.wild.example.nl", dns.TypeTXT, secureNone, "a wildcard without the type, by NSEC"},
	{"x.wild.nsec3.nl", dns.TypeTXT, secureNone, "a wildcard without the type, by NSEC3"},
	{"nope.example.nl", dns.TypeA, secureNX, "NXDOMAIN by NSEC"},
	{"a.nope.example.nl", dns.TypeA, secureNX, "the same, deeper"},
	{"nope.nsec3.nl", dns.TypeA, secureNX, "NXDOMAIN by NSEC3"},
	{"a.nope.nsec3.nl", dns.TypeA, secureNX, "the same, deeper"},
	{"dangling.example.nl", dns.TypeA, secureNX, "a CNAME to nothing"},
	{"nope.nl", dns.TypeA, openNX, "NXDOMAIN under opt-out"},
	{"example.nl", dns.TypeDS, secure, "a DS, from the parent"},
	{"unsigned.nl", dns.TypeDS, openNone, "no DS, under opt-out"},
	{"sub.example.nl", dns.TypeDS, secureNone, "no DS, by NSEC"},
	{"sub.nsec3.nl", dns.TypeDS, secureNone, "no DS, by NSEC3"},

	{"unsigned.nl", dns.TypeMX, insecure, "no DS, under opt-out"},
	{"unsigned.nl", dns.TypeCAA, openNone, ""},
	{"nope.unsigned.nl", dns.TypeA, openNX, ""},
	{"sub.example.nl", dns.TypeMX, insecure, "no DS, by NSEC"},
	{"www.sub.nsec3.nl", dns.TypeA, insecure, "no DS, by NSEC3"},
	{"island.nl", dns.TypeMX, insecure, "signed, but no DS"},
	{"algorithm.nl", dns.TypeMX, insecure, "an algorithm nobody knows"},
	{"digest.nl", dns.TypeMX, insecure, "a digest nobody knows"},

	{"broken.nl", dns.TypeMX, bogus, "altered signatures"},
	{"expired.nl", dns.TypeMX, bogus, ""},
	{"early.nl", dns.TypeMX, bogus, ""},
	{"dsmismatch.nl", dns.TypeMX, bogus, ""},
	{"nokey.nl", dns.TypeMX, bogus, ""},
	{"nope.broken.nl", dns.TypeA, bogus, "a denial with altered signatures"},

	{"lame.nl", dns.TypeMX, servfail, "its server does not have the zone"},
	{"refused.nl", dns.TypeMX, refusedKind, "the resolver refuses"},
	{"slow.nl", dns.TypeMX, insecure, "200 ms for each answer"},
}

func TestOnRealServers(t *testing.T) {
	w := realtest.Start(t)
	t.Run("all ways to ask come to the same verdict", func(t *testing.T) { sameVerdict(t, w) })
	t.Run("a silent server is given up", func(t *testing.T) { givesUp(t, w) })
	t.Run("the self-test tells who validates", func(t *testing.T) { selfTests(t, w) })
	t.Run("the state of a zone is explained", func(t *testing.T) { explains(t, w) })
	t.Run("a check finds what it should", func(t *testing.T) { checks(t, w) })
	t.Run("an attacker on the way", func(t *testing.T) { attackerOnTheWay(t, w) })
	t.Run("cruder attacks", func(t *testing.T) { cruderAttacks(t, w) })
	t.Run("a lost answer changes no verdict", func(t *testing.T) { lostAnswers(t, w) })
}

// ways are the ways to ask.
func ways(w *realtest.World) map[string]dnsq.Config {
	all := map[string]dnsq.Config{
		"validating":     {Resolver: w.Validating},
		"terse":          {Resolver: w.Terse},
		"not validating": {Resolver: w.NotValidating},
		"over TLS":       {Resolver: w.TLS, RootCAs: w.RootCAs},
	}
	for name, c := range all {
		c.TrustAnchorFile, c.BogusName = w.AnchorFile, realtest.BogusName
		all[name] = c
	}
	return all
}

func newResolver(t *testing.T, config dnsq.Config) *dnsq.Resolver {
	t.Helper()
	r, err := dnsq.New(config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { r.Close() })
	return r
}

func sameVerdict(t *testing.T, w *realtest.World) {
	for name, config := range ways(w) {
		t.Run(name, func(t *testing.T) {
			r := newResolver(t, config)
			for _, q := range questions {
				a := r.Query(context.Background(), q.name, q.rrtype)
				if got := verdictOf(a); got != q.want {
					t.Errorf("%s %s (%s): %+v, want %+v; failure %+v, problem %v, EDE %v", q.name,
						dnsutil.TypeToString(q.rrtype), q.why, got, q.want, a.Failure, a.Problem, a.EDE)
				}
			}
		})
	}
}

func verdictOf(a dnsq.Answer) verdict {
	v := verdict{status: a.Status, security: a.Security}
	if a.Failure != nil {
		v.kind = a.Failure.Kind
	}
	return v
}

// givesUp asks for zones that have no answer: Unbound tries for longer than
// anybody waits.
func givesUp(t *testing.T, w *realtest.World) {
	r := newResolver(t, dnsq.Config{Resolver: w.Validating, TryTimeout: 100 * time.Millisecond})
	for _, name := range []string{"silent.nl", "dead.nl"} {
		if a := r.Query(context.Background(), name, dns.TypeMX); verdictOf(a) != timeout {
			t.Errorf("%s: %+v, failure %+v", name, verdictOf(a), a.Failure)
		}
	}
}

func selfTests(t *testing.T, w *realtest.World) {
	for name, want := range map[string]dnsq.SelfTest{
		"validating":     {SafePath: true, Reached: true, AD: true, RefusesBogus: dnsq.Yes, GivesReasons: dnsq.Yes, Believed: true},
		"terse":          {SafePath: true, Reached: true, AD: true, RefusesBogus: dnsq.Yes, GivesReasons: dnsq.No, Believed: true},
		"not validating": {SafePath: true, Reached: true, RefusesBogus: dnsq.No},
		"over TLS":       {SafePath: true, Reached: true, AD: true, RefusesBogus: dnsq.Yes, GivesReasons: dnsq.Yes, Believed: true},
	} {
		r := newResolver(t, ways(w)[name])
		want.Server = r.String()
		if got := r.SelfTest(context.Background()); len(got) != 1 || got[0] != want {
			t.Errorf("%s: %+v, want %+v", name, got, want)
		}
	}
}

func explains(t *testing.T, w *realtest.World) {
	for _, tt := range []struct {
		zone    string
		state   dnsq.Security
		problem dnsq.ProblemCode
		ds      int
		keys    int
	}{
		{"example.nl", dnsq.Secure, "", 1, 2},
		{"sha1.nl", dnsq.Secure, "", 1, 2},
		{"unsigned.nl", dnsq.Insecure, dnsq.Unsigned, 0, 0},
		{"sub.example.nl", dnsq.Insecure, dnsq.Unsigned, 0, 0},
		{"island.nl", dnsq.Insecure, dnsq.Unsigned, 0, 2},
		{"algorithm.nl", dnsq.Insecure, dnsq.Unsupported, 1, 2},
		{"digest.nl", dnsq.Insecure, dnsq.Unsupported, 1, 2},
		{"broken.nl", dnsq.Bogus, dnsq.SignatureWrong, 1, 2},
		{"expired.nl", dnsq.Bogus, dnsq.SignatureExpired, 1, 2},
		{"early.nl", dnsq.Bogus, dnsq.SignatureTooEarly, 1, 2},
		{"dsmismatch.nl", dnsq.Bogus, dnsq.DSMismatch, 1, 2},
		{"nokey.nl", dnsq.Bogus, dnsq.KeyMissing, 1, 0},
	} {
		for way, config := range ways(w) {
			z := newResolver(t, config).Security(context.Background(), tt.zone)
			var problem dnsq.ProblemCode
			if z.Problem != nil {
				problem = z.Problem.Code
			}
			if z.State != tt.state || problem != tt.problem || len(z.DS) != tt.ds || len(z.Keys) != tt.keys {
				t.Errorf("%s, %s: state %v, problem %v, %d DS, %d keys; want %v, %q, %d, %d; failures %+v",
					tt.zone, way, z.State, z.Problem, len(z.DS), len(z.Keys), tt.state, tt.problem, tt.ds, tt.keys, z.Failures)
			}
			if tt.zone == "expired.nl" && z.Expires.Format(time.DateOnly) != "2020-02-01" {
				t.Errorf("%s, %s: expires %v", tt.zone, way, z.Expires)
			}
			if tt.state == dnsq.Secure && z.Expires.Before(time.Now()) {
				t.Errorf("%s, %s: secure, but expires %v", tt.zone, way, z.Expires)
			}
		}
	}
}

func TestTheConfigurationWeShipIsSound(t *testing.T) {
	check := realtest.Find(t, "unbound-checkconf")
	text, err := os.ReadFile("../../../deploy/unbound.conf")
	if err != nil {
		t.Fatal(err)
	}
	// Debian makes this file when Unbound starts for the first time.
	const anchor = "/var/lib/unbound/root.key"
	dir := t.TempDir()
	config, key := filepath.Join(dir, "unbound.conf"), filepath.Join(dir, "root.key")
	own := strings.Replace(string(text), anchor, key, 1)
	if own == string(text) {
		t.Fatalf("no trust anchor %s in it", anchor)
	}
	const rootDS = ". IN DS 20326 8 2 E06D44B80B8F1D39A95C0B0D7C65D08458E880409BBC683457104237C7F8EC8D\n"
	for file, text := range map[string]string{config: own, key: rootDS} {
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if out, err := exec.Command(check, config).CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}
