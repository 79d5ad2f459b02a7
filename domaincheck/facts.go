package domaincheck

import (
	"net/netip"

	"wolkwijs/domaincheck/asn"
	"wolkwijs/domaincheck/bimi"
	"wolkwijs/domaincheck/caa"
	"wolkwijs/domaincheck/dane"
	"wolkwijs/domaincheck/dkim"
	"wolkwijs/domaincheck/dmarc"
	"wolkwijs/domaincheck/dnsq"
	"wolkwijs/domaincheck/mtasts"
	"wolkwijs/domaincheck/record"
	"wolkwijs/domaincheck/spf"
	"wolkwijs/domaincheck/tlsrpt"
)

// Facts is what was looked up about a domain, taken apart but not judged.
type Facts struct {
	Target Target
	// MailDomainOf names the company that hands out mailboxes in the domain;
	// empty if none does. Then nothing else was looked up.
	MailDomainOf string

	// CutOff says that the resolver knows neither the domain nor the root of
	// DNS: cut off from the internet, some resolvers say NXDOMAIN to everything.
	CutOff bool

	// Answers to questions about the domain itself.
	MX, NS, SOA, TXT, A, AAAA, CAA, DS, DNSKEY, NSEC3, HTTPS, SPFType dnsq.Answer
	WWWA, WWWAAAA                                                     dnsq.Answer
	AboveCAA                                                          []dnsq.Answer // of the names above, nearest first
	Wildcard, WildcardA                                               dnsq.Answer   // TXT and A of a name that nobody made
	Tenant                                                            dnsq.Answer   // A of the name that Exchange Online gives to a domain it accepts

	Signatures dnsq.Validity // of the SOA record; zero if there are none or they could not be looked up

	MailHosts   []MailHost // by preference
	MoreMX      int        // MX records beyond those looked at
	NullRecord  bool       // one of the MX records is a null MX (RFC 7505)
	NameServers []Host
	MoreNS      int

	SPF     *spf.Tree
	DMARC   dmarc.Found
	Reports []ReportDomain
	DKIM    DKIMFacts
	MTASTS  MTASTSFacts
	TLSRPT  TextRecord[*tlsrpt.Record]
	BIMI    TextRecord[*bimi.Record]
	Auto    []Service
	CAASet  *caa.Set // of the domain, or of the nearest name above that has one
	// CAAFailed is the answer at which the climb to those records ended.
	CAAFailed *dnsq.Answer

	Networks map[netip.Addr]asn.Network // of the addresses looked up
}

// Host is a name and what it resolves to.
type Host struct {
	Name    string // lower case, no final dot
	A, AAAA dnsq.Answer
}

// MailHost is an exchange named by an MX record.
type MailHost struct {
	Host
	Preference uint16
	Problem    HostProblem
	TLSA       dnsq.Answer // asked only if the host's addresses are not insecure
	TLSAAsked  bool
	DANE       *dane.Set // nil without TLSA records
}

// HostProblem is why an MX record can bring no mail.
type HostProblem string

// The problems of an exchange.
const (
	HostFine     HostProblem = ""
	HostDangling HostProblem = "dangling" // no addresses
	HostIsCNAME  HostProblem = "cname"    // an alias (RFC 2181, section 10.3)
	HostIsIP     HostProblem = "address"  // an address instead of a name
	HostBadName  HostProblem = "name"     // no host name
	HostPrivate  HostProblem = "private"  // addresses not reachable from the internet
)

// TextRecord is a kind of TXT record of which there may be one at a name.
type TextRecord[R any] struct {
	Answer dnsq.Answer
	Texts  []string // the records of this kind
	Other  []string // what else is there
	Record R        // the one record, if there is one and it can be read
	Err    error    // why it cannot: a *syntax.Error
}

// DKIMFacts is what is known of a domain's DKIM keys.
type DKIMFacts struct {
	Parent    dnsq.Answer // TXT of _domainkey: whether there is anything below it
	Random    dnsq.Answer // a selector that nobody made: whether there is a wildcard
	Selectors []Selector  // those that were asked
}

// Selector is a DKIM selector that was asked for.
type Selector struct {
	Name   string
	Answer dnsq.Answer
	Text   string    // the key record, or what is there instead
	Key    *dkim.Key // nil if there is none or it cannot be read
	Err    error     // why it cannot be read: a *syntax.Error
}

// MTASTSFacts is what a domain publishes for MTA-STS.
type MTASTSFacts struct {
	Record TextRecord[string] // its id
	// Policy is the policy that was fetched, Text its text, Err why there is
	// none: a *syntax.Error or a *mtasts.FetchError. All are empty if the
	// policy was not asked for.
	Policy *mtasts.Policy
	Text   string
	Err    error
}

// ReportDomain is a domain that gets DMARC reports about another.
type ReportDomain struct {
	Domain     string
	Answer     dnsq.Answer // of <domain>._report._dmarc.<report domain>
	Authorised bool        // it says that it wants them (RFC 9990, section 4)
}

// Service is a name by which mail programs find their settings.
type Service struct {
	Name   string // autodiscover, autoconfig, _autodiscover._tcp, _imaps._tcp or _submissions._tcp
	Answer dnsq.Answer
}

// Existence says whether the domain exists.
type Existence uint8

// The kinds of existence.
const (
	Exists Existence = iota
	NoSuchDomain
	MayExist // could not be looked up
)

// Existence derives from the answers about the domain itself: one NXDOMAIN is
// enough (RFC 8020, section 2). After a CNAME it is about the name at the end
// (RFC 6604, section 3): then the domain exists, as an alias for nothing.
func (f *Facts) Existence() Existence {
	failed := 0
	apex := []dnsq.Answer{f.SOA, f.NS, f.MX, f.TXT, f.A}
	for _, a := range apex {
		switch {
		case missing(a):
			return NoSuchDomain
		case a.Status == dnsq.Failed:
			failed++
		}
	}
	if failed == len(apex) {
		return MayExist
	}
	return Exists
}

// apex are the answers about the domain itself.
func (f *Facts) apex() []dnsq.Answer {
	return []dnsq.Answer{f.SOA, f.NS, f.MX, f.TXT, f.A, f.DNSKEY}
}

// Security is how far DNSSEC proves the answers about the domain itself (RFC
// 4035, section 4.3): one that is bogus or insecure decides for all, and of
// what could not be looked up nothing is said.
func (f *Facts) Security() dnsq.Security {
	state := dnsq.Indeterminate
	for _, a := range f.apex() {
		switch {
		case bogus(a):
			return dnsq.Bogus
		case a.Status == dnsq.Failed:
		case a.Security == dnsq.Secure && state != dnsq.Insecure, a.Security == dnsq.Insecure:
			state = a.Security
		}
	}
	return state
}

// bogus says whether DNSSEC refuses an answer.
func bogus(a dnsq.Answer) bool {
	return a.Failure != nil && a.Failure.Kind == dnsq.BogusKind || a.Security == dnsq.Bogus
}

// MailUse says what a domain does with mail.
type MailUse uint8

// The uses of mail.
const (
	MailUnknown MailUse = iota // could not be looked up
	Mails                      // receives mail
	OnlySends                  // receives none, but names senders in SPF
	NoMail                     // neither: its own norm applies
)

// MailUse derives from MX and SPF. Of an SPF record that is broken it is not
// known that it was to name nobody.
func (f *Facts) MailUse() MailUse {
	switch {
	case f.MX.Status == dnsq.Failed:
		return MailUnknown
	case len(f.MailHosts) > 0:
		return Mails
	case f.TXT.Status == dnsq.Failed:
		return MailUnknown
	case f.SPF == nil:
		return NoMail
	}
	switch names, known := f.SPF.NamesSenders(); {
	case names:
		return OnlySends
	case !known:
		return MailUnknown
	}
	return NoMail
}

// NullMX says whether the domain says that it receives no mail (RFC 7505).
func (f *Facts) NullMX() bool {
	return f.NullRecord && len(f.MailHosts) == 0
}

// textRecord takes the records of one kind out of the answer to a TXT
// question: is tells them from others, parse reads the one that counts.
func textRecord[R any](a dnsq.Answer, is func(string) bool, parse func(string) (R, error)) TextRecord[R] {
	t := TextRecord[R]{Answer: a}
	for _, txt := range record.TXT(a) {
		if is(txt) {
			t.Texts = append(t.Texts, txt)
		} else {
			t.Other = append(t.Other, txt)
		}
	}
	if len(t.Texts) == 1 {
		t.Record, t.Err = parse(t.Texts[0])
	}
	return t
}

// isWildcard says whether names that nobody made have something. One that
// exists without having anything tells nothing: with compact denial of
// existence (RFC 9824) none is ever missing.
func (f *Facts) isWildcard() bool {
	made := func(a dnsq.Answer) bool { return a.Status == dnsq.Found || len(a.CNAMEs) > 0 }
	return made(f.Wildcard) || made(f.WildcardA)
}
