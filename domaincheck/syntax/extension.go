package syntax

import (
	"strings"

	"wolkwijs/lang"
)

// maxExtensionName is the length of a name that RFC 8460, section 3, and RFC
// 8461, section 3.1, allow.
const maxExtensionName = 32

// CheckExtensions holds tags to the stricter grammar of MTA-STS and TLS-RPT
// records (RFC 8460, section 3; RFC 8461, section 3.1): a name of at most 32
// letters, digits, "_", "-" or ".", and a value of visible ASCII without "="
// and ";". Tags named id and rua have values of their own kind.
func CheckExtensions(tags []Tag, rfc string) *Error {
	for _, t := range tags {
		bad := func(nl, en string) *Error {
			return &Error{t.Offset, t.Name + "=" + t.Value, lang.Text{NL: nl, EN: en}, rfc}
		}
		switch {
		case len(t.Name) > maxExtensionName:
			return bad("heeft een te lange naam (hoogstens 32 tekens)", "has a name that is too long (at most 32 characters)")
		case t.Value == "":
			return bad("heeft geen waarde", "has no value")
		case t.Name == "rua":
		case strings.ContainsFunc(t.Value, func(r rune) bool { return r <= ' ' || r > '~' || r == '=' }):
			return bad("heeft een teken dat hier niet mag", "has a character that is not allowed here")
		}
	}
	return nil
}
