package knowledge

import (
	"slices"
	"strings"

	"wolkwijs/lang"
)

// leastStem is the length from which a word of a point is also met with an
// ending.
const leastStem = 4

// PointTo returns which of points is about the very question, or nil if none is:
// the one of which most words are in the question.
func PointTo(question string, points []Point, l lang.Code) *Point {
	var said []string
	for _, word := range strings.Fields(question) { // a story is longer than any name
		said = append(said, words(word)...)
	}
	var best *Point
	most := 0
	for i := range points {
		p := &points[i]
		for _, each := range p.Words.In(l) {
			if n := meets(said, words(each)); n > most {
				best, most = p, n
			}
		}
	}
	return best
}

// meets says how well all of wanted are in what was said: 0 if one is not, and
// else more for more words, and for longer ones.
func meets(said, wanted []string) int {
	n := 0
	for _, w := range wanted {
		if !slices.ContainsFunc(said, func(s string) bool { return s == w || len(w) >= leastStem && strings.HasPrefix(s, w) }) {
			return 0
		}
		n += 100 + len(w)
	}
	return n
}
