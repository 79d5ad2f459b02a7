package domaincheck_test

import (
	"fmt"
	"strings"
	"testing"

	"codeberg.org/miekg/dns"

	"wolkwijs/domaincheck/dnsq/dnstest"
	"wolkwijs/domaincheck/holder"
	"wolkwijs/lang"
)

// maxQueries is how many queries one check may cause.
const maxQueries = 250

// long returns the data of a TXT record with the octets of s, in
// character-strings of at most 255 octets.
func long(s string) string {
	if s == "" {
		return `""`
	}
	var b strings.Builder
	for len(s) > 0 {
		n := min(250, len(s))
		b.WriteByte('"')
		for _, c := range []byte(s[:n]) {
			if c < ' ' || c > '~' || c == '"' || c == '\\' || c == ';' {
				fmt.Fprintf(&b, `\%03d`, c)
			} else {
				b.WriteByte(c)
			}
		}
		b.WriteString(`" `)
		s = s[n:]
	}
	return b.String()
}

// TestBombs holds that a domain made to cost much costs no more than any.
func TestBombs(t *testing.T) {
	wide := "v=spf1"
	for i := range 1000 {
		wide += fmt.Sprintf(" include:i%d.example.nl", i)
	}
	var tree strings.Builder
	for level := range 8 {
		fmt.Fprintf(&tree, "t%d TXT %s\n", level, long("v=spf1"+strings.Repeat(fmt.Sprintf(" include:t%d.example.nl", level+1), 10)))
	}
	var mx, ns strings.Builder
	for i := range 500 {
		fmt.Fprintf(&mx, "@ MX %d mx%d\nmx%d A 192.0.2.%d\n", i, i, i, i%250)
	}
	for i := range 100 {
		fmt.Fprintf(&ns, "@ NS ns%d\nns%d A 192.0.2.%d\n", i, i, i)
	}
	var addresses strings.Builder
	for i := range 400 {
		fmt.Fprintf(&addresses, "@ A 192.0.%d.%d\n", i/250, i%250)
	}
	for _, tt := range []struct{ name, zone, want string }{
		{"redirect to itself", "- @ TXT\n@ TXT \"v=spf1 redirect=example.nl\"", "spf-loop"},
		{"include of itself", "- @ TXT\n@ TXT \"v=spf1 include:EXAMPLE.nl. -all\"", "spf-loop"},
		{"two that include each other", "- @ TXT\n@ TXT \"v=spf1 include:a.example.nl -all\"\na TXT \"v=spf1 include:b.example.nl\"\nb TXT \"v=spf1 include:a.example.nl\"", "spf-loop"},
		{"a thousand includes", "- @ TXT\n@ TXT " + long(wide), "spf-too-many-lookups"},
		{"ten to the power of eight includes", "- @ TXT\n@ TXT \"v=spf1 include:t0.example.nl -all\"\n" + tree.String(), "spf-too-many-lookups"},
		{"thousands of terms", "- @ TXT\n@ TXT " + long("v=spf1"+strings.Repeat(" a:x.example.nl", 3500)), "spf-too-many-lookups"},
		{"a record of 60 kB", "- @ TXT\n@ TXT " + long("v=spf1 "+strings.Repeat("ip4:192.0.2.1 ", 4200)+"-all"), "spf-ok"},
		{"500 MX", "- @ MX\n" + mx.String(), "mx-ok"},
		{"100 NS", "- @ NS\n" + ns.String(), "ns-same-network"},
		{"400 addresses", "- @ A\n" + addresses.String(), "ipv6-web-ok"},
		{"2,000 report addresses", "- _dmarc TXT\n_dmarc TXT " + long("v=DMARC1; p=reject; rua="+strings.TrimSuffix(strings.Repeat("mailto:a@x.example,", 2000), ",")), "dmarc-external-report"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c, srv := newChecker(t, change(tt.zone), secure)
			r := report(t, c)
			if len(find(r, tt.want)) == 0 {
				t.Errorf("no %s", tt.want)
			}
			if n := srv.Queries(); n > maxQueries || r.Queries > maxQueries {
				t.Errorf("%d queries sent, %d told", n, r.Queries)
			}
			size := 0
			for _, f := range r.Findings {
				size += len(f.Text.NL) + len(f.Advice.NL)
			}
			if len(r.Findings) > 80 || size > 40000 {
				t.Errorf("%d findings, %d octets of text", len(r.Findings), size)
			}
		})
	}
}

// TestStrangersWordsStayInValues puts a stranger's text in every kind of
// record, and looks for it in the sentences, which are our own.
func TestStrangersWordsStayInValues(t *testing.T) {
	for _, evil := range []string{
		`<img src=x onerror=alert(1)>`, `**bold** [x](https://evil.example)`, "@room @victim:example.org", `\226\128\174gnp`, `\240\159\146\169`, `a\000b`, "`!tip`", "%s%n%d",
	} {
		zone := change(fmt.Sprintf(`- @ TXT
- _dmarc TXT
- house1._domainkey TXT
- _mta-sts TXT
- _smtp._tls TXT
- default._bimi TXT
- @ CAA
@ TXT "v=spf1 EVIL:x -all"
_dmarc TXT "v=DMARC1; p=EVIL; rua=EVIL"
house1._domainkey TXT "v=DKIM1; k=EVIL; p=EVIL"
_mta-sts TXT "v=STSv1; id=EVIL"
_smtp._tls TXT "v=TLSRPTv1; rua=EVIL"
default._bimi TXT "v=BIMI1; l=EVIL"
@ CAA 0 issue "EVIL"
@ MX 5 evil\032%s.example.
`, "x"))
		zone = strings.ReplaceAll(zone, "EVIL", evil)
		c, _ := newChecker(t, zone, secure)
		r := report(t, c)
		shown := 0
		for _, f := range r.Findings {
			if strings.Contains(f.Value+f.At, evil[:4]) {
				shown++
			}
			ourOwn(t, f.ID, f.Text.NL, f.Text.EN, f.Advice.NL, f.Advice.EN, f.RFC, f.ID)
		}
		if len(r.Functions) == 0 {
			t.Errorf("%q: nobody holds anything", evil)
		}
		for _, f := range r.Functions {
			holderWords(t, f)
		}
		for _, id := range []string{"spf-invalid", "dmarc-invalid", "dkim-invalid", "mta-sts-invalid", "tls-rpt-invalid", "bimi-invalid", "caa-invalid", "mx-invalid"} {
			if len(find(r, id)) == 0 {
				t.Errorf("%q: no %s", evil, id)
			}
		}
		if !strings.Contains(evil, `\`) && shown == 0 {
			t.Errorf("%q is not shown as seen", evil)
		}
	}
}

// ourOwn holds that words are our own, with nothing of what the hostile tests
// put in DNS.
func ourOwn(t *testing.T, where string, words ...string) {
	t.Helper()
	for _, s := range words {
		for _, mark := range []string{"<img", "evil", "@room", "@alice", "\u202e", "💩", "\x00", "%!", "(MISSING)"} {
			if strings.Contains(s, mark) {
				t.Errorf("%s says %q", where, s)
			}
		}
	}
}

// holderWords holds that a row says which of its words are a stranger's: the
// name of a company that we do not know, a network with Stranger, and records.
func holderWords(t *testing.T, f holder.Function) {
	t.Helper()
	reason, places := f.Reason(), f.Places(func(country string) lang.Text { return lang.Text{NL: country, EN: country} })
	ourOwn(t, f.Function, reason.NL, reason.EN, places.NL, places.EN, f.Provider, f.Owner, f.Also)
	if f.Provider != holder.Unknown {
		ourOwn(t, f.Function, f.Name)
	}
	if !f.Stranger {
		ourOwn(t, f.Function, f.Network)
	}
}

// TestStrangersNamesAreTold has mail, DNS and web with companies that nobody
// knows, in a network whose owner describes it as a link and a user ID.
func TestStrangersNamesAreTold(t *testing.T) {
	for _, country := range []string{"NL", "US", ""} {
		for _, tt := range []struct {
			zone          string
			name, network string // of the mail
		}{
			{"@ MX 10 mx", "", "X https://evil.example @alice:hs.example, NL"},
			{"@ MX 10 mx.evil-login.com.", "evil-login.com", "X https://evil.example @alice:hs.example, NL"},
		} {
			c, _ := newChecker(t, change(`- @ MX
- @ NS
- @ A
- www A
@ NS ns.evil-login.com.
@ A 203.0.113.80
www CNAME web.evil-login.com.
mx A 203.0.113.25
`+tt.zone+`
$ORIGIN .
mx.evil-login.com. A 203.0.113.25
ns.evil-login.com. A 203.0.113.53
web.evil-login.com. A 203.0.113.80
0.113.0.203.origin.asn.cymru.com. TXT "64511 | 203.0.113.0/24 | `+country+` | ripencc | "
as64511.asn.cymru.com. TXT "64511 | NL | ripencc | 2001-02-03 | X https://evil.example @alice:hs.example, NL"
`))
			r := report(t, c)
			for _, f := range r.Functions {
				holderWords(t, f)
			}
			if f := r.Functions[0]; f.Name != tt.name || f.Network != tt.network || !f.Stranger {
				t.Errorf("%s %q: mail is with %+v", tt.zone, country, f)
			}
		}
	}
}

// TestTypicalDomainIsCheap holds the number of queries that a typical domain
// costs: two exchanges, two name servers, one include, and all there is to
// have.
func TestTypicalDomainIsCheap(t *testing.T) {
	c, srv := newChecker(t, around+sound, secure)
	c.SelfTest(t.Context()) // before it, questions bring their signatures along
	report(t, c)
	seen := map[string]int{}
	for _, q := range srv.Log() {
		if q.Name != "." && q.Name != "bogus.example." {
			seen[fmt.Sprint(q.Name, " ", dns.TypeToString[q.Type], " for its signatures: ", q.CD)]++
		}
	}
	for q, n := range seen {
		if n > 1 {
			t.Errorf("%s was asked %d times", q, n)
		}
	}
	if len(seen) > 60 {
		t.Errorf("%d queries", len(seen))
	}
}

// TestGarbage lets the server answer with garbage.
func TestGarbage(t *testing.T) {
	loop := func(query []byte) []byte { // an answer whose name points to itself
		reply := append([]byte(nil), query[:12]...)
		reply[2] |= 0x80
		reply[4], reply[5], reply[6], reply[7], reply[10], reply[11] = 0, 0, 0, 1, 0, 0
		return append(reply, 0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 0, 0, 4, 1, 2, 3, 4)
	}
	for name, reply := range map[string]func([]byte) []byte{
		"compression loop": loop,
		"header only":      func(q []byte) []byte { return append(append([]byte(nil), q[:2]...), 0x80, 0, 0, 0, 0, 9, 0, 0, 0, 0) },
		"other question":   func(q []byte) []byte { r := append([]byte(nil), q...); r[2] |= 0x80; r[13] ^= 1; return r },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c, _ := newChecker(t, around+sound, secure, dnstest.Raw("example.nl.", dns.TypeMX, reply))
			r := report(t, c)
			for id := range claims(r) {
				t.Errorf("claims %s", id)
			}
			if len(find(r, "mx-unknown")) == 0 {
				t.Error("no mx-unknown")
			}
		})
	}
}
