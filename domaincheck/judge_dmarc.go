package domaincheck

import (
	"strings"

	"wolkwijs/domaincheck/dmarc"
	"wolkwijs/domaincheck/dnsq"
	"wolkwijs/lang"
)

// dmarc judges what receivers are to do with mail that fails SPF and DKIM
// (RFC 9989).
func (j *judgement) dmarc() {
	d := &j.DMARC
	switch {
	case d.Domain == "" && d.Failed != nil:
		j.unknown("dmarc", AreaMail, "RFC 9989, section 4.10", "DMARC", dnsq.Answer{Failure: d.Failed})
		return
	case len(d.Many) > 0:
		j.add("dmarc-multiple", AreaMail, Fail, "RFC 9989, section 4.10", strings.Join(d.Many, "\n"),
			sayf("Er zijn %d DMARC-records; er mag er maar één zijn. Ontvangers tellen ze nu geen van alle.", "There are %d DMARC records; only one is allowed. Receivers now count none of them.", len(d.Many)),
			say("Vraag je hoster om alleen het strengste record te laten staan.", "Ask your hoster to keep only the strictest record."))
		return
	case d.Err != nil:
		j.broken("dmarc-invalid", AreaMail, "DMARC", d.Text, d.Err,
			say("Vraag je hoster om het te verbeteren, bijvoorbeeld tot `v=DMARC1; p=quarantine; rua=mailto:` met je eigen rapportadres.",
				"Ask your hoster to correct it, for example to `v=DMARC1; p=quarantine; rua=mailto:` with your own report address."))
		return
	case d.Domain == "":
		j.noDMARC()
		return
	}
	before := len(j.findings)
	j.dmarcPolicy()
	sound := true
	for _, f := range j.findings[before:] {
		sound = sound && f.Status == Info
	}
	if sound {
		j.add("dmarc-ok", AreaMail, Pass, "RFC 9989, section 4.7", d.Text,
			sayf("DMARC beschermt: valse mail namens dit domein krijgt het beleid `%s`.", "DMARC protects: forged mail in this domain's name gets the policy `%s`.", j.dmarcEffective()), lang.Text{})
	}
	j.dmarcReports()
}

// noDMARC judges a domain without a DMARC record.
func (j *judgement) noDMARC() {
	if other, ok := j.foreign(j.DMARC.Other); ok {
		_, err := dmarc.Parse(other)
		j.broken("dmarc-invalid", AreaMail, "DMARC", other, err,
			say("Vraag je hoster om op deze plek een DMARC-record te zetten.", "Ask your hoster to put a DMARC record in this place."))
		return
	}
	if j.use == NoMail {
		j.add("dmarc-missing", AreaMail, Warn, "RFC 9989, section 4.10.1", "",
			say("Er is geen DMARC. Ook een domein zonder mail kan misbruikt worden als afzender.", "There is no DMARC. A domain without mail can be abused as a sender too."),
			say("Vraag je hoster om op `_dmarc` het TXT-record `v=DMARC1; p=reject` te zetten.", "Ask your hoster to put the TXT record `v=DMARC1; p=reject` at `_dmarc`."))
		return
	}
	j.add("dmarc-missing", AreaMail, Fail, "RFC 9989, section 4.10.1", "",
		say("Er is geen DMARC: anderen kunnen mail namens jou sturen zonder dat ontvangers weten wat ze ermee moeten.",
			"There is no DMARC: others can send mail in your name, and receivers do not know what to do with it."),
		say("Vraag je hoster om op `_dmarc` te beginnen met `v=DMARC1; p=none` en een rapportadres (`rua=`), en het na een paar weken op `quarantine` te zetten.",
			"Ask your hoster to start at `_dmarc` with `v=DMARC1; p=none` and a report address (`rua=`), and to move to `quarantine` after some weeks."))
}

// dmarcEffective is the policy for the domain as receivers act on it.
func (f *Facts) dmarcEffective() dmarc.Policy { return f.DMARC.Effective(f.Target.Domain) }

// dmarcPolicy is the policy for reports; empty if there is no record that
// counts.
func (f *Facts) dmarcPolicy() dmarc.Policy {
	switch {
	case f.DMARC.Record == nil || f.DMARC.Err != nil || len(f.DMARC.Many) > 0:
		return ""
	case f.DMARC.Record.Degraded:
		return dmarc.None
	}
	return f.dmarcEffective()
}

func (j *judgement) dmarcPolicy() {
	r, text := j.DMARC.Record, j.DMARC.Text
	stricter := say("Zet het op `quarantine` of `reject` als de rapporten een paar weken goed zijn.", "Move to `quarantine` or `reject` once the reports have been good for some weeks.")
	if j.use == NoMail {
		stricter = say("Vraag je hoster om `v=DMARC1; p=reject`: dit domein mailt toch niet.", "Ask your hoster for `v=DMARC1; p=reject`: this domain sends no mail anyway.")
	}
	// asked is the policy for this domain as the record has it: one of a name
	// above speaks of it as a subdomain.
	asked, inherited := r.P, j.DMARC.Domain != j.Target.Domain
	if inherited {
		asked = r.SP
	}
	effective := j.dmarcEffective()
	switch {
	case r.Degraded:
		j.add("dmarc-none", AreaMail, Warn, "RFC 9989, section 4.10.1", text,
			say("DMARC heeft bij `sp=` of `np=` een waarde die niet bestaat. Ontvangers doen daarom alsof er `p=none` staat, en houden niets tegen.",
				"DMARC has a value at `sp=` or `np=` that does not exist. Receivers therefore act as if it said `p=none`, and stop nothing."),
			say("Vraag je hoster om die waarde te verbeteren tot `none`, `quarantine` of `reject`.", "Ask your hoster to correct that value to `none`, `quarantine` or `reject`."))
	case effective == dmarc.None && asked != dmarc.None:
		j.add("dmarc-weak", AreaMail, Warn, "RFC 9989, section 4.7", text,
			say("DMARC staat op proef (`t=y`): ontvangers houden nog niets tegen.", "DMARC is on trial (`t=y`): receivers do not stop anything yet."),
			say("Haal `t=y` weg als de rapporten een paar weken goed zijn.", "Remove `t=y` once the reports have been good for some weeks."))
	case effective == dmarc.None && inherited && r.P != dmarc.None:
		if j.use != NoMail {
			stricter = say("Vraag wie het domein erboven beheert om `sp=quarantine` of `sp=reject`, of je hoster om een eigen DMARC-record voor dit domein.",
				"Ask whoever manages the domain above for `sp=quarantine` or `sp=reject`, or your hoster for a DMARC record of this domain's own.")
		}
		j.add("dmarc-none", AreaMail, Warn, "RFC 9989, section 4.7", text,
			say("DMARC van het domein erboven zegt `sp=none` voor dit domein: anderen kunnen mail namens jou sturen.", "DMARC of the domain above says `sp=none` for this domain: others can send mail in your name."), stricter)
	case effective == dmarc.None:
		j.add("dmarc-none", AreaMail, Warn, "RFC 9989, section 4.7", text,
			say("DMARC staat op `p=none`: anderen kunnen mail namens jou sturen.", "DMARC says `p=none`: others can send mail in your name."), stricter)
	case r.Testing:
		j.add("dmarc-weak", AreaMail, Info, "RFC 9989, section 4.7", text,
			say("DMARC staat op proef (`t=y`): ontvangers doen een stap minder dan er staat.", "DMARC is on trial (`t=y`): receivers do one step less than it says."),
			say("Haal `t=y` weg als de rapporten een paar weken goed zijn.", "Remove `t=y` once the reports have been good for some weeks."))
	case j.use == NoMail && effective != dmarc.Reject:
		j.add("dmarc-weak", AreaMail, Warn, "RFC 9989, section 4.7", text,
			say("Dit domein mailt niet, maar DMARC staat niet op `reject`.", "This domain sends no mail, but DMARC does not say `reject`."), stricter)
	}
	if effective != dmarc.None && (r.SP == dmarc.None || r.NP == dmarc.None) && !r.Degraded {
		j.add("dmarc-weak", AreaMail, Warn, "RFC 9989, section 4.7", text,
			say("DMARC beschermt het domein zelf, maar subdomeinen niet (`sp=none` of `np=none`).", "DMARC protects the domain itself, but not its subdomains (`sp=none` or `np=none`)."),
			say("Vraag je hoster om `sp=` weg te halen of gelijk te maken aan `p=`.", "Ask your hoster to remove `sp=` or make it equal to `p=`."))
	}
}

// dmarcReports judges what else the record says: tags of older versions, and
// whether reports arrive.
func (j *judgement) dmarcReports() {
	r, text := j.DMARC.Record, j.DMARC.Text
	if len(r.Historic) > 0 || r.Sizes {
		what := "`" + strings.Join(r.Historic, "`, `") + "`"
		if len(r.Historic) == 0 {
			what = "`!`"
		}
		finding := sayf("DMARC gebruikt %s. Dat is in de nieuwe standaard vervallen; ontvangers slaan het over.", "DMARC uses %s, which the new standard has dropped; receivers skip it.", what)
		if r.Percent != "" && r.Percent != "100" {
			finding = sayf("DMARC gebruikt %s. Dat is vervallen: nieuwe ontvangers passen het beleid toe op alle mail, oude op een deel.",
				"DMARC uses %s, which has been dropped: new receivers apply the policy to all mail, old ones to a part.", what)
		}
		j.add("dmarc-historic", AreaMail, Info, "RFC 9989, section 4.7", text, finding,
			say("Je hoster kan het weghalen.", "Your hoster can remove it."))
	}
	if len(r.Unknown) > 0 {
		j.add("dmarc-unknown-tag", AreaMail, Info, "RFC 9989, section 4.7", shorten(strings.Join(r.Unknown, ", "), 100),
			say("DMARC heeft een onderdeel dat niet bestaat. Ontvangers slaan het over; misschien is het een typfout.", "DMARC has a tag that does not exist. Receivers skip it; it may be a typo."),
			say("Vraag je hoster om het na te kijken.", "Ask your hoster to look at it."))
	}
	if len(r.RUA) == 0 && j.use != NoMail {
		j.add("dmarc-no-reports", AreaMail, Info, "RFC 9990", text,
			say("DMARC heeft geen rapportadres. Je ziet dus niet wie er namens jou mailt.", "DMARC has no report address, so you do not see who sends mail in your name."),
			say("Voeg `rua=mailto:` toe met een adres dat je leest, of een dienst die de rapporten leesbaar maakt.", "Add `rua=mailto:` with an address that you read, or a service that makes the reports readable."))
	}
	for _, d := range j.Reports {
		switch {
		case d.Answer.Status == dnsq.Failed:
			j.add("dmarc-external-report-unknown", AreaMail, Unknown, "RFC 9990, section 4", d.Domain,
				say("Of de rapporten over dit domein hier welkom zijn, kon ik niet opvragen.", "I could not look up whether reports about this domain are welcome here."),
				say("Probeer het over een paar minuten nog eens.", "Try again in a few minutes."))
		case !d.Authorised:
			j.add("dmarc-external-report", AreaMail, Warn, "RFC 9990, section 4", d.Domain,
				say("DMARC-rapporten gaan naar een domein dat niet zegt dat het ze wil ontvangen. Ontvangers sturen ze dan niet.",
					"DMARC reports go to a domain that does not say that it wants them, so receivers do not send them."),
				say("Vraag de beheerder van dat domein om het record dat RFC 9990 daarvoor noemt, of kies een ander rapportadres.",
					"Ask the manager of that domain for the record that RFC 9990 names for this, or choose another report address."))
		}
	}
}
