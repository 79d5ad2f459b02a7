package knowledge

import (
	"fmt"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"wolkwijs/lang"
)

// limits are the bounds of a text. Zero means no bound.
type limits struct {
	needed    bool // must be there
	sentences int  // at most
	letters   int  // at most, counted in Unicode code points
	leastWord int  // words, at least
	words     int  // words, at most
	mayShare  bool // the same sentence elsewhere is only a warning
	isCommand bool // no sentence at all, but something to type
}

// Sentences longer than this are hard to read: Dutch texts are for readers at
// level B1 of the Common European Framework of Reference.
const (
	longestDutch   = 25 // words
	longestEnglish = 30
	sharedFrom     = 5 // words from which it is doubtful that two entries share a sentence
	sharedWrong    = 8 // words from which it is wrong
)

// saying is a sentence with the entry that said it first.
type saying struct {
	entry
	sub string
}

// text checks a text in both languages.
func (e entry) text(sub string, t lang.Text, lim limits) {
	if t.IsZero() {
		if lim.needed {
			e.fault(sub, "no %s", sub)
		}
		return
	}
	for _, one := range []struct {
		code  lang.Code
		s     string
		other string
	}{{lang.NL, t.NL, "en"}, {lang.EN, t.EN, "nl"}} {
		if strings.TrimSpace(one.s) == "" {
			e.fault(sub, "%s has no text in %s, only in %s", sub, one.code, one.other)
			continue
		}
		e.oneText(sub+"."+string(one.code), one.code, one.s, lim)
	}
	if t.NL != "" && t.NL == t.EN && len(strings.Fields(t.NL)) > 3 {
		e.style(sub+".en", "the same text in both languages")
	}
}

// oneText checks a text in one language.
func (e entry) oneText(sub string, l lang.Code, s string, lim limits) {
	e.wording(sub, l, s)
	sentences := Sentences(s)
	if n := len(sentences); lim.sentences > 0 && n > lim.sentences {
		e.style(sub, "%d sentences, %d at most", n, lim.sentences)
	}
	if n := utf8.RuneCountInString(s); lim.letters > 0 && n > lim.letters {
		e.style(sub, "%d characters, %d at most", n, lim.letters)
	}
	count := len(strings.Fields(s))
	if lim.words > 0 && count > lim.words {
		e.style(sub, "%d words, %d at most", count, lim.words)
	}
	if count < lim.leastWord {
		e.style(sub, "%d words, at least %d", count, lim.leastWord)
	}
	longest := longestDutch
	if l == lang.EN {
		longest = longestEnglish
	}
	for _, sentence := range sentences {
		if n := len(strings.Fields(sentence)); n > longest {
			e.style(sub, "a sentence of %d words, %d at most: %q", n, longest, start(sentence))
		}
		if !lim.isCommand {
			e.shared(sub, l, sentence, lim.mayShare)
		}
	}
}

// shared reports a sentence that another entry has too.
func (e entry) shared(sub string, l lang.Code, sentence string, may bool) {
	ws := words(sentence)
	if len(ws) < sharedFrom {
		return
	}
	key := string(l) + " " + strings.Join(ws, " ")
	first, seen := e.l.said[key]
	if !seen {
		e.l.said[key] = saying{e, sub}
		return
	}
	if (first.kind == e.kind && first.id == e.id) || first.f.layer != e.f.layer {
		return
	}
	e.report(Finding{Warning: may || len(ws) < sharedWrong, Style: true}, sub, "write it for this "+e.kind, fmt.Sprintf("the sentence %q also stands at %s", start(sentence), first.where()))
}

// placeholders are marks of a text that is not finished, and of formats that
// would be shown to the letter.
var placeholders = []struct {
	re  *regexp.Regexp
	msg string
}{
	{regexp.MustCompile(`\b(TODO|FIXME|TBD|XXX|PLACEHOLDER|NNB|TBC)\b|(?i)lorem ipsum|(?i)\bplaceholder\b|(?i)\bnog in te vullen\b|\?\?\?`), "left to be written"},
	{regexp.MustCompile(`\{\{?[^}]*\}|\[\.\.\.\]|\[…\]|%[sdv]\b|<[A-Za-z][^>]*>`), "left to be filled in"},
	{regexp.MustCompile(`\]\(`), "a Markdown link: only `code` and **strong** are read"},
	{regexp.MustCompile(`&[a-z]+;`), "an HTML entity: write the letter itself"},
	{regexp.MustCompile(`[\x00-\x08\x0b-\x1f\x7f\x{200b}-\x{200f}\x{202a}-\x{202e}\x{2060}-\x{2069}\x{feff}]`), "a control or direction character"},
}

// wording checks the letters of a text.
func (e entry) wording(sub string, l lang.Code, s string) {
	if strings.TrimSpace(s) != s {
		e.style(sub, "space at the beginning or end")
	}
	if strings.Contains(s, "  ") {
		e.style(sub, "two spaces in a row")
	}
	for _, p := range placeholders {
		if found := p.re.FindString(s); found != "" {
			e.style(sub, "%s: %q", p.msg, found)
		}
	}
	if strings.Count(s, "`")%2 == 1 || strings.Count(s, "**")%2 == 1 {
		e.style(sub, "a ` or ** without its second half")
	}
	if guess := languageOf(s); guess != "" && guess != l {
		e.style(sub, "this text is in %s", map[lang.Code]string{lang.NL: "Dutch", lang.EN: "English"}[guess])
	}
	e.commandsIn(sub, l, s)
}

// commandInText finds commands between backticks.
var commandInText = regexp.MustCompile("`!([^`]+)`")

// commandsIn warns of commands in a text that would find nothing.
func (e entry) commandsIn(sub string, l lang.Code, s string) {
	for _, m := range commandInText.FindAllStringSubmatch(s, -1) {
		e.command(sub, l, m[1])
	}
}

// otherName are commands whose name belongs to one language, with their name
// in the other: who follows the wrong one gets an answer in the wrong language.
var otherName = map[lang.Code]map[string]string{
	lang.NL: {"explain": "uitleg", "ask": "vraag", "compare": "vergelijk", "watch": "volg", "unwatch": "ontvolg", "schedule": "rooster", "language": "taal", "about": "over", "more": "meer"},
	lang.EN: {"uitleg": "explain", "vraag": "ask", "vergelijk": "compare", "volg": "watch", "ontvolg": "unwatch", "rooster": "schedule", "taal": "language", "over": "about", "meer": "more"},
}

// command reports a command without prefix that has the other language's
// name, and warns of one that would find nothing. l is empty where the text
// is for both languages.
func (e entry) command(sub string, l lang.Code, line string) {
	name, arg, _ := strings.Cut(line, " ")
	if other := otherName[l][name]; other != "" {
		e.style(sub, "in %s this command is called %q, not %q", l, other, name)
	}
	kinds := map[string]Kind{
		"alt": KindCategory | KindProduct | KindService, "alternatief": KindCategory | KindProduct | KindService,
		"2fa": KindTwoFactor, "tweestaps": KindTwoFactor,
		"uitleg": KindTerm | KindTopic, "explain": KindTerm | KindTopic,
	}[name]
	if kinds == 0 || arg == "" || !e.l.whole {
		return
	}
	if found := e.l.base.Find(arg, kinds); len(found) == 0 || found[0].How > Form {
		e.warn(sub, "the command %q finds nothing by that name", line)
	}
}

// CutSentence divides a text after its first sentence; both are empty for a
// blank text.
func CutSentence(s string) (first, rest string) {
	s = strings.TrimSpace(s)
	if s == "" {
		return "", ""
	}
	first = Sentences(s)[0]
	return first, strings.TrimSpace(strings.TrimPrefix(s, first))
}

// Sentences divides a text at full stops, question and exclamation marks that
// are followed by a space and something that begins a sentence.
func Sentences(s string) []string {
	var all []string
	rs := []rune(s)
	from := 0
	for i, r := range rs {
		if r != '.' && r != '!' && r != '?' && r != '\n' {
			continue
		}
		next := i + 1
		for next < len(rs) && (rs[next] == ' ' || rs[next] == '\n') {
			next++
		}
		atEnd := next >= len(rs)
		if !atEnd && (r != '\n' && next == i+1 || unicode.IsLower(rs[next])) {
			continue
		}
		if one := strings.TrimSpace(string(rs[from:next])); one != "" {
			all = append(all, one)
		}
		from = next
	}
	if one := strings.TrimSpace(string(rs[from:])); one != "" {
		all = append(all, one)
	}
	return all
}

// start is the beginning of a sentence, for a message.
func start(s string) string {
	if rs := []rune(s); len(rs) > 40 {
		return string(rs[:40]) + "…"
	}
	return s
}

// Words that are common in one language and do not exist in the other.
var (
	dutchWords   = wordSet("de het een en van voor niet zijn wordt je naar ook maar bij uit dat dit deze met zonder kan kunt wel geen heeft")
	englishWords = wordSet("the and to for with not are it its you your from that this these which can has have without but or no")
)

func wordSet(s string) map[string]bool {
	all := map[string]bool{}
	for w := range strings.FieldsSeq(s) {
		all[w] = true
	}
	return all
}

// languageOf guesses the language of a text of our own by its small words. It
// is empty where they do not decide.
func languageOf(s string) lang.Code {
	dutch, english := 0, 0
	for w := range strings.FieldsSeq(strings.ToLower(s)) {
		w = strings.Trim(w, ".,;:!?()\"'`")
		if dutchWords[w] {
			dutch++
		}
		if englishWords[w] {
			english++
		}
	}
	switch {
	case dutch >= 3 && dutch > 3*english:
		return lang.NL
	case english >= 3 && english > 3*dutch:
		return lang.EN
	}
	return ""
}

// step checks one thing to do.
func (e entry) step(sub string, l lang.Code, s string) {
	if s == "" {
		e.style(sub, "an empty step")
		return
	}
	e.oneText(sub, l, s, limits{words: 40})
}
