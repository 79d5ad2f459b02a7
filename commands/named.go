package commands

import (
	"cmp"
	"slices"
	"strings"

	"wolkwijs/answer"
	"wolkwijs/knowledge"
	"wolkwijs/knowledge/search"
)

// fewShown is how many alternatives stand under an answer about a product.
const fewShown = 3

// named answers a question about a product or service by its name: what was
// asked first, then what else is known of it. It returns nil where the
// question is about something else, such as what to use instead.
func (s *Service) named(c *call, r search.Result) *answer.Answer {
	switch {
	case r.Aspect == search.NoAspect:
		return nil
	case len(r.Named) == 0 && len(r.Brand) > 0:
		return s.whichOfBrand(c, r.Brand)
	case len(r.Named) == 0, !s.listed(c, r):
		return nil
	case r.Aspect == search.Owner:
		return s.aboutOne(c, r.Aspect, r.Named)
	}
	if refs := namedIn(c, r); len(refs) > 1 {
		return s.sideBySide(c, refs)
	}
	return s.aboutOne(c, r.Aspect, namedIn(c, r))
}

// listed says whether one of the products and services that the question names
// is of the kind that it is about: Windows is not in "a backup program for
// Windows".
func (s *Service) listed(c *call, r search.Result) bool {
	category := strings.TrimPrefix(r.Topic, "alt:")
	return slices.ContainsFunc(r.Named, func(ref knowledge.Ref) bool {
		if p := c.kb.Product(ref.ID); ref.Kind == knowledge.KindProduct && p != nil {
			return slices.Contains(p.Categories, category)
		}
		return slices.ContainsFunc(c.kb.Service(ref.ID), func(p knowledge.Placed) bool { return p.Category.ID == category })
	})
}

// namedIn are the products and services that the question is about: of "can
// Google read my Gmail", where both are Google's, the second alone.
func namedIn(c *call, r search.Result) []knowledge.Ref {
	if len(r.Named) != 2 || r.Aspect == search.Difference {
		return r.Named
	}
	maker, made := c.kb.Product(r.Named[0].ID), c.kb.Product(r.Named[1].ID)
	if maker != nil && made != nil && maker.Owner == made.Owner && maker.Owner != "" {
		return r.Named[1:]
	}
	return r.Named
}

// aboutOne answers about the first of refs; another one may be its owner.
func (s *Service) aboutOne(c *call, aspect search.Aspect, refs []knowledge.Ref) *answer.Answer {
	var a *answer.Answer
	switch ref := refs[0]; ref.Kind {
	case knowledge.KindService:
		placed := c.kb.Service(ref.ID)
		if len(placed) == 0 {
			return nil
		}
		svc := placed[0].Service
		a = s.serviceCard(c, ref.ID)
		if says := s.aspectOf(c, aspect, svc); says != nil {
			a.Headline = says
		}
		if aspect == search.Owner {
			a.Headline = answer.Join(answer.Bold(s.verdict(c, refs, svc.HQCountry, svc.OwnerCountry, svc.Owner)), a.Headline)
		}
		if aspect == search.Owner || aspect == search.Place || aspect == search.Safety {
			if law, source := s.law(c, svc.HQCountry, svc.OwnerCountry); law != nil {
				if aspect != search.Owner {
					law = answer.Join(answer.Plain(whose(c, svc.Name, svc.Owner, svc.OwnerCountry, svc.HQCountry)+" "), law)
				}
				a.Blocks = slices.Insert(a.Blocks, 0, answer.Block(answer.Paragraph{Text: law}))
				a.Source = s.source(c, append(cardSources(placed), source)...)
			}
		}
	case knowledge.KindProduct:
		p := c.kb.Product(ref.ID)
		if p == nil || len(p.Categories) == 0 {
			return nil
		}
		q := altQuery{category: p.Categories[0], product: p.ID, about: aspect}
		if aspect == search.Owner {
			q.yes = s.verdict(c, refs, p.OwnerCountry, "", p.Owner)
		}
		a = s.altList(c, q)
	default:
		return nil
	}
	c.subject = refs[0]
	return a
}

// aboutProduct begins an answer about a product that people leave: whose it
// is, what that means, and what else is known. It returns where that is from.
func (s *Service) aboutProduct(c *call, a *answer.Answer, q altQuery, p *knowledge.Product) []knowledge.Sourced {
	facts := []knowledge.Sourced{p.Sourced}
	owned := whose(c, p.Name, p.Owner, p.OwnerCountry, "")
	law, source := s.law(c, "", p.OwnerCountry)
	if law != nil {
		facts = append(facts, source)
	}
	switch {
	case q.about == search.Owner || p.Note.IsZero():
		a.Headline = answer.Bold(q.yes + owned)
		if law != nil {
			a.Para(law)
		}
		if !p.Note.IsZero() {
			a.Para(answer.Prose(p.Note.In(c.lang)))
		}
	default: // the note is nearer to what was asked
		a.Headline = noteOf(c, p)
		a.Para(answer.Join(answer.Plain(owned+" "), law))
	}
	switch q.about {
	case search.Price, search.Source, search.Dutch, search.SelfHost, search.Encryption, search.Place:
		told := !p.Note.IsZero() && (q.about == search.Encryption || q.about == search.Place)
		if says := s.aspectOf(c, q.about, &knowledge.Service{Name: p.Name}); says != nil && !told {
			a.Para(answer.Plain(says.String()))
		}
	}
	a.Para(c.prose("Liever iets anders? De beste keuzes eerst:", "Rather something else? The best choices first:"))
	return facts
}

// noteOf is what to know of a product, as the first line of an answer.
func noteOf(c *call, p *knowledge.Product) answer.Text {
	note := p.Note.In(c.lang)
	first := knowledge.Sentences(note)[0]
	rest := strings.TrimPrefix(note, first)
	if !strings.HasPrefix(first, p.Name+" ") {
		first = p.Name + ": " + first
	}
	return answer.Join(answer.Bold(first), answer.Prose(rest))
}

// explained are the aspects that a topic explains in general.
var explained = map[string][]search.Aspect{
	"e2ee":         {search.Encryption, search.Safety},
	"encryption":   {search.Encryption, search.Safety},
	"metadata":     {search.Encryption, search.Safety},
	"hybrid-cloud": {search.SelfHost},
}

// leadWith puts what is known of the one service or product that the question
// names before an answer that explains the matter in general, and says whether
// there is such.
func (s *Service) leadWith(c *call, r search.Result, a *answer.Answer) bool {
	refs := namedIn(c, r)
	if !slices.Contains(explained[a.Topic], r.Aspect) || len(refs) != 1 {
		return false
	}
	var says answer.Text
	var facts knowledge.Sourced
	switch ref := refs[0]; ref.Kind {
	case knowledge.KindService:
		if placed := c.kb.Service(ref.ID); len(placed) > 0 {
			says, facts = s.aspectOf(c, r.Aspect, placed[0].Service), placed[0].Service.Sourced
		}
	case knowledge.KindProduct:
		if p := c.kb.Product(ref.ID); p != nil && !p.Note.IsZero() {
			says, facts = noteOf(c, p), p.Sourced
		}
	}
	if says == nil {
		return false
	}
	a.Blocks = slices.Insert(a.Blocks, 0, answer.Block(answer.Paragraph{Text: a.Headline}))
	a.Headline = says
	a.Source = s.source(c, facts, c.kb.Topic(a.Topic).Sourced)
	c.subject = refs[0]
	return true
}

// whichOfBrand asks which product or service of a brand is meant.
func (s *Service) whichOfBrand(c *call, refs []knowledge.Ref) *answer.Answer {
	var found []knowledge.Match
	for _, ref := range refs {
		if name := entryName(c, ref); name != "" {
			found = append(found, knowledge.Match{Ref: ref, Name: name})
		}
	}
	if len(found) == 0 {
		return nil
	}
	return chooseOne(c, found, "alt")
}

// entryName is the name of a product or service; empty if there is none.
func entryName(c *call, ref knowledge.Ref) string {
	switch ref.Kind {
	case knowledge.KindService:
		if placed := c.kb.Service(ref.ID); len(placed) > 0 {
			return placed[0].Service.Name
		}
	case knowledge.KindProduct:
		if p := c.kb.Product(ref.ID); p != nil {
			return p.Name
		}
	}
	return ""
}

// sideBySide says what is known of several, one after another.
func (s *Service) sideBySide(c *call, refs []knowledge.Ref) *answer.Answer {
	var names []string
	var items []answer.Text
	var facts []knowledge.Sourced
	var more answer.Text
	for _, ref := range refs {
		switch ref.Kind {
		case knowledge.KindService:
			svc := c.kb.Service(ref.ID)[0].Service
			names, items, facts = append(names, svc.Name), append(items, s.altItem(c, svc)), append(facts, svc.Sourced)
		case knowledge.KindProduct:
			p := c.kb.Product(ref.ID)
			t := answer.Join(answer.Bold(p.Name+": "), answer.Plain(whose(c, p.Name, p.Owner, p.OwnerCountry, "")))
			if !p.Note.IsZero() {
				t = answer.Join(t, answer.Plain(" "), answer.Prose(p.Note.In(c.lang)))
			}
			names, items, facts = append(names, p.Name), append(items, t), append(facts, p.Sourced)
		default:
			continue
		}
		if len(more) > 0 {
			more = append(more, answer.Span{S: ", "})
		}
		more = append(more, answer.Code("!alt "+names[len(names)-1])...)
	}
	last := len(names) - 1
	a := answer.New(c.lang, answer.Bold(strings.Join(names[:last], ", ")+c.say(" en ", " and ")+names[last]+c.say(" naast elkaar", " side by side")))
	a.Bullets(items...)
	a.Para(c.prose(
		"Welke beter is, hangt af van wat jij belangrijk vindt: wie de eigenaar is, wie kan meelezen, of wie je ermee bereikt.",
		"Which one is better depends on what matters to you: who owns it, who can read along, or whom you reach with it."))
	a.Para(answer.Join(answer.Plain(c.say("Meer over elk: ", "More about each: ")), more))
	a.Source = s.source(c, facts...)
	return a
}

// whose is a sentence that says whose something is and from which country. hq
// is empty for a product, of which only the owner is known.
func whose(c *call, name, owner, ownerCountry, hq string) string {
	from := func(id string) string {
		if k := c.kb.Country(id); k != nil {
			return c.say("uit ", "from ") + k.Name.In(c.lang)
		}
		return ""
	}
	owner = strings.TrimSuffix(owner, ".")
	own := knowledge.Fold(owner) == knowledge.Fold(name)
	seat, parent := from(hq), from(ownerCountry)
	switch {
	case owner == "" && seat == "" && parent == "":
		return c.say("Van wie "+name+" is, weet ik niet.", "I do not know whose "+name+" is.")
	case own && cmp.Or(seat, parent) != "":
		return c.say(name+" komt "+cmp.Or(seat, parent)+".", name+" is "+cmp.Or(seat, parent)+".")
	case owner == "":
		return c.say(name+" komt "+cmp.Or(seat, parent)+"; van wie het is, weet ik niet.", name+" is "+cmp.Or(seat, parent)+"; I do not know whose it is.")
	case seat != "" && parent != "" && seat != parent:
		return c.say(name+" komt "+seat+" en is van "+owner+", "+parent+".", name+" is "+seat+" and belongs to "+owner+", "+parent+".")
	case seat == "" && parent == "":
		return c.say(name+" is van "+owner+".", name+" belongs to "+owner+".")
	}
	return c.say(name+" is van "+owner+", "+cmp.Or(seat, parent)+".", name+" belongs to "+owner+", "+cmp.Or(seat, parent)+".")
}

// ruler is the country whose law reaches the data with a company: that of the
// owner, but the United States where either is American; nil if not known.
func ruler(kb *knowledge.Base, hq, owner string) *knowledge.Country {
	seat := kb.Country(hq)
	if seat != nil && seat.Group == "US" {
		return seat
	}
	if k := kb.Country(owner); k != nil {
		return k
	}
	return seat
}

// law says which law reaches the data with a company, and where that is said;
// nil if the countries are not known.
func (s *Service) law(c *call, hq, owner string) (answer.Text, knowledge.Sourced) {
	k := ruler(c.kb, hq, owner)
	if k == nil {
		return nil, knowledge.Sourced{}
	}
	var t answer.Text
	switch {
	case k.Group == "US":
		t = c.prose(
			"Dan geldt ook Amerikaans recht: met de CLOUD Act kan een Amerikaans bevel gegevens raken die in Europa staan. `!uitleg cloud act` zegt er meer over.",
			"So American law applies too: under the CLOUD Act an American order can reach data that is kept in Europe. `!explain cloud act` says more.")
	case k.Group == "EU" || k.Group == "EEA":
		t = c.prose("Daar geldt de AVG, de Europese privacywet.", "The GDPR, the European privacy law, applies there.")
	case k.Adequate == knowledge.Yes:
		t = c.prose("De EU vindt de privacywet daar goed genoeg.", "The EU finds the privacy law there good enough.")
	default:
		t = c.prose("De EU heeft niet vastgesteld dat gegevens daar even goed beschermd zijn als hier.", "The EU has not found that data is protected there as well as here.")
	}
	return t, k.Sourced
}

// verdict is "Ja: " or "Nee: " where a question names a country or an owner
// and asks whether that is right; empty if it does not.
func (s *Service) verdict(c *call, refs []knowledge.Ref, hq, ownerCountry, owner string) string {
	words := strings.FieldsFunc(strings.ToLower(c.args), func(r rune) bool { return !('a' <= r && r <= 'z' || r > 0x7f) })
	if len(words) == 0 || !slices.Contains([]string{"is", "zijn", "komt", "hoort", "does", "are"}, words[0]) || hq == "" && owner == "" {
		return ""
	}
	say := func(right, partly bool) string {
		switch {
		case right && !partly:
			return c.say("Ja. ", "Yes. ")
		case right:
			return c.say("Deels. ", "Partly. ")
		}
		return c.say("Nee. ", "No. ")
	}
	for _, w := range words {
		asked := search.CountryIn(c.kb, w)
		if asked == nil {
			continue
		}
		is := func(id string) bool { return id == asked.ID || asked.ID == "EU" && european(c.kb, id) }
		if hq == "" {
			return ""
		}
		both := ownerCountry == "" || is(hq) == is(ownerCountry)
		return say(is(hq) || ownerCountry != "" && is(ownerCountry), !both)
	}
	for _, w := range words[1:] {
		if len(w) > 3 && slices.Contains(strings.Fields(strings.ToLower(strings.Trim(owner, ")"))), w) && !slices.Contains(strings.Fields(strings.ToLower(entryName(c, refs[0]))), w) {
			return say(true, false)
		}
	}
	if owner == "" || len(refs) < 2 {
		return ""
	}
	other := entryName(c, refs[1])
	if p := c.kb.Product(refs[1].ID); refs[1].Kind == knowledge.KindProduct && p != nil && p.Owner == owner {
		return say(true, false)
	}
	return say(strings.Contains(knowledge.Fold(owner), knowledge.Fold(other)), false)
}

// european says whether a country is in the EU or the EEA, or is Switzerland
// or the United Kingdom.
func european(kb *knowledge.Base, id string) bool {
	k := kb.Country(id)
	return k != nil && k.Group != "US" && k.Group != "other"
}

// aspectOf answers what was asked of a service in one sentence, or returns nil
// where its card alone does.
func (s *Service) aspectOf(c *call, aspect search.Aspect, svc *knowledge.Service) answer.Text {
	n := svc.Name
	tri := func(t knowledge.Tri, yes, no, unknown string) answer.Text {
		switch t {
		case knowledge.Yes:
			return answer.Bold(yes)
		case knowledge.No:
			return answer.Bold(no)
		}
		return answer.Bold(unknown)
	}
	switch aspect {
	case search.Owner:
		t := whose(c, n, svc.Owner, svc.OwnerCountry, svc.HQCountry)
		if len(svc.HQConflict) > 0 {
			t += c.say(" Over het land zijn mijn bronnen het oneens: ", " My sources disagree about the country: ") + countries(c, svc.HQConflict, c.say(" of ", " or ")) + "."
		}
		return answer.Bold(t)
	case search.Safety:
		return s.safety(c, svc)
	case search.Encryption:
		switch svc.E2EE {
		case knowledge.E2EEDefault:
			return answer.Bold(c.say(n+" is eind-tot-eindversleuteld: de aanbieder kan de inhoud niet lezen.", n+" is end-to-end encrypted: the provider cannot read the content."))
		case knowledge.E2EEOptional:
			return answer.Bold(c.say(n+" kan eind-tot-eindversleutelen, maar dat moet je zelf aanzetten.", n+" can encrypt end to end, but you have to switch that on."))
		case knowledge.E2EENone:
			return answer.Bold(c.say(n+" is niet eind-tot-eindversleuteld: wie de server beheert, kan bij de inhoud.", n+" is not end-to-end encrypted: whoever runs the server can get at the content."))
		}
		return answer.Bold(c.say("Of "+n+" eind-tot-eindversleutelt, weet ik niet.", "I do not know whether "+n+" encrypts end to end."))
	case search.Place:
		if len(svc.Hosting) == 0 {
			return answer.Bold(c.say("Waar "+n+" je gegevens bewaart, weet ik niet.", "I do not know where "+n+" keeps your data."))
		}
		return answer.Bold(c.say("Bij "+n+" staan je gegevens in: ", n+" keeps your data in: ") + countries(c, svc.Hosting, ", ") + ".")
	case search.Price:
		switch {
		case !svc.Price.IsZero():
			return answer.Bold(n + ": " + strings.TrimSuffix(svc.Price.In(c.lang), ".") + ".")
		case svc.Free == knowledge.No:
			return answer.Bold(c.say(n+" kost geld. Hoeveel, weet ik niet.", n+" costs money. I do not know how much."))
		}
		return tri(svc.Free, c.say(n+" heeft een gratis versie.", n+" has a free version."), "",
			c.say("Wat "+n+" kost, weet ik niet.", "I do not know what "+n+" costs."))
	case search.Source:
		switch svc.OpenSource {
		case knowledge.OpenFull:
			return answer.Bold(c.say(n+" is open source: iedereen kan de broncode nakijken.", n+" is open source: anybody can look at the source code."))
		case knowledge.OpenPartial:
			return answer.Bold(c.say(n+" is deels open source.", n+" is partly open source."))
		case knowledge.OpenNone:
			return answer.Bold(c.say(n+" is niet open source: de broncode is gesloten.", n+" is not open source: its source code is closed."))
		}
		return answer.Bold(c.say("Of "+n+" open source is, weet ik niet.", "I do not know whether "+n+" is open source."))
	case search.Dutch:
		return tri(svc.DutchUI, c.say(n+" is er in het Nederlands.", n+" comes in Dutch."), c.say(n+" is er niet in het Nederlands.", n+" does not come in Dutch."),
			c.say("Of "+n+" er in het Nederlands is, weet ik niet.", "I do not know whether "+n+" comes in Dutch."))
	case search.SelfHost:
		return tri(svc.SelfHost, c.say(n+" kun je zelf draaien, op een eigen server.", "You can run "+n+" yourself, on a server of your own."), c.say(n+" kun je niet zelf draaien.", "You cannot run "+n+" yourself."),
			c.say("Of je "+n+" zelf kunt draaien, weet ik niet.", "I do not know whether you can run "+n+" yourself."))
	}
	return nil
}

// safety weighs a service in one line: what speaks for it, and what does not.
func (s *Service) safety(c *call, svc *knowledge.Service) answer.Text {
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
	switch k := ruler(c.kb, svc.HQCountry, svc.OwnerCountry); {
	case k == nil:
	case k.Group == "US":
		bad = append(bad, c.say("Amerikaans recht", "American law"))
	case k.Group == "EU" || k.Group == "EEA":
		good = append(good, c.say("Europees recht", "European law"))
	}
	switch {
	case len(good) == 0 && len(bad) == 0:
		return answer.Bold(c.say("Hoe veilig "+svc.Name+" is, kan ik niet zeggen: daarvoor weet ik te weinig.", "I cannot say how safe "+svc.Name+" is: I know too little for that."))
	case len(bad) == 0:
		return answer.Bold(c.say("Voor "+svc.Name+" pleit: ", "What speaks for "+svc.Name+": ") + strings.Join(good, ", ") + ".")
	case len(good) == 0:
		return answer.Bold(c.say("Let bij "+svc.Name+" op: ", "Mind with "+svc.Name+": ") + strings.Join(bad, ", ") + ".")
	}
	return answer.Bold(c.say("Voor "+svc.Name+" pleit: ", "What speaks for "+svc.Name+": ") + strings.Join(good, ", ") +
		c.say(". Ertegen: ", ". Against it: ") + strings.Join(bad, ", ") + ".")
}

// namedAgain answers a question that says what it wants to know but not of
// what ("en is dat gratis?"), about what the last answer was about; nil if it
// is none.
func (s *Service) namedAgain(c *call, r search.Result, last lastAnswer) *answer.Answer {
	if last.subject.ID == "" || r.Aspect == search.NoAspect || r.Aspect == search.Difference || r.Aspect == search.Opinion || len(r.Named) > 0 || len(r.Brand) > 0 {
		return nil
	}
	ref := last.subject
	if ref.Kind != knowledge.KindService {
		return s.aboutOne(c, r.Aspect, []knowledge.Ref{ref})
	}
	placed := c.kb.Service(ref.ID)
	if len(placed) == 0 {
		return nil
	}
	// The card was shown just now.
	svc := placed[0].Service
	a := answer.New(c.lang, s.aspectOf(c, r.Aspect, svc))
	a.Topic = "alt:" + placed[0].Category.ID
	facts := cardSources(placed)
	if law, source := s.law(c, svc.HQCountry, svc.OwnerCountry); law != nil && r.Aspect == search.Owner {
		a.Para(law)
		facts = append(facts, source)
	}
	a.Para(answer.Join(answer.Code("!alt "+svc.Name), answer.Plain(c.say(" zegt alles over die dienst.", " tells all about that service."))))
	a.Source = s.source(c, facts...)
	c.subject = ref
	return a
}
