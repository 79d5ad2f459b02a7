package dnstest_test

import (
	"context"
	"testing"

	"codeberg.org/miekg/dns"
	"codeberg.org/miekg/dns/dnsutil"

	"wolkwijs/domaincheck/dnsq/dnstest"
)

const zone = `
$ORIGIN example.nl.
@         300 SOA ns1 hostmaster 1 7200 3600 1209600 60
@         MX  10 mail
mail      A   192.0.2.1
a.b.empty TXT "below two empty non-terminals"
www       CNAME @
chain     CNAME www
out       CNAME host.example.org.
dangling  CNAME gone
*.wild    TXT "from the wildcard"
known.wild A  192.0.2.2
$ORIGIN example.org.
@         SOA ns1 hostmaster 1 7200 3600 1209600 60
host      A   192.0.2.9
`

func ask(t *testing.T, s *dnstest.Server, network, name string, rrtype uint16, change ...func(*dns.Msg)) *dns.Msg {
	t.Helper()
	q := dns.NewMsg(name, rrtype)
	q.ID = dns.ID()
	q.RecursionDesired, q.UDPSize = true, 1232
	for _, c := range change {
		c(q)
	}
	m, _, err := dns.NewClient().Exchange(context.Background(), q, network, s.Addr())
	if err != nil {
		t.Fatalf("%s %s over %s: %v", name, dnsutil.TypeToString(rrtype), network, err)
	}
	return m
}

func TestServerAnswersAsAResolver(t *testing.T) {
	s := dnstest.New(t, zone)
	for _, tt := range []struct {
		name    string
		rrtype  uint16
		rcode   uint16
		answers int
		why     string
	}{
		{"example.nl.", dns.TypeMX, dns.RcodeSuccess, 1, "the RRset"},
		{"EXAMPLE.nl.", dns.TypeMX, dns.RcodeSuccess, 1, "names are equal whatever the case"},
		{"example.nl.", dns.TypeTXT, dns.RcodeSuccess, 0, "NODATA"},
		{"nope.example.nl.", dns.TypeTXT, dns.RcodeNameError, 0, "NXDOMAIN"},
		{"empty.example.nl.", dns.TypeTXT, dns.RcodeSuccess, 0, "an empty non-terminal exists"},
		{"b.empty.example.nl.", dns.TypeTXT, dns.RcodeSuccess, 0, "so does the one below"},
		{"chain.example.nl.", dns.TypeMX, dns.RcodeSuccess, 3, "two CNAMEs and the MX"},
		{"out.example.nl.", dns.TypeA, dns.RcodeSuccess, 2, "a CNAME into another zone"},
		{"dangling.example.nl.", dns.TypeA, dns.RcodeNameError, 1, "a CNAME to nothing (RFC 6604)"},
		{"x.wild.example.nl.", dns.TypeTXT, dns.RcodeSuccess, 1, "the wildcard"},
		{"x.y.wild.example.nl.", dns.TypeTXT, dns.RcodeSuccess, 1, "the wildcard, two labels deep"},
		{"x.wild.example.nl.", dns.TypeA, dns.RcodeSuccess, 0, "the wildcard has no A"},
		{"known.wild.example.nl.", dns.TypeTXT, dns.RcodeSuccess, 0, "a wildcard is not for names that exist"},
		{"x.known.wild.example.nl.", dns.TypeTXT, dns.RcodeNameError, 0, "nor for names below those"},
		{"example.com.", dns.TypeA, dns.RcodeNameError, 0, "a zone it does not have"},
	} {
		for _, network := range []string{"udp", "tcp"} {
			m := ask(t, s, network, tt.name, tt.rrtype)
			if m.Rcode != tt.rcode || len(m.Answer) != tt.answers {
				t.Errorf("%s %s over %s: %s with %d answers, want %s with %d: %s", tt.name, dnsutil.TypeToString(tt.rrtype), network,
					dnsutil.RcodeToString(m.Rcode), len(m.Answer), dnsutil.RcodeToString(tt.rcode), tt.answers, tt.why)
			}
		}
	}
	if n := s.Count("example.nl", dns.TypeMX); n != 4 {
		t.Errorf("counted %d queries for example.nl MX, want 4", n)
	}
}

func TestServerMisbehaves(t *testing.T) {
	s := dnstest.New(t, zone,
		dnstest.ServFail("mail.example.nl", dns.TypeA),
		dnstest.Refused(dnstest.Any, dns.TypeCAA),
		dnstest.Truncate("example.nl", dns.TypeMX),
		dnstest.EDE("example.nl", dns.TypeTXT, dns.ExtendedErrorOther, "hello"),
		dnstest.Secure("example.org"),
		dnstest.Bogus("wild.example.nl", dns.ExtendedErrorSignatureExpired, "expired"))
	do := func(m *dns.Msg) { m.AuthenticatedData = true }
	cd := func(m *dns.Msg) { m.CheckingDisabled = true }

	if m := ask(t, s, "udp", "mail.example.nl.", dns.TypeA); m.Rcode != dns.RcodeServerFailure {
		t.Errorf("ServFail: got %s", dnsutil.RcodeToString(m.Rcode))
	}
	if m := ask(t, s, "udp", "whatever.example.nl.", dns.TypeCAA); m.Rcode != dns.RcodeRefused {
		t.Errorf("Refused: got %s", dnsutil.RcodeToString(m.Rcode))
	}
	if m := ask(t, s, "udp", "example.nl.", dns.TypeMX); !m.Truncated || len(m.Answer) != 0 {
		t.Errorf("Truncate: over UDP TC is %v with %d answers", m.Truncated, len(m.Answer))
	}
	if m := ask(t, s, "tcp", "example.nl.", dns.TypeMX); m.Truncated || len(m.Answer) != 1 {
		t.Errorf("Truncate: over TCP TC is %v with %d answers", m.Truncated, len(m.Answer))
	}
	if m := ask(t, s, "udp", "example.nl.", dns.TypeTXT); len(m.Pseudo) != 1 {
		t.Errorf("EDE: got %v", m.Pseudo)
	}
	if m := ask(t, s, "udp", "host.example.org.", dns.TypeA, do); !m.AuthenticatedData {
		t.Error("Secure: no AD bit in a secure zone")
	}
	if m := ask(t, s, "udp", "out.example.nl.", dns.TypeA, do); m.AuthenticatedData {
		t.Error("Secure: AD bit though the CNAME is in another zone")
	}
	if m := ask(t, s, "udp", "x.wild.example.nl.", dns.TypeTXT); m.Rcode != dns.RcodeServerFailure || len(m.Pseudo) != 1 {
		t.Errorf("Bogus: got %s, %v", dnsutil.RcodeToString(m.Rcode), m.Pseudo)
	}
	if m := ask(t, s, "udp", "x.wild.example.nl.", dns.TypeTXT, cd); len(m.Answer) != 1 {
		t.Error("Bogus: no data with checking disabled")
	}
}
