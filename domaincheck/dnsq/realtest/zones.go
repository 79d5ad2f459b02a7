package realtest

import (
	"fmt"
	"strings"
)

// authority is a server that answers for zones.
type authority uint8

const (
	nsd     authority = iota
	knot              // so that two implementations are seen
	silent            // takes queries and never answers
	dead              // nobody listens
	lame              // answers REFUSED: it does not have the zone
	slow              // answers after 200 ms
	refused           // the resolver itself refuses
)

// fault is what is done to a zone after it is signed.
type fault uint8

const (
	sound            fault = iota
	badSignature           // the signatures over MX, TXT, A and SOA are altered
	expired                // signed for January 2020
	notYet                 // signed for 2090
	wrongDS                // the parent has a DS that matches no key
	unknownAlgorithm       // the parent has only a DS of an algorithm nobody knows
	unknownDigest          // the same for the digest
	noKeys                 // the parent has a DS, the zone is not signed
	noDS                   // signed, but the parent has no DS
)

// zone is one zone of the tree.
type zone struct {
	name      string // with the final dot
	algorithm string // of dnssec-keygen; empty: not signed
	nsec3     string // dnssec-signzone's flags for NSEC3; empty: NSEC
	fault     fault
	authority authority
	extra     string // records beyond those of every domain
}

const p256 = "ECDSAP256SHA256"

// optOut is NSEC3 as in nl. and com.: unsigned delegations are left out.
const optOut = "-3 - -A -H 0"

// tree has parents before children.
var tree = []zone{
	{name: ".", algorithm: p256},
	{name: "nl.", algorithm: p256, nsec3: optOut},
	{name: "com.", algorithm: "RSASHA256", authority: knot},
	{name: "example.nl.", algorithm: p256, extra: `
*.wild     A     192.0.2.7
alias      CNAME www.mailhost.com.
plain      CNAME www.unsigned.nl.
dangling   CNAME nope.mailhost.com.
below      DNAME mailhost.com.
a.b.empty  TXT   "two empty non-terminals"
sub        NS    ns1
`},
	{name: "sub.example.nl."},
	{name: "nsec3.nl.", algorithm: p256, nsec3: "-3 AABBCCDD -H 10", extra: `
*.wild     A     192.0.2.7
a.b.empty  TXT   "two empty non-terminals"
sub        NS    ns1
`},
	{name: "sub.nsec3.nl."},
	{name: "rsa.nl.", algorithm: "RSASHA512", authority: knot},
	{name: "sha1.nl.", algorithm: "NSEC3RSASHA1", nsec3: "-3 - -H 0"},
	{name: "p384.nl.", algorithm: "ECDSAP384SHA384"},
	{name: "ed25519.nl.", algorithm: "ED25519", authority: knot},
	{name: "unsigned.nl."},
	{name: "island.nl.", algorithm: p256, fault: noDS},
	{name: "broken.nl.", algorithm: p256, fault: badSignature},
	{name: "expired.nl.", algorithm: p256, fault: expired},
	{name: "early.nl.", algorithm: p256, fault: notYet},
	{name: "dsmismatch.nl.", algorithm: p256, fault: wrongDS},
	{name: "nokey.nl.", fault: noKeys},
	{name: "algorithm.nl.", algorithm: p256, fault: unknownAlgorithm},
	{name: "digest.nl.", algorithm: p256, fault: unknownDigest},
	{name: "mailhost.com.", algorithm: p256, authority: knot},
	{name: "silent.nl.", authority: silent},
	{name: "dead.nl.", authority: dead},
	{name: "lame.nl.", authority: lame},
	{name: "slow.nl.", authority: slow},
	{name: "refused.nl.", authority: refused},
}

// text returns the zone file before it is signed. ds has the DS records of
// the children.
func (z zone) text(ds string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "$ORIGIN %s\n$TTL 3600\n", z.name)
	b.WriteString("@ SOA ns1 hostmaster 1 7200 3600 1209600 300\n@ NS ns1\nns1 A 127.0.0.1\n")
	if z.isLeaf() {
		b.WriteString("@ MX 10 mail\n@ TXT \"v=spf1 mx -all\"\n@ A 192.0.2.1\nmail A 192.0.2.2\nwww A 192.0.2.3\n")
		for i := range 40 {
			fmt.Fprintf(&b, "big TXT \"%0200d\"\n", i) // too large for UDP
		}
	}
	for _, child := range tree {
		if parentOf(child.name) == z.name && child.name != z.name {
			fmt.Fprintf(&b, "%s NS ns1.%s\nns1.%s A 127.0.0.1\n", child.name, child.name, child.name)
		}
	}
	b.WriteString(z.extra)
	b.WriteString(ds)
	return b.String()
}

func (z zone) isLeaf() bool { return z.name != "." && z.name != "nl." && z.name != "com." }

func parentOf(name string) string {
	for rest := name; ; {
		_, after, _ := strings.Cut(rest, ".")
		if after == "" {
			return "."
		}
		for _, z := range tree {
			if z.name == after {
				return after
			}
		}
		rest = after
	}
}
