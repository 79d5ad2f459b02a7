package domaincheck

import (
	"cmp"
	"net/netip"
	"slices"

	"codeberg.org/miekg/dns"

	"wolkwijs/domaincheck/dane"
	"wolkwijs/domaincheck/dnsq"
	"wolkwijs/domaincheck/record"
)

// How many hosts of a kind are looked at. Who has more gets a judgement on
// these.
const (
	maxMX = 12
	maxNS = 10
)

// mail asks for the MX records, then for each exchange the addresses, and
// where DNSSEC makes them count the TLSA records (RFC 7672, section 2.2).
func (c *collector) mail() {
	f := c.facts
	f.MX = c.ask("", dns.TypeMX)
	f.MailHosts, f.MoreMX, f.NullRecord = exchanges(f.MX)
	for _, h := range f.MailHosts {
		c.mxNames = append(c.mxNames, h.Name)
	}
	close(c.mx)
	for _, h := range f.MailHosts {
		if h.Problem == HostFine {
			c.questions.Start(c.ctx, h.Name, hostTypes...)
		}
	}
	for i := range f.MailHosts {
		c.exchange(&f.MailHosts[i], i == 0)
	}
	for i := range f.MailHosts {
		if h := &f.MailHosts[i]; h.TLSAAsked {
			if h.TLSA = c.questions.Query(c.ctx, tlsaName(h.Name), dns.TypeTLSA); h.TLSA.Status == dnsq.Found {
				h.DANE = dane.Parse(h.TLSA)
			}
		}
	}
}

// tlsaName is where the TLSA records of an exchange are.
func tlsaName(host string) string { return "_25._tcp." + host }

// exchanges reads MX records: the exchanges by preference, how many more
// there are than are looked at, and whether one is a null MX.
func exchanges(mx dnsq.Answer) (hosts []MailHost, more int, null bool) {
	for _, rr := range mx.Records {
		r, ok := rr.(*dns.MX)
		if !ok {
			continue
		}
		h := MailHost{Host: Host{Name: record.Name(r.Mx)}, Preference: r.Preference}
		switch _, err := netip.ParseAddr(h.Name); {
		case h.Name == "":
			null = true
			continue
		case err == nil:
			h.Problem = HostIsIP
		case !record.IsHostname(h.Name):
			h.Problem = HostBadName
		}
		hosts = append(hosts, h)
	}
	slices.SortFunc(hosts, func(a, b MailHost) int {
		return cmp.Or(cmp.Compare(a.Preference, b.Preference), cmp.Compare(a.Name, b.Name))
	})
	hosts = slices.CompactFunc(hosts, func(a, b MailHost) bool { return a.Name == b.Name })
	if len(hosts) > maxMX {
		hosts, more = hosts[:maxMX], len(hosts)-maxMX
	}
	return hosts, more, null
}

// exchange looks up the addresses of one exchange and starts what depends on
// them. The network is looked up for the first.
func (c *collector) exchange(h *MailHost, first bool) {
	if h.Problem != HostFine {
		return
	}
	h.Host = c.host(h.Name)
	ips := addresses(h.A, h.AAAA)
	switch {
	case len(ips) == 0 && h.A.Status != dnsq.Failed && h.AAAA.Status != dnsq.Failed:
		h.Problem = HostDangling
		return
	case len(h.A.CNAMEs) > 0, len(h.AAAA.CNAMEs) > 0:
		h.Problem = HostIsCNAME
	case len(ips) > 0 && !h.failed() && !slices.ContainsFunc(ips, reachable):
		h.Problem = HostPrivate
	}
	if first {
		c.network(true, h.A, h.AAAA)
	}
	if c.facts.MX.Security == dnsq.Insecure || h.insecure() {
		return
	}
	h.TLSAAsked = true
	c.questions.Start(c.ctx, tlsaName(h.Name), dns.TypeTLSA)
}

// insecure says whether the host's addresses are proved not to be signed.
func (h Host) insecure() bool {
	return h.A.Status == dnsq.Found && h.A.Security == dnsq.Insecure || h.AAAA.Status == dnsq.Found && h.AAAA.Security == dnsq.Insecure
}

// failed says whether an address could not be looked up.
func (h Host) failed() bool { return h.A.Status == dnsq.Failed || h.AAAA.Status == dnsq.Failed }

// nameServers asks for the NS records and SOA, then for the addresses of each
// name server.
func (c *collector) nameServers() {
	f := c.facts
	f.NS = c.ask("", dns.TypeNS)
	var names []string
	for _, rr := range f.NS.Records {
		if ns, ok := rr.(*dns.NS); ok {
			names = append(names, record.Name(ns.Ns))
		}
	}
	slices.Sort(names)
	names = slices.Compact(names)
	if len(names) > maxNS {
		names, f.MoreNS = names[:maxNS], len(names)-maxNS
	}
	f.NameServers = make([]Host, len(names))
	for _, name := range names {
		if record.IsHostname(name) {
			c.questions.Start(c.ctx, name, hostTypes...)
		}
	}
	for i, name := range names {
		if f.NameServers[i].Name = name; record.IsHostname(name) {
			f.NameServers[i] = c.host(name)
			c.network(false, f.NameServers[i].A)
		}
	}
	f.SOA = c.ask("", dns.TypeSOA)
}
