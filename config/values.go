package config

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// The value types below take any text and remember what is wrong with it, so
// that reading goes on and all faults of a file are found together.

// Duration is a span of time, written as "5s" or "1m30s".
type Duration struct {
	time.Duration
	fault error
}

// UnmarshalText reads a duration as in [time.ParseDuration].
func (d *Duration) UnmarshalText(text []byte) error {
	*d = Duration{}
	if d.Duration, d.fault = time.ParseDuration(string(text)); d.fault != nil {
		d.fault = mistakef(`write for example "5s" or "1m30s"`, "%q is not a duration", text)
	} else if d.Duration <= 0 {
		d.fault = fmt.Errorf("%q is not more than nothing", text)
	}
	return nil
}

// Rate is how often something may happen, written as "10/min".
type Rate struct {
	Count int
	Per   time.Duration
	fault error
}

// units are the spans that a rate can be written in.
var units = map[string]time.Duration{"s": time.Second, "sec": time.Second, "min": time.Minute, "h": time.Hour, "hour": time.Hour, "day": 24 * time.Hour}

// UnmarshalText reads a count, a slash and s, sec, min, h, hour or day.
func (r *Rate) UnmarshalText(text []byte) error {
	*r = Rate{}
	count, unit, _ := strings.Cut(string(text), "/")
	n, err := strconv.Atoi(strings.TrimSpace(count))
	per, known := units[strings.TrimSpace(unit)]
	if err != nil || n < 1 || n > 1_000_000 || !known {
		r.fault = mistakef(`write for example "10/min" (s, min, h or day)`, "%q is not a rate", text)
		return nil
	}
	r.Count, r.Per = n, per
	return nil
}

// String returns the rate as it is written, such as "10/min".
func (r Rate) String() string {
	for _, unit := range []string{"s", "min", "h", "day"} {
		if units[unit] == r.Per {
			return fmt.Sprintf("%d/%s", r.Count, unit)
		}
	}
	return fmt.Sprintf("%d per %s", r.Count, r.Per)
}

// Zone is a time zone by its IANA name, such as "Europe/Amsterdam".
type Zone struct {
	*time.Location
	fault error
}

// UnmarshalText looks the name up in the time zone database.
func (z *Zone) UnmarshalText(text []byte) error {
	*z = Zone{}
	name := string(text)
	if name == "" || name == "Local" {
		z.fault = mistakef(`write for example "Europe/Amsterdam"`, "%q is not a time zone", name)
		return nil
	}
	if z.Location, z.fault = time.LoadLocation(name); z.fault != nil {
		z.fault = mistakef(`write for example "Europe/Amsterdam"`, "%q is not a time zone", name)
	}
	return nil
}

// Weekly is a moment that comes back every week, written as "mon 09:00".
type Weekly struct {
	Day          time.Weekday
	Hour, Minute int
	fault        error
}

// days are the ways to write a day, in English and Dutch.
var days = map[string]time.Weekday{
	"mon": time.Monday, "tue": time.Tuesday, "wed": time.Wednesday, "thu": time.Thursday, "fri": time.Friday, "sat": time.Saturday, "sun": time.Sunday,
	"ma": time.Monday, "di": time.Tuesday, "wo": time.Wednesday, "do": time.Thursday, "vr": time.Friday, "za": time.Saturday, "zo": time.Sunday,
}

// UnmarshalText reads a day (mon to sun, or ma to zo) and a time of day.
func (w *Weekly) UnmarshalText(text []byte) error {
	*w = Weekly{}
	day, clock, _ := strings.Cut(strings.ToLower(strings.TrimSpace(string(text))), " ")
	weekday, known := days[day]
	at, err := time.Parse("15:04", strings.TrimSpace(clock))
	if !known || err != nil {
		w.fault = mistakef(`write for example "mon 09:00"`, "%q is not a day and a time", text)
		return nil
	}
	w.Day, w.Hour, w.Minute = weekday, at.Hour(), at.Minute()
	return nil
}

// String returns the moment as it is written, such as "mon 09:00".
func (w Weekly) String() string {
	return fmt.Sprintf("%s %02d:%02d", strings.ToLower(w.Day.String()[:3]), w.Hour, w.Minute)
}
