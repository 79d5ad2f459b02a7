package commands

import (
	"cmp"
	"regexp"
	"slices"
	"strings"

	"wolkwijs/answer"
	"wolkwijs/knowledge"
	"wolkwijs/knowledge/search"
	"wolkwijs/lang"
)

// fewShown is how many alternatives stand under an answer about a product.
const fewShown = 3

// named answers a question about a product or service by its name: what was
// asked first, then what else is known of it. It returns nil where the
// question is about something else, such as what to use instead, or where what
// it names is gone.
func (s *Service) named(c *call, r search.Result) *answer.Answer {
	asked := r.Asked
	if asked.Aspect == search.NoAspect || asked.Again != search.NotAgain {
		return nil
	}
	s.memory.keepMore(c.Room, nil)
	switch {
	case len(asked.Brand) > 0:
		return s.whichOfBrand(c, asked.Brand)
	case asked.Aspect == search.Difference:
		return s.sideBySide(c, asked.Named)
	}
	if len(asked.Named) > 1 && asked.Aspect == search.Trust {
		if a := s.sideBySide(c, asked.Named); a != nil {
			return a
		}
	}
	return s.aboutOne(c, asked)
}

// aboutOne answers about the first name of a question.
func (s *Service) aboutOne(c *call, asked search.Asked) *answer.Answer {
	var a *answer.Answer
	switch ref := asked.Named[0]; ref.Kind {
	case knowledge.KindService:
		a = s.aboutService(c, asked, ref.ID)
	case knowledge.KindProduct:
		if p := c.kb.Product(ref.ID); p != nil && len(p.Categories) > 0 {
			a = s.altList(c, altQuery{category: p.Categories[0], product: p.ID, asked: asked})
		}
	}
	if a != nil {
		c.subject = asked.Named[0]
	}
	return a
}

// aboutService is the card of a service, with what was asked first.
func (s *Service) aboutService(c *call, asked search.Asked, id string) *answer.Answer {
	placed := c.kb.Service(id)
	if len(placed) == 0 {
		return nil
	}
	svc := placed[0].Service
	a := s.serviceCard(c, id)
	if says := s.aspectOf(c, asked, svc); says != "" {
		a.Headline = answer.Bold(says)
	}
	if t, source := s.whoseLaw(c, asked, svc, placed[0].Category.ID); t != nil {
		a.Blocks = slices.Insert(a.Blocks, 0, answer.Block(answer.Paragraph{Text: t}))
		a.Source = s.source(c, slices.Insert(cardSources(placed), min(1, len(placed)), source)...)
	}
	return a
}

// whoseLaw says whose a service is and under which law, where that belongs to
// what was asked; nil where it does not.
func (s *Service) whoseLaw(c *call, asked search.Asked, svc *knowledge.Service, category string) (answer.Text, knowledge.Sourced) {
	law, source := s.law(c, svc.HQCountry, svc.OwnerCountry)
	switch {
	case law == nil, asked.Aspect == search.Trust && onYourOwn[category]:
	case asked.Aspect == search.Owner:
		return law, source
	case asked.Aspect == search.DataPlace, asked.Aspect == search.Trust:
		return answer.Join(answer.Plain(whose(c, svc.Name, svc.Owner, svc.OwnerCountry, svc.HQCountry)+" "), law), source
	}
	return nil, knowledge.Sourced{}
}

// onYourOwn are the categories of programs that keep what they have on your
// own device: whose law their makers are under says little of that.
var onYourOwn = map[string]bool{"browser": true, "desktop-os": true, "mobile-os": true, "2fa-app": true, "app-store": true}

// aboutProduct begins an answer about a product that people leave: what was
// asked, whose it is, what that means, and what else is known. It returns
// where that is from.
func (s *Service) aboutProduct(c *call, a *answer.Answer, q altQuery, p *knowledge.Product) []knowledge.Sourced {
	facts := []knowledge.Sourced{p.Sourced}
	owned := whose(c, p.Name, p.Owner, p.OwnerCountry, "")
	law, source := s.law(c, "", p.OwnerCountry)
	if law != nil {
		facts = append(facts, source)
	}
	note := strings.TrimSpace(p.Note.In(c.lang))
	switch says := s.aspectOf(c, q.asked, &knowledge.Service{Name: p.Name}); {
	case q.asked.Aspect == search.Owner:
		a.Headline = answer.Bold(s.verdict(c, q.asked, "", p.OwnerCountry, p.Owner) + owned)
		a.Para(law)
	case note != "" && tellsOf(q.asked.Aspect, p.Note):
		first := knowledge.Sentences(note)[0]
		a.Headline = answer.Bold(withName(p.Name, first))
		note = strings.TrimSpace(strings.TrimPrefix(note, first))
		a.Para(answer.Prose(note)).Para(answer.Join(answer.Plain(owned+" "), law))
		note = ""
	case says != "" && q.asked.Aspect != search.Trust:
		a.Headline = answer.Bold(says)
		a.Para(answer.Join(answer.Plain(owned+" "), law))
	default:
		a.Headline = answer.Bold(owned)
		a.Para(law)
	}
	if q.asked.Aspect == search.Owner || q.asked.Aspect == search.Encryption {
		a.Para(answer.Prose(note))
	}
	a.Para(c.prose("Liever iets anders? De beste keuzes eerst:", "Rather something else? The best choices first:"))
	return facts
}

// withName puts the name of a product before what is said of it, unless it
// begins with that.
func withName(name, says string) string {
	if strings.HasPrefix(says, name+" ") {
		return says
	}
	return name + ": " + says
}

// tellsOf says whether the note of a product is about an aspect.
func tellsOf(aspect search.Aspect, note lang.Text) bool {
	about := map[search.Aspect]*regexp.Regexp{search.Encryption: readable, search.DataPlace: kept}[aspect]
	switch {
	case strings.TrimSpace(note.NL) == "" || strings.TrimSpace(note.EN) == "":
		return false
	case aspect == search.Trust, aspect == search.Opinion:
		return true
	case about == nil:
		return false
	}
	return about.MatchString(note.NL) || about.MatchString(note.EN)
}

var (
	readable = regexp.MustCompile(`sleutel|lezen|leest|inzien|inzage|bij je|openen|doorzoek|bekijken|luister|encrypt|decrypt|read|access|keys? |look at|recording`)
	kept     = regexp.MustCompile(`servers?|staan |staat |opgeslagen|opslaan|is kept|are kept|stored`)
)

// explained are the aspects that a topic explains in general.
var explained = map[string]search.Aspect{"e2ee": search.Encryption, "encryption": search.Encryption, "metadata": search.Encryption, "hybrid-cloud": search.SelfHost}

// leadWith puts what is known of the service or product that the question
// names before an answer that explains the matter in general, and says whether
// there is such.
func (s *Service) leadWith(c *call, asked search.Asked, a *answer.Answer) bool {
	topic := c.kb.Topic(a.Topic)
	if asked.Aspect == search.NoAspect || asked.Aspect != explained[a.Topic] || len(asked.Named) == 0 || topic == nil {
		return false
	}
	var says, rest string
	var facts knowledge.Sourced
	switch ref := asked.Named[0]; ref.Kind {
	case knowledge.KindService:
		if placed := c.kb.Service(ref.ID); len(placed) > 0 {
			says, facts = s.aspectOf(c, asked, placed[0].Service), placed[0].Service.Sourced
		}
	case knowledge.KindProduct:
		p := c.kb.Product(ref.ID)
		if p == nil || !tellsOf(asked.Aspect, p.Note) {
			break
		}
		note := strings.TrimSpace(p.Note.In(c.lang))
		first := knowledge.Sentences(note)[0]
		says, rest, facts = withName(p.Name, first), strings.TrimSpace(strings.TrimPrefix(note, first)), p.Sourced
	}
	if says == "" {
		return false
	}
	before := []answer.Block{}
	if rest != "" {
		before = append(before, answer.Paragraph{Text: answer.Prose(rest)})
	}
	a.Blocks = slices.Concat(before, []answer.Block{answer.Paragraph{Text: a.Headline}}, a.Blocks)
	a.Headline = answer.Bold(says)
	a.Source = s.source(c, facts, topic.Sourced)
	c.subject = asked.Named[0]
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

// sideBySide says what is known of several, one after another; nil where they
// have no category in common, or fewer than two are known.
func (s *Service) sideBySide(c *call, refs []knowledge.Ref) *answer.Answer {
	var names []string
	var items []answer.Text
	var facts []knowledge.Sourced
	var more answer.Text
	var common []string
	for _, ref := range refs {
		name, categories := entryName(c, ref), categoriesOf(c, ref)
		if name == "" || slices.Contains(names, name) {
			continue
		}
		if len(names) == 0 {
			common = categories
		}
		common = slices.DeleteFunc(slices.Clone(common), func(id string) bool { return !slices.Contains(categories, id) })
		if ref.Kind == knowledge.KindService {
			svc := c.kb.Service(ref.ID)[0].Service
			items, facts = append(items, s.altItem(c, svc)), append(facts, svc.Sourced)
		} else {
			p := c.kb.Product(ref.ID)
			owned := strings.TrimPrefix(whose(c, p.Name, p.Owner, p.OwnerCountry, ""), p.Name+" ")
			t := answer.Join(answer.Bold(p.Name+" "), answer.Plain(owned))
			if note := strings.TrimSpace(p.Note.In(c.lang)); note != "" {
				t = answer.Join(t, answer.Plain(" "), answer.Prose(note))
			}
			items, facts = append(items, t), append(facts, p.Sourced)
		}
		if len(more) > 0 {
			more = append(more, answer.Span{S: ", "})
		}
		names, more = append(names, name), append(more, answer.Code("!alt "+name)...)
	}
	if len(names) < 2 || len(common) == 0 {
		return nil
	}
	last := len(names) - 1
	a := answer.New(c.lang, answer.Bold(strings.Join(names[:last], ", ")+c.say(" en ", " and ")+names[last]+c.say(" naast elkaar", " side by side")))
	a.Bullets(items...)
	a.Para(c.prose(
		"Welke beter is, hangt af van wat jij belangrijk vindt: wie de eigenaar is, wie kan meelezen, of wie je ermee bereikt.",
		"Which one is better depends on what matters to you: who owns it, who can read along, or whom you reach with it."))
	a.Para(answer.Join(answer.Plain(c.say("Meer over elk: ", "More about each: ")), more))
	a.Topic = "alt:" + common[0]
	a.Source = s.source(c, facts...)
	c.list = altQuery{category: common[0]}
	return a
}

// categoriesOf are the categories of a product or service.
func categoriesOf(c *call, ref knowledge.Ref) (ids []string) {
	switch ref.Kind {
	case knowledge.KindService:
		for _, placed := range c.kb.Service(ref.ID) {
			ids = append(ids, placed.Category.ID)
		}
	case knowledge.KindProduct:
		if p := c.kb.Product(ref.ID); p != nil {
			ids = p.Categories
		}
	}
	return ids
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

// namedAgain answers a question that says what it wants to know but not of
// what ("en is dat gratis?"), about what the last answer was about; nil if it
// is none.
func (s *Service) namedAgain(c *call, asked search.Asked, last lastAnswer) *answer.Answer {
	ref := last.subject
	asked.Named = []knowledge.Ref{ref}
	switch {
	case ref.ID == "", asked.Again == search.NotAgain, asked.Aspect == search.NoAspect, asked.Aspect == search.Difference, asked.Aspect == search.Opinion:
		return nil
	case asked.Again == search.ByNothing && last.list.category != "": // a wish for the list
		return nil
	case ref.Kind != knowledge.KindService:
		return s.aboutOne(c, asked)
	}
	placed := c.kb.Service(ref.ID)
	if len(placed) == 0 {
		return nil
	}
	// The card was shown just now.
	s.memory.keepMore(c.Room, nil)
	svc := placed[0].Service
	a := answer.New(c.lang, answer.Bold(s.aspectOf(c, asked, svc)))
	a.Topic = "alt:" + placed[0].Category.ID
	facts := cardSources(placed)
	if t, source := s.whoseLaw(c, asked, svc, placed[0].Category.ID); t != nil {
		a.Para(t)
		facts = slices.Insert(facts, 1, source)
	}
	a.Para(answer.Join(answer.Code("!alt "+svc.Name), answer.Plain(c.say(" zegt alles over die dienst.", " tells all about that service."))))
	a.Source = s.source(c, facts...)
	c.subject = ref
	return a
}
