package domaincheck

import (
	"fmt"
	"strings"

	"codeberg.org/miekg/dns"

	"wolkwijs/domaincheck/dnsq"
	"wolkwijs/domaincheck/record"
	"wolkwijs/lang"
)

// mx judges where mail comes in (RFC 5321, section 5).
func (j *judgement) mx() {
	switch {
	case j.MX.Status == dnsq.Failed:
		j.unknown("mx", AreaMail, "RFC 5321, section 5.1", "MX", j.MX)
		return
	case j.NullMX():
		j.add("null-mx", AreaMail, Pass, "RFC 7505, section 3", "0 .",
			say("Dit domein ontvangt geen mail, en zegt dat ook (null-MX).", "This domain receives no mail, and says so (null MX)."), lang.Text{})
		return
	case len(j.MailHosts) == 0:
		j.noMX()
		return
	case j.NullRecord:
		j.add("mx-invalid", AreaMail, Fail, "RFC 7505, section 3", j.mxValue(),
			say("Een van de MX-records zegt dat het domein geen mail ontvangt, en de andere wijzen wel mailservers aan.",
				"One of the MX records says that the domain receives no mail, while the others name mail servers."),
			say("Vraag je hoster om het MX-record met alleen een punt weg te halen.", "Ask your hoster to remove the MX record with only a dot."))
	}
	sound := !j.NullRecord
	for _, h := range j.MailHosts {
		if p, ok := mxProblems[h.Problem]; ok {
			if h.Problem == HostDangling {
				p.text = noAddress(h.Host)
			}
			j.add(p.id, AreaMail, p.status, p.rfc, fmt.Sprintf("%d %s", h.Preference, h.Name), p.text, p.advice)
			sound = false
		}
	}
	for _, h := range j.MailHosts {
		if sound && h.failed() && len(addresses(h.A, h.AAAA)) == 0 {
			failed := h.A
			if failed.Status != dnsq.Failed {
				failed = h.AAAA
			}
			j.unknown("mx", AreaMail, "RFC 5321, section 5.1", "MX", failed)
			return
		}
	}
	if sound {
		j.add("mx-ok", AreaMail, Pass, "RFC 5321, section 5.1", j.mxValue(),
			say("Mail komt binnen op bereikbare mailservers.", "Mail comes in at mail servers that can be found."), lang.Text{})
	}
}

// mxValue is the MX records, shortened.
func (j *judgement) mxValue() string {
	var all []string
	for i, h := range j.MailHosts {
		if i == 4 {
			all = append(all, fmt.Sprintf("… (%d)", len(j.MailHosts)+j.MoreMX))
			break
		}
		all = append(all, fmt.Sprintf("%d %s", h.Preference, h.Name))
	}
	return strings.Join(all, ", ")
}

// noMX judges a domain without MX records: mail then goes to its address.
func (j *judgement) noMX() {
	if len(addresses(j.A, j.AAAA)) > 0 {
		j.add("mx-missing", AreaMail, Info, "RFC 5321, section 5.1", "",
			say("Er is geen MX-record. Mail aan dit domein gaat dan naar de webserver, en die neemt meestal geen mail aan.",
				"There is no MX record. Mail for this domain then goes to the web server, which seldom accepts mail."),
			say("Gebruik je dit domein niet voor mail? Vraag je hoster om een null-MX (`0 .`), SPF `v=spf1 -all` en DMARC `p=reject`.",
				"Do you not use this domain for mail? Ask your hoster for a null MX (`0 .`), SPF `v=spf1 -all` and DMARC `p=reject`."))
		return
	}
	j.add("mx-missing", AreaMail, Info, "RFC 5321, section 5.1", "",
		say("Dit domein ontvangt geen mail: er is geen MX-record en geen adres.", "This domain receives no mail: it has no MX record and no address."),
		say("Gebruik je dit domein niet voor mail? Vraag je hoster om SPF `v=spf1 -all` en DMARC `p=reject`, dan kan niemand het misbruiken.",
			"Do you not use this domain for mail? Ask your hoster for SPF `v=spf1 -all` and DMARC `p=reject`, so that nobody can abuse it."))
}

// mxProblems are the findings about a single exchange.
var mxProblems = map[HostProblem]struct {
	id           string
	status       Status
	rfc          string
	text, advice lang.Text
}{
	HostDangling: {"mx-dangling", Fail, "RFC 5321, section 5.1",
		lang.Text{}, // see noAddress
		say("Vraag je hoster om dit MX-record weg te halen of te verbeteren.", "Ask your hoster to remove or correct this MX record.")},
	HostIsCNAME: {"mx-cname", Warn, "RFC 2181, section 10.3",
		say("Deze mailserver is een alias (CNAME). Dat mag niet bij MX; sommige afzenders leveren dan niet af.",
			"This mail server is an alias (CNAME). That is not allowed for MX; some senders then do not deliver."),
		say("Vraag je hoster om in het MX-record de echte naam van de mailserver te zetten.", "Ask your hoster to put the real name of the mail server into the MX record.")},
	HostIsIP: {"mx-address-literal", Fail, "RFC 1035, section 3.3.9",
		say("Dit MX-record noemt een IP-adres. Er hoort een naam te staan; zo komt er geen mail aan.",
			"This MX record has an IP address. It needs a name; like this no mail arrives."),
		say("Vraag je hoster om in het MX-record een naam te zetten, zoals `mail.example.nl`.", "Ask your hoster to put a name into the MX record, such as `mail.example.nl`.")},
	HostBadName: {"mx-invalid", Fail, "RFC 5321, section 2.3.5",
		say("Dit MX-record noemt iets dat geen servernaam kan zijn.", "This MX record has something that cannot be the name of a server."),
		say("Vraag je hoster om het MX-record te verbeteren.", "Ask your hoster to correct the MX record.")},
	HostPrivate: {"mx-private", Fail, "RFC 6890",
		say("Deze mailserver heeft alleen adressen die vanaf het internet niet bereikbaar zijn.", "This mail server only has addresses that cannot be reached from the internet."),
		say("Vraag je hoster om dit MX-record weg te halen.", "Ask your hoster to remove this MX record.")},
}

// noAddress says what becomes of mail for an exchange without addresses. Only
// a name that does not exist can be registered by somebody else; and that a
// name has nothing does not mean that it exists (RFC 9824).
func noAddress(h Host) lang.Text {
	switch {
	case missing(h.A):
		return say("Deze mailserver bestaat niet (meer) in DNS. Mail die erheen moet komt niet aan, en wie die naam registreert kan je mail ontvangen.",
			"This mail server does not exist in DNS (any more). Mail for it does not arrive, and whoever registers that name can receive your mail.")
	case h.A.Status == dnsq.NXDomain:
		return say("Deze mailserver is een alias (CNAME) voor een naam die niet (meer) bestaat. Mail die erheen moet komt niet aan, en wie die andere naam registreert kan je mail ontvangen.",
			"This mail server is an alias (CNAME) for a name that does not exist (any more). Mail for it does not arrive, and whoever registers that other name can receive your mail.")
	}
	return say("Deze mailserver heeft geen adres in DNS. Mail die erheen moet komt niet aan.", "This mail server has no address in DNS. Mail for it does not arrive.")
}

// offered says whether something is there. An SRV record whose target is the
// root says that the service is not (RFC 6186, section 3.4).
func (s Service) offered() bool {
	for _, rr := range s.Answer.Records {
		if srv, ok := rr.(*dns.SRV); !ok || record.Name(srv.Target) != "" {
			return s.Answer.Status == dnsq.Found
		}
	}
	return false
}

// autoconfig judges whether mail programs find their settings by themselves.
func (j *judgement) autoconfig() {
	if j.use != Mails {
		return
	}
	const rfc = "RFC 6186"
	wildcard := j.isWildcard()
	var found []string
	var failed *dnsq.Answer
	for _, s := range j.Auto {
		switch {
		case s.Answer.Status == dnsq.Failed:
			failed = &s.Answer
		case s.offered() && (!wildcard || strings.HasPrefix(s.Name, "_")):
			found = append(found, s.Name)
		}
	}
	switch {
	case len(found) > 0:
		j.add("autoconfig-ok", AreaMail, Pass, rfc, strings.Join(found, ", "),
			say("Mailprogramma's kunnen hun instellingen zelf vinden.", "Mail programs can find their settings by themselves."), lang.Text{})
	case failed != nil:
		j.unknown("autoconfig", AreaMail, rfc, "autoconfig", *failed)
	default:
		j.add("autoconfig-none", AreaMail, Info, rfc, "",
			say("Mailprogramma's vinden hun instellingen niet vanzelf: je moet ze met de hand invullen.", "Mail programs do not find their settings: you have to enter them by hand."), lang.Text{})
	}
}
