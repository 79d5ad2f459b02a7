package holder_test

import (
	"net/netip"
	"testing"

	"wolkwijs/domaincheck/holder"
)

// BenchmarkClassify classifies one domain with many records: Microsoft behind
// a filter, with a large SPF tree.
func BenchmarkClassify(b *testing.B) {
	tab := table(b)
	s := holder.Signals{
		Domain: "example.org",
		MX:     []holder.Host{at("eu-smtp-inbound-1.mimecast.com", 42427, "GB"), at("eu-smtp-inbound-2.mimecast.com", 42427, "GB")},
		SPF: holder.SPF{Domains: []string{
			exo, "_netblocks.mimecast.com", "servers.mcsv.net", "_spf.zivver.com", "spf.flowmailer.net", "_spf.salesforce.com",
			"mail.zendesk.com", "spf.example.net", "_spf.example.net", "sendgrid.net",
		}},
		TXT:          []string{"MS=ms12345678", "google-site-verification=abc", "v=spf1 include:spf.protection.outlook.com -all", "apple-domain-verification=abc"},
		DKIM:         []holder.DKIM{alias("selector1", tenant), alias("selector2", tenant), alias("k1", "dkim.mcsv.net")},
		Autodiscover: []string{outlook},
		Tenant:       true,
		NS:           []holder.Host{at("ns0.transip.net", 20857, "NL"), at("ns1.transip.nl", 20857, "NL"), at("ns2.transip.eu", 20857, "NL")},
		Web:          []holder.Host{at("example.org", 20857, "NL"), {Name: "www.example.org", CNAMEs: []string{"example.azurewebsites.net"}}},
	}
	for i := range 60 {
		s.SPF.Networks = append(s.SPF.Networks, netip.PrefixFrom(netip.AddrFrom4([4]byte{198, 51, 100, byte(i)}), 32))
	}
	b.ReportAllocs()
	for b.Loop() {
		holder.Classify(tab, s)
	}
}

// BenchmarkNewTable compiles the providers of the knowledge base.
func BenchmarkNewTable(b *testing.B) {
	all := providers(b)
	b.ReportAllocs()
	for b.Loop() {
		holder.NewTable(all)
	}
}
