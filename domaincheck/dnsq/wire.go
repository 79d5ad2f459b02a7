package dnsq

import (
	"encoding/binary"
	"errors"
	"fmt"

	"codeberg.org/miekg/dns"
)

// errMessage is the cause of every failure to read a message.
var errMessage = errors.New("not a DNS message")

// question is what is asked.
type question struct {
	name   name
	rrtype uint16
}

func (q question) String() string {
	return q.name.String() + " " + dns.TypeToString[q.rrtype]
}

// asked is how a question goes out.
type asked struct {
	question
	dnssec  bool // DO: send the signatures too (RFC 3225)
	noCheck bool // CD: send it even if it is bogus (RFC 4035, section 3.2.2)
}

const (
	headerOctets = 12
	queryOctets  = headerOctets + 4 + 11 // without the name: header, type and class, OPT
)

// pack appends the query to buf. The AD bit says that the AD bit of the reply
// will be read (RFC 6840, section 5.7). size is the largest UDP reply wanted.
func (q asked) pack(buf []byte, id, size uint16) []byte {
	flags := uint16(1<<8 | 1<<5) // RD, AD
	if q.noCheck {
		flags |= 1 << 4
	}
	buf = binary.BigEndian.AppendUint16(buf, id)
	buf = binary.BigEndian.AppendUint16(buf, flags)
	buf = append(buf, 0, 1, 0, 0, 0, 0, 0, 1)
	buf = append(buf, q.name...)
	buf = binary.BigEndian.AppendUint16(buf, q.rrtype)
	buf = binary.BigEndian.AppendUint16(buf, dns.ClassINET)
	var do byte
	if q.dnssec {
		do = 1 << 7
	}
	buf = append(buf, 0, 0, byte(dns.TypeOPT)) // OPT (RFC 6891, section 6.1.2)
	buf = binary.BigEndian.AppendUint16(buf, size)
	return append(buf, 0, 0, do, 0, 0, 0)
}

// reply is a message as read. Records keep their rdata as octets: only the
// RRset that answers the question becomes dns.RRs (see rrs).
type reply struct {
	asked             name // the name in the question; "" if there is none
	rcode             uint16
	ad, ra, aa, tc    bool
	answer, authority []record
	ede               []EDE
	octets            int       // size of the message
	from              *upstream // who sent it
}

// record is one RR. Names in rdata are uncompressed.
type record struct {
	owner  name
	rrtype uint16
	class  uint16
	ttl    uint32
	rdata  []byte
}

// The sections of a message that have records.
const (
	answer = iota
	authority
	additional
)

// parseReply reads a message. It fails on anything that is not wholly one:
// octets that run out, pointers that do not point back, counts that lie.
func parseReply(wire []byte) (*reply, error) {
	r := new(reply)
	if err := r.parse(wire, ""); err != nil {
		return nil, err
	}
	return r, nil
}

// parse reads a message into r, whose slices it uses again. asked is the name
// that was asked; if that is the one in the question, it is not copied. The
// rdata may lie in wire.
func (r *reply) parse(wire []byte, asked name) error {
	if len(wire) < headerOctets {
		return fmt.Errorf("%w: too short", errMessage)
	}
	flags := binary.BigEndian.Uint16(wire[2:])
	*r = reply{
		rcode: flags & 0xF, octets: len(wire),
		aa: flags&(1<<10) != 0, tc: flags&(1<<9) != 0, ra: flags&(1<<7) != 0,
		ad:     flags&(1<<5) != 0,
		answer: r.answer[:0], authority: r.authority[:0],
	}
	off := headerOctets
	for i := range binary.BigEndian.Uint16(wire[4:]) {
		if i == 0 && len(asked) > 0 && len(wire) >= off+len(asked) && string(wire[off:off+len(asked)]) == string(asked) {
			r.asked, off = asked, off+len(asked)
		} else {
			full, end, err := readName(wire, off)
			if err != nil {
				return err
			}
			if i == 0 {
				r.asked = lowerName(full)
			}
			off = end
		}
		if off += 4; off > len(wire) {
			return fmt.Errorf("%w: the question runs out", errMessage)
		}
	}
	for section := answer; section <= additional; section++ {
		for range binary.BigEndian.Uint16(wire[6+2*section:]) {
			if r.tc && off == len(wire) {
				return nil // some servers cut without correcting the counts
			}
			end, err := r.parseRecord(wire, off, section)
			if err != nil {
				return err
			}
			off = end
		}
	}
	return nil
}

// parseRecord reads the record at off into its section and returns its end.
func (r *reply) parseRecord(wire []byte, off, section int) (int, error) {
	owner, off, err := r.readOwner(wire, off, section)
	if err != nil {
		return 0, err
	}
	if off+10 > len(wire) {
		return 0, fmt.Errorf("%w: a record runs out", errMessage)
	}
	rec := record{
		owner:  owner,
		rrtype: binary.BigEndian.Uint16(wire[off:]),
		class:  binary.BigEndian.Uint16(wire[off+2:]),
		ttl:    binary.BigEndian.Uint32(wire[off+4:]),
	}
	start := off + 10
	end := start + int(binary.BigEndian.Uint16(wire[off+8:]))
	if end > len(wire) {
		return 0, fmt.Errorf("%w: the data of a record run out", errMessage)
	}
	if rec.ttl > 1<<31-1 {
		rec.ttl = 0 // RFC 2181, section 8
	}
	switch {
	case rec.rrtype == dns.TypeOPT:
		r.rcode |= uint16(wire[off+4]) << 4 // the upper 8 bits (RFC 6891, section 6.1.3)
		r.readOptions(wire[start:end])
	case rec.class != dns.ClassINET || section == additional:
	default:
		rec.rdata = uncompress(wire, start, end, rec.rrtype)
		if section == answer {
			r.answer = append(r.answer, rec)
		} else {
			r.authority = append(r.authority, rec)
		}
	}
	return end, nil
}

// maxEDE bounds how many Extended DNS Errors of a reply are kept.
const maxEDE = 8

// readOptions keeps the Extended DNS Errors (RFC 8914, section 2).
func (r *reply) readOptions(options []byte) {
	for len(options) >= 4 && len(r.ede) < maxEDE {
		code := binary.BigEndian.Uint16(options)
		length := int(binary.BigEndian.Uint16(options[2:]))
		if options = options[4:]; length > len(options) {
			return
		}
		if code == dns.CodeEDE && length >= 2 {
			r.ede = append(r.ede, EDE{
				Code: binary.BigEndian.Uint16(options),
				Text: string(trimNUL(options[2:length])),
			})
		}
		options = options[length:]
	}
}

// trimNUL drops the NUL that may end an EDE text (RFC 8914, section 2).
func trimNUL(b []byte) []byte {
	for len(b) > 0 && b[len(b)-1] == 0 {
		b = b[:len(b)-1]
	}
	return b
}

// readOwner reads the owner of a record. That is mostly a pointer to the name
// asked, which has been read already; of additional records nobody asks it.
func (r *reply) readOwner(wire []byte, off, section int) (name, int, error) {
	if off+2 <= len(wire) && wire[off] == 0xC0 && wire[off+1] == headerOctets && r.asked != "" {
		return r.asked, off + 2, nil
	}
	var buf [maxNameOctets]byte
	full, end, err := appendName(buf[:0], wire, off)
	if section == additional || err != nil {
		return "", end, err
	}
	lowerOctets(full)
	if i := len(r.asked) - len(full); i >= 0 && string(r.asked[i:]) == string(full) {
		return r.asked[i:], end, nil // such as a SOA: a copy is not needed
	}
	return name(full), end, nil
}

// readName reads the name at off, following compression pointers (RFC 1035,
// section 4.1.4), and returns it uncompressed in the message's own spelling,
// with the offset after it. A pointer has to point before the name, or the
// part of a name, that it ends: so a chain of them cannot loop.
func readName(wire []byte, off int) (full string, end int, err error) {
	var buf [maxNameOctets]byte
	out, end, err := appendName(buf[:0], wire, off)
	return string(out), end, err
}

// appendName is readName into a buffer that has room for any name.
func appendName(out, wire []byte, off int) (full []byte, end int, err error) {
	start, jumped := off, false
	for {
		if off >= len(wire) {
			return nil, 0, fmt.Errorf("%w: a name runs out", errMessage)
		}
		c := int(wire[off])
		switch c & 0xC0 {
		case 0x00:
			if off+1+c > len(wire) || len(out)+1+c > maxNameOctets {
				return nil, 0, fmt.Errorf("%w: a name runs out or is over 255 octets", errMessage)
			}
			out = append(out, wire[off:off+1+c]...)
			off += 1 + c
			if c == 0 {
				if !jumped {
					end = off
				}
				return out, end, nil
			}
		case 0xC0:
			if off+2 > len(wire) {
				return nil, 0, fmt.Errorf("%w: a pointer runs out", errMessage)
			}
			to := (c&0x3F)<<8 | int(wire[off+1])
			if to >= start {
				return nil, 0, fmt.Errorf("%w: a pointer does not point back", errMessage)
			}
			if !jumped {
				end, jumped = off+2, true
			}
			start, off = to, to
		default:
			return nil, 0, fmt.Errorf("%w: an unknown kind of label", errMessage)
		}
	}
}

// lowerName makes a name out of one in any spelling.
func lowerName(wire string) name {
	for i := range len(wire) {
		if 'A' <= wire[i] && wire[i] <= 'Z' {
			b := []byte(wire)
			lowerOctets(b)
			return name(b)
		}
	}
	return name(wire)
}

// lowerOctets puts a name into lower case. Lengths of labels are at most 63
// and so are never taken for letters.
func lowerOctets(wire []byte) {
	for i, c := range wire {
		wire[i] = lower(c)
	}
}
