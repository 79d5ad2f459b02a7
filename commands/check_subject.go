package commands

import (
	"fmt"
	"strings"

	"wolkwijs/answer"
	"wolkwijs/domaincheck"
	"wolkwijs/domaincheck/holder"
	"wolkwijs/domaincheck/spf"
	"wolkwijs/lang"
)

// subject is a part of a check that can be explained in full.
type subject struct {
	title    string
	names    []string // as typed, the first is the usual one
	findings []string // what IDs of findings about it begin with
	what     lang.Text
}

// subjects are the subjects, in the order of an answer.
var subjects = []subject{
	{"MX", []string{"mx"}, []string{"mx-", "null-mx"}, lang.Text{
		NL: "MX-records zeggen welke servers de mail voor een domein aannemen.",
		EN: "MX records say which servers accept the mail for a domain."}},
	{"SPF", []string{"spf"}, []string{"spf-"}, lang.Text{
		NL: "SPF is een lijst van servers die namens een domein mogen mailen.",
		EN: "SPF is a list of servers that may send mail in a domain's name."}},
	{"DMARC", []string{"dmarc"}, []string{"dmarc-"}, lang.Text{
		NL: "DMARC zegt wat ontvangers moeten doen met mail die niet echt van het domein komt, en waar rapporten erover heen gaan.",
		EN: "DMARC says what receivers should do with mail that is not really from the domain, and where reports about it go."}},
	{"DKIM", []string{"dkim"}, []string{"dkim-"}, lang.Text{
		NL: "DKIM is een digitale handtekening onder mail. De sleutel om die te controleren staat in DNS.",
		EN: "DKIM is a digital signature under mail. The key to check it is in DNS."}},
	{"DNSSEC", []string{"dnssec"}, []string{"dnssec-"}, lang.Text{
		NL: "DNSSEC ondertekent DNS-antwoorden, zodat niemand ze kan vervalsen.",
		EN: "DNSSEC signs DNS answers, so that nobody can forge them."}},
	{"DANE", []string{"dane", "tlsa"}, []string{"dane-"}, lang.Text{
		NL: "DANE zegt in DNS welk certificaat bij een mailserver hoort. Het werkt alleen met DNSSEC.",
		EN: "DANE says in DNS which certificate belongs to a mail server. It only works with DNSSEC."}},
	{"MTA-STS", []string{"mta-sts", "mtasts"}, []string{"mta-sts-"}, lang.Text{
		NL: "MTA-STS vraagt afzenders om mail alleen versleuteld af te leveren.",
		EN: "MTA-STS asks senders to deliver mail only encrypted."}},
	{"TLS-RPT", []string{"tls-rpt", "tlsrpt"}, []string{"tls-rpt-"}, lang.Text{
		NL: "TLS-RPT vraagt afzenders om te melden wanneer versleuteld afleveren misgaat.",
		EN: "TLS-RPT asks senders to report when encrypted delivery fails."}},
	{"CAA", []string{"caa"}, []string{"caa-"}, lang.Text{
		NL: "CAA zegt wie certificaten voor een domein mag maken.",
		EN: "CAA says who may issue certificates for a domain."}},
	{"BIMI", []string{"bimi"}, []string{"bimi-"}, lang.Text{
		NL: "BIMI wijst naar een logo dat mailprogramma's naast je mail kunnen tonen.",
		EN: "BIMI points to a logo that mail programs can show beside your mail."}},
	{"autoconfig", []string{"autoconfig", "autodiscover"}, []string{"autoconfig-"}, lang.Text{
		NL: "Met autoconfig en autodiscover vinden mailprogramma's zelf hun instellingen.",
		EN: "With autoconfig and autodiscover mail programs find their settings by themselves."}},
	{"IPv6", []string{"ipv6"}, []string{"ipv6-"}, lang.Text{
		NL: "IPv6 is de nieuwe vorm van internetadressen. Wie alleen die heeft, moet je ook kunnen bereiken.",
		EN: "IPv6 is the new form of internet addresses. Those who have only that should reach you too."}},
	{"NS", []string{"ns", "dns"}, []string{"ns-", "soa-", "wildcard"}, lang.Text{
		NL: "Naamservers geven antwoord op alle DNS-vragen over een domein.",
		EN: "Name servers answer all DNS questions about a domain."}},
	{"website", []string{"web", "website"}, []string{"web-", "https-record-"}, lang.Text{
		NL: "De adressen van de website staan in A- en AAAA-records.",
		EN: "The addresses of the website are in A and AAAA records."}},
}

// subjectList is the names of the subjects for a sentence.
func subjectList(lang.Code) string {
	names := make([]string, len(subjects))
	for i, s := range subjects {
		names[i] = "`" + s.names[0] + "`"
	}
	return strings.Join(names, ", ")
}

// subjectOf returns the subject that a finding is about, or nil.
func subjectOf(id string) *subject {
	for i := range subjects {
		for _, prefix := range subjects[i].findings {
			if strings.HasPrefix(id, prefix) {
				return &subjects[i]
			}
		}
	}
	return nil
}

// subjectAnswer explains one subject in full: what it is, what was found, the
// records, and what to do.
func subjectAnswer(c *call, r *domaincheck.Report, about *subject) *answer.Answer {
	a := answer.New(c.lang, answer.Join(answer.Code(r.Unicode), answer.Plain(": "+about.title)))
	a.Topic = "check:" + r.Domain
	a.Para(answer.Prose(about.what.In(c.lang)))
	found := false
	for _, f := range r.Findings {
		if subjectOf(f.ID) != about {
			continue
		}
		found = true
		a.Para(answer.Join(answer.Plain(statusWords[f.Status].In(c.lang)+": "), answer.Prose(strings.TrimSpace(f.Text.In(c.lang)+" "+f.Advice.In(c.lang)))))
		for _, line := range []string{f.Value, f.At} {
			if line != "" {
				a.Para(answer.Code(line))
			}
		}
		if f.RFC != "" {
			a.Para(answer.Text{{Kind: answer.Quiet, S: f.RFC}})
		}
	}
	if !found {
		a.Para(c.prose("Hierover valt voor dit domein niets te zeggen.", "There is nothing to say about this for this domain."))
	}
	if about.title == "SPF" && r.Facts != nil && r.Facts.SPF != nil {
		spfTree(c, a, r)
	}
	a.Source = answer.Plain(queries(c, r.Queries))
	return a
}

// spfTree lists the records of the SPF tree with what they cost, and the
// companies that may send.
func spfTree(c *call, a *answer.Answer, r *domaincheck.Report) {
	var items []answer.Text
	for _, n := range r.Facts.SPF.All() {
		name := n.Via
		if name == "" {
			name = n.Domain
		}
		line := answer.Code(name)
		switch {
		case n.Problem == spf.Macro:
			line = answer.Join(line, answer.Plain(c.say(": hangt af van het bericht", ": depends on the message")))
		case n.Problem != "":
			line = answer.Join(line, answer.Plain(c.say(": niet bruikbaar", ": of no use")))
		default:
			line = answer.Join(line, answer.Plain(": "+lookups(c, n.Lookups)))
		}
		items = append(items, line)
	}
	if len(items) > 1 {
		a.Para(answer.Bold(c.say("Wat SPF opvraagt (10 mag)", "What SPF looks up (10 allowed)")))
		a.Bullets(items...)
	}
	var senders []answer.Text
	for _, f := range r.Functions {
		if f.Function == holder.MailSending && f.Name != "" {
			senders = append(senders, answer.Join(who(c, f), answer.Plain(": "+ownerOf(c, f))))
		}
	}
	if len(senders) > 0 {
		a.Para(answer.Bold(c.say("Wie mogen versturen", "Who may send")))
		a.Bullets(senders...)
	}
}

// lookups counts SPF look-ups in words.
func lookups(c *call, n int) string {
	if n == 1 {
		return c.say("1 opzoeking", "1 look-up")
	}
	return fmt.Sprintf(c.say("%d opzoekingen", "%d look-ups"), n)
}
