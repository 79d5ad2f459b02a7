package realtest_test

import (
	"context"
	"slices"
	"strings"
	"testing"

	"wolkwijs/domaincheck"
	"wolkwijs/domaincheck/dnsq/realtest"
	"wolkwijs/domaincheck/holder"
)

// maxQueries is how many queries a check of a domain without failures may take.
const maxQueries = 60

// checks runs whole checks: whichever way is asked, a domain gets the finding
// about DNSSEC that it deserves, and what could not be looked up is unknown.
func checks(t *testing.T, w *realtest.World) {
	for _, tt := range []struct {
		domain  string
		finding string // about DNSSEC
		kinds   string // of all errors, sorted
	}{
		{"example.nl", "dnssec-ok pass", ""},
		{"nsec3.nl", "dnssec-weak info", ""},
		{"unsigned.nl", "dnssec-missing warn", ""},
		{"island.nl", "dnssec-missing warn", ""},
		{"algorithm.nl", "dnssec-weak warn", ""},
		{"broken.nl", "dnssec-bogus fail", "bogus"},
		{"expired.nl", "dnssec-bogus fail", "bogus"},
		{"dsmismatch.nl", "dnssec-bogus fail", "bogus"},
		{"lame.nl", "dnssec-unknown unknown", "servfail"},
		{"refused.nl", "dnssec-unknown unknown", "refused"},
	} {
		for way, config := range ways(w) {
			r := newResolver(t, config)
			c := domaincheck.New(r, func() *holder.Table { return nil })
			c.Networks, c.Policies = nil, nil
			report, err := c.Check(context.Background(), tt.domain)
			if err != nil {
				t.Errorf("%s, %s: %v", tt.domain, way, err)
				continue
			}
			var findings, kinds []string
			for _, f := range report.Findings {
				if strings.HasPrefix(f.ID, "dnssec") {
					findings = append(findings, f.ID+" "+string(f.Status))
				}
				if tt.kinds != "" && (f.Status == domaincheck.Fail && f.ID != "dnssec-bogus" || strings.HasSuffix(f.ID, "-missing")) {
					t.Errorf("%s, %s: %s is %s, though it could not be looked up", tt.domain, way, f.ID, f.Status)
				}
			}
			for _, e := range report.Errors {
				kinds = append(kinds, e.Kind)
			}
			slices.Sort(kinds)
			kinds = slices.Compact(kinds)
			// Once nothing about the domain itself can be had, the rest is not
			// waited for.
			if i := slices.Index(kinds, "timeout"); i >= 0 && tt.kinds != "" {
				kinds = slices.Delete(kinds, i, i+1)
			}
			if got := strings.Join(kinds, " "); got != tt.kinds {
				t.Errorf("%s, %s: errors of kind %q, want %q: %+v", tt.domain, way, got, tt.kinds, report.Errors)
			}
			if !slices.Contains(findings, tt.finding) {
				t.Errorf("%s, %s: findings %q, want %q", tt.domain, way, findings, tt.finding)
			}
			if tt.kinds == "" && report.Queries > maxQueries {
				t.Errorf("%s, %s: %d queries", tt.domain, way, report.Queries)
			}
		}
	}
}
