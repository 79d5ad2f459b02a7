package dnsq

import (
	"encoding/hex"
	"strings"
	"testing"
	"time"

	"codeberg.org/miekg/dns"
)

// message returns the octets of a message with the records given, one a line,
// those after a line "--" in the authority section.
func message(t testing.TB, text string) []byte {
	t.Helper()
	m := dns.NewMsg("example.nl.", dns.TypeMX)
	m.Response, m.UDPSize = true, 1232
	m.Pseudo = append(m.Pseudo, &dns.EDE{InfoCode: 7, ExtraText: "expired"})
	answer, authority, _ := strings.Cut(text, "--\n")
	for i, section := range []string{answer, authority} {
		p := dns.NewZoneParser(strings.NewReader(section), ".", "")
		p.SetDefaultTTL(300)
		for rr, ok := p.Next(); ok; rr, ok = p.Next() {
			if i == 0 {
				m.Answer = append(m.Answer, rr)
			} else {
				m.Ns = append(m.Ns, rr)
			}
		}
		if err := p.Err(); err != nil {
			t.Fatal(err)
		}
	}
	if err := m.Pack(); err != nil {
		t.Fatal(err)
	}
	return m.Data
}

const signedAnswer = `
example.nl. MX 10 Mail.example.nl.
example.nl. RRSIG MX 13 2 300 20300101000000 20260101000000 12345 example.nl. AAAA
www.example.nl. CNAME example.nl.
_25._tcp.mail.example.nl. TLSA 3 1 1 00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff
example.nl. DNSKEY 257 3 13 mdsswUyr3DPW132mOi8V9xESWE8jTo0dxCjjnopKl+GqJxpVXckHAeF+KkxLbxILfDLUT0rAK9iUzy1L53eKGQ==
example.nl. DNSKEY 256 3 8 AwEAAbkl
example.nl. DNSKEY 256 3 15 l02Woi0iS8Aa25FQkUd9RMzZHJpBoRQwAQEX1SxZJA4=
example.nl. DS 12345 13 2 00112233445566778899AABBCCDDEEFF00112233445566778899AABBCCDDEEFF
example.nl. TXT "v=spf1 -all" "\000\255"
example.nl. HTTPS 1 . alpn=h2
example.nl. SOA ns1 hostmaster 1 7200 3600 1209600 300
--
example.nl. SOA ns1 hostmaster 1 7200 3600 1209600 300
example.nl. NSEC a.example.nl. A NS SOA MX RRSIG NSEC DNSKEY
0p9mhaveqvm6t7vbl5lop2u3t2rp3tom.example.nl. NSEC3 1 1 10 aabbccdd 2t7b4g4vsa5smi47k61mv5bv1a22bojr NS SOA MX DNSKEY
`

// FuzzReply reads octets as a reply. Whatever comes, nothing may panic or
// hang, and what is read must be what the library reads.
func FuzzReply(f *testing.F) {
	f.Add(message(f, signedAnswer))
	f.Add(message(f, "x.nl. CNAME y.nl.\ny.nl. CNAME x.nl.\n"))
	for _, s := range hostileMessages {
		f.Add(unhex(f, s.octets))
	}
	f.Fuzz(func(t *testing.T, wire []byte) {
		r, err := parseReply(wire)
		if err != nil {
			return
		}
		compareWithLibrary(t, wire, r)
		for _, rec := range append(r.answer, r.authority...) {
			for _, rr := range rrs([]record{rec}) {
				checkRR(t, rec, rr)
			}
		}
		for _, q := range []question{{"\x07example\x02nl\x00", dns.TypeMX}, {"\x01x\x02nl\x00", dns.TypeA}, {rootName, dns.TypeNS}} {
			a, c := r.interpret(q)
			if (a.Status == Failed) != (a.Failure != nil) {
				t.Errorf("status %v with failure %v", a.Status, a.Failure)
			}
			judgeAnything(r, q, c, a.Status)
		}
	})
}

// compareWithLibrary holds our reading against the library's.
func compareWithLibrary(t *testing.T, wire []byte, r *reply) {
	m := &dns.Msg{Data: wire}
	if m.Unpack() != nil {
		return
	}
	for i, section := range [][]dns.RR{m.Answer, m.Ns} {
		ours := [][]record{r.answer, r.authority}[i]
		n := 0
		for _, rr := range section {
			if rr.Header().Class != dns.ClassINET || dns.RRToType(rr) == dns.TypeOPT {
				continue
			}
			if n++; n > len(ours) {
				break
			}
			if ours[n-1].rrtype != dns.RRToType(rr) {
				if _, unknown := rr.(*dns.RFC3597); !unknown {
					t.Errorf("type %d, the library reads %d", ours[n-1].rrtype, dns.RRToType(rr))
				}
			}
		}
		if n != len(ours) {
			t.Errorf("%d records, the library reads %d", len(ours), n)
		}
	}
}

// checkRR holds the laws of a record: its names read back as they were.
func checkRR(t *testing.T, rec record, rr dns.RR) {
	owner, err := parseName(rr.Header().Name)
	if err != nil || owner != rec.owner {
		t.Errorf("owner %q reads back as %q: %v", rec.owner, owner, err)
	}
	_ = rr.String()
	if txt, ok := rr.(*dns.TXT); ok {
		if got := TXTString(txt); len(got) > len(rec.rdata) {
			t.Errorf("a TXT of %d octets from rdata of %d", len(got), len(rec.rdata))
		}
	}
	if mx, ok := rr.(*dns.MX); ok {
		target, err := parseName(mx.Mx)
		names, _, _ := rec.namesIn()
		if err != nil || target != lowerName(string(names[0])) {
			t.Errorf("MX %q reads back as %q: %v", names[0], target, err)
		}
	}
}

// judgeAnything runs all of DNSSEC over a reply, with the keys in it.
func judgeAnything(r *reply, q question, c chain, status Status) {
	now := time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC)
	v := &validator{r: &Resolver{now: func() time.Time { return now }}}
	z := &zone{apex: q.name}
	for _, rec := range r.answer {
		if k, ok := parseDNSKEY(rec); ok {
			z.keys = append(z.keys, k)
			_ = k.bits()
		}
		if d, ok := parseDS(rec); ok {
			for _, k := range z.keys {
				d.vouchesFor(q.name, k)
			}
		}
	}
	for i := range r.answer {
		v.verify(z, r.answer, r.answer[i:i+1], newWork())
		for _, sig := range signatures(r.answer, r.answer[i].owner, r.answer[i].rrtype) {
			data := sig.signedData(r.answer[i : i+1])
			for _, k := range z.keys {
				k.verifies(data, sig.signature)
			}
		}
	}
	d := &denial{zone: q.name, work: newWork()}
	for _, rec := range r.authority {
		if n, ok := parseNSEC(rec); ok {
			d.nsec = append(d.nsec, n)
		}
		if n, ok := parseNSEC3(rec, z.apex); ok && (len(d.nsec3) == 0 || n.sameParameters(d.nsec3[0])) {
			d.nsec3 = append(d.nsec3, n)
		}
	}
	below := "\x01x\x01y" + q.name
	d.noName(below)
	d.noType(below, q.rrtype)
	d.noType(q.name, dns.TypeDS)
	d.notExpanded(below, q.name.labels())
	r.dnameFor(record{owner: below, rrtype: dns.TypeCNAME, rdata: []byte(q.name)})
	_ = len(c.set) + int(status)
}

// FuzzName holds that a name printed reads back as the same name, and that a
// host name is a name.
func FuzzName(f *testing.F) {
	for _, s := range []string{".", "example.nl", `a\.b\\c\000\255.nl.`, "..", `\`, `\1`, `\999`, strings.Repeat("a.", 127), strings.Repeat("a", 64)} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		n, err := parseName(s)
		if err == nil {
			back, err := parseName(n.String())
			if err != nil || back != n {
				t.Errorf("%q is %q, printed %q, read back %q: %v", s, string(n), n, string(back), err)
			}
			if !n.isBelow(n) || n.compare(n) != 0 || n.last(n.labels()) != n {
				t.Errorf("%q is not itself", n)
			}
			if n != rootName && (!n.isStrictlyBelow(n.parent()) || n.parent().compare(n) >= 0) {
				t.Errorf("%q is not below its parent", n)
			}
		}
		if host, ok := HostName(s); ok {
			if back, err := parseName(host); err != nil || back.String() != host+"." {
				t.Errorf("host name %q from %q reads back as %q: %v", host, s, back, err)
			}
		}
	})
}

func unhex(t testing.TB, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(strings.Join(strings.Fields(s), ""))
	if err != nil {
		t.Fatal(err)
	}
	return b
}
