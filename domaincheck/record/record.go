// Package record takes apart the DNS records that checks read: it puts TXT
// records together, and keeps names that are no host names out of places
// where a look at the end of a name decides.
//
// May import: domaincheck/dnsq, codeberg.org/miekg/dns,
// golang.org/x/net/publicsuffix.
package record

import (
	"strings"

	"codeberg.org/miekg/dns"
	"golang.org/x/net/publicsuffix"

	"wolkwijs/domaincheck/dnsq"
)

// TXT returns the TXT records of an answer, each with its character-strings
// put together without spaces (RFC 7208, section 3.3; RFC 6376, section
// 3.6.2.2), as the octets on the wire.
func TXT(a dnsq.Answer) []string {
	var all []string
	for _, rr := range a.Records {
		if txt, ok := rr.(*dns.TXT); ok {
			all = append(all, dnsq.TXTString(txt))
		}
	}
	return all
}

// IsName says whether s, without a final dot, can be asked for: labels of 1
// to 63 octets, 253 octets in all (RFC 1035, section 2.3.4).
func IsName(s string) bool {
	if s == "" || len(s) > 253 {
		return false
	}
	for label := range strings.SplitSeq(s, ".") {
		if label == "" || len(label) > 63 {
			return false
		}
	}
	return true
}

// IsHostname says whether s is a name of letters, digits, hyphens and
// underscores. Only of such a name may the end be compared: see dnsq.HostName.
func IsHostname(s string) bool {
	_, ok := dnsq.HostName(s)
	return ok
}

// Name returns a name of a record in lower case without the final dot. The
// root is "".
func Name(s string) string { return strings.TrimSuffix(strings.ToLower(s), ".") }

// IsPublicSuffix says whether name, in lower case without the final dot, is
// one under which others have their domains, such as nl and co.uk.
func IsPublicSuffix(name string) bool {
	suffix, _ := publicsuffix.PublicSuffix(name)
	return suffix == name
}
