package dnsq

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rsa"
	_ "crypto/sha1"   // RSASHA1 (RFC 3110)
	_ "crypto/sha256" // the usual algorithms
	_ "crypto/sha512" // RSASHA512, ECDSAP384SHA384
	"encoding/binary"
	"math/big"
	"slices"
	"time"

	"codeberg.org/miekg/dns"
)

// rrsig is the rdata of an RRSIG record (RFC 4034, section 3.1).
type rrsig struct {
	covered               uint16
	algorithm, labels     uint8
	originalTTL           uint32
	expiration, inception uint32 // seconds since 1970, modulo 2^32 (section 3.1.5)
	tag                   uint16
	signer                name
	signed                []byte // the rdata without the signature, as they are signed
	signature             []byte
}

func parseRRSIG(r record) (rrsig, bool) {
	names, rest, ok := r.namesIn()
	if !ok || r.rrtype != dns.TypeRRSIG {
		return rrsig{}, false
	}
	d := r.rdata
	signer := lowerName(string(names[0]))
	return rrsig{
		covered:     binary.BigEndian.Uint16(d),
		algorithm:   d[2],
		labels:      d[3],
		originalTTL: binary.BigEndian.Uint32(d[4:]),
		expiration:  binary.BigEndian.Uint32(d[8:]),
		inception:   binary.BigEndian.Uint32(d[12:]),
		tag:         binary.BigEndian.Uint16(d[16:]),
		signer:      signer,
		signed:      append(slices.Clone(d[:18]), signer...),
		signature:   rest,
	}, true
}

// expires returns the end of validity as a time near now.
func (s rrsig) expires(now time.Time) time.Time { return serialTime(s.expiration, now) }

// serialTime reads a 32-bit count of seconds as the time nearest to now
// (RFC 4034, section 3.1.5; RFC 1982).
func serialTime(seconds uint32, now time.Time) time.Time {
	delta := int32(seconds - uint32(now.Unix()))
	return time.Unix(now.Unix()+int64(delta), 0).UTC()
}

// dnskey is the rdata of a DNSKEY record (RFC 4034, section 2.1).
type dnskey struct {
	flags     uint16
	protocol  uint8
	algorithm uint8
	tag       uint16
	public    []byte
	rdata     []byte
}

const (
	flagZone   = 1 << 8 // RFC 4034, section 2.1.1
	flagRevoke = 1 << 7 // RFC 5011, section 2.1
	flagSEP    = 1
)

func parseDNSKEY(r record) (dnskey, bool) {
	if len(r.rdata) < 5 || r.rrtype != dns.TypeDNSKEY {
		return dnskey{}, false
	}
	d := r.rdata
	return dnskey{
		flags:    binary.BigEndian.Uint16(d),
		protocol: d[2], algorithm: d[3], public: d[4:], rdata: d,
		tag: keyTag(d),
	}, true
}

// usable says whether the key may sign zone data at all.
func (k dnskey) usable() bool {
	return k.flags&flagZone != 0 && k.flags&flagRevoke == 0 && k.protocol == 3
}

// keyTag is the checksum by which signatures name keys (RFC 4034, appendix B).
func keyTag(rdata []byte) uint16 {
	var sum uint32
	for i, b := range rdata {
		if i&1 == 0 {
			sum += uint32(b) << 8
		} else {
			sum += uint32(b)
		}
	}
	return uint16(sum + sum>>16)
}

// hashes has the algorithms that can be checked, with their hash; Ed25519
// brings its own. Ed448 is left out for want of an implementation in the
// standard library, GOST because nobody should use it (RFC 8624, section 3.1).
var hashes = map[uint8]crypto.Hash{
	dns.RSASHA1:          crypto.SHA1,
	dns.RSASHA1NSEC3SHA1: crypto.SHA1,
	dns.RSASHA256:        crypto.SHA256,
	dns.RSASHA512:        crypto.SHA512,
	dns.ECDSAP256SHA256:  crypto.SHA256,
	dns.ECDSAP384SHA384:  crypto.SHA384,
	dns.ED25519:          0,
}

// algorithmSupported says whether signatures of the algorithm can be checked.
// A zone signed with others alone counts as unsigned (RFC 4035, section 5.2).
func algorithmSupported(algorithm uint8) bool {
	_, ok := hashes[algorithm]
	return ok
}

// maxRSABits bounds the work a stranger's key can cause.
const maxRSABits = 4096

// verifies says whether signature is the key's over data.
func (k dnskey) verifies(data, signature []byte) bool {
	hash := hashes[k.algorithm]
	var digest []byte
	if hash != 0 {
		h := hash.New()
		h.Write(data)
		digest = h.Sum(nil)
	}
	switch k.algorithm {
	case dns.RSASHA1, dns.RSASHA1NSEC3SHA1, dns.RSASHA256, dns.RSASHA512:
		public := k.rsa()
		return public != nil && rsa.VerifyPKCS1v15(public, hash, digest, signature) == nil
	case dns.ECDSAP256SHA256:
		return verifyECDSA(elliptic.P256(), 32, k.public, digest, signature)
	case dns.ECDSAP384SHA384:
		return verifyECDSA(elliptic.P384(), 48, k.public, digest, signature)
	case dns.ED25519:
		return len(k.public) == ed25519.PublicKeySize && ed25519.Verify(k.public, data, signature)
	}
	return false
}

func verifyECDSA(curve elliptic.Curve, size int, public, digest, signature []byte) bool {
	if len(public) != 2*size || len(signature) != 2*size {
		return false
	}
	key, err := ecdsa.ParseUncompressedPublicKey(curve, append([]byte{4}, public...)) // RFC 6605, section 4
	if err != nil {
		return false
	}
	r, s := new(big.Int).SetBytes(signature[:size]), new(big.Int).SetBytes(signature[size:])
	return ecdsa.Verify(key, digest, r, s)
}

// rsa reads the key (RFC 3110, section 2); nil if it is none or too large.
func (k dnskey) rsa() *rsa.PublicKey {
	exponent, modulus := k.splitRSA()
	e := new(big.Int).SetBytes(exponent)
	if len(modulus) == 0 || len(modulus) > maxRSABits/8 || e.BitLen() > 31 || e.BitLen() < 2 {
		return nil
	}
	return &rsa.PublicKey{N: new(big.Int).SetBytes(modulus), E: int(e.Int64())}
}

func (k dnskey) splitRSA() (exponent, modulus []byte) {
	p := k.public
	if len(p) < 1 {
		return nil, nil
	}
	length, p := int(p[0]), p[1:]
	if length == 0 {
		if len(p) < 2 {
			return nil, nil
		}
		length, p = int(binary.BigEndian.Uint16(p)), p[2:]
	}
	if length > len(p) {
		return nil, nil
	}
	return p[:length], bytes.TrimLeft(p[length:], "\x00")
}

// bits returns the size of the key, in bits; 0 if it is not known.
func (k dnskey) bits() int {
	switch k.algorithm {
	case dns.RSASHA1, dns.RSASHA1NSEC3SHA1, dns.RSASHA256, dns.RSASHA512:
		_, modulus := k.splitRSA()
		return new(big.Int).SetBytes(modulus).BitLen()
	case dns.ECDSAP256SHA256, dns.ED25519:
		return 256
	case dns.ECDSAP384SHA384:
		return 384
	}
	return 0
}

// digests has the DS digest types that can be checked (RFC 4509, RFC 6605).
var digests = map[uint8]crypto.Hash{
	dns.SHA1:   crypto.SHA1,
	dns.SHA256: crypto.SHA256,
	dns.SHA384: crypto.SHA384,
}

// ds is the rdata of a DS record (RFC 4034, section 5.1).
type ds struct {
	tag                   uint16
	algorithm, digestType uint8
	digest                []byte
}

func parseDS(r record) (ds, bool) {
	if len(r.rdata) < 5 || r.rrtype != dns.TypeDS {
		return ds{}, false
	}
	return ds{binary.BigEndian.Uint16(r.rdata), r.rdata[2], r.rdata[3], r.rdata[4:]}, true
}

// vouchesFor says whether the DS is of that key of the zone.
func (d ds) vouchesFor(zone name, k dnskey) bool {
	hash, ok := digests[d.digestType]
	if !ok || d.tag != k.tag || d.algorithm != k.algorithm || !k.usable() {
		return false
	}
	h := hash.New()
	h.Write([]byte(zone))
	h.Write(k.rdata)
	return bytes.Equal(h.Sum(nil), d.digest)
}

// usableDS returns the DS records that can be checked. Those with SHA-1 do
// not count where there are better ones (RFC 4509, section 3).
func usableDS(set []record) []ds {
	var all []ds
	strong := false
	for _, rec := range set {
		d, ok := parseDS(rec)
		if !ok || digests[d.digestType] == 0 || !algorithmSupported(d.algorithm) {
			continue
		}
		all = append(all, d)
		strong = strong || d.digestType != dns.SHA1
	}
	if strong {
		all = slices.DeleteFunc(all, func(d ds) bool { return d.digestType == dns.SHA1 })
	}
	return all
}

// signedData returns what the signature is over: its own rdata and the RRset
// in canonical form and order, each record once (RFC 4034, sections 3.1.8.1
// and 6). The owner of a set made from a wildcard is the wildcard (RFC 4035,
// section 5.3.2).
func (s rrsig) signedData(set []record) []byte {
	owner := set[0].owner
	if int(s.labels) < owner.labels() {
		owner = owner.last(int(s.labels)).wildcard()
	}
	all := make([][]byte, len(set))
	for i, rec := range set {
		all[i] = rec.canonicalRdata()
	}
	slices.SortFunc(all, bytes.Compare)
	all = slices.CompactFunc(all, bytes.Equal)
	data := slices.Clone(s.signed)
	for _, rdata := range all {
		data = append(data, owner...)
		data = binary.BigEndian.AppendUint16(data, set[0].rrtype)
		data = binary.BigEndian.AppendUint16(data, set[0].class)
		data = binary.BigEndian.AppendUint32(data, s.originalTTL)
		data = binary.BigEndian.AppendUint16(data, uint16(len(rdata)))
		data = append(data, rdata...)
	}
	return data
}
