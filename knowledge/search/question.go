package search

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/idna"
	"golang.org/x/net/publicsuffix"
	"golang.org/x/text/unicode/norm"

	"wolkwijs/knowledge"
	"wolkwijs/lang"
)

// maxQuestion is how many bytes of a question are read, and maxTokens how
// many words: the rest of a longer text is not looked at.
const (
	maxQuestion = 4096
	maxTokens   = 160
)

// question is a question as it was understood, before anything is scored.
type question struct {
	lang    lang.Code
	raw     []string // the words as typed, folded
	words   []string // the same, with typing errors mended and compounds apart
	phrases []phrase // names in words
	domain  string   // a domain name in it, as A-labels
	intent  Intent
	text    string      // folded, one space between words, with a space at both ends
	end     *question   // the last sentences of a story, where it is one
	parts   []*question // the sentences of a story
}

// read takes a question apart.
func (x *Index) read(text string) *question {
	if len(text) > maxQuestion {
		text = text[:maxQuestion]
	}
	q := x.readPart(text)
	q.lang = x.vocab.language(q.unnamed())
	if end := ending(text); end != "" {
		q.end = x.readPart(end)
		q.end.lang = q.lang
		if q.end.domain == "" && q.domain != "" {
			q.end.domain = q.domain
			q.end.intent = intentOf(q.end)
		}
		if q.end.intent == Any {
			q.end.intent = q.intent
		}
		for _, sentence := range sentences(text) {
			q.parts = append(q.parts, x.readPart(sentence))
		}
	}
	return q
}

// readPart takes a question or the end of one apart, all but its language.
func (x *Index) readPart(text string) *question {
	q := x.readWords(text)
	q.text = " " + strings.Join(q.words, " ") + " "
	q.intent = intentOf(q)
	return q
}

// readWords finds the words, the names and the domain in a text.
func (x *Index) readWords(text string) *question {
	q := &question{domain: domainIn(text), raw: tokens(text)}
	q.raw = x.withoutDomain(q.raw, q.domain)
	if len(q.raw) > maxTokens {
		q.raw = q.raw[len(q.raw)-maxTokens:]
	}
	for i, w := range q.raw {
		next := ""
		if i+1 < len(q.raw) {
			next = q.raw[i+1]
		}
		q.words = append(q.words, x.mend(w, next)...)
	}
	q.phrases = x.phrases.find(q.words)
	return q
}

// withoutDomain takes the words of a domain name out, unless the name is also
// that of something we know, such as booking.com.
func (x *Index) withoutDomain(words []string, domain string) []string {
	labels := tokens(domain)
	if len(labels) == 0 || x.phrases.byKey[strings.Join(labels, "")] != nil {
		return words
	}
	for i := 0; i+len(labels) <= len(words); i++ {
		if slices.Equal(words[i:i+len(labels)], labels) {
			return slices.Delete(words, i, i+len(labels))
		}
	}
	return words
}

// A text of more than storyWords words is a story; its end are the last
// sentences of together at least endWords words.
const (
	storyWords = 22
	endWords   = 9
)

// ending returns the last sentences of a story, or nothing for a short text.
func ending(text string) string {
	if len(strings.Fields(text)) <= storyWords {
		return ""
	}
	all := sentences(text)
	end, words := "", 0
	for i := len(all) - 1; i > 0 && words < endWords; i-- {
		end = all[i] + ". " + end
		words += len(strings.Fields(all[i]))
	}
	return end
}

// sentences are the last maxSentences sentences of a text.
func sentences(text string) []string {
	all := strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune(".?!;\n", r) })
	all = slices.DeleteFunc(all, func(s string) bool { return strings.TrimSpace(s) == "" })
	return all[max(0, len(all)-maxSentences):]
}

const maxSentences = 12

// mend corrects a word and takes it apart if that makes it known.
func (x *Index) mend(w, next string) []string {
	if x.known(w) || (next != "" && x.known(w+next)) {
		return []string{w}
	}
	parts := x.vocab.split(w)
	if parts != nil && (len(parts[0]) > 3 || len(x.vocab.near(w)) == 0) {
		return parts
	}
	if next != "" {
		for _, near := range x.vocab.near(w) {
			if x.phrases.byKey[near+next] != nil {
				return []string{near}
			}
		}
	}
	fixed := x.vocab.correct(w)
	if fixed == w {
		return []string{w}
	}
	if parts := x.vocab.split(fixed); parts != nil && !x.known(fixed) {
		return parts
	}
	return []string{fixed}
}

// known says whether a word is in the vocabulary or is a name by itself.
func (x *Index) known(w string) bool {
	return x.vocab.count[w] > 0 || formWords[w] || x.phrases.byKey[w] != nil || (len(w) > 4 && x.phrases.byKey[plural(w)] != nil)
}

// content are the words that say what the question is about.
func (q *question) content() []string {
	var kept []string
	for _, w := range q.words {
		if !stopWords[w] && strings.Trim(w, "0123456789") != "" && !slices.Contains(kept, w) {
			kept = append(kept, w)
		}
	}
	return kept
}

// withoutProducts leaves out the words that are names of products or services.
func (q *question) withoutProducts(words []string) []string {
	named := map[string]bool{}
	for _, p := range q.phrases {
		if p.is(knowledge.KindProduct) || p.is(knowledge.KindService) {
			for _, w := range q.words[p.from : p.from+p.size] {
				named[w] = true
			}
		}
	}
	return slices.DeleteFunc(slices.Clone(words), func(w string) bool { return named[w] })
}

// has says whether the question holds one of the given phrases, written in
// folded words.
func (q *question) has(list ...string) bool {
	for _, p := range list {
		if strings.Contains(q.text, " "+p+" ") {
			return true
		}
	}
	return false
}

// unnamed are the words as typed, without those of products, services and
// sites: what a thing is called does not tell a language.
func (q *question) unnamed() []string {
	named := map[string]bool{}
	for _, p := range q.phrases {
		if p.is(knowledge.KindProduct) || p.is(knowledge.KindService) || p.is(knowledge.KindTwoFactor) {
			for _, w := range q.words[p.from : p.from+p.size] {
				named[w] = !dutchWords[w] && !englishWords[w]
			}
		}
	}
	return slices.DeleteFunc(slices.Clone(q.raw), func(w string) bool { return named[w] })
}

// ref returns the ID of the first name of a kind, or nothing.
func (q *question) ref(kind knowledge.Kind) string {
	for _, p := range q.phrases {
		for _, r := range p.refs {
			if r.Kind == kind {
				return r.ID
			}
		}
	}
	return ""
}

// tokens splits a text into folded words: lower case, without accents.
func tokens(text string) []string { return tokensOf(text, maxQuestion) }

// tokensOf is tokens for at most limit bytes of text.
func tokensOf(text string, limit int) []string {
	if len(text) > limit {
		text = text[:limit]
	}
	text = norm.NFKD.String(strings.ToValidUTF8(text, " "))
	var all []string
	var word []byte
	end := func() {
		if len(word) > 0 {
			all = append(all, string(word))
			word = word[:0]
		}
	}
	for _, r := range text {
		switch {
		case r < utf8.RuneSelf && (unicode.IsLetter(r) || unicode.IsDigit(r)):
			word = append(word, byte(unicode.ToLower(r)))
		case r == '\'', r == '’', unicode.Is(unicode.Mn, r):
		case unicode.IsLetter(r), unicode.IsDigit(r):
			word = utf8.AppendRune(word, unicode.ToLower(r))
		default:
			end()
		}
	}
	end()
	return all
}

// domainIn returns the first domain name in a text, taken out of a URL or a
// mail address where it stands in one, without "www.", or nothing. Only names
// below a public suffix that is in use count, so that "nl.dit" is none.
func domainIn(text string) string {
	for word := range strings.FieldsFuncSeq(text, func(r rune) bool { return unicode.IsSpace(r) || strings.ContainsRune(`,;:!?"'()<>[]/`, r) }) {
		if _, after, ok := strings.Cut(word, "@"); ok {
			word = after
		}
		word = strings.ToLower(strings.Trim(word, ".-_*`"))
		if !strings.Contains(word, ".") || len(word) > 253 {
			continue
		}
		name, err := idna.Lookup.ToASCII(strings.TrimPrefix(word, "www."))
		if err != nil || strings.Trim(name, "0123456789.") == "" {
			continue
		}
		suffix, icann := publicsuffix.PublicSuffix(name)
		if suffix != name && (icann || strings.Contains(suffix, ".")) {
			return name
		}
	}
	return ""
}
