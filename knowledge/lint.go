package knowledge

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"wolkwijs/tomlfile"
)

// Finding is one thing that [Lint] has to say about a file.
type Finding struct {
	*tomlfile.Error
	Warning bool // worth a look, but not wrong
	Style   bool // wrong in the way it is written: a bot can live with it
	layer   int  // index of the layer the file is in
}

// String returns "file:line:column: key: message; hint", with "warning: "
// before the message of a warning.
func (f Finding) String() string {
	e := *f.Error
	if f.Warning {
		e.Msg = "warning: " + e.Msg
	}
	return e.Error()
}

// Lint reads the layers and reports everything that is wrong or doubtful in
// them, in the order of files and lines. now is the day by which dates are
// judged. The error is for a layer that cannot be read at all.
func Lint(now time.Time, layers ...Layer) ([]Finding, error) {
	files, faults, err := read(layers)
	if err != nil {
		return nil, err
	}
	return lint(now, files, faults, 0), nil
}

// lint checks files, of which faults were found when they were decoded, from
// the given layer on.
func lint(now time.Time, files []*file, faults tomlfile.Errors, from int) []Finding {
	l := &linter{
		today:  time.Date(now.Year(), now.Month(), now.Day(), 0, 0, 0, 0, time.UTC),
		whole:  len(faults) == 0,
		places: map[*file]map[string]tomlfile.Place{},
		ids:    map[string]entry{}, named: map[string]claimed{}, said: map[string]saying{}, marks: map[string]entry{}, same: map[string]placed{},
		cited: map[string]bool{},
	}
	for _, f := range faults {
		l.found = append(l.found, Finding{Error: f})
	}
	files = slices.DeleteFunc(files, func(f *file) bool { return f.content == nil })
	l.base = build(files)
	for _, f := range files {
		if f.layer >= from {
			l.file(f)
		}
	}
	if from == 0 {
		l.uncited(files)
	}
	slices.SortStableFunc(l.found, func(a, b Finding) int {
		return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column), cmp.Compare(a.Key, b.Key))
	})
	return l.found
}

// Failures are the findings that are no warnings.
func Failures(found []Finding) tomlfile.Errors {
	var all tomlfile.Errors
	for _, f := range found {
		if !f.Warning {
			all = append(all, f.Error)
		}
	}
	return all
}

// linter is one run of Lint.
type linter struct {
	today  time.Time
	base   *Base // what could be read of all files together
	whole  bool  // every file could be read, so that a missing entry is really missing
	places map[*file]map[string]tomlfile.Place
	found  []Finding

	ids   map[string]entry   // layer, kind and ID → the entry that has it
	named map[string]claimed // kind and folded name → the entry that has it
	said  map[string]saying  // folded sentence → who said it first
	marks map[string]entry   // mark of a provider → the provider
	same  map[string]placed  // service ID → its first place
	cited map[string]bool    // source IDs that something rests on
}

// entry is an entry while it is checked: where it stands and how it is called.
type entry struct {
	l    *linter
	f    *file
	key  string // dotted key of its table, such as "service.3"; empty: the file itself
	kind string // in the words of an editor: "service"
	id   string
}

// claimed is an entry that has a name, with the group in which the name must be
// its own.
type claimed struct {
	entry
	group string
}

// at returns the dotted key of something inside the entry.
func (e entry) at(sub string) string {
	switch {
	case e.key == "":
		return sub
	case sub == "":
		return e.key
	}
	return e.key + "." + sub
}

// report adds the finding f about the key sub of the entry.
func (e entry) report(f Finding, sub, hint, msg string) {
	key := e.at(sub)
	place := tomlfile.Find(e.l.placesOf(e.f), key)
	if e.id != "" {
		msg += fmt.Sprintf(" (%s %q)", e.kind, e.id)
	}
	f.layer = e.f.layer
	f.Error = &tomlfile.Error{File: e.f.name, Line: place.Line, Column: place.Column, Key: key, Msg: msg, Hint: hint}
	e.l.found = append(e.l.found, f)
}

// fault reports something wrong.
func (e entry) fault(sub, msg string, args ...any) {
	e.report(Finding{}, sub, "", fmt.Sprintf(msg, args...))
}

// faultHint reports something wrong and says what to do.
func (e entry) faultHint(sub, hint, msg string, args ...any) {
	e.report(Finding{}, sub, hint, fmt.Sprintf(msg, args...))
}

// style reports a text that should be written otherwise.
func (e entry) style(sub, msg string, args ...any) {
	e.report(Finding{Style: true}, sub, "", fmt.Sprintf(msg, args...))
}

// warn reports something doubtful.
func (e entry) warn(sub, msg string, args ...any) {
	e.report(Finding{Warning: true}, sub, "", fmt.Sprintf(msg, args...))
}

// placesOf returns where the keys of f stand. It is only worked out for files
// that have something to report.
func (l *linter) placesOf(f *file) map[string]tomlfile.Place {
	if l.places[f] == nil {
		l.places[f] = tomlfile.Positions(f.data)
	}
	return l.places[f]
}

// where names the place of an entry for use in the message of another.
func (e entry) where() string {
	place := tomlfile.Find(e.l.placesOf(e.f), e.key)
	return fmt.Sprintf("%s:%d", e.f.name, place.Line)
}

// file checks all entries of one file.
func (l *linter) file(f *file) {
	in := func(table string, i int, kind, id string) entry {
		return entry{l, f, fmt.Sprintf("%s.%d", table, i), kind, id}
	}
	switch c := f.content.(type) {
	case *AlternativesFile:
		l.category(f, c)
		for i := range c.Services {
			l.service(in("service", i, "service", c.Services[i].ID), c, &c.Services[i])
		}
	case *ProductsFile:
		for i := range c.Products {
			l.product(in("product", i, "product", c.Products[i].ID), &c.Products[i])
		}
	case *TwoFactorFile:
		for i := range c.Services {
			l.twoFactor(in("service", i, "2fa service", c.Services[i].Domain), &c.Services[i])
		}
	case *TopicFile:
		l.topic(entry{l, f, "topic", "topic", c.Topic.ID}, &c.Topic)
	case *TipsFile:
		for i := range c.Lessons {
			l.lesson(in("lesson", i, "lesson", fmt.Sprint(c.Lessons[i].Number)), &c.Lessons[i])
		}
		for i := range c.Weekly {
			l.tip(in("weekly", i, "tip", c.Weekly[i].ID), &c.Weekly[i])
		}
	case *GlossaryFile:
		for i := range c.Terms {
			l.term(in("term", i, "term", c.Terms[i].ID), &c.Terms[i])
		}
	case *SearchFile:
		for i := range c.Words {
			l.searchWords(in("words", i, "search words", c.Words[i].Topic), &c.Words[i])
		}
	case *AskedFile:
		for i := range c.Asked {
			l.asked(in("asked", i, "questions", c.Asked[i].Topic), &c.Asked[i])
		}
		for i := range c.Alike {
			l.alike(in("alike", i, "words alike", ""), &c.Alike[i])
		}
	case *CountriesFile:
		for i := range c.Countries {
			l.country(in("country", i, "country", c.Countries[i].ID), &c.Countries[i])
		}
	case *SourcesFile:
		for i := range c.Sources {
			l.source(in("source", i, "source", c.Sources[i].ID), &c.Sources[i])
		}
	case *ProvidersFile:
		for i := range c.Providers {
			l.provider(in("provider", i, "provider", c.Providers[i].ID), &c.Providers[i])
		}
	case *DisclaimerFile:
		e := entry{l, f, "", "disclaimer", ""}
		e.text("text", c.Text, limits{needed: true, words: 150})
		e.sourced(c.Sourced)
	}
}

// uncited warns of publications on which nothing rests.
func (l *linter) uncited(files []*file) {
	if !l.whole {
		return
	}
	for _, f := range files {
		if c, ok := f.content.(*SourcesFile); ok {
			for i, s := range c.Sources {
				if !l.cited[s.ID] {
					entry{l, f, fmt.Sprintf("source.%d", i), "source", s.ID}.warn("", "nothing rests on this source")
				}
			}
		}
	}
}
