package answer

import (
	"fmt"
	"strings"
)

// Body renders a as plain text that reads well in a client without HTML and
// from a screen reader: lists with numbers or dashes, tables as "row: cell,
// cell" lines, links as "text (URL)".
func Body(a *Answer, o Options) string {
	parts := make([]string, 0, len(a.Blocks)+3)
	add := func(s string) {
		if s != "" {
			parts = append(parts, s)
		}
	}
	add(plainText(a.Headline, o))
	for _, block := range a.Blocks {
		add(plainBlock(block, o))
	}
	if len(a.Choices) > 0 {
		items := make([]Text, len(a.Choices))
		for i, c := range a.Choices {
			items[i] = c.Label
		}
		add(plainBlock(List{Ordered: true, Items: items}, o))
	}
	add(plainText(a.Source, o))
	return strings.Join(parts, "\n\n")
}

func plainBlock(block Block, o Options) string {
	switch v := block.(type) {
	case Paragraph:
		return plainText(v.Text, o)
	case List:
		lines := make([]string, len(v.Items))
		for i, item := range v.Items {
			lines[i] = v.mark(i) + plainText(item, o)
		}
		return strings.Join(lines, "\n")
	case Table:
		lines := make([]string, len(v.Rows))
		for i, row := range v.Rows {
			lines[i] = plainRow(row, o)
		}
		return strings.Join(lines, "\n")
	case Details:
		parts := []string{plainText(v.Summary, o) + ":"}
		for _, inner := range v.Blocks {
			parts = append(parts, plainBlock(inner, o))
		}
		return strings.Join(parts, "\n")
	}
	return ""
}

// mark is what stands before item i of the list.
func (l List) mark(i int) string {
	if !l.Ordered {
		return "- "
	}
	return fmt.Sprintf("%d. ", max(l.Start, 1)+i)
}

func plainRow(row []Text, o Options) string {
	cells := make([]string, 0, len(row))
	for _, cell := range row {
		if s := plainText(cell, o); s != "" {
			cells = append(cells, s)
		}
	}
	if len(cells) < 2 {
		return strings.Join(cells, "")
	}
	return cells[0] + ": " + strings.Join(cells[1:], ", ")
}

func plainText(t Text, o Options) string {
	var b strings.Builder
	for _, s := range t {
		switch s.Kind {
		case Mono:
			b.WriteString(mono(s.S))
		case Link:
			if words := prose(s.S); words == s.URL || "https://"+words == s.URL {
				b.WriteString(s.URL)
			} else {
				fmt.Fprintf(&b, "%s (%s)", words, s.URL)
			}
		default:
			b.WriteString(prose(s.S))
		}
	}
	return b.String()
}
