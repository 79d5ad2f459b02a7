package dnsq

import (
	"fmt"
	"os"
	"strings"

	"codeberg.org/miekg/dns"
)

// rootAnchors are the trust anchors of the root zone: KSK-2017 (20326) and
// KSK-2024 (38696), as IANA publishes them in root-anchors.xml.
const rootAnchors = `
. IN DS 20326 8 2 E06D44B80B8F1D39A95C0B0D7C65D08458E880409BBC683457104237C7F8EC8D
. IN DS 38696 8 2 683D2D0ACB8C9B712A1948B27F741219298D0A450D612C483AF444A4C0FB2B16
`

// anchors has the keys trusted without proof, by zone.
type anchors map[name]anchor

type anchor struct {
	ds   []ds
	keys []dnskey
}

// vouchesFor says whether the key is one of those trusted.
func (a anchor) vouchesFor(zone name, k dnskey) bool {
	for _, d := range a.ds {
		if d.vouchesFor(zone, k) {
			return true
		}
	}
	for _, trusted := range a.keys {
		if k.usable() && string(trusted.rdata) == string(k.rdata) {
			return true
		}
	}
	return false
}

// loadAnchors reads a file of DS or DNSKEY records in zone-file form; without
// a file it returns the anchors of the root zone.
func loadAnchors(file string) (anchors, error) {
	if file == "" {
		return parseAnchors(rootAnchors, "")
	}
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("reading the trust anchors: %w", err)
	}
	all, err := parseAnchors(string(text), file)
	if err != nil {
		return nil, fmt.Errorf("reading the trust anchors: %w", err)
	}
	if len(all) == 0 {
		return nil, fmt.Errorf("%s: no DS and no DNSKEY record: give at least one, or no file for the anchors of the root zone", file)
	}
	return all, nil
}

func parseAnchors(text, file string) (anchors, error) {
	all := anchors{}
	p := dns.NewZoneParser(strings.NewReader(text+"\n"), ".", file)
	p.IncludeAllowFunc = func(_, _ string) bool { return false }
	p.SetDefaultTTL(3600)
	for rr, ok := p.Next(); ok; rr, ok = p.Next() {
		rec, err := toRecord(rr)
		if err != nil {
			return nil, err
		}
		a := all[rec.owner]
		if d, ok := parseDS(rec); ok {
			a.ds = append(a.ds, d)
		} else if k, ok := parseDNSKEY(rec); ok {
			a.keys = append(a.keys, k)
		} else {
			return nil, fmt.Errorf("%s: %s is neither a DS nor a DNSKEY record", file, dns.TypeToString[rec.rrtype])
		}
		all[rec.owner] = a
	}
	return all, p.Err()
}

// toRecord returns a record of the library as its octets.
func toRecord(rr dns.RR) (record, error) {
	m := dns.Msg{Answer: []dns.RR{rr}}
	if err := m.Pack(); err != nil {
		return record{}, err
	}
	r, err := parseReply(m.Data)
	if err != nil {
		return record{}, err
	}
	if len(r.answer) != 1 {
		return record{}, fmt.Errorf("%w: not one record of class IN", errMessage)
	}
	return r.answer[0], nil
}
