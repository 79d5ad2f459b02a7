package domaincheck

import (
	"fmt"
	"net/netip"
	"strings"

	"codeberg.org/miekg/dns"

	"wolkwijs/domaincheck/dnsq"
	"wolkwijs/domaincheck/holder"
	"wolkwijs/lang"
)

// nameServers judges who answers for the domain.
func (j *judgement) nameServers(functions []holder.Function) {
	if j.NS.Status == dnsq.Failed {
		j.unknown("ns", AreaDNS, "RFC 1034, section 4.1", "de naamservers (NS)", j.NS)
		last := &j.findings[len(j.findings)-1]
		last.Text.EN = strings.Replace(last.Text.EN, "de naamservers (NS)", "the name servers (NS)", 1)
		return
	}
	if len(j.NameServers) == 0 {
		return // no zone of its own: the name is part of the zone above
	}
	var names []string
	sound := true
	for _, h := range j.NameServers {
		names = append(names, h.Name)
		value := h.Name
		switch {
		case h.A.Status != dnsq.Failed && h.AAAA.Status != dnsq.Failed && len(addresses(h.A, h.AAAA)) == 0:
			sound = false
			text := say("Deze naamserver heeft geen adres in DNS.", "This name server has no address in DNS.")
			switch {
			case missing(h.A):
				text = say("Deze naamserver bestaat niet (meer) in DNS. Als iemand die naam registreert, kan die over je domein beslissen.",
					"This name server does not exist in DNS (any more). Whoever registers that name can decide over your domain.")
			case h.A.Status == dnsq.NXDomain:
				text = say("Deze naamserver is een alias (CNAME) voor een naam die niet (meer) bestaat. Als iemand die andere naam registreert, kan die over je domein beslissen.",
					"This name server is an alias (CNAME) for a name that does not exist (any more). Whoever registers that other name can decide over your domain.")
			}
			j.add("ns-dangling", AreaDNS, Warn, "RFC 1912, section 2.8", value, text,
				say("Vraag je hoster om deze naamserver weg te halen.", "Ask your hoster to remove this name server."))
		case len(h.A.CNAMEs) > 0:
			sound = false
			j.add("ns-cname", AreaDNS, Warn, "RFC 2181, section 10.3", value,
				say("Deze naamserver is een alias (CNAME). Dat mag niet.", "This name server is an alias (CNAME), which is not allowed."),
				say("Vraag je hoster om de echte naam te gebruiken.", "Ask your hoster to use the real name."))
		}
	}
	list := strings.Join(names, ", ")
	switch {
	case len(j.NameServers) == 1:
		j.add("ns-single", AreaDNS, Warn, "RFC 2182, section 5", list,
			say("Er is maar één naamserver. Valt die uit, dan is je domein onbereikbaar.", "There is only one name server. If it fails, your domain cannot be reached."),
			say("Vraag je hoster om een tweede naamserver in een ander netwerk.", "Ask your hoster for a second name server in another network."))
	case sound && j.oneNetwork():
		j.add("ns-same-network", AreaDNS, Info, "RFC 2182, section 3.1", list,
			say("Alle naamservers staan in hetzelfde netwerk. Een storing daar treft ze allemaal.", "All name servers are in the same network. A failure there hits them all."),
			say("Vraag je hoster of er een naamserver in een ander netwerk bij kan.", "Ask your hoster whether a name server in another network can be added."))
	case sound:
		text := sayf("Er zijn %d naamservers.", "There are %d name servers.", len(j.NameServers)+j.MoreNS)
		if operators(functions) == 1 {
			text = sayf("Er zijn %d naamservers, alle bij één partij. Heeft die een storing, dan is je domein onbereikbaar; de meeste domeinen nemen dat op de koop toe.",
				"There are %d name servers, all with one party. If that has a failure, your domain cannot be reached; most domains accept that.", len(j.NameServers)+j.MoreNS)
		}
		j.add("ns-ok", AreaDNS, Pass, "RFC 2182, section 5", list, text, lang.Text{})
	}
	j.soa()
}

// operators counts the companies that run the name servers.
func operators(functions []holder.Function) int {
	n := 0
	for _, f := range functions {
		if f.Function == holder.DNS {
			n++
		}
	}
	return n
}

// oneNetwork says whether all name servers are in the same IPv4 /24, as far
// as their addresses are known.
func (j *judgement) oneNetwork() bool {
	var networks []netip.Prefix
	for _, h := range j.NameServers {
		for _, ip := range addresses(h.A) {
			p, err := ip.Prefix(24)
			if err == nil {
				networks = append(networks, p)
			}
		}
		if h.failed() || len(addresses(h.AAAA)) > 0 {
			return false
		}
	}
	for _, n := range networks {
		if n != networks[0] {
			return false
		}
	}
	return len(networks) > 1
}

// minExpire is how long in seconds a secondary server must keep a zone at
// least (RFC 1912, section 2.2, advises two to four weeks).
const minExpire = 604800

func (j *judgement) soa() {
	for _, rr := range j.SOA.Records {
		soa, ok := rr.(*dns.SOA)
		if !ok || soa.Expire >= minExpire {
			continue
		}
		j.add("soa-weak", AreaDNS, Info, "RFC 1912, section 2.2", fmt.Sprintf("expire %d", soa.Expire),
			say("De DNS-zone verloopt bij een storing al binnen een week.", "The DNS zone expires within a week when there is a failure."),
			say("Vraag je hoster om `expire` in het SOA-record op twee tot vier weken te zetten.", "Ask your hoster to set `expire` in the SOA record to two to four weeks."))
	}
}

// caa judges which authorities may issue certificates (RFC 8659).
func (j *judgement) caa() {
	switch {
	case j.CAAFailed != nil:
		j.unknown("caa", AreaWeb, "RFC 8659, section 3", "CAA", *j.CAAFailed)
		return
	case j.CAASet == nil:
		j.add("caa-missing", AreaWeb, Info, "RFC 8659, section 3", "",
			say("Er is geen CAA: elke uitgever mag een certificaat voor dit domein maken.", "There is no CAA: any authority may issue a certificate for this domain."),
			say("Vraag je hoster welke uitgever hij gebruikt, en om een CAA-record daarvoor.", "Ask your hoster which authority it uses, and for a CAA record that names it."))
		return
	}
	value := shorten(strings.Join(j.CAASet.Text, ", "), 200)
	switch s := j.CAASet; {
	case len(s.Faults) > 0:
		f := s.Faults[0]
		j.findings = append(j.findings, Finding{ID: "caa-invalid", Area: AreaWeb, Status: Fail, Value: value, At: f.At, RFC: f.RFC,
			Text:   say("Een CAA-record is ongeldig: het "+f.Why.NL+".", "A CAA record is not valid: it "+f.Why.EN+"."),
			Advice: say("Vraag je hoster om het te verbeteren, anders kan je certificaat niet vernieuwd worden.", "Ask your hoster to correct it, or your certificate may not be renewed.")})
	case !s.HasIssue:
		j.add("caa-weak", AreaWeb, Info, "RFC 8659, section 4.2", value,
			say("CAA zegt niet wie gewone certificaten mag maken (`issue` ontbreekt).", "CAA does not say who may issue ordinary certificates (`issue` is missing)."),
			say("Vraag je hoster om `issue` toe te voegen.", "Ask your hoster to add `issue`."))
	case len(s.Issue) == 0:
		j.add("caa-ok", AreaWeb, Pass, "RFC 8659, section 4.2", value,
			say("CAA klopt: niemand mag een gewoon certificaat voor dit domein maken.", "CAA is fine: nobody may issue an ordinary certificate for this domain."), lang.Text{})
	default:
		j.add("caa-ok", AreaWeb, Pass, "RFC 8659", value,
			say("CAA klopt: het zegt wie certificaten voor dit domein mag maken.", "CAA is fine: it says who may issue certificates for this domain."), lang.Text{})
	}
}
