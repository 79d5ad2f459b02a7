package tomlfile

import (
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
	p := unstable.Parser{}
	p.Reset(data)
	places := map[string]Place{}
	counts := map[string]int{} // array tables seen so far, by dotted key
	prefix := ""
	put := func(key string, n *unstable.Node) {
		if _, seen := places[key]; !seen {
			s := p.Shape(n.Raw).Start
			places[key] = Place{s.Line, s.Column}
		}
	}
	for p.NextExpression() {
		e := p.Expression()
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
				put(prefix, k.Node())
			}
		case unstable.KeyValue:
			pair(&p, e, prefix, put)
		}
	}
	return places
}

// pair records the key of a key/value expression and everything in its value.
func pair(p *unstable.Parser, e *unstable.Node, prefix string, put func(string, *unstable.Node)) {
	key := prefix
	for k := e.Key(); k.Next(); {
		key = join(key, string(k.Node().Data))
		put(key, k.Node())
	}
	inside(p, e.Value(), key, put)
}

// inside records the elements of an array or inline table.
func inside(p *unstable.Parser, v *unstable.Node, key string, put func(string, *unstable.Node)) {
	children := v.Children()
	for i := 0; children.Next(); i++ {
		n := children.Node()
		switch {
		case v.Kind == unstable.InlineTable:
			pair(p, n, key, put)
		case v.Kind == unstable.Array:
			at := join(key, strconv.Itoa(i))
			if n.Raw.Length > 0 {
				put(at, n)
			}
			inside(p, n, at, put)
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
