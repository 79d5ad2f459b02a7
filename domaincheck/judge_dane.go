package domaincheck

import (
	"strings"

	"wolkwijs/domaincheck/bimi"
	"wolkwijs/domaincheck/dmarc"
	"wolkwijs/domaincheck/dnsq"
	"wolkwijs/lang"
)

// daneRFC is the section on which mail servers DANE protects.
const daneRFC = "RFC 7672, section 2.2"

// dane judges the TLSA records of the mail servers. They count only where
// DNSSEC proves both the MX records and the TLSA records.
func (j *judgement) dane() {
	if j.use != Mails {
		return
	}
	var values []string
	usable, insecure, rollover := 0, false, true
	for _, h := range j.MailHosts {
		switch {
		case !h.TLSAAsked:
			continue
		case h.TLSA.Status == dnsq.Failed:
			j.unknown("dane", AreaMail, daneRFC, "DANE", h.TLSA)
			return
		case h.DANE == nil:
			continue
		case h.TLSA.Security == dnsq.Insecure:
			insecure = true
			continue
		case j.MX.Security != dnsq.Secure || h.TLSA.Security != dnsq.Secure:
			j.add("dane-unknown", AreaMail, Unknown, daneRFC, h.Name,
				say("Er zijn TLSA-records, maar of DNSSEC ze bewijst kon ik niet vaststellen.", "There are TLSA records, but I could not tell whether DNSSEC proves them."),
				say("Vraag het via een resolver die DNSSEC controleert.", "Ask through a resolver that validates DNSSEC."))
			return
		}
		for _, fault := range h.DANE.Faults {
			j.findings = append(j.findings, Finding{ID: "dane-invalid", Area: AreaMail, Status: daneStatus(h.DANE.Usable), RFC: fault.RFC, Value: h.Name, At: fault.At,
				Text:   say("Een TLSA-record van deze mailserver is onbruikbaar: het "+fault.Why.NL+".", "A TLSA record of this mail server is of no use: it "+fault.Why.EN+"."),
				Advice: say("Vraag je mailaanbieder om het te verbeteren.", "Ask your mail provider to correct it.")})
			break
		}
		if h.DANE.Usable > 0 {
			usable++
			rollover = rollover && h.DANE.Usable > 1
			values = append(values, h.Name+": "+strings.Join(h.DANE.Text, ", "))
		} else {
			rollover = false
		}
	}
	j.daneVerdict(usable, insecure, rollover, shorten(strings.Join(values, "; "), 300))
}

// daneStatus is the status of a faulty record beside others that are usable:
// a server of which none is usable gets no encrypted mail it can prove.
func daneStatus(usable int) Status {
	if usable > 0 {
		return Info
	}
	return Warn
}

func (j *judgement) daneVerdict(usable int, insecure, rollover bool, value string) {
	switch {
	case usable == len(j.MailHosts):
		text := say("DANE klopt: afzenders weten welk certificaat bij je mailserver hoort.", "DANE is fine: senders know which certificate belongs to your mail server.")
		if !rollover {
			text = say("DANE klopt: afzenders weten welk certificaat bij je mailserver hoort. Er staat één sleutel in; zet bij een nieuw certificaat de nieuwe er eerst bij.",
				"DANE is fine: senders know which certificate belongs to your mail server. It has one key; with a new certificate, add the new one first.")
		}
		j.add("dane-ok", AreaMail, Pass, daneRFC, value, text, lang.Text{})
	case usable > 0:
		j.add("dane-weak", AreaMail, Warn, daneRFC, value,
			sayf("%d van de %d mailservers hebben DANE. De andere verlagen de bescherming.", "%d of the %d mail servers have DANE. The others lower the protection.", usable, len(j.MailHosts)),
			say("Vraag je mailaanbieder om DANE voor alle mailservers.", "Ask your mail provider for DANE on all mail servers."))
	case j.has("dane-invalid"):
	case insecure:
		j.add("dane-invalid", AreaMail, Warn, daneRFC, "",
			say("Er zijn TLSA-records, maar de mailserver heeft geen DNSSEC. Dan tellen ze niet.", "There are TLSA records, but the mail server has no DNSSEC, so they do not count."),
			say("Vraag je mailaanbieder om DNSSEC op zijn domein.", "Ask your mail provider for DNSSEC on its domain."))
	case j.MX.Security == dnsq.Insecure:
		j.add("dane-missing", AreaMail, Info, daneRFC, "",
			say("DANE werkt niet: dit domein heeft geen DNSSEC.", "DANE does not work: this domain has no DNSSEC."), lang.Text{})
	default:
		if failed := j.mailHostFailed(); failed != nil {
			j.unknown("dane", AreaMail, daneRFC, "DANE", *failed)
			return
		}
		j.add("dane-missing", AreaMail, Info, daneRFC, "",
			say("De mailserver heeft geen DANE.", "The mail server has no DANE."),
			say("Vraag je mailaanbieder of hij DANE ondersteunt.", "Ask your mail provider whether it supports DANE."))
	}
}

// mailHostFailed returns an answer about an exchange that failed, or nil.
func (j *judgement) mailHostFailed() *dnsq.Answer {
	for i := range j.MailHosts {
		for _, a := range []*dnsq.Answer{&j.MailHosts[i].A, &j.MailHosts[i].AAAA} {
			if a.Status == dnsq.Failed {
				return a
			}
		}
	}
	return nil
}

// has says whether there is a finding with the given ID.
func (j *judgement) has(id string) bool {
	for _, f := range j.findings {
		if f.ID == id {
			return true
		}
	}
	return false
}

// mxDNSSEC judges whether the names of the mail servers are signed, without
// which there is no DANE for them.
func (j *judgement) mxDNSSEC() {
	var secure, insecure []string
	for _, h := range j.MailHosts {
		switch {
		case h.insecure():
			insecure = append(insecure, h.Name)
		case h.A.Security == dnsq.Secure || h.AAAA.Security == dnsq.Secure:
			secure = append(secure, h.Name)
		}
	}
	switch {
	case j.use != Mails:
	case len(insecure) > 0:
		j.add("dnssec-mx-insecure", AreaDNS, Info, daneRFC, shorten(strings.Join(insecure, ", "), 200),
			say("Het domein van de mailserver heeft geen DNSSEC. Het adres waar je mail heen gaat is daardoor te vervalsen.", "The mail server's own domain has no DNSSEC, so the address to which your mail goes can be forged."),
			say("Vraag je mailaanbieder om DNSSEC op de namen van zijn mailservers.", "Ask your mail provider for DNSSEC on the names of its mail servers."))
	case len(secure) == len(j.MailHosts):
		j.add("dnssec-mx-ok", AreaDNS, Pass, daneRFC, shorten(strings.Join(secure, ", "), 200),
			say("De namen van de mailservers zijn beschermd met DNSSEC.", "The names of the mail servers are protected by DNSSEC."), lang.Text{})
	}
}

const bimiRFC = "draft-brand-indicators-for-message-identification, section 4.3"

// bimi judges the logo that mail programs may show.
func (j *judgement) bimi() {
	r := &j.BIMI
	remedy := say("Vraag wie je BIMI heeft ingesteld om het te verbeteren.", "Ask whoever set up BIMI for you to correct it.")
	other, isOther := j.foreign(r.Other)
	switch {
	case r.Answer.Status == dnsq.Failed:
		j.unknown("bimi", AreaMail, bimiRFC, "BIMI", r.Answer)
	case len(r.Texts) > 1:
		j.add("bimi-invalid", AreaMail, Warn, bimiRFC, strings.Join(r.Texts, "\n"),
			say("Er is meer dan één BIMI-record. Ontvangers tellen ze dan geen van alle.", "There is more than one BIMI record, so receivers count none of them."), remedy)
	case r.Err != nil:
		j.broken("bimi-invalid", AreaMail, "BIMI", r.Texts[0], r.Err, remedy)
	case len(r.Texts) == 0 && isOther:
		_, err := bimi.Parse(other)
		j.broken("bimi-invalid", AreaMail, "BIMI", other, err, remedy)
	case len(r.Texts) == 0:
		if j.use == Mails {
			j.add("bimi-missing", AreaMail, Info, bimiRFC, "",
				say("Er is geen BIMI (een logo naast je mail). Dat is niet erg.", "There is no BIMI (a logo beside your mail). That is no problem."), lang.Text{})
		}
	case r.Record.Declined():
		j.add("bimi-ok", AreaMail, Pass, bimiRFC, r.Texts[0],
			say("BIMI klopt: dit domein wil geen logo tonen.", "BIMI is fine: this domain wants no logo shown."), lang.Text{})
	case j.DMARC.Record != nil && j.dmarcEffective() == dmarc.None:
		j.add("bimi-weak", AreaMail, Info, bimiRFC, r.Texts[0],
			say("Er is een BIMI-logo, maar mailprogramma's tonen het alleen bij DMARC `quarantine` of `reject`.", "There is a BIMI logo, but mail programs only show it with DMARC `quarantine` or `reject`."),
			say("Maak eerst DMARC strenger.", "Make DMARC stricter first."))
	case r.Record.Evidence == "":
		j.add("bimi-weak", AreaMail, Info, bimiRFC, r.Texts[0],
			say("Er is een BIMI-logo zonder certificaat. De grote mailprogramma's tonen het dan niet.", "There is a BIMI logo without a certificate, which the large mail programs do not show."),
			say("Een certificaat (VMC of CMC) kost jaarlijks geld. Het is niet nodig voor goede beveiliging.", "A certificate (VMC or CMC) costs money every year. It is not needed for good security."))
	default:
		j.add("bimi-ok", AreaMail, Pass, bimiRFC, r.Texts[0],
			say("BIMI klopt: mailprogramma's kunnen je logo tonen.", "BIMI is fine: mail programs can show your logo."), lang.Text{})
	}
}
