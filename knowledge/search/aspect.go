package search

import (
	"regexp"
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
	Trust             // whether it is safe, or to be trusted
	Encryption        // who can read what is in it
	DataPlace         // where it keeps the data
	Price             // what it costs
	Source            // whether its source code is open
	Dutch             // whether it speaks Dutch
	SelfHost          // whether one can run it oneself
	Opinion           // what it is, or whether it is any good
	Difference        // which of several is better, and in what they differ
)

// Asked is what a question wants to know of what.
type Asked struct {
	Aspect Aspect
	// Named are the products and services that it is about, the one that is
	// asked about first; at most three. Where it only names what several have
	// in common, such as "Proton", those are Brand.
	Named, Brand []knowledge.Ref
	// Country and Owner are what it supposes: "is Signal Amerikaans", "is
	// WhatsApp van Facebook". Country is an ID, [Europe] or empty.
	Country string
	Owner   string
	// Again says that it names nothing and goes on about what was named
	// before: by a word that stands for it ("is it free") or by none ("and
	// free?").
	Again Again
	// Sure says that every name in it is written as it is.
	Sure bool
}

// Again is how a question goes on about what was named before.
type Again uint8

// The ways to go on.
const (
	NotAgain  Again = iota
	ByPronoun       // "is het gratis"
	ByNothing       // "en gratis"
)

// Europe is what people mean by "Europees": the EU, the EEA, Switzerland and
// the United Kingdom.
const Europe = "europe"

// mostNamed is how many products and services one question is about, and
// mostWords how many words such a question has.
const (
	mostNamed = 3
	mostWords = 14
)

// wants is what a question wants to know of what it names.
func (x *Index) wants(q *question) Asked {
	if len(q.raw) > mostWords || len(q.words) == 0 {
		return Asked{}
	}
	a := Asked{Sure: true}
	var skeleton []string
	var brand []knowledge.Ref
	at := -1 // where the brand stands
	next := 0
	for i := 0; i < len(q.words); i++ {
		for next < len(q.phrases) && q.phrases[next].from < i {
			next++
		}
		if next < len(q.phrases) && q.phrases[next].from == i {
			p := q.phrases[next]
			if ref, ok := p.named(); ok {
				a.Named = append(a.Named, ref)
				a.Owner = strings.Join(q.words[i:i+x.sizeOf(q, p, ref)], " ") // the last one, if it is supposed to be that
				a.Sure = a.Sure && p.exact && slices.Contains(q.raw, q.words[i])
				skeleton = append(skeleton, "X")
				i += x.sizeOf(q, p, ref) - 1
				continue
			}
		}
		w := q.words[i]
		if brand == nil && x.brands[w] != nil {
			brand, at = x.brands[w], len(skeleton)
		}
		if !fillers[w] {
			skeleton = append(skeleton, w)
		}
	}
	switch {
	case len(a.Named) > mostNamed:
		return Asked{}
	case len(a.Named)+len(brand) == 0:
		return x.wantsAgain(plainly(strings.Join(skeleton, " ")))
	}
	last := a.Owner
	a.Owner = ""
	fits := func() bool {
		if !x.fits(plainly(strings.Join(skeleton, " ")), &a) {
			return false
		}
		if a.Owner == "X" {
			a.Owner = last
		}
		return true
	}
	switch {
	case len(a.Named) > 0 && fits():
		x.nearer(q, last, &a)
		return a
	case brand == nil:
		return Asked{}
	}
	skeleton[at] = "X"
	if !fits() {
		return Asked{}
	}
	// Who asks whether Google reads their Gmail does not ask which of Google's.
	if len(a.Named) == 0 || a.Aspect == Difference {
		a.Brand = brand
		x.nearer(q, last, &a)
	}
	return a
}

// sizeOf is how many words a name takes: a small word after it may have been
// taken for its ending, as in "WhatsApp en Signal".
func (x *Index) sizeOf(q *question, p phrase, ref knowledge.Ref) int {
	if last := q.words[p.from+p.size-1]; p.size > 1 && stopWords[last] && contains(x.phrases.byKey[strings.Join(q.words[p.from:p.from+p.size-1], "")], ref) {
		return p.size - 1
	}
	return p.size
}

// named is the entry that a name stands for which says most of it: a service
// that we list says more than a product that people leave.
func (p phrase) named() (knowledge.Ref, bool) {
	for _, kind := range []knowledge.Kind{knowledge.KindService, knowledge.KindProduct} {
		if i := slices.IndexFunc(p.refs, func(r knowledge.Ref) bool { return r.Kind == kind }); i >= 0 {
			return p.refs[i], true
		}
	}
	return knowledge.Ref{}, false
}

// plainly takes off what people put around a question.
func plainly(text string) string {
	text = closings.ReplaceAllString(openings.ReplaceAllString(text, ""), "")
	if m := asides.FindStringSubmatch(text); m != nil {
		text = m[1]
		if late := lateVerb.FindStringSubmatch(text); late != nil {
			text = late[3] + " X " + late[2]
		} else if mid := midVerb.FindStringSubmatch(text); mid != nil {
			text = mid[2] + " X " + mid[3]
		}
	}
	return ofMaker.ReplaceAllString(things.ReplaceAllString(text, "X"), "X $1")
}

// fits finds the form of a question, and puts what it wants to know into a.
func (x *Index) fits(text string, a *Asked) bool {
	for _, f := range forms {
		m := f.match.FindStringSubmatch(text)
		if m == nil {
			continue
		}
		supposed := strings.Join(m[1:], "")
		switch f.aspect {
		case Owner, DataPlace:
			if supposed == "" {
				break
			}
			if id, ok := x.country(supposed); ok {
				a.Country = id
			} else if f.aspect == Owner && ownedBy.MatchString(text) && !qualities[supposed[strings.LastIndexByte(supposed, ' ')+1:]] {
				a.Owner = supposed
			} else {
				continue
			}
		case Difference:
			if strings.Count(text, "X") < 2 {
				continue
			}
		case Encryption: // of "can Google read my Gmail" the last one is asked about
			slices.Reverse(a.Named)
		}
		a.Aspect = f.aspect
		return true
	}
	return false
}

// qualities end a question that is not about whose a thing is: "is Teams van
// Microsoft veilig".
var qualities = set(`veilig onveilig gratis duur gevaarlijk betrouwbaar goed slecht gestopt toegestaan verplicht nodig handig versleuteld safe free dangerous reliable good bad allowed needed encrypted`)

// ownedBy tells the forms that suppose an owner.
var ownedBy = regexp.MustCompile(`^(?:is|hoort|does) X (?:van|bij|eigendom van|owned by|belong to|part of|made by) `)

// pronouns stand for what was named before.
var pronouns = regexp.MustCompile(`\b(?:het|dat|die|deze|ze|it|that|they|them|these|those)\b`)

// wantsAgain is what a question wants to know that names nothing.
func (x *Index) wantsAgain(text string) Asked {
	a := Asked{Again: ByPronoun, Sure: true}
	for _, at := range pronouns.FindAllStringIndex(text, -1) {
		if x.fits(text[:at[0]]+"X"+text[at[1]:], &a) {
			return a
		}
	}
	a.Again = ByNothing
	if strings.Count(text, " ") > 2 {
		return Asked{}
	}
	if id, _ := x.country(text); id == "NL" {
		a.Aspect = Dutch
		return a
	}
	for _, try := range []string{"is X " + text, text + " X", text + " is X"} {
		if x.fits(try, &a) && a.Aspect != Opinion && a.Aspect != Difference {
			return a
		}
	}
	return Asked{}
}

// about gives a question that is about a name, and nothing else, the topic
// that lists it, unless its own topic explains just that.
func (x *Index) about(q *question, r *Result) {
	if q.end != nil || strings.HasPrefix(r.Topic, checkPrefix) {
		return
	}
	r.Asked = x.wants(q)
	refs := r.Asked.Named
	if len(refs) == 0 {
		refs = r.Asked.Brand
	}
	if r.Asked.Aspect == NoAspect || len(refs) == 0 {
		// Of a site that is no more than that, how to sign in is what is known.
		if site := x.signInOf(q); r.Topic == None && q.intent == Safe && site != "" && q.domain == "" && len(q.raw) <= siteWords {
			r.Topic, r.Score, r.Others = twoFAPrefix+site, threshold, nil
		}
		return
	}
	own := slices.ContainsFunc(q.phrases, func(p phrase) bool {
		return slices.ContainsFunc(p.refs, func(ref knowledge.Ref) bool { return ref.Kind == knowledge.KindTopic && ref.ID == r.Topic })
	})
	isAlt := strings.HasPrefix(r.Topic, altPrefix)
	switch {
	case own, r.Asked.Aspect == Opinion && r.Topic != None && !isAlt, Explains(r.Topic, r.Asked.Aspect):
		return
	}
	lists := x.lists(refs[0])
	if len(lists) == 0 || slices.Contains(lists, r.Topic) {
		return
	}
	if r.Topic != None {
		r.Others = append([]Scored{{r.Topic, min(r.Score, certainty(plainForm))}}, r.Others...)
	}
	r.Topic, r.Score = lists[0], certainty(plainForm)
	r.Others = slices.DeleteFunc(r.Others, func(o Scored) bool { return o.Topic == r.Topic || o.Score >= r.Score })
}

// siteWords is how many words a question has at most that asks whether a site
// is safe.
const siteWords = 5

// plainForm is how many points the form of a question about a name is worth.
const plainForm = 4.0

// Explains says whether a topic explains an aspect in general, whatever is
// named.
func Explains(topic string, a Aspect) bool {
	switch topic {
	case "e2ee", "encryption", "metadata":
		return a == Encryption
	case "hybrid-cloud":
		return a == SelfHost
	}
	return false
}

// lists are the topics that list an entry, the most fitting first.
func (x *Index) lists(ref knowledge.Ref) (topics []string) {
	switch ref.Kind {
	case knowledge.KindService:
		for _, placed := range x.base.Service(ref.ID) {
			topics = append(topics, altPrefix+placed.Category.ID)
		}
	case knowledge.KindProduct:
		if p := x.base.Product(ref.ID); p != nil {
			for _, id := range p.Categories {
				topics = append(topics, altPrefix+id)
			}
		}
	}
	return topics
}
