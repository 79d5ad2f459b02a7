package domaincheck_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"wolkwijs/domaincheck"
	"wolkwijs/domaincheck/dnsq"
	"wolkwijs/domaincheck/mtasts"
	"wolkwijs/lang"
)

// policies gives one policy, or an error.
type policies struct {
	text string
	err  error
}

func (p policies) Fetch(context.Context, dnsq.Client, string) (string, error) { return p.text, p.err }

func TestMTASTSPolicy(t *testing.T) {
	const good = "version: STSv1\nmode: enforce\nmx: *.mail.example\nmax_age: 604800\n"
	why := lang.Text{NL: "de webserver antwoordt met code 404", EN: "the web server answers with code 404"}
	for _, tt := range []struct {
		name   string
		p      policies
		zone   string // changes to the sound domain
		id     string
		status domaincheck.Status
	}{
		{"good", policies{text: good}, "", "mta-sts-ok", domaincheck.Pass},
		{"testing", policies{text: strings.Replace(good, "enforce", "testing", 1)}, "", "mta-sts-weak", domaincheck.Info},
		{"none", policies{text: "version: STSv1\nmode: none\nmax_age: 0\n"}, "", "mta-sts-weak", domaincheck.Info},
		{"short", policies{text: strings.Replace(good, "604800", "3600", 1)}, "", "mta-sts-weak", domaincheck.Warn},
		{"other exchange", policies{text: strings.Replace(good, "*.mail.example", "mx1.mail.example", 1)}, "", "mta-sts-invalid", domaincheck.Fail},
		{"alias", policies{text: good}, "@ MX 30 mail\nmail CNAME mx1.mail.example.", "mta-sts-invalid", domaincheck.Fail},
		{"alias in testing", policies{text: strings.Replace(good, "enforce", "testing", 1)}, "@ MX 30 mail\nmail CNAME mx1.mail.example.", "mta-sts-weak", domaincheck.Warn},
		{"exchange in none", policies{text: "version: STSv1\nmode: none\nmx: mx1.mail.example\nmax_age: 0\n"}, "", "mta-sts-weak", domaincheck.Info},
		{"other exchange in testing", policies{text: strings.NewReplacer("*.mail.example", "mx1.mail.example", "enforce", "testing").Replace(good)}, "", "mta-sts-weak", domaincheck.Warn},
		{"no such exchange", policies{text: good}, "@ MX 30 gone", "mta-sts-ok", domaincheck.Pass},
		{"broken", policies{text: "<html>"}, "", "mta-sts-invalid", domaincheck.Fail},
		{"not there", policies{err: &mtasts.FetchError{Why: why}}, "", "mta-sts-invalid", domaincheck.Fail},
		{"not reached", policies{err: &mtasts.FetchError{Why: why, Temporary: true}}, "", "mta-sts-unknown", domaincheck.Unknown},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c, _ := newChecker(t, change(tt.zone), secure)
			c.Policies = tt.p
			r := report(t, c)
			found := find(r, tt.id)
			if len(found) != 1 || found[0].Status != tt.status {
				t.Fatalf("%+v", found)
			}
			f := found[0]
			if r.Partial != (tt.status == domaincheck.Unknown) {
				t.Errorf("errors: %+v", r.Errors)
			}
			golden(t, "findings/mta-sts-policy--"+strings.ReplaceAll(tt.name, " ", "-")+".golden",
				fmt.Sprintf("%s %s\n%s\n-- nl --\n%s\n-- en --\n%s\n", f.ID, f.Status, f.Value, strings.TrimSpace(f.Text.NL+" "+f.Advice.NL), strings.TrimSpace(f.Text.EN+" "+f.Advice.EN)))
		})
	}
}
