package knowledge

import "wolkwijs/lang"

// ProvidersFile is providers.toml or one of providers/*.toml.
type ProvidersFile struct {
	Providers []Provider `toml:"provider"`
}

// Provider is a company that holds mail, DNS or web for others, and the marks
// that show it in DNS. Names match on label boundaries: "example.net" matches
// example.net and mx.example.net, never badexample.net.
type Provider struct {
	ID           string    `toml:"id"`            // as in `check --json`
	Name         string    `toml:"name"`          // the brand people know
	Owner        string    `toml:"owner"`         // the legal owner at the top
	OwnerCountry string    `toml:"owner_country"` // ISO 3166-1 alpha-2 upper case; empty: unknown
	HQCountry    string    `toml:"hq_country"`    // seat of the company itself; empty: unknown
	CloudAct     Tri       `toml:"cloud_act"`     // United States law can order it to hand over data; empty: follows from the owner's country
	Roles        []string  `toml:"roles"`         // mailbox, gateway, sender, dns, web, cdn, access, registry
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
	Note         lang.Text `toml:"note"`
	Sourced
}

// Token is the beginning of a TXT record that a company asks its customers to
// publish, and what it proves.
type Token struct {
	Prefix string `toml:"prefix"`
	Proves string `toml:"proves"` // mailbox, tenant (an account, perhaps without mail), or nothing
}
