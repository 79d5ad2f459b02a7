package answer_test

import (
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"wolkwijs/answer"
)

// Whoever has a client without HTML, or has the text read aloud, gets the same
// words in the same order as everybody else; only the heads of tables, which
// stand in no order that can be read, are left out.
func TestPlainBodyHasAllWords(t *testing.T) {
	body, formatted := answer.Matrix(sample(), answer.Options{})
	doc, err := html.Parse(strings.NewReader(formatted))
	if err != nil {
		t.Fatal(err)
	}
	left := body
	var walk func(n *html.Node)
	walk = func(n *html.Node) {
		if n.DataAtom == atom.Thead {
			return
		}
		if n.Type == html.TextNode {
			for word := range strings.FieldsSeq(n.Data) {
				_, after, ok := strings.Cut(left, word)
				if !ok {
					t.Fatalf("%q is not in the rest of the body:\n%s\nall of it:\n%s", word, left, body)
				}
				left = after
			}
		}
		for c := n.FirstChild; c != nil; c = c.NextSibling {
			walk(c)
		}
	}
	walk(doc)
}

// A screen reader tells what is a list, a table and its heads from the
// elements that HTML has for that; nothing depends on how it looks.
func TestHTMLSaysWhatThingsAre(t *testing.T) {
	_, formatted := answer.Matrix(sample(), answer.Options{})
	doc, err := html.Parse(strings.NewReader(formatted))
	if err != nil {
		t.Fatal(err)
	}
	count := map[string]int{}
	for n := range doc.Descendants() {
		if n.Type != html.ElementNode {
			continue
		}
		count[n.Data]++
		for _, a := range n.Attr {
			if slices.Contains([]string{"style", "color", "bgcolor", "class", "data-mx-color", "data-mx-bg-color"}, a.Key) {
				t.Errorf("<%s> has %s", n.Data, a.Key)
			}
		}
	}
	for element, want := range map[string]int{"ol": 2, "ul": 1, "table": 1, "th": 3, "details": 1, "summary": 1} {
		if count[element] != want {
			t.Errorf("%d <%s>, want %d", count[element], element, want)
		}
	}
	if strings.Contains(formatted, "<br") {
		t.Error("lines are broken where paragraphs belong")
	}
}
