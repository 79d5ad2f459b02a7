package answer

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// ANSI escapes (ECMA-48, section 8.3.117).
const (
	ansiBold  = "\x1b[1m"
	ansiDim   = "\x1b[2m"
	ansiCyan  = "\x1b[36m"
	ansiReset = "\x1b[0m"
)

// Render renders a for a terminal: wrapped to Options.Width columns, tables
// with aligned columns where they fit, and ANSI escapes if Options.Colour. It
// ends with a newline.
func Render(a *Answer, o Options) string {
	var b strings.Builder
	first := true
	gap := func() {
		if !first {
			b.WriteByte('\n')
		}
		first = false
	}
	if len(a.Headline) > 0 {
		gap()
		wrap(&b, []piece{{Strong, plainText(a.Headline, o)}}, "", "", o)
	}
	for _, block := range a.Blocks {
		gap()
		termBlock(&b, block, "", o)
	}
	if len(a.Choices) > 0 {
		gap()
		items := make([]Text, len(a.Choices))
		for i, c := range a.Choices {
			items[i] = c.Label
		}
		termBlock(&b, List{Ordered: true, Items: items}, "", o)
	}
	if len(a.Source) > 0 {
		gap()
		wrap(&b, []piece{{Quiet, plainText(a.Source, o)}}, "", "", o)
	}
	return b.String()
}

func termBlock(b *strings.Builder, block Block, indent string, o Options) {
	switch v := block.(type) {
	case Paragraph:
		wrap(b, pieces(v.Text, o), indent, indent, o)
	case List:
		for i, item := range v.Items {
			mark := v.mark(i)
			wrap(b, pieces(item, o), indent+mark, indent+strings.Repeat(" ", len(mark)), o)
		}
	case Table:
		termTable(b, v, indent, o)
	case Details:
		wrap(b, append(pieces(v.Summary, o), piece{s: ":"}), indent, indent, o)
		for _, inner := range v.Blocks {
			termBlock(b, inner, indent+"  ", o)
		}
	}
}

// termTable draws a table with aligned columns, or as lines where it is wider
// than the terminal.
func termTable(b *strings.Builder, t Table, indent string, o Options) {
	rows := t.Rows
	if len(t.Head) > 0 {
		rows = append([][]Text{t.Head}, rows...)
	}
	var widths []int
	for _, row := range rows {
		for i, cell := range row {
			if i == len(widths) {
				widths = append(widths, 0)
			}
			widths[i] = max(widths[i], columns(plainText(cell, o)))
		}
	}
	total := len(indent)
	for _, w := range widths {
		total += w + 2
	}
	if o.Width > 0 && total-2 > o.Width {
		for _, row := range t.Rows {
			wrap(b, []piece{{s: plainRow(row, o)}}, indent, indent+"  ", o)
		}
		return
	}
	for r, row := range rows {
		line := indent
		for i, cell := range row {
			s := plainText(cell, o)
			pad := ""
			if i < len(row)-1 {
				pad = strings.Repeat(" ", widths[i]+2-columns(s))
			}
			if r == 0 && len(t.Head) > 0 {
				s = style(Quiet, s, o)
			}
			line += s + pad
		}
		b.WriteString(strings.TrimRight(line, " ") + "\n")
	}
}

// piece is words as they are shown, and how. They are not cleaned again: that
// would show what takes a link apart.
type piece struct {
	kind Kind
	s    string
}

// pieces are the words of t.
func pieces(t Text, o Options) []piece {
	all := make([]piece, len(t))
	for i, s := range t {
		all[i] = piece{s.Kind, plainText(Text{s}, o)}
	}
	return all
}

// columns is how many columns of a terminal s takes, as far as we know: one
// for each code point but the joiner, which is not seen.
func columns(s string) int {
	return utf8.RuneCountInString(s) - strings.Count(s, joiner)
}

// wrap writes words in lines of at most o.Width columns, the first after the
// indent first and the others after rest. Words are never broken.
func wrap(b *strings.Builder, words []piece, first, rest string, o Options) {
	b.WriteString(first)
	column := utf8.RuneCountInString(first)
	start := true
	for _, p := range words {
		for i, word := range strings.Split(p.s, " ") {
			width := columns(word)
			switch {
			case i == 0: // goes on where the last span ended
			case o.Width > 0 && !start && column+1+width > o.Width:
				b.WriteString("\n" + rest)
				column = utf8.RuneCountInString(rest)
			default:
				b.WriteByte(' ')
				column++
			}
			b.WriteString(style(p.kind, word, o))
			column += width
			start = start && width == 0
		}
	}
	b.WriteByte('\n')
}

func style(k Kind, s string, o Options) string {
	code := map[Kind]string{Strong: ansiBold, Quiet: ansiDim, Mono: ansiCyan}[k]
	if !o.Colour || code == "" || s == "" {
		return s
	}
	return fmt.Sprint(code, s, ansiReset)
}
