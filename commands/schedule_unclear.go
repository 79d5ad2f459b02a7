package commands

import (
	"errors"
	"strings"

	"wolkwijs/answer"
	"wolkwijs/lang"
	"wolkwijs/schedule"
	"wolkwijs/tomlfile"
)

// unclear says what is not clear about when the tip should come, naming the
// word, and how to write it instead.
func (c *tipCall) unclear(err error) *answer.Answer {
	var p *schedule.Problem
	if !errors.As(err, &p) {
		return c.tipLost()
	}
	word := answer.Code(short(p.Word, 40))
	say := func(nlBefore, nlAfter, enBefore, enAfter string) *answer.Answer {
		before, after := lang.Text{NL: nlBefore, EN: enBefore}.In(c.lang), lang.Text{NL: nlAfter, EN: enAfter}.In(c.lang)
		return answer.New(c.lang, answer.Join(answer.Prose(before), word, answer.Prose(after)))
	}
	switch p.Kind {
	case schedule.BadTime:
		return say("", " is geen tijd die ik begrijp. Schrijf bijvoorbeeld `9:00`, `16:30` of `half tien 's avonds`.",
			"", " is not a time that I understand. Write for example `9:00`, `16:30` or `4:30 pm`.")
	case schedule.BadZone:
		return say("", " is geen tijdzone die ik ken. Schrijf een werelddeel en een stad, zoals `Europe/Brussels`.",
			"", " is not a time zone that I know. Write a continent and a city, such as `Europe/Brussels`.")
	case schedule.Twice:
		return say("", " past niet bij wat ervoor staat. Schrijf één moment, bijvoorbeeld `elke 2 weken vrijdag 16:30`.",
			"", " does not go with what stands before it. Write one moment, for example `every 2 weeks friday 16:30`.")
	case schedule.NeedDay:
		return answer.New(c.lang, c.prose("Op welke dag? Schrijf bijvoorbeeld `!rooster tip maandag 9:00`.", "On which day? Write for example `!schedule tip monday 9:00`."))
	case schedule.NeedWhich:
		return answer.New(c.lang, c.prose("Welke dag van de maand? Schrijf bijvoorbeeld `eerste maandag van de maand 9:00`, of `de 15e van de maand 9:00`.",
			"Which day of the month? Write for example `first monday of the month 9:00`, or `the 15th of the month 9:00`."))
	case schedule.TwoMeanings:
		return say("Bij ", " weet ik niet wat je bedoelt. Schrijf `elke 2 weken` (om de week), of zet er `van de maand` achter.",
			"With ", " I do not know what you mean. Write `every 2 weeks`, or add `of the month`.")
	case schedule.TwoTimes:
		return say("", " is in het Nederlands een andere tijd dan in het Engels. Schrijf hem in cijfers, bijvoorbeeld `9:30`.",
			"", " is another time in English than in Dutch. Write it in figures, for example `10:30`.")
	case schedule.NotEachMonth:
		return say("", " komt niet in elke maand voor. Kies de 1e tot en met de 28e, `laatste dag van de maand`, of de eerste tot en met de vierde of laatste `maandag`.",
			"", " does not come in every month. Choose the 1st to the 28th, `last day of the month`, or the first to the fourth or last `monday`.")
	case schedule.TooRare:
		return say("", " kan niet. Kies hooguit 30 dagen, 12 weken, of elke maand.",
			"", " will not do. Choose at most 30 days, 12 weeks, or every month.")
	}
	return c.oddWord(p.Word)
}

// oddWord says that a word means nothing here, and which may have been meant.
func (c *call) oddWord(word string) *answer.Answer {
	head := answer.Join(answer.Plain(c.say("Ik begrijp ", "I do not understand ")), answer.Code(short(word, 40)), answer.Plain(c.say(" hier niet.", " here.")))
	if near := nearWord(word, c.lang); near != "" {
		head = append(head, answer.Join(answer.Plain(c.say(" Bedoel je ", " Did you mean ")), answer.Code(near), answer.Plain("?"))...)
	}
	return answer.New(c.lang, head).Para(c.prose(
		"Schrijf een dag en een tijd: `!rooster tip vrijdag 16:30`. Meer voorbeelden: `!help rooster`.",
		"Write a day and a time: `!schedule tip friday 16:30`. More examples: `!help schedule`."))
}

// nearWord is the word of the schedule's language that a typo may have made
// of, or nothing if there is none, or more than one at the same distance.
func nearWord(word string, l lang.Code) string {
	word = strings.ToLower(strings.Trim(word, ".,;!?"))
	if len(word) < 3 || strings.Contains(word, " ") {
		return ""
	}
	words := schedule.Words(l)
	for name := range tipActions {
		words = append(words, name)
	}
	best, near := 3, ""
	for _, known := range words {
		d := tomlfile.Distance(word, known)
		switch {
		case d == 0: // right, but not here
			return ""
		case len(known) < 4 && d > 1 || d > best:
		case d < best:
			best, near = d, known
		case known < near: // always the same of two
			near = known
		}
	}
	if best > max(1, len(word)/3) {
		return ""
	}
	return near
}
