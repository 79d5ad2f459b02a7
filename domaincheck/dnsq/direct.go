package dnsq

import (
	"encoding/binary"
	"net/netip"

	"codeberg.org/miekg/dns"
	"codeberg.org/miekg/dns/rdata"
)

// directRRs reads RRsets of the commonest types without the library, which
// would need a message made of them. It reports false where something is not
// as it should be, or rare: the library then has its say. A test holds the two
// against each other.
func directRRs(set []record) ([]dns.RR, bool) {
	out := make([]dns.RR, len(set))
	owner := set[0].owner.String()
	for i, r := range set {
		if r.owner != set[0].owner {
			return nil, false
		}
		if out[i] = r.direct(dns.Header{Name: owner, TTL: r.ttl, Class: r.class}); out[i] == nil {
			return nil, false
		}
	}
	return out, true
}

// direct reads one record, or returns nil.
func (r record) direct(h dns.Header) dns.RR {
	d := r.rdata
	switch r.rrtype {
	case dns.TypeA:
		if len(d) == 4 {
			return &dns.A{Hdr: h, A: rdata.A{Addr: netip.AddrFrom4([4]byte(d))}}
		}
	case dns.TypeAAAA:
		if len(d) == 16 {
			return &dns.AAAA{Hdr: h, AAAA: rdata.AAAA{Addr: netip.AddrFrom16([16]byte(d))}}
		}
	case dns.TypeMX:
		if target := onlyName(d, 2); target != "" {
			return &dns.MX{Hdr: h, MX: rdata.MX{Preference: binary.BigEndian.Uint16(d), Mx: target}}
		}
	case dns.TypeNS:
		if target := onlyName(d, 0); target != "" {
			return &dns.NS{Hdr: h, NS: rdata.NS{Ns: target}}
		}
	case dns.TypeTXT:
		if texts := plainTexts(d); texts != nil {
			return &dns.TXT{Hdr: h, TXT: rdata.TXT{Txt: texts}}
		}
	}
	return nil
}

// onlyName returns the name that fills the rdata after skip octets, or "".
func onlyName(d []byte, skip int) string {
	if len(d) <= skip || nameLen(d[skip:]) != len(d)-skip { // such as one in which a pointer is left
		return ""
	}
	return presentation(d[skip:])
}

// plainTexts returns the character-strings of a TXT record, or nil if one has
// an octet that is written with an escape.
func plainTexts(d []byte) []string {
	texts := make([]string, 0, 1)
	for len(d) > 0 {
		n := int(d[0])
		if n >= len(d) {
			return nil
		}
		text := d[1 : 1+n]
		for _, c := range text {
			if c < ' ' || c > '~' || c == '"' || c == '\\' {
				return nil
			}
		}
		texts = append(texts, string(text))
		d = d[1+n:]
	}
	if len(texts) == 0 {
		return nil
	}
	return texts
}
