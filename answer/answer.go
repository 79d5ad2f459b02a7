// Package answer is the answer as a value, before anyone decides what it
// looks like. Commands build an [Answer] from plain texts and strangers'
// words alike; the renderers in this package ([Matrix], [Render] for a
// terminal) are the one place that escapes and formats them. Nothing in an
// Answer is ever interpreted as HTML or Markdown: a [Span] is shown to the
// letter, and only a span of kind [Link] becomes a link.
//
// Most callers need [New], [Prose] for sentences from the knowledge base,
// [Code] for strangers' words (DNS text, what somebody typed), and one of the
// renderers. Code is also shown without anything that a client would turn
// into a link, a mention or a ping.
//
// May import: nothing.
package answer

import (
	"strings"

	"wolkwijs/lang"
)

// Answer is what Wolkwijs says to one request. A renderer shows headline,
// blocks, choices and source in that order.
type Answer struct {
	Lang     lang.Code // language of the texts
	Topic    string    // topic ID as in `ask --json`, such as "alt:email"; may be empty
	Command  string    // English name of the command that answered, or "question"; may be empty
	Headline Text      // the answer in one line; may be empty
	Blocks   []Block   // what follows it
	Choices  []Choice  // what the asker may pick next, at most nine
	Source   Text      // where it comes from and from when; may be empty
	Failed   bool      // the work behind the answer failed; `check` then exits with 1
}

// Block is one part of an answer: [Paragraph], [List], [Table] or [Details].
type Block interface{ block() }

// Paragraph is running text.
type Paragraph struct{ Text Text }

// List is a list of items, numbered if Ordered.
type List struct {
	Ordered bool
	Start   int // first number of an ordered list; 0 counts as 1
	Items   []Text
}

// Table is a small table. Renderers without tables show "first: second, third"
// lines, so the first column should name the row.
type Table struct {
	Head []Text
	Rows [][]Text
}

// Details is what a reader may skip: folded where the client can fold.
type Details struct {
	Summary Text
	Blocks  []Block
}

func (Paragraph) block() {}
func (List) block()      {}
func (Table) block()     {}
func (Details) block()   {}

// Choice is something to pick next, by a reaction with its number, by typing
// the number, or by giving its command.
type Choice struct {
	Label   Text
	Command string // what is done when picked, as the asker would type it, with no prefix
}

// Text is a run of spans.
type Text []Span

// Span is a stretch of text of one kind. S is shown to the letter.
type Span struct {
	Kind Kind
	S    string
	URL  string // of a Link: an https: URL
}

// Kind says how a span is shown.
type Kind uint8

// The kinds of spans.
const (
	Normal Kind = iota // plain
	Strong             // important words
	Quiet              // less important words, such as sources
	Mono               // commands, domain names, records
	Link               // a link to URL with S as its text
)

// Plain returns s as a text of one plain span.
func Plain(s string) Text { return Text{{S: s}} }

// Bold returns s as important text.
func Bold(s string) Text { return Text{{Kind: Strong, S: s}} }

// Code returns s as a command, domain name or record.
func Code(s string) Text { return Text{{Kind: Mono, S: s}} }

// LinkTo returns a link to url with the given text. A url that does not start
// with https://, or has anything in it that does not belong in a URL (RFC
// 3986, section 2), is shown as plain text instead.
func LinkTo(text, url string) Text {
	if !strings.HasPrefix(url, "https://") || strings.ContainsFunc(url, outsideURL) {
		return Plain(text)
	}
	return Text{{Kind: Link, S: text, URL: url}}
}

// outsideURL says whether r cannot stand in a URL as it is.
func outsideURL(r rune) bool {
	return r <= ' ' || r >= 0x7f || strings.ContainsRune("<>\"\\^`{|}", r)
}

// Join puts texts one after another.
func Join(texts ...Text) Text {
	var all Text
	for _, t := range texts {
		all = append(all, t...)
	}
	return all
}

// Prose reads a sentence of our own (from the program or the knowledge base,
// never a stranger's): `code` between backticks and **strong** between pairs
// of asterisks, everything else to the letter. An unpaired mark is text.
func Prose(s string) Text {
	var t Text
	plain := func(s string) {
		if s != "" {
			t = append(t, Span{S: s})
		}
	}
	for s != "" {
		code, bold := strings.IndexByte(s, '`'), strings.Index(s, "**")
		at, mark, kind := code, "`", Mono
		if code < 0 || (bold >= 0 && bold < code) {
			at, mark, kind = bold, "**", Strong
		}
		if at < 0 {
			break
		}
		inner, rest, ok := strings.Cut(s[at+len(mark):], mark)
		if !ok || inner == "" {
			plain(s[:at+len(mark)])
			s = s[at+len(mark):]
			continue
		}
		plain(s[:at])
		t = append(t, Span{Kind: kind, S: inner})
		s = rest
	}
	plain(s)
	return t
}

// String returns the words of t without any formatting.
func (t Text) String() string {
	var b strings.Builder
	for _, s := range t {
		b.WriteString(s.S)
	}
	return b.String()
}

// New returns an answer with a headline in language l.
func New(l lang.Code, headline Text) *Answer { return &Answer{Lang: l, Headline: headline} }

// Para appends a paragraph, unless t is empty, and returns a.
func (a *Answer) Para(t Text) *Answer {
	if len(t) > 0 {
		a.Blocks = append(a.Blocks, Paragraph{t})
	}
	return a
}

// Bullets appends a list without numbers, unless there are no items, and
// returns a.
func (a *Answer) Bullets(items ...Text) *Answer {
	if len(items) > 0 {
		a.Blocks = append(a.Blocks, List{Items: items})
	}
	return a
}

// Steps appends a numbered list, unless there are no items, and returns a.
func (a *Answer) Steps(items ...Text) *Answer {
	if len(items) > 0 {
		a.Blocks = append(a.Blocks, List{Ordered: true, Items: items})
	}
	return a
}
