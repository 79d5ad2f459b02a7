package domaincheck

import (
	"slices"
	"strings"

	"codeberg.org/miekg/dns"

	"wolkwijs/domaincheck/dnsq"
	"wolkwijs/domaincheck/holder"
	"wolkwijs/domaincheck/record"
	"wolkwijs/domaincheck/spf"
)

// Signals are the facts that tell who holds what.
func (f *Facts) Signals() holder.Signals {
	s := holder.Signals{
		Domain: f.Target.Domain,
		NullMX: f.NullMX(),
		SPF:    spfSignals(f.SPF),
		TXT:    record.TXT(f.TXT),
		Tenant: f.Tenant.Status == dnsq.Found,
		Failed: map[string]bool{},
	}
	for _, h := range f.MailHosts {
		if h.Problem != HostIsIP && h.Problem != HostBadName {
			host := f.host(h.Host)
			host.Preference = h.Preference
			s.MX = append(s.MX, host)
		}
	}
	for _, h := range f.NameServers {
		if record.IsHostname(h.Name) {
			s.NS = append(s.NS, f.host(h))
		}
	}
	s.Web = []holder.Host{
		f.host(Host{Name: "www." + f.Target.Domain, A: f.WWWA, AAAA: f.WWWAAAA}),
		f.host(Host{Name: f.Target.Domain, A: f.A, AAAA: f.AAAA}),
	}
	s.DKIM = f.DKIM.signals()
	s.WildcardDKIM = f.DKIM.wildcard() && len(s.DKIM) == 0
	for _, auto := range f.Auto {
		if auto.Name != "autodiscover" && auto.Name != "_autodiscover._tcp" {
			continue
		}
		s.Autodiscover = append(s.Autodiscover, hostnames(auto.Answer.CNAMEs)...)
		for _, rr := range auto.Answer.Records {
			if srv, ok := rr.(*dns.SRV); ok {
				s.Autodiscover = append(s.Autodiscover, hostnames([]string{srv.Target})...)
			}
		}
		if auto.Answer.Status == dnsq.Failed {
			s.Failed["autodiscover"] = true
		}
	}
	if f.DMARC.Record != nil {
		for _, a := range f.DMARC.Record.RUA {
			if record.IsHostname(a.Domain) {
				s.DMARCReports = append(s.DMARCReports, a.Domain)
			}
		}
	}
	for name, a := range map[string]dnsq.Answer{"mx": f.MX, "txt": f.TXT, "spf": f.TXT, "ns": f.NS, "tenant": f.Tenant, "web": f.A, "dkim": f.DKIM.Random} {
		if a.Status == dnsq.Failed {
			s.Failed[name] = true
		}
	}
	if f.SPF != nil {
		for _, n := range f.SPF.All() {
			if n.Problem == spf.Failed {
				s.Failed["spf"] = true
			}
		}
	}
	return s
}

// signals are the selectors that somebody made: not those with the answer of
// a selector that nobody made. An alias for a key that is not there (not yet,
// or no longer switched on) still tells whose key it was to be.
func (d *DKIMFacts) signals() []holder.DKIM {
	keys := d.keys()
	var all []holder.DKIM
	for _, s := range d.Selectors {
		key := slices.ContainsFunc(keys, func(k Selector) bool { return k.Name == s.Name })
		aliased := len(s.Answer.CNAMEs) > 0 && d.made(s)
		if key || aliased {
			all = append(all, holder.DKIM{
				Selector: s.Name, CNAMEs: hostnames(s.Answer.CNAMEs),
				Key: key && s.Key != nil && !s.Key.Revoked,
			})
		}
	}
	return all
}

// hostnames are the names among names of which the end may be compared, in
// lower case and without the final dot.
func hostnames(names []string) []string {
	var all []string
	for _, n := range names {
		if n = record.Name(n); record.IsHostname(n) {
			all = append(all, n)
		}
	}
	return all
}

// host is h with its addresses and their networks.
func (f *Facts) host(h Host) holder.Host {
	out := holder.Host{Name: h.Name, CNAMEs: hostnames(h.A.CNAMEs)}
	if len(out.CNAMEs) == 0 {
		out.CNAMEs = hostnames(h.AAAA.CNAMEs)
	}
	for _, ip := range addresses(h.A, h.AAAA) {
		n := f.Networks[ip]
		out.Addresses = append(out.Addresses, holder.Address{IP: ip, ASN: n.ASN, ASName: n.Name, Country: n.Country})
	}
	return out
}

// spfSignals flattens the SPF tree, depth first.
func spfSignals(t *spf.Tree) holder.SPF {
	var s holder.SPF
	if t == nil {
		return s
	}
	for i, n := range t.All() {
		if i > 0 && n.Problem != spf.Macro && record.IsHostname(n.Domain) {
			s.Domains = append(s.Domains, n.Domain)
		}
		if n.Record == nil {
			continue
		}
		for _, term := range n.Record.Reached() {
			if term.Network.IsValid() && term.Qualifier == '+' {
				s.Networks = append(s.Networks, term.Network)
			}
		}
	}
	s.Hosts = hostnames(t.Hosts)
	for _, m := range t.Macros {
		_, target, _ := strings.Cut(m, ":")
		if target == "" {
			_, target, _ = strings.Cut(m, "=")
		}
		s.Macros = append(s.Macros, target)
	}
	return s
}

// early are the signals that are there once MX, TXT and autodiscover are
// answered. mx are the names of the exchanges.
func early(domain string, mx []string, txt, autodiscover dnsq.Answer) holder.Signals {
	s := holder.Signals{Domain: domain, TXT: record.TXT(txt), Autodiscover: hostnames(autodiscover.CNAMEs)}
	for _, name := range hostnames(mx) {
		s.MX = append(s.MX, holder.Host{Name: name})
	}
	for _, txt := range s.TXT {
		if !spf.Is(txt) {
			continue
		}
		if r, err := spf.Parse(txt); err == nil {
			for _, t := range r.Terms {
				if t.Follows() && !t.Macros {
					s.SPF.Domains = append(s.SPF.Domains, record.Name(t.Domain))
				}
			}
			if r.Redirect != nil && !r.Redirect.Macros {
				s.SPF.Domains = append(s.SPF.Domains, record.Name(r.Redirect.Domain))
			}
		}
	}
	return s
}
