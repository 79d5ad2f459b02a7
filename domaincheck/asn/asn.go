// Package asn tells which autonomous system announces an address: from Team
// Cymru over DNS, from RIPE's RIS whois, or from a local table. Whichever it
// is, nobody outside learns more than the first 24 bits of an IPv4 address or
// 48 of an IPv6 address: the smallest block that the internet routes.
//
// May import: domaincheck/dnsq, domaincheck/record, domaincheck/syntax,
// codeberg.org/miekg/dns.
package asn

import (
	"context"
	"net/netip"
	"strconv"
	"strings"
	"unicode"

	"wolkwijs/domaincheck/dnsq"
)

// Network is where an address is in the routing of the internet.
type Network struct {
	ASN     uint32       // of the autonomous system that announces it; 0: unknown
	Prefix  netip.Prefix // the announcement; invalid: unknown
	Name    string       // of the autonomous system: a stranger's words, in one line of at most maxName characters
	Country string       // of the registration, ISO 3166-1 alpha-2
	Failed  bool         // it could not be looked up
}

// Source finds the network of an address. It is safe for concurrent use.
type Source interface {
	// Network looks up ip. The name of the autonomous system is only needed
	// if named is true. client asks DNS on the account of the check.
	Network(ctx context.Context, client dnsq.Client, ip netip.Addr, named bool) Network
}

// maxName is how many characters of a name are kept. Registries' own are
// shorter, mostly by far; whoever writes more wants to fill a page.
const maxName = 100

// nameOf makes a name of what a registry or a stranger wrote: one line, without
// characters that cannot be seen or that change how their neighbours look.
func nameOf(s string) string {
	s = strings.Map(func(r rune) rune {
		if unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp) {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(s, "\ufffd"))
	s = strings.Join(strings.Fields(s), " ")
	n := 0
	for i := range s {
		if n++; n > maxName {
			return strings.TrimSpace(s[:i]) + "…"
		}
	}
	return s
}

// block returns the smallest routed block that ip is in.
func block(ip netip.Addr) netip.Prefix {
	ip = ip.Unmap().WithZone("")
	bits := 48
	if ip.Is4() {
		bits = 24
	}
	p, err := ip.Prefix(bits)
	if err != nil {
		return netip.Prefix{}
	}
	return p
}

// number reads an AS number, with or without "AS" before it.
func number(s string) (uint32, bool) {
	s = strings.TrimPrefix(strings.ToUpper(s), "AS")
	n, err := strconv.ParseUint(s, 10, 32)
	return uint32(n), err == nil && n != 0
}

// country returns s as a country code, or "" if it is none.
func country(s string) string {
	s = strings.ToUpper(strings.TrimSpace(s))
	if len(s) == 2 && 'A' <= s[0] && s[0] <= 'Z' && 'A' <= s[1] && s[1] <= 'Z' {
		return s
	}
	return ""
}

// countryOfName returns the country that registries put after the name of an
// autonomous system: "EXAMPLE-AS Example, NL".
func countryOfName(name string) string {
	if i := strings.LastIndexByte(name, ','); i >= 0 {
		return country(name[i+1:])
	}
	return ""
}
