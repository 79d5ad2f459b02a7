package dnsq

import (
	"reflect"
	"testing"

	"codeberg.org/miekg/dns"
)

// FuzzDirect reads rdata of the commonest types directly and by the library:
// where both can, they read the same.
func FuzzDirect(f *testing.F) {
	for _, d := range []string{
		"\xc0\x00\x02\x01", "\x20\x01\x0d\xb8\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x01",
		"\x00\x0a\x04mail\x07example\x02nl\x00", "\x03ns1\x07example\x02nl\x00", "\x00\x00\x00", "\x00",
		"\x0bv=spf1 -all", "\x03a b\x00\x05\"c\\d\xff", "\x05abc", "\x00\x0a\x06a.b\x00c\xff\x02nl\x00", "\x03abc\x03def",
		"\x00\x0a\x04MAIL\x07Example\x02NL\x00", "\x00\x0a\x02nl\x00more", "",
	} {
		f.Add([]byte(d))
	}
	f.Fuzz(func(t *testing.T, d []byte) {
		for _, rrtype := range []uint16{dns.TypeA, dns.TypeAAAA, dns.TypeMX, dns.TypeNS, dns.TypeTXT} {
			set := []record{{owner: "\x07example\x02nl\x00", rrtype: rrtype, class: dns.ClassINET, ttl: 60, rdata: d}}
			ours, ok := directRRs(set)
			if !ok {
				continue
			}
			theirs, ok := unpackRRs(set)
			if !ok {
				t.Fatalf("%s %q: %v, and the library cannot read it", dns.TypeToString[rrtype], d, ours[0])
			}
			if !reflect.DeepEqual(ours, theirs) {
				t.Errorf("%s %q: %#v, the library reads %#v", dns.TypeToString[rrtype], d, ours[0], theirs[0])
			}
		}
	})
}
