package domaincheck

import (
	"net/netip"
	"slices"
	"strings"

	"wolkwijs/domaincheck/dnsq"
	"wolkwijs/domaincheck/holder"
	"wolkwijs/lang"
)

// ipv6 judges whether mail, web and name servers can be reached over IPv6.
func (j *judgement) ipv6() {
	if j.use == Mails {
		var hosts []Host
		for _, h := range j.MailHosts {
			if h.Problem == HostFine || h.Problem == HostIsCNAME {
				hosts = append(hosts, h.Host)
			}
		}
		j.ipv6Of("ipv6-mx", AreaMail, say("de mailservers", "the mail servers"), say("je mailaanbieder", "your mail provider"), len(hosts), hosts)
	}
	var web []Host
	for _, h := range []Host{{Name: j.Target.Domain, A: j.A, AAAA: j.AAAA}, {Name: "www." + j.Target.Domain, A: j.WWWA, AAAA: j.WWWAAAA}} {
		if h.failed() || len(addresses(h.A, h.AAAA)) > 0 {
			web = append(web, h)
		}
	}
	j.ipv6Of("ipv6-web", AreaWeb, say("de website", "the website"), say("je hoster", "your hoster"), len(web), web)
	// Two name servers over IPv6 are as good as two over IPv4 must be.
	j.ipv6Of("ipv6-ns", AreaDNS, say("de naamservers", "the name servers"), say("je hoster", "your hoster"), min(2, len(j.NameServers)), j.NameServers)
}

// ipv6Of judges a group of hosts, of which enough must have an address.
func (j *judgement) ipv6Of(subject string, area Area, what, whom lang.Text, enough int, hosts []Host) {
	if len(hosts) == 0 {
		return
	}
	var with, without []string
	var failed *dnsq.Answer
	for i := range hosts {
		h := &hosts[i]
		switch {
		case len(addresses(h.AAAA)) > 0:
			with = append(with, h.Name)
		case h.AAAA.Status == dnsq.Failed:
			failed = &h.AAAA
		default:
			without = append(without, h.Name)
		}
	}
	ask := sayf("Vraag %s om IPv6.", "Ask %s for IPv6.", "\x00")
	ask = lang.Text{NL: strings.Replace(ask.NL, "\x00", whom.NL, 1), EN: strings.Replace(ask.EN, "\x00", whom.EN, 1)}
	switch {
	case len(with) >= enough:
		j.add(subject+"-ok", area, Pass, "RFC 8200", strings.Join(with, ", "),
			say("IPv6 klopt voor "+what.NL+".", "IPv6 is fine for "+what.EN+"."), lang.Text{})
	case failed != nil:
		j.unknown(subject, area, "RFC 3596", "IPv6", *failed)
	case len(with) > 0:
		j.add(subject+"-weak", area, Info, "RFC 8200", strings.Join(without, ", "),
			say("Een deel van "+what.NL+" heeft geen IPv6.", "Some of "+what.EN+" have no IPv6."), ask)
	default:
		j.add(subject+"-missing", area, Info, "RFC 8200", strings.Join(without, ", "),
			say("Er is geen IPv6 voor "+what.NL+".", "There is no IPv6 for "+what.EN+"."), ask)
	}
}

// web judges the addresses of the website.
func (j *judgement) web() {
	all := []dnsq.Answer{j.A, j.AAAA, j.WWWA, j.WWWAAAA}
	ips := addresses(all...)
	failed := slices.ContainsFunc(all, func(a dnsq.Answer) bool { return a.Status == dnsq.Failed })
	switch {
	case len(ips) > 0:
		i := slices.IndexFunc(ips, func(ip netip.Addr) bool { return !reachable(ip) })
		if i < 0 {
			break
		}
		j.add("web-private", AreaWeb, Warn, "RFC 6890", ips[i].String(),
			say("De website wijst naar een adres dat vanaf het internet niet bereikbaar is. Zo verraadt DNS iets over een intern netwerk.",
				"The website points to an address that cannot be reached from the internet. Like this DNS gives away something about an internal network."),
			say("Vraag je hoster om dat adres weg te halen.", "Ask your hoster to remove that address."))
	case !failed:
		j.add("web-missing", AreaWeb, Info, "RFC 1035, section 3.4.1", "",
			say("Er is geen website op dit domein.", "There is no website at this domain."), lang.Text{})
	}
	if j.HTTPS.Status == dnsq.Found {
		j.add("https-record-ok", AreaWeb, Pass, "RFC 9460, section 9", shorten(strings.Join(strings.Fields(j.HTTPS.Records[0].String())[4:], " "), 120),
			say("Er is een HTTPS-record: browsers verbinden meteen versleuteld.", "There is an HTTPS record: browsers connect encrypted at once."), lang.Text{})
	}
	if j.isWildcard() {
		j.add("wildcard", AreaDNS, Info, "RFC 4592", "*."+j.Target.Domain,
			say("Elke denkbare naam onder dit domein bestaat (een wildcard). Kijk of dat de bedoeling is.", "Every imaginable name under this domain exists (a wildcard). See whether that is intended."), lang.Text{})
	}
}

// functionWords are the functions by which companies are told apart.
var functionWords = []struct {
	function, id string
	text, advice lang.Text
}{
	{"mail", "cloud-act-mail",
		say("Je postvak staat bij een bedrijf dat onder Amerikaans recht valt. De CLOUD Act kan dan gelden, ook voor servers in Europa.",
			"Your mailbox is with a company under the law of the United States. The CLOUD Act can then apply, to servers in Europe too."),
		say("Wil je weg bij een Amerikaanse partij? Typ `!alt email`.", "Want to leave a company under US law? Type `!alt email`.")},
	{"mail-filter", "cloud-act-filter",
		say("Al je mail gaat door een filter van een bedrijf dat onder Amerikaans recht valt.", "All your mail goes through a filter of a company under the law of the United States."),
		say("Vraag je mailaanbieder of er een Europees filter mogelijk is.", "Ask your mail provider whether a European filter is possible.")},
	{"dns", "cloud-act-dns",
		say("Je DNS staat bij een bedrijf dat onder Amerikaans recht valt.", "Your DNS is with a company under the law of the United States."),
		say("Andere bedrijven die de DNS van een domein beheren vind je met `!alt hosting`.", "Find other companies that run a domain's DNS with `!alt hosting`.")},
	{"web", "cloud-act-web",
		say("Je website staat bij, of achter, een bedrijf dat onder Amerikaans recht valt.", "Your website is with, or behind, a company under the law of the United States."),
		say("Andere hosters vind je met `!alt hosting`.", "Find other hosters with `!alt hosting`.")},
}

// sovereignty judges which functions are under the law of the United States.
func (j *judgement) sovereignty(functions []holder.Function) {
	for _, w := range functionWords {
		for _, f := range functions {
			if f.Function == w.function && f.CloudAct == "yes" {
				j.add(w.id, AreaSovereignty, Info, "", f.Name, w.text, w.advice)
				break
			}
		}
	}
}
