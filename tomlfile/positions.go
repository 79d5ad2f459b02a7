package tomlfile

import (
	"slices"
	"strconv"
	"strings"

	"github.com/pelletier/go-toml/v2/unstable"
)

// Place is where a key stands. Line and Column count from 1.
type Place struct{ Line, Column int }

// Positions returns where each key of the TOML text data stands. The keys are
// dotted, with the index of an array table or array after its name, as in
// "service.3.text.nl" or "sources.0". Text that is not TOML gives what stands
// before the fault.
func Positions(data []byte) map[string]Place {
	places := map[string]Place{}
	walk(data, func(key string, at Place, _ *unstable.Node) {
		if _, seen := places[key]; !seen {
			places[key] = at
		}
	})
	return places
}

// walk calls visit for each key of the TOML text data in the order of the
// text, with its place, and with its value where it has one. Array elements
// are visited as keys of their own.
func walk(data []byte, visit func(key string, at Place, value *unstable.Node)) {
	w := walker{visit: visit, lines: []int{0}}
	for i, b := range data {
		if b == '\n' {
			w.lines = append(w.lines, i+1)
		}
	}
	w.p.Reset(data)
	counts := map[string]int{} // array tables seen so far, by dotted key
	prefix := ""
	for w.p.NextExpression() {
		e := w.p.Expression()
		switch e.Kind {
		case unstable.Table, unstable.ArrayTable:
			prefix = ""
			for k := e.Key(); k.Next(); {
				prefix = join(prefix, string(k.Node().Data))
				if e.Kind == unstable.ArrayTable && k.IsLast() {
					counts[prefix]++
				}
				if n := counts[prefix]; n > 0 {
					prefix = join(prefix, strconv.Itoa(n-1))
				}
				w.put(prefix, k.Node(), nil)
			}
		case unstable.KeyValue:
			w.pair(e, prefix)
		}
	}
}

// walker is one run of walk.
type walker struct {
	p     unstable.Parser
	lines []int // offsets at which the lines begin
	visit func(key string, at Place, value *unstable.Node)
}

func (w *walker) put(key string, n, value *unstable.Node) {
	offset := int(n.Raw.Offset)
	line, begins := slices.BinarySearch(w.lines, offset)
	if !begins {
		line--
	}
	w.visit(key, Place{line + 1, offset - w.lines[line] + 1}, value)
}

// pair visits the key of a key/value expression and everything in its value.
func (w *walker) pair(e *unstable.Node, prefix string) {
	key := prefix
	for k := e.Key(); k.Next(); {
		key = join(key, string(k.Node().Data))
		if k.IsLast() {
			w.put(key, k.Node(), e.Value())
		} else {
			w.put(key, k.Node(), nil)
		}
	}
	w.inside(e.Value(), key)
}

// inside visits the elements of an array or inline table.
func (w *walker) inside(v *unstable.Node, key string) {
	children := v.Children()
	for i := 0; children.Next(); i++ {
		n := children.Node()
		switch {
		case v.Kind == unstable.InlineTable:
			w.pair(n, key)
		case v.Kind == unstable.Array:
			at := join(key, strconv.Itoa(i))
			if n.Raw.Length > 0 {
				w.put(at, n, n)
			}
			w.inside(n, at)
		}
	}
}

func join(prefix, key string) string {
	if prefix == "" {
		return key
	}
	return prefix + "." + key
}

// Find returns the place of key, or of the nearest key above it that is known.
func Find(places map[string]Place, key string) Place {
	for key != "" {
		if at, ok := places[key]; ok {
			return at
		}
		i := strings.LastIndexByte(key, '.')
		if i < 0 {
			break
		}
		key = key[:i]
	}
	return Place{1, 1}
}
