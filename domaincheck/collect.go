package domaincheck

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"net/netip"
	"strings"
	"sync"

	"codeberg.org/miekg/dns"

	"wolkwijs/domaincheck/asn"
	"wolkwijs/domaincheck/bimi"
	"wolkwijs/domaincheck/caa"
	"wolkwijs/domaincheck/dmarc"
	"wolkwijs/domaincheck/dnsq"
	"wolkwijs/domaincheck/mtasts"
	"wolkwijs/domaincheck/record"
	"wolkwijs/domaincheck/spf"
	"wolkwijs/domaincheck/tlsrpt"
)

// collector fills facts. Each subject is a chain of questions that depend on
// each other; the chains run side by side, so that a check takes as long as
// its longest chain.
type collector struct {
	ctx context.Context
	*check
	facts *Facts
	wait  sync.WaitGroup

	mu sync.Mutex // for facts.Networks

	// mx and txt are closed when MX and TXT are answered, for the chains that
	// go on with both.
	mx, txt chan struct{}
	mxNames []string // of the exchanges, once mx is closed
}

// collect looks up all there is to know of a domain.
func (c *check) collect(ctx context.Context, t Target) *Facts {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	f := &Facts{Target: t, Networks: map[netip.Addr]asn.Network{}}
	col := &collector{ctx: ctx, check: c, facts: f, mx: make(chan struct{}), txt: make(chan struct{})}
	for _, chain := range []func(){
		col.mail, col.text, col.dkim, col.dmarc, col.mtaSTS, col.otherText,
		col.nameServers, col.dnssec, col.web, col.services, col.caa,
	} {
		col.wait.Go(chain)
	}
	col.wait.Go(func() {
		if col.silent() {
			cancel()
		}
	})
	col.wait.Wait()
	return f
}

// silent says whether none of the questions about the domain itself has an
// answer. Then there is no use in waiting for others to fail one after another.
func (c *collector) silent() bool {
	for _, a := range c.together(c.facts.Target.Domain, apexTypes...) {
		if a.Status != dnsq.Failed {
			return false
		}
	}
	return true
}

// apexTypes are the types that tell whether a domain exists.
var apexTypes = []uint16{dns.TypeSOA, dns.TypeNS, dns.TypeMX, dns.TypeTXT, dns.TypeA}

// collectMailDomain looks up who gets the mail for a domain in which the
// company owner hands out mailboxes.
func (c *check) collectMailDomain(ctx context.Context, t Target, owner string) *Facts {
	f := &Facts{Target: t, MailDomainOf: owner, Networks: map[netip.Addr]asn.Network{}}
	f.MX = c.questions.Query(ctx, t.Domain, dns.TypeMX)
	f.MailHosts, f.MoreMX, f.NullRecord = exchanges(f.MX)
	return f
}

// ask asks for a name below the domain, or for the domain itself if the
// prefix is empty.
func (c *collector) ask(prefix string, rrtype uint16) dnsq.Answer {
	name := c.facts.Target.Domain
	if prefix != "" {
		name = prefix + "." + name
	}
	return c.questions.Query(c.ctx, name, rrtype)
}

// each runs work for 0 to n-1 side by side and waits.
func each(n int, work func(i int)) {
	var wait sync.WaitGroup
	for i := range n {
		wait.Go(func() { work(i) })
	}
	wait.Wait()
}

// together asks several questions about one name side by side.
func (c *collector) together(name string, rrtypes ...uint16) []dnsq.Answer {
	answers := make([]dnsq.Answer, len(rrtypes))
	each(len(rrtypes), func(i int) { answers[i] = c.questions.Query(c.ctx, name, rrtypes[i]) })
	return answers
}

// host asks for the addresses of a name.
func (c *collector) host(name string) Host {
	a := c.together(name, dns.TypeA, dns.TypeAAAA)
	return Host{Name: name, A: a[0], AAAA: a[1]}
}

// text asks for TXT and walks the SPF tree.
func (c *collector) text() {
	c.facts.TXT = c.ask("", dns.TypeTXT)
	close(c.txt)
	c.facts.SPF = spf.Walk(c.ctx, c.questions, c.facts.Target.Domain, c.facts.TXT)
}

// maxReportDomains is how many foreign domains that get reports are asked
// whether they want them.
const maxReportDomains = 4

// dmarc finds the DMARC record, and asks the domains that are to get reports
// whether they want them (RFC 9990, section 4).
func (c *collector) dmarc() {
	f := c.facts
	f.DMARC = dmarc.Discover(c.ctx, c.questions, f.Target.Domain)
	if f.DMARC.Record == nil {
		return
	}
	var domains []string
	seen := map[string]bool{f.Target.Domain: true}
	for _, a := range append(append([]dmarc.Address{}, f.DMARC.Record.RUA...), f.DMARC.Record.RUF...) {
		own, err := registrable(a.Domain)
		if err == nil && own != f.Target.Domain && !seen[a.Domain] && len(domains) < maxReportDomains {
			domains = append(domains, a.Domain)
		}
		seen[a.Domain] = true
	}
	f.Reports = make([]ReportDomain, len(domains))
	each(len(domains), func(i int) {
		name := f.Target.Domain + "._report._dmarc." + domains[i]
		r := ReportDomain{Domain: domains[i], Answer: c.questions.Query(c.ctx, name, dns.TypeTXT)}
		for _, txt := range record.TXT(r.Answer) {
			r.Authorised = r.Authorised || dmarc.Is(txt)
		}
		f.Reports[i] = r
	})
}

// mtaSTS asks for the MTA-STS record and fetches the policy it announces.
func (c *collector) mtaSTS() {
	f := &c.facts.MTASTS
	f.Record = textRecord(c.ask("_mta-sts", dns.TypeTXT), mtasts.Is, mtasts.ParseRecord)
	if f.Record.Record == "" || c.Policies == nil {
		return
	}
	f.Text, f.Err = c.Policies.Fetch(c.ctx, c.questions, c.facts.Target.Domain)
	if f.Err == nil {
		f.Policy, f.Err = mtasts.ParsePolicy(f.Text)
	}
}

// otherText asks for TLS-RPT, BIMI, the historic SPF type (RFC 7208, section
// 3.1), and for a name that nobody made, which shows whether there is a
// wildcard.
func (c *collector) otherText() {
	f := c.facts
	each(4, func(i int) {
		switch i {
		case 0:
			f.TLSRPT = textRecord(c.ask("_smtp._tls", dns.TypeTXT), tlsrpt.Is, tlsrpt.Parse)
		case 1:
			f.BIMI = textRecord(c.ask("default._bimi", dns.TypeTXT), bimi.Is, bimi.Parse)
		case 2:
			f.Wildcard = c.ask(randomLabel(), dns.TypeTXT)
		case 3:
			f.SPFType = c.ask("", dns.TypeSPF)
		}
	})
}

// randomLabel is a label that nobody made.
func randomLabel() string {
	b := make([]byte, 8)
	rand.Read(b) // never fails
	return "wk-" + hex.EncodeToString(b)
}

// dnssec asks for the keys, and of a signed domain how names that do not exist
// are denied and until when its signatures hold.
func (c *collector) dnssec() {
	f := c.facts
	each(2, func(i int) {
		if i == 0 {
			f.DS = c.ask("", dns.TypeDS)
			return
		}
		f.DNSKEY = c.ask("", dns.TypeDNSKEY)
	})
	if f.DNSKEY.Status != dnsq.Found {
		return
	}
	each(2, func(i int) {
		if i == 0 {
			f.NSEC3 = c.ask("", dns.TypeNSEC3PARAM)
			return
		}
		f.Signatures, _ = c.questions.Validity(c.ctx, f.Target.Domain, dns.TypeSOA)
	})
}

// caa climbs the tree (RFC 8659, section 3): the domain, then the names above
// it, nearest first. The climb ends at the first that has records, and where
// one could not be looked up; but that a public suffix could not is no reason
// to say nothing of the domain.
func (c *collector) caa() {
	f := c.facts
	var names []string
	for _, above, _ := strings.Cut(f.Target.Domain, "."); above != ""; _, above, _ = strings.Cut(above, ".") {
		names = append(names, above)
	}
	f.AboveCAA = make([]dnsq.Answer, len(names))
	each(1+len(names), func(i int) {
		if i == 0 {
			f.CAA = c.ask("", dns.TypeCAA)
			return
		}
		f.AboveCAA[i-1] = c.questions.Query(c.ctx, names[i-1], dns.TypeCAA)
	})
	for i, a := range append([]dnsq.Answer{f.CAA}, f.AboveCAA...) {
		switch {
		case a.Status == dnsq.Failed && i > 0 && record.IsPublicSuffix(names[i-1]):
			return
		case a.Status == dnsq.Failed:
			f.CAAFailed = &a
			return
		case a.Status == dnsq.Found:
			f.CAASet = caa.Parse(a)
			return
		}
	}
}

// web asks for the addresses of the website, and its HTTPS record.
func (c *collector) web() {
	f := c.facts
	each(5, func(i int) {
		switch i {
		case 0:
			f.A = c.ask("", dns.TypeA)
		case 1:
			f.AAAA = c.ask("", dns.TypeAAAA)
		case 2:
			f.WWWA = c.ask("www", dns.TypeA)
		case 3:
			f.WWWAAAA = c.ask("www", dns.TypeAAAA)
		case 4:
			f.HTTPS = c.ask("", dns.TypeHTTPS)
		}
	})
	c.network(false, f.WWWA, f.WWWAAAA)
	c.network(false, f.A, f.AAAA)
}

// services asks for the names by which mail programs find their settings, and
// for the name that Exchange Online gives to the domains it accepts.
func (c *collector) services() {
	f := c.facts
	names := []struct {
		name   string
		rrtype uint16
	}{
		{"autodiscover", dns.TypeA},
		{"autoconfig", dns.TypeA},
		{"_autodiscover._tcp", dns.TypeSRV},
		{"_imaps._tcp", dns.TypeSRV},       // RFC 6186, RFC 8314
		{"_submissions._tcp", dns.TypeSRV}, // RFC 8314, section 5.1
	}
	f.Auto = make([]Service, len(names))
	each(len(names)+1, func(i int) {
		if i == len(names) {
			name := strings.ReplaceAll(f.Target.Domain, ".", "-") + ".mail.protection.outlook.com"
			f.Tenant = c.questions.Query(c.ctx, name, dns.TypeA)
			return
		}
		f.Auto[i] = Service{Name: names[i].name, Answer: c.ask(names[i].name, names[i].rrtype)}
	})
}
