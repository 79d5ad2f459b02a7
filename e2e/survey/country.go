// Package survey drives `wolkwijs survey` from outside: a list as long as a
// country's, a DNS server that plays the country, power cuts, and a browser
// that reads the report.
//
// For tests only.
package survey

import (
	"fmt"
	"hash/fnv"
	"net"
	"strconv"
	"strings"
	"sync"

	"codeberg.org/miekg/dns"
)

// Country is a DNS server on loopback that plays a validating resolver and,
// behind it, as many domains as one asks for: d0.nl, d1.nl … Who holds a
// domain, and how it is protected, follows from its number. RRsets come in
// another order each time, as from real resolvers.
type Country struct {
	conn   *net.UDPConn
	shared map[string][]dns.RR // by name and type
	names  map[string]bool     // that exist among the shared ones

	mu      sync.Mutex
	turn    int
	waiting map[string]chan struct{}
}

// infrastructure is what the domains share.
const infrastructure = `
. SOA a.root. host.root. 1 7200 3600 1209600 300
. NS a.root.
nl. SOA a.nl. host.nl. 1 7200 3600 1209600 300
nl. NS a.nl.
com. SOA a.com. host.com. 1 7200 3600 1209600 300
spf.protection.outlook.com. TXT "v=spf1 ip4:40.92.0.0/15 -all"
autodiscover.outlook.com. A 52.97.232.200
aspmx.l.google.com. A 142.250.1.26
aspmx.l.google.com. AAAA 2a00:1450:4025:c03::1a
_spf.google.com. TXT "v=spf1 ip4:142.250.0.0/16 -all"
mx.transip.email. A 195.135.195.25
mx.transip.email. AAAA 2a01:7c8::25
_spf.transip.email. TXT "v=spf1 ip4:195.135.195.0/24 -all"
_25._tcp.mx.transip.email. TLSA 3 1 1 0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef
ns0.transip.net. A 195.135.195.195
ns1.transip.nl. A 195.8.195.195
ns2.transip.eu. A 37.97.199.195
ns2.transip.eu. AAAA 2a01:7c8:7000::195
dana.ns.cloudflare.com. A 108.162.192.1
rob.ns.cloudflare.com. A 108.162.193.1
ns1.example-it.nl. A 198.51.100.53
ns2.example-it.nl. A 203.0.113.53
x.azurewebsites.net. A 20.50.2.1
www.example-it.nl. A 198.51.100.80
`

// Start starts a country.
func Start() (*Country, error) {
	conn, err := net.ListenUDP("udp", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		return nil, err
	}
	conn.SetReadBuffer(8 << 20) // best effort
	c := &Country{conn: conn, shared: map[string][]dns.RR{}, names: map[string]bool{}, waiting: map[string]chan struct{}{}}
	for line := range strings.Lines(infrastructure) {
		if line = strings.TrimSpace(line); line == "" {
			continue
		}
		rr, err := dns.New(strings.Replace(line, " ", " 3600 IN ", 1))
		if err != nil {
			return nil, fmt.Errorf("%s: %w", line, err)
		}
		name := rr.Header().Name
		key := name + " " + dns.TypeToString[dns.RRToType(rr)]
		c.shared[key] = append(c.shared[key], rr)
		for name != "" {
			c.names[name] = true
			_, name, _ = strings.Cut(name, ".")
		}
	}
	c.names["."] = true
	for range 2 {
		go c.serve()
	}
	return c, nil
}

// Addr returns the address of the server.
func (c *Country) Addr() string { return c.conn.LocalAddr().String() }

// Stop ends the server.
func (c *Country) Stop() { c.conn.Close() }

// Asked returns a channel that is closed when somebody asks about domain i.
func (c *Country) Asked(i int) <-chan struct{} {
	c.mu.Lock()
	defer c.mu.Unlock()
	asked := make(chan struct{})
	c.waiting[fmt.Sprintf("d%d.nl.", i)] = asked
	return asked
}

func (c *Country) serve() {
	buf := make([]byte, 4096)
	for {
		n, from, err := c.conn.ReadFromUDPAddrPort(buf)
		if err != nil {
			return
		}
		q := &dns.Msg{Data: buf[:n]}
		if q.Unpack() != nil || len(q.Question) != 1 {
			continue
		}
		if r := c.answer(q); r != nil && r.Pack() == nil {
			c.conn.WriteToUDPAddrPort(r.Data, from)
		}
	}
}

// answer returns the reply to q; nil for none.
func (c *Country) answer(q *dns.Msg) *dns.Msg {
	asked := q.Question[0]
	name, rrtype := strings.ToLower(asked.Header().Name), dns.TypeToString[dns.RRToType(asked)]
	r := new(dns.Msg)
	r.ID, r.Question = q.ID, q.Question
	r.Response, r.RecursionAvailable, r.RecursionDesired, r.CheckingDisabled = true, true, q.RecursionDesired, q.CheckingDisabled
	if q.UDPSize > 0 {
		r.UDPSize = 4096
	}
	c.mu.Lock()
	c.turn++
	turn := c.turn
	if waiting, ok := c.waiting[name]; ok {
		close(waiting)
		delete(c.waiting, name)
	}
	c.mu.Unlock()
	r.AuthenticatedData = true
	soa := c.shared[". SOA"]
	switch d, sub, ok := domainOf(name); {
	case name == "dnssec-failed.org.":
		r.Rcode = dns.RcodeServerFailure
	case ok && d.silent(sub, rrtype):
		return nil
	case ok && d.fails(sub, rrtype):
		r.Rcode = dns.RcodeServerFailure
	case ok && d.exists():
		r.AuthenticatedData = d.signed()
		records, exists := d.records(sub, rrtype)
		for _, text := range records {
			rr, err := dns.New(name + " 3600 IN " + text)
			if err != nil {
				panic(err)
			}
			r.Answer = append(r.Answer, rr)
		}
		if target, ok := d.alias(sub); ok && rrtype != "CNAME" {
			r.Answer = append(r.Answer, c.shared[target+" "+rrtype]...)
		}
		if !exists {
			r.Rcode = dns.RcodeNameError
		}
	default:
		r.Answer = append(r.Answer, c.shared[name+" "+rrtype]...)
		if _, hosts := strings.CutSuffix(name, ".mail.protection.outlook.com."); hosts && rrtype == "A" {
			rr, err := dns.New(name + " 3600 IN A 52.101.68.3")
			if err != nil {
				panic(err)
			}
			r.Answer = append(r.Answer, rr)
		} else if !c.names[name] && !hosts {
			r.Rcode = dns.RcodeNameError
		}
	}
	if len(r.Answer) == 0 {
		r.Ns = soa
		return r
	}
	if dns.RRToType(r.Answer[0]) != dns.TypeCNAME {
		k := turn % len(r.Answer)
		r.Answer = append(r.Answer[k:len(r.Answer):len(r.Answer)], r.Answer[:k]...)
	}
	return r
}

// domain is one of the country's, by its number.
type domain struct {
	i    int
	dice uint32 // that decide what it is like
}

// domainOf returns the domain that a name is in, and the name below it.
func domainOf(name string) (d domain, sub string, ok bool) {
	rest, ok := strings.CutSuffix(name, ".nl.")
	if !ok {
		return d, "", false
	}
	label := rest[strings.LastIndexByte(rest, '.')+1:]
	number, ok := strings.CutPrefix(label, "d")
	i, err := strconv.Atoi(number)
	if !ok || err != nil {
		return d, "", false
	}
	h := fnv.New32a()
	h.Write([]byte(label))
	return domain{i, h.Sum32() >> 3}, strings.TrimSuffix(strings.TrimSuffix(rest, label), "."), true
}

func (d domain) of(dice, n uint32) uint32 { return d.dice / dice % n }

func (d domain) exists() bool { return d.i%97 != 96 }
func (d domain) signed() bool { return d.of(3, 5) < 3 }

// fails says whether a question gets SERVFAIL, silent whether it gets nothing.
func (d domain) fails(sub, rrtype string) bool {
	return d.i%211 == 7 && sub == "_dmarc" || d.i%307 == 9 && rrtype == "MX"
}
func (d domain) silent(sub, rrtype string) bool { return d.i%2003 == 11 && rrtype == "CAA" }

// The companies that keep the mailboxes.
const (
	microsoft = iota
	google
	transip
	own
	nobody
)

func (d domain) mail() int {
	return []int{microsoft, microsoft, microsoft, microsoft, google, transip, transip, own, own, nobody}[d.of(1, 10)]
}

// alias returns the target of the name below the domain if it is an alias.
func (d domain) alias(sub string) (string, bool) {
	switch {
	case sub == "www" && d.of(17, 4) == 0:
		return "x.azurewebsites.net.", true
	case sub == "www" && d.of(17, 4) == 1:
		return "www.example-it.nl.", true
	case sub == "autodiscover" && d.mail() == microsoft:
		return "autodiscover.outlook.com.", true
	}
	return "", false
}

// records returns the rdata at a name below the domain, with its type, and
// whether the name exists.
func (d domain) records(sub, rrtype string) (rdata []string, exists bool) {
	if target, ok := d.alias(sub); ok {
		return []string{"CNAME " + target}, true
	}
	at := map[string][]string{}
	address := fmt.Sprintf("93.184.%d.%d", d.i/250%250, d.i%250+1)
	switch sub {
	case "":
		at["SOA"] = []string{"ns host 1 7200 3600 1209600 300"}
		at["A"] = []string{address}
		if d.of(11, 2) == 0 {
			at["AAAA"] = []string{fmt.Sprintf("2606:2800::%x:%x", d.i>>16, d.i&0xffff)}
		}
		at["NS"] = [][]string{
			{"ns0.transip.net.", "ns1.transip.nl.", "ns2.transip.eu."}, {"dana.ns.cloudflare.com.", "rob.ns.cloudflare.com."}, {"ns1.example-it.nl.", "ns2.example-it.nl."},
		}[d.of(7, 3)]
		if d.of(13, 3) == 0 {
			at["CAA"] = []string{`0 issue "letsencrypt.org"`, `0 issue "sectigo.com"`}
		}
		at["MX"] = [][]string{
			{fmt.Sprintf("0 d%d-nl.mail.protection.outlook.com.", d.i)}, {"1 aspmx.l.google.com."}, {"10 mx.transip.email."},
			{fmt.Sprintf("10 mail.d%d.nl.", d.i), fmt.Sprintf("10 mail2.d%d.nl.", d.i)}, {"0 ."},
		}[d.mail()]
		at["TXT"] = []string{`"` + []string{"v=spf1 include:spf.protection.outlook.com -all", "v=spf1 include:_spf.google.com ~all", "v=spf1 include:_spf.transip.email ~all", "v=spf1 mx ?all", "v=spf1 -all"}[d.mail()] + `"`, `"some-verification=1"`, `"other-verification=2"`}
		if d.of(19, 9) == 0 {
			at["TXT"] = at["TXT"][1:]
		}
	case "mail", "mail2":
		if d.mail() != own {
			return nil, false
		}
		at["A"] = []string{address}
	case "www":
		at["A"] = []string{address}
	case "_dmarc":
		if d.of(5, 6) == 5 {
			return nil, false
		}
		at["TXT"] = []string{`"v=DMARC1; p=` + []string{"reject", "reject", "quarantine", "none", "none"}[d.of(5, 6)] + `"`}
	case "_smtp._tls":
		if d.of(23, 3) > 0 {
			return nil, false
		}
		at["TXT"] = []string{`"v=TLSRPTv1; rua=mailto:tls@example.com"`}
	default:
		return nil, false
	}
	for _, r := range at[rrtype] {
		rdata = append(rdata, rrtype+" "+strings.ReplaceAll(r, "ns host ", fmt.Sprintf("ns.d%d.nl. host.d%d.nl. ", d.i, d.i)))
	}
	return rdata, true
}
