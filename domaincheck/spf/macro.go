package spf

import (
	"slices"
	"strconv"
	"strings"

	"wolkwijs/domaincheck/syntax"
)

// Macro letters (RFC 7208, section 7.2). The letters c, r and t are only for
// explanations.
const (
	domainLetters = "slodiphv"
	anyLetter     = "slodiphvcrt"
)

// macro is one macro-expand of section 7.1.
type macro struct {
	start, end int  // in the text
	letter     byte // lower case; '%', '_' or '-' for the escapes
	keep       int  // number of right-hand parts to keep; 0: all
	reverse    bool
	delimiters string // empty: "."
}

// scanMacros finds the macros of a macro-string and says where the last one
// ends. letters are those allowed. Offsets in the error count from the begin
// of s.
func scanMacros(s, letters string) (all []macro, lastEnd int, err *syntax.Error) {
	for i := 0; i < len(s); i++ {
		if s[i] != '%' {
			continue
		}
		m := macro{start: i}
		bad := func(nl, en string) *syntax.Error {
			e := fault(s, "7.1", nl, en)
			e.Offset = i
			return e
		}
		switch {
		case i+1 < len(s) && strings.IndexByte("%_-", s[i+1]) >= 0:
			m.letter, m.end = s[i+1], i+2
		case i+1 < len(s) && s[i+1] == '{':
			body, _, closed := strings.Cut(s[i+2:], "}")
			if !closed {
				return nil, 0, bad("heeft een macro zonder sluitende accolade", "has a macro without a closing brace")
			}
			if !m.read(body, letters) {
				return nil, 0, bad("heeft een macro die niet bestaat", "has a macro that does not exist")
			}
			m.end = i + 2 + len(body) + 1
		default:
			return nil, 0, bad("heeft een `%` die geen macro is", "has a `%` that is no macro")
		}
		all = append(all, m)
		lastEnd = m.end
		i = m.end - 1
	}
	return all, lastEnd, nil
}

// read reads what is between the braces: a letter, then digits (not zero),
// "r", and delimiters, each optional.
func (m *macro) read(body, letters string) bool {
	if body == "" || strings.IndexByte(letters, body[0]|0x20) < 0 {
		return false
	}
	m.letter, body = body[0]|0x20, body[1:]
	rest := strings.TrimLeft(body, "0123456789")
	if number := body[:len(body)-len(rest)]; number != "" {
		n, err := strconv.Atoi(number)
		if err != nil || n == 0 {
			return false
		}
		m.keep = n
	}
	if rest != "" && rest[0]|0x20 == 'r' {
		m.reverse, rest = true, rest[1:]
	}
	m.delimiters = rest
	return strings.Trim(rest, ".-+,/_=") == ""
}

// parseDomain reads a domain-spec (RFC 7208, section 7.1): it ends in a macro
// or in "." and a top-level label, with an optional final dot.
func parseDomain(t Term, spec, section string) (Term, *syntax.Error) {
	letters := domainLetters
	if t.Name == "exp" {
		letters = anyLetter
	}
	macros, lastEnd, err := scanMacros(spec, letters)
	if err != nil {
		err.Offset += len(t.Text) - len(spec)
		err.At = t.Text
		return t, err
	}
	t.Domain, t.Macros = spec, len(macros) > 0
	if lastEnd == len(spec) && t.Macros {
		return t, nil
	}
	name := strings.TrimSuffix(spec[lastEnd:], ".")
	dot := strings.LastIndexByte(name, '.')
	if dot < 0 || !isTopLabel(name[dot+1:]) {
		return t, fault(t.Text, section, "eindigt niet op een geldige domeinnaam", "does not end in a valid domain name")
	}
	return t, nil
}

// isTopLabel says whether s is a toplabel of RFC 7208, section 7.1: letters,
// digits and inner hyphens, not digits alone.
func isTopLabel(s string) bool {
	onlyDigits := true
	for i := range len(s) {
		c := s[i]
		switch {
		case 'a' <= c|0x20 && c|0x20 <= 'z':
			onlyDigits = false
		case '0' <= c && c <= '9':
		case c == '-' && i > 0 && i < len(s)-1:
			onlyDigits = false
		default:
			return false
		}
	}
	return s != "" && !onlyDigits
}

// expand fills in the macros that do not depend on the message: d, the domain
// whose record this is, and o, the sender's domain, which is the root of the
// walk. It returns false where others are left: where they lead is not to be
// seen without a message.
func expand(spec, current, root string) (string, bool) {
	macros, _, err := scanMacros(spec, anyLetter)
	if err != nil {
		return "", false
	}
	var b strings.Builder
	at := 0
	for _, m := range macros {
		b.WriteString(spec[at:m.start])
		at = m.end
		switch m.letter {
		case '%':
			b.WriteByte('%')
		case 'd':
			b.WriteString(m.apply(current))
		case 'o':
			b.WriteString(m.apply(root))
		default:
			return "", false
		}
	}
	b.WriteString(spec[at:])
	return b.String(), true
}

// apply transforms a value as section 7.3 says: split, reverse, keep the
// right-hand parts, join with dots.
func (m macro) apply(value string) string {
	delimiters := m.delimiters
	if delimiters == "" {
		delimiters = "."
	}
	parts := strings.FieldsFunc(value, func(r rune) bool { return strings.ContainsRune(delimiters, r) })
	if m.reverse {
		slices.Reverse(parts)
	}
	if m.keep > 0 && m.keep < len(parts) {
		parts = parts[len(parts)-m.keep:]
	}
	return strings.Join(parts, ".")
}
