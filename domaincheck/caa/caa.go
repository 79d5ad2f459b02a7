// Package caa reads CAA records (RFC 8659): which certificate authorities may
// issue certificates for a domain.
//
// May import: domaincheck/dnsq, domaincheck/record, domaincheck/syntax,
// codeberg.org/miekg/dns.
package caa

import (
	"fmt"
	"slices"
	"strings"

	"codeberg.org/miekg/dns"

	"wolkwijs/domaincheck/dnsq"
	"wolkwijs/domaincheck/syntax"
	"wolkwijs/lang"
)

// Set is a CAA RRset.
type Set struct {
	HasIssue bool     // it says who may issue ordinary certificates
	Issue    []string // domains of those authorities; none: nobody may
	Text     []string // the records as a zone file has them
	Faults   []*syntax.Error
}

// critical is the flag that forbids issuing to those who do not know the
// property (RFC 8659, section 4.1).
const critical = 128

// known are the registered properties beside those read here (RFC 8657 has
// parameters only; CA/Browser Forum: contacts; issuevmc: mark certificates).
var known = []string{"contactemail", "contactphone", "issuevmc", "auth", "path", "policy"}

// Parse reads the CAA records of an answer.
func Parse(a dnsq.Answer) *Set {
	s := &Set{}
	for _, rr := range a.Records {
		if r, ok := rr.(*dns.CAA); ok {
			s.add(r)
		}
	}
	return s
}

func (s *Set) add(r *dns.CAA) {
	text := fmt.Sprintf("%d %s %q", r.Flag, r.Tag, r.Value)
	s.Text = append(s.Text, text)
	bad := func(section, nl, en string) {
		s.Faults = append(s.Faults, &syntax.Error{At: text, Why: lang.Text{NL: nl, EN: en}, RFC: "RFC 8659, section " + section})
	}
	tag := strings.ToLower(r.Tag)
	switch tag {
	case "issue":
		s.HasIssue = true
	case "issuewild", "issuemail": // the same form (RFC 8659, section 4.3; RFC 9495)
	case "iodef":
		if !hasAnyPrefix(strings.ToLower(r.Value), "mailto:", "https:", "http:") {
			bad("4.4", "heeft geen adres dat met `mailto:` of `https:` begint", "has no address that begins with `mailto:` or `https:`")
		}
		return
	default:
		switch {
		case tag == "" || strings.Trim(tag, "abcdefghijklmnopqrstuvwxyz0123456789") != "":
			bad("4.1", "heeft een onjuiste naam", "has a name that is not correct")
		case r.Flag&critical != 0 && !slices.Contains(known, tag):
			bad("4.1", "is verplicht gesteld maar onbekend: niemand geeft nog een certificaat uit", "is marked critical but unknown: nobody will issue a certificate")
		}
		return
	}
	domain, parameters, _ := strings.Cut(r.Value, ";")
	domain = strings.ToLower(strings.Trim(domain, " \t"))
	switch {
	case domain != "" && !isIssuer(domain):
		bad("4.2", "noemt geen geldige domeinnaam van een uitgever", "names no valid domain of an authority")
	case !areParameters(parameters):
		bad("4.2", "heeft iets achter de puntkomma dat geen `naam=waarde` is", "has something after the semicolon that is not `name=value`")
	case domain != "" && tag == "issue":
		s.Issue = append(s.Issue, domain)
	}
}

func hasAnyPrefix(s string, prefixes ...string) bool {
	return slices.ContainsFunc(prefixes, func(p string) bool { return strings.HasPrefix(s, p) })
}

// isIssuer says whether s is an issuer-domain-name: labels of letters, digits
// and inner hyphens (RFC 8659, section 4.2).
func isIssuer(s string) bool {
	for label := range strings.SplitSeq(s, ".") {
		if strings.Trim(label, "abcdefghijklmnopqrstuvwxyz0123456789-") != "" || label == "" || label[0] == '-' || label[len(label)-1] == '-' {
			return false
		}
	}
	return true
}

// areParameters says whether s is nothing, or tag=value pairs with semicolons
// between them.
func areParameters(s string) bool {
	for part := range strings.SplitSeq(s, ";") {
		part = strings.Trim(part, " \t")
		tag, _, ok := strings.Cut(part, "=")
		if part != "" && (!ok || !isIssuer(strings.ToLower(strings.TrimRight(tag, " \t")))) {
			return false
		}
	}
	return true
}
