package knowledge

import (
	"net/url"
	"reflect"
	"strings"
	"time"

	"wolkwijs/lang"
)

// Stats counts what a base holds. The JSON names are those of
// `wolkwijs knowledge stats --json`.
type Stats struct {
	Entries       map[string]int   `json:"entries"`         // by kind
	Categories    []CategoryStats  `json:"categories"`      // in the order of the base
	European      int              `json:"european"`        // alternatives with a seat in Europe
	Distinct      int              `json:"services"`        // services, each counted once
	Languages     map[string]int   `json:"languages"`       // texts that exist in each language
	Sources       map[string]int   `json:"sources"`         // entries that rest on a publication, or on pages of a host
	Countries     map[string]int   `json:"countries"`       // alternatives by seat
	Owners        map[string]int   `json:"owner_countries"` // alternatives by the owner's country
	Fields        map[string]Known `json:"fields"`          // of alternatives
	Methods       map[string]int   `json:"methods"`         // two-step verification, by method; "none" and "via" too
	WithoutSource int              `json:"without_source"`  // entries that state something
	WithoutDate   int              `json:"without_date"`    // entries that state something
	Stale         int              `json:"stale"`           // entries checked more than twelve months ago
	Newest        Date             `json:"newest"`          // the day of the entry checked last
}

// CategoryStats counts the alternatives of one category.
type CategoryStats struct {
	ID       string `json:"id"`
	Services int    `json:"services"`
	European int    `json:"european"`
	Dutch    int    `json:"dutch"`
}

// Known counts for how many alternatives a fact is known. Disputed ones,
// where sources disagree, are counted apart.
type Known struct {
	Known    int `json:"known"`
	Unknown  int `json:"unknown"`
	Disputed int `json:"disputed,omitempty"`
}

// european are the countries counted as European besides those whose group is
// EU, EEA, CH or GB in countries.toml: the rest of the Council of Europe's
// smaller and candidate members that have services in the base.
var european = wordSet("UA MD AL GI IM JE GG AD MC SM RS BA ME MK")

// IsEuropean says whether a country lies in Europe, for the counts of [Stats].
func (b *Base) IsEuropean(id string) bool {
	if c := b.countries[id]; c != nil && (c.Group == "EU" || c.Group == "EEA" || c.Group == "CH" || c.Group == "GB") {
		return true
	}
	return european[id]
}

// Stats counts what the base holds, with staleness judged on the day now.
func (b *Base) Stats(now time.Time) Stats {
	s := Stats{
		Languages: map[string]int{}, Sources: map[string]int{}, Countries: map[string]int{},
		Owners: map[string]int{}, Fields: map[string]Known{}, Methods: map[string]int{}, Distinct: len(b.services),
	}
	for _, c := range b.Alternatives {
		row := CategoryStats{ID: c.Category.ID, Services: len(c.Services)}
		for i := range c.Services {
			b.countService(&s, &row, &c.Services[i])
		}
		s.European += row.European
		s.Categories = append(s.Categories, row)
	}
	services := 0
	for _, c := range s.Categories {
		services += c.Services
	}
	s.Entries = map[string]int{
		"categories": len(b.Alternatives), "alternatives": services, "products": len(b.Products),
		"twofactor": len(b.TwoFactor), "topics": len(b.Topics), "lessons": len(b.Lessons), "tips": len(b.Weekly),
		"terms": len(b.Terms), "countries": len(b.Countries), "providers": len(b.Providers), "sources": len(b.Sources),
	}
	for _, t := range b.TwoFactor {
		switch {
		case t.Via != "" && len(t.Methods) == 0:
			s.Methods["via"]++
		case len(t.Methods) == 0:
			s.Methods["none"]++
		}
		for _, m := range t.Methods {
			s.Methods[m]++
		}
	}
	s.countIn(reflect.ValueOf(b).Elem(), now)
	return s
}

// countService counts the facts of one alternative.
func (b *Base) countService(s *Stats, row *CategoryStats, e *Service) {
	europe := b.IsEuropean(e.HQCountry)
	if len(e.HQConflict) > 0 {
		europe = true
		for _, c := range e.HQConflict {
			europe = europe && b.IsEuropean(c)
		}
		s.Countries["disputed"]++
	} else {
		s.Countries[orUnknown(e.HQCountry)]++
	}
	if europe {
		row.European++
	}
	if e.HQCountry == "NL" {
		row.Dutch++
	}
	s.Owners[orUnknown(e.OwnerCountry)]++
	hq := s.Fields["hq_country"]
	switch {
	case len(e.HQConflict) > 0:
		hq.Disputed++
	case e.HQCountry != "":
		hq.Known++
	default:
		hq.Unknown++
	}
	s.Fields["hq_country"] = hq
	for _, f := range []struct{ key, value string }{
		{"owner", e.Owner}, {"owner_country", e.OwnerCountry}, {"hosting", strings.Join(e.Hosting, " ")},
		{"open_source", string(e.OpenSource)}, {"e2ee", string(e.E2EE)}, {"free", string(e.Free)},
		{"dutch_ui", string(e.DutchUI)}, {"self_host", string(e.SelfHost)}, {"price", e.Price.NL}, {"caution", e.Caution.NL},
	} {
		k := s.Fields[f.key]
		if f.value == "" || f.value == string(Unknown) {
			k.Unknown++
		} else {
			k.Known++
		}
		s.Fields[f.key] = k
	}
}

func orUnknown(s string) string {
	if s == "" {
		return string(Unknown)
	}
	return s
}

// countIn counts texts, sources and dates in everything below v.
func (s *Stats) countIn(v reflect.Value, now time.Time) {
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() {
			s.countIn(v.Elem(), now)
		}
	case reflect.Slice:
		for i := range v.Len() {
			s.countIn(v.Index(i), now)
		}
	case reflect.Struct:
		switch x := v.Interface().(type) {
		case lang.Text:
			s.text(x)
		case lang.Texts:
			s.Languages["nl"] += len(x.NL)
			s.Languages["en"] += len(x.EN)
		case Sourced:
			s.sourced(x, now)
		default:
			if p, ok := x.(Provider); ok && !p.states() && len(p.Sources) == 0 {
				return // marks only: anybody reads those in DNS
			}
			for i := range v.NumField() {
				if v.Type().Field(i).IsExported() {
					s.countIn(v.Field(i), now)
				}
			}
		}
	}
}

func (s *Stats) text(t lang.Text) {
	if t.NL != "" {
		s.Languages["nl"]++
	}
	if t.EN != "" {
		s.Languages["en"]++
	}
}

func (s *Stats) sourced(x Sourced, now time.Time) {
	if len(x.Sources) == 0 {
		s.WithoutSource++
	}
	if x.Checked.AsTime(time.UTC).After(s.Newest.AsTime(time.UTC)) {
		s.Newest = x.Checked
	}
	switch {
	case x.Checked == (Date{}):
		s.WithoutDate++
	case x.Checked.AsTime(time.UTC).AddDate(0, staleMonths, 0).Before(now):
		s.Stale++
	}
	for _, id := range x.Sources {
		if u, err := url.Parse(id); err == nil && u.Host != "" {
			id = u.Host
		}
		s.Sources[id]++
	}
}
