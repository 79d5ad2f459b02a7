package bot

import (
	"fmt"
	"strings"
	"testing"

	"wolkwijs/answer"
	"wolkwijs/lang"
)

// Every word of a long answer is on one of its pages, in order, and no page is
// more than an encrypted event can hold.
func TestPagesHoldEverything(t *testing.T) {
	words := func(n int, kind string) (texts []answer.Text) {
		for i := range n {
			texts = append(texts, answer.Plain(fmt.Sprintf("%s%d %s", kind, i, strings.Repeat("<&>", 20))))
		}
		return texts
	}
	var rows [][]answer.Text
	for _, cell := range words(200, "row") {
		rows = append(rows, []answer.Text{cell, answer.LinkTo("site", "https://example.org/")})
	}
	a := answer.New(lang.EN, answer.Plain("headline"))
	a.Source = answer.Plain("source")
	a.Choices = []answer.Choice{{Label: answer.Plain("choice"), Command: "x"}}
	a.Bullets(words(300, "bullet")...).Steps(words(300, "step")...)
	a.Blocks = append(a.Blocks, answer.Table{Head: words(2, "head"), Rows: rows})
	a.Blocks = append(a.Blocks, answer.Details{Summary: answer.Plain("summary"), Blocks: []answer.Block{answer.List{Items: words(300, "detail")}}})
	for _, para := range words(200, "para") {
		a.Para(para)
	}
	pages := paginate(a, "!")
	var all strings.Builder
	for i, p := range pages {
		body, html := answer.Matrix(p, answer.Options{})
		if n := len(body) + len(html); n > 40_000 {
			t.Errorf("page %d has %d bytes", i+1, n)
		}
		all.WriteString(body + "\n")
	}
	if len(pages) < 5 {
		t.Fatalf("%d pages", len(pages))
	}
	text, at := all.String(), 0
	for _, kind := range []struct {
		name string
		n    int
	}{{"headline", 0}, {"bullet", 300}, {"step", 300}, {"row", 200}, {"summary", 0}, {"detail", 300}, {"para", 200}, {"choice", 0}, {"source", 0}} {
		for i := range max(kind.n, 1) {
			word := kind.name
			if kind.n > 0 {
				word += fmt.Sprintf("%d ", i)
			}
			found := strings.Index(text[at:], word)
			if found < 0 {
				t.Fatalf("%q is not where it belongs", word)
			}
			at += found
		}
	}
}

func TestOneHugeRecordIsCut(t *testing.T) {
	a := answer.New(lang.NL, answer.Plain("x")).Para(answer.Code(strings.Repeat("é", 100_000)))
	pages := paginate(a, "!")
	for _, p := range pages {
		if body, _ := answer.Matrix(p, answer.Options{}); len(body) > 2*maxPage || strings.Contains(body, "\ufffd") {
			t.Errorf("a page has %d bytes", len(body))
		}
	}
}

func TestShortAnswerIsOnePage(t *testing.T) {
	a := answer.New(lang.NL, answer.Plain("kort")).Para(answer.Plain("en goed"))
	if pages := paginate(a, "!"); len(pages) != 1 || pages[0] != a {
		t.Errorf("%d pages", len(pages))
	}
}
