// Package dane judges the TLSA records of a mail server (RFC 6698, RFC 7671,
// and for SMTP RFC 7672): with them a sender knows which certificate to
// expect, provided that DNSSEC proves both the MX and the TLSA records.
//
// May import: domaincheck/dnsq, domaincheck/record, domaincheck/syntax,
// codeberg.org/miekg/dns.
package dane

import (
	"crypto/x509"
	"encoding/hex"
	"fmt"

	"codeberg.org/miekg/dns"

	"wolkwijs/domaincheck/dnsq"
	"wolkwijs/domaincheck/syntax"
	"wolkwijs/lang"
)

// Set is the TLSA RRset of one service.
type Set struct {
	Text   []string // the records as a zone file has them
	Usable int      // records that a sending mail server can use
	Faults []*syntax.Error
}

// Parse reads the TLSA records of an answer for _25._tcp of a mail server.
func Parse(a dnsq.Answer) *Set {
	s := &Set{}
	for _, rr := range a.Records {
		if r, ok := rr.(*dns.TLSA); ok {
			s.add(r)
		}
	}
	return s
}

// digestLength is the length in bytes of the association data by matching
// type (RFC 6698, section 2.1.3).
var digestLength = map[uint8]int{1: 32, 2: 64}

func (s *Set) add(r *dns.TLSA) {
	text := fmt.Sprintf("%d %d %d %s", r.Usage, r.Selector, r.MatchingType, r.Certificate)
	if len(text) > 80 {
		text = text[:80] + "…"
	}
	s.Text = append(s.Text, text)
	bad := func(rfc, nl, en string) {
		s.Faults = append(s.Faults, &syntax.Error{At: text, Why: lang.Text{NL: nl, EN: en}, RFC: rfc})
	}
	data, err := hex.DecodeString(r.Certificate)
	switch {
	case r.Usage > 3:
		bad("RFC 6698, section 2.1.1", "heeft een gebruik (eerste getal) dat niet bestaat", "has a usage (first number) that does not exist")
	case r.Usage < 2:
		bad("RFC 7672, section 3.1.3", "heeft gebruik 0 of 1, en dat telt niet voor mail; neem `3 1 1`", "has usage 0 or 1, which does not count for mail; take `3 1 1`")
	case r.Selector > 1:
		bad("RFC 6698, section 2.1.2", "heeft een keuze (tweede getal) die niet bestaat", "has a selector (second number) that does not exist")
	case r.MatchingType > 2:
		bad("RFC 6698, section 2.1.3", "heeft een vergelijking (derde getal) die niet bestaat", "has a matching type (third number) that does not exist")
	case err != nil || len(data) == 0, r.MatchingType > 0 && len(data) != digestLength[r.MatchingType]:
		bad("RFC 6698, section 2.1.3", "heeft een vingerafdruk van de verkeerde lengte", "has a fingerprint of the wrong length")
	case r.MatchingType == 0 && !parses(r.Selector, data):
		bad("RFC 6698, section 2.1.4", "bevat geen leesbaar certificaat", "has no certificate that can be read")
	default:
		s.Usable++
	}
}

// parses says whether data is the certificate or the public key that the
// selector says.
func parses(selector uint8, data []byte) bool {
	if selector == 0 {
		_, err := x509.ParseCertificate(data)
		return err == nil
	}
	_, err := x509.ParsePKIXPublicKey(data)
	return err == nil
}
