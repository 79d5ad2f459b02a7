package dnstest

import (
	"crypto/tls"
	"maps"
	"net"
	"slices"
	"strings"
	"time"

	"codeberg.org/miekg/dns"
)

// Any stands for every name in an option that takes a name.
const Any = "*"

// Option changes how a server behaves. Options that take a name and a type
// hold for that question alone; the name [Any] stands for every name and the
// type dns.TypeANY for every type.
type Option func(*knobs)

type knobs struct {
	rules      []rule
	secure     []string
	bogus      map[string]*dns.EDE
	validating bool
	authority  bool
	noFollow   bool
	dropNth    []int
	dropAsked  []int
	tls        func(net.Conn) net.Conn
	came, left func(Question)
	forward    string
	change     func(Question, *dns.Msg)
}

type rule struct {
	key
	change func(*action)
}

// action is what happens to one query.
type action struct {
	rcode    uint16
	drop     bool
	truncate bool
	delay    time.Duration
	ede      []*dns.EDE
	raw      func(query []byte) []byte
}

func (k *knobs) clone() knobs {
	c := *k
	c.secure, c.bogus = slices.Clone(k.secure), maps.Clone(k.bogus)
	return c
}

// action applies all rules that fit the question, in the order given. nth
// counts queries, asked counts distinct questions, both from 1.
func (k *knobs) action(q key, network string, nth, asked int) action {
	var a action
	for _, r := range k.rules {
		if (r.name == Any || r.name == q.name) && (r.rrtype == dns.TypeANY || r.rrtype == q.rrtype) {
			r.change(&a)
		}
	}
	if network == "tcp" {
		a.truncate = false
	}
	if slices.Contains(k.dropNth, nth) || slices.Contains(k.dropAsked, asked) {
		a.drop = true
	}
	return a
}

// authentic says whether the answer gets the AD bit: the asker wants it, and
// every name of the answer is in a zone said to be secure.
func (k *knobs) authentic(q, r *dns.Msg, question key) bool {
	if !k.validating || !(q.AuthenticatedData || q.Security) || q.CheckingDisabled {
		return false
	}
	if question.name == "." {
		return true
	}
	for _, rr := range r.Answer {
		if !k.isSecure(canonical(rr.Header().Name)) {
			return false
		}
	}
	for _, rr := range r.Ns {
		if !k.isSecure(canonical(rr.Header().Name)) {
			return false
		}
	}
	return k.isSecure(question.name)
}

func (k *knobs) isSecure(name string) bool {
	return slices.ContainsFunc(k.secure, func(zone string) bool { return isBelow(zone, name) })
}

// bogusZone returns the zone said to be bogus that name is in, or "".
func bogusZone(name string, k knobs) string {
	if !k.validating {
		return ""
	}
	for zone := range k.bogus {
		if isBelow(zone, name) {
			return zone
		}
	}
	return ""
}

// isBelow says whether name is zone or a name below it.
func isBelow(zone, name string) bool {
	return zone == "." || name == zone || strings.HasSuffix(name, "."+zone)
}

func on(name string, rrtype uint16, change func(*action)) Option {
	if name != Any {
		name = canonical(name)
	}
	return func(k *knobs) { k.rules = append(k.rules, rule{key{name, rrtype}, change}) }
}

// ServFail answers SERVFAIL.
func ServFail(name string, rrtype uint16) Option {
	return Rcode(name, rrtype, dns.RcodeServerFailure)
}

// Refused answers REFUSED.
func Refused(name string, rrtype uint16) Option {
	return Rcode(name, rrtype, dns.RcodeRefused)
}

// Rcode answers with an empty message of the given response code.
func Rcode(name string, rrtype, rcode uint16) Option {
	return on(name, rrtype, func(a *action) { a.rcode = rcode })
}

// Drop answers nothing.
func Drop(name string, rrtype uint16) Option {
	return on(name, rrtype, func(a *action) { a.drop = true })
}

// Delay answers only after d.
func Delay(name string, rrtype uint16, d time.Duration) Option {
	return on(name, rrtype, func(a *action) { a.delay = d })
}

// Truncate answers over UDP with the TC bit and no records.
func Truncate(name string, rrtype uint16) Option {
	return on(name, rrtype, func(a *action) { a.truncate = true })
}

// EDE adds an Extended DNS Error (RFC 8914) to the answer.
func EDE(name string, rrtype, code uint16, text string) Option {
	e := &dns.EDE{InfoCode: code, ExtraText: text}
	return on(name, rrtype, func(a *action) { a.ede = append(a.ede, e) })
}

// Raw sends what reply makes of the query, byte for byte; nil sends nothing.
// Over TCP the length prefix is added.
func Raw(name string, rrtype uint16, reply func(query []byte) []byte) Option {
	return on(name, rrtype, func(a *action) { a.raw = reply })
}

// Secure gives the AD bit to answers at and below each zone.
func Secure(zone ...string) Option {
	return func(k *knobs) {
		for _, z := range zone {
			k.secure = append(k.secure, canonical(z))
		}
	}
}

// Bogus answers SERVFAIL with an Extended DNS Error at and below zone, except
// to those who ask with checking disabled, as a validating resolver does.
func Bogus(zone string, code uint16, text string) Option {
	return func(k *knobs) {
		if k.bogus == nil {
			k.bogus = make(map[string]*dns.EDE)
		}
		k.bogus[canonical(zone)] = &dns.EDE{InfoCode: code, ExtraText: text}
	}
}

// NotValidating makes the server a resolver that does not validate: no AD
// bit, and no SERVFAIL for what is bogus.
func NotValidating() Option {
	return func(k *knobs) { k.validating = false }
}

// Authoritative makes the server say that it is the authority for its zones
// and no resolver.
func Authoritative() Option {
	return func(k *knobs) { k.authority = true }
}

// LeaveCNAMEs makes the server answer with the first CNAME alone and no SOA,
// as forwarders do that leave the rest to the asker.
func LeaveCNAMEs() Option {
	return func(k *knobs) { k.noFollow = true }
}

// NotOnce answers the first query for the question with a response code and
// an Extended DNS Error, and those after it well.
func NotOnce(name string, rrtype, rcode, ede uint16) Option {
	first := true // under the server's lock
	return on(name, rrtype, func(a *action) {
		if first {
			first = false
			a.rcode = rcode
			a.ede = append(a.ede, &dns.EDE{InfoCode: ede})
		}
	})
}

// DropNth drops the n-th query, counted from 1 since the start or the last
// Reset, repeated queries included.
func DropNth(n int) Option {
	return func(k *knobs) { k.dropNth = append(k.dropNth, n) }
}

// DropQuestion drops every query for the n-th distinct question, counted from
// 1, so that a retry does not help.
func DropQuestion(n int) Option {
	return func(k *knobs) { k.dropAsked = append(k.dropAsked, n) }
}

// Hook calls came when a query has come, and left just before its reply goes
// out, for tests of how much is under way. Both may be called concurrently.
func Hook(came, left func(Question)) Option {
	return func(k *knobs) { k.came, k.left = came, left }
}

// Forward makes the server ask a real one at addr for every answer. Options
// about names hold as before.
func Forward(addr string) Option {
	return func(k *knobs) { k.forward = addr }
}

// Change lets change edit every reply before it goes out, as somebody on the
// way could. It may be called concurrently.
func Change(change func(Question, *dns.Msg)) Option {
	return func(k *knobs) { k.change = change }
}

// TLS makes the server speak DNS over TLS (RFC 7858) on its TCP port.
func TLS(config *tls.Config) Option {
	return func(k *knobs) { k.tls = func(c net.Conn) net.Conn { return tls.Server(c, config) } }
}

// Behave forgets all options given so far.
func Behave() Option {
	return func(k *knobs) { *k = knobs{validating: true, tls: k.tls} }
}
