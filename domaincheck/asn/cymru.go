package asn

import (
	"context"
	"fmt"
	"net/netip"
	"strconv"
	"strings"

	"codeberg.org/miekg/dns"

	"wolkwijs/domaincheck/dnsq"
)

// Cymru is Team Cymru's IP to ASN mapping, asked over DNS. Answers are cached
// as any others, so once for each block.
type Cymru struct{}

// Network implements [Source].
func (Cymru) Network(ctx context.Context, client dnsq.Client, ip netip.Addr, named bool) Network {
	b := block(ip)
	if !b.IsValid() {
		return Network{}
	}
	var n Network
	answers, ok := cymru(ctx, client, cymruName(b))
	n.Failed = !ok
	// "64496 | 192.0.2.0/24 | NL | ripencc | 2001-02-03", a record for each
	// announcement, with several numbers where several announce it.
	for _, fields := range answers {
		first, _, _ := strings.Cut(fields[0], " ")
		number, ok := number(first)
		if !ok || len(fields) < 3 {
			continue
		}
		prefix, _ := netip.ParsePrefix(fields[1])
		if n.ASN == 0 || prefix.Bits() > n.Prefix.Bits() {
			n.ASN, n.Prefix, n.Country = number, prefix, country(fields[2])
		}
	}
	if n.ASN == 0 || !named {
		return n
	}
	// "64496 | NL | ripencc | 2001-02-03 | EXAMPLE-AS Example, NL"
	names, _ := cymru(ctx, client, fmt.Sprintf("as%d.asn.cymru.com.", n.ASN))
	for _, fields := range names {
		if len(fields) == 5 {
			n.Name = nameOf(fields[4])
		}
	}
	return n
}

// cymru asks for TXT records of fields with bars between them. It returns
// false if the look-up failed.
func cymru(ctx context.Context, client dnsq.Client, name string) (answers [][]string, ok bool) {
	a := client.Query(ctx, name, dns.TypeTXT)
	if a.Status == dnsq.Failed {
		return nil, false
	}
	for _, rr := range a.Records {
		txt, isTXT := rr.(*dns.TXT)
		if !isTXT {
			continue
		}
		fields := strings.SplitN(dnsq.TXTString(txt), "|", 5)
		for i := range fields {
			fields[i] = strings.TrimSpace(fields[i])
		}
		answers = append(answers, fields)
	}
	return answers, true
}

// cymruName is the name under which the origin of a block is.
func cymruName(b netip.Prefix) string {
	octets := b.Addr().AsSlice()
	var labels []string
	if b.Addr().Is4() {
		for i := len(octets) - 1; i >= 0; i-- {
			labels = append(labels, strconv.Itoa(int(octets[i])))
		}
		return strings.Join(labels, ".") + ".origin.asn.cymru.com."
	}
	for i := b.Bits()/8 - 1; i >= 0; i-- {
		labels = append(labels, strconv.FormatUint(uint64(octets[i]&15), 16), strconv.FormatUint(uint64(octets[i]>>4), 16))
	}
	return strings.Join(labels, ".") + ".origin6.asn.cymru.com."
}
