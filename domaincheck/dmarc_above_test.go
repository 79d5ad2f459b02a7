package domaincheck_test

import "testing"

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
