package commands

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"wolkwijs/answer"
	"wolkwijs/knowledge"
	"wolkwijs/lang"
)

// staleMonths is the age in months from which an answer says that its facts
// are old.
const staleMonths = 12

// maxSources is how many sources are named under an answer.
const maxSources = 4

// source is the line under an answer: the publications it rests on and the
// days on which they said so.
func (s *Service) source(c *call, entries ...knowledge.Sourced) answer.Text {
	var ids []string
	var first, last knowledge.Date
	for _, e := range entries {
		for _, id := range e.Sources {
			if !slices.Contains(ids, id) {
				ids = append(ids, id)
			}
		}
		if e.Checked == (knowledge.Date{}) {
			continue
		}
		if first == (knowledge.Date{}) || before(e.Checked, first) {
			first = e.Checked
		}
		if before(last, e.Checked) {
			last = e.Checked
		}
	}
	if len(ids) == 0 {
		return nil
	}
	t := answer.Plain(c.say("Bron: ", "Source: "))
	if len(ids) > 1 {
		t = answer.Plain(c.say("Bronnen: ", "Sources: "))
	}
	for i, id := range ids[:min(len(ids), maxSources)] {
		if i > 0 {
			t = append(t, answer.Span{S: ", "})
		}
		t = append(t, sourceName(c.kb, id)...)
	}
	if more := len(ids) - maxSources; more > 0 {
		t = append(t, answer.Span{S: fmt.Sprintf(c.say(" en %d andere", " and %d others"), more)})
	}
	if first != (knowledge.Date{}) {
		t = append(t, answer.Span{S: c.say(" · gecontroleerd ", " · checked ") + period(c.lang, first, last)})
		if s.stale(first) && !slices.ContainsFunc(ids, ageless) {
			age := c.say(" · deels ouder dan een jaar: kijk het na", " · partly more than a year old: look it up")
			if s.stale(last) {
				age = c.say(" · ouder dan een jaar: kijk het na", " · more than a year old: look it up")
			}
			t = append(t, answer.Span{S: age})
		}
	}
	return t
}

// ageless says whether a source does not go out of date: a standard or a law
// is replaced by another one rather than changed.
func ageless(id string) bool {
	return strings.HasPrefix(id, "https://www.rfc-editor.org/") || strings.HasPrefix(id, "https://eur-lex.europa.eu/")
}

// sourceName names a source with a link: a publication by its name, a page by
// its host.
func sourceName(kb *knowledge.Base, id string) answer.Text {
	if src := kb.Source(id); src != nil {
		return answer.LinkTo(src.Name, src.URL)
	}
	return siteLink(id)
}

// siteLink is a link to a page that shows the name of its host.
func siteLink(page string) answer.Text {
	u, err := url.Parse(page)
	if err != nil || u.Host == "" {
		return answer.Plain(page)
	}
	return answer.LinkTo(strings.TrimPrefix(u.Host, "www."), page)
}

// before says whether day a comes before day b.
func before(a, b knowledge.Date) bool { return a.AsTime(time.UTC).Before(b.AsTime(time.UTC)) }

// stale says whether facts of that day are more than staleMonths old.
func (s *Service) stale(d knowledge.Date) bool {
	return d != (knowledge.Date{}) && d.AsTime(time.UTC).AddDate(0, staleMonths, 0).Before(s.Now())
}

// period names the months from first to last: "februari – augustus 2026".
func period(l lang.Code, first, last knowledge.Date) string {
	switch {
	case first.Year == last.Year && first.Month == last.Month:
		return month(l, first)
	case first.Year == last.Year:
		return months(l)[first.Month-1] + " – " + month(l, last)
	}
	return month(l, first) + " – " + month(l, last)
}

// month names the month of d with its year: "maart 2026".
func month(l lang.Code, d knowledge.Date) string {
	if d.Month < 1 || d.Month > 12 {
		return fmt.Sprint(d.Year)
	}
	return fmt.Sprintf("%s %d", months(l)[d.Month-1], d.Year)
}

func months(l lang.Code) []string {
	if l == lang.EN {
		return []string{"January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"}
	}
	return []string{"januari", "februari", "maart", "april", "mei", "juni", "juli", "augustus", "september", "oktober", "november", "december"}
}
