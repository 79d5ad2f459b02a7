package search

import (
	"strings"

	"wolkwijs/knowledge"
)

// Topic IDs that name an entry start with one of these.
const (
	altPrefix     = "alt:"
	twoFAPrefix   = "2fa:"
	checkPrefix   = "check:"
	tipPrefix     = "tip:"
	explainPrefix = "explain:" // our addition: a word of the glossary
)

// commonLabels are first labels of domains that name no service.
var commonLabels = set("www login account accounts my mijn app apps id auth signin sso secure portal mail web online cloud home store shop secure members user users bank banking")

// maxPhrase is how many words a name may have.
const maxPhrase = 5

// phrases finds names of the knowledge base in a sentence.
type phrases struct {
	byKey map[string][]knowledge.Ref // by the folded words, joined without spaces
	hints map[string][]string        // topics that a key leads to without being their name
	asked map[string]string          // topics by a whole question that leads to them
	heads map[string]bool            // how the keys begin; most words of a sentence begin no name
}

// newPhrases collects the names of everything in base.
func newPhrases(base *knowledge.Base) *phrases {
	p := &phrases{byKey: make(map[string][]knowledge.Ref, 8192), hints: map[string][]string{}, asked: map[string]string{}, heads: make(map[string]bool, 4096)}
	for _, c := range base.Alternatives {
		ref := knowledge.Ref{Kind: knowledge.KindCategory, ID: c.Category.ID}
		p.add(ref, c.Category.Name.NL, c.Category.Name.EN)
		p.add(ref, c.Category.Names.All()...)
		for i := range c.Services {
			s := &c.Services[i]
			p.add(knowledge.Ref{Kind: knowledge.KindService, ID: s.ID}, append(s.Aliases, s.Name)...)
		}
	}
	for _, e := range base.Products {
		p.add(knowledge.Ref{Kind: knowledge.KindProduct, ID: e.ID}, append(e.Names, e.Name)...)
	}
	for _, e := range base.TwoFactor {
		ref := knowledge.Ref{Kind: knowledge.KindTwoFactor, ID: e.Domain}
		p.add(ref, append(append(e.Names, e.Domains...), e.Name, e.Domain)...)
		if label, _, ok := strings.Cut(e.Domain, "."); ok && len(label) > 2 && !commonLabels[label] {
			p.addKey(knowledge.Fold(label), ref)
		}
	}
	for _, e := range base.Topics {
		p.add(knowledge.Ref{Kind: knowledge.KindTopic, ID: e.ID}, append(e.Names.All(), e.Title.NL, e.Title.EN)...)
		for _, question := range e.Questions.All() {
			p.asked[strings.Join(tokens(question), " ")] = e.ID
		}
	}
	for _, e := range base.Terms {
		p.add(knowledge.Ref{Kind: knowledge.KindTerm, ID: e.ID}, append(e.Names.All(), e.Name.NL, e.Name.EN)...)
	}
	for _, w := range base.Search {
		for _, name := range w.Names.All() {
			if key := knowledge.Fold(name); len(key) > 1 {
				p.hints[key] = append(p.hints[key], w.Topic)
				if k := plural(key); k != key {
					p.hints[k] = append(p.hints[k], w.Topic)
				}
			}
		}
	}
	for key := range p.byKey {
		p.heads[head(key)] = true
	}
	for key := range p.hints {
		p.heads[head(key)] = true
	}
	return p
}

// head is how a key begins, the same for a name and its plural.
func head(key string) string {
	key = strings.TrimPrefix(key, "~")
	return key[:min(len(key), 3)]
}

func (p *phrases) add(ref knowledge.Ref, names ...string) {
	for _, name := range names {
		key := knowledge.Fold(name)
		if len(key) < 2 {
			continue
		}
		p.addKey(key, ref)
		p.addKey(plural(key), ref)
	}
}

func (p *phrases) addKey(key string, ref knowledge.Ref) {
	if !contains(p.byKey[key], ref) {
		p.byKey[key] = append(p.byKey[key], ref)
	}
}

func contains(refs []knowledge.Ref, ref knowledge.Ref) bool {
	for _, r := range refs {
		if r == ref {
			return true
		}
	}
	return false
}

// plural takes an ending of number or size off a name, the same on both sides
// of a comparison; it marks the result so that it meets only its like.
func plural(key string) string {
	for _, ending := range []string{"tjes", "pjes", "jes", "tje", "pje", "je", "en", "es", "s", "e"} {
		if t, ok := strings.CutSuffix(key, ending); ok && len(t) >= 4 {
			key = t
			break
		}
	}
	if n := len(key); n > 3 && key[n-1] == key[n-2] {
		key = key[:n-1]
	}
	return "~" + key
}

// phrase is a name found in a sentence.
type phrase struct {
	from, size int // the words it stands on
	refs       []knowledge.Ref
	hints      []string // topics it leads to
	exact      bool     // met as it is, not by number or size
}

// find returns the names in words, longest first from each place, none
// inside another.
func (p *phrases) find(words []string) []phrase {
	var found []phrase
	for from := 0; from < len(words); from++ {
		size := min(maxPhrase, len(words)-from)
		key := strings.Join(words[from:from+size], "")
		if !p.heads[head(key)] && len(words[from]) >= len(head(key)) {
			continue
		}
		for ; size > 0; size-- {
			if size == 1 && stopWords[key] && len(words) > 2 {
				continue
			}
			refs, hints, exact := p.byKey[key], p.hints[key], true
			if refs == nil && hints == nil && len(key) > 4 {
				if stem := plural(key); !stopWords[stem[1:]] {
					refs, hints, exact = p.byKey[stem], p.hints[stem], false
				}
			}
			if refs != nil || hints != nil {
				found = append(found, phrase{from, size, refs, hints, exact})
				from += size - 1
				break
			}
			key = key[:len(key)-len(words[from+size-1])]
		}
	}
	return found
}

// is says whether the name is one of an entry of that kind.
func (p phrase) is(kind knowledge.Kind) bool {
	for _, r := range p.refs {
		if r.Kind == kind {
			return true
		}
	}
	return false
}
