package search

import (
	"strconv"
	"strings"

	"wolkwijs/knowledge"
)

// Points that each kind of evidence is worth. One point alone is as good as
// even; see certainty.
const (
	namedTopic    = 1.5 // a name of a topic stands in the question
	namedCategory = 1.5 // a name of a category
	namedProduct  = 1.7 // a product people leave
	secondCat     = 0.5 // a further category of that product
	namedService  = 0.8 // an alternative we list
	namedTerm     = 1.1 // a word of the glossary
	hinted        = 1.3 // words of search.toml
	relatedTopic  = 1.0 // a topic that the word in the glossary points to
	namedDomain   = 1.8
	named2FA      = 2.6 // a service, in a question about signing in
	named2FAWeak  = 1.4 // a service that has the name of something else too
	numberedTip   = 5.0
	besideTip     = 0.3 // part of the other points that is left beside a tip by its number
	knownQuestion = 3.0 // a question that the knowledge base itself has
	textWeight    = 2.4 // what a text is worth that has all words of the question
)

// evidence gathers what speaks for each topic in one piece of text.
func (x *Index) evidence(q *question) map[string]float64 {
	s := map[string]float64{}
	x.scoreText(q, s)
	x.scoreNames(q, s)
	x.scoreIntent(q, s)
	if topic := x.phrases.asked[strings.TrimSpace(q.text)]; topic != "" {
		s[topic] += knownQuestion
	}
	if n := tipNumber(q); n != "" {
		for topic := range s {
			s[topic] *= besideTip
		}
		s[tipPrefix+n] += numberedTip
	}
	x.dampen(q, s)
	return s
}

// scoreText adds what the words of the question say: the rank that the text
// index gives, in proportion to how much of the question the topic covers.
func (x *Index) scoreText(q *question, s map[string]float64) {
	best := 0.0
	found := x.textScores(q)
	for _, v := range found {
		best = max(best, v)
	}
	content, about := q.content(), q.content()
	if q.intent == Alternative || q.intent == Safe {
		about = q.withoutProducts(content)
	}
	for topic, v := range found {
		words := content
		if !strings.HasPrefix(topic, altPrefix) {
			words = about // that a text mentions a product does not make it the answer
		}
		s[topic] += textWeight * (0.4 + 0.6*v/best) * x.covers.share(topic, words) * float64(len(words)) / float64(max(len(content), 1))
	}
}

// scoreNames adds the names that stand in the question.
func (x *Index) scoreNames(q *question, s map[string]float64) {
	seen := map[string]bool{}
	add := func(topic string, points float64) {
		if !seen[topic] {
			seen[topic] = true
			s[topic] += points
		} else {
			s[topic] += points / 4
		}
	}
	for _, p := range q.phrases {
		weight := 1.0
		if !p.exact {
			weight = 0.85
		}
		product := weight
		switch {
		case (q.intent == Safe || q.intent == What) && p.is(knowledge.KindTopic):
			product *= 0.4 // a topic of that very name says more
		case q.intent == Safe, q.intent == Alternative:
			product *= 1.4
		}
		for _, topic := range p.hints {
			add(topic, hinted*weight)
		}
		for _, r := range p.refs {
			switch r.Kind {
			case knowledge.KindTopic:
				add(r.ID, namedTopic*weight)
			case knowledge.KindCategory:
				add(altPrefix+r.ID, namedCategory*weight*x.rarity(q.words[p.from:p.from+p.size]))
			case knowledge.KindProduct:
				for i, c := range x.base.Product(r.ID).Categories {
					if i == 0 {
						add(altPrefix+c, namedProduct*product)
					} else {
						add(altPrefix+c, secondCat*weight)
					}
				}
			case knowledge.KindService:
				for i, placed := range x.base.Service(r.ID) {
					if i == 0 {
						add(altPrefix+placed.Category.ID, namedService*product*x.serviceWeight(q, p))
					} else {
						add(altPrefix+placed.Category.ID, namedService*weight/2)
					}
				}
			case knowledge.KindTerm:
				add(explainPrefix+r.ID, namedTerm*weight)
				if more := x.base.Term(r.ID).Topic; more != "" {
					add(more, relatedTopic*weight)
				}
			}
		}
	}
}

// serviceWeight is what a service that we list counts for: more where it is
// doubted and no product of that name is, as in "is Signal safe?".
func (x *Index) serviceWeight(q *question, p phrase) float64 {
	if q.intent == Safe && !p.is(knowledge.KindProduct) && !p.is(knowledge.KindCategory) {
		return 1.6
	}
	return 1
}

// rarity is how much a name tells: less if its one word is also common in
// running text, such as "mail" or "code".
func (x *Index) rarity(words []string) float64 {
	if len(words) > 1 {
		return 1
	}
	switch n := x.vocab.prose[words[0]]; {
	case n > 60:
		return 0.6
	case n > 20:
		return 0.8
	}
	return 1
}

// scoreIntent moves the points towards what the wording wants.
func (x *Index) scoreIntent(q *question, s map[string]float64) {
	if q.domain != "" && q.intent != TwoFactor {
		points := namedDomain
		switch {
		case len(x.phrases.byKey[knowledge.Fold(q.domain)]) == 0:
			points += 2 // nothing else is called so
		case q.intent == Check:
			points += 1.5
		case q.intent == Alternative, q.intent == What:
			points -= 0.8
		}
		s[checkPrefix+q.domain] += points
	}
	factor := func(match func(topic string) bool, by float64) {
		for topic := range s {
			if match(topic) {
				s[topic] *= by
			}
		}
	}
	isAlt := func(topic string) bool { return strings.HasPrefix(topic, altPrefix) }
	switch q.intent {
	case Alternative:
		factor(isAlt, 1.5)
		if q.ref(knowledge.KindProduct) != "" {
			factor(func(topic string) bool { return !strings.Contains(topic, ":") }, 0.7)
		}
	case What:
		factor(isAlt, 0.6)
	case TwoFactor:
		s["2fa"] += 0.8
		if x.scoreTwoFactor(q, s) {
			factor(func(topic string) bool { return !strings.HasPrefix(topic, twoFAPrefix) }, 0.4)
		}
	case Emergency:
		factor(isAlt, 0.5)
		for _, t := range x.base.Topics {
			if t.Urgent && s[t.ID] > 0 {
				s[t.ID] += 1.5
			}
		}
	}
	// A topic says more than a word of the glossary: the word is the answer
	// only where little else is asked and no topic is about it.
	for topic := range s {
		if id, ok := strings.CutPrefix(topic, explainPrefix); ok {
			more := x.base.Term(id).Topic
			wordOnly := (q.intent == What || q.intent == Any) && len(q.content()) <= 3
			if !wordOnly || (more != "" && (!isAlt(more) || q.intent != What)) {
				s[topic] *= 0.5
			}
		}
	}
}

// scoreTwoFactor adds the service that a question about signing in names, and
// says whether there is one.
func (x *Index) scoreTwoFactor(q *question, s map[string]float64) (found bool) {
	service := x.signInOf(q)
	if service != "" {
		s[twoFAPrefix+service] += named2FA
	}
	return service != ""
}

// signInOf is the domain of the service in the table of two-step verification
// that the question names, or nothing. Of several of one name a Dutch one goes
// first, then one of the whole world.
func (x *Index) signInOf(q *question) string {
	if q.domain != "" {
		if t := x.base.TwoFactorOf(q.domain); t != nil {
			return t.Domain
		}
	}
	best, points := "", -1
	for _, p := range q.phrases {
		refs := p.refs
		for _, r := range p.refs {
			if r.Kind == knowledge.KindProduct { // met under a name that only the product has, such as "facebok"
				refs = append(refs[:len(refs):len(refs)], x.phrases.byKey[knowledge.Fold(x.base.Product(r.ID).Name)]...)
			}
		}
		for _, r := range refs {
			if r.Kind != knowledge.KindTwoFactor {
				continue
			}
			v := 1
			if t := x.base.TwoFactorOf(r.ID); hasRegion(t, "NL") {
				v = 2
			} else if len(t.Regions) > 0 {
				v = 0
			}
			if v > points {
				best, points = r.ID, v
			}
		}
	}
	return best
}

// dampen lowers the points of a question most of which the knowledge base
// does not know, or that is about a field the bot keeps out of.
func (x *Index) dampen(q *question, s map[string]float64) {
	content := q.content()
	unknown, off := 0, 0
	for _, w := range content {
		if x.vocab.count[w] == 0 {
			unknown++
		}
		if offTopic[w] {
			off++
		}
	}
	if len(content) == 0 {
		return
	}
	factor := 1 - 0.5*float64(unknown)/float64(len(content))
	if off > 0 && len(content) < 12 {
		factor *= 0.4
	}
	for topic := range s {
		if !strings.HasPrefix(topic, checkPrefix) && !strings.HasPrefix(topic, tipPrefix) && !strings.HasPrefix(topic, twoFAPrefix) {
			s[topic] *= factor
		}
	}
}

// anyTip is the tip for who names none.
const anyTip = "1"

// ordinals are the lessons by their place.
var ordinals = map[string]int{
	"eerste": 1, "tweede": 2, "derde": 3, "vierde": 4, "vijfde": 5, "laatste": 5,
	"first": 1, "second": 2, "third": 3, "fourth": 4, "fifth": 5, "last": 5,
	"een": 1, "twee": 2, "drie": 3, "vier": 4, "vijf": 5, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5,
}

// counted are the ordinals that say a number also in front of other words:
// "tip drie nog eens", but not "tip een keer".
var counted = set("twee drie vier vijf two three four five")

// tipNumber returns the number of the tip or lesson that is asked for: the one
// after the word, or else the ordinal before it.
func tipNumber(q *question) string {
	isTip := func(w string) bool { return w == "tip" || w == "les" || w == "lesson" || w == "tips" || w == "lessen" }
	for i, w := range q.raw {
		if !isTip(w) {
			continue
		}
		rest := q.raw[i+1:]
		if len(rest) > 0 && (rest[0] == "nummer" || rest[0] == "number" || rest[0] == "nr") {
			rest = rest[1:]
		}
		n := 0
		if len(rest) > 0 {
			if n, _ = strconv.Atoi(rest[0]); n == 0 && (len(rest) == 1 || counted[rest[0]]) {
				n = ordinals[rest[0]]
			}
		}
		if n == 0 && i > 0 {
			n = ordinals[q.raw[i-1]]
		}
		if n >= 1 && n <= 5 {
			return strconv.Itoa(n)
		}
	}
	return ""
}
