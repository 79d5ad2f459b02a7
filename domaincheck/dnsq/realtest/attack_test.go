package realtest_test

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"codeberg.org/miekg/dns"
	"codeberg.org/miekg/dns/dnsutil"

	"wolkwijs/domaincheck/dnsq"
	"wolkwijs/domaincheck/dnsq/dnstest"
	"wolkwijs/domaincheck/dnsq/realtest"
)

// signedQuestions have an answer, or a "no", that DNSSEC proves.
var signedQuestions = []struct {
	name   string
	rrtype uint16
}{
	{"example.nl", dns.TypeMX},
	{"example.nl", dns.TypeCAA},
	{"nope.example.nl", dns.TypeA},
	{"x.wild.example.nl", dns.TypeA},
	{"alias.example.nl", dns.TypeA},
	{"nsec3.nl", dns.TypeMX},
	{"nsec3.nl", dns.TypeCAA},
	{"nope.nsec3.nl", dns.TypeA},
	{"x.wild.nsec3.nl", dns.TypeA},
}

// relay is a server that stands between us and a resolver that does not
// validate, as an attacker may.
type relay struct {
	*dnstest.Server
	w *realtest.World
}

// newRelay returns a relay with the answers in the resolver's cache, so that
// a try can be short.
func newRelay(t *testing.T, w *realtest.World) *relay {
	r := &relay{dnstest.New(t, "", dnstest.Forward(w.NotValidating)), w}
	res := newResolver(t, dnsq.Config{Resolver: r.Addr(), TrustAnchorFile: w.AnchorFile, BogusName: realtest.BogusName})
	for _, q := range signedQuestions {
		if a := res.Query(context.Background(), q.name, q.rrtype); a.Security != dnsq.Secure {
			t.Fatalf("%s: without an attack it is %v, %v", q.name, a.Security, a.Problem)
		}
	}
	res.Query(context.Background(), "unsigned.nl", dns.TypeMX)
	return r
}

const patient = 5 * time.Second

// ask asks one question through the relay, with an empty cache; each try may
// take so long.
func (r *relay) ask(t *testing.T, try time.Duration, name string, rrtype uint16, opts ...dnstest.Option) dnsq.Answer {
	t.Helper()
	r.Apply(dnstest.Behave(), dnstest.Forward(r.w.NotValidating))
	r.Apply(opts...)
	r.Reset()
	res, err := dnsq.New(dnsq.Config{Resolver: r.Addr(), TrustAnchorFile: r.w.AnchorFile, BogusName: realtest.BogusName, TryTimeout: try})
	if err != nil {
		t.Fatal(err)
	}
	defer res.Close()
	return res.Query(context.Background(), name, rrtype)
}

// data returns an answer as text, to compare.
func data(a dnsq.Answer) string {
	var all []string
	for _, rr := range a.Records {
		all = append(all, rr.Header().Name+" "+rr.Data().String())
	}
	slices.Sort(all)
	return fmt.Sprint(a.Status, a.CNAMEs, all)
}

// unharmed reports an answer that an attacker has changed with success: other
// data that count as secure, or secure data that count as unsigned.
func unharmed(t *testing.T, attack string, want string, a dnsq.Answer) {
	t.Helper()
	if a.Security == dnsq.Insecure || a.Security == dnsq.Secure && data(a) != want {
		t.Errorf("%s: %s %s is security %v, %s; the truth is secure, %s", attack, a.Name, dnsutil.TypeToString(a.Type), a.Security, data(a), want)
	}
}

// edits are what an attacker may do to a record.
var edits = map[string]func(section []dns.RR, i int) []dns.RR{
	"removed": func(section []dns.RR, i int) []dns.RR { return slices.Delete(slices.Clone(section), i, i+1) },
	"renamed": func(section []dns.RR, i int) []dns.RR {
		section = slices.Clone(section)
		section[i] = section[i].Clone()
		section[i].Header().Name = "other." + strings.TrimPrefix(section[i].Header().Name, ".")
		return section
	},
	"altered": func(section []dns.RR, i int) []dns.RR {
		section = slices.Clone(section)
		section[i] = section[i].Clone()
		switch rr := section[i].(type) {
		case *dns.A:
			rr.Addr = rr.Addr.Next()
		case *dns.MX:
			rr.Mx = "evil.example."
		case *dns.CNAME:
			rr.Target = "www.unsigned.nl."
		case *dns.DS:
			rr.KeyTag++
		case *dns.DNSKEY:
			rr.Flags ^= dns.FlagREVOKE
			rr.Tag = 0
		case *dns.RRSIG:
			rr.Expiration += 86400
		case *dns.NSEC:
			rr.NextDomain = "zzz." + rr.NextDomain
		case *dns.NSEC3:
			rr.Flags ^= 1
		case *dns.SOA:
			rr.Minttl++
		}
		return section
	},
}

// attackerOnTheWay edits each record of each reply in turn, in each way
// above.
func attackerOnTheWay(t *testing.T, w *realtest.World) {
	r := newRelay(t, w)
	for _, q := range signedQuestions {
		honest, replies := r.listen(t, q.name, q.rrtype)
		if honest.Security != dnsq.Secure {
			t.Fatalf("%s: without an attack it is %v, %v", q.name, honest.Security, honest.Problem)
		}
		want := data(honest)
		for reply, sections := range replies {
			for s, records := range sections {
				for i := range records {
					for how, edit := range edits {
						a := r.ask(t, patient, q.name, q.rrtype, dnstest.Change(func(came dnstest.Question, m *dns.Msg) {
							section := []*[]dns.RR{&m.Answer, &m.Ns}[s]
							if came.String() == reply && i < len(*section) {
								*section = edit(*section, i)
							}
						}))
						unharmed(t, fmt.Sprintf("record %d of section %d in the reply to %s %s", i, s, reply, how), want, a)
					}
				}
			}
		}
	}
}

// listen asks without attacking, and returns the answer and the replies on
// the way: by question, the number of records in each section.
func (r *relay) listen(t *testing.T, name string, rrtype uint16) (dnsq.Answer, map[string][2][]dns.RR) {
	var mu sync.Mutex
	replies := map[string][2][]dns.RR{}
	a := r.ask(t, patient, name, rrtype, dnstest.Change(func(came dnstest.Question, m *dns.Msg) {
		mu.Lock()
		defer mu.Unlock()
		if came.DO {
			replies[came.String()] = [2][]dns.RR{m.Answer, m.Ns}
		}
	}))
	mu.Lock()
	defer mu.Unlock()
	return a, maps.Clone(replies) // a reply may yet come that nobody waits for any more
}

// cruderAttacks change all replies at once.
func cruderAttacks(t *testing.T, w *realtest.World) {
	r := newRelay(t, w)
	_, denials := r.listen(t, "unsigned.nl", dns.TypeDS)
	openDenial := denials["unsigned.nl. DS"][1]
	strip := func(section []dns.RR, types ...uint16) []dns.RR {
		return slices.DeleteFunc(slices.Clone(section), func(rr dns.RR) bool { return slices.Contains(types, dns.RRToType(rr)) })
	}
	attacks := map[string]func(dnstest.Question, *dns.Msg){
		"no signatures": func(_ dnstest.Question, m *dns.Msg) {
			m.Answer, m.Ns = strip(m.Answer, dns.TypeRRSIG), strip(m.Ns, dns.TypeRRSIG)
		},
		"no signatures but over keys": func(q dnstest.Question, m *dns.Msg) {
			if q.Type != dns.TypeDNSKEY && q.Type != dns.TypeDS {
				m.Answer, m.Ns = strip(m.Answer, dns.TypeRRSIG), strip(m.Ns, dns.TypeRRSIG)
			}
		},
		"no DNSSEC at all": func(_ dnstest.Question, m *dns.Msg) {
			all := []uint16{dns.TypeRRSIG, dns.TypeNSEC, dns.TypeNSEC3, dns.TypeDNSKEY, dns.TypeDS}
			m.Answer, m.Ns = strip(m.Answer, all...), strip(m.Ns, all...)
		},
		"no DS for the domain": func(q dnstest.Question, m *dns.Msg) {
			if q.Type == dns.TypeDS && q.Name != "nl." {
				m.Answer, m.Ns = nil, nil
			}
		},
		"no DS, with the proof of another domain": func(q dnstest.Question, m *dns.Msg) {
			if q.Type == dns.TypeDS && q.Name != "nl." {
				m.Answer, m.Ns = nil, openDenial
			}
		},
		"an AD bit": func(_ dnstest.Question, m *dns.Msg) {
			m.AuthenticatedData = true
			m.Answer, m.Ns = strip(m.Answer, dns.TypeRRSIG), strip(m.Ns, dns.TypeRRSIG)
		},
		"no such name": func(q dnstest.Question, m *dns.Msg) {
			if q.Type != dns.TypeDNSKEY && q.Type != dns.TypeDS {
				m.Rcode, m.Answer = dns.RcodeNameError, nil
			}
		},
		"no such record": func(q dnstest.Question, m *dns.Msg) {
			if q.Type != dns.TypeDNSKEY && q.Type != dns.TypeDS {
				m.Rcode, m.Answer = dns.RcodeSuccess, nil
			}
		},
		"SERVFAIL for keys": func(q dnstest.Question, m *dns.Msg) {
			if q.Type == dns.TypeDNSKEY {
				m.Rcode, m.Answer, m.Ns = dns.RcodeServerFailure, nil, nil
			}
		},
	}
	for _, q := range signedQuestions {
		honest := r.ask(t, patient, q.name, q.rrtype)
		for name, change := range attacks {
			unharmed(t, name, data(honest), r.ask(t, patient, q.name, q.rrtype, dnstest.Change(change)))
		}
	}
}

// lostAnswers drops each question of a look-up in turn,
// for good: what it comes to is the truth or a failure, never something else.
func lostAnswers(t *testing.T, w *realtest.World) {
	r := newRelay(t, w)
	for _, q := range append(signedQuestions, struct {
		name   string
		rrtype uint16
	}{"unsigned.nl", dns.TypeMX}) {
		want := r.ask(t, patient, q.name, q.rrtype)
		for n := 1; ; n++ {
			a := r.ask(t, 30*time.Millisecond, q.name, q.rrtype, dnstest.DropQuestion(n))
			if a.Status != dnsq.Failed && (data(a) != data(want) || a.Security != want.Security && a.Security != dnsq.Indeterminate) {
				t.Errorf("%s without question %d: security %v, %s; want %v, %s", q.name, n, a.Security, data(a), want.Security, data(want))
			}
			if a.Status == dnsq.Failed && a.Failure.Kind != dnsq.Timeout {
				t.Errorf("%s without question %d: %+v", q.name, n, a.Failure)
			}
			if n > r.Distinct() {
				break
			}
		}
	}
}
