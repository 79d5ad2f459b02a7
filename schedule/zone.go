package schedule

import (
	"strings"
	"sync"
	"time"
)

// zones are those that were looked up, by their full names: reading one takes
// longer than all else about an occurrence.
var zones sync.Map

// Zone returns the time zone of an IANA name, whatever its capitals:
// "europe/brussels" is Europe/Brussels. It returns false if there is none of
// that name. UTC is the only zone without a place that is accepted: others,
// such as CET, do not say whether they have daylight saving time.
func Zone(name string) (*time.Location, bool) {
	if strings.EqualFold(name, "utc") || strings.EqualFold(name, "gmt") {
		return time.UTC, true
	}
	if zone, ok := zones.Load(name); ok {
		return zone.(*time.Location), true
	}
	area, place, ok := strings.Cut(name, "/")
	if !ok || area == "" || place == "" || len(name) > 60 || strings.ContainsAny(name, `.\`) {
		return nil, false
	}
	area = capital(area)
	if !areas[area] {
		return nil, false // the machine may know more folders, such as "posix"
	}
	for _, try := range []string{place, capitals(place)} {
		if zone, err := time.LoadLocation(area + "/" + try); err == nil {
			zones.Store(zone.String(), zone)
			return zone, true
		}
	}
	return nil, false
}

// areas are the first parts of the names of zones that are places.
var areas = map[string]bool{
	"Africa": true, "America": true, "Antarctica": true, "Arctic": true, "Asia": true, "Atlantic": true,
	"Australia": true, "Europe": true, "Indian": true, "Pacific": true,
}

// capitals writes a place as the database does: "new_york" is New_York, and
// "port-au-prince" is Port-au-Prince.
func capitals(place string) string {
	var b strings.Builder
	start := 0
	for i := 0; i <= len(place); i++ {
		if i < len(place) && !strings.ContainsRune("/_-", rune(place[i])) {
			continue
		}
		word := strings.ToLower(place[start:i])
		if !small[word] {
			word = capital(word)
		}
		b.WriteString(word)
		if i < len(place) {
			b.WriteByte(place[i])
		}
		start = i + 1
	}
	return b.String()
}

// small are the words in names of places that have no capital.
var small = map[string]bool{"of": true, "au": true, "es": true}

func capital(word string) string {
	if word == "" {
		return ""
	}
	return strings.ToUpper(word[:1]) + strings.ToLower(word[1:])
}
