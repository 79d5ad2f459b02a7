package dnsq

import (
	"encoding/hex"
	"strings"
	"testing"

	"codeberg.org/miekg/dns"
)

// rfc4035 is the NSEC chain of the zone in RFC 4035, appendix A.
const rfc4035 = `
example.         NSEC a.example.     NS SOA MX RRSIG NSEC DNSKEY
a.example.       NSEC ai.example.    NS DS RRSIG NSEC
ai.example.      NSEC b.example.     A HINFO AAAA RRSIG NSEC
b.example.       NSEC ns1.example.   NS RRSIG NSEC
ns1.example.     NSEC ns2.example.   A RRSIG NSEC
ns2.example.     NSEC *.w.example.   A RRSIG NSEC
*.w.example.     NSEC x.w.example.   MX RRSIG NSEC
x.w.example.     NSEC x.y.w.example. MX RRSIG NSEC
x.y.w.example.   NSEC xx.example.    MX RRSIG NSEC
xx.example.      NSEC example.       A HINFO AAAA RRSIG NSEC
`

// rfc5155 is the NSEC3 chain of the zone in RFC 5155, appendix A: SHA-1 with
// 12 iterations, all records with the opt-out flag. The names are in front.
const rfc5155 = `
example         0p9mhaveqvm6t7vbl5lop2u3t2rp3tom 2t7b4g4vsa5smi47k61mv5bv1a22bojr NS SOA MX RRSIG DNSKEY NSEC3PARAM
ns1.example     2t7b4g4vsa5smi47k61mv5bv1a22bojr 2vptu5timamqttgl4luu9kg21e0aor3s A RRSIG
x.y.w.example   2vptu5timamqttgl4luu9kg21e0aor3s 35mthgpgcu1qg68fab165klnsnk3dpvl MX RRSIG
a.example       35mthgpgcu1qg68fab165klnsnk3dpvl b4um86eghhds6nea196smvmlo4ors995 NS DS RRSIG
x.w.example     b4um86eghhds6nea196smvmlo4ors995 gjeqe526plbf1g8mklp59enfd789njgi MX RRSIG
ai.example      gjeqe526plbf1g8mklp59enfd789njgi ji6neoaepv8b5o6k4ev33abha8ht9fgc A HINFO AAAA RRSIG
y.w.example     ji6neoaepv8b5o6k4ev33abha8ht9fgc k8udemvp1j2f7eg6jebps17vp3n8i58h
w.example       k8udemvp1j2f7eg6jebps17vp3n8i58h kohar7mbb8dc2ce8a9qvl8hon4k53uhi
2t7b4g4vsa5smi47k61mv5bv1a22bojr.example kohar7mbb8dc2ce8a9qvl8hon4k53uhi q04jkcevqvmu85r014c7dkba38o0ji5r A RRSIG
ns2.example     q04jkcevqvmu85r014c7dkba38o0ji5r r53bq7cc2uvmubfu5ocmm6pers9tk9en A RRSIG
*.w.example     r53bq7cc2uvmubfu5ocmm6pers9tk9en t644ebqk9bibcna874givr6joj62mlhv MX RRSIG
xx.example      t644ebqk9bibcna874givr6joj62mlhv 0p9mhaveqvm6t7vbl5lop2u3t2rp3tom A HINFO AAAA RRSIG
`

func mustName(t testing.TB, s string) name {
	t.Helper()
	n, err := parseName(s)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// nsecChain returns the denial with the records of the given owners, or all.
func nsecChain(t testing.TB, owners ...string) *denial {
	d := &denial{zone: mustName(t, "example"), work: newWork()}
	for line := range strings.Lines(strings.TrimSpace(rfc4035)) {
		rr, err := dns.New(line)
		if err != nil {
			t.Fatal(err)
		}
		if !wanted(owners, strings.TrimSuffix(rr.Header().Name, ".")) {
			continue
		}
		rec, err := toRecord(rr)
		if err != nil {
			t.Fatal(err)
		}
		n, ok := parseNSEC(rec)
		if !ok {
			t.Fatalf("not an NSEC: %s", line)
		}
		d.nsec = append(d.nsec, n)
	}
	return d
}

// nsec3Chain is the same for NSEC3. change edits each record.
func nsec3Chain(t testing.TB, change func(*nsec3), owners ...string) *denial {
	d := &denial{zone: mustName(t, "example"), work: newWork()}
	for line := range strings.Lines(strings.TrimSpace(rfc5155)) {
		f := strings.Fields(line)
		if !wanted(owners, f[0]) {
			continue
		}
		rr, err := dns.New(f[1] + ".example. NSEC3 1 1 12 aabbccdd " + strings.Join(f[2:], " "))
		if err != nil {
			t.Fatal(err)
		}
		rec, err := toRecord(rr)
		if err != nil {
			t.Fatal(err)
		}
		n, ok := parseNSEC3(rec, d.zone)
		if !ok {
			t.Fatalf("not an NSEC3: %s", line)
		}
		if change != nil {
			change(&n)
		}
		d.nsec3 = append(d.nsec3, n)
	}
	return d
}

func wanted(owners []string, owner string) bool {
	for _, o := range owners {
		if o == owner {
			return true
		}
	}
	return len(owners) == 0
}

func TestNSEC3HashesAreThoseOfTheRFC(t *testing.T) {
	for line := range strings.Lines(strings.TrimSpace(rfc5155)) {
		f := strings.Fields(line)
		got := strings.ToLower(base32Hex.EncodeToString(nsec3Chain(t, nil).hash3(mustName(t, f[0]))))
		if got != f[1] {
			t.Errorf("hash of %s is %s, want %s", f[0], got, f[1])
		}
	}
}

func TestDenialByNSEC(t *testing.T) {
	for _, tt := range []struct {
		ask     string // "name", "name TYPE" or "name /labels" of the wildcard
		records []string
		want    proof
		why     string
	}{
		{"ml.example", []string{"b.example", "example"}, proven, "RFC 4035, B.2: the name and its wildcard"},
		{"ml.example", []string{"b.example"}, unproven, "the wildcard is not denied"},
		{"ml.example", []string{"example"}, unproven, "the name is not denied"},
		{"zz.example", []string{"xx.example", "example"}, proven, "after the last name"},
		{"x.a.example", []string{"a.example", "example"}, unproven, "a name in the zone below"},
		{"y.w.example", []string{"x.w.example", "*.w.example"}, unproven, "an empty non-terminal exists"},
		{"x.w.example", nil, unproven, "the name exists"},
		{"other", nil, unproven, "a name in another zone"},

		{"ns1.example MX", []string{"ns1.example"}, proven, "B.3"},
		{"ns1.example A", []string{"ns1.example"}, unproven, "it has the type"},
		{"y.w.example A", []string{"x.w.example"}, proven, "an empty non-terminal"},
		{"a.z.w.example AAAA", []string{"x.y.w.example", "*.w.example"}, proven, "B.7: a wildcard without the type"},
		{"a.z.w.example MX", []string{"x.y.w.example", "*.w.example"}, unproven, "the wildcard has the type"},
		{"a.z.w.example AAAA", []string{"x.y.w.example"}, unproven, "nothing said of the wildcard"},
		{"b.example DS", []string{"b.example"}, provenCut, "B.5: an unsigned delegation"},
		{"a.example DS", []string{"a.example"}, unproven, "a signed delegation"},
		{"b.example A", []string{"b.example"}, unproven, "the parent's side of a cut knows only of DS"},
		{"example DS", []string{"example"}, unproven, "B.8: the child's side of a cut does not know of DS"},

		{"a.z.w.example /2", []string{"x.y.w.example"}, proven, "B.6"},
		{"a.z.w.example /2", []string{"ns2.example"}, unproven, "another gap"},
		{"a.y.w.example /2", []string{"x.w.example"}, unproven, "y.w.example exists, so *.w.example cannot answer"},
	} {
		if got := prove(t, nsecChain(t, tt.records...), tt.ask); got != tt.want {
			t.Errorf("%s by %v: %v, want %v: %s", tt.ask, tt.records, got, tt.want, tt.why)
		}
	}
}

func TestDenialByNSEC3(t *testing.T) {
	closed := func(n *nsec3) { n.optOut = false }
	greedy := func(n *nsec3) { n.iterations = maxIterations + 1 }
	for _, tt := range []struct {
		ask     string
		change  func(*nsec3)
		records []string
		want    proof
		why     string
	}{
		{"a.c.x.w.example", closed, []string{"example", "x.w.example", "a.example"}, proven, "RFC 5155, B.1"},
		{"a.c.x.w.example", nil, []string{"example", "x.w.example", "a.example"}, provenOpen, "the same under opt-out"},
		{"a.c.x.w.example", closed, []string{"example", "x.w.example"}, unproven, "the wildcard is not denied"},
		{"a.c.x.w.example", closed, []string{"x.w.example", "a.example"}, unproven, "the next closer name is not denied"},
		{"a.c.x.w.example", closed, []string{"example", "a.example"}, unproven, "no closest encloser"},
		{"a.c.x.w.example", greedy, nil, tooCostly, "RFC 9276"},
		{"x.a.example", closed, nil, unproven, "a name in the zone below"},
		{"x.w.example", closed, nil, unproven, "the name exists"},
		{"y.w.example", closed, nil, unproven, "an empty non-terminal exists"},

		{"ns1.example MX", closed, []string{"ns1.example"}, proven, "B.2"},
		{"ns1.example A", closed, []string{"ns1.example"}, unproven, "it has the type"},
		{"y.w.example A", closed, []string{"y.w.example"}, proven, "B.2.1: an empty non-terminal"},
		{"c.example DS", nil, []string{"a.example", "example"}, provenOpen, "B.3: an unsigned delegation, left out"},
		{"c.example DS", closed, []string{"a.example", "example"}, unproven, "without opt-out it would be there"},
		{"a.example DS", closed, []string{"a.example"}, unproven, "a signed delegation"},
		{"a.z.w.example AAAA", closed, []string{"w.example", "ns2.example", "*.w.example"}, proven, "B.5: a wildcard without the type"},
		{"a.z.w.example MX", closed, []string{"w.example", "ns2.example", "*.w.example"}, unproven, "the wildcard has the type"},
		{"example DS", closed, []string{"example"}, unproven, "B.6: the child's side of a cut does not know of DS"},
		{"ns1.example MX", greedy, []string{"ns1.example"}, tooCostly, "RFC 9276"},

		{"a.z.w.example /2", closed, []string{"ns2.example"}, proven, "B.4"},
		{"a.z.w.example /2", nil, []string{"ns2.example"}, provenOpen, "the same under opt-out"},
		{"a.z.w.example /2", closed, []string{"example"}, unproven, "another gap"},
		{"a.z.w.example /2", greedy, []string{"ns2.example"}, tooCostly, "RFC 9276"},
	} {
		if got := prove(t, nsec3Chain(t, tt.change, tt.records...), tt.ask); got != tt.want {
			t.Errorf("%s by %v: %v, want %v: %s", tt.ask, tt.records, got, tt.want, tt.why)
		}
	}
}

func prove(t testing.TB, d *denial, ask string) proof {
	at, rest, _ := strings.Cut(ask, " ")
	n := mustName(t, at)
	switch {
	case rest == "":
		return d.noName(n)
	case rest == "/2":
		return d.notExpanded(n, 2)
	}
	return d.noType(n, dns.StringToType[rest])
}

func TestHashingIsBounded(t *testing.T) {
	d := nsec3Chain(t, func(n *nsec3) { n.iterations = maxIterations })
	deep := mustName(t, strings.Repeat("a.", 120)+"example")
	if got := d.noName(deep); got != unproven || d.work.hashes >= 0 {
		t.Errorf("120 labels with %d iterations: %v, %d hashes left", maxIterations, got, d.work.hashes)
	}
}

func TestBitmap(t *testing.T) {
	wire, err := hex.DecodeString("0006400100000003" + "0401" + "40") // RFC 4034, 4.3: A MX RRSIG NSEC; TYPE1025
	if err != nil {
		t.Fatal(err)
	}
	b := bitmap(wire)
	for rrtype, want := range map[uint16]bool{1: true, 15: true, 46: true, 47: true, 2: false, 48: false, 1025: true, 1024: false, 257: false} {
		if b.has(rrtype) != want {
			t.Errorf("type %d: %v", rrtype, !want)
		}
	}
	for n := range len(wire) {
		b[:n].has(1025) // cut anywhere, it must not panic
	}
}
