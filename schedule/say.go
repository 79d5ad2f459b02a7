package schedule

import (
	"fmt"
	"strings"
	"time"

	"wolkwijs/lang"
)

// In says when the rule has something come back, in language l: "elke maandag
// om 9:00", "every 2 weeks on Friday at 16:30". [Parse] understands it.
func (r Rule) In(l lang.Code) string {
	at := fmt.Sprintf(" om %d:%02d", r.Hour, r.Minute)
	if l == lang.EN {
		at = fmt.Sprintf(" at %d:%02d", r.Hour, r.Minute)
	}
	say := func(nl, en string) string { return lang.Text{NL: nl, EN: en}.In(l) }
	switch {
	case r.Unit == Day && r.Every == 1:
		return say("elke dag", "every day") + at
	case r.Unit == Day:
		return fmt.Sprintf(say("elke %d dagen", "every %d days"), r.Every) + at
	case r.Unit == Week && r.Every == 1 && r.isWorkdays():
		return say("elke werkdag", "every weekday") + at
	case r.Unit == Week && r.Every == 1:
		return say("elke ", "every ") + r.days(l) + at
	case r.Unit == Week:
		return fmt.Sprintf(say("elke %d weken op ", "every %d weeks on "), r.Every) + r.days(l) + at
	case r.Nth != 0:
		which := map[int]lang.Text{1: {NL: "eerste", EN: "first"}, 2: {NL: "tweede", EN: "second"}, 3: {NL: "derde", EN: "third"}, 4: {NL: "vierde", EN: "fourth"}, -1: {NL: "laatste", EN: "last"}}[r.Nth]
		return fmt.Sprintf(say("elke %s %s van de maand", "the %s %s of every month"), which.In(l), r.days(l)) + at
	case r.MonthDay == -1:
		return say("de laatste dag van elke maand", "the last day of every month") + at
	}
	return fmt.Sprintf(say("de %s van elke maand", "the %s of every month"), ordinalOf(r.MonthDay, l)) + at
}

// isWorkdays says whether the days are Monday to Friday.
func (r Rule) isWorkdays() bool {
	for i, d := range r.Days {
		if d != time.Weekday(i+1) {
			return false
		}
	}
	return len(r.Days) == 5
}

// days names the days: "maandag, woensdag en vrijdag".
func (r Rule) days(l lang.Code) string {
	var names []string
	for _, d := range r.Days {
		names = append(names, dayNames[l][d])
	}
	last := len(names) - 1
	if last == 0 {
		return names[0]
	}
	return strings.Join(names[:last], ", ") + lang.Text{NL: " en ", EN: " and "}.In(l) + names[last]
}

// ordinalOf writes the day of a month: "1e", "1st".
func ordinalOf(n int, l lang.Code) string {
	if l != lang.EN {
		return fmt.Sprintf("%de", n)
	}
	suffix := "th"
	if n < 11 || n > 13 {
		switch n % 10 {
		case 1:
			suffix = "st"
		case 2:
			suffix = "nd"
		case 3:
			suffix = "rd"
		}
	}
	return fmt.Sprintf("%d%s", n, suffix)
}

// months are the names of the months.
var months = map[lang.Code][12]string{
	lang.NL: {"januari", "februari", "maart", "april", "mei", "juni", "juli", "augustus", "september", "oktober", "november", "december"},
	lang.EN: {"January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"},
}

// Moment says when t is on the wall clock of its own zone: "maandag 30
// november 2026 om 9:00".
func Moment(t time.Time, l lang.Code) string {
	format := "%s %d %s %d om %d:%02d"
	if l == lang.EN {
		format = "%s %d %s %d at %d:%02d"
	}
	return fmt.Sprintf(format, dayNames[l][t.Weekday()], t.Day(), months[l][t.Month()-1], t.Year(), t.Hour(), t.Minute())
}
