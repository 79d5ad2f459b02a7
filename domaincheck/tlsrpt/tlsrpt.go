// Package tlsrpt reads TLS-RPT records (RFC 8460): where senders report that
// TLS to a domain's mail servers failed.
//
// May import: domaincheck/dnsq, domaincheck/record, domaincheck/syntax,
// codeberg.org/miekg/dns.
package tlsrpt

import (
	"net/mail"
	"net/url"
	"strings"

	"wolkwijs/domaincheck/syntax"
	"wolkwijs/lang"
)

// Record is a TLS-RPT record.
type Record struct {
	RUA    []string // URIs that reports go to: mailto: or https:
	Fields int      // rua fields; other readers expect one
}

// recordFormat is the section that says what a record looks like.
const recordFormat = "RFC 8460, section 3"

// Is says whether a TXT record is a TLS-RPT record: others at the same name
// are ignored (RFC 8460, section 3).
func Is(txt string) bool {
	rest, ok := strings.CutPrefix(txt, "v=TLSRPTv1")
	rest = strings.TrimLeft(rest, " \t")
	return ok && rest != "" && rest[0] == ';'
}

// Parse reads a TLS-RPT record. The error is a *syntax.Error.
func Parse(txt string) (*Record, error) {
	if !Is(txt) {
		return nil, &syntax.Error{At: txt, Why: lang.Text{NL: "is geen TLS-RPT-record: dat begint met `v=TLSRPTv1;`", EN: "is not a TLS-RPT record, which begins with `v=TLSRPTv1;`"}, RFC: recordFormat}
	}
	tags, fault := syntax.Tags(txt, recordFormat)
	if fault != nil {
		return nil, fault
	}
	if fault := syntax.CheckExtensions(tags[1:], recordFormat); fault != nil {
		return nil, fault
	}
	r := &Record{}
	for _, t := range tags[1:] {
		if t.Name != "rua" {
			continue
		}
		bad := func(nl, en string) error {
			return &syntax.Error{Offset: t.Offset, At: t.Name + "=" + t.Value, Why: lang.Text{NL: nl, EN: en}, RFC: recordFormat}
		}
		// The grammar allows several rua fields: their addresses add up.
		r.Fields++
		for part := range strings.SplitSeq(t.Value, ",") {
			uri := strings.Trim(part, syntax.FWS)
			if !isReportURI(uri) {
				return nil, bad("heeft een onjuist adres: het begint met `mailto:` of `https:`", "has an address that is not correct: it begins with `mailto:` or `https:`")
			}
			r.RUA = append(r.RUA, uri)
		}
	}
	if r.RUA == nil {
		return nil, &syntax.Error{Offset: len(txt), Why: lang.Text{NL: "er staat geen adres in (`rua=`)", EN: "it has no address (`rua=`)"}, RFC: recordFormat}
	}
	return r, nil
}

// isReportURI says whether s is a mailto: or https: URI. A comma, "!" and ";"
// in one are percent-encoded.
func isReportURI(s string) bool {
	u, err := url.Parse(s)
	if err != nil || strings.Contains(s, "!") {
		return false
	}
	switch u.Scheme {
	case "https":
		return u.Host != ""
	case "mailto":
		path, err := url.PathUnescape(u.Opaque)
		if err != nil {
			return false
		}
		_, err = mail.ParseAddress(path)
		return err == nil && !strings.ContainsAny(path, "<> ")
	}
	return false
}
