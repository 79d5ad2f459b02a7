package answer

import (
	"fmt"
	"strings"
)

// Options are what a renderer needs to know of the place an answer goes to.
type Options struct {
	Width  int  // columns of a terminal; 0 means no wrapping
	Colour bool // a terminal that knows ANSI escapes
}

// Matrix renders a as the two halves of an m.room.message (Matrix
// specification, "m.room.message msgtypes"): the plain body, which reads well
// without HTML, and the formatted_body, which uses only elements that the
// specification recommends clients to support.
func Matrix(a *Answer, o Options) (body, formattedBody string) {
	return Body(a, o), HTML(a, o)
}

// HTML renders a as HTML for Matrix. Every word is escaped; the only links
// are the Link spans.
func HTML(a *Answer, o Options) string {
	var b strings.Builder
	if len(a.Headline) > 0 {
		fmt.Fprintf(&b, "<p><strong>%s</strong></p>", htmlText(a.Headline, o))
	}
	htmlBlocks(&b, a.Blocks, o)
	if len(a.Choices) > 0 {
		b.WriteString("<ol>")
		for _, c := range a.Choices {
			fmt.Fprintf(&b, "<li>%s</li>", htmlText(c.Label, o))
		}
		b.WriteString("</ol>")
	}
	if len(a.Source) > 0 {
		fmt.Fprintf(&b, "<p><em>%s</em></p>", htmlText(a.Source, o))
	}
	return b.String()
}

func htmlBlocks(b *strings.Builder, blocks []Block, o Options) {
	for _, block := range blocks {
		switch v := block.(type) {
		case Paragraph:
			fmt.Fprintf(b, "<p>%s</p>", htmlText(v.Text, o))
		case List:
			tag := "ul"
			if v.Ordered {
				tag = "ol"
			}
			if v.Ordered && v.Start > 1 {
				fmt.Fprintf(b, `<ol start="%d">`, v.Start)
			} else {
				fmt.Fprintf(b, "<%s>", tag)
			}
			for _, item := range v.Items {
				fmt.Fprintf(b, "<li>%s</li>", htmlText(item, o))
			}
			fmt.Fprintf(b, "</%s>", tag)
		case Table:
			htmlTable(b, v, o)
		case Details:
			fmt.Fprintf(b, "<details><summary>%s</summary>", htmlText(v.Summary, o))
			htmlBlocks(b, v.Blocks, o)
			b.WriteString("</details>")
		}
	}
}

func htmlTable(b *strings.Builder, t Table, o Options) {
	row := func(cell string, texts []Text) {
		b.WriteString("<tr>")
		for _, text := range texts {
			fmt.Fprintf(b, "<%s>%s</%s>", cell, htmlText(text, o), cell)
		}
		b.WriteString("</tr>")
	}
	b.WriteString("<table>")
	if len(t.Head) > 0 {
		b.WriteString("<thead>")
		row("th", t.Head)
		b.WriteString("</thead>")
	}
	b.WriteString("<tbody>")
	for _, r := range t.Rows {
		row("td", r)
	}
	b.WriteString("</tbody></table>")
}

func htmlText(t Text, o Options) string {
	var b strings.Builder
	for _, s := range t {
		switch s.Kind {
		case Strong:
			fmt.Fprintf(&b, "<strong>%s</strong>", escape(prose(s.S)))
		case Quiet:
			fmt.Fprintf(&b, "<em>%s</em>", escape(prose(s.S)))
		case Mono:
			fmt.Fprintf(&b, "<code>%s</code>", escape(mono(s.S)))
		case Link:
			fmt.Fprintf(&b, `<a href="%s">%s</a>`, escape(s.URL), escape(prose(s.S)))
		default:
			b.WriteString(escape(prose(s.S)))
		}
	}
	return b.String()
}
