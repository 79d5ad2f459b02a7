package domaincheck

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"net/netip"
	"slices"
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
	col.begin()
	for _, chain := range []func(){col.mail, col.text, col.dkim, col.dmarc, col.nameServers} {
		col.wait.Go(chain)
	}
	if col.silent() {
		cancel()
	}
	// Those from which others follow come first.
	col.dnssec()
	col.mtaSTS()
	col.web()
	col.otherText()
	col.caa()
	col.wildcard()
	col.services()
	col.wait.Wait()
	return f
}

// first are the questions that no answer has to be waited for.
var first = []struct {
	prefix  string // below the domain; empty for the domain itself
	rrtypes []uint16
}{
	// Those that others depend on.
	{"", []uint16{dns.TypeMX, dns.TypeTXT, dns.TypeNS}},
	{"_domainkey", []uint16{dns.TypeTXT}},
	{"autodiscover", []uint16{dns.TypeA}},
	{"_tcp", []uint16{dns.TypeSRV}},
	{"_dmarc", []uint16{dns.TypeTXT}},
	{"_mta-sts", []uint16{dns.TypeTXT}},
	{"", []uint16{dns.TypeDNSKEY, dns.TypeA, dns.TypeAAAA}},
	{"www", []uint16{dns.TypeA, dns.TypeAAAA}},
	// Those that nothing depends on.
	{"", []uint16{dns.TypeSOA, dns.TypeDS, dns.TypeCAA, dns.TypeHTTPS}},
	{"_smtp._tls", []uint16{dns.TypeTXT}},
	{"default._bimi", []uint16{dns.TypeTXT}},
	{"autoconfig", []uint16{dns.TypeA}},
}

// begin starts the first questions.
func (c *collector) begin() {
	for _, q := range first {
		c.start(q.prefix, q.rrtypes...)
	}
	for _, name := range above(c.facts.Target.Domain) {
		c.questions.Start(c.ctx, name, dns.TypeCAA)
		c.questions.Start(c.ctx, "_dmarc."+name, dns.TypeTXT)
	}
}

// above are the names above a domain, nearest first.
func above(domain string) []string {
	var names []string
	for _, name, _ := strings.Cut(domain, "."); name != ""; _, name, _ = strings.Cut(name, ".") {
		names = append(names, name)
	}
	return names
}

// silent says whether none of the questions about the domain itself has an
// answer. Then there is no use in waiting for others to fail one after another.
func (c *collector) silent() bool {
	for _, rrtype := range apexTypes {
		if c.ask("", rrtype).Status != dnsq.Failed {
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

// name is the domain with a prefix, if that is not empty.
func (c *collector) name(prefix string) string {
	if prefix == "" {
		return c.facts.Target.Domain
	}
	return prefix + "." + c.facts.Target.Domain
}

// ask asks for a name below the domain, or for the domain itself if the
// prefix is empty.
func (c *collector) ask(prefix string, rrtype uint16) dnsq.Answer {
	return c.questions.Query(c.ctx, c.name(prefix), rrtype)
}

// start asks as ask does, without waiting for the answers.
func (c *collector) start(prefix string, rrtypes ...uint16) {
	c.questions.Start(c.ctx, c.name(prefix), rrtypes...)
}

// hostTypes are the types of addresses.
var hostTypes = []uint16{dns.TypeA, dns.TypeAAAA}

// host returns the addresses of a name.
func (c *collector) host(name string) Host {
	c.questions.Start(c.ctx, name, hostTypes...)
	return Host{Name: name, A: c.questions.Query(c.ctx, name, dns.TypeA), AAAA: c.questions.Query(c.ctx, name, dns.TypeAAAA)}
}

// text asks for TXT and walks the SPF tree.
func (c *collector) text() {
	c.facts.TXT = c.ask("", dns.TypeTXT)
	close(c.txt)
	hasSPF := slices.ContainsFunc(record.TXT(c.facts.TXT), spf.Is)
	if hasSPF {
		c.start("", dns.TypeSPF)
	}
	c.facts.SPF = spf.Walk(c.ctx, c.questions, c.facts.Target.Domain, c.facts.TXT)
	if c.facts.SPFType = notAsked; hasSPF {
		c.facts.SPFType = c.ask("", dns.TypeSPF) // the historic type (RFC 7208, section 3.1)
	}
}

// notAsked stands in the place of an answer that would tell nothing new.
var notAsked = dnsq.Answer{Status: dnsq.NoData}

// maxReportDomains is how many foreign domains that get reports are asked
// whether they want them.
const maxReportDomains = 4

// dmarc finds the DMARC record, and asks the domains that are to get reports
// whether they want them: about the domain that the record is of, which may be
// above the one that is checked (RFC 9990, section 4).
func (c *collector) dmarc() {
	f := c.facts
	f.DMARC = dmarc.Discover(c.ctx, c.questions, f.Target.Domain)
	if f.DMARC.Record == nil {
		return
	}
	of := f.DMARC.Domain
	organization, err := registrable(of)
	if err != nil {
		organization = of // a public suffix
	}
	var domains []string
	seen := map[string]bool{of: true}
	for _, a := range append(append([]dmarc.Address{}, f.DMARC.Record.RUA...), f.DMARC.Record.RUF...) {
		own, err := registrable(a.Domain)
		if err == nil && own != organization && !seen[a.Domain] && len(domains) < maxReportDomains {
			domains = append(domains, a.Domain)
		}
		seen[a.Domain] = true
	}
	name := func(domain string) string { return of + "._report._dmarc." + domain }
	for _, d := range domains {
		c.questions.Start(c.ctx, name(d), dns.TypeTXT)
	}
	for _, d := range domains {
		r := ReportDomain{Domain: d, Answer: c.questions.Query(c.ctx, name(d), dns.TypeTXT)}
		for _, txt := range record.TXT(r.Answer) {
			r.Authorised = r.Authorised || dmarc.Is(txt)
		}
		f.Reports = append(f.Reports, r)
	}
}

// mtaSTS asks for the MTA-STS record and fetches the policy it announces.
func (c *collector) mtaSTS() {
	f := &c.facts.MTASTS
	f.Record = textRecord(c.ask("_mta-sts", dns.TypeTXT), mtasts.Is, mtasts.ParseRecord)
	if f.Record.Record == "" || c.Policies == nil {
		return
	}
	c.wait.Go(func() {
		f.Text, f.Err = c.Policies.Fetch(c.ctx, c.questions, c.facts.Target.Domain)
		if f.Err == nil {
			f.Policy, f.Err = mtasts.ParsePolicy(f.Text)
		}
	})
}

// otherText asks for TLS-RPT and BIMI.
func (c *collector) otherText() {
	f := c.facts
	f.TLSRPT = textRecord(c.ask("_smtp._tls", dns.TypeTXT), tlsrpt.Is, tlsrpt.Parse)
	f.BIMI = textRecord(c.ask("default._bimi", dns.TypeTXT), bimi.Is, bimi.Parse)
}

// wildcard finds out whether every name below the domain has something. A single one
// that does not proves that none is a wildcard's (RFC 4592, section 2.2.1);
// only if there is no such name, one that nobody made has to be asked for.
func (c *collector) wildcard() {
	for _, q := range first {
		if q.prefix == "" || strings.Contains(q.prefix, ".") {
			continue
		}
		if a := c.ask(q.prefix, q.rrtypes[0]); missing(a) {
			c.facts.Wildcard, c.facts.WildcardA = a, a
			return
		}
	}
	label := randomLabel()
	c.start(label, dns.TypeTXT, dns.TypeA)
	c.facts.Wildcard, c.facts.WildcardA = c.ask(label, dns.TypeTXT), c.ask(label, dns.TypeA)
}

// missing says whether the name asked for does not exist itself, rather than
// one that it is an alias for.
func missing(a dnsq.Answer) bool { return a.Status == dnsq.NXDomain && len(a.CNAMEs) == 0 }

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
	f.DNSKEY = c.ask("", dns.TypeDNSKEY)
	if f.DNSKEY.Status == dnsq.Found {
		c.start("", dns.TypeNSEC3PARAM)
		c.wait.Go(func() {
			f.Signatures, _ = c.questions.Validity(c.ctx, f.Target.Domain, dns.TypeSOA)
			f.NSEC3 = c.ask("", dns.TypeNSEC3PARAM)
		})
	}
	f.DS = c.ask("", dns.TypeDS)
}

// caa climbs the tree (RFC 8659, section 3): the domain, then the names above
// it, nearest first. The climb ends at the first that has records, and where
// one could not be looked up; but that a public suffix could not is no reason
// to say nothing of the domain.
func (c *collector) caa() {
	f := c.facts
	names := above(f.Target.Domain)
	f.CAA = c.ask("", dns.TypeCAA)
	for _, name := range names {
		f.AboveCAA = append(f.AboveCAA, c.questions.Query(c.ctx, name, dns.TypeCAA))
	}
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
	www, apex := c.host(c.name("www")), c.host(c.name(""))
	f.WWWA, f.WWWAAAA = www.A, www.AAAA
	c.network(false, f.WWWA, f.WWWAAAA)
	f.A, f.AAAA = apex.A, apex.AAAA
	c.network(false, f.A, f.AAAA)
	f.HTTPS = c.ask("", dns.TypeHTTPS)
}

// srvNames are the names below _tcp by which mail programs find their
// settings.
var srvNames = []string{
	"_autodiscover._tcp",
	"_imaps._tcp",       // RFC 6186, RFC 8314
	"_submissions._tcp", // RFC 8314, section 5.1
}

// services asks for the names by which mail programs find their settings.
// Nothing exists below a _tcp that does not exist (RFC 8020).
func (c *collector) services() {
	f := c.facts
	tcp := c.ask("_tcp", dns.TypeSRV)
	if !missing(tcp) {
		for _, name := range srvNames {
			c.start(name, dns.TypeSRV)
		}
	}
	f.Auto = make([]Service, 0, 2+len(srvNames))
	for _, name := range []string{"autodiscover", "autoconfig"} {
		f.Auto = append(f.Auto, Service{Name: name, Answer: c.ask(name, dns.TypeA)})
	}
	for _, name := range srvNames {
		a := tcp
		if !missing(tcp) {
			a = c.ask(name, dns.TypeSRV)
		}
		f.Auto = append(f.Auto, Service{Name: name, Answer: a})
	}
}
