package knowledge

import (
	"cmp"
	"slices"
	"strings"
	"sync"
)

// How says in which way a text met a name, best first.
type How uint8

// The ways in which a text meets a name.
const (
	Exact  How = iota // the same but for case, accents, punctuation and spaces
	Form              // the same but for number or size: "kluisjes" and "kluis"
	Begins            // the name begins with the words of the text: "proton"
	Part              // the name stands in the text: "iets anders dan gmail"
	Typo              // one or two letters differ
	Near              // alike, no more: only from Nearest
)

// Match is an entry that a text may mean.
type Match struct {
	Ref
	Name string // the name that met the text, as the knowledge base writes it
	How  How
}

// Find returns the entries of the given kinds whose names meet text, all in
// the same, best way, each entry once, in the order of the knowledge base.
// It returns none if no name meets it.
func (b *Base) Find(text string, kinds Kind) []Match {
	ws := words(text)
	if len(ws) == 0 {
		return nil
	}
	n := b.names
	if found := n.whole(ws, kinds); found != nil {
		return found
	}
	if kept := withoutFillers(ws); len(kept) < len(ws) && len(kept) > 0 {
		if found := n.whole(kept, kinds); found != nil {
			return found
		}
		ws = kept
	}
	if found := n.inside(ws, kinds); found != nil {
		return found
	}
	if found := n.compound(strings.Join(ws, ""), kinds); found != nil {
		return found
	}
	if found := n.typos(strings.Join(ws, ""), kinds); found != nil {
		return found
	}
	return n.typosInside(ws, kinds)
}

// Nearest returns at most count entries of the given kinds whose names look
// most like text, best first; fewer if nothing is alike.
func (b *Base) Nearest(text string, kinds Kind, count int) []Match {
	ws := words(text)
	if kept := withoutFillers(ws); len(kept) > 0 {
		ws = kept
	}
	key := strings.Join(ws, "")
	if len(key) > maxNearKey {
		key = key[:maxNearKey]
	}
	least := leastAlike
	if kinds == KindTwoFactor {
		least = leastMany
	}
	var found []Match
	for _, c := range b.names.alike(key, kinds, least) {
		m := b.names.match(c.at, Near)
		if !slices.ContainsFunc(found, func(f Match) bool { return f.Ref == m.Ref }) {
			found = append(found, m)
		}
		if len(found) == count {
			break
		}
	}
	return found
}

const (
	leastAlike = 0.35 // share of letter pairs from which names count as alike
	leastMany  = 0.5  // the same among sign-in services: of thousands of names, some look like anything
	maxNearKey = 60   // bytes of a text that are compared with names letter by letter
	maxWords   = 12   // words of a text that are tried in every combination
)

// whole looks for a name that is all of the words.
func (n *names) whole(ws []string, kinds Kind) []Match {
	key := strings.Join(ws, "")
	if found := n.pick(n.exact[key], kinds, Exact); found != nil {
		return found
	}
	if found := n.pick(n.stems[stem(key)], kinds, Form); found != nil {
		return found
	}
	if len(key) < 3 {
		return nil
	}
	spell := strings.Join(ws, " ") + " "
	var begin []int32
	for _, i := range n.firsts[ws[0]] {
		if strings.HasPrefix(n.all[i].spell, spell) {
			begin = append(begin, i)
		}
	}
	return n.pick(begin, kinds, Begins)
}

// inside looks for names that are a run of the words, longest runs first.
func (n *names) inside(ws []string, kinds Kind) []Match {
	ws = ws[:min(len(ws), maxWords)]
	for size := len(ws) - 1; size > 0; size-- {
		var found []Match
		for from := 0; from+size <= len(ws); from++ {
			key := strings.Join(ws[from:from+size], "")
			if len(key) < 2 {
				continue
			}
			at := n.exact[key]
			if n.pick(at, kinds, Part) == nil {
				at = n.stems[stem(key)]
			}
			found = append(found, n.pick(at, kinds, Part)...)
		}
		if found != nil {
			return unique(found)
		}
	}
	return nil
}

// tails are words that people tie to a name without changing what is meant:
// "mailprogramma", "gmailaccounts". They are stemmed.
var tails = func() (stems []string) {
	for w := range strings.FieldsSeq(`app programma dienst aanbieder provider service software account adres address tool
		systeem system website site pagina alternatief alternative online bedrijf platform server`) {
		stems = append(stems, stem(w))
	}
	return append(stems, "ap") // what stem makes of "app" at the end of a longer word
}()

// compound looks for a name to which one of tails is tied.
func (n *names) compound(key string, kinds Kind) []Match {
	s := stem(key)
	for _, tail := range tails {
		head, ok := strings.CutSuffix(s, tail)
		if !ok || len(head) < 3 {
			continue
		}
		if found := n.pick(n.exact[head], kinds, Part); found != nil {
			return found
		}
		if found := n.pick(n.stems[stem(head)], kinds, Part); found != nil {
			return found
		}
	}
	return nil
}

// allowed is how many letters of a name of that many letters may differ. Of a
// name of three letters nothing may: too many others are one letter away.
func allowed(letters int) int {
	switch {
	case letters < 4:
		return 0
	case letters < 8:
		return 1
	}
	return 2
}

// typos looks for the names nearest to key within what is allowed.
func (n *names) typos(key string, kinds Kind) []Match {
	limit := allowed(len(key))
	if limit == 0 || len(key) > maxNearKey {
		return nil
	}
	grams := gramsOf(key)
	// One slip of the finger changes three pairs of letters at most.
	least := max(len(grams)-3*limit, 1)
	var best []int32
	n.count(grams, kinds, func(i int32, shared int) {
		other := n.all[i].key
		if shared < least || allowed(len(other)) == 0 {
			return
		}
		if diff := len(other) - len(key); diff > limit || -diff > limit {
			return
		}
		switch d := distance(key, other, limit); {
		case d < limit:
			limit, best = d, append(best[:0], i)
		case d == limit:
			best = append(best, i)
		}
	})
	slices.Sort(best)
	return n.pick(best, kinds, Typo)
}

// typosInside looks for a misspelt name among single words and pairs of them.
func (n *names) typosInside(ws []string, kinds Kind) []Match {
	ws = ws[:min(len(ws), maxWords)]
	for size := min(2, len(ws)-1); size > 0; size-- {
		for from := 0; from+size <= len(ws); from++ {
			key := strings.Join(ws[from:from+size], "")
			if len(key) < 5 {
				continue
			}
			if found := n.typos(key, kinds); found != nil {
				return found
			}
		}
	}
	return nil
}

// candidate is a name with how much it looks like what was asked: the share
// of letter pairs the two have in common, from 0 to 1 (Dice's coefficient).
type candidate struct {
	at    int32
	score float64
}

// maxAlike bounds how many candidates are compared letter by letter.
const maxAlike = 40

// alike returns the names of the given kinds that share at least the given
// part of their letter pairs with key, most alike first, at most maxAlike.
func (n *names) alike(key string, kinds Kind, least float64) []candidate {
	grams := gramsOf(key)
	var all []candidate
	n.count(grams, kinds, func(i int32, shared int) {
		score := 2 * float64(shared) / float64(len(grams)+int(n.all[i].size))
		if score >= least {
			all = append(all, candidate{i, score})
		}
	})
	slices.SortFunc(all, func(a, b candidate) int { return cmp.Or(cmp.Compare(b.score, a.score), cmp.Compare(a.at, b.at)) })
	return all[:min(len(all), maxAlike)]
}

// counter is the working memory of count: for each name how many grams it
// shares, and which names share any.
type counter struct {
	shared  []uint8
	touched []int32
}

var counters = sync.Pool{New: func() any { return &counter{} }}

// count calls visit for each name of the given kinds that shares grams, with
// how many it shares.
func (n *names) count(grams []gram, kinds Kind, visit func(i int32, shared int)) {
	c := counters.Get().(*counter)
	defer counters.Put(c)
	if len(c.shared) < len(n.all) {
		c.shared = make([]uint8, len(n.all))
	}
	c.touched = c.touched[:0]
	for _, g := range grams[:min(len(grams), 255)] {
		for _, i := range n.grams[g] {
			if c.shared[i] == 0 {
				c.touched = append(c.touched, i)
			}
			c.shared[i]++
		}
	}
	for _, i := range c.touched {
		shared := int(c.shared[i])
		c.shared[i] = 0
		if n.all[i].ref.Kind&kinds != 0 {
			visit(i, shared)
		}
	}
}

// distance is how many letters to insert, remove, replace or swap with their
// neighbour make a into b (optimal string alignment), or limit+1 if those are
// more than limit. Both are folded names of at most maxNearKey bytes, and the
// letters are bytes: that counts a foreign letter double, which is no harm.
func distance(a, b string, limit int) int {
	var rows [3][maxNearKey + 3]uint8
	if len(b) > maxNearKey+2 {
		return limit + 1
	}
	before, last, row := &rows[0], &rows[1], &rows[2]
	for j := range len(b) + 1 {
		last[j] = uint8(j)
	}
	for i := 1; i <= len(a); i++ {
		row[0] = uint8(i)
		least := row[0]
		for j := 1; j <= len(b); j++ {
			change := last[j-1]
			if a[i-1] != b[j-1] {
				change++
			}
			d := min(last[j]+1, row[j-1]+1, change)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				d = min(d, before[j-2]+1)
			}
			row[j] = d
			least = min(least, d)
		}
		if int(least) > limit+1 { // a swap looks back two rows
			return limit + 1
		}
		before, last, row = last, row, before
	}
	return min(int(last[len(b)]), limit+1)
}

// pick turns indexes into matches: those of the given kinds, each entry once.
func (n *names) pick(at []int32, kinds Kind, how How) []Match {
	var found []Match
	for _, i := range at {
		if n.all[i].ref.Kind&kinds != 0 {
			found = append(found, n.match(i, how))
		}
	}
	return unique(found)
}

func (n *names) match(at int32, how How) Match {
	return Match{Ref: n.all[at].ref, Name: n.all[at].shown, How: how}
}

// unique keeps the first match of each entry.
func unique(found []Match) []Match {
	if len(found) < 2 {
		return found
	}
	kept := found[:0]
	for _, m := range found {
		if !slices.ContainsFunc(kept, func(k Match) bool { return k.Ref == m.Ref }) {
			kept = append(kept, m)
		}
	}
	return kept
}

// fillers are words around a name that say nothing about which one is meant.
var fillers = func() map[string]bool {
	all := map[string]bool{}
	for w := range strings.FieldsSeq(`
		een de het mijn jouw je u uw van voor om in op bij met naar is wat welk welke hoe ik wil graag iets iemand
		anders dan plaats ipv alternatief alternatieven vervanging vervanger vervangen andere ander goede goed beste
		gratis veilig veilige europees europese nederlands nederlandse open source privacyvriendelijk privacyvriendelijke
		a an the my your of for to at by with what which how i want would like something else than instead
		alternative alternatives replacement replace replacing other good best free safe secure european dutch
		please aub svp graag mij me`) {
		all[w] = true
	}
	return all
}()

// withoutFillers returns the words that are not fillers.
func withoutFillers(ws []string) []string {
	var kept []string
	for _, w := range ws {
		if !fillers[w] {
			kept = append(kept, w)
		}
	}
	return kept
}
