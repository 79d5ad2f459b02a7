package dnsq

import (
	"encoding/binary"
	"strings"

	"codeberg.org/miekg/dns"
	"codeberg.org/miekg/dns/rdata"
)

// layout says where the names are in the rdata of a type: after skip fixed
// octets, count names in a row.
type layout struct {
	skip, count int
	lower       bool // in lower case for signatures (RFC 4034, section 6.2; RFC 6840, section 5.1)
}

// maxNames is how many names a layout has at most.
const maxNames = 2

// layouts has the types whose rdata holds names, of those asked for here.
// NAPTR, whose name comes after strings, is left out: nobody asks for it.
var layouts = map[uint16]layout{
	dns.TypeNS:    {0, 1, true},
	dns.TypeCNAME: {0, 1, true},
	dns.TypeDNAME: {0, 1, true},
	dns.TypePTR:   {0, 1, true},
	dns.TypeSOA:   {0, 2, true},
	dns.TypeMX:    {2, 1, true},
	dns.TypeSRV:   {6, 1, true},
	dns.TypeRRSIG: {18, 1, true},
	dns.TypeSVCB:  {2, 1, false},
	dns.TypeHTTPS: {2, 1, false},
	dns.TypeNSEC:  {0, 1, false},
}

// uncompress returns wire[start:end], the rdata of a type, with its names
// uncompressed. Rdata that do not fit the type are returned as they are:
// whoever reads the record will find it broken.
func uncompress(wire []byte, start, end int, rrtype uint16) []byte {
	l, ok := layouts[rrtype]
	if !ok || start+l.skip > end {
		return wire[start:end:end]
	}
	out := append(make([]byte, 0, end-start+64), wire[start:start+l.skip]...)
	off := start + l.skip
	var buf [maxNameOctets]byte
	for range l.count {
		full, next, err := appendName(buf[:0], wire[:end], off)
		if err != nil {
			return wire[start:end:end]
		}
		out = append(out, full...)
		off = next
	}
	return append(out, wire[off:end]...)
}

// namesIn returns the names in rdata, in their own spelling, and the octets
// after them. They are part of the rdata, not copies: a survey reads several a
// question. ok is false if the rdata do not fit the type.
func (r record) namesIn() (names [maxNames][]byte, rest []byte, ok bool) {
	l := layouts[r.rrtype]
	if len(r.rdata) < l.skip {
		return names, nil, false
	}
	rest = r.rdata[l.skip:]
	for i := range l.count {
		n := nameLen(rest)
		if n == 0 {
			return names, nil, false
		}
		names[i], rest = rest[:n], rest[n:]
	}
	return names, rest, true
}

// nameLen returns how many octets the uncompressed name at the start of wire
// has; 0 if there is none.
func nameLen(wire []byte) int {
	for off := 0; off < min(len(wire), maxNameOctets) && wire[off] <= maxLabel; off += 1 + int(wire[off]) {
		if wire[off] == 0 {
			return off + 1
		}
	}
	return 0
}

// target returns the first name in rdata, such as the target of a CNAME.
func (r record) target() (name, bool) {
	names, _, ok := r.namesIn()
	if !ok || names[0] == nil {
		return "", false
	}
	return lowerName(string(names[0])), true
}

// canonicalRdata returns the rdata as they are signed.
func (r record) canonicalRdata() []byte {
	l := layouts[r.rrtype]
	_, rest, ok := r.namesIn()
	if !l.lower || !ok {
		return r.rdata
	}
	out := append([]byte(nil), r.rdata...)
	lowerOctets(out[l.skip : len(out)-len(rest)])
	return out
}

// rrs turns an RRset into dns.RRs. Names come out in presentation form with
// escapes, which the library does not do. A record that the library cannot
// read becomes a *dns.RFC3597 of its type: a record that exists, but broken.
func rrs(set []record) []dns.RR {
	if len(set) == 0 {
		return nil
	}
	if out, ok := directRRs(set); ok {
		return out
	}
	if out, ok := unpackRRs(set); ok {
		return out
	}
	out := make([]dns.RR, 0, len(set))
	for i := range set {
		if one, ok := unpackRRs(set[i : i+1]); ok {
			out = append(out, one...)
		} else {
			out = append(out, set[i].unknown())
		}
	}
	return out
}

// unpackRRs has the library read the records from a message made of them.
func unpackRRs(set []record) ([]dns.RR, bool) {
	const fixed = 10
	size := headerOctets
	for _, r := range set {
		size += len(r.owner) + fixed + len(r.rdata)
	}
	if len(set) > 0xFFFF || size > 4*dns.MaxMsgSize {
		return nil, false
	}
	wire := make([]byte, headerOctets, size)
	binary.BigEndian.PutUint16(wire[2:], 1<<15) // QR
	binary.BigEndian.PutUint16(wire[6:], uint16(len(set)))
	for _, r := range set {
		wire = append(wire, r.owner...)
		wire = binary.BigEndian.AppendUint16(wire, r.rrtype)
		wire = binary.BigEndian.AppendUint16(wire, r.class)
		wire = binary.BigEndian.AppendUint32(wire, r.ttl)
		wire = binary.BigEndian.AppendUint16(wire, uint16(len(r.rdata)))
		wire = append(wire, r.rdata...)
	}
	m := &dns.Msg{Data: wire}
	if err := m.Unpack(); err != nil || len(m.Answer) != len(set) {
		return nil, false
	}
	for i, rr := range m.Answer {
		if len(set[i].rdata) == 0 {
			return nil, false // the library calls this fine, but no type asked for here may be empty
		}
		rr.Header().Name = set[i].owner.String()
		if _, hasNames := layouts[set[i].rrtype]; hasNames && !escapeNames(rr, set[i]) {
			return nil, false
		}
	}
	return m.Answer, true
}

// escapeNames replaces the names in rr by their presentation form. It reports
// false if they cannot be read.
func escapeNames(rr dns.RR, r record) bool {
	names, _, ok := r.namesIn()
	if !ok {
		return false
	}
	first := presentation(names[0])
	switch rr := rr.(type) {
	case *dns.NS:
		rr.Ns = first
	case *dns.CNAME:
		rr.Target = first
	case *dns.DNAME:
		rr.Target = first
	case *dns.PTR:
		rr.Ptr = first
	case *dns.SOA:
		rr.Ns, rr.Mbox = first, presentation(names[1])
	case *dns.MX:
		rr.Mx = first
	case *dns.SRV:
		rr.Target = first
	case *dns.RRSIG:
		rr.SignerName = first
	case *dns.SVCB:
		rr.Target = first
	case *dns.HTTPS:
		rr.Target = first
	case *dns.NSEC:
		rr.NextDomain = first
	default:
		return false
	}
	return true
}

// unknown returns the record as one of an unknown type (RFC 3597).
func (r record) unknown() dns.RR {
	const hex = "0123456789abcdef"
	var b strings.Builder
	for _, c := range r.rdata {
		b.WriteByte(hex[c>>4])
		b.WriteByte(hex[c&15])
	}
	return &dns.RFC3597{
		Hdr:     dns.Header{Name: r.owner.String(), TTL: r.ttl, Class: r.class},
		RFC3597: rdata.RFC3597{RRType: r.rrtype, Data: b.String()},
	}
}

// TXTString returns the text of a TXT record: its strings joined without a
// separator (RFC 7208, section 3.3), as raw octets. The library hands strings
// out with quotes, backslashes and other octets escaped.
func TXTString(rr *dns.TXT) string {
	var b strings.Builder
	for _, s := range rr.Txt {
		b.WriteString(unescapeText(s))
	}
	return b.String()
}

func unescapeText(s string) string {
	if strings.IndexByte(s, '\\') < 0 {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] == '\\' {
			if n, c, err := unescape(s[i:]); err == nil {
				b.WriteByte(c)
				i += n - 1
				continue
			}
		}
		b.WriteByte(s[i])
	}
	return b.String()
}
