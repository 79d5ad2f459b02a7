// Package world makes up domains that look like those of Dutch clubs, schools
// and small firms: who keeps their mail, DNS and web is spread as it is there,
// and so is what they publish. All of it is derived from the number of the
// domain, so that every run sees the same world.
package world

import (
	"fmt"
	"math/rand/v2"
	"strings"
)

// Zone is a zone of the world.
type Zone struct {
	Name    string   // with the final dot
	Signed  bool     // DNSSEC
	Records []string // zone-file lines with absolute names
	Host    int      // which of the shared hosters serves it; -1: the registries
}

// hoster is a company that runs DNS, web and mail for many.
type hoster struct {
	ns  []string // name servers
	mx  []string // its mail exchanges; none: it keeps no mail
	spf string   // what its customers include
	net int      // second octet of its addresses, 198.<net>.x.y
}

// hosters are some that the knowledge base names, and some it does not.
var hosters = func() []hoster {
	all := []hoster{
		{ns: []string{"ns0.transip.net", "ns1.transip.nl", "ns2.transip.eu"}, mx: []string{"mx1.transip.email", "mx2.transip.email"}, spf: "_spf.transip.email"},
		{ns: []string{"ns1.hostnet.nl", "ns2.hostnetbv.com"}, mx: []string{"mx01.hostnet.nl", "mx02.hostnet.nl"}, spf: "_spf.hostnet.nl"},
		{ns: []string{"ns1.yourhosting.nl", "ns2.yourhosting.nl"}, mx: []string{"mx.yourhosting.nl"}, spf: "_spf.yourhosting.nl"},
		{ns: []string{"ada.ns.cloudflare.com", "bob.ns.cloudflare.com"}},
		{ns: []string{"docks02.rzone.de", "shades03.rzone.de"}, mx: []string{"smtpin.rzone.de"}, spf: "_spf.strato.com"},
	}
	for i := range 15 {
		d := fmt.Sprintf("hosting%02d.nl", i)
		all = append(all, hoster{ns: []string{"ns1." + d, "ns2." + d, "ns3." + d}, mx: []string{"mx1." + d, "mx2." + d}, spf: "_spf." + d})
	}
	for i := range all {
		all[i].net = 60 + i
	}
	return all
}()

// Domain returns the name of domain i, without the final dot.
func Domain(i int) string { return fmt.Sprintf("vereniging-%06d.nl", i) }

const soa = " 3600 IN SOA ns1.hosting00.nl. hostmaster.hosting00.nl. 1 7200 3600 1209600 300"

// lines collects records of one zone.
type lines struct {
	zone string
	all  []string
}

// add adds a record; an owner "@" is the apex, others are below it.
func (l *lines) add(owner, format string, args ...any) {
	name := l.zone
	if owner != "@" {
		name = owner + "." + l.zone
	}
	l.all = append(l.all, name+" 3600 IN "+fmt.Sprintf(format, args...))
}

// Make returns the zone of domain i. Half of them are signed.
func Make(i int) Zone {
	r := rand.New(rand.NewPCG(uint64(i), 20261126))
	name := Domain(i) + "."
	host := r.IntN(len(hosters))
	if r.IntN(3) == 0 {
		host = 0 // one of them is much the largest
	}
	h := hosters[host]
	l := &lines{zone: name, all: []string{name + soa}}
	for _, ns := range h.ns {
		l.add("@", "NS %s.", ns)
	}
	web := fmt.Sprintf("198.%d.%d.%d", h.net, r.IntN(8), 1+r.IntN(250))
	l.add("@", "A %s", web)
	if r.IntN(2) == 0 {
		l.add("@", "AAAA 2001:db8:%x::%x", h.net, 1+r.IntN(60000))
	}
	if r.IntN(3) == 0 {
		l.add("www", "CNAME %s", name)
	} else {
		l.add("www", "A %s", web)
	}
	if r.IntN(10) == 0 {
		l.add("@", `CAA 0 issue "letsencrypt.org"`)
	}
	if host == 3 {
		l.add("@", "HTTPS 1 . alpn=h2,h3")
	}
	mail(l, h, r, i)
	if r.IntN(10) < 6 {
		l.add("_dmarc", `TXT "v=DMARC1; p=%s; rua=mailto:dmarc@%s"`, []string{"none", "quarantine", "reject"}[r.IntN(3)], strings.TrimSuffix(name, "."))
	}
	if r.IntN(25) == 0 {
		l.add("_mta-sts", `TXT "v=STSv1; id=20260101"`)
		l.add("_smtp._tls", `TXT "v=TLSRPTv1; rua=mailto:tls@%s"`, strings.TrimSuffix(name, "."))
	}
	return Zone{Name: name, Signed: i%2 == 0, Records: l.all, Host: host}
}

// rsaKey is a DKIM key of 2048 bits; nobody has the private half.
const rsaKey = `"v=DKIM1; k=rsa; p=MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEA0kCbyswpySPnuKVW/2OvDurx/u4gNstCR+vCKJ01QGNoUv/n+gx9QIc+Urei3CIiXX7uJyEZsYtNRgCl70Myx/PD0UM4JZSdsdpPii2W0Gg2ShcCTDX7wHSXuZGsIK4uAgYbmTBCXCJwIt7y5sDPzVKe9kDZ" "bWzH+DS/JJEnJfWF1pzqCH2w4NAPzAtFJQBjbaxr5YvpKT5cBjfxkNGQd0ho6cN4Ps7wzAV9Eykb1gEbbXBuDySeqgBZf8tACXzxkUeC2B7ms0AQaZzXzZaeLRD9IRTUig/QUI2g0POOBR+Ddy7xevrzHO/oDFujNeF2goMaLfDiVJPAbK8/WZ+mXwIDAQAB"`

// mail adds what a domain publishes for its mail.
func mail(l *lines, h hoster, r *rand.Rand, i int) {
	dashed := strings.ReplaceAll(strings.TrimSuffix(l.zone, "."), ".", "-")
	spf := []string{}
	if h.spf != "" && r.IntN(3) > 0 {
		spf = append(spf, "include:"+h.spf)
	}
	if r.IntN(8) == 0 {
		spf = append(spf, "include:servers.mcsv.net")
		l.add("k1._domainkey", "CNAME dkim.mcsv.net.")
	}
	kind := r.IntN(100)
	switch {
	case kind < 42: // Microsoft 365, at times behind a filter
		if r.IntN(8) == 0 {
			l.add("@", "MX 10 mx1.mailfilter.nl.")
			l.add("@", "MX 20 mx2.mailfilter.nl.")
		} else {
			l.add("@", "MX 0 %s.mail.protection.outlook.com.", dashed)
		}
		spf = append(spf, "include:spf.protection.outlook.com")
		l.add("@", `TXT "MS=ms%08d"`, i)
		l.add("autodiscover", "CNAME autodiscover.outlook.com.")
		if r.IntN(3) > 0 {
			for s := 1; s <= 2; s++ {
				l.add(fmt.Sprintf("selector%d._domainkey", s), "CNAME selector%d-%s._domainkey.club.onmicrosoft.com.", s, dashed)
			}
		}
	case kind < 50: // Google Workspace
		for n, mx := range []string{"aspmx", "alt1.aspmx", "alt2.aspmx"} {
			l.add("@", "MX %d %s.l.google.com.", 10*n+1, mx)
		}
		spf = append(spf, "include:_spf.google.com")
		l.add("@", `TXT "google-site-verification=%032d"`, i)
		if r.IntN(2) == 0 {
			l.add("google._domainkey", "TXT %s", rsaKey)
		}
	case kind < 83: // the hoster
		if len(h.mx) == 0 {
			h = hosters[1]
			spf = append(spf, "include:"+h.spf)
		}
		for n, mx := range h.mx {
			l.add("@", "MX %d %s.", 10*(n+1), mx)
		}
		if r.IntN(2) == 0 {
			l.add("default._domainkey", "TXT %s", rsaKey)
		}
		if r.IntN(2) == 0 {
			l.add("autoconfig", "A 198.%d.0.10", h.net)
			l.add("autodiscover", "A 198.%d.0.10", h.net)
			l.add("_autodiscover._tcp", "SRV 0 0 443 autodiscover.%s.", strings.SplitN(h.mx[0], ".", 2)[1])
		}
	case kind < 93: // a server of its own
		l.add("@", "MX 10 mail.%s", l.zone)
		l.add("mail", "A 198.%d.9.%d", h.net, 1+r.IntN(250))
		if i%2 == 0 {
			l.add("_25._tcp.mail", "TLSA 3 1 1 0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef")
		}
		spf = append(spf, "mx", "a")
		l.add("mail._domainkey", "TXT %s", rsaKey)
	default: // none
		if r.IntN(2) == 0 {
			l.add("@", "MX 0 .")
			l.add("@", `TXT "v=spf1 -all"`)
		}
		return
	}
	l.add("@", `TXT "v=spf1 %s ~all"`, strings.Join(spf, " "))
}

// Tenant returns the name that Exchange Online gives to domain i, without the
// final dot; "" for a domain that is not there.
func Tenant(i int) string {
	for _, rr := range Make(i).Records {
		if strings.Contains(rr, "TXT \"MS=") {
			return strings.ReplaceAll(Domain(i), ".", "-") + ".mail.protection.outlook.com"
		}
	}
	return ""
}

// Shared returns the zones that the first n domains refer to, without the
// root and the top-level domains.
func Shared(n int) []Zone {
	zones := map[string]*lines{}
	var order []string
	in := func(name string) *lines { // name without the final dot
		labels := strings.Split(name, ".")
		zone := strings.Join(labels[len(labels)-2:], ".") + "."
		if zones[zone] == nil {
			zones[zone] = &lines{zone: zone, all: []string{zone + soa, zone + " 3600 IN NS ns1.hosting00.nl.", zone + " 3600 IN NS ns2.hosting00.nl."}}
			order = append(order, zone)
		}
		return zones[zone]
	}
	rr := func(name, format string, args ...any) {
		l := in(name)
		l.all = append(l.all, name+". 3600 IN "+fmt.Sprintf(format, args...))
	}
	for _, h := range hosters {
		for n, ns := range h.ns {
			rr(ns, "A 198.%d.0.%d", h.net, 53+n)
			rr(ns, "AAAA 2001:db8:%x::%x", h.net, 53+n)
		}
		for n, mx := range h.mx {
			rr(mx, "A 198.%d.0.%d", h.net, 25+n)
			rr(mx, "AAAA 2001:db8:%x::%x", h.net, 25+n)
			rr("_25._tcp."+mx, "TLSA 3 1 1 0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef")
		}
		if h.spf != "" {
			rr(h.spf, `TXT "v=spf1 ip4:198.%d.0.0/24 ip6:2001:db8:%x::/48 -all"`, h.net, h.net)
		}
		if len(h.mx) > 0 {
			rr("autodiscover."+strings.SplitN(h.mx[0], ".", 2)[1], "A 198.%d.0.10", h.net)
		}
	}
	rr("mx1.mailfilter.nl", "A 198.51.100.25")
	rr("mx2.mailfilter.nl", "A 198.51.100.26")
	rr("servers.mcsv.net", `TXT "v=spf1 ip4:205.201.128.0/20 ip4:198.2.128.0/18 ip4:148.105.8.0/21 -all"`)
	rr("dkim.mcsv.net", "TXT %s", rsaKey)
	rr("spf.protection.outlook.com", `TXT "v=spf1 ip4:40.92.0.0/15 ip4:40.107.0.0/16 ip4:52.100.0.0/15 ip4:52.102.0.0/16 ip4:52.103.0.0/17 ip4:104.47.0.0/17 ip6:2a01:111:f400::/48 ip6:2a01:111:f403::/49 -all"`)
	for i := range n {
		if tenant := Tenant(i); tenant != "" {
			rr(tenant, "A 52.101.73.1")
			rr(tenant, "A 52.101.73.2")
		}
	}
	rr("autodiscover.outlook.com", "CNAME atod-g2.tm-4.office.com.")
	rr("atod-g2.tm-4.office.com", "A 52.97.201.1")
	rr("*.club.onmicrosoft.com", "TXT %s", rsaKey)
	for n, mx := range []string{"aspmx", "alt1.aspmx", "alt2.aspmx"} {
		rr(mx+".l.google.com", "A 142.250.27.%d", 26+n)
		rr(mx+".l.google.com", "AAAA 2a00:1450:4025:401::%x", 26+n)
	}
	rr("_spf.google.com", `TXT "v=spf1 include:_netblocks.google.com include:_netblocks2.google.com ~all"`)
	rr("_netblocks.google.com", `TXT "v=spf1 ip4:35.190.247.0/24 ip4:64.233.160.0/19 ip4:66.102.0.0/20 ~all"`)
	rr("_netblocks2.google.com", `TXT "v=spf1 ip6:2001:4860:4000::/36 ip6:2a00:1450:4000::/36 ~all"`)
	for n := range len(hosters) {
		net := 60 + n
		for c := range 10 {
			rr(fmt.Sprintf("0.%d.%d.198.origin.asn.cymru.com", c, net), `TXT "%d | 198.%d.%d.0/24 | NL | ripencc | 2001-02-03"`, 64500+n, net, c)
		}
		rr(fmt.Sprintf("as%d.asn.cymru.com", 64500+n), `TXT "%d | NL | ripencc | 2001-02-03 | HOSTING%02d Hosting %02d, NL"`, 64500+n, n, n)
	}
	rr("0.73.101.52.origin.asn.cymru.com", `TXT "8075 | 52.96.0.0/12 | US | arin | 2015-11-24"`)
	rr("0.201.97.52.origin.asn.cymru.com", `TXT "8075 | 52.96.0.0/12 | US | arin | 2015-11-24"`)
	rr("0.27.250.142.origin.asn.cymru.com", `TXT "15169 | 142.250.0.0/15 | US | arin | 2012-05-24"`)
	rr("0.100.51.198.origin.asn.cymru.com", `TXT "64499 | 198.51.100.0/24 | NL | ripencc | 2001-02-03"`)
	rr("as8075.asn.cymru.com", `TXT "8075 | US | arin | 1997-03-31 | MICROSOFT-CORP-MSN-AS-BLOCK, US"`)
	rr("as15169.asn.cymru.com", `TXT "15169 | US | arin | 2000-03-30 | GOOGLE, US"`)
	rr("as64499.asn.cymru.com", `TXT "64499 | NL | ripencc | 2001-02-03 | MAILFILTER, NL"`)
	var all []Zone
	for _, name := range order {
		all = append(all, Zone{Name: name, Signed: !strings.Contains(name, "cymru"), Records: zones[name].all})
	}
	return all
}

// Tops returns the root and the top-level domains, with nothing in them but
// what makes them zones.
func Tops() []Zone {
	var all []Zone
	for _, name := range []string{".", "nl.", "com.", "net.", "eu.", "de.", "email.", "org."} {
		all = append(all, Zone{Name: name, Signed: true, Records: []string{name + " 3600 IN SOA a.root-servers.example. hostmaster.example. 1 7200 3600 1209600 300"}})
	}
	return all
}

// MX returns the exchange of an MX record, without the final dot, or nothing.
func MX(rr string) []string {
	fields := strings.Fields(rr)
	if len(fields) == 6 && fields[3] == "MX" {
		return []string{strings.TrimSuffix(fields[5], ".")}
	}
	return nil
}

// NameServers returns the address of each name server of the hosters, by name
// without the final dot.
func NameServers() map[string]string {
	all := map[string]string{}
	for _, h := range hosters {
		for n, ns := range h.ns {
			all[ns] = fmt.Sprintf("198.%d.0.%d", h.net, 53+n)
		}
	}
	return all
}
