// Package report makes one HTML page of the rows of a survey: who holds mail,
// DNS and web, under whose law, and how well they are protected. The page
// stands by itself: it asks nothing of anybody, and its Content-Security-Policy
// lets it run and look like nothing but what this package put into it. All
// that comes from a list or from DNS is a stranger's text: html/template
// escapes it, and the script sets it as text only.
//
// May import: domaincheck.
package report

import (
	"cmp"
	"slices"
	"strings"
	"time"
	"unicode"

	"wolkwijs/domaincheck/holder"
	"wolkwijs/domaincheck/survey"
	"wolkwijs/lang"
)

// Options say what the page is to say besides the rows.
type Options struct {
	Lang      lang.Code
	Title     string // empty: one that counts the domains
	GroupName string // what the groups of the rows are, such as "province"
	Version   string // of the program
	NoRow     int    // inputs of the list that have no row
	// Country names a country by its code (ISO 3166-1 alpha-2), as short as
	// people do.
	Country func(code string) string
}

// Report takes rows in and keeps of each what the page needs.
type Report struct {
	o       Options
	domains []domain
	seen    map[domainKey]bool

	companies []company
	byCompany map[companyKey]int
	groups    []string
	byGroup   map[string]int

	inputs    int // rows taken in
	repeated  int // rows of a domain that another row is of, too
	wrong     []wrong
	wrongs    int // as many as there were; wrong holds the first
	failed    int // domains of which some look-ups failed
	resolvers map[string]int
	from, to  time.Time // when the first and the last were checked
	sure      map[string]int
}

// domain is one row of the table.
type domain struct {
	name    string
	group   int
	kind    byte // found, notFound …
	holders [4]int
	late    [4]bool // a look-up failed that could tell the holder
	states  [13]survey.State
	policy  string
}

// The kinds of domains.
const (
	found byte = iota
	notFound
	mailDomain // a provider hands out mailboxes in it
	noAnswer
)

// nobody is the holder of a function that a domain does not have.
const nobody = -1

// company is a holder.
type company struct {
	id, name, owner string
	country         string
	law             law
}

type companyKey struct {
	id, name string
	law      law
}

type domainKey struct{ name, group string }

// wrong is an input without a domain.
type wrong struct {
	Line       int
	Input, Why string
}

// maxWrong is how many inputs without a domain the page lists.
const maxWrong = 200

// law is whose law a holder is under, as the page tells it.
type law string

// The laws. A company that the CLOUD Act reaches is under American law,
// wherever its seat is.
const (
	lawUS      law = "us"
	lawEU      law = "eu"
	lawNear    law = "near" // EEA outside the EU, Switzerland, United Kingdom
	lawOther   law = "other"
	lawOwn     law = "own" // the domain's own server
	lawUnknown law = "unknown"
)

var laws = []law{lawUS, lawEU, lawNear, lawOther, lawOwn, lawUnknown}

func lawOf(f holder.Function) law {
	switch {
	case f.Provider == holder.SelfHosted:
		return lawOwn
	case f.CloudAct == "yes":
		return lawUS
	}
	switch f.Jurisdiction {
	case "US":
		return lawUS
	case "EU":
		return lawEU
	case "EEA", "CH", "GB":
		return lawNear
	case "other":
		return lawOther
	}
	return lawUnknown
}

// New returns a report without rows.
func New(o Options) *Report {
	if o.Country == nil {
		o.Country = func(code string) string { return code }
	}
	return &Report{
		o: o, seen: map[domainKey]bool{}, byCompany: map[companyKey]int{}, byGroup: map[string]int{},
		resolvers: map[string]int{}, sure: map[string]int{},
	}
}

// Add takes a row in.
func (r *Report) Add(s *survey.Summary) {
	r.inputs++
	if s.Report == nil && s.ErrorKind != survey.NoAnswer {
		if r.wrongs++; len(r.wrong) < maxWrong {
			r.wrong = append(r.wrong, wrong{s.Line, clean(s.Input), clean(s.Error)})
		}
		return
	}
	d := domain{group: r.group(s.Group), holders: [4]int{nobody, nobody, nobody, nobody}}
	if s.Report == nil {
		d.name, d.kind = clean(s.Input), noAnswer
	} else {
		d.name = clean(cmp.Or(s.Unicode, s.Domain))
		r.note(s)
	}
	k := domainKey{cmp.Or(d.name, s.Input), s.Group}
	if r.seen[k] {
		r.repeated++
		return
	}
	r.seen[k] = true
	if s.Report != nil {
		r.fill(&d, s)
	}
	r.domains = append(r.domains, d)
}

// note takes in how and when a domain was checked.
func (r *Report) note(s *survey.Summary) {
	r.resolvers[clean(s.Resolver)]++
	if r.from.IsZero() || s.CheckedAt.Before(r.from) {
		r.from = s.CheckedAt
	}
	if s.CheckedAt.After(r.to) {
		r.to = s.CheckedAt
	}
}

func (r *Report) fill(d *domain, s *survey.Summary) {
	switch {
	case s.NotFound:
		d.kind = notFound
		return
	case s.MailDomain:
		d.kind = mailDomain
	}
	if s.Partial {
		r.failed++
	}
	for i, function := range survey.Functions {
		f, ok := s.Holders[function]
		d.late[i] = s.Provisional[function]
		if !ok || f.Provider == holder.None || d.late[i] {
			continue
		}
		d.holders[i] = r.company(f)
		if function == holder.Mail && f.Provider != holder.Unknown {
			r.sure[f.Confidence]++
		}
	}
	for i, subject := range survey.Subjects {
		d.states[i] = s.States[subject]
	}
	d.policy = s.DMARCPolicy
}

func (r *Report) company(f holder.Function) int {
	k := companyKey{f.Provider, f.Name, lawOf(f)}
	if i, ok := r.byCompany[k]; ok {
		return i
	}
	c := company{id: f.Provider, name: clean(f.Name), owner: clean(f.Owner), law: k.law}
	if len(f.HQCountry) == 2 {
		c.country = clean(r.o.Country(f.HQCountry))
	}
	r.companies = append(r.companies, c)
	r.byCompany[k] = len(r.companies) - 1
	return len(r.companies) - 1
}

func (r *Report) group(name string) int {
	name = clean(name)
	if i, ok := r.byGroup[name]; ok {
		return i
	}
	r.groups = append(r.groups, name)
	r.byGroup[name] = len(r.groups) - 1
	return len(r.groups) - 1
}

// maxText is how many characters of a stranger's text the page shows.
const maxText = 120

// clean makes a stranger's text fit to be shown in a line of the page: no
// control or formatting characters, which could turn the text around it.
func clean(s string) string {
	s = strings.Map(func(c rune) rune {
		if unicode.IsControl(c) || unicode.Is(unicode.Cf, c) || c == '\u2028' || c == '\u2029' {
			return ' '
		}
		return c
	}, strings.ToValidUTF8(s, "�"))
	s = strings.TrimSpace(s)
	if runes := []rune(s); len(runes) > maxText {
		s = string(runes[:maxText-1]) + "…"
	}
	return s
}

// subject returns the index of a subject in survey.Subjects.
func subject(name string) int { return slices.Index(survey.Subjects, name) }

// enforced says whether receivers stop forged mail.
func (d *domain) enforced() bool { return d.policy == "quarantine" || d.policy == "reject" }
