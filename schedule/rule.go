// Package schedule knows when something comes back, on the wall clock of a
// place: [Parse] reads it as people write it, [Rule.In] says it, and
// [Rule.After] finds the next time. [Tip] is a room's tip of the week: when it
// comes, and which tip is next.
//
// The calendar rules are those of iCalendar (RFC 5545): a [Rule] is stored as
// an RRULE. Nothing here reads the clock.
//
// May import: github.com/teambition/rrule-go.
package schedule

import (
	"errors"
	"fmt"
	"time"

	"github.com/teambition/rrule-go"
)

// Rule is a rule of recurrence with a time of day. The zero Rule is not one.
type Rule struct {
	Unit  Unit
	Every int // how many units lie between two occurrences; always 1 for months
	// Days are the days of the week. With Month it is one, and Nth says the
	// which of the month: 1 to 4, or -1 for the last.
	Days []time.Weekday
	Nth  int
	// MonthDay is the day of the month: 1 to 28, or -1 for the last.
	MonthDay     int
	Hour, Minute int
}

// Unit is what a rule counts in.
type Unit uint8

// The units.
const (
	Day Unit = iota + 1
	Week
	Month
)

// Weekly returns the rule of each week on that day and time.
func Weekly(day time.Weekday, hour, minute int) Rule {
	return Rule{Unit: Week, Every: 1, Days: []time.Weekday{day}, Hour: hour, Minute: minute}
}

// units are the frequencies of RFC 5545, section 3.3.10.
var units = map[Unit]rrule.Frequency{Day: rrule.DAILY, Week: rrule.WEEKLY, Month: rrule.MONTHLY}

// weekdays are the days as the library has them, Sunday first as in package
// time.
var weekdays = [...]rrule.Weekday{rrule.SU, rrule.MO, rrule.TU, rrule.WE, rrule.TH, rrule.FR, rrule.SA}

// option is the rule as the library has it, without a start.
func (r Rule) option() rrule.ROption {
	o := rrule.ROption{Freq: units[r.Unit], Byhour: []int{r.Hour}, Byminute: []int{r.Minute}}
	if r.Every > 1 {
		o.Interval = r.Every
	}
	if r.MonthDay != 0 {
		o.Bymonthday = []int{r.MonthDay}
	}
	for _, d := range r.Days {
		day := weekdays[d]
		if r.Nth != 0 {
			day = day.Nth(r.Nth)
		}
		o.Byweekday = append(o.Byweekday, day)
	}
	return o
}

// MarshalText writes the rule as the value of an RRULE (RFC 5545, section
// 3.3.10), such as "FREQ=WEEKLY;INTERVAL=2;BYDAY=FR;BYHOUR=16;BYMINUTE=30".
func (r Rule) MarshalText() ([]byte, error) {
	o := r.option()
	return []byte(o.RRuleString()), nil
}

// UnmarshalText reads what MarshalText writes; other recurrence rules are
// errors.
func (r *Rule) UnmarshalText(text []byte) error {
	o, err := rrule.StrToROption(string(text))
	if err != nil {
		return fmt.Errorf("recurrence rule %q: %w", text, err)
	}
	*r = Rule{Every: max(o.Interval, 1)}
	for unit, freq := range units {
		if freq == o.Freq {
			r.Unit = unit
		}
	}
	for _, d := range o.Byweekday {
		r.Days = append(r.Days, time.Weekday((d.Day()+1)%7))
		r.Nth = d.N()
	}
	if len(o.Bymonthday) == 1 {
		r.MonthDay = o.Bymonthday[0]
	}
	if len(o.Byhour) == 1 && len(o.Byminute) == 1 {
		r.Hour, r.Minute = o.Byhour[0], o.Byminute[0]
	}
	again, err := r.MarshalText()
	if err == nil && (string(again) != string(text) || !r.valid()) {
		err = errors.New("not of a kind that is used here")
	}
	if err != nil {
		return fmt.Errorf("recurrence rule %q: %w", text, err)
	}
	return nil
}

// The longest pauses that a rule may have: at least some occurrences a year.
const (
	maxDays  = 30
	maxWeeks = 12
)

// valid says whether the rule is one of those that this package makes: at most
// one occurrence a day, and always another one.
func (r Rule) valid() bool {
	if r.Hour < 0 || r.Hour > 23 || r.Minute < 0 || r.Minute > 59 {
		return false
	}
	switch r.Unit {
	case Day:
		return r.Every >= 1 && r.Every <= maxDays && len(r.Days) == 0 && r.Nth == 0 && r.MonthDay == 0
	case Week:
		return r.Every >= 1 && r.Every <= maxWeeks && len(r.Days) > 0 && r.Nth == 0 && r.MonthDay == 0
	case Month:
		nth := len(r.Days) == 1 && (r.Nth >= 1 && r.Nth <= 4 || r.Nth == -1) && r.MonthDay == 0
		day := len(r.Days) == 0 && (r.MonthDay >= 1 && r.MonthDay <= 28 || r.MonthDay == -1) && r.Nth == 0
		return r.Every == 1 && (nth || day)
	}
	return false
}

// After returns the first occurrence in zone that is later than t. Rules that
// skip weeks or days count from the day that from falls on there.
func (r Rule) After(t, from time.Time, zone *time.Location) time.Time {
	// The library works on the wall clock alone, as if it were UTC, so that
	// changes of the clock are met in one place: instant.
	wall := onWall(t, zone).AddDate(0, 0, -2) // an occurrence can lie up to a day later than the wall says
	o := r.option()
	start := onWall(from, zone)
	o.Dtstart = time.Date(start.Year(), start.Month(), start.Day(), 0, 0, 0, 0, time.UTC)
	if step := r.step(); step > 0 && wall.After(o.Dtstart) {
		o.Dtstart = o.Dtstart.Add(wall.Sub(o.Dtstart) / step * step) // in step, and the library need not count from the start
	} else if r.Unit == Month && wall.After(o.Dtstart) {
		o.Dtstart = time.Date(wall.Year(), wall.Month(), 1, 0, 0, 0, 0, time.UTC)
	}
	rule, err := rrule.NewRRule(o)
	if err != nil || !r.valid() {
		panic(fmt.Sprintf("a rule that was never read: %+v", r))
	}
	next := rule.Iterator()
	for {
		on, ok := next()
		if !ok {
			panic(fmt.Sprintf("a rule that ends: %+v", r))
		}
		if at := instant(on, zone); at.After(t) {
			return at
		}
	}
}

// step is the time after which the rule repeats itself on the wall clock; 0 if
// it has none.
func (r Rule) step() time.Duration {
	switch r.Unit {
	case Day:
		return time.Duration(r.Every) * 24 * time.Hour
	case Week:
		return time.Duration(r.Every) * 7 * 24 * time.Hour
	}
	return 0
}

// onWall is what the wall clock in zone shows at t, as a time in UTC.
func onWall(t time.Time, zone *time.Location) time.Time {
	_, offset := t.In(zone).Zone()
	return t.UTC().Add(time.Duration(offset) * time.Second)
}

// instant returns the moment at which the wall clock in zone shows wall (which
// is a time in UTC). A time that exists twice is the first of both; one that
// does not exist is read with the clock as it was before the gap, and so comes
// as much later as is skipped (RFC 5545, section 3.3.5).
func instant(wall time.Time, zone *time.Location) time.Time {
	// No offset is more than a day, and no zone changes twice in four.
	before, after := offset(wall.AddDate(0, 0, -2), zone), offset(wall.AddDate(0, 0, 2), zone)
	first, second := wall.Add(-before), wall.Add(-after)
	if second.Before(first) {
		first, second = second, first
	}
	for _, t := range []time.Time{first, second} {
		if onWall(t, zone).Equal(wall) {
			return t.In(zone)
		}
	}
	return wall.Add(-before).In(zone)
}

// offset is how far the clocks in zone are ahead of UTC at t.
func offset(t time.Time, zone *time.Location) time.Duration {
	_, seconds := t.In(zone).Zone()
	return time.Duration(seconds) * time.Second
}
