package domaincheck_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"

	"codeberg.org/miekg/dns"

	"wolkwijs/domaincheck"
	"wolkwijs/domaincheck/dnsq"
	"wolkwijs/domaincheck/dnsq/dnstest"
)

// lossy are the questions of a check of which some fail.
type lossy struct {
	domaincheck.Questions
	lose func(nth int, question string) dnsq.FailureKind // "" answers

	mu     sync.Mutex
	asked  []string // in order, each once
	lost   map[string]dnsq.Answer
	failed []dnsq.Answer
}

func (l *lossy) Query(ctx context.Context, name string, rrtype uint16) dnsq.Answer {
	key := strings.TrimSuffix(name, ".") + " " + dns.TypeToString[rrtype]
	if strings.HasPrefix(key, "wk-") { // a name that nobody made differs each time
		_, rest, _ := strings.Cut(key, ".")
		key = "wk." + rest
	}
	if a, lost := l.answer(key, name, rrtype); lost {
		return a
	}
	return l.Questions.Query(ctx, name, rrtype)
}

// answer says whether a question is lost, the same each time it is asked.
func (l *lossy) answer(key, name string, rrtype uint16) (a dnsq.Answer, lost bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if slices.Contains(l.asked, key) {
		a, lost = l.lost[key]
		return a, lost
	}
	l.asked = append(l.asked, key)
	kind := l.lose(len(l.asked), key)
	if kind == "" {
		return a, false
	}
	a = dnsq.Answer{Name: name, Type: rrtype, Status: dnsq.Failed, Failure: &dnsq.Failure{Kind: kind, Detail: "lost"}}
	l.lost[key] = a
	l.failed = append(l.failed, a)
	return a, true
}

func (l *lossy) Failures() []dnsq.Answer {
	l.mu.Lock()
	defer l.mu.Unlock()
	return append(l.Questions.Failures(), l.failed...)
}

// loser makes the questions of a checker get lost.
type loser struct {
	questions func() domaincheck.Questions
	lose      func(nth int, question string) dnsq.FailureKind
	last      *lossy // the questions of the last check
}

// losing makes c lose what the loser says; at first it loses nothing.
func losing(c *domaincheck.Checker) *loser {
	l := &loser{questions: c.Questions, lose: func(int, string) dnsq.FailureKind { return "" }}
	c.Questions = func() domaincheck.Questions {
		l.last = &lossy{Questions: l.questions(), lose: l.lose, lost: map[string]dnsq.Answer{}}
		return l.last
	}
	return l
}

// claims are the findings that say that something is wrong or not there.
func claims(r *domaincheck.Report) map[string]bool {
	all := map[string]bool{}
	for _, f := range r.Findings {
		if f.Status == domaincheck.Fail || strings.HasSuffix(f.ID, "-missing") || f.ID == "domain-not-found" {
			all[f.ID] = true
		}
	}
	return all
}

// TestALostAnswerIsNeverAMissingRecord loses each question in turn, with each
// kind of failure: nothing may be said to be missing or broken that was not so
// before, and the failure must be told.
func TestALostAnswerIsNeverAMissingRecord(t *testing.T) {
	for _, zone := range []struct{ name, text string }{
		{"sound", around + sound},
		{"partly", change("- _dmarc TXT\n_dmarc TXT \"v=DMARC1; p=none; rua=mailto:a@reports.example\"\n@ MX 30 mx3\nmx3 A 192.0.2.26\n- @ CAA\n")},
		{"no mail", change(noMail + "@ TXT \"v=spf1 -all\"")},
	} {
		t.Run(zone.name, func(t *testing.T) {
			c, _ := newChecker(t, zone.text, secure)
			l := losing(c)
			before := claims(report(t, c))
			seen := map[string]bool{}
			for _, q := range l.last.asked {
				seen[q] = true
			}
			for q := range seen {
				for _, kind := range []dnsq.FailureKind{dnsq.Timeout, dnsq.ServFail, dnsq.Refused} {
					l.lose = func(_ int, asked string) dnsq.FailureKind {
						if asked == q {
							return kind
						}
						return ""
					}
					r := report(t, c)
					for id := range claims(r) {
						if !before[id] {
							t.Errorf("%s is %s: claims %s", q, kind, id)
						}
					}
					if len(r.Errors) == 0 || !r.Partial {
						t.Errorf("%s is %s: not told", q, kind)
					}
				}
			}
		})
	}
}

// TestAResolverThatDiesMidway loses all questions after the first n.
func TestAResolverThatDiesMidway(t *testing.T) {
	c, _ := newChecker(t, around+sound, secure)
	l := losing(c)
	report(t, c)
	total := len(l.last.asked)
	for n := range total {
		l.lose = func(nth int, _ string) dnsq.FailureKind {
			if nth > n {
				return dnsq.Timeout
			}
			return ""
		}
		r, err := c.Check(context.Background(), "example.nl")
		if errors.Is(err, domaincheck.ErrResolver) && n < total-1 {
			continue // nothing about the domain itself was answered: it says so
		}
		if err != nil {
			t.Fatalf("after %d of %d: %v", n, total, err)
		}
		for id := range claims(r) {
			t.Errorf("after %d questions: claims %s", n, id)
		}
		if len(r.Errors) == 0 {
			t.Errorf("after %d questions: not told", n)
		}
	}
}

func TestNothingAnswers(t *testing.T) {
	c, _ := newChecker(t, around+sound)
	losing(c).lose = func(_ int, q string) dnsq.FailureKind {
		if name, _, _ := strings.Cut(q, " "); strings.HasSuffix(name, "example.nl") {
			return dnsq.ServFail
		}
		return ""
	}
	r := report(t, c)
	for _, f := range r.Findings {
		if f.Status == domaincheck.Fail || f.Status == domaincheck.Pass || strings.HasSuffix(f.ID, "-missing") {
			t.Errorf("%s: %s", f.ID, f.Status)
		}
	}
	for _, id := range []string{"mx-unknown", "spf-unknown", "dmarc-unknown", "dnssec-unknown", "caa-unknown"} {
		if len(find(r, id)) == 0 {
			t.Errorf("no %s", id)
		}
	}
	if len(r.Advice) > 0 {
		t.Errorf("advice %v on what was not seen", r.Advice)
	}
}

func TestResolverThatIsNotThere(t *testing.T) {
	srv := dnstest.New(t, around)
	c := checkerOf(t, srv)
	srv.Stop()
	if r, err := c.Check(context.Background(), "example.nl"); !errors.Is(err, domaincheck.ErrResolver) {
		t.Errorf("%v, %v", r, err)
	}
}

func TestDomainNotFound(t *testing.T) {
	c, _ := newChecker(t, around)
	r := report(t, c)
	if len(r.Findings) != 1 || r.Findings[0].ID != "domain-not-found" || len(r.Functions) != 0 {
		t.Errorf("%+v", r)
	}
}

// TestAliasForNothing is a domain that exists, though what it is an alias for
// does not (RFC 6604, section 3).
func TestAliasForNothing(t *testing.T) {
	for _, zone := range []string{
		"example.nl. CNAME gone.example.",
		"example.nl. CNAME alias.example.\nalias.example. CNAME gone.example.",
	} {
		c, _ := newChecker(t, around+zone)
		r := report(t, c)
		if r.Facts.Existence() != domaincheck.Exists || len(find(r, "domain-not-found")) > 0 || len(find(r, "mx-missing")) == 0 {
			t.Errorf("%s: existence %d, %+v", zone, r.Facts.Existence(), r.Findings)
		}
	}
}

func TestMailDomainOfProvider(t *testing.T) {
	c, srv := newChecker(t, around+"postbus.example. MX 10 mx1.mail.example.", secure)
	r, err := c.Check(context.Background(), "someone@postbus.example")
	if err != nil || len(r.Findings) != 1 || r.Findings[0].ID != "mail-domain-of-provider" || r.Findings[0].Value != "Mailhouse" {
		t.Fatalf("%+v, %v", r, err)
	}
	if len(r.Functions) != 1 || r.Functions[0].Provider != "mailhouse" {
		t.Errorf("%+v", r.Functions)
	}
	if n := srv.Count("_dmarc.postbus.example", dns.TypeTXT); n != 0 {
		t.Errorf("a provider's domain was graded")
	}
}

func TestDNSSECStates(t *testing.T) {
	for _, tt := range []struct {
		name string
		opts []dnstest.Option
		want []string
	}{
		{"secure", []dnstest.Option{secure}, []string{"dnssec-ok", "dane-ok"}},
		{"insecure", []dnstest.Option{dnstest.Secure("example.")}, []string{"dnssec-missing", "dane-missing"}},
		{"bogus", []dnstest.Option{dnstest.Bogus("example.nl.", 6, "")}, []string{"dnssec-bogus"}},
		// What a resolver that does not validate says cannot be checked here
		// either: the chain up to the root is not there.
		{"indeterminate", []dnstest.Option{dnstest.NotValidating()}, []string{"dnssec-indeterminate", "dane-unknown"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			zone := around + sound
			if tt.name == "insecure" {
				zone = change("- @ DS")
			}
			c, _ := newChecker(t, zone, tt.opts...)
			r := report(t, c)
			for _, id := range tt.want {
				if len(find(r, id)) == 0 {
					t.Errorf("no %s", id)
				}
			}
		})
	}
}

// TestResolverCutOff says NXDOMAIN to everything, the root too.
func TestResolverCutOff(t *testing.T) {
	c, _ := newChecker(t, "nl. SOA a. b. 1 2 3 4 5", dnstest.Rcode(".", dns.TypeNS, dns.RcodeNameError))
	r := report(t, c)
	if !r.Facts.CutOff || len(find(r, "domain-not-found")) == 0 || !r.Partial {
		t.Errorf("%+v", r)
	}
	if text := find(r, "domain-not-found")[0].Text.EN; !strings.Contains(text, "cut off") {
		t.Error(text)
	}
}
