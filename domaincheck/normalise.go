package domaincheck

import (
	"errors"
	"net/netip"
	"net/url"
	"slices"
	"strings"

	"golang.org/x/net/idna"
	"golang.org/x/net/publicsuffix"

	"wolkwijs/domaincheck/record"
	"wolkwijs/lang"
)

// Target is what somebody asked to have checked.
type Target struct {
	Domain  string // public suffix and one label, A-labels, lower case: example.nl
	Unicode string // the same for people, with U-labels
	Host    string // the host name that was given, if it is more than Domain (and www.)
	Address bool   // a mail address was given
	URL     bool   // a URL was given: a page, not a mail domain
	Suffix  bool   // Domain is itself a public suffix: see [Checker.Check]
}

// InputError says in people's words why something cannot be checked.
type InputError struct {
	Input   string    // what was given, a stranger's text
	Why     lang.Text // a sentence
	Suggest string    // a domain that may have been meant; empty: none
}

// Error returns the sentence in English.
func (e *InputError) Error() string { return e.Why.EN }

// refused are the top-level domains that are not looked up, because their
// names mean something only inside a network or are no DNS names at all (RFC
// 6761, RFC 6762, RFC 7686, RFC 8375, RFC 9476, and the private names that
// ICANN set aside).
var refused = []string{"localhost", "local", "internal", "arpa", "onion", "alt", "lan", "home", "corp", "localdomain"}

// Normalise finds the domain in what somebody gave: a domain, a host name, a
// URL or a mail address, also with letters outside ASCII. Of a name below a
// domain it gives both, since only DNS can tell whether that name is a mail
// domain of its own. The error is an *InputError.
func Normalise(input string) (Target, error) {
	var t Target
	text := strings.TrimSpace(input)
	if len(text) > 2048 {
		text = text[:2048]
	}
	bad := func(nl, en, suggest string) (Target, error) {
		return t, &InputError{Input: input, Why: lang.Text{NL: nl, EN: en}, Suggest: suggest}
	}
	text = strings.Trim(text, "<>\"'`“”‘’()*,;!?")
	if text == "" {
		return bad("Geef een domein, bijvoorbeeld `example.nl`.", "Give a domain, for example `example.nl`.", "")
	}
	host := text
	host, t.Address = hostOf(host)
	t.URL = !t.Address && strings.Contains(text, "://")
	if _, err := netip.ParseAddr(strings.Trim(host, "[]")); err == nil {
		return bad("Dat is een IP-adres. Ik kijk domeinnamen na, zoals `example.nl`.", "That is an IP address. I check domain names, such as `example.nl`.", "")
	}
	if strings.ContainsAny(host, " \t\n\u00a0") {
		joined := strings.Join(strings.Fields(host), ".")
		if d, err := registrable(joined); err == nil && len(strings.Fields(host)) == 2 && !strings.Contains(strings.Fields(host)[0], ".") {
			return bad("Ik zie een spatie in de domeinnaam.", "I see a space in the domain name.", d)
		}
		return bad("Ik zie een spatie in de domeinnaam. Geef er één tegelijk, zoals `example.nl`.", "I see a space in the domain name. Give one at a time, such as `example.nl`.", "")
	}
	if strings.Contains(host, ",") {
		if d, err := registrable(strings.ReplaceAll(host, ",", ".")); err == nil {
			return bad("Ik zie een komma in de domeinnaam.", "I see a comma in the domain name.", d)
		}
	}
	ascii, err := toASCII(host)
	if err != nil {
		return bad("Dat is geen geldige domeinnaam. Een domein ziet eruit als `example.nl`.", "That is not a valid domain name. A domain looks like `example.nl`.", "")
	}
	labels := strings.Split(ascii, ".")
	switch top := labels[len(labels)-1]; {
	case slices.Contains(refused, top), strings.Trim(top, "0123456789") == "":
		return bad("Namen die op `."+top+"` eindigen staan niet in de openbare DNS. Die kijk ik niet na.", "Names that end in `."+top+"` are not in public DNS. I do not check those.", "")
	case len(labels) == 1:
		return bad("Er ontbreekt een uitgang zoals `.nl`.", "An ending such as `.nl` is missing.", ascii+".nl")
	}
	if t.Domain, err = registrable(ascii); err != nil {
		t.Domain, t.Suffix = ascii, true
	}
	t.Unicode = Unicode(t.Domain)
	if ascii != t.Domain && ascii != "www."+t.Domain {
		t.Host = ascii
	}
	return t, nil
}

// hostOf takes the host out of a URL, a host with port or path, or a mail
// address, and says whether it was the latter.
func hostOf(s string) (host string, address bool) {
	if rest, ok := cutPrefixFold(s, "mailto:"); ok {
		s = rest
		s, _, _ = strings.Cut(s, "?")
		address = true
	}
	if strings.Contains(s, "://") {
		if u, err := url.Parse(s); err == nil && u.Host != "" {
			return u.Hostname(), false
		}
		_, s, _ = strings.Cut(s, "://")
	}
	s = strings.TrimPrefix(s, "//")
	s, _, _ = strings.Cut(s, "/")
	s, _, _ = strings.Cut(s, "?")
	s, _, _ = strings.Cut(s, "#")
	if i := strings.LastIndexByte(s, '@'); i >= 0 {
		s, address = s[i+1:], true
	}
	if _, err := netip.ParseAddr(s); err == nil || strings.HasPrefix(s, "[") {
		return s, address
	}
	name, port, ok := strings.Cut(s, ":")
	if ok && strings.Trim(port, "0123456789") == "" {
		s = name
	}
	return s, address
}

func cutPrefixFold(s, prefix string) (string, bool) {
	if len(s) < len(prefix) || !strings.EqualFold(s[:len(prefix)], prefix) {
		return s, false
	}
	return s[len(prefix):], true
}

var errNoHostname = errors.New("not a host name")

// toASCII returns a name as A-labels in lower case without final dot (RFC
// 5891, with the mapping of UTS #46).
func toASCII(s string) (string, error) {
	ascii, err := idna.Lookup.ToASCII(strings.TrimSuffix(s, "."))
	if err != nil {
		return "", err
	}
	// The library encodes some code points that it does not accept encoded.
	if _, err := idna.Lookup.ToUnicode(ascii); err != nil {
		return "", err
	}
	ascii = strings.TrimSuffix(ascii, ".")
	if !record.IsHostname(ascii) {
		return "", errNoHostname
	}
	return strings.ToLower(ascii), nil
}

// registrable returns the public suffix and one label of a name. A name that
// is itself a suffix only because its owner lets others use names below it
// (such as github.io) counts as a domain.
func registrable(name string) (string, error) {
	ascii, err := toASCII(name)
	if err != nil {
		return "", err
	}
	domain, err := publicsuffix.EffectiveTLDPlusOne(ascii)
	if err == nil {
		return domain, nil
	}
	if suffix, icann := publicsuffix.PublicSuffix(ascii); suffix == ascii && !icann && strings.Contains(ascii, ".") {
		return ascii, nil
	}
	return "", err
}
