package knowledge

import (
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"

	"wolkwijs/lang"
)

// staleMonths is the age in months from which a fact deserves another look.
const staleMonths = 12

// oldest is the year before which no check can have been made: a date before
// it is a slip.
const oldest = 1980

// sourced checks the sources and the day of an entry.
func (e entry) sourced(s Sourced) {
	if len(s.Sources) == 0 {
		e.faultHint("", "add sources = [\"…\"] with an ID of sources.toml or an https address", "no source")
	}
	for i, src := range s.Sources {
		sub := fmt.Sprintf("sources.%d", i)
		e.l.cited[src] = true
		switch {
		case slices.Index(s.Sources, src) < i:
			e.fault(sub, "the source %q twice", src)
		case strings.Contains(src, ":"):
			e.address(sub, src)
		case e.l.base.Source(src) == nil && e.l.whole:
			e.faultHint(sub, e.l.nearestSource(src), "no source %q in sources.toml", src)
		}
	}
	e.day("checked", s.Checked, e.kind != "term") // a standard does not age
}

// nearestSource is a hint for a misspelt source ID.
func (l *linter) nearestSource(id string) string {
	n := &names{}
	n.reset(len(l.base.Sources))
	for _, s := range l.base.Sources {
		n.add(Ref{KindTerm, s.ID}, s.ID)
	}
	if found := n.typos(Fold(id), AnyKind); len(found) > 0 {
		return fmt.Sprintf("did you mean %q?", found[0].ID)
	}
	return "add it there, or name the page by its https address"
}

// day checks a date: set, not in the future, no slip, and if the fact ages, not
// old.
func (e entry) day(sub string, d Date, ages bool) {
	if d == (Date{}) {
		e.faultHint("", fmt.Sprintf("add %s = YYYY-MM-DD, the day on which the source said so", sub), "no date")
		return
	}
	t := d.AsTime(time.UTC)
	switch {
	case t.After(e.l.today):
		e.fault(sub, "%s is in the future", d)
	case d.Year < oldest:
		e.fault(sub, "%s is too long ago to be right", d)
	case ages && t.AddDate(0, staleMonths, 0).Before(e.l.today):
		e.warn(sub, "last checked on %s, more than %d months ago", d, staleMonths)
	}
}

// address checks an https URL.
func (e entry) address(sub, s string) {
	u, err := url.Parse(s)
	switch {
	case err != nil || strings.ContainsAny(s, " \t\n\"<>\\^`{|}"):
		e.fault(sub, "%q is not a URL", s)
	case u.Scheme != "https":
		e.faultHint(sub, "only https addresses are shown as links", "%q is not an https URL", s)
	case u.User != nil || u.Port() != "":
		e.fault(sub, "%q holds a user name or a port", s)
	case !domainName.MatchString(u.Hostname()):
		e.fault(sub, "%q has no host name", s)
	}
}

// link is address for a URL that may be left out.
func (e entry) link(sub, s string) {
	if s != "" {
		e.address(sub, s)
	}
}

// nation checks a country code that may be left out.
func (e entry) nation(sub, code string) {
	switch {
	case code == "":
	case !isCountry(code):
		hint := ""
		if up := strings.ToUpper(code); isCountry(up) {
			hint = fmt.Sprintf("did you mean %q?", up)
		} else if up == "UK" {
			hint = `did you mean "GB"?`
		}
		e.faultHint(sub, hint, "%q is not a country code (ISO 3166-1 alpha-2)", code)
	case e.l.whole && len(e.l.base.Countries) > 0 && e.l.base.Country(code) == nil:
		e.fault(sub, "countries.toml has no %q", code)
	}
}

// nations checks a list of country codes.
func (e entry) nations(sub string, codes []string) {
	for i, code := range codes {
		at := fmt.Sprintf("%s.%d", sub, i)
		if code == "" {
			e.fault(at, "empty country code")
		}
		if slices.Index(codes, code) < i {
			e.fault(at, "the country %q twice", code)
		}
		e.nation(at, code)
	}
}

// oneOf checks a value that is one of a few; empty is allowed.
func (e entry) oneOf(sub, value string, allowed ...string) {
	if value != "" && !slices.Contains(allowed, value) {
		e.faultHint(sub, "use one of: "+strings.Join(allowed, ", "), "%q is none of its values", value)
	}
}

// eachOf is oneOf for a list, without doubles.
func (e entry) eachOf(sub string, values []string, allowed ...string) {
	for i, v := range values {
		at := fmt.Sprintf("%s.%d", sub, i)
		if slices.Index(values, v) < i {
			e.fault(at, "%q twice", v)
		}
		if v == "" {
			e.fault(at, "empty value")
		}
		e.oneOf(at, v, allowed...)
	}
}

func (e entry) tri(sub string, t Tri) { e.oneOf(sub, string(t), "yes", "no", "unknown") }

var (
	plainID    = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)
	domainName = regexp.MustCompile(`^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]([a-z0-9-]{0,61}[a-z0-9])$`)
)

// identity checks the ID of an entry under the key sub, and that no other
// entry of its kind in the same layer has it. group narrows the kind, for
// services that are unique in their category.
func (e entry) identity(sub, group string, form *regexp.Regexp) {
	switch {
	case e.id == "":
		e.fault("", "no %s", sub)
		return
	case !form.MatchString(e.id):
		what := "lower case letters, digits and single hyphens"
		if form == domainName {
			what = "a domain name in lower case"
		}
		e.fault(sub, "%s is not %s", sub, what)
	}
	key := fmt.Sprint(e.f.layer, e.kind, "\x00", group, "\x00", e.id)
	if first, seen := e.l.ids[key]; seen {
		e.fault(sub, "also at %s", first.where())
		return
	}
	e.l.ids[key] = e
}

// known checks references to other entries.
func (e entry) known(sub, what string, ids []string, there func(string) bool, any bool) {
	for i, id := range ids {
		at := fmt.Sprintf("%s.%d", sub, i)
		switch {
		case slices.Index(ids, id) < i:
			e.fault(at, "%q twice", id)
		case e.l.whole && any && !there(id):
			e.fault(at, "there is no %s %q", what, id)
		}
	}
}

// longestName is the number of bytes that a name may have.
const longestName = 60

// names checks a list of names that people type.
func (e entry) names(sub string, list []string, lower bool) {
	seen := map[string]bool{}
	for i, n := range list {
		at := fmt.Sprintf("%s.%d", sub, i)
		switch key := Fold(n); {
		case strings.TrimSpace(n) != n || strings.Contains(n, "  "):
			e.fault(at, "spaces around or inside the name %q", n)
		case key == "":
			e.fault(at, "a name without letters")
		case len(n) > longestName:
			e.fault(at, "a name of %d bytes, %d at most", len(n), longestName)
		case lower && strings.ToLower(n) != n:
			e.fault(at, "the name %q has capitals: write it as people type it", n)
		case seen[strings.ToLower(n)]:
			e.fault(at, "the name %q twice", n)
		default:
			seen[strings.ToLower(n)] = true
		}
	}
}

// claim reserves a name for an entry. Two entries of one kind with the same
// name make the bot ask which is meant: a fault, or where they are in
// different groups, which cannot always be helped, a warning.
func (e entry) claim(sub, name, group string) {
	key := Fold(name)
	if key == "" {
		return
	}
	key = e.kind + "\x00" + key
	first, seen := e.l.named[key]
	switch {
	case !seen:
		e.l.named[key] = claimed{e, group}
	case first.id != e.id && first.f.layer == e.f.layer:
		e.report(Finding{Warning: first.group != group}, sub, "give them names that tell them apart", fmt.Sprintf("the name %q is also that of %q at %s", name, first.id, first.where()))
	}
}

// claimAll is claim for a list.
func (e entry) claimAll(sub string, names []string, group string) {
	for i, n := range names {
		e.claim(fmt.Sprintf("%s.%d", sub, i), n, group)
	}
}

// bothNames checks and claims the names of an entry in both languages.
func (e entry) bothNames(title string, name lang.Text, more lang.Texts) {
	e.text(title, name, limits{needed: true, letters: longestName})
	e.names("names.nl", more.NL, false)
	e.names("names.en", more.EN, false)
	e.claim(title+".nl", name.NL, "")
	e.claim(title+".en", name.EN, "")
	e.claimAll("names.nl", more.NL, "")
	e.claimAll("names.en", more.EN, "")
}
