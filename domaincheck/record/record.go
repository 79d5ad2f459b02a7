// Package record takes apart the DNS records that checks read: it puts TXT
// records together, and keeps names that are no host names out of places
// where a look at the end of a name decides.
package record

import (
	"strings"

	"codeberg.org/miekg/dns"

	"wolkwijs/domaincheck/dnsq"
)

// TXT returns the TXT records of an answer, each with its character-strings
// put together without spaces (RFC 7208, section 3.3; RFC 6376, section
// 3.6.2.2), as the octets on the wire.
func TXT(a dnsq.Answer) []string {
	var all []string
	for _, rr := range a.Records {
		if txt, ok := rr.(*dns.TXT); ok {
			var b strings.Builder
			for _, s := range txt.Txt {
				unescape(&b, s)
			}
			all = append(all, b.String())
		}
	}
	return all
}

// unescape turns the presentation form of a character-string (RFC 1035,
// section 5.1: \X and \DDD) back into octets.
func unescape(b *strings.Builder, s string) {
	for i := 0; i < len(s); i++ {
		if s[i] != '\\' || i+1 == len(s) {
			b.WriteByte(s[i])
			continue
		}
		if i+3 < len(s) && digit(s[i+1]) && digit(s[i+2]) && digit(s[i+3]) {
			b.WriteByte((s[i+1]-'0')*100 + (s[i+2]-'0')*10 + s[i+3] - '0')
			i += 3
			continue
		}
		i++
		b.WriteByte(s[i])
	}
}

func digit(c byte) bool { return '0' <= c && c <= '9' }

// IsName says whether s, without a final dot, can be asked for: labels of 1
// to 63 octets, 253 octets in all (RFC 1035, section 2.3.4).
func IsName(s string) bool {
	if s == "" || len(s) > 253 {
		return false
	}
	for label := range strings.SplitSeq(s, ".") {
		if label == "" || len(label) > 63 {
			return false
		}
	}
	return true
}

// IsHostname says whether s, without a final dot, is a name of letters,
// digits and hyphens (RFC 952, RFC 1123, section 2.1), or underscores, which
// are about. Only of such a name may the end be compared: in others a dot or
// a stranger's byte inside a label can pass for something else.
func IsHostname(s string) bool {
	if !IsName(s) {
		return false
	}
	for _, c := range []byte(s) {
		if !('a' <= c|0x20 && c|0x20 <= 'z' || digit(c) || c == '-' || c == '.' || c == '_') {
			return false
		}
	}
	return true
}

// Name returns a name of a record in lower case without the final dot. The
// root is "".
func Name(s string) string { return strings.TrimSuffix(strings.ToLower(s), ".") }
