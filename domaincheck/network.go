package domaincheck

import (
	"context"
	"fmt"
	"net/netip"
	"strconv"
	"strings"

	"codeberg.org/miekg/dns"

	"wolkwijs/domaincheck/dnsq"
	"wolkwijs/domaincheck/record"
)

// Networks finds the autonomous system that an address is in.
type Networks interface {
	// Network looks up ip. The name of the autonomous system is only needed
	// if named is true. client asks DNS on the account of the check.
	Network(ctx context.Context, client dnsq.Client, ip netip.Addr, named bool) Network
}

// network starts looking up the network of the first public address among the
// answers.
func (c *collector) network(named bool, answers ...dnsq.Answer) {
	if c.Networks == nil {
		return
	}
	for _, ip := range addresses(answers...) {
		if !isPublic(ip) {
			continue
		}
		c.wait.Go(func() {
			n := c.Networks.Network(c.ctx, c.questions, ip, named)
			c.mu.Lock()
			defer c.mu.Unlock()
			if n.Name != "" || c.facts.Networks[ip].ASN == 0 {
				c.facts.Networks[ip] = n
			}
		})
		return
	}
}

// Cymru finds networks through Team Cymru's IP to ASN mapping, over DNS. Only
// the first 24 bits of an IPv4 address, and 48 of an IPv6 address, are sent:
// enough to find the route, and no more than needed.
type Cymru struct{}

// Network implements [Networks].
func (Cymru) Network(ctx context.Context, client dnsq.Client, ip netip.Addr, named bool) Network {
	ip = ip.Unmap()
	// "64496 | 192.0.2.0/24 | NL | ripencc | 2001-02-03", with several numbers
	// where several announce it.
	fields, ok := cymru(ctx, client, originName(ip))
	n := Network{Failed: !ok}
	if len(fields) < 3 {
		return n
	}
	number, _, _ := strings.Cut(fields[0], " ")
	asn, err := strconv.ParseUint(number, 10, 32)
	if err != nil {
		return n
	}
	n.ASN = uint32(asn)
	if country := fields[2]; len(country) == 2 {
		n.Country = strings.ToUpper(country)
	}
	if named {
		// "64496 | NL | ripencc | 2001-02-03 | EXAMPLE-AS Example, NL"
		if fields, _ := cymru(ctx, client, fmt.Sprintf("as%d.asn.cymru.com", n.ASN)); len(fields) == 5 {
			n.Name = fields[4]
		}
	}
	return n
}

// cymru asks for a TXT record of fields with bars between them. It returns
// false if the look-up failed.
func cymru(ctx context.Context, client dnsq.Client, name string) (fields []string, ok bool) {
	a := client.Query(ctx, name, dns.TypeTXT)
	for _, txt := range record.TXT(a) {
		for field := range strings.SplitSeq(txt, "|") {
			fields = append(fields, strings.TrimSpace(field))
		}
		return fields, true
	}
	return nil, a.Status != dnsq.Failed
}

// originName is the name under which the origin of the block of ip is.
func originName(ip netip.Addr) string {
	b := ip.AsSlice()
	var labels []string
	if ip.Is4() {
		b[3] = 0
		for i := len(b) - 1; i >= 0; i-- {
			labels = append(labels, strconv.Itoa(int(b[i])))
		}
		return strings.Join(labels, ".") + ".origin.asn.cymru.com"
	}
	for i := 5; i >= 0; i-- {
		labels = append(labels, strconv.FormatUint(uint64(b[i]&15), 16), strconv.FormatUint(uint64(b[i]>>4), 16))
	}
	return strings.Join(labels, ".") + ".origin6.asn.cymru.com"
}
