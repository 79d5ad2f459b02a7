// Package dmarc reads DMARC policy records (RFC 9989, which replaced RFC
// 7489) and finds the one that applies to a domain. [Parse] reads a record,
// [Discover] walks up the tree of names (section 4.10).
//
// May import: domaincheck/dnsq, domaincheck/record, domaincheck/syntax,
// codeberg.org/miekg/dns.
package dmarc

import (
	"net/mail"
	"net/url"
	"slices"
	"strings"

	"wolkwijs/domaincheck/syntax"
	"wolkwijs/lang"
)

// Policy is what a domain asks receivers to do with mail that fails.
type Policy string

// The policies (RFC 9989, section 4.7).
const (
	None       Policy = "none"
	Quarantine Policy = "quarantine"
	Reject     Policy = "reject"
)

// Record is a DMARC policy record.
type Record struct {
	P  Policy // of the domain; None where the record has no p
	SP Policy // of subdomains; P where the record has none
	NP Policy // of subdomains that do not exist; SP where the record has none

	HasP, HasSP, HasNP bool
	// Degraded says that sp or np has no valid value, so that receivers act
	// as if the record said p=none (RFC 9989, section 4.10.1).
	Degraded bool
	Testing  bool   // t=y: act one step milder
	PSD      string // y, n or u
	RUA, RUF []Address
	Historic []string // tags that RFC 9989 took away: pct, rf, ri
	Unknown  []string // tags nobody knows, which are ignored
	Percent  string   // the value of pct, if there
	Sizes    bool     // a report address has a size limit, which is historic too
}

// Address is where reports go.
type Address struct {
	URI    string // as written, without size limit
	Domain string // of a mailto: address, lower case
}

// Is says whether a TXT record is a DMARC record: its first tag is v with the
// value DMARC1 in capitals (RFC 9989, section 4.7).
func Is(txt string) bool {
	first, _, _ := strings.Cut(txt, ";")
	name, value, ok := strings.Cut(first, "=")
	return ok && strings.EqualFold(strings.Trim(name, syntax.FWS), "v") && strings.Trim(value, syntax.FWS) == "DMARC1"
}

// policyFormat is the section that says what a record looks like.
const policyFormat = "RFC 9989, section 4.7"

// fault makes an error about a tag.
func fault(t syntax.Tag, nl, en string) *syntax.Error {
	return &syntax.Error{Offset: t.Offset, At: t.Name + "=" + t.Value, Why: lang.Text{NL: nl, EN: en}, RFC: policyFormat}
}

// Parse reads a DMARC record. The error, a *syntax.Error, is about the first
// fault that makes receivers act otherwise than the record says. A value of
// sp or np that does not exist is no error where a valid rua makes receivers
// act as if it said p=none: see Record.Degraded.
func Parse(txt string) (*Record, error) {
	r, minor, fault := parse(txt)
	switch {
	case fault == nil && minor == nil:
		return r, nil
	case fault == nil || minor != nil && minor.Offset < fault.Offset:
		return nil, minor
	}
	return nil, fault
}

// parse reads a DMARC record as receivers do. With a fault they make no use of
// it. With a minor one they skip the tag, or take its default, and use the rest
// (RFC 9989, section 4.8).
func parse(txt string) (r *Record, minor, fatal *syntax.Error) {
	if !Is(txt) {
		return nil, nil, &syntax.Error{At: txt, Why: lang.Text{NL: "is geen DMARC-record: dat begint met `v=DMARC1;`", EN: "is not a DMARC record, which begins with `v=DMARC1;`"}, RFC: policyFormat}
	}
	tags, err := syntax.Tags(txt, policyFormat)
	if err != nil {
		return nil, nil, err
	}
	if t := syntax.Repeated(tags); t != nil {
		return nil, nil, fault(*t, "staat er voor de tweede keer", "is here for the second time")
	}
	r = &Record{P: None, PSD: "u"}
	var degrading *syntax.Error
	for _, t := range tags[1:] {
		switch err := r.set(t, &degrading); {
		case err != nil && t.Is("p"):
			return nil, minor, err
		case minor == nil:
			minor = err
		}
	}
	switch {
	case len(r.RUA) == 0 && degrading != nil:
		return nil, minor, degrading
	case len(r.RUA) == 0 && !r.HasP:
		return nil, minor, &syntax.Error{Offset: len(txt), Why: lang.Text{NL: "er staat geen beleid in (`p=`)", EN: "it has no policy (`p=`)"}, RFC: policyFormat}
	case degrading != nil:
		r.Degraded, r.P, r.SP, r.NP = true, None, None, None
	}
	if !r.HasSP {
		r.SP = r.P
	}
	if !r.HasNP {
		r.NP = r.SP
	}
	return r, minor, nil
}

// set takes one tag over. A value of sp or np that does not exist goes to
// *degrading.
func (r *Record) set(t syntax.Tag, degrading **syntax.Error) *syntax.Error {
	switch strings.ToLower(t.Name) {
	case "p":
		if !setPolicy(&r.P, t.Value) {
			return fault(t, "kan alleen `none`, `quarantine` of `reject` zijn", "can only be `none`, `quarantine` or `reject`")
		}
		r.HasP = true
	case "sp", "np":
		policy, has := &r.SP, &r.HasSP
		if t.Is("np") {
			policy, has = &r.NP, &r.HasNP
		}
		if *has = setPolicy(policy, t.Value); !*has && *degrading == nil {
			*degrading = fault(t, "kan alleen `none`, `quarantine` of `reject` zijn", "can only be `none`, `quarantine` or `reject`")
		}
	case "t":
		value, err := oneOf(t, "y", "n")
		r.Testing = value == "y"
		return err
	case "psd":
		value, err := oneOf(t, "y", "n", "u")
		if err == nil {
			r.PSD = value
		}
		return err
	case "adkim", "aspf":
		_, err := oneOf(t, "r", "s")
		return err
	case "fo":
		for option := range strings.SplitSeq(t.Value, ":") {
			if !slices.Contains([]string{"0", "1", "d", "s"}, strings.ToLower(strings.Trim(option, syntax.FWS))) {
				return fault(t, "kan alleen uit `0`, `1`, `d` en `s` bestaan, met dubbele punten ertussen", "can only have `0`, `1`, `d` and `s`, with colons between them")
			}
		}
	case "rua", "ruf":
		addresses, sizes, err := parseAddresses(t)
		r.Sizes = r.Sizes || sizes
		if t.Is("rua") {
			r.RUA = addresses
		} else {
			r.RUF = addresses
		}
		return err
	case "pct", "rf", "ri":
		r.Historic = append(r.Historic, strings.ToLower(t.Name))
		if t.Is("pct") {
			r.Percent = t.Value
		}
	default:
		r.Unknown = append(r.Unknown, t.Name)
	}
	return nil
}

func setPolicy(p *Policy, value string) bool {
	for _, known := range []Policy{None, Quarantine, Reject} {
		if strings.EqualFold(value, string(known)) {
			*p = known
			return true
		}
	}
	return false
}

// oneOf returns the value of t in lower case if it is one of the options.
func oneOf(t syntax.Tag, options ...string) (string, *syntax.Error) {
	value := strings.ToLower(t.Value)
	if slices.Contains(options, value) {
		return value, nil
	}
	list := "`" + strings.Join(options, "`, `") + "`"
	return "", fault(t, "kan alleen een van deze zijn: "+list, "can only be one of these: "+list)
}

// parseAddresses reads a list of report addresses (dmarc-urilist: URIs with
// commas between them, each with an optional historic "!" size limit).
func parseAddresses(t syntax.Tag) (all []Address, sizes bool, err *syntax.Error) {
	for part := range strings.SplitSeq(t.Value, ",") {
		part = strings.Trim(part, syntax.FWS)
		uri, size, limited := strings.Cut(part, "!")
		if limited {
			sizes = true
			if !isSize(size) {
				return nil, sizes, fault(t, "heeft een onleesbare maximumgrootte achter het uitroepteken", "has a size limit after the exclamation mark that cannot be read")
			}
		}
		u, e := url.Parse(uri)
		if e != nil || u.Scheme == "" {
			return nil, sizes, fault(t, "is geen geldig rapportadres: dat begint met `mailto:`", "is not a valid report address, which begins with `mailto:`")
		}
		a := Address{URI: uri}
		if u.Scheme == "mailto" {
			path, e := url.PathUnescape(u.Opaque)
			if e != nil {
				path = u.Opaque
			}
			address, e := mail.ParseAddress(path)
			if e != nil || strings.ContainsAny(path, "<> ") {
				return nil, sizes, fault(t, "heeft een onjuist mailadres", "has a mail address that is not correct")
			}
			a.Domain = strings.ToLower(address.Address[strings.LastIndexByte(address.Address, '@')+1:])
		}
		all = append(all, a)
	}
	return all, sizes, nil
}

// isSize says whether s is digits that fit 64 bits and an optional unit.
func isSize(s string) bool {
	if s != "" && strings.IndexByte("kmgtKMGT", s[len(s)-1]) >= 0 {
		s = s[:len(s)-1]
	}
	if s == "" || len(s) > 19 {
		return false
	}
	return strings.Trim(s, "0123456789") == ""
}

// Effective is the policy for the domain itself as receivers act on it: with
// t=y they act one step milder (RFC 9989, section 4.7).
func (r *Record) Effective() Policy {
	if !r.Testing {
		return r.P
	}
	return map[Policy]Policy{Reject: Quarantine, Quarantine: None, None: None}[r.P]
}
