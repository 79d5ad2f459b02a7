package asn_test

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"codeberg.org/miekg/dns"

	"wolkwijs/domaincheck/asn"
	"wolkwijs/domaincheck/dnsq"
	"wolkwijs/domaincheck/dnsq/dnstest"
)

var ctx = context.Background()

func network(number uint32, prefix, country, name string) asn.Network {
	n := asn.Network{ASN: number, Country: country, Name: name}
	if prefix != "" {
		n.Prefix = netip.MustParsePrefix(prefix)
	}
	return n
}

func TestCymru(t *testing.T) {
	s := dnstest.New(t, `
$ORIGIN asn.cymru.com.
@ SOA ns hostmaster 1 7200 3600 1209600 300
0.2.0.192.origin TXT "64496 | 192.0.2.0/24 | NL | ripencc | 2001-02-03"
0.100.51.198.origin TXT "64497 64498 | 198.51.100.0/22 | us | arin | "
0.113.0.203.origin TXT "64496 | 203.0.0.0/16 | AU | apnic | "
0.113.0.203.origin TXT "64499 | 203.0.113.0/24 | DE | apnic | "
0.113.0.204.origin TXT "hello | \"world\" "
0.0.0.0.8.b.d.0.1.0.0.2.origin6 TXT "64500 | 2001:db8::/32 | DE | ripencc | 2001-02-03"
as64496 TXT "64496 | NL | ripencc | 2001-02-03 | EXAMPLE-AS Example | Sons, NL"
`, dnstest.ServFail("0.0.51.198.origin.asn.cymru.com", dns.TypeTXT))
	r, err := dnsq.New(dnsq.Config{Resolver: s.Addr()})
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	for _, tt := range []struct {
		ip    string
		named bool
		want  asn.Network
		why   string
	}{
		{"192.0.2.77", true, network(64496, "192.0.2.0/24", "NL", "EXAMPLE-AS Example | Sons, NL"), "with its name"},
		{"::ffff:192.0.2.77", false, network(64496, "192.0.2.0/24", "NL", ""), "IPv4 in IPv6, without its name"},
		{"198.51.100.1", true, network(64497, "198.51.100.0/22", "US", ""), "announced by two, and no name known"},
		{"203.0.113.1", false, network(64499, "203.0.113.0/24", "DE", ""), "the most specific of two announcements"},
		{"2001:db8:0:1::1", false, network(64500, "2001:db8::/32", "DE", ""), "IPv6"},
		{"203.0.114.1", true, asn.Network{}, "not announced"},
		{"204.0.113.1", true, asn.Network{}, "not an answer"},
		{"198.51.0.1", true, asn.Network{Failed: true}, "it could not be looked up"},
	} {
		if got := (asn.Cymru{}).Network(ctx, r.Check(), netip.MustParseAddr(tt.ip), tt.named); got != tt.want {
			t.Errorf("%s (%s): %+v, want %+v", tt.ip, tt.why, got, tt.want)
		}
	}
	for _, q := range s.Log() {
		if strings.HasPrefix(q.Name, "77.") {
			t.Errorf("the whole address was sent: %v", q)
		}
	}
}

// A name is one short line, whatever its owner wrote: from DNS, from RIS whois
// and from a table alike.
func TestNamesAreShortLines(t *testing.T) {
	long := strings.Repeat("lang ", 60)
	for _, tt := range []struct{ txt, written, want string }{
		{`a\009b\000\013\010c`, "a\tb\x00\r c", "a b c"},
		{`X\226\128\174gnp`, "X\u202egnp", "X gnp"},
		{`na\255me`, "na\xffme", "na\ufffdme"},
		{long, long, strings.TrimSpace(long[:100]) + "…"},
	} {
		s := dnstest.New(t, `0.2.0.192.origin.asn.cymru.com. TXT "64496 | 192.0.2.0/24 | NL | ripencc | "
as64496.asn.cymru.com. TXT "64496 | NL | ripencc | 2001-02-03 | "`+inStrings(tt.txt))
		r, err := dnsq.New(dnsq.Config{Resolver: s.Addr()})
		if err != nil {
			t.Fatal(err)
		}
		defer r.Close()
		ris := &asn.RISWhois{Addr: newRISServer(t, map[string]string{"192.0.2.0": "route: 192.0.2.0/24\norigin: AS64496\ndescr: " + tt.written}).addr}
		table, err := asn.ReadTable(strings.NewReader("192.0.2.0/24 64496 NL "+tt.written), "table")
		if err != nil {
			t.Fatal(err)
		}
		for from, source := range map[string]asn.Source{"Cymru": asn.Cymru{}, "RIS whois": ris, "table": table} {
			if got := source.Network(ctx, r.Check(), netip.MustParseAddr("192.0.2.77"), true); got.Name != tt.want {
				t.Errorf("%s: %q, want %q", from, got.Name, tt.want)
			}
		}
	}
}

// inStrings is more of a TXT record, in character-strings of 250 characters.
func inStrings(s string) string {
	var b strings.Builder
	for ; len(s) > 250; s = s[250:] {
		b.WriteString(` "` + s[:250] + `"`)
	}
	return b.String() + ` "` + s + `"`
}

// risServer answers as RIS whois does, for a few routes, and counts.
type risServer struct {
	addr  string
	mu    sync.Mutex
	conns int
	asked []string
}

func newRISServer(t *testing.T, routes map[string]string) *risServer {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	s := &risServer{addr: l.Addr().String()}
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go s.serve(c, routes)
		}
	}()
	return s
}

func (s *risServer) serve(c net.Conn, routes map[string]string) {
	defer c.Close()
	s.mu.Lock()
	s.conns++
	s.mu.Unlock()
	fmt.Fprint(c, "% This is RIPE NCC's Routing Information Service\n\n")
	keep := 0
	for lines := bufio.NewScanner(c); lines.Scan(); {
		if lines.Text() == "-k" {
			if keep++; keep == 2 {
				return
			}
			continue
		}
		s.mu.Lock()
		s.asked = append(s.asked, lines.Text())
		s.mu.Unlock()
		if answer, ok := routes[lines.Text()]; ok {
			fmt.Fprintf(c, "%s\nlastupd-frst: 2026-07-01 12:34Z  198.51.100.10@rrc00\nnum-rispeers: 42\nsource:       RISWHOIS\n\n", answer)
		} else {
			fmt.Fprint(c, "% No entries found\n\n")
		}
	}
}

func TestRISWhois(t *testing.T) {
	s := newRISServer(t, map[string]string{
		"192.0.2.0":    "route:        192.0.2.0/23\norigin:       AS64496\ndescr:        EXAMPLE-AS Example, NL",
		"2001:db8:1::": "route6:       2001:db8::/32\norigin:       AS64500\ndescr:        EXAMPLE6\n\nroute6: 2001:db8:1::/48\norigin: AS64501\ndescr: MORE-SPECIFIC, DE",
		"198.51.100.0": "route:        what\norigin:       ASx",
		"203.0.113.0":  "origin:       AS64496",
	})
	now := time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC)
	ris := &asn.RISWhois{Addr: s.addr, Now: func() time.Time { return now }}
	table := []struct {
		ip   string
		want asn.Network
	}{
		{"192.0.2.77", network(64496, "192.0.2.0/23", "NL", "EXAMPLE-AS Example, NL")},
		{"192.0.2.1", network(64496, "192.0.2.0/23", "NL", "EXAMPLE-AS Example, NL")},
		{"2001:db8:1:2::3", network(64501, "2001:db8:1::/48", "DE", "MORE-SPECIFIC, DE")},
		{"198.51.100.1", asn.Network{}},
		{"203.0.113.1", asn.Network{}},
		{"198.51.101.1", asn.Network{}},
	}
	for range 2 { // the second time from the cache
		for _, tt := range table {
			if got := ris.Network(ctx, nil, netip.MustParseAddr(tt.ip), true); got != tt.want {
				t.Errorf("%s: %+v, want %+v", tt.ip, got, tt.want)
			}
		}
	}
	if len(s.asked) != 5 {
		t.Errorf("asked for %v, want each block once", s.asked)
	}
	now = now.Add(24 * time.Hour)
	ris.Network(ctx, nil, netip.MustParseAddr("192.0.2.1"), true)
	if len(s.asked) != 6 {
		t.Errorf("asked for %v, want the first block again a day later", s.asked)
	}
}

func TestRISWhoisTakesWhatWaitsTogether(t *testing.T) {
	routes := map[string]string{}
	for i := range 250 {
		routes[fmt.Sprintf("10.0.%d.0", i)] = fmt.Sprintf("route: 10.0.%d.0/24\norigin: AS%d", i, 64496+i)
	}
	s := newRISServer(t, routes)
	ris := &asn.RISWhois{Addr: s.addr}
	var wg sync.WaitGroup
	for i := range 250 {
		for range 2 {
			wg.Go(func() {
				got := ris.Network(ctx, nil, netip.AddrFrom4([4]byte{10, 0, byte(i), 9}), true)
				if got.ASN != uint32(64496+i) {
					t.Errorf("10.0.%d.9: %+v", i, got)
				}
			})
		}
	}
	wg.Wait()
	if s.conns > 100 || len(s.asked) != 250 {
		t.Errorf("%d connections with %d questions for 250 blocks", s.conns, len(s.asked))
	}
}

func TestRISWhoisThatFails(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	addr := l.Addr().String()
	l.Close()
	failed := asn.Network{Failed: true}
	ip := netip.MustParseAddr("192.0.2.1")
	if got := (&asn.RISWhois{Addr: addr}).Network(ctx, nil, ip, true); got != failed {
		t.Errorf("nobody listens: %+v", got)
	}
	silent, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer silent.Close()
	ended, cancel := context.WithCancel(ctx)
	cancel()
	if got := (&asn.RISWhois{Addr: silent.Addr().String()}).Network(ended, nil, ip, true); got != failed {
		t.Errorf("the check has ended: %+v", got)
	}
}

func TestTable(t *testing.T) {
	table, err := asn.ReadTable(strings.NewReader(`
# prefix asn country name
10.0.0.0/8       64496  nl  BIG-AS Big network
10.1.0.0/16      AS64497 DE SMALL
10.1.2.3/32	64498	US	ONE	HOST
2001:db8::/32    64499
0.0.0.0/0        64500  -   the rest
`), "table")
	if err != nil {
		t.Fatal(err)
	}
	for ip, want := range map[string]asn.Network{
		"10.9.9.9":        network(64496, "10.0.0.0/8", "NL", "BIG-AS Big network"),
		"10.1.9.9":        network(64497, "10.1.0.0/16", "DE", "SMALL"),
		"10.1.2.3":        network(64498, "10.1.2.3/32", "US", "ONE HOST"),
		"::ffff:10.1.2.3": network(64498, "10.1.2.3/32", "US", "ONE HOST"),
		"2001:db8::1":     network(64499, "2001:db8::/32", "", ""),
		"192.0.2.1":       network(64500, "0.0.0.0/0", "", "the rest"),
		"2001:db9::1":     {},
	} {
		if got := table.Network(ctx, nil, netip.MustParseAddr(ip), true); got != want {
			t.Errorf("%s: %+v, want %+v", ip, got, want)
		}
	}
}

func TestTableNamesTheLineThatIsWrong(t *testing.T) {
	for text, want := range map[string]string{
		"":                          "table: no prefix in it: give lines of prefix, AS number, country and name",
		"# only this":               "table: no prefix in it: give lines of prefix, AS number, country and name",
		"192.0.2.0/24 1\n192.0.2.0": `table:2: "192.0.2.0" is no prefix such as 192.0.2.0/24`,
		"192.0.2.0/24":              "table:1: the AS number is missing after 192.0.2.0/24",
		"192.0.2.0/24 NL":           `table:1: "NL" is no AS number`,
		"192.0.2.0/24 4294967296":   `table:1: "4294967296" is no AS number`,
	} {
		if _, err := asn.ReadTable(strings.NewReader(text), "table"); err == nil || err.Error() != want {
			t.Errorf("%q: %v, want %s", text, err, want)
		}
	}
}
