package schedule

import (
	"strings"
	"time"
	"unicode"

	"wolkwijs/lang"
)

// meaning is what a word says about when something comes back.
type meaning struct {
	kind  kind
	n     int  // a day, number, ordinal or part of the day
	unit  Unit // of a period
	every int  // of a period: how many of its unit; 0: the word does not say
}

// kind is the kind of a meaning.
type kind uint8

const (
	filler   kind = iota + 1 // means nothing here
	weekday                  // n: as in package time
	number                   // n
	ordinal                  // n: the which; -1 is the last
	daytime                  // n: morning, afternoon, evening or night
	meridiem                 // n: 0 for a.m., 12 for p.m.
	period                   // unit and every
	workdays                 // Monday to Friday
	each                     // it comes back
	other                    // every other one
	half                     // of an hour
	quarter                  // of an hour
	past                     // after the hour
	before                   // before the hour
	fixed                    // n: an hour that has a name
	hours                    // "uur": what came before it is an hour
	upTo                     // between the first and the last of some days
)

// The parts of a day.
const (
	morning = iota
	afternoon
	evening
	night
)

// lexicon holds the words, in lower case. The days are added by init.
var lexicon = map[lang.Code]map[string]meaning{
	lang.NL: {
		"zo": {kind: weekday, n: 0}, "ma": {kind: weekday, n: 1}, "di": {kind: weekday, n: 2}, "wo": {kind: weekday, n: 3},
		"do": {kind: weekday, n: 4}, "vr": {kind: weekday, n: 5}, "vrij": {kind: weekday, n: 5}, "za": {kind: weekday, n: 6},

		"een": {kind: number, n: 1}, "één": {kind: number, n: 1}, "twee": {kind: number, n: 2}, "drie": {kind: number, n: 3},
		"vier": {kind: number, n: 4}, "vijf": {kind: number, n: 5}, "zes": {kind: number, n: 6}, "zeven": {kind: number, n: 7},
		"acht": {kind: number, n: 8}, "negen": {kind: number, n: 9}, "tien": {kind: number, n: 10}, "elf": {kind: number, n: 11}, "twaalf": {kind: number, n: 12},

		"eerste": {kind: ordinal, n: 1}, "tweede": {kind: ordinal, n: 2}, "derde": {kind: ordinal, n: 3}, "vierde": {kind: ordinal, n: 4},
		"vijfde": {kind: ordinal, n: 5}, "laatste": {kind: ordinal, n: -1},

		"ochtend": {kind: daytime, n: morning}, "ochtends": {kind: daytime, n: morning}, "morgens": {kind: daytime, n: morning},
		"middag": {kind: daytime, n: afternoon}, "middags": {kind: daytime, n: afternoon}, "namiddag": {kind: daytime, n: afternoon},
		"avond": {kind: daytime, n: evening}, "avonds": {kind: daytime, n: evening}, "nacht": {kind: daytime, n: night}, "nachts": {kind: daytime, n: night},

		"dag": {kind: period, unit: Day}, "dagen": {kind: period, unit: Day}, "dagelijks": {kind: period, unit: Day, every: 1},
		"week": {kind: period, unit: Week}, "weken": {kind: period, unit: Week}, "wekelijks": {kind: period, unit: Week, every: 1},
		"tweewekelijks": {kind: period, unit: Week, every: 2}, "maand": {kind: period, unit: Month}, "maanden": {kind: period, unit: Month},
		"maandelijks": {kind: period, unit: Month, every: 1},
		"werkdag":     {kind: workdays}, "werkdagen": {kind: workdays}, "doordeweeks": {kind: workdays},

		"elke": {kind: each}, "elk": {kind: each}, "iedere": {kind: each}, "ieder": {kind: each}, "per": {kind: each},
		"half": {kind: half}, "kwart": {kind: quarter}, "over": {kind: past}, "na": {kind: past}, "voor": {kind: before},
		"t/m": {kind: upTo}, "tm": {kind: upTo}, "tot": {kind: upTo},
		"middernacht": {kind: fixed, n: 0}, "uur": {kind: hours}, "u": {kind: hours},
		"op": {kind: filler}, "om": {kind: filler}, "de": {kind: filler}, "het": {kind: filler}, "van": {kind: filler}, "en": {kind: filler}, "s": {kind: filler},
		"in": {kind: filler}, "tijd": {kind: filler}, "graag": {kind: filler}, "&": {kind: filler}, "+": {kind: filler},
	},
	lang.EN: {
		"sun": {kind: weekday, n: 0}, "mon": {kind: weekday, n: 1}, "tue": {kind: weekday, n: 2}, "tues": {kind: weekday, n: 2}, "wed": {kind: weekday, n: 3},
		"thu": {kind: weekday, n: 4}, "thur": {kind: weekday, n: 4}, "thurs": {kind: weekday, n: 4}, "fri": {kind: weekday, n: 5}, "sat": {kind: weekday, n: 6},

		"one": {kind: number, n: 1}, "two": {kind: number, n: 2}, "three": {kind: number, n: 3}, "four": {kind: number, n: 4},
		"five": {kind: number, n: 5}, "six": {kind: number, n: 6}, "seven": {kind: number, n: 7}, "eight": {kind: number, n: 8},
		"nine": {kind: number, n: 9}, "ten": {kind: number, n: 10}, "eleven": {kind: number, n: 11}, "twelve": {kind: number, n: 12},

		"first": {kind: ordinal, n: 1}, "second": {kind: ordinal, n: 2}, "third": {kind: ordinal, n: 3}, "fourth": {kind: ordinal, n: 4},
		"fifth": {kind: ordinal, n: 5}, "last": {kind: ordinal, n: -1},

		"morning": {kind: daytime, n: morning}, "mornings": {kind: daytime, n: morning}, "afternoon": {kind: daytime, n: afternoon},
		"evening": {kind: daytime, n: evening}, "evenings": {kind: daytime, n: evening}, "night": {kind: daytime, n: night},
		"am": {kind: meridiem, n: 0}, "a.m": {kind: meridiem, n: 0}, "pm": {kind: meridiem, n: 12}, "p.m": {kind: meridiem, n: 12},

		"day": {kind: period, unit: Day}, "days": {kind: period, unit: Day}, "daily": {kind: period, unit: Day, every: 1},
		"week": {kind: period, unit: Week}, "weeks": {kind: period, unit: Week}, "weekly": {kind: period, unit: Week, every: 1},
		"fortnight": {kind: period, unit: Week, every: 2}, "fortnightly": {kind: period, unit: Week, every: 2},
		"month": {kind: period, unit: Month}, "months": {kind: period, unit: Month}, "monthly": {kind: period, unit: Month, every: 1},
		"weekday": {kind: workdays}, "weekdays": {kind: workdays}, "workday": {kind: workdays}, "workdays": {kind: workdays},

		"every": {kind: each}, "each": {kind: each}, "other": {kind: other},
		"half": {kind: half}, "quarter": {kind: quarter}, "past": {kind: past}, "after": {kind: past}, "to": {kind: before}, "before": {kind: before},
		"through": {kind: upTo}, "thru": {kind: upTo}, "till": {kind: upTo},
		"noon": {kind: fixed, n: 12}, "midnight": {kind: fixed, n: 0}, "o'clock": {kind: hours}, "oclock": {kind: hours}, "h": {kind: hours},
		"on": {kind: filler}, "at": {kind: filler}, "the": {kind: filler}, "of": {kind: filler}, "and": {kind: filler}, "in": {kind: filler},
		"a": {kind: filler}, "time": {kind: filler}, "please": {kind: filler},
	},
}

// dayNames are the days of the week as they are said.
var dayNames = map[lang.Code][7]string{
	lang.NL: {"zondag", "maandag", "dinsdag", "woensdag", "donderdag", "vrijdag", "zaterdag"},
	lang.EN: {"Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"},
}

func init() {
	for l, names := range dayNames {
		for d, name := range names {
			day := meaning{kind: weekday, n: d}
			lexicon[l][strings.ToLower(name)] = day
			lexicon[l][strings.ToLower(name)+"s"] = day
		}
	}
}

// meaningOf returns what a word means, in language l if that knows it.
func meaningOf(word string, l lang.Code) (meaning, lang.Code, bool) {
	other := lang.EN
	if l == lang.EN {
		other = lang.NL
	}
	for _, l := range []lang.Code{l, other} {
		if m, ok := lexicon[l][word]; ok {
			return m, l, true
		}
	}
	return meaning{}, "", false
}

// compound splits a Dutch day with a part of the day, such as
// "vrijdagmiddag".
func compound(word string) (day time.Weekday, part int, ok bool) {
	for d, name := range dayNames[lang.NL] {
		if rest, found := strings.CutPrefix(word, name); found {
			rest, isMorning := strings.CutPrefix(rest, "morgen") // alone that is tomorrow
			if isMorning && rest == "" {
				return time.Weekday(d), morning, true
			}
			m := lexicon[lang.NL][rest]
			return time.Weekday(d), m.n, m.kind == daytime
		}
	}
	return 0, 0, false
}

// plain is a word as the lexicon has it: in lower case, without the signs
// around it.
func plain(word string) string {
	word = strings.ReplaceAll(strings.ToLower(word), "’", "'")
	return strings.TrimFunc(word, func(r rune) bool { return unicode.IsPunct(r) && r != '&' || r == '`' })
}

// Words returns the words of more than two letters that [Parse] knows in a
// language, to find the one that was misspelt.
func Words(l lang.Code) []string {
	var all []string
	for word := range lexicon[l] {
		if len(word) > 2 {
			all = append(all, word)
		}
	}
	return all
}
