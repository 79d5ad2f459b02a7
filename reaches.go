package main

import (
	"fmt"

	"wolkwijs/config"
	"wolkwijs/lang"
)

// reaches says whom the look-ups of !check reach with these settings, for
// !privacy.
func reaches(dns config.DNS) []lang.Text {
	var all []lang.Text
	if dns.Resolver == "" || dns.Resolver == "system" {
		all = append(all, lang.Text{
			NL: "De domeinen die ik nakijk, vraag ik aan de DNS-server van de computer waarop ik draai.",
			EN: "I ask the DNS server of the computer I run on about the domains I check.",
		})
	} else {
		all = append(all, lang.Text{
			NL: fmt.Sprintf("De domeinen die ik nakijk, vraag ik aan de DNS-server `%s`.", dns.Resolver),
			EN: fmt.Sprintf("I ask the DNS server `%s` about the domains I check.", dns.Resolver),
		})
	}
	switch dns.ASN {
	case "cymru":
		all = append(all, lang.Text{
			NL: "Van wie een netwerk is, vraag ik via DNS aan Team Cymru in de Verenigde Staten. Dat bedrijf ziet het adres van de server, niet wie ernaar vroeg.",
			EN: "I ask Team Cymru in the United States, through DNS, whose a network is. That company sees the address of the server, not who asked.",
		})
	case "riswhois":
		all = append(all, lang.Text{
			NL: "Van wie een netwerk is, vraag ik aan RIPE NCC in Nederland. Dat ziet het adres van de server, niet wie ernaar vroeg.",
			EN: "I ask RIPE NCC in the Netherlands whose a network is. It sees the address of the server, not who asked.",
		})
	default:
		all = append(all, lang.Text{
			NL: "Van wie een netwerk is, vraag ik aan niemand.",
			EN: "I ask nobody whose a network is.",
		})
	}
	if dns.MTASTSPolicy {
		all = append(all, lang.Text{
			NL: "Heeft een domein een MTA-STS-beleid, dan haal ik dat op bij de webserver van dat domein.",
			EN: "If a domain has an MTA-STS policy, I fetch it from that domain's web server.",
		})
	}
	return all
}
