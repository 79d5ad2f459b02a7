package domaincheck

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"wolkwijs/domaincheck/dnsq"
	"wolkwijs/domaincheck/holder"
	"wolkwijs/domaincheck/record"
	"wolkwijs/domaincheck/syntax"
	"wolkwijs/lang"
)

// usualFindings is as many as hardly any domain has more than.
const usualFindings = 32

// judge turns facts into findings, subject by subject. now is the moment
// against which dates are held.
func judge(f *Facts, functions []holder.Function, now time.Time) []Finding {
	j := &judgement{Facts: f, now: now, use: f.MailUse(), findings: make([]Finding, 0, usualFindings)}
	switch {
	case f.MailDomainOf != "":
		j.mailDomain()
		return j.findings
	case f.Existence() == NoSuchDomain:
		j.notFound()
		return j.findings
	}
	j.mx()
	j.spf()
	j.dmarc()
	j.dkim()
	j.mtaSTS()
	j.tlsRPT()
	j.dane()
	j.mxDNSSEC()
	j.autoconfig()
	j.bimi()
	j.parked()
	j.nameServers(functions)
	j.dnssec()
	j.caa()
	j.ipv6()
	j.web()
	j.sovereignty(functions)
	return j.findings
}

// judgement is the work on one domain.
type judgement struct {
	*Facts
	now      time.Time
	use      MailUse
	findings []Finding
}

// say is a text in both languages.
func say(nl, en string) lang.Text { return lang.Text{NL: nl, EN: en} }

// sayf is say with arguments, the same for both languages. They must be our
// own words or numbers: a stranger's words belong in Finding.Value.
func sayf(nl, en string, args ...any) lang.Text {
	return lang.Text{NL: fmt.Sprintf(nl, args...), EN: fmt.Sprintf(en, args...)}
}

// add adds a finding.
func (j *judgement) add(id string, area Area, status Status, rfc, value string, text, advice lang.Text) {
	j.findings = append(j.findings, Finding{ID: id, Area: area, Status: status, Value: value, Text: text, Advice: advice, RFC: rfc})
}

// unknown adds the finding that a subject could not be looked up. subject is
// the first part of the ID, name what people call it.
func (j *judgement) unknown(subject string, area Area, rfc string, name string, a dnsq.Answer) {
	why := dnsq.Failure{}
	if a.Failure != nil {
		why = *a.Failure
	}
	text := sayf("%s kon ik niet opvragen (%s). Daar zeg ik dus niets over.", "I could not look up %s (%s), so I say nothing about it.", name, "\x00")
	nl, en := failureWords(why.Kind)
	text.NL, text.EN = strings.ReplaceAll(text.NL, "\x00", nl), strings.ReplaceAll(text.EN, "\x00", en)
	j.add(subject+"-unknown", area, Unknown, rfc, "", text, say("Probeer het over een paar minuten nog eens.", "Try again in a few minutes."))
}

// failureWords says a kind of failure in people's words.
func failureWords(k dnsq.FailureKind) (nl, en string) {
	switch k {
	case dnsq.Timeout:
		return "de naamservers antwoorden niet op tijd", "the name servers do not answer in time"
	case dnsq.BogusKind:
		return "de DNSSEC-handtekening klopt niet", "the DNSSEC signature is wrong"
	case dnsq.Refused:
		return "de naamservers weigeren te antwoorden", "the name servers refuse to answer"
	}
	return "de naamservers geven een fout", "the name servers return an error"
}

// broken adds the finding that a record cannot be read.
func (j *judgement) broken(id string, area Area, name, value string, err error, advice lang.Text) {
	var fault *syntax.Error
	if !errors.As(err, &fault) {
		fault = &syntax.Error{}
	}
	text := sayf("Het %s-record is ongeldig: %%s.", "The %s record is not valid: %%s.", name)
	if fault.At == "" {
		text = lang.Text{NL: fmt.Sprintf(text.NL, fault.Why.NL), EN: fmt.Sprintf(text.EN, fault.Why.EN)}
	} else {
		text = lang.Text{NL: fmt.Sprintf(text.NL, fmt.Sprintf("het deel op positie %d %s", fault.Offset+1, fault.Why.NL)),
			EN: fmt.Sprintf(text.EN, fmt.Sprintf("the part at position %d %s", fault.Offset+1, fault.Why.EN))}
	}
	j.findings = append(j.findings, Finding{ID: id, Area: area, Status: Fail, Value: value, At: fault.At, Text: text, Advice: advice, RFC: fault.RFC})
}

// wildcardText says whether a TXT record is there only because of a wildcard:
// a name that nobody made has it too.
func (j *judgement) wildcardText(txt string) bool {
	for _, w := range record.TXT(j.Wildcard) {
		if w == txt {
			return true
		}
	}
	return false
}

// foreign returns the first TXT record of another kind that somebody put
// where a record of this kind belongs, and whether there is one.
func (j *judgement) foreign(other []string) (txt string, ok bool) {
	for _, txt := range other {
		if !j.wildcardText(txt) {
			return txt, true
		}
	}
	return "", false
}

func (j *judgement) mailDomain() {
	j.findings = append(j.findings, Finding{
		ID: "mail-domain-of-provider", Area: AreaMail, Status: Info, Value: j.MailDomainOf, RFC: "",
		Text: say("Dit is een maildomein van een aanbieder, niet je eigen domein. Je mail staat bij die aanbieder, en die regelt ook de beveiliging.",
			"This is a mail domain of a provider, not your own domain. Your mail is with that provider, who also takes care of its security."),
		Advice: say("Zet zelf tweestapsverificatie aan: `!2fa`. Wil je weg? Met een eigen domein kun je je adres meenemen naar een andere aanbieder: `!alt email`.",
			"Switch on two-step verification yourself: `!2fa`. Want to leave? With a domain of your own you can take your address to another provider: `!alt email`."),
	})
}

// parked says that a domain without mail is protected as such a domain should
// be.
func (j *judgement) parked() {
	if j.use == NoMail && j.has("spf-ok") && j.has("dmarc-ok") {
		j.add("parked-ok", AreaMail, Pass, "RFC 7208, section 10.1.2", "",
			say("Dit domein mailt niet, en is goed beschermd tegen misbruik als afzender.", "This domain has no mail, and is well protected against abuse as a sender."), lang.Text{})
	}
}

func (j *judgement) notFound() {
	text := say("Dit domein bestaat niet in DNS.", "This domain does not exist in DNS.")
	advice := say("Kijk of je de naam goed hebt getypt. Is het je eigen domein? Vraag je hoster of de registratie nog loopt.",
		"Check the spelling. Is it your own domain? Ask your hoster whether the registration is still running.")
	if j.CutOff {
		text = say("Mijn DNS-resolver zegt dat dit domein niet bestaat. Maar hij kent ook de wortel van DNS niet: waarschijnlijk is hij afgesloten van het internet.",
			"My DNS resolver says that this domain does not exist. But it does not know the root of DNS either: it is probably cut off from the internet.")
		advice = say("Probeer het met een andere resolver.", "Try another resolver.")
	}
	j.add("domain-not-found", AreaDNS, Fail, "RFC 8020", j.Target.Domain, text, advice)
}
