package holder

import (
	"slices"
	"strings"

	"golang.org/x/net/publicsuffix"

	"wolkwijs/knowledge"
)

// Classify says who holds what, from the signals of one domain: mail first,
// then the filter in front of it, who sends, DNS, web and registry. A
// function may have several rows, the most important first. A function of
// which nothing was looked up has no row; one that could not be looked up has
// a row "unknown".
func Classify(t *Table, s Signals) []Function {
	c := newClassifier(t, s)
	rows := c.mail()
	rows = append(rows, c.sending(rows[0].Provider)...)
	rows = append(rows, c.dns()...)
	rows = append(rows, c.web()...)
	return append(rows, c.registry()...)
}

// classifier is the work on one domain.
type classifier struct {
	t   *Table
	s   Signals
	own string // the registrable domain

	spfNetworks []*company // whose the networks in SPF are, nil for nobody's
}

func newClassifier(t *Table, s Signals) *classifier {
	c := &classifier{t: t, s: s}
	c.own, _ = publicsuffix.EffectiveTLDPlusOne(s.Domain)
	for _, n := range s.SPF.Networks {
		c.spfNetworks = append(c.spfNetworks, t.networks.of(n))
	}
	return c
}

// isOwn says whether name is in the domain itself: below it, or below the
// same registrable domain (www.example.org and mail.example.org).
func (c *classifier) isOwn(name string) bool {
	if within(name, c.s.Domain) {
		return true
	}
	return c.own != "" && within(name, c.own)
}

// within says whether name is domain or below it.
func within(name, domain string) bool {
	rest, ok := strings.CutSuffix(name, domain)
	return ok && (rest == "" || strings.HasSuffix(rest, "."))
}

// failed says whether any of the look-ups failed.
func (c *classifier) failed(lookups ...string) bool {
	return slices.ContainsFunc(lookups, func(l string) bool { return c.s.Failed[l] })
}

// row is a row about a company.
func (c *classifier) row(function string, of *company, confidence string, evidence ...Evidence) Function {
	f := Function{
		Function: function, Provider: of.ID, Name: of.Name,
		Owner: of.Owner, HQCountry: of.OwnerCountry, CompanyCountry: of.HQCountry,
		Confidence: confidence, Evidence: evidence,
		Sources: of.Sources, Checked: of.checked,
		Jurisdiction: of.jurisdiction, CloudAct: of.cloudAct, ownerCountry: of.OwnerCountry,
	}
	if f.HQCountry == "" {
		f.HQCountry = of.HQCountry
	}
	return f
}

// nobody is a row without a company.
func nobody(function, provider, confidence string, evidence ...Evidence) Function {
	return Function{
		Function: function, Provider: provider, Confidence: confidence, Evidence: evidence,
		Jurisdiction: unknownLaw, CloudAct: string(knowledge.Unknown),
	}
}

// addressEvidence is the address of a host with its network.
func addressEvidence(h Host, a Address) Evidence {
	e := Evidence{Signal: "address", Name: h.Name, Value: a.IP.String()}
	if a.ASN != 0 {
		e.Signal = "asn"
		e.Value = strings.TrimSpace("AS" + utoa(a.ASN) + " " + a.ASName)
	}
	return e
}

// utoa is n in decimal.
func utoa(n uint32) string {
	var b [10]byte
	i := len(b)
	for {
		i--
		b[i] = byte('0' + n%10)
		if n /= 10; n == 0 {
			return string(b[i:])
		}
	}
}

// networkOf is the first address of the hosts and the company in whose
// network it is; nil if there is none that we know.
func (c *classifier) networkOf(hosts ...Host) (of *company, h Host, a Address) {
	for _, host := range hosts {
		for _, addr := range host.Addresses {
			if !a.IP.IsValid() && a.ASN == 0 {
				h, a = host, addr
			}
			if of := c.t.address(addr); of != nil {
				return of, host, addr
			}
		}
	}
	return nil, h, a
}

// registrable is the registrable domain of name, or name itself.
func registrable(name string) string {
	if d, err := publicsuffix.EffectiveTLDPlusOne(name); err == nil {
		return d
	}
	return name
}
