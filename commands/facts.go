package commands

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"wolkwijs/answer"
	"wolkwijs/knowledge"
)

// country names a country without its article: "Duitsland", "Verenigde
// Staten". A code that the knowledge base does not hold is shown as it is.
func country(c *call, id string) string {
	k := c.kb.Country(id)
	if k == nil {
		return id
	}
	return k.Bare(c.lang)
}

// countries names countries, with between between them.
func countries(c *call, ids []string, between string) string {
	var names []string
	for _, id := range ids {
		names = append(names, country(c, id))
	}
	return strings.Join(names, between)
}

// seat says where a service comes from: its seat and its owner, each said to
// be unknown where no source states it.
func seat(c *call, s *knowledge.Service) string {
	var hq string
	switch {
	case s.HQCountry != "":
		hq = country(c, s.HQCountry)
	case len(s.HQConflict) > 0:
		hq = c.say("land: bronnen verschillen", "country: sources disagree") + " (" + countries(c, s.HQConflict, c.say(" of ", " or ")) + ")"
	default:
		hq = c.say("land onbekend", "country unknown")
	}
	switch {
	case s.Owner == "":
		return hq + ", " + c.say("eigenaar onbekend", "owner unknown")
	case s.OwnerCountry == "" || s.OwnerCountry == s.HQCountry:
		return hq + ", " + c.say("eigenaar ", "owner ") + s.Owner
	}
	return hq + ", " + c.say("eigenaar ", "owner ") + s.Owner + " (" + country(c, s.OwnerCountry) + ")"
}

// property is one fact of a service in words. One that says nothing in the
// category of the service counts as known.
type property struct {
	key   string // as in the knowledge base
	name  string // what it is about, for "not known: …"
	words string // what is known; empty if there is nothing worth saying
	known bool
}

// properties says what is known of a service, in the order of a list.
func properties(c *call, s *knowledge.Service) []property {
	tri := func(t knowledge.Tri, key, name, yes, no string) property {
		switch t {
		case knowledge.Yes:
			return property{key, name, yes, true}
		case knowledge.No:
			return property{key, name, no, true}
		}
		return property{key, name, "", false}
	}
	open := property{"open_source", c.say("broncode", "source code"), "", true}
	switch s.OpenSource {
	case knowledge.OpenFull:
		open.words = "open source"
	case knowledge.OpenPartial:
		open.words = c.say("deels open source", "partly open source")
	case knowledge.OpenNone:
		open.words = c.say("broncode gesloten", "closed source")
	default:
		open.known = false
	}
	e2ee := property{"e2ee", c.say("eind-tot-eindversleuteling", "end-to-end encryption"), "", true}
	switch s.E2EE {
	case knowledge.E2EEDefault:
		e2ee.words = c.say("eind-tot-eindversleuteld", "end-to-end encrypted")
	case knowledge.E2EEOptional:
		e2ee.words = c.say("eind-tot-eindversleuteling als je die aanzet", "end-to-end encryption if you switch it on")
	case knowledge.E2EENone:
		e2ee.words = c.say("niet eind-tot-eindversleuteld", "not end-to-end encrypted")
	default:
		e2ee.known = false
	}
	all := []property{
		e2ee,
		open,
		tri(s.Free, "free", c.say("prijs", "price"), c.say("gratis versie", "free version"), c.say("betaald", "paid")),
		tri(s.DutchUI, "dutch_ui", c.say("Nederlandse taal", "Dutch interface"), c.say("in het Nederlands", "in Dutch"), c.say("niet in het Nederlands", "not in Dutch")),
	}
	for i, p := range all {
		all[i].known = p.known || c.kb.IsMoot(s, p.key)
	}
	return all
}

// factLine is what is known of a service in one line, and what is not.
func factLine(c *call, s *knowledge.Service) answer.Text {
	known, unknown := []string{seat(c, s)}, []string(nil)
	for _, p := range properties(c, s) {
		switch {
		case !p.known:
			unknown = append(unknown, p.name)
		case p.words != "":
			known = append(known, p.words)
		}
	}
	t := answer.Plain(upperFirst(strings.Join(known, " · ")))
	if len(unknown) > 0 {
		t = append(t, answer.Span{Kind: answer.Quiet, S: c.say(" · onbekend: ", " · unknown: ") + strings.Join(unknown, ", ")})
	}
	return t
}

// upperFirst makes the first letter of s a capital.
func upperFirst(s string) string {
	r, size := utf8.DecodeRuneInString(s)
	return string(unicode.ToUpper(r)) + s[size:]
}

// firstSentence is the first sentence of a text.
func firstSentence(s string) string {
	for i, r := range s {
		if (r == '.' || r == '!' || r == '?') && (i+1 == len(s) || s[i+1] == ' ') && i > 20 {
			return s[:i+1]
		}
	}
	return s
}
