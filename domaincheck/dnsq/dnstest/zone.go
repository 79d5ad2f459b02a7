package dnstest

import (
	"fmt"
	"strings"

	"codeberg.org/miekg/dns"
)

// maxChain bounds how many CNAMEs are followed.
const maxChain = 16

// zones are all names the server knows, of all zones together.
type zones struct {
	sets  map[key][]dns.RR
	names map[string]bool // every name that exists, empty non-terminals too
	apex  map[string]*dns.SOA
}

func parseZones(text string) (*zones, error) {
	z := &zones{sets: make(map[key][]dns.RR), names: map[string]bool{".": true}, apex: make(map[string]*dns.SOA)}
	p := dns.NewZoneParser(strings.NewReader(text+"\n"), ".", "zone")
	p.SetDefaultTTL(3600)
	for rr, ok := p.Next(); ok; rr, ok = p.Next() {
		z.add(rr)
	}
	if err := p.Err(); err != nil {
		return nil, fmt.Errorf("reading the zone: %w", err)
	}
	return z, nil
}

func (z *zones) add(rr dns.RR) {
	name := canonical(rr.Header().Name)
	k := key{name, dns.RRToType(rr)}
	z.sets[k] = append(z.sets[k], rr)
	if soa, ok := rr.(*dns.SOA); ok {
		z.apex[name] = soa
	}
	for n := name; !z.names[n]; n = parent(n) {
		z.names[n] = true
	}
}

// parent returns the name without its first label; "." is its own parent.
func parent(name string) string {
	if _, rest, ok := strings.Cut(name, "."); ok && rest != "" {
		return rest
	}
	return "."
}

// resolve fills r with what a resolver says to the question: the RRset, the
// CNAMEs on the way, or the SOA of the zone that says no. With dnssec, the
// signatures in the zone go along.
func (z *zones) resolve(r *dns.Msg, q key, dnssec bool) {
	for name, hops := q.name, 0; hops < maxChain; hops++ {
		node, owner, exists := z.find(name, q.rrtype)
		if !exists {
			r.Rcode = dns.RcodeNameError
			z.negative(r, name, q.rrtype)
			return
		}
		if set := z.sets[key{node, q.rrtype}]; len(set) > 0 {
			r.Answer = append(r.Answer, z.withSigs(set, node, owner, q.rrtype, dnssec)...)
			return
		}
		cname := z.sets[key{node, dns.TypeCNAME}]
		if len(cname) == 0 {
			z.negative(r, name, q.rrtype)
			return
		}
		r.Answer = append(r.Answer, z.withSigs(cname, node, owner, dns.TypeCNAME, dnssec)...)
		name = canonical(cname[0].(*dns.CNAME).Target)
	}
}

// find returns the node that answers for name and the owner its records get:
// the name itself or, where it does not exist, the wildcard below its closest
// encloser in the same zone (RFC 4592, section 3.3.1).
func (z *zones) find(name string, rrtype uint16) (node, owner string, exists bool) {
	if z.names[name] {
		return name, "", true
	}
	apex := z.zoneOf(name, rrtype)
	for n := parent(name); ; n = parent(n) {
		if z.names[n] {
			wildcard := "*." + strings.TrimPrefix(n, ".")
			return wildcard, name, z.names[wildcard]
		}
		if n == apex || n == "." {
			return "", "", false
		}
	}
}

// zoneOf returns the apex of the zone that answers for name; a DS record
// lives above the cut (RFC 4035, section 3.1.4.1).
func (z *zones) zoneOf(name string, rrtype uint16) string {
	if rrtype == dns.TypeDS && name != "." {
		name = parent(name)
	}
	for ; name != "."; name = parent(name) {
		if z.apex[name] != nil {
			return name
		}
	}
	return "."
}

// negative adds the SOA that carries the negative TTL (RFC 2308, section 3).
func (z *zones) negative(r *dns.Msg, name string, rrtype uint16) {
	apex := z.zoneOf(name, rrtype)
	if soa := z.apex[apex]; soa != nil {
		r.Ns = append(r.Ns, soa)
	}
}

// withSigs returns the RRset of node, under another owner if it comes from a
// wildcard, and the RRSIGs the zone text holds for it.
func (z *zones) withSigs(set []dns.RR, node, owner string, rrtype uint16, dnssec bool) []dns.RR {
	out := append([]dns.RR(nil), set...)
	if dnssec && rrtype != dns.TypeRRSIG {
		for _, rr := range z.sets[key{node, dns.TypeRRSIG}] {
			if rr.(*dns.RRSIG).TypeCovered == rrtype {
				out = append(out, rr)
			}
		}
	}
	if owner != "" {
		for i, rr := range out {
			out[i] = rr.Clone()
			out[i].Header().Name = owner
		}
	}
	return out
}
