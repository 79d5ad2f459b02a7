package search

import (
	"slices"
	"strconv"
	"strings"

	"wolkwijs/knowledge"
)

// wordFeature is what the name of a feature starts with that is a word.
const wordFeature = "w "

// isWord says whether a feature is a word of the question.
func isWord(name string) bool { return strings.HasPrefix(name, wordFeature) }

// features are what the classifier sees of a question: its words and pairs of
// words, with names replaced by their kind, and what the names lead to.
func (x *Index) features(q *question) []string {
	f := make([]string, 0, 4*len(q.words)+8)
	add := func(name string) {
		if !slices.Contains(f, name) {
			f = append(f, name)
		}
	}
	before := "^"
	pair := func(token string) {
		add("b " + before + " " + token)
		before = token
	}
	next := 0
	for i := 0; i < len(q.words); {
		if next < len(q.phrases) && q.phrases[next].from == i {
			p := q.phrases[next]
			next++
			kind := x.kindFeatures(p, add)
			words := q.words[p.from : p.from+p.size]
			if kind == "" {
				for _, w := range words {
					x.wordFeatures(w, add)
					pair(plural(w))
				}
			} else {
				pair(kind)
			}
			i += p.size
			continue
		}
		x.wordFeatures(q.words[i], add)
		pair(plural(q.words[i]))
		i++
	}
	add("b " + before + " $")
	if q.domain != "" {
		add("#domain")
	}
	x.alike.features(q.words, add)
	return f
}

// alike knows the words that say much the same.
type alike map[string][]string // names of groups by the key of a word or phrase

// mostGroups is how many groups of a question make pairs.
const mostGroups = 12

func newAlike(base *knowledge.Base) alike {
	a := alike{}
	for i, e := range base.Alike {
		group := strconv.Itoa(i)
		for _, w := range append(slices.Clone(e.NL), e.EN...) {
			if key := plural(knowledge.Fold(w)); !slices.Contains(a[key], group) {
				a[key] = append(a[key], group)
			}
		}
	}
	return a
}

// features adds the groups of the words and of phrases of up to three, and
// each pair of groups: "my daughter" and "tablet" say more together.
func (a alike) features(words []string, add func(string)) {
	var groups []string
	for from := range words {
		key := ""
		for _, w := range words[from:min(len(words), from+3)] {
			key += w
			for _, g := range a[plural(key)] {
				if !slices.Contains(groups, g) {
					groups = append(groups, g)
				}
			}
		}
	}
	for i, g := range groups {
		add("k " + g)
		if i < mostGroups {
			for _, h := range groups[:i] {
				add("k " + min(g, h) + " " + max(g, h))
			}
		}
	}
}

// has says whether a stem is that of a word in a group.
func (a alike) has(stem string) bool { return a[stem] != nil }

// wordFeatures adds a word, its stem, its beginning and its end.
func (x *Index) wordFeatures(w string, add func(string)) {
	stem := plural(w)
	add(wordFeature + stem)
	if len(w) > 6 && !stopWords[w] {
		add("p " + w[:5])
		add("s " + w[len(w)-5:])
	}
}

// kindFeatures adds what a name leads to, and returns the kind that stands for
// the name itself if its words say nothing more.
func (x *Index) kindFeatures(p phrase, add func(string)) string {
	kind, words := "", false
	for _, topic := range p.hints {
		add("#h " + topic)
		words = true
	}
	for _, r := range p.refs {
		switch r.Kind {
		case knowledge.KindTopic:
			add("#t " + r.ID)
			words = true
		case knowledge.KindCategory:
			add("#c " + r.ID)
			add("#category")
			words = true
		case knowledge.KindProduct:
			for i, c := range x.base.Product(r.ID).Categories {
				if i == 0 {
					add("#p " + c)
				} else {
					add("#q " + c)
				}
			}
			kind = "#product"
		case knowledge.KindService:
			for i, placed := range x.base.Service(r.ID) {
				if i == 0 {
					add("#s " + placed.Category.ID)
				} else {
					add("#q " + placed.Category.ID)
				}
			}
			if kind == "" {
				kind = "#service"
			}
		case knowledge.KindTerm:
			add("#e " + r.ID)
			add("#term")
			words = true
		case knowledge.KindTwoFactor:
			add("#2fa")
			if kind == "" {
				kind = "#site"
			}
		}
	}
	if kind != "" {
		add(kind)
	}
	if words {
		return ""
	}
	return kind
}
