package answerer

import (
	"encoding/binary"

	"codeberg.org/miekg/dns"
)

const (
	flagQR = 1 << 15
	flagTC = 1 << 9
	flagRD = 1 << 8
	flagRA = 1 << 7
	flagAD = 1 << 5

	headerOctets = 12
	maxChain     = 8
)

// bogusName is what the product asks to see whether a resolver validates.
const bogusName = "\x0ddnssec-failed\x03org\x00"

// Reply appends the reply to a query to buf and returns it; nil if the query
// is none. max is the largest reply: a larger one is cut off.
func (a *Answers) Reply(buf, query []byte, max int) []byte {
	name, end := question(query)
	if name == "" || end+4 > len(query) {
		return nil
	}
	rrtype := binary.BigEndian.Uint16(query[end:])
	start := len(buf)
	buf = append(buf, query[:end+4]...)
	head := buf[start:]
	copy(head[4:], []byte{0, 1, 0, 0, 0, 0, 0, 1})
	flags := uint16(flagQR | flagRA | flagRD)
	answers, authority := 0, 0
	owner := "" // the question's own name, by a pointer
	signed := true
	for range maxChain {
		n, apex := a.find(name)
		signed = signed && (apex == nil || apex.signed)
		if n == nil {
			flags |= dns.RcodeNameError
			buf, authority = negative(buf, apex)
			break
		}
		set := n.sets[rrtype]
		if len(set) == 0 && n.cname != "" {
			buf = appendSet(buf, owner, n.sets[dns.TypeCNAME])
			answers++
			name, owner = n.cname, n.cname
			continue
		}
		if len(set) == 0 {
			buf, authority = negative(buf, apex)
			break
		}
		buf = appendSet(buf, owner, set)
		answers += len(set)
		break
	}
	if name == bogusName {
		flags = flagQR | flagRA | flagRD | dns.RcodeServerFailure
		buf, answers, authority, signed = buf[:start+end+4], 0, 0, false
	}
	if signed {
		flags |= flagAD
	}
	if len(buf)-start+11 > max {
		flags |= flagTC
		buf, answers, authority = buf[:start+end+4], 0, 0
	}
	buf = append(buf, 0, 0, 41, 0x10, 0, 0, 0, 0, 0, 0, 0) // OPT
	head = buf[start:]
	binary.BigEndian.PutUint16(head[2:], flags)
	binary.BigEndian.PutUint16(head[6:], uint16(answers))
	binary.BigEndian.PutUint16(head[8:], uint16(authority))
	return buf
}

// question returns the name asked, in lower case, and where it ends; "" if
// there is none.
func question(query []byte) (string, int) {
	var lower [256]byte
	if len(query) < headerOctets+5 {
		return "", 0
	}
	off := headerOctets
	for n := 0; n < len(lower); n++ {
		if off >= len(query) {
			return "", 0
		}
		c := query[off]
		off++
		if 'A' <= c && c <= 'Z' {
			c += 'a' - 'A'
		}
		lower[n] = c
		if c == 0 {
			return string(lower[:n+1]), off
		}
	}
	return "", 0
}

// find returns the node of a name, or of the wildcard that matches it, and
// the apex of the zone it is in; nil if there is none.
func (a *Answers) find(name string) (n, apex *node) {
	n = a.nodes[name]
	for at := name; at != ""; at = parent(at) {
		above := a.nodes[at]
		if above == nil {
			continue
		}
		if n == nil && at != name {
			n = a.nodes["\x01*"+at]
			if n == nil {
				n = missing
			}
		}
		if above.soa != nil {
			apex = above
			break
		}
	}
	if n == missing {
		n = nil
	}
	return n, apex
}

// missing stands for a name of which it is known that it does not exist.
var missing = &node{}

func negative(buf []byte, apex *node) ([]byte, int) {
	if apex == nil {
		return buf, 0
	}
	return append(buf, apex.soa...), 1
}

// appendSet appends the records of a name; "" stands for the name asked.
func appendSet(buf []byte, owner string, s set) []byte {
	for _, rec := range s {
		if owner == "" {
			buf = append(buf, 0xC0, headerOctets)
		} else {
			buf = append(buf, owner...)
		}
		buf = append(buf, rec...)
	}
	return buf
}
