// Package mtasts reads what a domain publishes for MTA-STS (RFC 8461): a TXT
// record that says that there is a policy, and the policy itself, a file on a
// web server, which tells senders to deliver only over TLS to named hosts.
// [ParseRecord] and [ParsePolicy] read; [Fetcher] fetches.
//
// May import: domaincheck/dnsq, domaincheck/record, domaincheck/syntax,
// codeberg.org/miekg/dns.
package mtasts

import (
	"strconv"
	"strings"

	"wolkwijs/domaincheck/record"
	"wolkwijs/domaincheck/syntax"
	"wolkwijs/lang"
)

// Mode is what senders do when TLS fails (RFC 8461, section 5).
type Mode string

// The modes of a policy.
const (
	Enforce Mode = "enforce"
	Testing Mode = "testing"
	None    Mode = "none"
)

// Policy is the content of the policy file.
type Policy struct {
	Mode          Mode
	MaxAgeSeconds int
	MX            []string // patterns: a host name, or "*." and a host name; lower case
}

// MaxMaxAge is the largest max_age in seconds, about a year (RFC 8461,
// section 3.2).
const MaxMaxAge = 31557600

// Is says whether a TXT record is an MTA-STS record: others at the same name
// are ignored (RFC 8461, section 3.1).
func Is(txt string) bool {
	rest, ok := strings.CutPrefix(txt, "v=STSv1")
	rest = strings.TrimLeft(rest, " \t")
	return ok && (rest == "" || rest[0] == ';')
}

// recordFormat and policyFormat are the sections that say what record and
// policy look like.
const (
	recordFormat = "RFC 8461, section 3.1"
	policyFormat = "RFC 8461, section 3.2"
)

// ParseRecord reads a TXT record and returns its id. The error is a
// *syntax.Error.
func ParseRecord(txt string) (id string, err error) {
	if !Is(txt) {
		return "", &syntax.Error{At: txt, Why: lang.Text{NL: "is geen MTA-STS-record: dat begint met `v=STSv1;`", EN: "is not an MTA-STS record, which begins with `v=STSv1;`"}, RFC: recordFormat}
	}
	tags, fault := syntax.Tags(txt, recordFormat)
	if fault != nil {
		return "", fault
	}
	if fault := syntax.CheckExtensions(tags[1:], recordFormat); fault != nil {
		return "", fault
	}
	for _, t := range tags[1:] {
		switch {
		case t.Name != "id":
		case id != "":
			return "", &syntax.Error{Offset: t.Offset, At: t.Name + "=" + t.Value, Why: lang.Text{NL: "staat er voor de tweede keer", EN: "is here for the second time"}, RFC: recordFormat}
		case len(t.Value) > 32 || !alphanumeric(t.Value):
			return "", &syntax.Error{Offset: t.Offset, At: t.Name + "=" + t.Value, Why: lang.Text{NL: "mag alleen 1 tot 32 letters en cijfers zijn", EN: "can only be 1 to 32 letters and digits"}, RFC: recordFormat}
		default:
			id = t.Value
		}
	}
	if id == "" {
		return "", &syntax.Error{Offset: len(txt), Why: lang.Text{NL: "er staat geen `id=` in", EN: "it has no `id=`"}, RFC: recordFormat}
	}
	return id, nil
}

func alphanumeric(s string) bool {
	for _, c := range []byte(s) {
		if !('a' <= c|0x20 && c|0x20 <= 'z' || '0' <= c && c <= '9') {
			return false
		}
	}
	return s != ""
}

// ParsePolicy reads a policy file: lines of "key: value", ended by LF or CRLF.
// Unknown keys are ignored. The error is a *syntax.Error.
func ParsePolicy(text string) (*Policy, error) {
	p := &Policy{MaxAgeSeconds: -1}
	seen := map[string]bool{}
	for offset := 0; offset < len(text); {
		line, _, _ := strings.Cut(text[offset:], "\n")
		at := offset
		offset += len(line) + 1
		line = strings.Trim(line, " \t\r")
		if line == "" && strings.TrimSpace(text[min(offset, len(text)):]) == "" {
			break
		}
		key, value, ok := strings.Cut(line, ":")
		key, value = strings.TrimRight(key, " \t"), strings.TrimLeft(value, " \t")
		bad := func(nl, en string) error {
			return &syntax.Error{Offset: at, At: line, Why: lang.Text{NL: nl, EN: en}, RFC: policyFormat}
		}
		switch {
		case !ok || !isPolicyKey(key):
			return nil, bad("is geen regel van de vorm `naam: waarde`", "is no line of the form `name: value`")
		case value == "":
			return nil, bad("heeft geen waarde", "has no value")
		case seen[key] && key != "mx":
			if key == "version" || key == "mode" || key == "max_age" {
				return nil, bad("staat er voor de tweede keer", "is here for the second time")
			}
		}
		seen[key] = true
		if nl, en := p.set(key, value); nl != "" {
			return nil, bad(nl, en)
		}
	}
	missing := func(key string) error {
		return &syntax.Error{Offset: len(text), Why: lang.Text{NL: "de regel `" + key + ":` ontbreekt", EN: "the line `" + key + ":` is missing"}, RFC: policyFormat}
	}
	for _, key := range []string{"version", "mode", "max_age"} {
		if !seen[key] {
			return nil, missing(key)
		}
	}
	if !seen["mx"] && p.Mode != None {
		return nil, missing("mx")
	}
	return p, nil
}

// isPolicyKey says whether s is a sts-policy-ext-name: a letter or digit, then
// at most 31 letters, digits, "_", "-" or ".".
func isPolicyKey(s string) bool {
	return len(s) <= 32 && s != "" && alphanumeric(s[:1]) && strings.Trim(strings.ToLower(s), "abcdefghijklmnopqrstuvwxyz0123456789_-.") == ""
}

// set takes one line over, or says in two languages what is wrong with it.
func (p *Policy) set(key, value string) (nl, en string) {
	switch key {
	case "version":
		if value != "STSv1" {
			return "moet `STSv1` zijn", "must be `STSv1`"
		}
	case "mode":
		switch p.Mode = Mode(value); p.Mode {
		case Enforce, Testing, None:
		default:
			return "kan alleen `enforce`, `testing` of `none` zijn", "can only be `enforce`, `testing` or `none`"
		}
	case "max_age":
		n, err := strconv.ParseUint(value, 10, 32)
		if err != nil || len(value) > 10 || n > MaxMaxAge {
			return "moet een heel getal zijn van 0 tot en met 31557600", "must be a whole number from 0 to 31557600"
		}
		p.MaxAgeSeconds = int(n)
	case "mx":
		pattern := record.Name(value)
		host := strings.TrimPrefix(pattern, "*.")
		if !isDomain(host) {
			return "is geen naam van een mailserver", "is no name of a mail server"
		}
		p.MX = append(p.MX, pattern)
	}
	return "", ""
}

// isDomain says whether s is a Domain of RFC 5321, section 4.1.2: labels of
// letters, digits and inner hyphens.
func isDomain(s string) bool {
	if !record.IsName(s) {
		return false
	}
	for label := range strings.SplitSeq(s, ".") {
		if !alphanumeric(strings.ReplaceAll(label, "-", "a")) || label[0] == '-' || label[len(label)-1] == '-' {
			return false
		}
	}
	return true
}

// Matches says whether the policy allows mail to host, a name in lower case
// without final dot. A "*." stands for exactly one label (RFC 8461, section
// 4.1).
func (p *Policy) Matches(host string) bool {
	for _, pattern := range p.MX {
		suffix, wild := strings.CutPrefix(pattern, "*")
		if pattern == host {
			return true
		}
		if _, parent, ok := strings.Cut(host, "."); wild && ok && "."+parent == suffix {
			return true
		}
	}
	return false
}
