package domaincheck

import (
	"errors"
	"strings"

	"wolkwijs/domaincheck/dnsq"
	"wolkwijs/domaincheck/mtasts"
	"wolkwijs/domaincheck/syntax"
	"wolkwijs/domaincheck/tlsrpt"
	"wolkwijs/lang"
)

// minMaxAge is the least max_age in seconds that gives protection: a day.
const minMaxAge = 86400

// mtaSTS judges the policy that asks senders for TLS (RFC 8461).
func (j *judgement) mtaSTS() {
	m := &j.MTASTS
	r := &m.Record
	remedy := say("Vraag je mailaanbieder of hoster om het te verbeteren.", "Ask your mail provider or hoster to correct it.")
	switch {
	case r.Answer.Status == dnsq.Failed:
		j.unknown("mta-sts", AreaMail, "RFC 8461, section 3.1", "MTA-STS", r.Answer)
		return
	case len(r.Texts) > 1:
		j.add("mta-sts-invalid", AreaMail, Fail, "RFC 8461, section 3.1", strings.Join(r.Texts, "\n"),
			say("Er is meer dan één MTA-STS-record. Afzenders tellen ze dan geen van alle.", "There is more than one MTA-STS record, so senders count none of them."), remedy)
		return
	case len(r.Texts) == 0:
		j.noMTASTS(remedy)
		return
	case r.Err != nil:
		j.broken("mta-sts-invalid", AreaMail, "MTA-STS", r.Texts[0], r.Err, remedy)
		return
	case m.Policy == nil && m.Err == nil:
		j.add("mta-sts-unchecked", AreaMail, Info, "RFC 8461, section 3.3", r.Texts[0],
			say("Er is een MTA-STS-record. Het beleid op de webserver heb ik niet opgehaald.", "There is an MTA-STS record. I have not fetched the policy from the web server."), lang.Text{})
		return
	case m.Err != nil:
		j.mtaSTSPolicyFault(remedy)
		return
	}
	j.mtaSTSPolicy(remedy)
}

func (j *judgement) noMTASTS(remedy lang.Text) {
	if other, ok := j.foreign(j.MTASTS.Record.Other); ok {
		_, err := mtasts.ParseRecord(other)
		j.broken("mta-sts-invalid", AreaMail, "MTA-STS", other, err, remedy)
		return
	}
	if j.use == Mails {
		j.add("mta-sts-missing", AreaMail, Info, "RFC 8461, section 3.1", "",
			say("Er is geen MTA-STS: afzenders weten niet dat ze alleen versleuteld mogen afleveren.", "There is no MTA-STS: senders do not know that they may only deliver encrypted."),
			say("Vraag je mailaanbieder om MTA-STS of DANE.", "Ask your mail provider for MTA-STS or DANE."))
	}
}

// mtaSTSPolicyFault judges a policy that could not be fetched or read.
func (j *judgement) mtaSTSPolicyFault(remedy lang.Text) {
	m := &j.MTASTS
	var fault *syntax.Error
	var fetch *mtasts.FetchError
	switch {
	case errors.As(m.Err, &fault):
		j.broken("mta-sts-invalid", AreaMail, "MTA-STS", shorten(m.Text, 300), m.Err, remedy)
		last := &j.findings[len(j.findings)-1]
		last.Text = say("Het MTA-STS-beleid op de webserver is ongeldig: "+fault.Why.NL+".", "The MTA-STS policy on the web server is not valid: "+fault.Why.EN+".")
	case errors.As(m.Err, &fetch) && !fetch.Temporary:
		j.add("mta-sts-invalid", AreaMail, Fail, "RFC 8461, section 3.3", mtasts.URL(j.Target.Domain),
			say("Het MTA-STS-beleid is niet op te halen: "+fetch.Why.NL+". MTA-STS werkt daardoor niet.", "The MTA-STS policy cannot be fetched: "+fetch.Why.EN+". So MTA-STS does not work."), remedy)
	default:
		why := say("de webserver antwoordt niet", "the web server does not answer")
		if fetch != nil {
			why = fetch.Why
		}
		j.add("mta-sts-unknown", AreaMail, Unknown, "RFC 8461, section 3.3", mtasts.URL(j.Target.Domain),
			say("Het MTA-STS-beleid kon ik niet ophalen: "+why.NL+". Daar zeg ik dus niets over.", "I could not fetch the MTA-STS policy: "+why.EN+". So I say nothing about it."),
			say("Probeer het over een paar minuten nog eens.", "Try again in a few minutes."))
	}
}

// mtaSTSPolicy judges a policy that was read.
func (j *judgement) mtaSTSPolicy(remedy lang.Text) {
	p := j.MTASTS.Policy
	value := shorten(strings.Join(strings.Fields(j.MTASTS.Text), " "), 200)
	for _, h := range j.MailHosts {
		// Senders hold the name in the MX record against the policy, also where
		// that is an alias (RFC 8461, section 4.1). Other hosts with a problem
		// get no mail either way, and have a finding of their own.
		reached := h.Problem == HostFine || h.Problem == HostIsCNAME
		if p.Mode == mtasts.None || !reached || p.Matches(h.Name) {
			continue
		}
		f := Finding{ID: "mta-sts-invalid", Area: AreaMail, Status: Fail, RFC: "RFC 8461, section 4.1", Value: value, At: h.Name,
			Text: say("Deze mailserver staat niet in het MTA-STS-beleid. Afzenders die zich eraan houden leveren hier niet af.",
				"This mail server is not in the MTA-STS policy. Senders that follow it do not deliver here."), Advice: remedy}
		if p.Mode == mtasts.Testing {
			f.ID, f.Status, f.RFC = "mta-sts-weak", Warn, "RFC 8461, section 5"
			f.Text = say("Deze mailserver staat niet in het MTA-STS-beleid. Dat staat nog op proef (`mode: testing`): afzenders leveren gewoon af, en melden het alleen.",
				"This mail server is not in the MTA-STS policy. That is still on trial (`mode: testing`): senders deliver as usual, and only report it.")
			f.Advice = say("Vraag je mailaanbieder of hoster om deze mailserver in het beleid te zetten, voordat het op `enforce` gaat.",
				"Ask your mail provider or hoster to add this mail server to the policy before it moves to `enforce`.")
		}
		j.findings = append(j.findings, f)
		return
	}
	switch {
	case p.Mode == mtasts.None:
		j.add("mta-sts-weak", AreaMail, Info, "RFC 8461, section 5", value,
			say("MTA-STS is uitgezet (`mode: none`).", "MTA-STS is switched off (`mode: none`)."), lang.Text{})
	case p.Mode == mtasts.Testing:
		j.add("mta-sts-weak", AreaMail, Info, "RFC 8461, section 5", value,
			say("MTA-STS staat op proef (`mode: testing`): afzenders melden fouten, maar leveren toch af.", "MTA-STS is on trial (`mode: testing`): senders report failures, but deliver all the same."),
			say("Zet het op `enforce` als de rapporten een paar weken goed zijn.", "Move to `enforce` once the reports have been good for some weeks."))
	case p.MaxAgeSeconds < minMaxAge:
		j.add("mta-sts-weak", AreaMail, Warn, "RFC 8461, section 3.2", value,
			say("Het MTA-STS-beleid geldt korter dan een dag (`max_age`). Zo beschermt het nauwelijks.", "The MTA-STS policy is valid for less than a day (`max_age`), which hardly protects."),
			say("Vraag om een `max_age` van een paar weken.", "Ask for a `max_age` of some weeks."))
	default:
		j.add("mta-sts-ok", AreaMail, Pass, "RFC 8461", value,
			say("MTA-STS klopt: afzenders leveren alleen versleuteld af.", "MTA-STS is fine: senders only deliver encrypted."), lang.Text{})
	}
}

// tlsRPT judges where failures of TLS are reported (RFC 8460).
func (j *judgement) tlsRPT() {
	r := &j.TLSRPT
	remedy := say("Vraag je hoster om het te verbeteren, bijvoorbeeld tot `v=TLSRPTv1; rua=mailto:` met je eigen rapportadres.",
		"Ask your hoster to correct it, for example to `v=TLSRPTv1; rua=mailto:` with your own report address.")
	other, isOther := j.foreign(r.Other)
	switch {
	case r.Answer.Status == dnsq.Failed:
		j.unknown("tls-rpt", AreaMail, "RFC 8460, section 3", "TLS-RPT", r.Answer)
	case len(r.Texts) > 1:
		j.add("tls-rpt-invalid", AreaMail, Fail, "RFC 8460, section 3", strings.Join(r.Texts, "\n"),
			say("Er is meer dan één TLS-RPT-record. Afzenders tellen ze dan geen van alle.", "There is more than one TLS-RPT record, so senders count none of them."), remedy)
	case r.Err != nil:
		j.broken("tls-rpt-invalid", AreaMail, "TLS-RPT", r.Texts[0], r.Err, remedy)
	case len(r.Texts) == 1 && r.Record.Fields > 1:
		j.add("tls-rpt-weak", AreaMail, Info, "RFC 8460, section 3", r.Texts[0],
			say("TLS-RPT heeft `rua=` meer dan eens. Niet elke afzender leest dat.", "TLS-RPT has `rua=` more than once, which not every sender reads."),
			say("Zet alle adressen in één `rua=`, met komma's ertussen.", "Put all addresses into one `rua=`, with commas between them."))
	case len(r.Texts) == 1:
		j.add("tls-rpt-ok", AreaMail, Pass, "RFC 8460, section 3", r.Texts[0],
			say("TLS-RPT klopt: afzenders melden problemen met versleuteling.", "TLS-RPT is fine: senders report problems with encryption."), lang.Text{})
	case isOther:
		_, err := tlsrpt.Parse(other)
		j.broken("tls-rpt-invalid", AreaMail, "TLS-RPT", other, err, remedy)
	case j.use == Mails:
		j.add("tls-rpt-missing", AreaMail, Info, "RFC 8460, section 3", "",
			say("Er is geen TLS-RPT: niemand meldt je of versleuteld afleveren misgaat.", "There is no TLS-RPT: nobody reports to you when encrypted delivery fails."),
			say("Vraag er pas om als MTA-STS of DANE aan staat.", "Ask for it only once MTA-STS or DANE is on."))
	}
}
