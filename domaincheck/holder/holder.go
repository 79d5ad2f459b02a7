// Package holder says who holds a domain's mail, DNS and web, and under whose
// law, from records that were already looked up. It asks no DNS itself: it is
// given [Signals] and a table of companies and their marks, and returns rows
// with the records that prove them.
//
// May import: knowledge, golang.org/x/net/publicsuffix.
package holder

import "net/netip"

// The functions, in the order of the rows of [Classify].
const (
	Mail        = "mail"         // where the mailboxes are
	MailFilter  = "mail-filter"  // who receives the mail in front of them
	MailSending = "mail-sending" // who may send in the domain's name
	DNS         = "dns"
	Web         = "web"
	Registry    = "registry" // who runs the top-level domain
)

// Providers that are no company.
const (
	Unknown    = "unknown"     // cannot be seen in DNS, or is a company that we do not know
	None       = "none"        // the domain takes no mail
	SelfHosted = "self-hosted" // its own server, on a network of its own, of its ISP or of a company that rents out servers
)

// The degrees of confidence. High is only given where the records leave no
// other reasonable explanation.
const (
	High   = "high"
	Medium = "medium"
	Low    = "low"
)

// Function is one thing that somebody does for a domain: a row of
// `check --json`'s functions.
//
// Three places are told apart: where the server's address is registered
// (ServerCountry), where the company has its seat (CompanyCountry) and where
// its owner has (HQCountry). Law follows the owner and the company, not the
// server.
type Function struct {
	Function       string     `json:"function"` // mail, mail-filter, mail-sending, dns, web or registry
	Provider       string     `json:"provider"` // provider ID, or unknown, none, self-hosted
	Name           string     `json:"name"`     // the brand; empty for self-hosted and none; for an unknown company its domain, a stranger's text
	Owner          string     `json:"owner"`
	HQCountry      string     `json:"hq_country"`      // of the owner, or of the company where the owner is not known; ISO 3166-1 alpha-2 upper case
	CompanyCountry string     `json:"company_country"` // of the company itself
	ServerCountry  string     `json:"server_country"`  // in which the address is registered
	Network        string     `json:"network"`         // who runs the network the server is in, where that is not the provider: see Stranger
	Also           string     `json:"also,omitempty"`  // the brand of another mailbox company among the later mail exchanges
	Jurisdiction   string     `json:"jurisdiction"`    // US, EU, EEA, CH, GB, other or unknown
	CloudAct       string     `json:"cloud_act"`       // yes, no or unknown: see [Function.Reason]
	Confidence     string     `json:"confidence"`      // high, medium or low
	Evidence       []Evidence `json:"evidence"`
	Sources        []string   `json:"sources"` // of what is said of the company and its owner: IDs in sources.toml or URLs
	Checked        string     `json:"checked"` // the day on which the sources said so; empty: no statement

	// Stranger says that Network is what a registry or DNS says of a network
	// that is nobody's we know: a stranger's text.
	Stranger bool `json:"-"`

	ownerCountry string // as HQCountry, but empty where the owner's is not known
}

// Evidence is a record that supports a row. Value is a stranger's text.
type Evidence struct {
	Signal string `json:"signal"` // mx, spf, dkim, autodiscover, txt, asn, ns, cname, address or tenant
	Name   string `json:"name"`
	Value  string `json:"value"`
}

// Signals is everything about a domain that tells who serves it. All names
// are absolute, in lower case, as A-labels and without the final dot.
type Signals struct {
	Domain       string
	NullMX       bool   // a null MX (RFC 7505)
	MX           []Host // in order of preference
	SPF          SPF
	TXT          []string // the TXT records of the apex, unescaped
	DKIM         []DKIM
	WildcardDKIM bool     // a random selector got an answer: selectors prove nothing
	Autodiscover []string // CNAME chain and SRV targets of autodiscover
	Tenant       bool     // <domain-with-dashes>.mail.protection.outlook.com exists
	NS           []Host
	Web          []Host          // the apex and www
	DMARCReports []string        // domains that get the aggregate reports
	Failed       map[string]bool // which of mx, spf, dkim, autodiscover, txt, ns, web, tenant could not be looked up
}

// Host is a name with what it resolves to.
type Host struct {
	Name       string
	Preference uint16   // of an MX
	CNAMEs     []string // the chain it is an alias for, in order
	Addresses  []Address
}

// Address is an IP address with its network.
type Address struct {
	IP      netip.Addr
	ASN     uint32 // 0: unknown
	ASName  string
	Country string // of the registration, not of the company
}

// SPF is the SPF tree (RFC 7208), flattened.
type SPF struct {
	Domains  []string       // all include: and redirect= targets, depth first
	Networks []netip.Prefix // all ip4: and ip6:
	Hosts    []string       // a:, mx:, exists: targets other than the domain itself
	Macros   []string       // targets with macros, which cannot be followed
}

// DKIM is a selector that has an answer.
type DKIM struct {
	Selector string
	CNAMEs   []string // chain of names that <selector>._domainkey is an alias for
	Key      bool     // a key record was found
}
