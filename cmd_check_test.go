package main

import (
	"encoding/json"
	"strings"
	"testing"

	"codeberg.org/miekg/dns"

	"wolkwijs/domaincheck"
	"wolkwijs/domaincheck/dnsq/dnstest"
)

// checkWorld is a small internet with one domain.
const checkWorld = `
$TTL 3600
. SOA a. b. 1 7200 3600 1209600 300
. NS a.
nl. SOA a. b. 1 7200 3600 1209600 300
club.nl. SOA a. b. 1 7200 3600 1209600 300
club.nl. NS ns1.club.nl.
ns1.club.nl. A 192.0.2.53
club.nl. MX 10 mail.club.nl.
mail.club.nl. A 192.0.2.25
club.nl. TXT "v=spf1 mx -all"
_dmarc.club.nl. TXT "v=DMARC1; p=reject; rua=mailto:dmarc@club.nl"
`

// offline are the flags that keep a check from asking others than the server.
func offline(srv *dnstest.Server, args ...string) []string {
	return append(args, "--resolver", srv.Addr(), "--asn", "off", "--no-mta-sts-policy")
}

func TestCheckCommand(t *testing.T) {
	srv := dnstest.New(t, checkWorld)
	code, out, errOut := call(t, "", offline(srv, "check", "https://www.club.nl/", "gone.nl")...)
	if code != exitFine || errOut != "" || !strings.HasPrefix(out, "club.nl: ") || !strings.Contains(out, "\ngone.nl: dit domein bestaat niet in DNS.") {
		t.Errorf("code %d, stdout %q, stderr %q", code, out, errOut)
	}
	if _, out, _ := call(t, "", offline(srv, "check", "--lang", "en", "gone.nl")...); !strings.Contains(out, "does not exist in DNS") {
		t.Errorf("stdout %q", out)
	}
}

func TestCheckJSON(t *testing.T) {
	srv := dnstest.New(t, checkWorld)
	code, out, errOut := call(t, "", offline(srv, "check", "--json", "club.nl", "gone.nl")...)
	if code != exitFine || errOut != "" {
		t.Errorf("code %d, stderr %q", code, errOut)
	}
	var domains []string
	for line := range strings.Lines(out) {
		var r domaincheck.Report
		if err := json.Unmarshal([]byte(line), &r); err != nil {
			t.Fatalf("%s: %v", line, err)
		}
		domains = append(domains, r.Domain)
		if r.Resolver != srv.Addr() || len(r.Findings) == 0 || r.Errors == nil || r.Advice == nil || r.Functions == nil {
			t.Errorf("%s", line)
		}
	}
	if strings.Join(domains, " ") != "club.nl gone.nl" {
		t.Errorf("domains %q", domains)
	}
}

// A look-up that failed is told in the report, which there is.
func TestCheckOfPartIsNoFailure(t *testing.T) {
	srv := dnstest.New(t, checkWorld, dnstest.ServFail("club.nl.", dns.TypeCAA))
	for _, args := range [][]string{{"check", "club.nl"}, {"check", "--json", "club.nl"}, {"survey"}} {
		code, out, errOut := call(t, "club.nl\n", offline(srv, args...)...)
		if code != exitFine || args[0] == "survey" && !strings.Contains(out, `"partial":true`) {
			t.Errorf("%q: code %d, stdout %q, stderr %q", args, code, out, errOut)
		}
	}
}

func TestCheckFails(t *testing.T) {
	srv := dnstest.New(t, checkWorld)
	gone := offline(srv, "check", "club.nl")
	goneJSON := offline(srv, "check", "--json", "club.nl")
	srv.Stop()
	lost := dnstest.New(t, "nl. SOA a. b. 1 2 3 4 5", dnstest.Rcode(".", dns.TypeNS, dns.RcodeNameError))
	for _, args := range [][]string{{"check", "club.nl"}, {"check", "--json", "club.nl"}} {
		if code, out, errOut := call(t, "", offline(lost, args...)...); code != exitFailed || out == "" || errOut == "" {
			t.Errorf("%q of a resolver that is cut off: code %d, stdout %q, stderr %q", args, code, out, errOut)
		}
	}
	for _, tt := range []struct {
		name   string
		args   []string
		code   int
		errOut string
	}{
		{"no resolver", gone, exitFailed, "not everything could be checked"},
		{"no resolver, JSON", goneJSON, exitFailed, "club.nl: the DNS resolver does not answer"},
		{"no domain", []string{"check", "club nl"}, exitWrong, "Bedoel je club.nl?"},
		{"no domain in English", []string{"check", "--lang", "en", "192.0.2.1"}, exitWrong, "That is an IP address"},
		{"nothing", []string{"check"}, exitWrong, "<domain>"},
	} {
		if code, out, errOut := call(t, "", tt.args...); code != tt.code || !strings.Contains(errOut, tt.errOut) || strings.Contains(out, "{") {
			t.Errorf("%s: code %d, stdout %q, stderr %q", tt.name, code, out, errOut)
		}
	}
}
