package domaincheck

import (
	"context"

	"codeberg.org/miekg/dns"
	"golang.org/x/net/idna"

	"wolkwijs/domaincheck/dnsq"
	"wolkwijs/lang"
)

// narrow decides between a domain and the name below it that was given. A
// name with MX records is a mail domain of its own, such as that of a
// municipality below the domain of its province, and is what was meant; any
// other host name stands for its domain. A public suffix, under which others
// have their domains, may receive mail too: it is checked if it does, and the
// error, an *InputError, says what it is if it does not. Where MX could not be
// looked up, the name is checked that was given: that it has none is not known.
// Only the host of a URL stands for its domain then: there are load balancers
// that never answer such questions.
func (c *check) narrow(ctx context.Context, t Target) (Target, error) {
	mx := func(name string) dnsq.Status { return c.questions.Query(ctx, name, dns.TypeMX).Status }
	none := func(s dnsq.Status) bool { return s == dnsq.NoData || s == dnsq.NXDomain }
	switch {
	case t.Suffix:
		if none(mx(t.Domain)) {
			return t, &InputError{Input: t.Domain, Why: lang.Text{
				NL: "Dat is een uitgang waaronder anderen een domein hebben, geen domein.",
				EN: "That is an ending under which others have their domains, not a domain.",
			}}
		}
	case t.Host != "":
		if s := mx(t.Host); none(s) || t.URL && s != dnsq.Found {
			return t, nil
		}
		t = t.itself()
	}
	return t, nil
}

// itself is the host name of t as a domain of its own.
func (t Target) itself() Target {
	t.Domain, t.Host = t.Host, ""
	t.Unicode = Unicode(t.Domain)
	return t
}

// Unicode is a domain for people, with U-labels where it has A-labels.
func Unicode(domain string) string {
	if u, err := idna.Display.ToUnicode(domain); err == nil {
		return u
	}
	return domain
}
