package schedule_test

import (
	"errors"
	"testing"
	"time"

	"wolkwijs/lang"
	"wolkwijs/schedule"
)

func TestParse(t *testing.T) {
	for _, tt := range []struct{ text, want string }{
		{"maandag 9:00", "every Monday at 9:00"},
		{"ma 9.00", "every Monday at 9:00"},
		{"maandag 9 uur", "every Monday at 9:00"},
		{"maandag om 9u30", "every Monday at 9:30"},
		{"elke maandag om 9 uur 30", "every Monday at 9:30"},
		{"’s maandags om 09.00 uur", "every Monday at 9:00"},
		{"maandag", "every Monday at 8:15"},
		{"do 20:00", "every Thursday at 20:00"},
		{"elke donderdagavond om 8 uur", "every Thursday at 20:00"},
		{"vrijdagmiddag half vijf", "every Friday at 16:30"},
		{"zaterdagmorgen 10 uur", "every Saturday at 10:00"},
		{"zondag half tien 's avonds", "every Sunday at 21:30"},
		{"zondag half 10 's ochtends", "every Sunday at 9:30"},
		{"zondag kwart over negen", "every Sunday at 9:15"},
		{"zondag kwart voor tien", "every Sunday at 9:45"},
		{"zondag tien voor half tien", "every Sunday at 9:20"},
		{"zondag vijf over half 10", "every Sunday at 9:35"},
		{"zondag half een", "every Sunday at 12:30"},
		{"zondag half een 's nachts", "every Sunday at 0:30"},
		{"zondag kwart voor een 's middags", "every Sunday at 12:45"},
		{"zondag 12 uur 's middags", "every Sunday at 12:00"},
		{"zondag 12 uur 's nachts", "every Sunday at 0:00"},
		{"zondag middernacht", "every Sunday at 0:00"},
		{"zondag 0:00", "every Sunday at 0:00"},
		{"Zondag, 21:00.", "every Sunday at 21:00"},
		{"zondag 1630", "every Sunday at 16:30"},
		{"elke 2 weken vrijdag 16:30", "every 2 weeks on Friday at 16:30"},
		{"om de 2 weken op vrijdag om 16:30", "every 2 weeks on Friday at 16:30"},
		{"om de week vrijdag 16:30", "every 2 weeks on Friday at 16:30"},
		{"tweewekelijks op vrijdag 16:30", "every 2 weeks on Friday at 16:30"},
		{"elke drie weken op maandag en donderdag 9:00", "every 3 weeks on Monday and Thursday at 9:00"},
		{"wekelijks op maandag 9:00", "every Monday at 9:00"},
		{"elke week maandag, woensdag en vrijdag 9:00", "every Monday, Wednesday and Friday at 9:00"},
		{"vrijdag maandag 9:00", "every Monday and Friday at 9:00"},
		{"elke dag 9:00", "every day at 9:00"},
		{"dagelijks om 9 uur", "every day at 9:00"},
		{"om de dag 9:00", "every 2 days at 9:00"},
		{"elke 3 dagen 9:00", "every 3 days at 9:00"},
		{"werkdagen 8:30", "every weekday at 8:30"},
		{"ma-vr 8:30", "every weekday at 8:30"},
		{"maandag t/m vrijdag 8:30", "every weekday at 8:30"},
		{"vr - zo 8:30", "every Friday, Saturday and Sunday at 8:30"},
		{"eerste maandag van de maand 20:00", "the first Monday of every month at 20:00"},
		{"elke 2e dinsdag van de maand 20:00", "the second Tuesday of every month at 20:00"},
		{"derde dinsdag 20:00", "the third Tuesday of every month at 20:00"},
		{"elke maand op de laatste vrijdag 16 uur", "the last Friday of every month at 16:00"},
		{"de 15e van de maand 9:00", "the 15th of every month at 9:00"},
		{"maandelijks op de 1e om 9:00", "the 1st of every month at 9:00"},
		{"laatste dag van de maand 9:00", "the last day of every month at 9:00"},
		{"mon 09:00", "every Monday at 9:00"},
		{"every monday at 9am", "every Monday at 9:00"},
		{"Mondays at 9 a.m.", "every Monday at 9:00"},
		{"fri 4:30pm", "every Friday at 16:30"},
		{"Friday 4:30 PM", "every Friday at 16:30"},
		{"fridays 12pm", "every Friday at 12:00"},
		{"fridays 12 am", "every Friday at 0:00"},
		{"friday at noon", "every Friday at 12:00"},
		{"friday afternoon at 4", "every Friday at 16:00"},
		{"sunday, eight o'clock in the evening", "every Sunday at 20:00"},
		{"sunday half past nine", "every Sunday at 9:30"},
		{"sunday quarter to ten at night", "every Sunday at 21:45"},
		{"sunday at a quarter past nine in the morning", "every Sunday at 9:15"},
		{"sunday ten to nine", "every Sunday at 8:50"},
		{"sunday half past twelve pm", "every Sunday at 12:30"},
		{"every two weeks on friday 16:30", "every 2 weeks on Friday at 16:30"},
		{"every other week, Friday, 16:30", "every 2 weeks on Friday at 16:30"},
		{"every other friday 16:30", "every 2 weeks on Friday at 16:30"},
		{"every 2 fridays at 16:30", "every 2 weeks on Friday at 16:30"},
		{"fortnightly on friday 16:30", "every 2 weeks on Friday at 16:30"},
		{"daily 7:45", "every day at 7:45"},
		{"weekdays 7:45", "every weekday at 7:45"},
		{"mon-wed 7:45", "every Monday, Tuesday and Wednesday at 7:45"},
		{"monday through friday 7:45", "every weekday at 7:45"},
		{"first monday of the month at 8pm", "the first Monday of every month at 20:00"},
		{"every second tuesday of the month 20:00", "the second Tuesday of every month at 20:00"},
		{"on the 3rd of every month at 9:00", "the 3rd of every month at 9:00"},
		{"last day of the month 9:00", "the last day of every month at 9:00"},
	} {
		for _, l := range []lang.Code{lang.NL, lang.EN} {
			r, z, err := schedule.Parse(tt.text, l, schedule.Weekly(time.Monday, 8, 15))
			if err != nil || r.In(lang.EN) != tt.want || z != nil {
				t.Errorf("%q (%s): %v %v, %v; want %s", tt.text, l, r.In(lang.EN), z, err, tt.want)
			}
		}
	}
}

func TestParseZone(t *testing.T) {
	for text, want := range map[string]string{
		"mon 09:00 Europe/Brussels":               "Europe/Brussels",
		"europe/brussels maandag 9:00":            "Europe/Brussels",
		"mon 9:00, america/new_york":              "America/New_York",
		"mon 9:00 AMERICA/PORT-AU-PRINCE.":        "America/Port-au-Prince",
		"mon 9:00 america/argentina/rio_gallegos": "America/Argentina/Rio_Gallegos",
		"mon 9:00 (Africa/Dar_es_Salaam)":         "Africa/Dar_es_Salaam",
		"mon 9:00 utc":                            "UTC",
	} {
		if _, z, err := schedule.Parse(text, lang.NL, schedule.Rule{}); err != nil || z.String() != want {
			t.Errorf("%q: %v, %v; want %s", text, z, err, want)
		}
	}
}

func TestParseRefuses(t *testing.T) {
	for _, tt := range []struct {
		text string
		lang lang.Code
		kind schedule.ProblemKind
		word string
	}{
		{"", lang.NL, schedule.NeedDay, ""},
		{"9:00", lang.NL, schedule.NeedDay, ""},
		{"elke week 9:00", lang.NL, schedule.NeedDay, ""},
		{"mnadag 9:00", lang.NL, schedule.UnknownWord, "mnadag"},
		{"maandag 30 november", lang.NL, schedule.BadTime, "30"},
		{"maandag na de koffie", lang.NL, schedule.UnknownWord, "na"},
		{"maandag uur", lang.NL, schedule.UnknownWord, "uur"},
		{"tot maandag 9:00", lang.NL, schedule.UnknownWord, "tot"},
		{"maandag 25:00", lang.NL, schedule.BadTime, "25:00"},
		{"maandag 9:60", lang.NL, schedule.BadTime, "9:60"},
		{"maandag 24:00", lang.NL, schedule.BadTime, "24:00"},
		{"maandag 9:5", lang.NL, schedule.BadTime, "9:5"},
		{"maandag 9-10", lang.NL, schedule.BadTime, "9-10"},
		{"maandag 99999999999999999999", lang.NL, schedule.BadTime, "99999999999999999999"},
		{"maandag half", lang.NL, schedule.BadTime, "half"},
		{"maandag half vijftien", lang.NL, schedule.BadTime, "half"},
		{"maandag kwart", lang.NL, schedule.BadTime, "kwart"},
		{"maandag 11 uur 's middags", lang.NL, schedule.BadTime, "11"},
		{"maandag 3 uur 's avonds", lang.NL, schedule.BadTime, "3"},
		{"maandag 's avonds", lang.NL, schedule.BadTime, "avonds"},
		{"monday 13pm", lang.EN, schedule.BadTime, "13pm"},
		{"monday 0 am", lang.EN, schedule.BadTime, "0"},
		{"maandag 9:00 10:00", lang.NL, schedule.Twice, "10:00"},
		{"maandag maandag 9:00", lang.NL, schedule.Twice, "maandag"},
		{"maandag 9 am pm", lang.NL, schedule.Twice, "pm"},
		{"maandag 9:00 UTC Europe/Brussels", lang.NL, schedule.Twice, "Europe/Brussels"},
		{"elke 2 weken 3 weken maandag", lang.NL, schedule.Twice, "3 weken"},
		{"elke week elke maand maandag", lang.NL, schedule.Twice, "maand"},
		{"eerste maandag en dinsdag van de maand", lang.NL, schedule.Twice, "eerste"},
		{"mon 9:00 Europe/Brusel", lang.EN, schedule.BadZone, "Europe/Brusel"},
		{"mon 9:00 posix/Europe/Brussels", lang.EN, schedule.BadZone, "posix/Europe/Brussels"},
		{"mon 9:00 ../../etc/passwd", lang.EN, schedule.BadZone, "../../etc/passwd"},
		{"mon 9:00 CET", lang.EN, schedule.BadZone, "CET"},
		{"elke maand 9:00", lang.NL, schedule.NeedWhich, ""},
		{"elke maand op maandag 9:00", lang.NL, schedule.NeedWhich, ""},
		{"elke tweede vrijdag 16:30", lang.NL, schedule.TwoMeanings, "tweede"},
		{"every 3rd friday 16:30", lang.EN, schedule.TwoMeanings, "3rd"},
		{"sunday half ten", lang.EN, schedule.TwoTimes, "half ten"},
		{"vijfde maandag van de maand", lang.NL, schedule.NotEachMonth, "vijfde"},
		{"de 31e van de maand", lang.NL, schedule.NotEachMonth, "31e"},
		{"elke 3 maanden eerste maandag", lang.NL, schedule.TooRare, "3 maanden"},
		{"elke 26 weken maandag", lang.NL, schedule.TooRare, "26 weken"},
		{"elke 90 dagen 9:00", lang.NL, schedule.TooRare, "90 dagen"},
		{"elke 0 weken maandag", lang.NL, schedule.TooRare, "0 weken"},
	} {
		_, _, err := schedule.Parse(tt.text, tt.lang, schedule.Weekly(time.Monday, 9, 0))
		var p *schedule.Problem
		if !errors.As(err, &p) || p.Kind != tt.kind || p.Word != tt.word {
			t.Errorf("%q: %v; want problem %d with %q", tt.text, err, tt.kind, tt.word)
		}
	}
}

// Whatever people write, it is understood or refused, and what is understood
// has a next time.
func FuzzParse(f *testing.F) {
	for _, text := range []string{"maandag 9:00", "elke 2 weken vrijdag half vijf 's middags", "first monday of the month 9am Europe/Brussels", "om de dag kwart voor half 12", "\xff/ 9:00 -", "ma-vr 5 voor half 1 's nachts"} {
		f.Add(text)
	}
	zone, now := time.UTC, time.Date(2026, 11, 26, 0, 0, 0, 0, time.UTC)
	f.Fuzz(func(t *testing.T, text string) {
		r, z, err := schedule.Parse(text, lang.NL, schedule.Weekly(time.Monday, 9, 0))
		if err != nil {
			if p := new(schedule.Problem); !errors.As(err, &p) || p.Kind == 0 {
				t.Errorf("%q: %v", text, err)
			}
			return
		}
		if z == nil {
			z = zone
		}
		if next := schedule.NewTip(r, z, now, "").Next(now); next.Sub(now) > 100*24*time.Hour {
			t.Errorf("%q: %s comes only at %v", text, r.In(lang.EN), next)
		}
		if again, _, err := schedule.Parse(r.In(lang.NL), lang.NL, schedule.Rule{}); err != nil || again.In(lang.NL) != r.In(lang.NL) {
			t.Errorf("%q is %q, and that is %v, %v", text, r.In(lang.NL), again, err)
		}
	})
}
