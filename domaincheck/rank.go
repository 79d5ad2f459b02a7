package domaincheck

import (
	"slices"
	"strings"
)

// maxAdvice is how many pieces of advice a report puts first.
const maxAdvice = 3

// usefulness is the order of advice among findings of the same status: what
// stops mail or lets others forge it first, then what protects against rarer
// harm, then what is good to have.
var usefulness = []string{
	"domain-not-found", "dnssec-bogus",
	"mx-dangling", "mx-address-literal", "mx-private", "mx-invalid",
	"spf-allows-all", "spf-multiple", "spf-too-many-lookups", "spf-loop", "spf-invalid", "spf-missing",
	"dmarc-multiple", "dmarc-invalid", "dmarc-missing", "dmarc-none",
	"dkim-weak", "dkim-invalid", "dkim-missing", "spf-weak", "dmarc-weak",
	"mta-sts-invalid", "dane-invalid", "mx-cname", "dmarc-external-report", "spf-void-lookups",
	"caa-invalid", "dnssec-missing", "dnssec-weak", "ns-dangling", "ns-cname", "ns-single", "web-private",
	"tls-rpt-invalid", "bimi-invalid", "dane-weak", "mta-sts-weak",
	"cloud-act-mail", "mail-domain-of-provider", "mx-missing",
	"dane-missing", "mta-sts-missing", "dmarc-no-reports", "caa-missing",
	"ipv6-web-missing", "ipv6-mx-missing", "tls-rpt-missing", "cloud-act-filter", "cloud-act-dns", "cloud-act-web",
}

// rank returns the IDs of the findings whose advice is the most useful, one
// for each subject: what is wrong with SPF, say, is mended in one go. Findings
// of what could not be looked up have none to give.
func rank(findings []Finding) []string {
	order := func(s Status) int { return slices.Index([]Status{Fail, Warn, Info}, s) }
	var useful []*Finding
	for i := range findings {
		f := &findings[i]
		if order(f.Status) >= 0 && !f.Advice.IsZero() && slices.Contains(usefulness, f.ID) {
			useful = append(useful, f)
		}
	}
	slices.SortStableFunc(useful, func(a, b *Finding) int {
		if d := order(a.Status) - order(b.Status); d != 0 {
			return d
		}
		return slices.Index(usefulness, a.ID) - slices.Index(usefulness, b.ID)
	})
	ids := []string{}
	subjects := map[string]bool{}
	for _, f := range useful {
		subject, _, _ := strings.Cut(f.ID, "-")
		if !subjects[subject] && len(ids) < maxAdvice {
			subjects[subject] = true
			ids = append(ids, f.ID)
		}
	}
	return ids
}
