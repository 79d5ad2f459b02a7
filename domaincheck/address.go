package domaincheck

import (
	"net/netip"
	"slices"
	"strings"

	"codeberg.org/miekg/dns"

	"wolkwijs/domaincheck/dnsq"
)

// addresses are the IP addresses in answers, IPv4 first, in an order that does
// not depend on that of the records: resolvers rotate those.
func addresses(answers ...dnsq.Answer) []netip.Addr {
	var all []netip.Addr
	for _, a := range answers {
		for _, rr := range a.Records {
			switch rr := rr.(type) {
			case *dns.A:
				all = append(all, rr.Addr)
			case *dns.AAAA:
				all = append(all, rr.Addr)
			}
		}
	}
	slices.SortFunc(all, netip.Addr.Compare)
	return all
}

// reachable says whether an address means the same everywhere on the internet,
// so that others could reach it: no private, local or shared address.
func reachable(ip netip.Addr) bool {
	ip = ip.Unmap()
	return ip.IsGlobalUnicast() && !ip.IsPrivate() && !shared.Contains(ip)
}

// shared is the address space of providers that share addresses among
// customers (RFC 6598).
var shared = netip.MustParsePrefix("100.64.0.0/10")

// mayConnect says whether a connection to an address may be opened. It is
// stricter than [reachable]: none of the special-purpose blocks (RFC 6890 and
// the IANA registries it set up), for some of those lead elsewhere.
func mayConnect(ip netip.Addr) bool {
	ip = ip.Unmap()
	return reachable(ip) && !slices.ContainsFunc(special, func(p netip.Prefix) bool { return p.Contains(ip) })
}

// special are the blocks of the IANA special-purpose registries that netip
// does not know as such.
var special = func() []netip.Prefix {
	var all []netip.Prefix
	for s := range strings.FieldsSeq(`0.0.0.0/8 192.0.0.0/24 192.0.2.0/24 192.88.99.0/24 198.18.0.0/15
		198.51.100.0/24 203.0.113.0/24 240.0.0.0/4 ::/96 64:ff9b::/96 64:ff9b:1::/48 100::/64 2001::/23 2001:db8::/32 2002::/16 3fff::/20 5f00::/16`) {
		all = append(all, netip.MustParsePrefix(s))
	}
	return all
}()
