package knowledge

import (
	"fmt"
	"net/netip"
	"regexp"
	"slices"
	"strings"
)

// roleNames are the values of Provider.Roles.
var roleNames = []string{
	RoleMailbox, RoleGateway, RoleSender, RoleSPFHost, RoleDNS, RoleWeb, RoleCDN, RoleCloud, RoleAccess, RolePublicIT, RoleParking, RoleRegistry,
}

// providerID is a brand as in `check --json`: it may hold the dot of a brand
// that is a domain name, and a public body stands behind "public-it:".
var providerID = regexp.MustCompile(`^(public-it:)?[a-z0-9]+([./-][a-z0-9]+)*$`)

// markName is a name, or the end of one, as DNS has it: labels with an
// underscore where a protocol wants one, and # for a number.
var markName = regexp.MustCompile(`^([a-z0-9_#]([a-z0-9_#-]{0,61}[a-z0-9_#])?\.)*[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?$`)

// provider checks a provider and its marks.
func (l *linter) provider(e entry, p *Provider) {
	e.identity("id", "", providerID)
	if p.Name == "" {
		e.fault("", "no name")
	}
	e.nation("owner_country", p.OwnerCountry)
	e.nation("hq_country", p.HQCountry)
	if p.OwnerCountry != "" && p.Owner == "" {
		e.fault("owner_country", "the country of an owner who is not named")
	}
	e.tri("cloud_act", p.CloudAct)
	if len(p.Roles) == 0 {
		e.fault("", "no roles")
	}
	e.eachOf("roles", p.Roles, roleNames...)
	for _, m := range []struct {
		sub    string
		names  []string
		unique bool // the mark may point to one provider only
	}{
		{"mx", p.MX, true}, {"spf", p.SPF, true}, {"dkim", p.DKIM, true}, {"autodiscover", p.Autodiscover, true},
		{"ns", p.NS, true}, {"cname", p.CNAME, true}, {"mail_domains", p.MailDomains, true},
	} {
		e.marks(m.sub, m.names, m.unique)
	}
	for i, s := range p.Selectors {
		if !markName.MatchString(strings.ToLower(s)) {
			e.fault(fmt.Sprintf("selectors.%d", i), "%q is not a selector", s)
		}
	}
	for i, t := range p.TXT {
		if strings.TrimSpace(t.Prefix) == "" {
			e.fault(fmt.Sprintf("txt.%d", i), "no prefix")
		}
		e.oneOf(fmt.Sprintf("txt.%d.proves", i), t.Proves, "mailbox", "tenant", "nothing")
	}
	for i, tld := range p.TLDs {
		at := fmt.Sprintf("tlds.%d", i)
		if !tldName.MatchString(tld) {
			e.fault(at, "%q is not a top-level domain", tld)
			continue
		}
		e.mark(at, "tlds", tld)
	}
	e.rolesFit(p)
	for i, n := range p.Networks {
		e.network(fmt.Sprintf("networks.%d", i), n)
	}
	for i, n := range p.ASNs {
		at := fmt.Sprintf("asn.%d", i)
		if n == 0 || slices.Index(p.ASNs, n) < i {
			e.fault(at, "AS%d is not a number of its own", n)
			continue
		}
		e.mark(at, "asn", fmt.Sprint("AS", n))
	}
	e.text("note", p.Note, limits{sentences: 3, letters: 400, mayShare: true})
	if p.states() || len(p.Sources) > 0 {
		e.sourced(p.Sourced)
	}
}

// states says whether the provider says anything of a company: who owns it,
// where it is or which law reaches it. Each such statement needs a source;
// marks alone can be read in DNS by everybody.
func (p *Provider) states() bool {
	return p.Owner != "" || p.OwnerCountry != "" || p.HQCountry != "" || p.CloudAct != "" || !p.Note.IsZero()
}

// tldName is a top-level domain as an A-label, without dots.
var tldName = regexp.MustCompile(`^[a-z][a-z0-9-]{0,61}[a-z0-9]$`)

// rolesFit checks that a provider has marks by which each of its roles can be
// seen: a role without any is a slip or a mark that was forgotten.
func (e entry) rolesFit(p *Provider) {
	network := len(p.ASNs)+len(p.Networks) > 0
	for _, r := range []struct {
		role string
		seen bool
	}{
		{RoleMailbox, len(p.MX)+len(p.MailDomains)+len(p.Autodiscover) > 0},
		{RoleGateway, len(p.MX) > 0},
		{RoleSender, len(p.SPF)+len(p.DKIM) > 0},
		{RoleSPFHost, len(p.SPF) > 0},
		{RoleDNS, len(p.NS) > 0 || network},
		{RoleWeb, len(p.CNAME)+len(p.NS)+len(p.SPF)+len(p.MX) > 0 || network},
		{RoleCDN, len(p.CNAME) > 0 || network},
		{RoleCloud, len(p.CNAME)+len(p.NS)+len(p.MX) > 0 || network},
		{RoleAccess, len(p.MailDomains) > 0 || network},
		{RoleRegistry, len(p.TLDs) > 0},
	} {
		if slices.Contains(p.Roles, r.role) && !r.seen {
			e.fault("roles", "the role %q without a mark that shows it", r.role)
		}
	}
	if len(p.TLDs) > 0 && !slices.Contains(p.Roles, RoleRegistry) {
		e.fault("tlds", "top-level domains without the role %q", RoleRegistry)
	}
}

// marks checks names in DNS that show a provider.
func (e entry) marks(sub string, names []string, unique bool) {
	for i, n := range names {
		at := fmt.Sprintf("%s.%d", sub, i)
		switch {
		case !markName.MatchString(n):
			e.faultHint(at, "lower case labels with dots between, none at the ends", "%q is not a name in DNS", n)
		case !strings.Contains(n, "."):
			e.fault(at, "%q is a single label: it would match far too much", n)
		case slices.Index(names, n) < i:
			e.fault(at, "%q twice", n)
		case unique:
			e.mark(at, sub, n)
		}
	}
}

// mark reserves a mark for one provider.
func (e entry) mark(at, sub, value string) {
	key := sub + "\x00" + value
	first, seen := e.l.marks[key]
	switch {
	case !seen:
		e.l.marks[key] = e
	case first.id != e.id && first.f.layer == e.f.layer:
		e.fault(at, "%s is also a mark of %q at %s", value, first.id, first.where())
	}
}

// network checks an address block.
func (e entry) network(at, s string) {
	n, err := netip.ParsePrefix(s)
	switch {
	case err != nil:
		e.fault(at, "%q is not an address block in CIDR notation", s)
	case n.Masked() != n:
		e.faultHint(at, fmt.Sprintf("did you mean %q?", n.Masked()), "%q has bits outside its mask", s)
	default:
		e.mark(at, "networks", s)
	}
}
