package search

import (
	"strings"

	"wolkwijs/knowledge"
	"wolkwijs/tomlfile"
)

// vocabulary is every word the knowledge base uses in names, questions and
// texts, with two ways to find the word somebody meant: by leaving out a
// letter on both sides (the symmetric delete method), and by how a word
// sounds in Dutch.
type vocabulary struct {
	count   map[string]int
	prose   map[string]int // how often a word stands in running text
	deletes map[string][]string
	sounds  map[string][]string
	parts   map[string]bool // words that a compound may be made of
	uses    map[string]uses // how often each language has a word
}

// nameCount is what a word of a name counts for, beside 1 for one in a text.
const nameCount = 20

// newVocabulary collects the words of base. Words of names count for more
// than words of texts, so that a typo becomes a name rather than prose.
func newVocabulary(base *knowledge.Base, p *phrases) *vocabulary {
	v := &vocabulary{count: map[string]int{}, prose: map[string]int{}, deletes: map[string][]string{}, sounds: map[string][]string{}, parts: map[string]bool{}, uses: map[string]uses{}}
	name := func(texts ...string) {
		for _, t := range texts {
			for _, w := range tokens(t) {
				v.count[w] += nameCount
				if len(w) >= 3 {
					v.parts[w] = true
				}
			}
		}
	}
	prose := func(texts ...string) {
		for _, t := range texts {
			for _, w := range tokens(t) {
				v.count[w]++
				v.prose[w]++
			}
		}
	}
	for _, c := range base.Alternatives {
		name(c.Category.Name.NL, c.Category.Name.EN)
		name(c.Category.Names.All()...)
		for i := range c.Services {
			s := &c.Services[i]
			name(s.Name)
			prose(s.Text.NL, s.Text.EN)
		}
	}
	for _, e := range base.Products {
		name(append(e.Names, e.Name)...)
	}
	for _, e := range base.TwoFactor {
		if hasRegion(e, "NL") || len(e.Regions) == 0 {
			prose(e.Name)
		}
	}
	for _, e := range base.Topics {
		name(append(e.Names.All(), e.Title.NL, e.Title.EN)...)
		prose(e.Questions.All()...)
		prose(e.Answer.NL, e.Answer.EN)
		prose(e.Steps.All()...)
	}
	for _, e := range base.Search {
		name(e.Names.All()...)
	}
	for _, e := range base.Terms {
		name(append(e.Names.All(), e.Name.NL, e.Name.EN)...)
		prose(e.Text.NL, e.Text.EN)
	}
	for _, e := range base.Weekly {
		prose(e.Text.NL, e.Text.EN)
	}
	for _, e := range base.Asked {
		prose(e.NL...)
		prose(e.EN...)
	}
	for _, e := range base.Alike {
		prose(e.NL...)
		prose(e.EN...)
	}
	v.learnLanguages(base)
	for w := range stopWords {
		v.count[w] += 50
	}
	for w := range cueWords {
		v.count[w] += 50
	}
	for w := range offTopic {
		v.count[w] += 50
	}
	for w, n := range v.count {
		if len(w) < 4 || n < 2 {
			continue
		}
		for _, d := range without(w) {
			v.deletes[d] = append(v.deletes[d], w)
		}
		s := sound(w)
		v.sounds[s] = append(v.sounds[s], w)
	}
	return v
}

// learnLanguages counts the words of each language in the questions and answers
// of base.
func (v *vocabulary) learnLanguages(base *knowledge.Base) {
	count := func(nl, en []string) {
		for _, t := range nl {
			for _, w := range tokens(t) {
				u := v.uses[w]
				u.dutch++
				v.uses[w] = u
			}
		}
		for _, t := range en {
			for _, w := range tokens(t) {
				u := v.uses[w]
				u.english++
				v.uses[w] = u
			}
		}
	}
	for _, e := range base.Topics {
		count(e.Names.NL, e.Names.EN)
		count(e.Questions.NL, e.Questions.EN)
		count([]string{e.Answer.NL}, []string{e.Answer.EN})
	}
	for _, e := range base.Asked {
		count(e.NL, e.EN)
	}
	for _, e := range base.Alike {
		count(e.NL, e.EN)
	}
	for _, e := range base.Search {
		count(e.Names.NL, e.Names.EN)
	}
	for _, c := range base.Alternatives {
		count(c.Category.Names.NL, c.Category.Names.EN)
		count([]string{c.Category.Intro.NL}, []string{c.Category.Intro.EN})
	}
}

func hasRegion(t *knowledge.TwoFactor, region string) bool {
	for _, r := range t.Regions {
		if strings.EqualFold(r, region) {
			return true
		}
	}
	return false
}

// without returns w and every word that is left after taking one letter out.
func without(w string) []string {
	all := make([]string, 0, len(w)+1)
	all = append(all, w)
	for i := range len(w) {
		all = append(all, w[:i]+w[i+1:])
	}
	return all
}

// correct returns the known word that w is a misspelling of, or w itself. A
// known word is never changed.
func (v *vocabulary) correct(w string) string {
	if v.count[w] > 0 || len(w) < 3 || len(w) > 30 || hasDigit(w) {
		return w
	}
	if len(w) == 3 {
		return v.swapped(w)
	}
	best, bestCost := w, 1<<30
	try := func(known string, cost int) {
		if v.count[known] < nameCount && len(w) < 7 {
			return // a short word is near too many others
		}
		if len(w) == 4 && known[0] != w[0] {
			return
		}
		cost = cost*1000 - min(v.count[known], 900)
		if known[0] != w[0] {
			cost += 500
		}
		if cost < bestCost || (cost == bestCost && known < best) {
			best, bestCost = known, cost
		}
	}
	limit := 1
	if len(w) >= 8 {
		limit = 2
	}
	for _, d := range without(w) {
		for _, known := range v.deletes[d] {
			if n := tomlfile.Distance(w, known); n <= limit {
				try(known, n)
			}
		}
	}
	for _, known := range v.sounds[sound(w)] {
		if n := tomlfile.Distance(w, known); n <= 1+len(w)/4 {
			try(known, min(n, 2))
		}
	}
	return best
}

// near are the words that a word of four letters and more is one letter away
// from, without those that start with another one.
func (v *vocabulary) near(w string) []string {
	if len(w) < 4 || len(w) > 30 {
		return nil
	}
	var all []string
	for _, d := range without(w) {
		for _, known := range v.deletes[d] {
			if known[0] == w[0] && tomlfile.Distance(w, known) == 1 {
				all = append(all, known)
			}
		}
	}
	return all
}

// swapped mends two neighbours that changed places in an abbreviation, such
// as "vnp": in a word of three letters no other fault can be told.
func (v *vocabulary) swapped(w string) string {
	for _, known := range []string{w[1:2] + w[:1] + w[2:], w[:1] + w[2:] + w[1:2]} {
		if v.count[known] >= nameCount {
			return known
		}
	}
	return w
}

// split takes a compound apart into two words that names are made of:
// "fotoopslag" into "foto" and "opslag". It returns nil for other words.
func (v *vocabulary) split(w string) []string {
	if len(w) < 7 || len(w) > 30 || v.parts[w] {
		return nil
	}
	for i := len(w) - 3; i >= 3; i-- {
		head, tail := w[:i], w[i:]
		if !v.parts[tail] && !v.parts[strings.TrimSuffix(tail, "s")] && !v.parts[strings.TrimSuffix(tail, "en")] {
			continue
		}
		for _, joint := range []string{"", "s", "e", "en", "n"} {
			if h, ok := strings.CutSuffix(head, joint); ok && len(h) >= 3 && v.parts[h] && (!stopWords[h] || !stopWords[tail] && len(tail) > 3) {
				return []string{h, tail}
			}
		}
	}
	return nil
}

// sound folds a word to the consonants that are heard in it, so that spelling
// by ear meets the word: "soeverijniteit" and "soevereiniteit", "zoekmasjine"
// and "zoekmachine", "koekies" and "cookies".
func sound(w string) string {
	heard := undouble(soundPairs.Replace(w))
	b := make([]byte, 0, len(heard))
	for i := range len(heard) {
		switch c := heard[i]; {
		case strings.IndexByte("aeiouhj", c) < 0:
			b = append(b, c)
		case i == 0 && c != 'h':
			b = append(b, 'e') // a word that begins with a vowel sounds like no other
		}
	}
	return undouble(string(b))
}

var soundPairs = strings.NewReplacer("sch", "sg", "ch", "g", "sj", "g", "sh", "g", "ph", "f", "th", "t", "wh", "w", "ck", "k", "qu", "kw", "x", "ks",
	"dt", "t", "y", "i", "ce", "se", "ci", "si", "c", "k", "z", "s", "v", "f", "tie", "sie", "d", "t", "b", "p")

// undouble writes each letter once where it stands twice.
func undouble(w string) string {
	b := make([]byte, 0, len(w))
	for i := range len(w) {
		if i == 0 || w[i] != w[i-1] {
			b = append(b, w[i])
		}
	}
	return string(b)
}

func hasDigit(w string) bool { return strings.ContainsAny(w, "0123456789") }
