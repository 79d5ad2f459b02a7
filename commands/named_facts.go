package commands

import (
	"cmp"
	"slices"
	"strings"

	"wolkwijs/answer"
	"wolkwijs/knowledge"
	"wolkwijs/knowledge/search"
)

// whose is a sentence that says whose something is and from which country. hq
// is empty for a product, of which only the owner is known.
func whose(c *call, name, owner, ownerCountry, hq string) string {
	from := func(id string) string {
		if k := c.kb.Country(id); k != nil {
			return c.say("uit ", "from ") + k.Name.In(c.lang)
		}
		return ""
	}
	seat, parent := from(hq), from(ownerCountry)
	where := cmp.Or(seat, parent)
	var nl, en string
	switch {
	case knowledge.Fold(owner) == knowledge.Fold(name) && where != "":
		nl, en = name+" komt "+where, name+" is "+where
	case owner == "" && where == "":
		nl, en = "Van wie "+name+" is, weet ik niet", "I do not know whose "+name+" is"
	case owner == "":
		nl, en = name+" komt "+where+"; van wie het is, weet ik niet", name+" is "+where+"; I do not know whose it is"
	case seat != "" && parent != "" && seat != parent:
		nl, en = name+" komt "+seat+" en is van "+owner+", "+parent, name+" is "+seat+" and belongs to "+owner+", "+parent
	case where == "":
		nl, en = name+" is van "+owner, name+" belongs to "+owner
	default:
		nl, en = name+" is van "+owner+", "+where, name+" belongs to "+owner+", "+where
	}
	return strings.TrimSuffix(c.say(nl, en), ".") + "."
}

// law says which law reaches the data with a company, and where that is said;
// nil if the countries are not known. It is the law of its seat; an owner under
// American law, or in a country whose law the EU has not called adequate,
// counts first.
func (s *Service) law(c *call, hq, owner string) (answer.Text, knowledge.Sourced) {
	k := c.kb.Country(hq)
	if parent := c.kb.Country(owner); parent != nil && (k == nil || k.Group != "US" && (parent.Group == "US" || !adequate(parent))) {
		k = parent
	}
	if k == nil {
		return nil, knowledge.Sourced{}
	}
	name := k.Name.In(c.lang)
	var t answer.Text
	switch {
	case k.Group == "US":
		t = c.prose(
			"Dan geldt ook Amerikaans recht: met de CLOUD Act kan een Amerikaans bevel gegevens raken die in Europa staan. `!uitleg cloud act` zegt er meer over.",
			"So American law applies too: under the CLOUD Act an American order can reach data that is kept in Europe. `!explain cloud act` says more.")
	case k.Group == "EU" || k.Group == "EEA":
		t = c.prose("Daar geldt de AVG, de Europese privacywet.", "The GDPR, the European privacy law, applies there.")
	case adequate(k):
		t = answer.Plain(c.say("De EU vindt de privacywet van "+name+" goed genoeg.", "The EU finds the privacy law of "+name+" good enough."))
	default:
		t = answer.Plain(c.say("De EU heeft niet vastgesteld dat gegevens in "+name+" even goed beschermd zijn als hier.", "The EU has not found that data in "+name+" is protected as well as here."))
	}
	return t, knowledge.Sourced{Sources: k.Sources} // a law has no age
}

// adequate says whether the law of a country protects data as the EU wants it.
func adequate(k *knowledge.Country) bool {
	return k.Group == "EU" || k.Group == "EEA" || k.Adequate == knowledge.Yes
}

// verdict is "Ja. ", "Nee. " or "Deels. " where a question supposes a country
// or an owner; empty where it does not, or where that cannot be said. hq is
// empty for a product: where that is made is not known, only whose it is.
func (s *Service) verdict(c *call, asked search.Asked, hq, ownerCountry, owner string) string {
	yes, no := c.say("Ja. ", "Yes. "), c.say("Nee. ", "No. ")
	switch {
	case !asked.Sure:
	case asked.Country != "" && hq != "":
		is := func(id string) bool {
			k := c.kb.Country(id)
			return id == asked.Country || k != nil && (asked.Country == search.Europe && european(k) || asked.Country == "EU" && (k.Group == "EU" || k.Group == "EEA"))
		}
		switch seat, parent := is(hq), is(cmp.Or(ownerCountry, hq)); {
		case seat && parent:
			return yes
		case seat || parent:
			return c.say("Deels. ", "Partly. ")
		}
		return no
	case asked.Owner != "" && owner != "":
		if overlap(ownerWords(owner), ownerWords(asked.Owner)) {
			return yes
		}
		if len(asked.Named) < 2 {
			return ""
		}
		if p := c.kb.Product(asked.Named[1].ID); p == nil || p.Owner != owner { // else it is of the same owner, as Instagram and WhatsApp are
			return no
		}
	}
	return ""
}

// ownerWords are the words by which an owner is known.
func ownerWords(owner string) (words []string) {
	for w := range strings.FieldsFuncSeq(strings.ToLower(owner), func(r rune) bool { return !('a' <= r && r <= 'z' || '0' <= r && r <= '9' || r > 0x7f) }) {
		if len(w) > 2 && !everyOwner[w] {
			words = append(words, w)
		}
	}
	return words
}

// everyOwner are words of names of owners that tell none from another.
var everyOwner = map[string]bool{
	"inc": true, "ltd": true, "llc": true, "gmbh": true, "corp": true, "corporation": true, "company": true, "group": true, "holding": true, "holdings": true,
	"foundation": true, "stichting": true, "technologies": true, "technology": true, "software": true, "services": true, "communications": true, "messenger": true,
	"search": true, "mail": true, "drive": true, "cloud": true, "the": true, "het": true, "team": true, "community": true, "international": true, "systems": true, "labs": true,
}

func overlap(a, b []string) bool {
	return slices.ContainsFunc(a, func(w string) bool { return slices.Contains(b, w) })
}

// aspectOf answers what was asked of a service in one sentence; empty where
// its card alone does.
func (s *Service) aspectOf(c *call, asked search.Asked, svc *knowledge.Service) string {
	n := svc.Name
	tri := func(t knowledge.Tri, yes, no, unknown string) string {
		switch t {
		case knowledge.Yes:
			return yes
		case knowledge.No:
			return no
		}
		return unknown
	}
	switch asked.Aspect {
	case search.Owner:
		t := s.verdict(c, asked, svc.HQCountry, svc.OwnerCountry, svc.Owner) + whose(c, n, svc.Owner, svc.OwnerCountry, svc.HQCountry)
		if len(svc.HQConflict) > 0 {
			t += c.say(" Over het land zijn mijn bronnen het oneens: ", " My sources disagree about the country: ") + countries(c, svc.HQConflict, c.say(" of ", " or ")) + "."
		}
		return t
	case search.Trust:
		return s.merits(c, svc)
	case search.Encryption:
		switch svc.E2EE {
		case knowledge.E2EEDefault:
			return c.say(n+" is eind-tot-eindversleuteld: de aanbieder kan de inhoud niet lezen.", n+" is end-to-end encrypted: the provider cannot read the content.")
		case knowledge.E2EEOptional:
			return c.say(n+" kan eind-tot-eindversleutelen, maar dat moet je zelf aanzetten.", n+" can encrypt end to end, but you have to switch that on.")
		case knowledge.E2EENone:
			return c.say(n+" is niet eind-tot-eindversleuteld: wie de server beheert, kan bij de inhoud.", n+" is not end-to-end encrypted: whoever runs the server can get at the content.")
		}
		return c.say("Of "+n+" eind-tot-eindversleutelt, weet ik niet.", "I do not know whether "+n+" encrypts end to end.")
	case search.DataPlace:
		if len(svc.Hosting) == 0 {
			return c.say("Waar "+n+" je gegevens bewaart, weet ik niet.", "I do not know where "+n+" keeps your data.")
		}
		return c.say("Bij "+n+" staan je gegevens in: ", n+" keeps your data in: ") + countries(c, svc.Hosting, ", ") + "."
	case search.Price:
		switch {
		case !svc.Price.IsZero():
			return n + ": " + strings.TrimSuffix(svc.Price.In(c.lang), ".") + "."
		case svc.Free == knowledge.No:
			return c.say(n+" kost geld. Hoeveel, weet ik niet.", n+" costs money. I do not know how much.")
		}
		return tri(svc.Free, c.say(n+" heeft een gratis versie.", n+" has a free version."), "",
			c.say("Wat "+n+" kost, weet ik niet.", "I do not know what "+n+" costs."))
	case search.Source:
		switch svc.OpenSource {
		case knowledge.OpenFull:
			return c.say(n+" is open source: iedereen kan de broncode nakijken.", n+" is open source: anybody can look at the source code.")
		case knowledge.OpenPartial:
			return c.say(n+" is deels open source.", n+" is partly open source.")
		case knowledge.OpenNone:
			return c.say(n+" is niet open source: de broncode is gesloten.", n+" is not open source: its source code is closed.")
		}
		return c.say("Of "+n+" open source is, weet ik niet.", "I do not know whether "+n+" is open source.")
	case search.Dutch:
		return tri(svc.DutchUI, c.say(n+" is er in het Nederlands.", n+" comes in Dutch."), c.say(n+" is er niet in het Nederlands.", n+" does not come in Dutch."),
			c.say("Of "+n+" er in het Nederlands is, weet ik niet.", "I do not know whether "+n+" comes in Dutch."))
	case search.SelfHost:
		return tri(svc.SelfHost, c.say(n+" kun je zelf draaien, op een eigen server.", "You can run "+n+" yourself, on a server of your own."), c.say(n+" kun je niet zelf draaien.", "You cannot run "+n+" yourself."),
			c.say("Of je "+n+" zelf kunt draaien, weet ik niet.", "I do not know whether you can run "+n+" yourself."))
	}
	return ""
}

// merits weighs how a service is built, in one line. Under which law it is,
// and what else must be said, is told after it.
func (s *Service) merits(c *call, svc *knowledge.Service) string {
	var good, bad []string
	switch svc.E2EE {
	case knowledge.E2EEDefault:
		good = append(good, c.say("eind-tot-eindversleuteld", "end-to-end encrypted"))
	case knowledge.E2EEOptional:
		bad = append(bad, c.say("eind-tot-eindversleuteling moet je zelf aanzetten", "you have to switch end-to-end encryption on yourself"))
	case knowledge.E2EENone:
		bad = append(bad, c.say("niet eind-tot-eindversleuteld", "not end-to-end encrypted"))
	}
	switch svc.OpenSource {
	case knowledge.OpenFull:
		good = append(good, "open source")
	case knowledge.OpenPartial:
		good = append(good, c.say("deels open source", "partly open source"))
	case knowledge.OpenNone:
		bad = append(bad, c.say("de broncode is gesloten", "its source code is closed"))
	}
	n, plus, minus := svc.Name, strings.Join(good, ", "), strings.Join(bad, ", ")
	switch {
	case plus == "" && minus == "":
		return c.say("Hoe veilig "+n+" is, kan ik niet zeggen: daarvoor weet ik te weinig.", "I cannot say how safe "+n+" is: I know too little for that.")
	case minus == "":
		return c.say("Voor "+n+" pleit: "+plus+".", "What speaks for "+n+": "+plus+".")
	case plus == "":
		return c.say("Let bij "+n+" op: "+minus+".", "Mind with "+n+": "+minus+".")
	}
	return c.say("Voor "+n+" pleit: "+plus+". Let wel op: "+minus+".", "What speaks for "+n+": "+plus+". But mind: "+minus+".")
}
