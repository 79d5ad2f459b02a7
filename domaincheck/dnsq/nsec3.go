package dnsq

import (
	"bytes"
	"crypto/sha1"
	"encoding/base32"
	"encoding/binary"
	"strings"

	"codeberg.org/miekg/dns"
)

// maxIterations is the most extra hashing of NSEC3 that is done; a zone that
// wants more counts as unsigned (RFC 9276, section 3.2).
const maxIterations = 150

// nsec3 is an NSEC3 record (RFC 5155, section 3.1).
type nsec3 struct {
	hash, next []byte // of the owner, and of the next owner
	optOut     bool
	iterations uint16
	salt       []byte
	types      bitmap
}

var base32Hex = base32.HexEncoding.WithPadding(base32.NoPadding)

// parseNSEC3 reads a record of the zone. Those with another hash than SHA-1
// or unknown flags are to be ignored (RFC 5155, sections 8.1 and 8.2).
func parseNSEC3(r record, zone name) (nsec3, bool) {
	d := r.rdata
	if r.rrtype != dns.TypeNSEC3 || r.owner == rootName || r.owner.parent() != zone || len(d) < 5 {
		return nsec3{}, false
	}
	if d[0] != 1 || d[1]&^1 != 0 {
		return nsec3{}, false
	}
	n := nsec3{optOut: d[1]&1 != 0, iterations: binary.BigEndian.Uint16(d[2:])}
	label := string(r.owner[1 : 1+int(r.owner[0])])
	hash, err := base32Hex.DecodeString(strings.ToUpper(label))
	if err != nil || len(hash) != sha1.Size {
		return nsec3{}, false
	}
	n.hash = hash
	var ok bool
	if n.salt, d, ok = shortString(d[4:]); !ok {
		return nsec3{}, false
	}
	if n.next, d, ok = shortString(d); !ok || len(n.next) != sha1.Size {
		return nsec3{}, false
	}
	n.types = d
	return n, true
}

// shortString reads octets that follow an octet with their number.
func shortString(d []byte) (s, rest []byte, ok bool) {
	if len(d) < 1 || int(d[0]) > len(d)-1 {
		return nil, nil, false
	}
	return d[1 : 1+int(d[0])], d[1+int(d[0]):], true
}

// covers says whether the hash lies between the owner's and the next one.
func (n nsec3) covers(hash []byte) bool {
	afterOwner, beforeNext := bytes.Compare(n.hash, hash) < 0, bytes.Compare(hash, n.next) < 0
	if bytes.Compare(n.hash, n.next) < 0 {
		return afterOwner && beforeNext
	}
	return afterOwner || beforeNext // the last one
}

// sameParameters says whether the records belong to one chain.
func (n nsec3) sameParameters(o nsec3) bool {
	return n.iterations == o.iterations && bytes.Equal(n.salt, o.salt)
}

// hash3 returns the hash of the name (RFC 5155, section 5). It returns nil if
// enough has been hashed.
func (d *denial) hash3(at name) []byte {
	p := d.nsec3[0]
	if !d.work.hash(1 + int(p.iterations)) {
		return nil
	}
	h := sha1.Sum(append([]byte(at), p.salt...))
	for range p.iterations {
		h = sha1.Sum(append(h[:], p.salt...))
	}
	return h[:]
}

func (d *denial) at3(at name) *nsec3 {
	hash := d.hash3(at)
	for i, n := range d.nsec3 {
		if hash != nil && bytes.Equal(n.hash, hash) {
			return &d.nsec3[i]
		}
	}
	return nil
}

func (d *denial) covering3(at name) *nsec3 {
	hash := d.hash3(at)
	for i, n := range d.nsec3 {
		if hash != nil && n.covers(hash) {
			return &d.nsec3[i]
		}
	}
	return nil
}

// costly says whether the chain asks for more hashing than is reasonable.
func (d *denial) costly() bool {
	for _, n := range d.nsec3 {
		if n.iterations > maxIterations {
			return true
		}
	}
	return false
}

// encloser3 returns the closest encloser of the name, and the record that
// proves the name one label longer not to exist (RFC 5155, section 8.3).
func (d *denial) encloser3(at name) (encloser name, next *nsec3) {
	for nextCloser := at; nextCloser != d.zone && nextCloser != rootName; nextCloser = nextCloser.parent() {
		encloser = nextCloser.parent()
		match := d.at3(encloser)
		if match == nil {
			continue
		}
		if match.types.delegation() || match.types.has(dns.TypeDNAME) {
			return "", nil
		}
		if next = d.covering3(nextCloser); next == nil {
			return "", nil
		}
		return encloser, next
	}
	return "", nil
}

func (d *denial) noName3(at name) proof {
	if d.costly() {
		return tooCostly
	}
	encloser, next := d.encloser3(at)
	if next == nil {
		return unproven
	}
	wildcard := d.covering3(encloser.wildcard())
	switch {
	case wildcard == nil:
		return unproven
	case next.optOut:
		return provenOpen // RFC 5155, section 9.2
	}
	return proven
}

func (d *denial) noType3(at name, rrtype uint16) proof {
	if d.costly() {
		return tooCostly
	}
	if n := d.at3(at); n != nil {
		if !n.types.deniesType(at, rrtype) {
			return unproven
		}
		if rrtype == dns.TypeDS && n.types.delegation() {
			return provenCut
		}
		return proven
	}
	encloser, next := d.encloser3(at)
	if next == nil {
		return unproven
	}
	wildcard := encloser.wildcard()
	if w := d.at3(wildcard); w != nil && w.types.deniesType(wildcard, rrtype) {
		if next.optOut {
			return provenOpen
		}
		return proven
	}
	if next.optOut {
		return provenOpen // RFC 5155, section 8.6: an unsigned delegation, or nothing
	}
	return unproven
}

func (d *denial) covered3(at name) proof {
	if d.costly() {
		return tooCostly
	}
	switch n := d.covering3(at); {
	case n == nil:
		return unproven
	case n.optOut:
		return provenOpen
	}
	return proven
}
