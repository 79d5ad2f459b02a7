package domaincheck_test

import (
	"strings"
	"testing"
)

// TestReportsOfARecordAbove holds that a record of a name above is read as
// that name's: whom it sends reports to has to want them about that name.
func TestReportsOfARecordAbove(t *testing.T) {
	for _, tt := range []struct {
		name, zone string
		want       map[string]bool // the domains asked, and whether they want reports
	}{
		{"its own", `_dmarc TXT "v=DMARC1; p=reject; rua=mailto:a@example.nl,mailto:b@reports.example.nl,mailto:c@own.example.nl"`, map[string]bool{}},
		{"foreign and wanted", "_dmarc TXT \"v=DMARC1; p=reject; rua=mailto:a@reports.example\"\nexample.nl._report._dmarc.reports.example. TXT \"v=DMARC1\"",
			map[string]bool{"reports.example": true}},
		{"wanted about another name", "_dmarc TXT \"v=DMARC1; p=reject; rua=mailto:a@reports.example\"\nown.example.nl._report._dmarc.reports.example. TXT \"v=DMARC1\"",
			map[string]bool{"reports.example": false}},
		{"its own record", "_dmarc.own TXT \"v=DMARC1; p=reject; rua=mailto:a@example.nl,mailto:b@reports.example\"\nown.example.nl._report._dmarc.reports.example. TXT \"v=DMARC1\"",
			map[string]bool{"reports.example": true}},
		{"of a public suffix", "_dmarc.nl. TXT \"v=DMARC1; p=reject; psd=y; rua=mailto:a@example.nl,mailto:b@reports.example\"\nnl._report._dmarc.reports.example. TXT \"v=DMARC1\"",
			map[string]bool{"example.nl": false, "reports.example": true}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c, _ := newChecker(t, change("- _dmarc TXT\nown MX 10 mx1.mail.example.\n"+tt.zone), secure)
			r, err := c.Check(t.Context(), "own.example.nl")
			if err != nil || r.Domain != "own.example.nl" {
				t.Fatalf("%+v, %v", r, err)
			}
			got := map[string]bool{}
			for _, d := range r.Facts.Reports {
				got[d.Domain] = d.Authorised
			}
			if len(got) != len(tt.want) {
				t.Errorf("asked %v, want %v", got, tt.want)
			}
			for domain, wanted := range tt.want {
				if has, ok := got[domain]; !ok || has != wanted {
					t.Errorf("asked %v, want %v", got, tt.want)
				}
			}
			var told []string
			for _, f := range find(r, "dmarc-external-report") {
				told = append(told, f.Value)
			}
			for _, domain := range told {
				if wanted, ok := tt.want[domain]; !ok || wanted {
					t.Errorf("told of %v", told)
				}
			}
		})
	}
}

// TestPolicyOfARecordAbove holds that a name is judged by what a record above
// says of subdomains.
func TestPolicyOfARecordAbove(t *testing.T) {
	for _, tt := range []struct {
		record, id string
		text       string   // part of the English text
		not        []string // IDs that are not there
	}{
		{"p=reject", "dmarc-ok", "policy `reject`", []string{"dmarc-weak", "dmarc-none"}},
		{"p=none; sp=reject", "dmarc-ok", "policy `reject`", []string{"dmarc-weak", "dmarc-none"}},
		{"p=reject; sp=none", "dmarc-none", "domain above says `sp=none`", []string{"dmarc-weak", "dmarc-ok"}},
		{"p=reject; sp=none; t=y", "dmarc-none", "domain above says `sp=none`", []string{"dmarc-weak", "dmarc-ok"}},
		{"p=none", "dmarc-none", "DMARC says `p=none`", []string{"dmarc-weak", "dmarc-ok"}},
		{"p=none; sp=none", "dmarc-none", "DMARC says `p=none`", []string{"dmarc-weak", "dmarc-ok"}},
		{"p=none; sp=quarantine; t=y", "dmarc-weak", "on trial", []string{"dmarc-none", "dmarc-ok"}},
		{"p=reject; np=none", "dmarc-weak", "not its subdomains", []string{"dmarc-none", "dmarc-ok"}},
		{"p=reject; adkim=relaxed", "dmarc-invalid", "one of these", []string{"dmarc-missing", "dmarc-ok"}},
	} {
		t.Run(tt.record, func(t *testing.T) {
			c, _ := newChecker(t, change("- _dmarc TXT\nown MX 10 mx1.mail.example.\n_dmarc TXT \"v=DMARC1; rua=mailto:a@example.nl; "+tt.record+"\""), secure)
			r, err := c.Check(t.Context(), "own.example.nl")
			if err != nil {
				t.Fatal(err)
			}
			found := find(r, tt.id)
			if len(found) != 1 || !strings.Contains(found[0].Text.EN, tt.text) {
				t.Errorf("%s: %+v", tt.id, found)
			}
			for _, id := range tt.not {
				if also := find(r, id); len(also) > 0 {
					t.Errorf("also %s: %s", id, also[0].Text.EN)
				}
			}
		})
	}
}
