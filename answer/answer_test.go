package answer_test

import (
	"flag"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"wolkwijs/answer"
	"wolkwijs/lang"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// sample has every kind of block and span once.
func sample() *answer.Answer {
	a := answer.New(lang.NL, answer.Join(answer.Code("example.nl"), answer.Plain(": je mail staat bij Microsoft (VS).")))
	a.Blocks = append(a.Blocks, answer.Table{
		Head: []answer.Text{answer.Plain(""), answer.Plain("wie"), answer.Plain("land")},
		Rows: [][]answer.Text{
			{answer.Plain("Postvak"), answer.Plain("Microsoft 365"), answer.Plain("Verenigde Staten")},
			{answer.Plain("DNS"), answer.Plain("TransIP"), answer.Plain("Nederland")},
		},
	})
	a.Para(answer.Bold("Doe dit eerst"))
	a.Steps(answer.Prose("SPF is ongeldig: er zijn **14** opzoekingen nodig, 10 mag."), answer.Prose("Wil je weg? Typ `!alt email`."))
	a.Bullets(answer.LinkTo("Uitleg", "https://example.org/spf"), answer.LinkTo("geen link", "javascript:alert(1)"))
	a.Blocks = append(a.Blocks, answer.Details{
		Summary: answer.Plain("Details"),
		Blocks:  []answer.Block{answer.Paragraph{Text: answer.Code(`v=spf1 <b>&"x" -all`)}},
	})
	a.Choices = []answer.Choice{{Label: answer.Plain("e-mail"), Command: "alt email"}, {Label: answer.Plain("chat"), Command: "alt chat"}}
	a.Source = answer.Plain("Bron: DNS, zojuist.")
	return a
}

func TestRenderersAgreeWithGolden(t *testing.T) {
	for name, got := range map[string]string{
		"body.golden":     answer.Body(sample(), answer.Options{}),
		"html.golden":     answer.HTML(sample(), answer.Options{}),
		"terminal.golden": answer.Render(sample(), answer.Options{Width: 60}),
		"narrow.golden":   answer.Render(sample(), answer.Options{Width: 24}),
		"colour.golden":   answer.Render(sample(), answer.Options{Width: 60, Colour: true}),
	} {
		file := filepath.Join("testdata", name)
		if *update {
			if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if got != string(want) {
			t.Errorf("%s (run with -update if this is meant)\n got: %s\nwant: %s", name, got, want)
		}
	}
}

func TestProse(t *testing.T) {
	span := func(k answer.Kind, s string) answer.Span { return answer.Span{Kind: k, S: s} }
	for _, tt := range []struct {
		in   string
		want answer.Text
	}{
		{"", nil},
		{"plain", answer.Text{span(answer.Normal, "plain")}},
		{"type `!tip` now", answer.Text{span(answer.Normal, "type "), span(answer.Mono, "!tip"), span(answer.Normal, " now")}},
		{"**very** `x`", answer.Text{span(answer.Strong, "very"), span(answer.Normal, " "), span(answer.Mono, "x")}},
		{"a ` b", answer.Text{span(answer.Normal, "a `"), span(answer.Normal, " b")}},
		{"2**3 is 8", answer.Text{span(answer.Normal, "2**"), span(answer.Normal, "3 is 8")}},
	} {
		if got := answer.Prose(tt.in); !reflect.DeepEqual(got, tt.want) {
			t.Errorf("Prose(%q) = %+v, want %+v", tt.in, got, tt.want)
		}
		if got := answer.Prose(tt.in).String(); strings.ReplaceAll(strings.ReplaceAll(tt.in, "**", ""), "`", "") != strings.ReplaceAll(strings.ReplaceAll(got, "**", ""), "`", "") {
			t.Errorf("Prose(%q) lost words: %q", tt.in, got)
		}
	}
}

func TestCleanShowsWhatCannotBeSeen(t *testing.T) {
	for in, want := range map[string]string{
		"gewoon één":    "gewoon één",
		"a\x00b":        `a\u{0}b`,
		"abc\u202edef":  `abc\u{202e}def`,
		"zero\u200bgap": `zero\u{200b}gap`,
		"bad\xffbyte":   "bad\ufffdbyte",
		"1️⃣ ok":        "1️⃣ ok",
	} {
		if got := answer.Clean(in); got != want {
			t.Errorf("Clean(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestLongRecordsAreCut(t *testing.T) {
	a := answer.New(lang.EN, answer.Code(strings.Repeat("x", 100_000)))
	if body := answer.Body(a, answer.Options{}); len(body) > 1_000 {
		t.Errorf("a record of 100,000 octets renders as %d octets", len(body))
	}
}

// What takes a stranger's words apart is seen nowhere: not in the headline, nor
// in a table, whose columns stay straight, nor where that is too wide.
func TestTerminalDoesNotShowJoiners(t *testing.T) {
	evil := answer.Code("X https://evil.example @alice:hs.example")
	a := answer.New(lang.EN, answer.Join(answer.Plain("mail with "), evil))
	a.Blocks = append(a.Blocks, answer.Table{
		Head: []answer.Text{nil, answer.Plain("who"), answer.Plain("country")},
		Rows: [][]answer.Text{{answer.Plain("Mailbox"), evil, answer.Plain("US")}, {answer.Plain("DNS"), answer.Plain("TransIP"), answer.Plain("BE")}},
	})
	const shown = "X https:\u2060//evil.example @\u2060alice:hs.example"
	gap := strings.Repeat(" ", len("X https://evil.example @alice:hs.example")+2)
	want := "mail with " + shown + "\n\n" +
		"         who" + gap[3:] + "country\n" +
		"Mailbox  " + shown + "  US\n" +
		"DNS      TransIP" + gap[7:] + "BE\n"
	if got := answer.Render(a, answer.Options{Width: 80}); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	for _, width := range []int{20, 40} {
		if got := answer.Render(a, answer.Options{Width: width}); strings.Contains(got, "u{2060}") {
			t.Errorf("in %d columns:\n%s", width, got)
		}
	}
}

// allowed are the elements and attributes that the renderer may write.
var allowed = map[string]string{
	"html": "", "head": "", "body": "", "p": "", "strong": "", "em": "", "code": "", "ul": "", "ol": "start", "li": "",
	"table": "", "thead": "", "tbody": "", "tr": "", "th": "", "td": "", "details": "", "summary": "", "a": "href",
}

// active is what clients and terminals act on. (A table prints "mailto: x",
// with a space, for a cell that reads mailto.)
var active = regexp.MustCompile(`://|@room|mailto:\S|matrix\.to|\x00|\x1b|\x{202e}`)

// FuzzStrangersText holds the renderers to their law: no text of a stranger
// becomes HTML, a link, a mention or a ping.
func FuzzStrangersText(f *testing.F) {
	for _, s := range []string{
		"v=spf1 -all", `<img src=x onerror=alert(1)>`, `</code><a href="https://evil.example">x</a>`, "@room", "@victim:example.org",
		"https://matrix.to/#/@victim:example.org", "[x](https://evil.example)", "\u202egnp.exe", "\x00\x1b[31m", "```\n<script>", "mailto:a@b.example",
		"&lt;b&gt;", "matrix:u/victim:example.org", "<details open>", "!tip", strings.Repeat("a", 500),
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		a := answer.New(lang.NL, answer.Code(s))
		a.Para(answer.Code(s)).Bullets(answer.Code(s)).Para(answer.LinkTo("x", s))
		a.Blocks = append(a.Blocks, answer.Table{Rows: [][]answer.Text{{answer.Code(s), answer.Code(s)}}})
		body, formatted := answer.Matrix(a, answer.Options{})
		doc, err := html.Parse(strings.NewReader(formatted))
		if err != nil {
			t.Fatal(err)
		}
		for n := range doc.Descendants() {
			if n.Type != html.ElementNode {
				continue
			}
			attr, ok := allowed[n.Data]
			if !ok {
				t.Fatalf("element <%s> from %q", n.Data, s)
			}
			for _, at := range n.Attr {
				if at.Key != attr {
					t.Fatalf("attribute %s of <%s> from %q", at.Key, n.Data, s)
				}
			}
			if n.Data == "a" && n.Attr[0].Val != s {
				t.Fatalf("link to %q from %q", n.Attr[0].Val, s)
			}
		}
		if strings.HasPrefix(s, "https://") {
			return // LinkTo made a link of it, as its caller asked
		}
		for _, out := range []string{body, formatted, answer.Render(a, answer.Options{Width: 40})} {
			if found := active.FindString(out); found != "" {
				t.Fatalf("%q is in the output for %q:\n%s", found, s, out)
			}
		}
	})
}
