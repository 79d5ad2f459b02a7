package knowledge

import "wolkwijs/lang"

// ProvidersFile is providers.toml or one of providers/*.toml.
type ProvidersFile struct {
	Providers []Provider `toml:"provider"`
}

// Provider is a company that holds mail, DNS or web for others, and the marks
// that show it in DNS. Names match on label boundaries: "example.net" matches
// example.net and mx.example.net, never badexample.net. In a label of a name,
// # stands for a number.
type Provider struct {
	ID           string    `toml:"id"`            // as in `check --json`
	Name         string    `toml:"name"`          // the brand people know
	Owner        string    `toml:"owner"`         // the legal owner at the top
	OwnerCountry string    `toml:"owner_country"` // ISO 3166-1 alpha-2 upper case; empty: unknown
	HQCountry    string    `toml:"hq_country"`    // seat of the company itself; empty: unknown
	CloudAct     Tri       `toml:"cloud_act"`     // United States law can order it to hand over data; empty: follows from the owner's country
	Roles        []string  `toml:"roles"`         // see the Role constants
	MX           []string  `toml:"mx"`            // suffixes of MX names that show the mailbox (or, for a gateway, the filter)
	SPF          []string  `toml:"spf"`           // suffixes of include: and redirect= targets
	DKIM         []string  `toml:"dkim"`          // suffixes of CNAME targets of selectors
	Selectors    []string  `toml:"selectors"`     // selectors it hands out, to be looked up
	Autodiscover []string  `toml:"autodiscover"`  // suffixes of autodiscover targets
	TXT          []Token   `toml:"txt"`           // verification tokens
	NS           []string  `toml:"ns"`
	CNAME        []string  `toml:"cname"` // suffixes of CNAME targets of the web
	ASNs         []uint32  `toml:"asn"`
	Networks     []string  `toml:"networks"`     // CIDR
	MailDomains  []string  `toml:"mail_domains"` // domains in which it hands out mailboxes, such as gmail.com
	TLDs         []string  `toml:"tlds"`         // top-level domains it is the registry of, without a dot
	Note         lang.Text `toml:"note"`
	Sourced
}

// The roles of a provider: what it does for others.
const (
	RoleMailbox  = "mailbox"   // keeps mailboxes
	RoleGateway  = "gateway"   // filters or relays mail for mailboxes elsewhere
	RoleSender   = "sender"    // sends mail in its customers' names
	RoleSPFHost  = "spf-host"  // hosts or flattens SPF records; sends nothing itself
	RoleDNS      = "dns"       // runs name servers
	RoleWeb      = "web"       // hosts websites and mail on servers it manages
	RoleCDN      = "cdn"       // stands in front of websites
	RoleCloud    = "cloud"     // rents out servers that its customers manage
	RoleAccess   = "access"    // connects homes and offices to the internet
	RolePublicIT = "public-it" // shared IT of public bodies
	RoleParking  = "parking"   // shows a page for domains that are for sale or not in use
	RoleRegistry = "registry"  // runs a top-level domain
)

// Token is the beginning of a TXT record that a company asks its customers to
// publish, and what it proves.
type Token struct {
	Prefix string `toml:"prefix"`
	Proves string `toml:"proves"` // see the Proves constants
}

// What a verification token proves.
const (
	ProvesMailbox = "mailbox" // mail of the domain was set up at the company
	ProvesTenant  = "tenant"  // an account at the company, perhaps without mail
	ProvesNothing = "nothing" // a search console, an app store …
)
