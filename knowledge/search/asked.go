package search

import (
	"slices"
	"strings"

	"wolkwijs/knowledge"
)

// asked calls learn with every question in the knowledge base and what it is
// about. Questions that fit any name are filled in with some names of each
// kind.
func (x *Index) asked(learn func(topic, question string)) {
	for _, t := range x.base.Topics {
		for _, q := range t.Questions.All() {
			learn(t.ID, q)
		}
		for _, q := range t.Names.All() {
			learn(t.ID, q)
		}
	}
	for _, w := range x.base.Search {
		for _, q := range w.Names.All() {
			learn(w.Topic, q)
		}
	}
	for _, t := range x.base.Terms {
		learn(explainPrefix+"*", "wat is "+t.Name.NL)
		learn(explainPrefix+"*", "wat betekent "+t.Name.NL)
		learn(explainPrefix+"*", "what does "+t.Name.EN+" mean")
	}
	for _, a := range x.base.Asked {
		switch a.Topic {
		case knowledge.AnyTopic:
		case knowledge.AnyOf("alt"):
			x.askedAlternatives(a, learn)
		case knowledge.AnyOf("2fa"):
			x.fill(a, x.signIns(), learn)
		case knowledge.AnyOf("check"):
			x.fill(a, []string{"example.nl", "voorbeeld.org", "jansen.com"}, learn)
		default:
			for _, q := range append(slices.Clone(a.NL), a.EN...) {
				learn(a.Topic, q)
			}
		}
	}
}

// fill puts one name after the other into the questions.
func (x *Index) fill(a *knowledge.Asked, names []string, learn func(topic, question string)) {
	if len(names) == 0 {
		return
	}
	n := 0
	for range 3 {
		for _, q := range append(slices.Clone(a.NL), a.EN...) {
			n++
			name := names[n%len(names)]
			learn(a.Topic, strings.NewReplacer("{service}", name, "{domain}", name).Replace(q))
		}
	}
}

// signIns are names of services in the table of two-step verification.
func (x *Index) signIns() []string {
	var all []string
	for _, t := range x.base.TwoFactor {
		if hasRegion(t, "NL") {
			all = append(all, t.Name)
		}
	}
	for _, p := range x.base.Products {
		for _, r := range x.phrases.byKey[knowledge.Fold(p.Name)] {
			if r.Kind == knowledge.KindTwoFactor {
				all = append(all, p.Name)
				break
			}
		}
	}
	return all
}

// askedAlternatives fills the questions about alternatives in for each
// category: a part of them, another for each.
func (x *Index) askedAlternatives(a *knowledge.Asked, learn func(topic, question string)) {
	for at, c := range x.base.Alternatives {
		id := c.Category.ID
		var names []string
		for _, p := range x.base.Products {
			if len(p.Categories) > 0 && p.Categories[0] == id {
				names = append(names, p.Name)
			}
		}
		for i := range c.Services {
			if placed := x.base.Service(c.Services[i].ID); len(placed) > 0 && placed[0].Category.ID == id {
				names = append(names, c.Services[i].Name)
			}
		}
		if len(names) == 0 {
			continue
		}
		kinds := append([]string{c.Category.Name.NL}, c.Category.Names.NL...)
		n := 0
		for _, questions := range [][]string{a.NL, a.EN} {
			for i, q := range questions {
				if (i+at)%partOf != 0 {
					continue
				}
				for strings.Contains(q, "{product}") {
					q = strings.Replace(q, "{product}", names[n%len(names)], 1)
					n++
				}
				learn(altPrefix+id, strings.ReplaceAll(q, "{category}", kinds[n%len(kinds)]))
			}
			kinds = append([]string{c.Category.Name.EN}, c.Category.Names.EN...)
		}
		for _, name := range c.Category.Names.All() {
			learn(altPrefix+id, name)
		}
	}
}

// partOf is of how many questions about alternatives each category gets one.
const partOf = 3
