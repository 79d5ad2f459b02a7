package domaincheck

import "slices"

// ids are the IDs of all findings. They are a contract: one may be added, none
// renamed. Of a subject, -ok, -missing, -invalid and -weak judge what is
// there, and -unknown says that it could not be looked up.
var ids = []string{
	"domain-not-found", "mail-domain-of-provider", "parked-ok",
	"mx-ok", "mx-missing", "mx-invalid", "mx-unknown", "null-mx",
	"mx-dangling", "mx-cname", "mx-address-literal", "mx-private",
	"spf-ok", "spf-missing", "spf-invalid", "spf-weak", "spf-unknown",
	"spf-too-many-lookups", "spf-void-lookups", "spf-loop", "spf-multiple", "spf-allows-all",
	"spf-ptr", "spf-macro", "spf-type",
	"dmarc-ok", "dmarc-missing", "dmarc-invalid", "dmarc-weak", "dmarc-unknown",
	"dmarc-none", "dmarc-multiple", "dmarc-historic", "dmarc-unknown-tag", "dmarc-no-reports",
	"dmarc-external-report", "dmarc-external-report-unknown",
	"dkim-ok", "dkim-missing", "dkim-invalid", "dkim-weak", "dkim-unknown",
	"dkim-hidden", "dkim-test", "dkim-revoked", "dkim-wildcard",
	"mta-sts-ok", "mta-sts-missing", "mta-sts-invalid", "mta-sts-weak", "mta-sts-unknown", "mta-sts-unchecked",
	"tls-rpt-ok", "tls-rpt-missing", "tls-rpt-invalid", "tls-rpt-weak", "tls-rpt-unknown",
	"dane-ok", "dane-missing", "dane-invalid", "dane-weak", "dane-unknown",
	"bimi-ok", "bimi-missing", "bimi-invalid", "bimi-weak", "bimi-unknown",
	"dnssec-ok", "dnssec-missing", "dnssec-weak", "dnssec-bogus", "dnssec-indeterminate", "dnssec-unknown",
	"dnssec-mx-ok", "dnssec-mx-insecure",
	"autoconfig-ok", "autoconfig-none", "autoconfig-unknown",
	"ns-ok", "ns-single", "ns-dangling", "ns-cname", "ns-same-network", "ns-unknown", "soa-weak",
	"caa-ok", "caa-missing", "caa-invalid", "caa-weak", "caa-unknown",
	"ipv6-mx-ok", "ipv6-mx-missing", "ipv6-mx-weak", "ipv6-mx-unknown",
	"ipv6-web-ok", "ipv6-web-missing", "ipv6-web-weak", "ipv6-web-unknown",
	"ipv6-ns-ok", "ipv6-ns-missing", "ipv6-ns-weak", "ipv6-ns-unknown",
	"web-missing", "web-private", "https-record-ok", "wildcard",
	"cloud-act-mail", "cloud-act-filter", "cloud-act-dns", "cloud-act-web",
}

// IDs returns the IDs of all findings.
func IDs() []string { return slices.Clone(ids) }
