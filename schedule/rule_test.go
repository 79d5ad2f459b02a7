package schedule_test

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"wolkwijs/lang"
	"wolkwijs/schedule"
)

// rule reads a rule that is known to be right.
func rule(t testing.TB, text string) schedule.Rule {
	t.Helper()
	r, _, err := schedule.Parse(text, lang.NL, schedule.Weekly(time.Monday, 9, 0))
	if err != nil {
		t.Fatalf("%q: %v", text, err)
	}
	return r
}

func zone(t testing.TB, name string) *time.Location {
	t.Helper()
	z, ok := schedule.Zone(name)
	if !ok {
		t.Fatalf("no zone %q", name)
	}
	return z
}

// The occurrences of rules around the changes of the clock in 2027, a leap
// day, the end of a year, and where a zone changed otherwise. Each is given
// with its offset from UTC.
func TestOccurrences(t *testing.T) {
	const format = "Mon 2006-01-02 15:04 -07:00"
	for _, tt := range []struct {
		name, zone, rule string
		after            string // on the wall clock there
		want             []string
	}{
		// Spring: the clocks go from 2:00 to 3:00 on 28 March, in New York on
		// 14 March, in Sydney on 3 October; in London from 1:00 to 2:00.
		{"wall clock holds in spring", "Europe/Amsterdam", "elke zondag 9:00", "2027-03-20 12:00",
			[]string{"Sun 2027-03-21 09:00 +01:00", "Sun 2027-03-28 09:00 +02:00", "Sun 2027-04-04 09:00 +02:00"}},
		{"a time that does not exist moves forward", "Europe/Amsterdam", "elke zondag 2:30", "2027-03-20 12:00",
			[]string{"Sun 2027-03-21 02:30 +01:00", "Sun 2027-03-28 03:30 +02:00", "Sun 2027-04-04 02:30 +02:00"}},
		{"the first moment that does not exist", "Europe/Amsterdam", "elke dag 2:00", "2027-03-27 12:00",
			[]string{"Sun 2027-03-28 03:00 +02:00", "Mon 2027-03-29 02:00 +02:00"}},
		{"in London", "Europe/London", "elke zondag 1:30", "2027-03-20 12:00",
			[]string{"Sun 2027-03-21 01:30 +00:00", "Sun 2027-03-28 02:30 +01:00", "Sun 2027-04-04 01:30 +01:00"}},
		{"in New York", "America/New_York", "elke zondag 2:30", "2027-03-10 12:00",
			[]string{"Sun 2027-03-14 03:30 -04:00", "Sun 2027-03-21 02:30 -04:00"}},
		{"in Sydney, in October", "Australia/Sydney", "elke zondag 2:30", "2027-09-30 12:00",
			[]string{"Sun 2027-10-03 03:30 +11:00", "Sun 2027-10-10 02:30 +11:00"}},
		{"in Kolkata, where nothing changes", "Asia/Kolkata", "elke zondag 2:30", "2027-03-20 12:00",
			[]string{"Sun 2027-03-21 02:30 +05:30", "Sun 2027-03-28 02:30 +05:30", "Sun 2027-04-04 02:30 +05:30"}},

		// Autumn: from 3:00 back to 2:00 on 31 October, in New York on 7
		// November, in Sydney on 4 April; in London from 2:00 to 1:00.
		{"wall clock holds in autumn", "Europe/Amsterdam", "elke zondag 9:00", "2027-10-24 12:00",
			[]string{"Sun 2027-10-31 09:00 +01:00", "Sun 2027-11-07 09:00 +01:00"}},
		{"a time that exists twice comes once, the first time", "Europe/Amsterdam", "elke dag 2:30", "2027-10-30 12:00",
			[]string{"Sun 2027-10-31 02:30 +02:00", "Mon 2027-11-01 02:30 +01:00"}},
		{"in London", "Europe/London", "elke zondag 1:30", "2027-10-24 12:00",
			[]string{"Sun 2027-10-31 01:30 +01:00", "Sun 2027-11-07 01:30 +00:00"}},
		{"in New York", "America/New_York", "elke zondag 1:30", "2027-11-01 12:00",
			[]string{"Sun 2027-11-07 01:30 -04:00", "Sun 2027-11-14 01:30 -05:00"}},
		{"in Sydney, in April", "Australia/Sydney", "elke zondag 2:30", "2027-04-01 12:00",
			[]string{"Sun 2027-04-04 02:30 +11:00", "Sun 2027-04-11 02:30 +10:00"}},
		{"in Kolkata", "Asia/Kolkata", "elke zondag 2:30", "2027-10-30 12:00",
			[]string{"Sun 2027-10-31 02:30 +05:30", "Sun 2027-11-07 02:30 +05:30"}},

		{"leap day", "Europe/Amsterdam", "elke dinsdag 9:00", "2028-02-23 12:00",
			[]string{"Tue 2028-02-29 09:00 +01:00", "Tue 2028-03-07 09:00 +01:00"}},
		{"leap day, last of the month", "America/New_York", "laatste dag van de maand 9:00", "2028-01-31 12:00",
			[]string{"Tue 2028-02-29 09:00 -05:00", "Fri 2028-03-31 09:00 -04:00"}},
		{"last of the month, without leap day", "Asia/Kolkata", "laatste dag van de maand 9:00", "2027-01-31 12:00",
			[]string{"Sun 2027-02-28 09:00 +05:30", "Wed 2027-03-31 09:00 +05:30"}},
		{"every third day over a leap day", "Australia/Sydney", "elke 3 dagen 9:00", "2028-02-26 10:00",
			[]string{"Sun 2028-02-27 09:00 +11:00", "Wed 2028-03-01 09:00 +11:00", "Sat 2028-03-04 09:00 +11:00"}},
		{"last Tuesday in a leap year", "Europe/London", "laatste dinsdag van de maand 9:00", "2028-02-01 12:00",
			[]string{"Tue 2028-02-29 09:00 +00:00", "Tue 2028-03-28 09:00 +01:00"}},

		{"year end", "Europe/Amsterdam", "elke vrijdag 16:30", "2027-12-20 12:00",
			[]string{"Fri 2027-12-24 16:30 +01:00", "Fri 2027-12-31 16:30 +01:00", "Fri 2028-01-07 16:30 +01:00"}},
		{"every other week over a year with 53 weeks", "Europe/London", "elke 2 weken vrijdag 16:30", "2026-12-18 17:00",
			[]string{"Fri 2026-12-25 16:30 +00:00", "Fri 2027-01-08 16:30 +00:00", "Fri 2027-01-22 16:30 +00:00"}},
		{"midnight of the new year", "America/New_York", "elke dag middernacht", "2027-12-31 12:00",
			[]string{"Sat 2028-01-01 00:00 -05:00", "Sun 2028-01-02 00:00 -05:00"}},
		{"first Monday over the year", "Australia/Sydney", "eerste maandag van de maand 9:00", "2027-12-07 12:00",
			[]string{"Mon 2028-01-03 09:00 +11:00", "Mon 2028-02-07 09:00 +11:00"}},
		{"workdays over the year", "Asia/Kolkata", "werkdagen 9:00", "2027-12-31 08:00",
			[]string{"Fri 2027-12-31 09:00 +05:30", "Mon 2028-01-03 09:00 +05:30"}},

		{"exactly at an occurrence the next one counts", "Europe/Amsterdam", "elke maandag 9:00", "2026-11-23 09:00",
			[]string{"Mon 2026-11-30 09:00 +01:00"}},
		{"two days in every other week", "Europe/Amsterdam", "elke 2 weken maandag en vrijdag 9:00", "2026-11-25 12:00",
			[]string{"Fri 2026-11-27 09:00 +01:00", "Mon 2026-12-07 09:00 +01:00", "Fri 2026-12-11 09:00 +01:00", "Mon 2026-12-21 09:00 +01:00"}},
		{"a day that was skipped comes with the next", "Pacific/Apia", "elke dag 9:00", "2011-12-29 08:00",
			[]string{"Thu 2011-12-29 09:00 -10:00", "Sat 2011-12-31 09:00 +14:00", "Sun 2012-01-01 09:00 +14:00"}},
		{"a gap of half an hour", "Australia/Lord_Howe", "elke zondag 2:15", "2027-09-30 12:00",
			[]string{"Sun 2027-10-03 02:45 +11:00", "Sun 2027-10-10 02:15 +11:00"}},
		{"a gap at midnight", "America/Santiago", "elke zondag middernacht", "2027-09-01 12:00",
			[]string{"Sun 2027-09-05 01:00 -03:00", "Sun 2027-09-12 00:00 -03:00"}},
	} {
		t.Run(tt.name+" "+tt.zone, func(t *testing.T) {
			z := zone(t, tt.zone)
			at, err := time.ParseInLocation("2006-01-02 15:04", tt.after, z)
			if err != nil {
				t.Fatal(err)
			}
			tip := schedule.NewTip(rule(t, tt.rule), z, at, "seed")
			for _, want := range tt.want {
				at = tip.Next(at)
				if got := at.Format(format); got != want {
					t.Errorf("got %s, want %s", got, want)
				}
			}
		})
	}
}

// zoneNames are places whose clocks are changed in many ways.
var zoneNames = []string{
	"Europe/Amsterdam", "Europe/London", "Europe/Lisbon", "America/New_York", "America/St_Johns", "America/Santiago", "Australia/Sydney",
	"Australia/Lord_Howe", "Asia/Kolkata", "Asia/Tehran", "Africa/Casablanca", "Africa/Cairo", "Pacific/Auckland", "Pacific/Chatham", "Pacific/Apia", "Atlantic/Azores", "UTC",
}

// randomRule is any rule that people can choose.
func randomRule(r *rand.Rand) schedule.Rule {
	x := schedule.Rule{Unit: schedule.Week, Every: 1, Hour: r.IntN(24), Minute: r.IntN(60)}
	switch r.IntN(6) {
	case 0:
		x.Unit, x.Every = schedule.Day, 1+r.IntN(30)
	case 1:
		x.Unit, x.Days, x.Nth = schedule.Month, []time.Weekday{time.Weekday(r.IntN(7))}, []int{1, 2, 3, 4, -1}[r.IntN(5)]
	case 2:
		x.Unit, x.MonthDay = schedule.Month, []int{-1, 1 + r.IntN(28)}[r.IntN(2)]
	default:
		x.Every = 1 + r.IntN(12)
		for len(x.Days) == 0 {
			for d := range 7 {
				if day := time.Weekday((d + 1) % 7); r.IntN(4) == 0 {
					x.Days = append(x.Days, day)
				}
			}
		}
	}
	return x
}

// What is said of a rule is understood as that rule, and what is stored is
// read as it.
func TestRulesSurviveWordsAndText(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 7))
	for range 3000 {
		want := randomRule(r)
		text, err := want.MarshalText()
		if err != nil {
			t.Fatal(err)
		}
		var stored schedule.Rule
		if err := stored.UnmarshalText(text); err != nil || fmt.Sprint(stored) != fmt.Sprint(want) {
			t.Errorf("%s: read %v, %v; was %v", text, stored, err, want)
		}
		for _, l := range []lang.Code{lang.NL, lang.EN} {
			got, _, err := schedule.Parse(want.In(l), l, schedule.Rule{})
			if err != nil || fmt.Sprint(got) != fmt.Sprint(want) {
				t.Errorf("%q: understood %v, %v; is %v", want.In(l), got, err, want)
			}
		}
	}
}

func TestStoredRulesThatAreRefused(t *testing.T) {
	for _, text := range []string{
		"", "FREQ=", "FREQ=YEARLY", "FREQ=HOURLY;BYHOUR=9;BYMINUTE=0", "FREQ=WEEKLY;BYHOUR=9;BYMINUTE=0", "FREQ=WEEKLY;BYDAY=MO", "FREQ=WEEKLY;BYDAY=MO;BYHOUR=9,10;BYMINUTE=0",
		"FREQ=WEEKLY;COUNT=3;BYDAY=MO;BYHOUR=9;BYMINUTE=0", "FREQ=MONTHLY;BYMONTHDAY=31;BYHOUR=9;BYMINUTE=0", "FREQ=MONTHLY;BYDAY=+5MO;BYHOUR=9;BYMINUTE=0",
		"FREQ=DAILY;INTERVAL=400;BYHOUR=9;BYMINUTE=0", "FREQ=WEEKLY;BYDAY=MO;BYHOUR=24;BYMINUTE=0",
	} {
		var r schedule.Rule
		if err := r.UnmarshalText([]byte(text)); err == nil {
			t.Errorf("%q was read as %v", text, r)
		}
	}
}

// Laws of occurrences, over some years in many zones: each is later than the
// one before, says the time of the rule on the wall clock unless that does not
// exist, and does not depend on where the search starts.
func TestLawsOfOccurrences(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 300 {
		x, name := randomRule(r), zoneNames[r.IntN(len(zoneNames))]
		z := zone(t, name)
		at := time.Date(2026, 1, 1, 0, 0, 0, 0, z).Add(time.Duration(r.IntN(365*24)) * time.Hour)
		tip := schedule.NewTip(x, z, at, "seed")
		for range 100 {
			next := tip.Next(at)
			if !next.After(at) {
				t.Fatalf("%s in %s: %v comes after %v", x.In(lang.EN), name, next, at)
			}
			if between := at.Add(next.Sub(at) / 2); between.After(at) && !tip.Next(between).Equal(next) {
				t.Fatalf("%s in %s: after %v comes %v, but after %v %v", x.In(lang.EN), name, at, next, between, tip.Next(between))
			}
			if next.Hour() != x.Hour || next.Minute() != x.Minute {

				if before := next.Add(-3 * time.Hour); before.Format("-0700") == next.Format("-0700") {
					t.Errorf("%s in %s: %v, where no clock is changed", x.In(lang.EN), name, next)
				}
			}
			at = next
		}
	}
}
