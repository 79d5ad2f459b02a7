package knowledge

import "strings"

// Kind is a kind of entry, or several: kinds are bits.
type Kind uint16

// The kinds of entries that have names.
const (
	KindCategory Kind = 1 << iota
	KindProduct
	KindService
	KindTwoFactor
	KindTopic
	KindTerm
	KindProvider
	AnyKind Kind = 1<<iota - 1
)

// Ref points to an entry in a way that outlives a reload.
type Ref struct {
	Kind Kind
	ID   string
}

// names finds entries by what people call them. All tables hold indexes into
// all, which has one row for each name of each entry.
type names struct {
	all    []name
	exact  map[string][]int32 // by folded name
	stems  map[string][]int32 // by the stem of the folded name
	firsts map[string][]int32 // by the folded first word
	grams  map[gram][]int32   // by each pair of neighbouring letters
}

// name is one name of one entry.
type name struct {
	ref   Ref
	shown string // as the knowledge base writes it
	key   string // folded
	spell string // folded words with a space between
	size  uint16 // different grams in key
}

// gram is a pair of neighbouring letters; 0 stands for the edge of the word.
type gram [2]rune

// grams returns the pairs of neighbouring letters of key, each once.
func gramsOf(key string) []gram {
	all := make([]gram, 0, len(key)+1)
	last := rune(0)
	add := func(r rune) {
		g := gram{last, r}
		last = r
		for _, seen := range all {
			if seen == g {
				return
			}
		}
		all = append(all, g)
	}
	for _, r := range key {
		add(r)
	}
	add(0)
	return all
}

// newNames indexes the names of everything in b.
func newNames(b *Base) *names {
	n := &names{}
	n.reset(4 * len(b.TwoFactor))
	for _, c := range b.Alternatives {
		ref := Ref{KindCategory, c.Category.ID}
		n.add(ref, c.Category.Name.NL, c.Category.Name.EN, c.Category.ID)
		n.add(ref, c.Category.Names.All()...)
		for i := range c.Services {
			s := &c.Services[i]
			n.add(Ref{KindService, s.ID}, append([]string{s.Name, s.ID}, s.Aliases...)...)
		}
	}
	for _, p := range b.Products {
		n.add(Ref{KindProduct, p.ID}, append([]string{p.Name, p.ID}, p.Names...)...)
	}
	for _, t := range b.TwoFactor {
		ref := Ref{KindTwoFactor, t.Domain}
		n.add(ref, t.Name, t.Domain)
		n.add(ref, t.Names...)
		n.add(ref, t.Domains...)
	}
	for _, t := range b.Topics {
		n.add(Ref{KindTopic, t.ID}, append([]string{t.Title.NL, t.Title.EN, t.ID}, t.Names.All()...)...)
	}
	for _, t := range b.Terms {
		n.add(Ref{KindTerm, t.ID}, append([]string{t.Name.NL, t.Name.EN, t.ID}, t.Names.All()...)...)
	}
	for _, p := range b.Providers {
		n.add(Ref{KindProvider, p.ID}, p.Name, p.ID)
	}
	return n
}

// reset makes n empty, ready for about size names.
func (n *names) reset(size int) {
	*n = names{
		exact: make(map[string][]int32, size), stems: make(map[string][]int32, size),
		firsts: make(map[string][]int32, size/2), grams: map[gram][]int32{},
	}
}

// add indexes names of one entry. A name that folds to the same as an earlier
// one of that entry is passed over.
func (n *names) add(ref Ref, shown ...string) {
	for _, s := range shown {
		ws := words(s)
		key := strings.Join(ws, "")
		if key == "" || n.has(ref, key) {
			continue
		}
		i := int32(len(n.all))
		grams := gramsOf(key)
		n.all = append(n.all, name{ref, s, key, strings.Join(ws, " "), uint16(len(grams))})
		n.exact[key] = append(n.exact[key], i)
		st := stem(key)
		n.stems[st] = append(n.stems[st], i)
		n.firsts[ws[0]] = append(n.firsts[ws[0]], i)
		for _, g := range grams {
			n.grams[g] = append(n.grams[g], i)
		}
	}
}

// has says whether the entry has that folded name already.
func (n *names) has(ref Ref, key string) bool {
	for _, i := range n.exact[key] {
		if n.all[i].ref == ref {
			return true
		}
	}
	return false
}
