// Package lang names the languages Wolkwijs speaks and holds a text in all
// of them. It is a leaf: every package may import it, it imports none.
//
// May import: nothing.
package lang

import "fmt"

// Code is a language as in BCP 47 (RFC 5646), limited to the two that
// Wolkwijs answers in.
type Code string

// The languages Wolkwijs answers in.
const (
	NL Code = "nl" // Dutch, the language of the first text of everything
	EN Code = "en" // English
)

// Default is the language used where neither room nor command decides.
const Default = NL

// Parse returns the language that s names: its code or its own name for
// itself, in either language, in any case ("nl", "Nederlands", "Dutch",
// "en", "English", "Engels"). The error names s.
func Parse(s string) (Code, error) {
	switch lower(s) {
	case "nl", "nederlands", "dutch", "nl-nl", "nl-be":
		return NL, nil
	case "en", "english", "engels", "en-gb", "en-us":
		return EN, nil
	}
	return "", fmt.Errorf("unknown language %q: use nl or en", s)
}

// lower folds the ASCII letters of s, all that language names need.
func lower(s string) string {
	b := []byte(s)
	for i, c := range b {
		if 'A' <= c && c <= 'Z' {
			b[i] = c + 'a' - 'A'
		}
	}
	return string(b)
}

// Text is one text in every language. The zero Text is "no text".
type Text struct {
	NL string `toml:"nl" json:"nl"`
	EN string `toml:"en" json:"en"`
}

// In returns the text in language c; where that is empty it returns the
// other language rather than nothing.
func (t Text) In(c Code) string {
	if (c == EN && t.EN != "") || t.NL == "" {
		return t.EN
	}
	return t.NL
}

// IsZero says whether t has no text in any language.
func (t Text) IsZero() bool { return t == Text{} }

// Texts is a list of texts in every language, of equal or unequal lengths,
// such as the synonyms of a category.
type Texts struct {
	NL []string `toml:"nl" json:"nl"`
	EN []string `toml:"en" json:"en"`
}

// In returns the list in language c, without falling back.
func (t Texts) In(c Code) []string {
	if c == EN {
		return t.EN
	}
	return t.NL
}

// All returns the lists of all languages together, Dutch first.
func (t Texts) All() []string {
	all := make([]string, 0, len(t.NL)+len(t.EN))
	return append(append(all, t.NL...), t.EN...)
}
