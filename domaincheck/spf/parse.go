// Package spf reads SPF records (RFC 7208) and walks the tree of records that
// they include, without a sender: it does not decide whether a message
// passes, but what a record asks of those who do, and where it breaks.
//
// [Parse] reads one record. [Walk] follows include: and redirect= and counts
// what section 4.6.4 limits.
//
// May import: domaincheck/dnsq, domaincheck/record, domaincheck/syntax,
// codeberg.org/miekg/dns.
package spf

import (
	"net/netip"
	"strconv"
	"strings"

	"wolkwijs/domaincheck/syntax"
	"wolkwijs/lang"
)

// Record is an SPF record in parts, in the order of the text.
type Record struct {
	Terms    []Term // the mechanisms, and modifiers other than redirect= and exp=
	Redirect *Term  // redirect=, if any
	Exp      *Term  // exp=, if any
}

// Term is a mechanism or a modifier (RFC 7208, sections 5 and 6).
type Term struct {
	Offset    int    // byte in the record
	Text      string // as written
	Qualifier byte   // '+', '-', '~' or '?' of a mechanism, 0 of a modifier
	Name      string // lower case: all, include, a, mx, ptr, ip4, ip6, exists, redirect, exp or an unknown modifier
	Domain    string // the domain-spec; empty where none is written
	Macros    bool   // Domain has macros (section 7)
	Network   netip.Prefix
}

// Is says whether a TXT record is an SPF record: "v=spf1" in any case, then
// a space or the end (RFC 7208, section 4.5).
func Is(txt string) bool {
	return len(txt) >= len(version) && strings.EqualFold(txt[:len(version)], version) &&
		(len(txt) == len(version) || txt[len(version)] == ' ')
}

const version = "v=spf1"

// All returns the first all mechanism, or nil.
func (r *Record) All() *Term {
	for i := range r.Terms {
		if r.Terms[i].Name == "all" {
			return &r.Terms[i]
		}
	}
	return nil
}

// Reached returns the mechanisms that a check can come to: those up to and
// with the first all (RFC 7208, section 5.1).
func (r *Record) Reached() []Term {
	for i := range r.Terms {
		if r.Terms[i].Name == "all" {
			return r.Terms[:i+1]
		}
	}
	return r.Terms
}

// Parse reads a record for which [Is] holds, by the grammar of RFC 7208,
// section 12. The error is a *syntax.Error about the first fault.
func Parse(txt string) (*Record, error) {
	if !Is(txt) {
		return nil, &syntax.Error{At: "", Why: lang.Text{NL: "het record begint niet met `v=spf1`", EN: "the record does not begin with `v=spf1`"}, RFC: rfc("4.5")}
	}
	r := &Record{}
	for offset := len(version); offset < len(txt); {
		if txt[offset] == ' ' {
			offset++
			continue
		}
		text, _, _ := strings.Cut(txt[offset:], " ")
		t, err := parseTerm(text)
		if err != nil {
			err.Offset += offset
			return nil, err
		}
		t.Offset = offset
		switch {
		case t.Name == "redirect" && r.Redirect == nil:
			r.Redirect = new(t) // not &t, which would put every term on the heap
		case t.Name == "exp" && r.Exp == nil:
			r.Exp = new(t)
		case t.Name == "redirect", t.Name == "exp":
			return nil, &syntax.Error{Offset: offset, At: text, Why: lang.Text{NL: "staat er voor de tweede keer", EN: "is here for the second time"}, RFC: rfc("6")}
		default:
			r.Terms = append(r.Terms, t)
		}
		offset += len(text)
	}
	return r, nil
}

func rfc(section string) string { return "RFC 7208, section " + section }

// sections are the sections of RFC 7208 that define the mechanisms.
var sections = map[string]string{"all": "5.1", "include": "5.2", "a": "5.3", "mx": "5.4", "ptr": "5.5", "ip4": "5.6", "ip6": "5.6", "exists": "5.7"}

// fault makes an error about the whole of text.
func fault(text, section, nl, en string) *syntax.Error {
	return &syntax.Error{At: text, Why: lang.Text{NL: nl, EN: en}, RFC: rfc(section)}
}

// parseTerm reads a directive or a modifier. Offsets in the error count from
// the begin of text.
func parseTerm(text string) (Term, *syntax.Error) {
	for i := range len(text) {
		if text[i] < 0x21 || text[i] > 0x7e {
			e := fault(text, "4.6.1", "bevat een teken dat hier niet mag (alleen gewone ASCII-tekens zijn toegestaan)", "has a character that is not allowed here (plain ASCII only)")
			e.Offset = i
			return Term{}, e
		}
	}
	end := strings.IndexAny(text, ":/=")
	if end >= 0 && text[end] == '=' && isModifierName(text[:end]) {
		return parseModifier(text, strings.ToLower(text[:end]), text[end+1:])
	}
	t := Term{Text: text, Qualifier: '+'}
	rest := text
	if strings.IndexByte("+-~?", text[0]) >= 0 {
		t.Qualifier, rest = text[0], text[1:]
	}
	name, arg := rest, ""
	if i := strings.IndexAny(rest, ":/"); i >= 0 {
		name, arg = rest[:i], rest[i:]
	}
	t.Name = strings.ToLower(name)
	section, known := sections[t.Name]
	switch {
	case !known:
		return t, unknownMechanism(text, t.Name)
	case t.Name == "all":
		if arg != "" {
			return t, fault(text, section, "mag niets achter `all` hebben", "must have nothing after `all`")
		}
		return t, nil
	case t.Name == "ip4", t.Name == "ip6":
		return parseNetwork(t, arg)
	case t.Name == "include", t.Name == "exists":
		domain, colon := strings.CutPrefix(arg, ":")
		if !colon || domain == "" {
			return t, fault(text, section, "noemt geen domein; er mag geen spatie achter de dubbele punt", "names no domain; there must be no space after the colon")
		}
		return parseDomain(t, domain, section)
	default: // a, mx, ptr
		domain, faulty := arg, (*syntax.Error)(nil)
		if t.Name != "ptr" {
			domain, faulty = cutDualCIDR(text, arg, section)
		}
		switch {
		case faulty != nil:
			return t, faulty
		case domain == "":
			return t, nil
		case domain == ":" || domain[0] != ':':
			return t, fault(text, section, "noemt geen domein", "names no domain")
		}
		return parseDomain(t, domain[1:], section)
	}
}

// unknownMechanism says what is wrong with a term that is none we know, with
// a guess at what was meant.
func unknownMechanism(text, name string) *syntax.Error {
	switch {
	case strings.HasPrefix(name, "v=spf1"):
		return fault(text, "4.5", "staat er voor de tweede keer: er zijn twee records aan elkaar geplakt", "is here for the second time: two records were pasted together")
	case strings.HasPrefix(strings.ToLower(text), "ipv4:"):
		return fault(text, "5.6", "bestaat niet; bedoeld is `ip4:`", "does not exist; `ip4:` is meant")
	case strings.HasPrefix(strings.ToLower(text), "ipv6:"):
		return fault(text, "5.6", "bestaat niet; bedoeld is `ip6:`", "does not exist; `ip6:` is meant")
	}
	if _, err := netip.ParseAddr(text); err == nil {
		return fault(text, "5.6", "is een los adres; er hoort `ip4:` of `ip6:` voor", "is a bare address; it needs `ip4:` or `ip6:` before it")
	}
	if strings.Contains(name, ".") && !strings.Contains(name, "=") {
		return fault(text, "5", "is een losse naam; er hoort bijvoorbeeld `a:` of `include:` voor", "is a bare name; it needs `a:` or `include:` before it, for example")
	}
	return fault(text, "5", "is geen bestaand SPF-onderdeel", "is not a mechanism of SPF")
}

// isModifierName says whether s is a name of RFC 7208, section 12: a letter,
// then letters, digits, "-", "_" or ".".
func isModifierName(s string) bool {
	for i := range len(s) {
		c := s[i]
		letter := 'a' <= c|0x20 && c|0x20 <= 'z'
		if !letter && (i == 0 || !('0' <= c && c <= '9') && c != '-' && c != '_' && c != '.') {
			return false
		}
	}
	return s != ""
}

func parseModifier(text, name, value string) (Term, *syntax.Error) {
	t := Term{Text: text, Name: name}
	switch name {
	case "redirect", "exp":
		section := map[string]string{"redirect": "6.1", "exp": "6.2"}[name]
		if value == "" {
			return t, fault(text, section, "noemt geen domein", "names no domain")
		}
		return parseDomain(t, value, section)
	}
	if _, _, err := scanMacros(value, anyLetter); err != nil {
		err.At = text
		return t, err
	}
	t.Domain = value
	return t, nil
}

// parseNetwork reads the argument of ip4 and ip6: ":" address [ "/" length ].
func parseNetwork(t Term, arg string) (Term, *syntax.Error) {
	bits := map[string]int{"ip4": 32, "ip6": 128}[t.Name]
	bad := func(nl, en string) (Term, *syntax.Error) { return t, fault(t.Text, "5.6", nl, en) }
	arg, colon := strings.CutPrefix(arg, ":")
	if !colon || arg == "" {
		return bad("noemt geen adres", "names no address")
	}
	text, length, slash := strings.Cut(arg, "/")
	ip, err := netip.ParseAddr(text)
	switch {
	case strings.Contains(text, "%"):
		return bad("bevat een macro; die mag niet in een adres", "has a macro, which an address must not have")
	case err == nil && ip.Is4() && bits == 128:
		return bad("is een IPv4-adres; gebruik `ip4:`", "is an IPv4 address; use `ip4:`")
	case err == nil && !ip.Is4() && bits == 32:
		return bad("is een IPv6-adres; gebruik `ip6:`", "is an IPv6 address; use `ip6:`")
	case err != nil:
		return bad("is geen geldig IP-adres", "is not a valid IP address")
	}
	if slash {
		n, ok := prefixLength(length, bits)
		if !ok {
			return bad("heeft geen geldige lengte achter de schuine streep (hoogstens "+strconv.Itoa(bits)+")", "has no valid length after the slash (at most "+strconv.Itoa(bits)+")")
		}
		bits = n
	}
	t.Network = netip.PrefixFrom(ip, bits)
	return t, nil
}

// prefixLength reads a length of at most limit, without leading zeros.
func prefixLength(s string, limit int) (int, bool) {
	n, err := strconv.ParseUint(s, 10, 8)
	return int(n), err == nil && int(n) <= limit && strconv.FormatUint(n, 10) == s
}

// cutDualCIDR takes a dual-cidr-length ("/24", "//64" or "/24//64") off the
// end of arg, and returns what is before it.
func cutDualCIDR(text, arg, section string) (string, *syntax.Error) {
	bad := func() *syntax.Error {
		return fault(text, section, "heeft geen geldige lengte achter de schuine streep", "has no valid length after the slash")
	}
	rest := arg
	if i := strings.LastIndex(rest, "//"); i >= 0 && digits(rest[i+2:]) {
		if _, ok := prefixLength(rest[i+2:], 128); !ok {
			return "", bad()
		}
		rest = rest[:i]
	}
	if i := strings.LastIndexByte(rest, '/'); i >= 0 && digits(rest[i+1:]) {
		if _, ok := prefixLength(rest[i+1:], 32); !ok {
			return "", bad()
		}
		rest = rest[:i]
	}
	return rest, nil
}

// digits says whether s has nothing but digits, or nothing at all.
func digits(s string) bool { return strings.Trim(s, "0123456789") == "" }
