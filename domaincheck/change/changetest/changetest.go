// Package changetest is a small internet for tests of watching a domain: the
// zone of a club, the companies and networks around it, and a way to change
// the zone bit by bit.
//
// For tests only.
package changetest

import (
	"slices"
	"strings"
)

// Around is the internet around [Club]: companies for mail, a filter, DNS and
// websites, and the networks they are in. knowledge/testdata/watched is what
// the knowledge base says of them.
const Around = `
$TTL 0
$ORIGIN .
. SOA a. b. 1 7200 3600 1209600 0
nl. SOA a. b. 1 7200 3600 1209600 0
example. SOA a. b. 1 7200 3600 1209600 0
com. SOA a. b. 1 7200 3600 1209600 0
mx1.big.example. A 192.0.2.25
mx2.big.example. A 192.0.2.26
mx.small.example. A 198.51.100.25
mx.filter.example. A 203.0.113.25
_spf.big.example. TXT "v=spf1 ip4:192.0.2.0/24 -all"
_spf.small.example. TXT "v=spf1 ip4:198.51.100.0/24 -all"
_spf.news.example. TXT "v=spf1 ip4:203.0.113.0/24 -all"
ns1.host.example. A 192.0.2.53
ns2.host.example. A 192.0.2.54
ns1.other.example. A 198.51.100.53
ns2.other.example. A 198.51.100.54
www.host.example. A 192.0.2.80
www.other.example. A 198.51.100.80
post.example. MX 10 mx.giveaway.example.
0.2.0.192.origin.asn.cymru.com. TXT "64500 | 192.0.2.0/24 | US | arin | 2001-02-03"
as64500.asn.cymru.com. TXT "64500 | US | arin | 2001-02-03 | BIG-AS Big, US"
0.100.51.198.origin.asn.cymru.com. TXT "64501 | 198.51.100.0/24 | NL | ripencc | 2001-02-03"
as64501.asn.cymru.com. TXT "64501 | NL | ripencc | 2001-02-03 | SMALL-AS Small, NL"
0.113.0.203.origin.asn.cymru.com. TXT "64502 | 203.0.113.0/24 | NL | ripencc | 2001-02-03"
as64502.asn.cymru.com. TXT "64502 | NL | ripencc | 2001-02-03 | NOBODY-AS Nobody, NL"
`

// Club is the zone of club.nl before anything changes.
const Club = `
$ORIGIN club.nl.
@ SOA ns1.host.example. hostmaster 1 7200 3600 1209600 0
@ NS ns1.host.example.
@ NS ns2.host.example.
@ MX 10 mx1.big.example.
@ MX 20 mx2.big.example.
@ TXT "v=spf1 include:_spf.big.example ~all"
www CNAME www.host.example.
_dmarc TXT "v=DMARC1; p=quarantine; rua=mailto:dmarc@club.nl"
`

// Edit returns the zones without the records that begin as one of the edits
// with a minus sign says ("- @ MX"), and with the other edits added to the
// zone of club.nl. Owner names in all zones are matched as they are written.
func Edit(zones string, edits ...string) string {
	var kept, add []string
	for _, e := range edits {
		if e = strings.TrimSpace(e); e != "" && !strings.HasPrefix(e, "- ") {
			add = append(add, e+"\n")
		}
	}
	for line := range strings.Lines(zones) {
		gone := slices.ContainsFunc(edits, func(e string) bool {
			what, drops := strings.CutPrefix(strings.TrimSpace(e), "- ")
			return drops && strings.HasPrefix(line, what+" ")
		})
		if !gone {
			kept = append(kept, line)
		}
		if line == "$ORIGIN club.nl.\n" {
			kept = append(kept, add...)
		}
	}
	return strings.Join(kept, "")
}
