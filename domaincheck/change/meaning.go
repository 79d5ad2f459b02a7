package change

import (
	"slices"
	"strings"

	"wolkwijs/domaincheck/holder"
	"wolkwijs/lang"
)

func say(nl, en string) lang.Text { return lang.Text{NL: nl, EN: en} }

// Meaning says what a change means for those who use the domain, in a sentence
// or two of our own words, with commands between backticks.
func (c Change) Meaning() lang.Text {
	switch c.Subject {
	case Domain:
		if c.is(Gone) {
			return say("Website en mail werken niet meer. Misschien is de registratie verlopen: vraag het vandaag nog aan wie het domein beheert, want een ander kan het anders registreren.",
				"Website and mail no longer work. The registration may have ended: ask whoever manages the domain today, for otherwise somebody else can register it.")
		}
		return say("Website en mail kunnen weer werken. Kijk of het domein nog van dezelfde eigenaar is.",
			"Website and mail can work again. See whether the domain still belongs to the same owner.")
	case Mail:
		return c.mail()
	case Filter:
		if len(c.Is) == 0 {
			return say("Mail komt nu zonder filter van een ander binnen.", "Mail now comes in without somebody else's filter.")
		}
		if c.LawOnly() {
			return c.law()
		}
		return join(say("Alle inkomende mail gaat eerst langs dit filter; wie het beheert, kan meelezen.", "All incoming mail passes this filter first; whoever runs it can read along."), c.law())
	case MX:
		switch {
		case c.is(NullMX), len(c.Is) == 0:
			return say("Het domein zegt nu dat het geen mail ontvangt.", "The domain now says that it receives no mail.")
		case c.was(NullMX), len(c.Was) == 0:
			return say("Het domein ontvangt nu mail.", "The domain now receives mail.")
		}
		return say("Nieuwe mail komt op andere servers binnen.", "New mail comes in at other servers.")
	case DNS:
		return join(say("Wie de DNS heeft, bepaalt waar website en mail naartoe gaan.", "Whoever has the DNS decides where website and mail go."), c.law())
	case NS:
		return say("Andere servers vertellen nu waar website en mail te vinden zijn. Was dit niet de bedoeling, dan kan een ander het domein in handen hebben.",
			"Other servers now tell where website and mail are. If this was not meant to happen, somebody else may have the domain in hand.")
	case DNSSEC:
		return c.dnssec()
	case SPF:
		return c.spf()
	case Senders:
		return c.senders()
	case DMARC:
		return c.dmarc()
	case Web:
		switch {
		case len(c.Is) == 0:
			return say("Er is geen website meer te vinden.", "There is no website to be found any more.")
		case c.LawOnly():
			return c.law()
		}
		return join(say("De website staat nu ergens anders.", "The website is somewhere else now."), c.law())
	}
	return lang.Text{}
}

func (c Change) mail() lang.Text {
	switch {
	case c.is(holder.None):
		return say("Mail aan dit domein komt niet meer aan.", "Mail for this domain no longer arrives.")
	case c.LawOnly():
		return c.law()
	case c.is(holder.SelfHosted):
		return join(say("De postvakken staan nu op een eigen server.", "The mailboxes are on a server of the domain's own now."), c.law())
	}
	return join(say("De postvakken staan nu bij een ander; die kan bij de mail.", "The mailboxes are with somebody else now, who can get at the mail."), c.law())
}

// law says under whose law a company now is, if that is another than before.
func (c Change) law() lang.Text {
	american := func(items []Item) bool {
		return slices.ContainsFunc(items, func(i Item) bool { return i.Law == "US" })
	}
	known := len(c.Is) > 0 && !slices.ContainsFunc(c.Is, func(i Item) bool { return i.Law == "" || i.Law == unknownLaw })
	var t lang.Text
	switch was, is := american(c.Was), american(c.Is); {
	case is && !was:
		t = say("Er geldt nu Amerikaans recht; de CLOUD Act kan gelden, waar de server ook staat: `!uitleg cloud act`.",
			"American law now applies; the CLOUD Act can apply, wherever the server is: `!explain cloud act`.")
	case was && !is && known:
		t = say("Amerikaans recht geldt hier niet meer.", "American law no longer applies here.")
	}
	if c.LawOnly() {
		t = join(say("Het bedrijf is hetzelfde, maar het land van de eigenaar is veranderd in wat ik weet. Meestal is het dan verkocht.",
			"The company is the same, but the country of its owner has changed in what I know. Usually that means that it was sold."), t)
	}
	return t
}

func (c Change) dnssec() lang.Text {
	switch {
	case c.is(Bogus):
		return say("De handtekeningen kloppen niet: voor wie DNSSEC controleert, zijn website en mail onbereikbaar. Bel de hoster.",
			"The signatures are wrong: for whoever validates DNSSEC, website and mail cannot be reached. Call the hoster.")
	case c.is(Unsigned):
		return say("DNS-antwoorden van dit domein zijn weer te vervalsen. Na een verhuizing is DNSSEC vaak vergeten: vraag de hoster om het aan te zetten.",
			"DNS answers for this domain can be forged again. DNSSEC is often forgotten after a move: ask the hoster to switch it on.")
	case c.was(Bogus):
		return say("De handtekeningen kloppen weer: het domein is voor iedereen bereikbaar.", "The signatures are right again: everybody can reach the domain.")
	}
	return say("Niemand kan de DNS-antwoorden van dit domein nog vervalsen.", "Nobody can forge DNS answers for this domain any more.")
}

// strength ranks what an SPF record says of senders that it does not name, and
// what DMARC asks for: the higher, the stricter.
var strength = map[string]int{
	Missing: 0, Multiple: 0, Invalid: 0, "+all": 0, "?all": 1, "~all": 2, "-all": 3,
	"p=none": 1, "p=quarantine": 2, "p=reject": 3,
}

// stricter says whether the value now is stricter than before (1), less strict
// (-1) or neither.
func (c Change) stricter() int {
	rank := func(items []Item) int {
		policy, rest, weaker := strings.Cut(one(items), ",")
		if weaker && rest != "" {
			return 2*strength[policy] - 1 // subdomains are not protected
		}
		return 2 * strength[policy]
	}
	switch was, is := rank(c.Was), rank(c.Is); {
	case is > was:
		return 1
	case is < was:
		return -1
	}
	return 0
}

func (c Change) spf() lang.Text {
	switch {
	case c.is(Missing):
		return say("Nergens staat meer wie namens dit domein mogen mailen. Vervalsen wordt makkelijker.", "Nothing says any more who may send mail for this domain. Forging gets easier.")
	case c.is(Multiple), c.is(Invalid):
		return say("SPF werkt niet meer: ontvangers tellen het niet, en eigen mail kan als spam gelden.", "SPF no longer works: receivers do not count it, and the domain's own mail may be taken for spam.")
	case c.is("+all"):
		return say("SPF laat nu iedereen toe als afzender. Zo beschermt het niet.", "SPF now allows everybody as a sender. Like this it does not protect.")
	case c.stricter() < 0:
		return say("SPF is minder streng: valse mail komt makkelijker aan.", "SPF is less strict: forged mail arrives more easily.")
	}
	return say("SPF beschermt nu beter tegen valse mail.", "SPF now protects better against forged mail.")
}

func (c Change) senders() lang.Text {
	var t lang.Text
	if len(c.Came()) > 0 {
		t = say("Er mogen nu meer of andere partijen namens dit domein mailen.", "More or other parties may now send mail for this domain.")
	}
	if len(c.Went()) > 0 {
		t = join(t, say("Mail van wie wegviel, kan als vals gelden.", "Mail from those who went may be taken for forged."))
	}
	return t
}

func (c Change) dmarc() lang.Text {
	switch {
	case c.is(Missing):
		return say("Ontvangers weten niet meer wat ze met valse mail namens dit domein moeten.", "Receivers no longer know what to do with forged mail in this domain's name.")
	case c.is(Multiple), c.is(Invalid):
		return say("DMARC werkt niet meer: ontvangers tellen het niet.", "DMARC no longer works: receivers do not count it.")
	case c.stricter() < 0:
		return say("DMARC is minder streng: valse mail namens dit domein wordt minder tegengehouden.", "DMARC is less strict: less is done against forged mail in this domain's name.")
	}
	return say("DMARC is strenger: valse mail namens dit domein wordt beter tegengehouden.", "DMARC is stricter: more is done against forged mail in this domain's name.")
}

// join puts two texts one after the other.
func join(a, b lang.Text) lang.Text {
	if a.IsZero() || b.IsZero() {
		return lang.Text{NL: a.NL + b.NL, EN: a.EN + b.EN}
	}
	return lang.Text{NL: a.NL + " " + b.NL, EN: a.EN + " " + b.EN}
}
