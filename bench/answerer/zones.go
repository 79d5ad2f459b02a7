// Package answerer answers DNS questions about a made-up world as fast as it
// can, as a resolver would that has all answers in its cache and validates
// DNSSEC: it sets the AD bit on what is signed. It stands in for a resolver
// where the asker alone is to be measured.
package answerer

import (
	"encoding/binary"
	"fmt"
	"strings"

	"codeberg.org/miekg/dns"

	"wolkwijs/bench/world"
)

// Answers are all answers, ready to be sent.
type Answers struct {
	nodes map[string]*node // by name as on the wire, in lower case
}

// node is a name that exists.
type node struct {
	sets   map[uint16]set
	cname  string // the name as on the wire that it is an alias for
	soa    []byte // at the apex of a zone: the record as in an authority section
	signed bool   // at the apex of a zone
}

// set is an RRset: type, class, TTL, length and data of each record.
type set [][]byte

// New reads the zones. The error names the record that cannot be read.
func New(zones ...world.Zone) (*Answers, error) {
	a := &Answers{nodes: map[string]*node{}}
	for _, z := range zones {
		p := dns.NewZoneParser(strings.NewReader(strings.Join(z.Records, "\n")), ".", z.Name)
		for rr, ok := p.Next(); ok; rr, ok = p.Next() {
			if err := a.add(rr); err != nil {
				return nil, err
			}
		}
		if err := p.Err(); err != nil {
			return nil, err
		}
		apex := a.nodes[wireName(z.Name)]
		if apex == nil {
			return nil, fmt.Errorf("zone %s has no records", z.Name)
		}
		apex.signed = z.Signed
		if z.Signed {
			if err := a.sign(z.Name); err != nil {
				return nil, err
			}
		}
	}
	return a, nil
}

// sign adds what tells that a zone is signed. Nobody checks signatures here.
func (a *Answers) sign(zone string) error {
	for _, line := range []string{
		" 3600 IN DNSKEY 257 3 13 mdsswUyr3DPW132mOi8V9xESWE8jTo0dxCjjnopKl+GqJxpVXckHAeF+KkxLbxILfDLUT0rAK9iUzy1L53eKGQ==",
		" 3600 IN DS 12345 13 2 0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
		" 3600 IN NSEC3PARAM 1 0 0 -",
	} {
		rr, err := dns.New(zone + line)
		if err != nil {
			return err
		}
		if err := a.add(rr); err != nil {
			return err
		}
	}
	return nil
}

func (a *Answers) add(rr dns.RR) error {
	owner := wireName(rr.Header().Name)
	n := a.make(owner)
	for above := parent(owner); above != ""; above = parent(above) {
		a.make(above) // empty non-terminals exist
	}
	data, err := rdata(rr)
	if err != nil {
		return fmt.Errorf("%s: %w", rr, err)
	}
	rrtype := dns.RRToType(rr)
	rec := binary.BigEndian.AppendUint16(nil, rrtype)
	rec = binary.BigEndian.AppendUint16(rec, dns.ClassINET)
	rec = binary.BigEndian.AppendUint32(rec, rr.Header().TTL)
	rec = binary.BigEndian.AppendUint16(rec, uint16(len(data)))
	rec = append(rec, data...)
	n.sets[rrtype] = append(n.sets[rrtype], rec)
	switch rr := rr.(type) {
	case *dns.CNAME:
		n.cname = wireName(rr.Target)
	case *dns.SOA:
		n.soa = append([]byte(owner), rec...)
	}
	return nil
}

func (a *Answers) make(name string) *node {
	if a.nodes[name] == nil {
		a.nodes[name] = &node{sets: map[uint16]set{}}
	}
	return a.nodes[name]
}

// rdata returns the data of a record without compressed names.
func rdata(rr dns.RR) ([]byte, error) {
	if soa, ok := rr.(*dns.SOA); ok {
		b := append([]byte(wireName(soa.Ns)), wireName(soa.Mbox)...)
		for _, v := range []uint32{soa.Serial, soa.Refresh, soa.Retry, soa.Expire, soa.Minttl} {
			b = binary.BigEndian.AppendUint32(b, v)
		}
		return b, nil
	}
	one := rr.Clone()
	one.Header().Name = "." // nothing to compress with
	m := &dns.Msg{Answer: []dns.RR{one}}
	if err := m.Pack(); err != nil {
		return nil, err
	}
	const before = 12 + 1 + 10 // the header, the root, type to length
	return m.Data[before:], nil
}

// wireName returns a name as on the wire, in lower case.
func wireName(s string) string {
	s = strings.TrimSuffix(strings.ToLower(s), ".")
	if s == "" {
		return "\x00"
	}
	var b strings.Builder
	for label := range strings.SplitSeq(s, ".") {
		b.WriteByte(byte(len(label)))
		b.WriteString(label)
	}
	b.WriteByte(0)
	return b.String()
}

// parent returns the name above, "" above the root.
func parent(name string) string {
	if name[0] == 0 {
		return ""
	}
	return name[1+int(name[0]):]
}
