// Package authority runs the made-up world on real servers: zones signed up to
// a root of their own on NSD, each delegated as on the internet, and Unbound
// that looks everything up from that root. It needs a network namespace of its
// own, for name servers are asked on port 53.
package authority

import (
	"crypto"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"codeberg.org/miekg/dns"
	"codeberg.org/miekg/dns/rdata"
)

// key signs all zones: one is as good as many for what is measured.
type key struct {
	public  *dns.DNSKEY
	private crypto.Signer
}

func newKey() (*key, error) {
	public := &dns.DNSKEY{Hdr: dns.Header{Name: ".", TTL: 3600, Class: dns.ClassINET},
		DNSKEY: rdata.DNSKEY{Flags: 257, Protocol: 3, Algorithm: dns.ECDSAP256SHA256}}
	private, err := public.Generate(256)
	if err != nil {
		return nil, err
	}
	signer, ok := private.(crypto.Signer)
	if !ok {
		return nil, fmt.Errorf("%T does not sign", private)
	}
	return &key{public, signer}, nil
}

// of returns the key as that of a zone.
func (k *key) of(zone string) *dns.DNSKEY {
	one := k.public.Clone().(*dns.DNSKEY)
	one.Header().Name, one.Tag = zone, 0
	return one
}

// zone is a zone to be written.
type zone struct {
	name   string
	signed bool
	rrs    []dns.RR
}

// parse reads zone-file lines.
func (z *zone) parse(lines []string) error {
	p := dns.NewZoneParser(strings.NewReader(strings.Join(lines, "\n")), ".", z.name)
	for rr, ok := p.Next(); ok; rr, ok = p.Next() {
		z.rrs = append(z.rrs, rr)
	}
	return p.Err()
}

// write writes the zone, signed if it is to be, and returns its file.
func (z *zone) write(dir string, k *key) (string, error) {
	if z.signed {
		if err := z.sign(k); err != nil {
			return "", fmt.Errorf("sign %s: %w", z.name, err)
		}
	}
	var b strings.Builder
	for _, rr := range z.rrs {
		b.WriteString(rr.String() + "\n")
	}
	name := z.name
	if name == "." {
		name = "root."
	}
	file := filepath.Join(dir, name+"zone")
	return file, os.WriteFile(file, []byte(b.String()), 0o600)
}

// sign adds the key, a chain of NSEC records, and the signatures. Names below
// a delegation are not the zone's own, and are not signed.
func (z *zone) sign(k *key) error {
	z.rrs = append(z.rrs, k.of(z.name))
	sets := map[string]map[uint16][]dns.RR{}
	for _, rr := range z.rrs {
		name := rr.Header().Name
		if sets[name] == nil {
			sets[name] = map[uint16][]dns.RR{}
		}
		t := dns.RRToType(rr)
		sets[name][t] = append(sets[name][t], rr)
	}
	cut := func(name string) bool { return name != z.name && len(sets[name][dns.TypeNS]) > 0 }
	var names []string
	for name := range sets {
		below := false
		for _, above, ok := strings.Cut(name, "."); ok && above != "" && strings.HasSuffix(name, z.name); _, above, ok = strings.Cut(above, ".") {
			below = below || above != name && cut(above)
		}
		if !below {
			names = append(names, name)
		}
	}
	slices.SortFunc(names, canonical)
	now := time.Now()
	add := func(set []dns.RR) error {
		h := set[0].Header()
		sig := &dns.RRSIG{Hdr: dns.Header{Name: h.Name, TTL: h.TTL, Class: dns.ClassINET}, RRSIG: rdata.RRSIG{
			Algorithm: k.public.Algorithm, KeyTag: k.of(z.name).KeyTag(), SignerName: z.name,
			Inception: uint32(now.Add(-time.Hour).Unix()), Expiration: uint32(now.Add(240 * time.Hour).Unix()),
		}}
		if err := sig.Sign(k.private, set, &dns.SignOption{}); err != nil {
			return err
		}
		z.rrs = append(z.rrs, sig)
		return nil
	}
	for i, name := range names {
		types := []uint16{dns.TypeRRSIG, dns.TypeNSEC}
		for t, set := range sets[name] {
			if cut(name) && t != dns.TypeNS && t != dns.TypeDS {
				continue // glue
			}
			types = append(types, t)
			if cut(name) && t == dns.TypeNS {
				continue // the child's
			}
			if err := add(set); err != nil {
				return err
			}
		}
		slices.Sort(types)
		nsec := &dns.NSEC{Hdr: dns.Header{Name: name, TTL: 300, Class: dns.ClassINET},
			NSEC: rdata.NSEC{NextDomain: names[(i+1)%len(names)], TypeBitMap: types}}
		z.rrs = append(z.rrs, nsec)
		if err := add([]dns.RR{nsec}); err != nil {
			return err
		}
	}
	return nil
}

// canonical orders names as DNSSEC does (RFC 4034, section 6.1).
func canonical(a, b string) int {
	return slices.Compare(reversed(a), reversed(b))
}

// reversed are the labels of a name in lower case, the last first.
func reversed(name string) []string {
	labels := strings.Split(strings.ToLower(strings.TrimSuffix(name, ".")), ".")
	if labels[0] == "" {
		return nil
	}
	slices.Reverse(labels)
	return labels
}
