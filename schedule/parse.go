package schedule

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"wolkwijs/lang"
)

// Parse reads when something comes back as people write it in Dutch or
// English: "maandag 9:00", "elke 2 weken vrijdag half vijf 's middags", "first
// Monday of the month at 9am Europe/Brussels". It returns the rule, and the
// zone, or nil if none was named. A text in which no time is named takes the
// time of usual. The language l decides where a word has two meanings. The
// error is a *Problem.
func Parse(text string, l lang.Code, usual Rule) (Rule, *time.Location, error) {
	p := &parser{lang: l, words: strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune(" \t\n,;\u00a0", r) })}
	for p.at < len(p.words) && p.problem == nil {
		p.word()
	}
	rule := p.rule(usual)
	if p.problem != nil {
		return Rule{}, nil, p.problem
	}
	return rule, p.zone, nil
}

// parser reads words and gathers what they say.
type parser struct {
	lang    lang.Code
	words   []string
	at      int // the word to read next
	problem *Problem

	spoken  map[lang.Code]bool // languages of words that only one of both knows
	repeats bool               // "every" was said
	unit    Unit
	every   int
	pause   string // the words that set every
	days    []time.Weekday
	nth     int
	nthWord string

	timed        bool
	timeWord     string
	hour, minute int
	halfTo       bool // "half ten": the time is right if that is Dutch
	told         bool // the time is told by the clock's face: "ten to nine"
	hourOnly     bool // minutes may follow
	part         int  // of the day, or 0; 1 is morning
	meridiem     int  // 0: none; 1: a.m.; 2: p.m.
	zone         *time.Location
}

// fail notes a problem, the first one.
func (p *parser) fail(kind ProblemKind, word string) {
	if p.problem == nil {
		p.problem = &Problem{Kind: kind, Word: strings.TrimRight(word, ".,;!?:")}
	}
}

var (
	clockForm    = regexp.MustCompile(`^(\d{1,2})(?:(?:[:.uh])(\d{2}))?(u|uur|h|hrs|am|pm|a\.m|p\.m)?$`)
	ordinalForm  = regexp.MustCompile(`^(\d{1,2})(?:e|ste|de|st|nd|rd|th)$`)
	abbreviation = regexp.MustCompile(`^[A-Z]{3,4}$`)
	armyForm     = regexp.MustCompile(`^([01]\d|2[0-3])([0-5]\d)$`)
)

// word reads the next word, with those that belong to it.
func (p *parser) word() {
	written := p.words[p.at]
	word := plain(written)
	p.at++
	switch {
	case written == "-" || written == "–":
		p.daysUpTo(written)
		return
	case word == "":
		return
	}
	if word != "t/m" && strings.Contains(word, "/") || word == "utc" || word == "gmt" {
		p.setZone(written)
		return
	}
	if m := ordinalForm.FindStringSubmatch(word); m != nil {
		n, _ := strconv.Atoi(m[1])
		p.setOrdinal(n, written)
		return
	}
	if m := clockForm.FindStringSubmatch(word); m != nil {
		p.figures(m, written)
		return
	}
	if m := armyForm.FindStringSubmatch(word); m != nil {
		hour, _ := strconv.Atoi(m[1])
		minute, _ := strconv.Atoi(m[2])
		p.setTime(hour, minute, written)
		return
	}
	if '0' <= word[0] && word[0] <= '9' {
		p.fail(BadTime, written)
		return
	}
	if first, last, ok := strings.Cut(word, "-"); ok {
		from, _, _ := meaningOf(first, p.lang)
		to, _, _ := meaningOf(last, p.lang)
		if from.kind == weekday && to.kind == weekday {
			p.addDay(time.Weekday(from.n), written)
			p.addDays(time.Weekday(to.n), written)
			return
		}
	}
	if day, part, ok := compound(word); ok {
		p.speaks(lang.NL)
		p.addDay(day, written)
		p.setPart(part, written)
		return
	}
	m, l, ok := meaningOf(word, p.lang)
	if !ok {
		if abbreviation.MatchString(written) { // such as CET
			p.fail(BadZone, written)
		}
		p.fail(UnknownWord, written)
		return
	}
	if _, shared := lexicon[map[lang.Code]lang.Code{lang.NL: lang.EN, lang.EN: lang.NL}[l]][word]; !shared {
		p.speaks(l)
	}
	p.meant(m, word, written)
}

// speaks notes that a word is of language l alone.
func (p *parser) speaks(l lang.Code) {
	if p.spoken == nil {
		p.spoken = map[lang.Code]bool{}
	}
	p.spoken[l] = true
}

// meant reads a word of the lexicon.
func (p *parser) meant(m meaning, word, written string) {
	switch m.kind {
	case filler:
		if word == "om" && p.next() == "de" { // "om de week": every other
			p.at++
			if m, _, _ := meaningOf(p.next(), p.lang); m.kind == period || m.kind == weekday {
				p.setEvery(2, written+" de")
			}
		}
	case upTo:
		p.daysUpTo(written)
	case hours:
		if !p.timed {
			p.fail(UnknownWord, written)
		}
	case each:
		p.repeats = true
	case other:
		p.setEvery(2, written)
	case weekday:
		p.addDay(time.Weekday(m.n), written)
	case workdays:
		for d := time.Monday; d <= time.Friday; d++ {
			p.addDay(d, written)
		}
	case number:
		p.bare(m.n, written)
	case ordinal:
		p.setOrdinal(m.n, written)
	case period:
		p.setUnit(m.unit, written)
		if m.every > 0 {
			p.setEvery(m.every, written)
		}
	case daytime:
		p.setPart(m.n, written)
	case meridiem:
		p.setMeridiem(m.n, written)
	case fixed:
		p.setTime(m.n, 0, written)
	case half:
		p.half(written)
	case quarter:
		p.relative(15, written)
	default:
		p.fail(UnknownWord, written)
	}
}

// next is the word to read next, or nothing.
func (p *parser) next() string {
	if p.at >= len(p.words) {
		return ""
	}
	return plain(p.words[p.at])
}

// number is the number that stands next, with the word as written, or 0.
func (p *parser) number() (n int, written string) {
	word := p.next()
	if m, _, ok := meaningOf(word, p.lang); ok && m.kind == number {
		return m.n, p.words[p.at]
	}
	if n, err := strconv.Atoi(word); err == nil && len(word) <= 2 && n > 0 {
		return n, p.words[p.at]
	}
	return 0, ""
}

// figures reads a time, an hour or a number in figures.
func (p *parser) figures(m []string, written string) {
	n, _ := strconv.Atoi(m[1])
	minute, _ := strconv.Atoi(m[2])
	if m[2] == "" && m[3] == "" {
		p.bare(n, written)
		return
	}
	p.setTime(n, minute, written)
	switch m[3] {
	case "am", "a.m":
		p.setMeridiem(0, written)
	case "pm", "p.m":
		p.setMeridiem(12, written)
	}
}

// bare reads a number of which the words around it say what it counts.
func (p *parser) bare(n int, written string) {
	m, _, _ := meaningOf(p.next(), p.lang)
	switch {
	case m.kind == period && m.every == 0:
		p.setEvery(n, written+" "+p.words[p.at])
	case m.kind == weekday && p.repeats && p.at >= 2 && p.isEach(p.words[p.at-2]): // "every 2 Fridays"
		p.setEvery(n, written)
	case m.kind == past || m.kind == before:
		p.relative(n, written)
	case p.timed && p.hourOnly && n < 60: // "9 uur 30"
		p.minute, p.hourOnly = n, false
	default:
		p.setTime(n, 0, written)
		p.hourOnly = true
	}
}

func (p *parser) setZone(written string) {
	if p.zone != nil {
		p.fail(Twice, written)
		return
	}
	zone, ok := Zone(strings.Trim(written, ".,;!?()"))
	if !ok {
		p.fail(BadZone, written)
	}
	p.zone = zone
}

func (p *parser) setUnit(u Unit, written string) {
	if p.unit != 0 && p.unit != u {
		// "the first day of the month" names two units, and so does "every
		// week on a day"; only the longer counts.
		if p.unit == Day || u == Day {
			p.unit = max(p.unit, u)
			return
		}
		p.fail(Twice, written)
	}
	p.unit = u
}

func (p *parser) setEvery(n int, written string) {
	if p.every != 0 {
		p.fail(Twice, written)
	}
	if n == 0 {
		p.fail(TooRare, written)
	}
	p.every, p.pause = n, written
}

func (p *parser) setOrdinal(n int, written string) {
	if p.nth != 0 || n == 0 {
		p.fail(Twice, written)
	}
	p.nth, p.nthWord = n, written
}

func (p *parser) addDay(d time.Weekday, written string) {
	if slices.Contains(p.days, d) {
		p.fail(Twice, written)
	}
	p.days = append(p.days, d)
}

// daysUpTo reads the last of a range of days, of which the first was read.
func (p *parser) daysUpTo(written string) {
	m, _, _ := meaningOf(p.next(), p.lang)
	if m.kind != weekday || len(p.days) == 0 {
		p.fail(UnknownWord, written)
		return
	}
	p.addDays(time.Weekday(m.n), p.words[p.at])
	p.at++
}

// addDays adds the days after the last that was named, up to the given one.
func (p *parser) addDays(last time.Weekday, written string) {
	for d := p.days[len(p.days)-1]; d != last && p.problem == nil; {
		d = (d + 1) % 7
		p.addDay(d, written)
	}
}

func (p *parser) isEach(word string) bool {
	m, _, _ := meaningOf(plain(word), p.lang)
	return m.kind == each
}

// rule makes a rule of what was said.
func (p *parser) rule(usual Rule) Rule {
	r := Rule{Unit: p.unit, Every: max(p.every, 1), Days: p.days, Hour: usual.Hour, Minute: usual.Minute}
	slices.SortFunc(r.Days, func(a, b time.Weekday) int { return int(a+6)%7 - int(b+6)%7 }) // Monday first
	p.dayOfMonth(&r)
	switch {
	case r.Unit == Month && r.Every > 1:
		p.fail(TooRare, p.pause)
	case r.Unit == Month && r.Nth == 0 && r.MonthDay == 0:
		p.fail(NeedWhich, "")
	case r.Unit == Day && len(r.Days) > 0:
		r.Unit = Week // "every weekday on Monday"
	case r.Unit == 0 || r.Unit == Week:
		r.Unit = Week
		if len(r.Days) == 0 {
			p.fail(NeedDay, "")
		}
	}
	if r.Unit == Day && r.Every > maxDays || r.Unit == Week && r.Every > maxWeeks {
		p.fail(TooRare, p.pause)
	}
	if p.timed {
		r.Hour, r.Minute = p.clock()
	} else if p.part > 0 || p.meridiem > 0 {
		p.fail(BadTime, p.words[len(p.words)-1])
	}
	return r
}

// dayOfMonth makes sense of "first", "15th" and "last".
func (p *parser) dayOfMonth(r *Rule) {
	if p.nth == 0 {
		return
	}
	switch {
	case len(r.Days) > 1 || p.every > 1 && r.Unit != Month || r.Unit == Week:
		p.fail(Twice, p.nthWord)
	case len(r.Days) == 1:
		switch {
		case p.nth > 4:
			p.fail(NotEachMonth, p.nthWord)
		case p.repeats && p.nth > 1 && r.Unit != Month:
			p.fail(TwoMeanings, p.nthWord)
		}
		r.Nth = p.nth
	case p.nth > 28:
		p.fail(NotEachMonth, p.nthWord)
	default:
		r.MonthDay = p.nth
	}
	r.Unit = Month
}
