package domaincheck_test

import (
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"slices"
	"strings"
	"testing"

	"wolkwijs/domaincheck"
)

// recordCase is a record with the verdict that public test suites give it.
type recordCase struct {
	ID, Type, Record, Expected string
	Disputed                   bool
	Presentation               bool `json:"presentation_format"`
}

// recordCases are cases of our own, and those of shared data where that is at
// hand: it is not part of this repository.
func recordCases(t *testing.T) []recordCase {
	all := []recordCase{
		{"own-spf-1", "spf", "v=spf1 a:mail.example.nl ~all", "valid", false, false},
		{"own-spf-2", "spf", "v=spf1 a:mail.example.nl/33 ~all", "invalid", false, false},
		{"own-dmarc-1", "dmarc", "v=DMARC1; p=quarantine; pct=20", "valid", false, false},
		{"own-dmarc-2", "dmarc", "v=DMARC1; p=quarantine; adkim=x", "invalid", false, false},
		{"own-dkim-1", "dkim", "v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=", "valid", false, false},
		{"own-dkim-2", "dkim", "v=DKIM1; k=ed25519; p=11qY", "invalid", false, false},
		{"own-sts-1", "mta-sts-record", "v=STSv1; id=1", "valid", false, false},
		{"own-sts-2", "mta-sts-record", "v=STSv1; id=a_b", "invalid", false, false},
		{"own-policy-1", "mta-sts-policy", "version: STSv1\nmode: none\nmax_age: 1\n", "valid", false, false},
		{"own-policy-2", "mta-sts-policy", "version: STSv1\nmode: none\n", "invalid", false, false},
		{"own-rpt-1", "tlsrpt", "v=TLSRPTv1; rua=mailto:a@example.nl", "valid", false, false},
		{"own-rpt-2", "tlsrpt", "v=TLSRPTv1; rua=mailto:", "invalid", false, false},
		{"own-bimi-1", "bimi", "v=BIMI1; l=;", "valid", false, false},
		{"own-bimi-2", "bimi", "v=BIMI1; l=logo.svg", "invalid", false, false},
	}
	data, err := os.ReadFile("../../shared/data/record_cases_dev.json")
	if errors.Is(err, fs.ErrNotExist) {
		return all
	}
	if err != nil {
		t.Fatal(err)
	}
	var file struct {
		Cases []recordCase `json:"record_cases"`
	}
	if err := json.Unmarshal(data, &file); err != nil {
		t.Fatal(err)
	}
	return append(all, file.Cases...)
}

// places says where records of a type are in a zone, and which findings say
// that one is not valid.
var places = map[string]struct {
	name    string
	invalid []string
}{
	"spf":            {"@", []string{"spf-invalid", "spf-too-many-lookups", "spf-loop", "spf-multiple"}},
	"dmarc":          {"_dmarc", []string{"dmarc-invalid"}},
	"dkim":           {"default._domainkey", []string{"dkim-invalid"}},
	"mta-sts-record": {"_mta-sts", []string{"mta-sts-invalid"}},
	"mta-sts-policy": {"", []string{"mta-sts-invalid"}},
	"tlsrpt":         {"_smtp._tls", []string{"tls-rpt-invalid"}},
	"bimi":           {"default._bimi", []string{"bimi-invalid"}},
}

// TestRecordCases serves each record from a zone, and holds the findings of a
// check against the verdict expected. docs/decisions/ tells of the disputed
// ones.
func TestRecordCases(t *testing.T) {
	for _, tt := range recordCases(t) {
		t.Run(tt.ID, func(t *testing.T) {
			place, ok := places[tt.Type]
			if !ok {
				t.Fatalf("unknown type %q", tt.Type)
			}
			txt := tt.Record
			if tt.Presentation {
				txt = strings.Trim(txt, `"`)
			}
			zone := "mail A 192.0.2.25\nexp.example. TXT \"no\"\n"
			policy := "version: STSv1\nmode: enforce\nmx: *.mail.example\nmax_age: 604800\n"
			if place.name == "" {
				policy = txt
			} else {
				zone += "- " + place.name + " TXT\n" + place.name + " TXT " + long(txt) + "\n"
			}
			c, _ := newChecker(t, change(zone), secure)
			c.Policies = policies{text: policy}
			r := report(t, c)
			i := slices.IndexFunc(r.Findings, func(f domaincheck.Finding) bool {
				// An exchange that a policy does not name is no fault of its form.
				return slices.Contains(place.invalid, f.ID) && f.RFC != "RFC 8461, section 4.1"
			})
			got := "valid"
			if i >= 0 {
				got = "invalid"
			}
			switch {
			case got == tt.Expected:
			case tt.Disputed:
				t.Logf("disputed: %q is %s here", txt, got)
			case i >= 0:
				t.Errorf("%q is %s: %s", txt, got, r.Findings[i].Text.EN)
			default:
				t.Errorf("%q is %s", txt, got)
			}
		})
	}
}
