// Package bimi reads BIMI assertion records: where the logo is that a mail
// program may show beside mail of a domain. BIMI is an Internet-Draft
// (draft-brand-indicators-for-message-identification), not an RFC.
//
// May import: domaincheck/dnsq, domaincheck/record, domaincheck/syntax,
// codeberg.org/miekg/dns.
package bimi

import (
	"net/url"
	"slices"
	"strings"

	"wolkwijs/domaincheck/syntax"
	"wolkwijs/lang"
)

// Record is a BIMI assertion record.
type Record struct {
	Location string // https: URL of an SVG logo; empty: none
	Evidence string // https: URL of a certificate for the logo; empty: none
}

// recordFormat is the section that says what a record looks like.
const recordFormat = "draft-brand-indicators-for-message-identification, section 4.3"

// Is says whether a TXT record is a BIMI record: others are ignored.
func Is(txt string) bool {
	first, _, _ := strings.Cut(txt, ";")
	name, value, ok := strings.Cut(first, "=")
	return ok && strings.Trim(name, syntax.FWS) == "v" && strings.Trim(value, syntax.FWS) == "BIMI1"
}

// Parse reads a BIMI record. The error is a *syntax.Error.
func Parse(txt string) (*Record, error) {
	if !Is(txt) {
		return nil, &syntax.Error{At: txt, Why: lang.Text{NL: "is geen BIMI-record: dat begint met `v=BIMI1;`", EN: "is not a BIMI record, which begins with `v=BIMI1;`"}, RFC: recordFormat}
	}
	tags, fault := syntax.Tags(txt, recordFormat)
	if fault != nil {
		return nil, fault
	}
	if t := syntax.Repeated(tags); t != nil {
		return nil, &syntax.Error{Offset: t.Offset, At: t.Name + "=" + t.Value, Why: lang.Text{NL: "staat er voor de tweede keer", EN: "is here for the second time"}, RFC: recordFormat}
	}
	r := &Record{}
	for _, t := range tags[1:] {
		bad := func(nl, en string) error {
			return &syntax.Error{Offset: t.Offset, At: t.Name + "=" + t.Value, Why: lang.Text{NL: nl, EN: en}, RFC: recordFormat}
		}
		switch t.Name {
		case "l", "a":
			if t.Value != "" && !isHTTPS(t.Value) {
				return nil, bad("moet een adres zijn dat met `https://` begint", "must be an address that begins with `https://`")
			}
			if t.Name == "l" {
				r.Location = t.Value
			} else {
				r.Evidence = t.Value
			}
		case "avp":
			if !slices.Contains([]string{"brand", "personal"}, t.Value) {
				return nil, bad("kan alleen `brand` of `personal` zijn", "can only be `brand` or `personal`")
			}
		case "lps":
			for part := range strings.SplitSeq(t.Value, ",") {
				if !isLocalPart(strings.Trim(part, syntax.FWS)) {
					return nil, bad("mag alleen letters, cijfers en streepjes hebben, met komma's ertussen", "can only have letters, digits and hyphens, with commas between them")
				}
			}
		}
	}
	return r, nil
}

// Declined says whether the domain says that it wants no logo shown: both l
// and a are empty.
func (r *Record) Declined() bool { return r.Location == "" && r.Evidence == "" }

func isHTTPS(s string) bool {
	u, err := url.Parse(s)
	return err == nil && u.Scheme == "https" && u.Host != ""
}

// isLocalPart says whether s is a local-part-text: letters, digits and "-".
func isLocalPart(s string) bool {
	return s != "" && strings.Trim(strings.ToLower(s), "abcdefghijklmnopqrstuvwxyz0123456789-") == ""
}
