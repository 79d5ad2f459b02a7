package survey_test

import (
	"slices"
	"strings"
	"testing"

	"wolkwijs/domaincheck"
	"wolkwijs/domaincheck/holder"
	"wolkwijs/domaincheck/survey"
)

// findings reads "id status" lists, separated by commas.
func findings(list string) []domaincheck.Finding {
	var all []domaincheck.Finding
	for part := range strings.SplitSeq(list, ",") {
		if id, status, ok := strings.Cut(strings.TrimSpace(part), " "); ok {
			all = append(all, domaincheck.Finding{ID: id, Status: domaincheck.Status(status)})
		}
	}
	return all
}

func TestStates(t *testing.T) {
	for _, tt := range []struct {
		findings, subject string
		want              survey.State
	}{
		{"spf-ok pass", "spf", survey.OK},
		{"spf-macro info, spf-ok pass", "spf", survey.OK},
		{"spf-missing fail", "spf", survey.Missing},
		{"spf-too-many-look-ups fail, spf-weak warn", "spf", survey.Broken},
		{"spf-unknown unknown", "spf", survey.Unknown},
		{"spf-weak warn, spf-unknown unknown", "spf", survey.Unknown},
		{"spf-allows-all fail, spf-unknown unknown", "spf", survey.Broken},
		{"spf-ptr info, spf-weak warn", "spf", survey.Weak},
		{"dmarc-none warn", "dmarc", survey.Weak},
		{"dmarc-none warn, dmarc-external-report-unknown unknown", "dmarc", survey.Weak},
		{"dmarc-ok pass, dmarc-external-report warn", "dmarc", survey.OK},
		{"dkim-hidden info", "dkim", survey.Unknown},
		{"dkim-wildcard info", "dkim", survey.Unknown},
		{"dkim-revoked info", "dkim", survey.Unknown},
		{"dkim-revoked info, dkim-weak warn", "dkim", survey.Weak},
		{"dkim-missing warn", "dkim", survey.Missing},
		{"dnssec-missing warn, dnssec-mx-ok pass", "dnssec", survey.Missing},
		{"dnssec-ok pass, dnssec-mx-insecure info", "dnssec", survey.OK},
		{"dnssec-indeterminate unknown", "dnssec", survey.Unknown},
		{"dnssec-bogus fail", "dnssec", survey.Broken},
		{"dnssec-mx-insecure info", "dnssec", ""},
		{"dane-missing info", "dane", survey.Missing},
		{"dane-invalid warn", "dane", survey.Broken},
		{"dane-ok pass, dane-invalid info", "dane", survey.OK},
		{"mta-sts-unchecked info", "mta-sts", survey.Unknown},
		{"mta-sts-weak info", "mta-sts", survey.Weak},
		{"mx-unknown unknown", "dane", survey.Unknown},
		{"mx-unknown unknown", "caa", ""},
		{"null-mx info", "mx", ""},
		{"null-mx info", "dane", ""},
		{"ns-ok pass", "ipv6-ns", ""},
	} {
		row := &survey.Row{Report: &domaincheck.Report{Findings: findings(tt.findings)}}
		if got := survey.Summarise(row).States[tt.subject]; got != tt.want {
			t.Errorf("%s: %s is %q, want %q", tt.findings, tt.subject, got, tt.want)
		}
	}
}

// Of all findings there are, those of a failed look-up never make a subject
// missing or broken, and none that is fine makes it other than in order.
func TestEveryFindingHasItsState(t *testing.T) {
	told := 0
	for _, id := range domaincheck.IDs() {
		want := survey.State("")
		status := domaincheck.Info
		switch {
		case id == "ns-unknown", id == "autoconfig-unknown", id == "dmarc-external-report-unknown", strings.HasPrefix(id, "dnssec-mx-"):
		case strings.HasSuffix(id, "-unknown"):
			want, status = survey.Unknown, domaincheck.Unknown
		case strings.HasSuffix(id, "-ok"):
			want, status = survey.OK, domaincheck.Pass
		case strings.HasSuffix(id, "-missing"):
			want = survey.Missing
		case strings.HasSuffix(id, "-invalid"):
			want = survey.Broken
		}
		if want == "" {
			continue
		}
		s := survey.Summarise(&survey.Row{Report: &domaincheck.Report{Findings: []domaincheck.Finding{{ID: id, Status: status}}}})
		for _, subject := range survey.Subjects {
			if id != subject+strings.TrimPrefix(id, subject) || s.States[subject] == "" || subject != "mx" && id == "mx-unknown" {
				continue
			}
			if told++; s.States[subject] != want {
				t.Errorf("%s: %s is %q, want %q", id, subject, s.States[subject], want)
			}
		}
	}
	if told < 45 {
		t.Errorf("only %d findings tell a state", told)
	}
}

func TestHolders(t *testing.T) {
	row := &survey.Row{Report: &domaincheck.Report{
		Functions: []holder.Function{
			{Function: holder.Mail, Provider: "microsoft", Evidence: []holder.Evidence{{}}},
			{Function: holder.Mail, Provider: "google"},
			{Function: holder.DNS, Provider: holder.Unknown, Name: "example.net", Evidence: []holder.Evidence{{}}},
			{Function: holder.Web, Provider: holder.Unknown},
		},
		Errors: []domaincheck.LookupError{{Name: "example.nl", Type: "A", Kind: "timeout"}},
	}}
	s := survey.Summarise(row)
	if s.Holders[holder.Mail].Provider != "microsoft" || s.Provisional[holder.Mail] || s.Provisional[holder.DNS] || !s.Provisional[holder.Web] {
		t.Errorf("%+v", s)
	}
	if _, ok := s.Holders[holder.MailFilter]; ok {
		t.Error("there is a filter")
	}
	if gone := survey.Summarise(&survey.Row{Report: &domaincheck.Report{Findings: findings("domain-not-found fail, mx-missing fail")}}); !gone.NotFound || len(gone.States) > 0 {
		t.Errorf("%+v", gone)
	}
}

// The columns of CSV are a contract: new ones come last, none goes.
func TestColumns(t *testing.T) {
	want := strings.Fields(`line input group domain result failed_lookups
		mail_provider mail_name mail_owner mail_country mail_jurisdiction mail_cloud_act mail_confidence
		mail_filter_provider mail_filter_name mail_filter_owner mail_filter_country mail_filter_jurisdiction mail_filter_cloud_act mail_filter_confidence
		dns_provider dns_name dns_owner dns_country dns_jurisdiction dns_cloud_act dns_confidence
		web_provider web_name web_owner web_country web_jurisdiction web_cloud_act web_confidence
		mx spf dkim dmarc mta_sts tls_rpt dane bimi dnssec caa ipv6_mx ipv6_web ipv6_ns
		dmarc_policy checked_at resolver error`)
	if got := survey.Columns(); !slices.Equal(got, want) {
		t.Errorf("%q", got)
	}
}
