package search

import (
	"slices"
	"strings"

	"wolkwijs/knowledge"
)

// Aspect is what a question wants to know of a product or service that it
// names, rather than what else there is.
type Aspect uint8

// The aspects.
const (
	NoAspect   Aspect = iota
	Owner             // whose it is, and from which country
	Safety            // whether it is safe, or to be trusted
	Encryption        // who can read what is in it
	Place             // where it keeps the data
	Price             // what it costs
	Source            // whether its source code is open
	Dutch             // whether it speaks Dutch
	SelfHost          // whether one can run it oneself
	Opinion           // what it is, or whether it is any good
	Difference        // which of several is better, and in what they differ
)

// aspects are the wordings of each aspect, in the order in which they are
// tried: "wat is" and "goed" stand in questions about all the others.
var aspects = []struct {
	aspect  Aspect
	phrases []string
}{
	{Dutch, lines(`
		in het nederlands|nederlandstalig|nederlandstalige|nederlandse versie|nederlands instellen|welke taal|welke talen|nederlands praten
		in dutch|dutch version|which language|what language|speak dutch`)},
	{Place, lines(`
		waar staat|waar staan|waar worden|waar bewaart|waar slaat|opgeslagen|opslaat|servers|datacenter|datacenters|in europa bewaard|in europa opgeslagen
		where is my data|where is the data|where are my|where are the|where does it store|stored|store my|where is data|keep my|keeps my|keep the data|keep data|data kept|hosted`)},
	{SelfHost, lines(`
		zelf hosten|zelf draaien|zelf installeren|zelf te hosten|zelf te draaien|eigen server|op mijn nas|op een raspberry
		self host|self hosted|selfhost|host myself|run myself|host it myself|run it myself|own server|on my nas|on a raspberry`)},
	{Price, lines(`
		wat kost|kost|kosten|hoe duur|gratis|prijs|prijzen|betalen|betaald|moet je betalen|duur
		cost|costs|how much|free|price|pricing|pay for|paid|expensive`)},
	{Source, lines(`
		open source|opensource|broncode|openbron|open bron
		source code|foss`)},
	{Encryption, lines(`
		versleuteld|versleutelt|versleuteling|encryptie|end to end|e2ee|eind tot eind|leest|lezen|meeleest|meelezen|meekijken|meeluisteren|bij mijn bestanden|bij mijn gegevens|inzien|kan zien|beelden zien|wie kan die|wie kan mijn
		encrypted|encrypts|encryption|end to end encrypted|read|reads|see my|listen in|who can see|who can watch`)},
	{Owner, lines(`
		van wie|wiens|eigenaar|wie zit achter|wie zit er achter|zit er achter|wie maakt|wie beheert|welk bedrijf|welk land|waar komt|uit welk|waar zit|moederbedrijf|gevestigd
		who owns|owner|owned by|belongs to|belong to|who is behind|who makes|which company|what company|which country|what country|where is it from|parent company|based in|who runs`)},
	{Difference, lines(`
		verschil|verschillen|vergelijk|vergelijken|wat is beter|is beter|beter dan|veiliger|veiliger dan|beste van de twee|liever|net zo goed|net zo makkelijk|net zo veilig|even goed als
		difference|differences|compare|is better|better than|safer|safer than|versus|vs|rather|as good as|as easy as|as safe as`)},
	{Safety, lines(`
		veilig|veilige|veiligheid|te vertrouwen|vertrouwen|betrouwbaar|betrouwbare|gevaarlijk|privacyvriendelijk|privacy vriendelijk|goed voor mijn privacy|verkoopt|verkopen|nadelen|risico|risicos|mis met
		safe|secure|trust|trustworthy|trusted|reliable|dangerous|private|privacy friendly|good for my privacy|sell my|sells|downsides|risk|risks|wrong with`)},
	{Opinion, lines(`
		wat is|wat zijn|wat doet|iets voor mij|wat voor mij|iets voor ons|wat vind je van|wat vinden jullie van|wat denk je van|wat weet je van|wat weet je over|ken je|goede keus|goede keuze|aan te raden|een aanrader|is goed|iets waard|vertel over|vertel iets over|ervaringen met|ervaring met
		what is|what does|what do you think of|what do you know about|do you know|good choice|any good|something for me|recommended|tell me about|experience with|opinion on|opinion of`)},
}

// leavings are the wordings of who wants something else, whatever else they
// say of what they have.
var leavings = lines(`
	alternatief|alternatieven|in plaats van|ipv|plaats van|anders dan|iets anders|andere dan|vervangen|vervanger|vervanging|vervang|weg van|weg bij|wil weg|af van|wil af|vanaf|afscheid|overstappen|overstap|verhuizen
	tegenhanger|net zoiets|zoiets als|iets als|zoals|ik zoek|zoek een|zoeken|is er iets|is er een|zijn er|waarmee|opzeggen|stoppen met|stop met|wil geen|wat nu|wat dan|wat anders|zonder|raad je aan|verwijderen|nog meer
	alternative|alternatives|instead of|instead|other than|something else|replace|replacement|get rid of|leave|leaving|move away|moving away|switch|switching|equivalent|something like|such as|looking for|is there|are there|ditch|quit|without|recommend|delete`)

// mostNamed is how many products and services one question is about.
const mostNamed = 3

// named are the products and services that stand in the question, in order,
// each as the entry that says most: a service that we list says more than a
// product that people leave.
func (q *question) named() []knowledge.Ref {
	var all []knowledge.Ref
	for _, p := range q.phrases {
		for _, kind := range []knowledge.Kind{knowledge.KindService, knowledge.KindProduct} {
			i := slices.IndexFunc(p.refs, func(r knowledge.Ref) bool { return r.Kind == kind })
			if i >= 0 {
				if !slices.Contains(all, p.refs[i]) && len(all) < mostNamed {
					all = append(all, p.refs[i])
				}
				break
			}
		}
	}
	return all
}

// aspect is what the question wants to know of what it names.
func (q *question) aspect(base *knowledge.Base) Aspect {
	asTyped := &question{text: " " + strings.Join(q.raw, " ") + " "}
	says := func(phrases []string) bool { return q.has(phrases...) || asTyped.has(phrases...) }
	if q.intent == TwoFactor || q.intent == Emergency || says(leavings) || q.leaves() {
		return NoAspect
	}
	for _, a := range aspects {
		if says(a.phrases) {
			return a.aspect
		}
	}
	if len(q.named()) > 0 && q.beside("goed", "fijn", "beter", "good", "better") {
		return Safety
	}
	words := append(slices.Clone(q.raw), q.words...)
	if slices.ContainsFunc(words, func(w string) bool { return CountryIn(base, w) != nil }) || q.belongs() {
		return Owner
	}
	if len(q.named()) > 1 && (q.has("of", "or", "en", "and")) {
		return Difference
	}
	if n := q.named(); len(n) == 1 && n[0].Kind == knowledge.KindService && len(q.raw) > 0 && whether[q.raw[0]] {
		return Opinion // "kan LibreOffice mijn brieven openen" is at least about LibreOffice
	}
	return NoAspect
}

// whether are the words with which a question begins that wants a yes or no.
var whether = set("kan kun kunnen is werkt doet heeft gaat can could is does do will")

// beside says whether the question is short and ends in one of words, as "is
// NordVPN goed" does.
func (q *question) beside(words ...string) bool {
	return len(q.raw) > 0 && len(q.raw) <= 5 && q.raw[0] == "is" && slices.Contains(words, q.raw[len(q.raw)-1])
}

// belongs says whether the question asks whether one thing is another's: "is
// WhatsApp van Facebook".
func (q *question) belongs() bool {
	if len(q.phrases) < 2 || len(q.words) > 8 {
		return false
	}
	first := q.phrases[0]
	rest := q.words[first.from+first.size:]
	return first.from > 0 && (q.words[0] == "is" || q.words[0] == "hoort" || q.words[0] == "does" || q.words[0] == "zijn") &&
		len(rest) > 0 && (slices.Contains(rest, "van") || slices.Contains(rest, "bij") || slices.Contains(rest, "by") || slices.Contains(rest, "to"))
}

// CountryIn returns the country that a word names, by its name or its
// adjective, such as "amerikaanse", "Zwitserland" and "dutch"; nil if it names
// none.
func CountryIn(base *knowledge.Base, word string) *knowledge.Country {
	word = knowledge.Fold(word)
	if id, ok := calledOtherwise[word]; ok {
		return base.Country(id)
	}
	if len(word) < 4 {
		return nil
	}
	for _, k := range base.Countries {
		for _, name := range []string{k.Name.NL, k.Name.EN, k.From.NL, k.From.EN} {
			if name := knowledge.Fold(name); name != "" && (word == name || word == name+"e") {
				return k
			}
		}
	}
	return nil
}

// calledOtherwise are countries by what people call them in one word.
var calledOtherwise = map[string]string{
	"amerika": "US", "america": "US", "usa": "US", "vs": "US",
	"engeland": "GB", "england": "GB", "uk": "GB", "engels": "GB", "engelse": "GB",
	"europa": "EU", "europe": "EU", "eu": "EU",
}

// newBrands collects the first words that several products or services share,
// and that name nothing by themselves, such as "proton".
func newBrands(base *knowledge.Base, p *phrases) map[string][]knowledge.Ref {
	all := map[string][]knowledge.Ref{}
	add := func(ref knowledge.Ref, name string) {
		words := tokens(name)
		if len(words) < 2 || len(words[0]) < 4 || stopWords[words[0]] || slices.ContainsFunc(p.byKey[words[0]], isElse) {
			return
		}
		if !contains(all[words[0]], ref) {
			all[words[0]] = append(all[words[0]], ref)
		}
	}
	for _, c := range base.Alternatives {
		for i := range c.Services {
			add(knowledge.Ref{Kind: knowledge.KindService, ID: c.Services[i].ID}, c.Services[i].Name)
		}
	}
	for _, e := range base.Products {
		add(knowledge.Ref{Kind: knowledge.KindProduct, ID: e.ID}, e.Name)
	}
	for word, refs := range all {
		if len(refs) < 2 {
			delete(all, word)
		}
	}
	return all
}

// isElse says whether an entry is more than a site to sign in to: those are
// known by the name of the brand.
func isElse(r knowledge.Ref) bool { return r.Kind != knowledge.KindTwoFactor }

// brand returns what a brand in the question may mean, or nothing.
func (x *Index) brand(q *question) []knowledge.Ref {
	for _, w := range q.words {
		if refs := x.brands[w]; refs != nil {
			return refs
		}
	}
	return nil
}

// subject adds to r what the question wants to know, and of what, and gives it
// the topic that lists that where nothing else speaks for one.
func (x *Index) subject(q *question, r *Result) {
	if q.end != nil {
		q = q.end
	}
	r.Aspect, r.Named = q.aspect(x.base), q.named()
	if r.Aspect == NoAspect {
		return
	}
	if r.Aspect == Difference && len(r.Named) == 1 { // "is Proton better than Gmail" is about Proton Mail
		for _, ref := range x.brand(q) {
			if ref != r.Named[0] && x.place(ref) == x.place(r.Named[0]) {
				r.Named = append(r.Named, ref)
				break
			}
		}
	}
	refs := r.Named
	if len(refs) == 0 {
		r.Brand = x.brand(q)
		refs = r.Brand
	}
	if r.Topic == altPrefix+paying && r.Aspect == Price && len(r.Named) > 0 {
		if topic := x.place(r.Named[0]); topic != "" {
			r.Topic = topic // "Hotmail is full, now I have to pay" is about mail
		}
	}
	if r.Topic != None || len(refs) == 0 || !q.asksPlainly(r) {
		return
	}
	if topic := x.place(refs[0]); topic != "" {
		r.Topic, r.Score, r.Others = topic, threshold, nil
	}
}

// paying is the category that the words for a price name as well.
const paying = "payment"

// plainWords is how many words a question has at most that is about a name and
// nothing else.
const plainWords = 8

// asksPlainly says whether a question is about the names in it and nothing
// else, so that it is answered though no topic is near: short, each name
// written as it is and without an article, as "wat kost Posteo" and not "wat
// kost een iPhone".
func (q *question) asksPlainly(r *Result) bool {
	if r.Aspect == Opinion || len(q.raw) > plainWords || slices.ContainsFunc(q.raw, func(w string) bool { return offTopic[w] }) {
		return false
	}
	for _, p := range q.phrases {
		if !p.is(knowledge.KindProduct) && !p.is(knowledge.KindService) {
			continue
		}
		if !p.exact || p.from > 0 && articles[q.words[p.from-1]] || !slices.Contains(q.raw, q.words[p.from]) {
			return false
		}
	}
	return true
}

// articles stand before a thing, not before the name of a service.
var articles = set("een de het a an the")

// place is the topic that lists an entry, or nothing.
func (x *Index) place(ref knowledge.Ref) string {
	switch ref.Kind {
	case knowledge.KindService:
		if placed := x.base.Service(ref.ID); len(placed) > 0 {
			return altPrefix + placed[0].Category.ID
		}
	case knowledge.KindProduct:
		if p := x.base.Product(ref.ID); p != nil && len(p.Categories) > 0 {
			return altPrefix + p.Categories[0]
		}
	}
	return ""
}
