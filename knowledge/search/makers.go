package search

import (
	"slices"

	"wolkwijs/knowledge"
	"wolkwijs/lang"
)

// country is the ID of the country that words name, by its name or its
// adjective, such as "amerikaanse", "verenigde staten" and "dutch".
func (x *Index) country(words string) (id string, ok bool) {
	id, ok = x.countries[knowledge.Fold(words)]
	return id, ok
}

// newCountries collects what countries are called.
func newCountries(base *knowledge.Base) map[string]string {
	all := map[string]string{
		"amerika": "US", "america": "US", "usa": "US", "vs": "US", "us": "US",
		"engeland": "GB", "england": "GB", "uk": "GB", "engels": "GB", "engelse": "GB",
	}
	for _, k := range base.Countries {
		for _, name := range []string{k.Bare(lang.NL), k.Bare(lang.EN), k.From.NL, k.From.EN} {
			key := knowledge.Fold(name)
			if key != "" {
				all[key] = k.ID
			}
			if key != "" && name == k.From.NL {
				all[key+"e"] = k.ID
			}
		}
	}
	all["eu"], all["europeseunie"], all["europeanunion"] = "EU", "EU", "EU"
	for _, word := range []string{"europees", "europese", "european", "europa", "europe"} {
		all[word] = Europe
	}
	return all
}

// newBrands collects the first words that several products or services share,
// and that name nothing but a site to sign in to by themselves, such as
// "proton".
func newBrands(base *knowledge.Base, p *phrases) map[string][]knowledge.Ref {
	all := map[string][]knowledge.Ref{}
	isElse := func(r knowledge.Ref) bool { return r.Kind != knowledge.KindTwoFactor }
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

// kept are the categories of what people keep with a company.
var kept = map[string]string{
	"mail": "email", "mails": "email", "email": "email", "emails": "email", "fotos": "photos", "photos": "photos", "pictures": "photos",
	"bestanden": "storage", "files": "storage", "documenten": "storage", "documents": "storage", "agenda": "calendar", "calendar": "calendar",
	"chats": "chat", "berichten": "chat", "messages": "chat", "wachtwoorden": "passwords", "passwords": "passwords", "notities": "notes", "notes": "notes",
}

// nearer takes of a company the product that is asked about: "leest Google mijn
// mail" is about Gmail. name is the name as it stands in the question.
func (x *Index) nearer(q *question, name string, a *Asked) {
	if a.Aspect != Encryption && a.Aspect != DataPlace || len(a.Named) > 1 {
		return
	}
	category := ""
	for _, w := range q.words {
		if id := kept[w]; id != "" {
			category = id
		}
	}
	if category == "" {
		return
	}
	of := a.Brand
	if len(a.Named) == 1 {
		p := x.base.Product(a.Named[0].ID)
		if a.Named[0].Kind != knowledge.KindProduct || p == nil || !slices.Contains(tokens(p.Owner), name) || slices.Contains(p.Categories, category) {
			return
		}
		for _, other := range x.base.Products {
			if other.Owner == p.Owner {
				of = append(of, knowledge.Ref{Kind: knowledge.KindProduct, ID: other.ID})
			}
		}
	}
	for _, ref := range of {
		if lists := x.lists(ref); len(lists) > 0 && lists[0] == altPrefix+category {
			a.Named, a.Brand = []knowledge.Ref{ref}, nil
			return
		}
	}
}
