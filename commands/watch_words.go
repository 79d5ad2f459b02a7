package commands

import (
	"fmt"

	"wolkwijs/answer"
	"wolkwijs/domaincheck/change"
	"wolkwijs/domaincheck/holder"
	"wolkwijs/lang"
)

// watchedNames are the subjects of changes as people call them.
var watchedNames = map[change.Subject]lang.Text{
	change.Domain:  {NL: "Domein", EN: "Domain"},
	change.Mail:    {NL: "Mail", EN: "Mail"},
	change.Filter:  {NL: "Mailfilter", EN: "Mail filter"},
	change.MX:      {NL: "Mailservers (MX)", EN: "Mail servers (MX)"},
	change.DNS:     {NL: "DNS", EN: "DNS"},
	change.NS:      {NL: "Naamservers (NS)", EN: "Name servers (NS)"},
	change.DNSSEC:  {NL: "DNSSEC", EN: "DNSSEC"},
	change.SPF:     {NL: "SPF", EN: "SPF"},
	change.Senders: {NL: "Wie mag mailen (SPF)", EN: "Who may send (SPF)"},
	change.DMARC:   {NL: "DMARC", EN: "DMARC"},
	change.Web:     {NL: "Website", EN: "Website"},
}

// watchedWords are our own words of a snapshot.
var watchedWords = map[change.Subject]map[string]lang.Text{
	change.Domain: {change.Exists: {NL: "bestaat", EN: "exists"}, change.Gone: {NL: "bestaat niet", EN: "does not exist"}},
	change.DNSSEC: {
		change.Signed: {NL: "ondertekend", EN: "signed"}, change.Unsigned: {NL: "niet ondertekend", EN: "not signed"},
		change.Bogus: {NL: "handtekening klopt niet", EN: "signature is wrong"},
	},
	change.SPF:   recordWords,
	change.DMARC: recordWords,
	change.MX:    {change.NullMX: {NL: "geen (null-MX)", EN: "none (null MX)"}},
	change.Senders: {
		change.ManyNetworks: {NL: "meer dan tien netwerken", EN: "more than ten networks"},
	},
	change.Mail: {holder.None: {NL: "geen", EN: "none"}},
}

var recordWords = map[string]lang.Text{
	change.Missing:  {NL: "geen", EN: "none"},
	change.Multiple: {NL: "meer dan één, dus ongeldig", EN: "more than one, so not valid"},
	change.Invalid:  {NL: "ongeldig", EN: "not valid"},
}

// maxValues is how many items of a value are shown.
const maxValues = 4

// values are the items of a subject in words.
func values(c *call, s change.Subject, items []change.Item) answer.Text {
	if len(items) == 0 {
		return answer.Plain(c.say("geen", "none"))
	}
	var t answer.Text
	for i, item := range items {
		if i > 0 {
			t = append(t, answer.Span{S: ", "})
		}
		if i == maxValues {
			return append(t, answer.Span{S: fmt.Sprintf(c.say("en nog %d", "and %d more"), len(items)-i)})
		}
		t = append(t, itemText(c, s, item)...)
	}
	return t
}

// itemText is one item in words. What is not our own word and no company that
// we know is a stranger's text.
func itemText(c *call, s change.Subject, item change.Item) answer.Text {
	if word, ok := watchedWords[s][item.Name]; ok {
		return answer.Plain(word.In(c.lang))
	}
	if !isHolder(s) {
		return answer.Code(item.Name)
	}
	var t answer.Text
	if p := c.kb.Provider(item.Name); p != nil {
		t = answer.Plain(p.Name)
	} else if item.Name == holder.SelfHosted {
		t = answer.Plain(c.say("eigen server", "own server"))
	} else {
		t = answer.Code(item.Name)
	}
	if land := shortCountry(c, item.Country); land != "" {
		t = answer.Join(t, answer.Plain(" ("+land+")"))
	}
	return t
}

// isHolder says whether the items of a subject are companies.
func isHolder(s change.Subject) bool {
	switch s {
	case change.Mail, change.Filter, change.DNS, change.Web:
		return true
	}
	return false
}

// changeLine is "was → is" of one change. Of long lists only the difference
// is shown.
func changeLine(c *call, ch change.Change) answer.Text {
	t := answer.Join(answer.Bold(watchedNames[ch.Subject].In(c.lang)), answer.Plain(": "))
	if ch.Subject != change.Senders && len(ch.Was) <= maxValues && len(ch.Is) <= maxValues {
		return answer.Join(t, values(c, ch.Subject, ch.Was), answer.Plain(" → "), values(c, ch.Subject, ch.Is))
	}
	went, came := ch.Went(), ch.Came()
	if len(went) > 0 {
		t = answer.Join(t, answer.Plain(c.say("weg: ", "gone: ")), values(c, ch.Subject, went))
	}
	if len(came) > 0 {
		if len(went) > 0 {
			t = answer.Join(t, answer.Plain("; "))
		}
		t = answer.Join(t, answer.Plain(c.say("nieuw: ", "new: ")), values(c, ch.Subject, came))
	}
	return t
}

// newsHeadline says the weightiest change in a sentence, and how many there
// are.
func newsHeadline(c *call, domain string, changes []change.Change) answer.Text {
	ch := changes[0]
	name, now := answer.Code(domain), values(c, ch.Subject, ch.Is)
	plain := func(nl, en string) answer.Text { return answer.Plain(c.say(nl, en)) }
	around := func(nlBefore, nlAfter, enBefore, enAfter string) answer.Text {
		return answer.Join(plain(nlBefore, enBefore), name, plain(nlAfter, enAfter))
	}
	var t answer.Text
	switch is := one(ch.Is); {
	case ch.Subject == change.Domain && is == change.Gone:
		t = around("", " bestaat niet meer in DNS.", "", " no longer exists in DNS.")
	case ch.Subject == change.Domain:
		t = around("", " bestaat weer in DNS.", "", " exists in DNS again.")
	case isHolder(ch.Subject) && ch.LawOnly():
		what := map[change.Subject]lang.Text{
			change.Mail: {NL: "De mail", EN: "The mail"}, change.Filter: {NL: "Het mailfilter", EN: "The mail filter"},
			change.DNS: {NL: "De DNS", EN: "The DNS"}, change.Web: {NL: "De website", EN: "The website"},
		}[ch.Subject]
		t = around(what.NL+" van ", " valt nu onder ander recht.", what.EN+" of ", " is under another law now.")
	case ch.Subject == change.Mail && is == holder.None, ch.Subject == change.MX && (is == change.NullMX || len(ch.Is) == 0):
		t = around("", " ontvangt geen mail meer.", "", " no longer receives mail.")
	case ch.Subject == change.Mail && is == holder.SelfHosted:
		t = around("De mail van ", " staat nu op een eigen server.", "The mail of ", " is on a server of its own now.")
	case ch.Subject == change.Mail:
		t = answer.Join(around("De mail van ", " staat nu bij ", "The mail of ", " is now with "), now, answer.Plain("."))
	case ch.Subject == change.Filter && len(ch.Is) == 0:
		t = around("De mail van ", " gaat niet meer door een filter.", "The mail of ", " no longer passes a filter.")
	case ch.Subject == change.Filter:
		t = answer.Join(around("De mail van ", " gaat nu door een filter van ", "The mail of ", " now passes a filter of "), now, answer.Plain("."))
	case ch.Subject == change.MX:
		t = around("De mail van ", " komt nu op andere servers binnen.", "The mail of ", " now comes in at other servers.")
	case ch.Subject == change.DNS:
		t = answer.Join(around("De DNS van ", " staat nu bij ", "The DNS of ", " is now with "), now, answer.Plain("."))
	case ch.Subject == change.NS:
		t = around("", " heeft andere naamservers.", "", " has other name servers.")
	case ch.Subject == change.DNSSEC && is == change.Bogus:
		t = around("De DNSSEC-handtekeningen van ", " kloppen niet.", "The DNSSEC signatures of ", " are wrong.")
	case ch.Subject == change.DNSSEC && is == change.Unsigned:
		t = around("", " is niet meer ondertekend met DNSSEC.", "", " is no longer signed with DNSSEC.")
	case ch.Subject == change.DNSSEC:
		t = around("", " is nu goed ondertekend met DNSSEC.", "", " is now properly signed with DNSSEC.")
	case ch.Subject == change.Senders:
		t = around("Wie namens ", " mogen mailen, is veranderd.", "Who may send mail for ", " has changed.")
	case ch.Subject == change.Web && len(ch.Is) > 0:
		t = answer.Join(around("De website van ", " staat nu bij ", "The website of ", " is now with "), now, answer.Plain("."))
	default:
		subject := watchedNames[ch.Subject].In(c.lang)
		t = around(subject+" van ", " is veranderd.", subject+" of ", " has changed.")
	}
	if n := len(changes); n > 1 {
		t = answer.Join(t, answer.Plain(fmt.Sprintf(c.say(" In totaal veranderden %d dingen:", " In all, %d things changed:"), n)))
	}
	return t
}

// one is the name of the only item, or nothing.
func one(items []change.Item) string {
	if len(items) != 1 {
		return ""
	}
	return items[0].Name
}

// seenNow sums a snapshot up in a line.
func seenNow(c *call, s change.Snapshot) answer.Text {
	if one(s.Items(change.Domain)) == change.Gone {
		return answer.Plain(c.say("het domein bestaat niet", "the domain does not exist"))
	}
	var t answer.Text
	add := func(nl, en string, value answer.Text) {
		if len(t) > 0 {
			t = append(t, answer.Span{S: ", "})
		}
		t = append(t, answer.Span{S: c.say(nl, en)})
		t = append(t, value...)
	}
	for _, h := range []struct {
		subject change.Subject
		nl, en  string
	}{
		{change.Mail, "mail bij ", "mail with "}, {change.Filter, "filter van ", "filter of "}, {change.DNS, "DNS bij ", "DNS with "}, {change.Web, "website bij ", "website with "},
		{change.DNSSEC, "DNSSEC ", "DNSSEC "}, {change.SPF, "SPF ", "SPF "}, {change.DMARC, "DMARC ", "DMARC "},
	} {
		items := s.Items(h.subject)
		switch {
		case h.subject == change.Mail && one(items) == holder.None:
			add("geen mail", "no mail", nil)
		case len(items) > 0:
			add(h.nl, h.en, values(c, h.subject, items))
		}
	}
	if len(t) == 0 {
		return answer.Plain(c.say("het domein bestaat", "the domain exists"))
	}
	return t
}
