package domaincheck

import (
	"fmt"
	"slices"
	"strings"

	"wolkwijs/domaincheck/dnsq"
	"wolkwijs/domaincheck/spf"
	"wolkwijs/lang"
)

// spf judges who may send mail in the domain's name (RFC 7208).
func (j *judgement) spf() {
	root := j.SPF.Root
	switch root.Problem {
	case spf.Failed:
		j.unknown("spf", AreaMail, "RFC 7208, section 4.4", "SPF", j.TXT)
		return
	case spf.NoRecord, spf.NoName:
		j.noSPF()
		return
	case spf.Multiple:
		j.add("spf-multiple", AreaMail, Fail, "RFC 7208, section 4.5", strings.Join(root.Texts, "\n"),
			sayf("Er zijn %d SPF-records; er mag er maar één zijn. Ontvangers tellen ze nu geen van alle.", "There are %d SPF records; only one is allowed. Receivers now count none of them.", len(root.Texts)),
			say("Vraag je hoster om er één record van te maken: voeg de delen samen en laat `v=spf1` en `all` één keer staan.",
				"Ask your hoster to make one record of them: put the parts together, with `v=spf1` and `all` only once."))
		return
	case spf.Invalid:
		j.broken("spf-invalid", AreaMail, "SPF", root.Text, root.Err,
			say("Vraag je hoster om het SPF-record te verbeteren. Zolang het ongeldig is, telt het niet.", "Ask your hoster to correct the SPF record. As long as it is not valid, it does not count."))
		return
	}
	before := len(j.findings)
	j.spfLimits()
	j.spfBranches()
	j.spfStrength()
	sound, failed := true, false
	for _, f := range j.findings[before:] {
		sound = sound && f.Status == Info
		failed = failed || f.Status == Unknown
	}
	for _, t := range j.SPF.PTR {
		j.add("spf-ptr", AreaMail, Info, "RFC 7208, section 5.5", t,
			say("SPF gebruikt `ptr`. Dat is verouderd en traag, en veel ontvangers slaan het over.", "SPF uses `ptr`, which is outdated and slow, and skipped by many receivers."),
			say("Vraag je hoster om `ptr` te vervangen door `ip4:`, `ip6:` of `a:`.", "Ask your hoster to replace `ptr` by `ip4:`, `ip6:` or `a:`."))
		break
	}
	if len(j.SPF.Macros) > 0 {
		j.add("spf-macro", AreaMail, Info, "RFC 7208, section 7", strings.Join(j.SPF.Macros, " "),
			say("Een deel van SPF hangt af van het bericht (macro's). Wie daar mogen versturen is in DNS niet te zien.", "Part of SPF depends on the message (macros). Who may send there cannot be seen in DNS."), lang.Text{})
	}
	if j.SPFType.Status == dnsq.Found {
		j.add("spf-type", AreaMail, Info, "RFC 7208, section 3.1", "",
			say("Er is ook een record van het oude type SPF. Niemand leest dat nog.", "There is also a record of the old type SPF, which nobody reads any more."),
			say("Je hoster kan het weghalen.", "Your hoster can remove it."))
	}
	if sound && !failed {
		j.add("spf-ok", AreaMail, Pass, "RFC 7208", root.Text,
			sayf("SPF klopt: het zegt wie namens dit domein mogen mailen (%d van de 10 opzoekingen).", "SPF is fine: it says who may send mail for this domain (%d of 10 look-ups).", j.SPF.Lookups), lang.Text{})
	}
}

func (j *judgement) noSPF() {
	if j.use == NoMail || j.use == MailUnknown {
		j.add("spf-missing", AreaMail, Warn, "RFC 7208, section 10.1.2", "",
			say("Er is geen SPF. Ook een domein zonder mail kan misbruikt worden als afzender.", "There is no SPF. A domain without mail can be abused as a sender too."),
			say("Vraag je hoster om een TXT-record `v=spf1 -all`: niemand mag mailen namens dit domein.", "Ask your hoster for a TXT record `v=spf1 -all`: nobody may send mail for this domain."))
		return
	}
	j.add("spf-missing", AreaMail, Fail, "RFC 7208, section 3", "",
		say("Er is geen SPF: nergens staat wie namens dit domein mogen mailen.", "There is no SPF: nothing says who may send mail for this domain."),
		say("Vraag je mailaanbieder welk SPF-record je nodig hebt, en je hoster om het te plaatsen.", "Ask your mail provider which SPF record you need, and your hoster to publish it."))
}

// spfLimits judges the limits of RFC 7208, section 4.6.4.
func (j *judgement) spfLimits() {
	t := j.SPF
	if t.Lookups > spf.MaxLookups {
		number := fmt.Sprint(t.Lookups)
		text := sayf("SPF is ongeldig: er zijn %s opzoekingen nodig, 10 mag.", "SPF is not valid: it needs %s look-ups, and 10 are allowed.", number)
		if t.AtLeast {
			text = sayf("SPF is ongeldig: er zijn minstens %s opzoekingen nodig, 10 mag.", "SPF is not valid: it needs at least %s look-ups, and 10 are allowed.", number)
		}
		j.add("spf-too-many-lookups", AreaMail, Fail, "RFC 7208, section 4.6.4", t.Root.Text, text,
			say("Vraag je hoster om het record korter te maken: haal diensten weg die je niet meer gebruikt, of laat ze vanaf een subdomein mailen.",
				"Ask your hoster to shorten the record: remove services that you no longer use, or let them send from a subdomain."))
	}
	if len(t.Void) > spf.MaxVoid {
		j.add("spf-void-lookups", AreaMail, Warn, "RFC 7208, section 4.6.4", strings.Join(slices.Compact(slices.Clone(t.Void)), " "),
			sayf("SPF verwijst %d keer naar iets dat niet bestaat; na 2 keer mag een ontvanger het record afkeuren.", "SPF refers to something that does not exist %d times; after 2 a receiver may reject the record.", len(t.Void)),
			say("Vraag je hoster om de verwijzingen die niet meer bestaan weg te halen.", "Ask your hoster to remove the references that no longer exist."))
	}
	if len(t.ManyMX) > 0 {
		j.add("spf-invalid", AreaMail, Fail, "RFC 7208, section 4.6.4", t.ManyMX[0],
			say("SPF gebruikt `mx` bij een domein met meer dan 10 mailservers. Dat mag niet.", "SPF uses `mx` with a domain that has more than 10 mail servers, which is not allowed."),
			say("Vraag je hoster om `mx` te vervangen door `ip4:` en `ip6:`.", "Ask your hoster to replace `mx` by `ip4:` and `ip6:`."))
	}
}

// spfBranches judges the records that are included.
func (j *judgement) spfBranches() {
	reported := map[string]bool{}
	for _, n := range j.SPF.All()[1:] {
		key := string(n.Problem) + n.Domain
		if reported[key] || j.beyondReach(n) {
			continue
		}
		reported[key] = true
		j.spfBranch(n)
	}
}

// beyondReach says whether the node was left out by the walk, or stands in an
// answer that was too large; the limits have said so already.
func (j *judgement) beyondReach(n *spf.Node) bool {
	return n.Problem == "" || n.Problem == spf.TooMany || n.Problem == spf.Macro
}

func (j *judgement) spfBranch(n *spf.Node) {
	remedy := say("Haal de verwijzing weg als je die dienst niet meer gebruikt; vraag anders die dienst wat er in SPF moet staan.",
		"Remove the reference if you no longer use that service; otherwise ask that service what SPF should say.")
	switch n.Problem {
	case spf.Loop:
		j.add("spf-loop", AreaMail, Fail, "RFC 7208, section 4.6.4", n.Via,
			say("SPF verwijst in een kring naar zichzelf, en is daardoor ongeldig.", "SPF refers to itself in a circle, and so is not valid."),
			say("Vraag je hoster om deze verwijzing weg te halen.", "Ask your hoster to remove this reference."))
	case spf.Failed:
		j.add("spf-unknown", AreaMail, Unknown, "RFC 7208, section 5.2", n.Via,
			say("Een SPF-record waarnaar verwezen wordt kon ik niet opvragen. Of SPF klopt, weet ik dus niet.", "I could not look up an SPF record that is referred to, so I do not know whether SPF is right."),
			say("Probeer het over een paar minuten nog eens.", "Try again in a few minutes."))
	case spf.NoRecord, spf.NoName, spf.BadName:
		text := say("SPF verwijst naar een domein zonder SPF-record, en is daardoor ongeldig.", "SPF refers to a domain without an SPF record, and so is not valid.")
		if n.Problem != spf.NoRecord {
			text = say("SPF verwijst naar een domein dat niet bestaat, en is daardoor ongeldig.", "SPF refers to a domain that does not exist, and so is not valid.")
		}
		j.add("spf-invalid", AreaMail, Fail, "RFC 7208, section 5.2", n.Via, text, remedy)
	case spf.Multiple:
		j.add("spf-invalid", AreaMail, Fail, "RFC 7208, section 4.5", n.Via,
			say("SPF verwijst naar een domein met meer dan één SPF-record, en is daardoor ongeldig.", "SPF refers to a domain with more than one SPF record, and so is not valid."), remedy)
	case spf.Invalid:
		j.add("spf-invalid", AreaMail, Fail, "RFC 7208, section 5.2", n.Via,
			say("SPF verwijst naar een record met een fout erin, en is daardoor ongeldig.", "SPF refers to a record with a fault in it, and so is not valid."), remedy)
	}
}

// spfStrength judges what the record says of all others.
func (j *judgement) spfStrength() {
	t := j.SPF
	if term := t.AllowsAll(); term != "" {
		j.add("spf-allows-all", AreaMail, Fail, "RFC 7208, section 5.1", t.Root.Text,
			say("SPF laat iedereen toe om namens dit domein te mailen.", "SPF allows everybody to send mail for this domain."),
			say("Vraag je hoster om het einde van het record te veranderen in `-all` of `~all`, en te kijken naar te grote netwerken.",
				"Ask your hoster to change the end of the record to `-all` or `~all`, and to look at networks that are too large."))
		return
	}
	switch t.Default() {
	case '?':
		j.add("spf-weak", AreaMail, Warn, "RFC 7208, section 8.2", t.Root.Text,
			say("SPF zegt niet wat er met andere afzenders moet gebeuren (geen `all`, of `?all`). Zo beschermt het niet.", "SPF does not say what should happen to other senders (no `all`, or `?all`). Like this it does not protect."),
			say("Vraag je hoster om het record te laten eindigen op `~all` of `-all`.", "Ask your hoster to let the record end in `~all` or `-all`."))
	case '~':
		if j.use == NoMail {
			j.add("spf-weak", AreaMail, Warn, "RFC 7208, section 10.1.2", t.Root.Text,
				say("Dit domein ontvangt en verstuurt geen mail, maar SPF eindigt op `~all` in plaats van `-all`.", "This domain neither receives nor sends mail, but SPF ends in `~all` instead of `-all`."),
				say("Vraag je hoster om `v=spf1 -all`.", "Ask your hoster for `v=spf1 -all`."))
		}
	}
	if n := t.Wide(); n != "" {
		j.add("spf-weak", AreaMail, Warn, "RFC 7208, section 11.4", n,
			say("SPF laat een heel groot netwerk toe, met veel computers van anderen.", "SPF allows a very large network, with many computers of others."),
			say("Vraag je hoster of dat netwerk kleiner kan.", "Ask your hoster whether that network can be smaller."))
	}
}
