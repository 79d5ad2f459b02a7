// Package syntax holds what the parsers of domain records share: an error
// that tells people in their own language what is wrong with a record and
// where, and the lists of tag=value pairs that DKIM brought in (RFC 6376,
// section 3.2) and that DMARC, BIMI, MTA-STS and TLS-RPT took over.
//
// May import: nothing.
package syntax

import (
	"fmt"
	"strings"

	"wolkwijs/lang"
)

// Error is what is wrong with a record and where.
type Error struct {
	Offset int       // byte in the record where the fault begins
	At     string    // the part of the record that is wrong, a stranger's text; may be empty
	Why    lang.Text // what is wrong, as the end of a sentence that begins with At
	RFC    string    // the rule, such as "RFC 7208, section 5.6"
}

// Error returns the fault in English for logs and tests.
func (e *Error) Error() string {
	return fmt.Sprintf("position %d: %q: %s (%s)", e.Offset+1, e.At, e.Why.EN, e.RFC)
}

// Tag is one tag=value pair.
type Tag struct {
	Name   string // as written
	Value  string // without the white space around it
	Offset int    // of the name in the record
}

// Is says whether the tag has the given name, in any case of letters.
func (t Tag) Is(name string) bool { return strings.EqualFold(t.Name, name) }

// Tags splits a record at semicolons into tags. White space (space, tab, CR
// and LF: FWS of RFC 6376) around names and values is dropped, and so is an
// empty last part. The error, of RFC rfc, is about a part without "=" or with
// a name that is none: a letter or digit, then also "_", "-" and "." (the
// widest of the grammars).
func Tags(record, rfc string) ([]Tag, *Error) {
	var tags []Tag
	for offset := 0; offset <= len(record); {
		part, _, _ := strings.Cut(record[offset:], ";")
		end := offset + len(part)
		trimmed := strings.TrimLeft(part, FWS)
		at := end - len(trimmed)
		trimmed = strings.TrimRight(trimmed, FWS)
		if trimmed == "" {
			if end < len(record) && strings.Trim(record[end:], FWS+";") != "" || len(tags) == 0 {
				return tags, &Error{at, "", lang.Text{NL: "hier staat niets tussen twee puntkomma's", EN: "there is nothing between two semicolons here"}, rfc}
			}
			return tags, nil
		}
		name, value, ok := strings.Cut(trimmed, "=")
		name = strings.TrimRight(name, FWS)
		if !ok || !isTagName(name) {
			return tags, &Error{at, trimmed, lang.Text{NL: "is geen `naam=waarde`", EN: "is not of the form `name=value`"}, rfc}
		}
		tags = append(tags, Tag{name, strings.TrimLeft(value, FWS), at})
		offset = end + 1
	}
	return tags, nil
}

// FWS is the white space that may stand around tags and values.
const FWS = " \t\r\n"

func isTagName(s string) bool {
	for i, c := range []byte(s) {
		alphanumeric := 'a' <= c|0x20 && c|0x20 <= 'z' || '0' <= c && c <= '9'
		if !alphanumeric && (i == 0 || c != '_' && c != '-' && c != '.') {
			return false
		}
	}
	return s != ""
}

// Repeated returns the first tag that has the name of an earlier one, or nil.
func Repeated(tags []Tag) *Tag {
	seen := map[string]bool{}
	for i, t := range tags {
		name := strings.ToLower(t.Name)
		if seen[name] {
			return &tags[i]
		}
		seen[name] = true
	}
	return nil
}
