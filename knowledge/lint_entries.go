package knowledge

import (
	"fmt"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"wolkwijs/lang"
)

// placed is a service with its entry.
type placed struct {
	entry
	service *Service
}

// category checks the head of an alternatives file.
func (l *linter) category(f *file, c *AlternativesFile) {
	e := entry{l, f, "category", "category", c.Category.ID}
	if c.Category.ID == "" {
		// The file of a later layer may only add services to a category.
		if id := c.categoryID(f.name); l.base.Category(id) == nil || l.base.Category(id).Category.Name.IsZero() {
			e.fault("id", "no [category] with an id")
		}
		return
	}
	e.identity("id", "", plainID)
	if id := fileID(f); id != e.id {
		e.fault("id", "the category %q stands in a file called %s.toml", e.id, id)
	}
	e.bothNames("name", c.Category.Name, c.Category.Names)
	e.text("intro", c.Category.Intro, limits{needed: true, sentences: 2, letters: 320})
	e.text("first_step", c.Category.FirstStep, limits{needed: true, sentences: 2, letters: 320})
	e.known("related", "category", c.Category.Related, func(id string) bool { return l.base.Category(id) != nil }, true)
	e.known("moot", "property of services", c.Category.Moot, func(key string) bool { return slices.Contains(mootable, key) }, true)
	e.sourced(c.Category.Sourced)
	for i, p := range c.Category.Points {
		e.point(fmt.Sprintf("point.%d", i), p)
	}
	if len(c.Services) == 0 {
		e.fault("", "a category without services")
	}
}

// mootable are the properties of services that may say nothing in a category.
var mootable = []string{"e2ee", "open_source", "free", "dutch_ui", "hosting"}

// fileID is the ID that a file's name gives.
func fileID(f *file) string { return strings.TrimSuffix(path.Base(f.name), ".toml") }

// service checks one alternative.
func (l *linter) service(e entry, c *AlternativesFile, s *Service) {
	e.identity("id", c.categoryID(e.f.name), plainID)
	if s.Name == "" {
		e.fault("", "no name")
	}
	e.names("name", []string{s.Name}, false)
	e.names("aliases", s.Aliases, false)
	e.claim("name", s.Name, c.categoryID(e.f.name))
	e.claimAll("aliases", s.Aliases, c.categoryID(e.f.name))
	if s.URL == "" {
		e.fault("", "no url")
	}
	e.link("url", s.URL)
	e.known("replaces", "product", s.Replaces, func(id string) bool { return l.base.Product(id) != nil }, len(l.base.Products) > 0)
	e.text("text", s.Text, limits{needed: true, sentences: 2, letters: 320})
	e.text("caution", s.Caution, limits{sentences: 3, letters: 320, mayShare: true})
	e.text("price", s.Price, limits{sentences: 2, letters: 160, mayShare: true})
	e.nation("hq_country", s.HQCountry)
	e.nations("hq_conflict", s.HQConflict)
	switch {
	case len(s.HQConflict) == 1:
		e.fault("hq_conflict", "a conflict needs two countries")
	case len(s.HQConflict) > 1 && s.HQCountry != "":
		e.fault("hq_country", "sources disagree, so this must be left out")
	}
	e.nation("owner_country", s.OwnerCountry)
	if s.OwnerCountry != "" && s.Owner == "" {
		e.fault("owner_country", "the country of an owner who is not named")
	}
	if (s.Owner != "" || s.HQCountry != "") && len(s.Sources) == 0 {
		e.fault(map[bool]string{true: "owner", false: "hq_country"}[s.Owner != ""], "an owner or seat without a source")
	}
	e.nations("hosting", s.Hosting)
	e.oneOf("open_source", string(s.OpenSource), "full", "partial", "none", "unknown")
	e.oneOf("e2ee", string(s.E2EE), "default", "optional", "none", "unknown")
	e.tri("free", s.Free)
	e.tri("dutch_ui", s.DutchUI)
	e.tri("self_host", s.SelfHost)
	e.sourced(s.Sourced)
	l.sameFacts(e, s)
}

// sameFacts compares a service with its entry in another category: who owns
// it does not depend on what it is used for.
func (l *linter) sameFacts(e entry, s *Service) {
	key := fmt.Sprint(e.f.layer, s.ID)
	first, seen := l.same[key]
	if !seen {
		l.same[key] = placed{e, s}
		return
	}
	o := first.service
	for _, d := range []struct{ sub, here, there string }{
		{"name", s.Name, o.Name},
		{"hq_country", s.HQCountry, o.HQCountry},
		{"hq_conflict", strings.Join(s.HQConflict, " "), strings.Join(o.HQConflict, " ")},
		{"owner", s.Owner, o.Owner},
		{"owner_country", s.OwnerCountry, o.OwnerCountry},
	} {
		if d.here != d.there {
			e.fault(d.sub, "%q here, %q at %s", d.here, d.there, first.where())
		}
	}
}

// product checks what people may want to leave.
func (l *linter) product(e entry, p *Product) {
	e.identity("id", "", plainID)
	if p.Name == "" {
		e.fault("", "no name")
	}
	e.names("name", []string{p.Name}, false)
	e.names("names", p.Names, true)
	e.claim("name", p.Name, "")
	e.claimAll("names", p.Names, "")
	e.nation("owner_country", p.OwnerCountry)
	if len(p.Categories) == 0 {
		e.fault("", "no categories")
	}
	e.known("categories", "category", p.Categories, func(id string) bool { return l.base.Category(id) != nil }, len(l.base.Alternatives) > 0)
	e.text("note", p.Note, limits{sentences: 2, letters: 240})
	e.sourced(p.Sourced)
}

// methodNames are the values of TwoFactor.Methods.
var methodNames = []string{"passkey", "passkey-2fa", "u2f", "totp", "custom-software", "custom-hardware", "sms", "call", "email"}

// twoFactor checks what a service offers for two-step verification.
func (l *linter) twoFactor(e entry, t *TwoFactor) {
	e.identity("domain", e.f.name, domainName)
	if t.Name == "" {
		e.fault("", "no name")
	}
	e.names("name", []string{t.Name}, false)
	e.names("names", t.Names, true)
	e.claim("name", t.Name, t.Domain)
	e.claimAll("names", t.Names, t.Domain)
	for i, d := range t.Domains {
		at := fmt.Sprintf("domains.%d", i)
		switch {
		case !domainName.MatchString(d):
			e.fault(at, "%q is not a domain name in lower case", d)
		case d == t.Domain || slices.Index(t.Domains, d) < i:
			e.fault(at, "the domain %q twice", d)
		}
	}
	e.eachOf("methods", t.Methods, methodNames...)
	if len(t.Software) > 0 && !slices.Contains(t.Methods, "custom-software") {
		e.fault("software", "an app of its own, but no method custom-software")
	}
	if len(t.Hardware) > 0 && !slices.Contains(t.Methods, "custom-hardware") {
		e.fault("hardware", "a device of its own, but no method custom-hardware")
	}
	if t.Via != "" && l.whole && l.base.TwoFactorOf(t.Via) == nil {
		e.fault("via", "there is no service %q", t.Via)
	}
	e.link("docs", t.Docs)
	e.link("recovery", t.Recovery)
	e.link("settings", t.Settings)
	e.tri("required", t.Required)
	for i, r := range t.Regions {
		if !isCountry(strings.TrimPrefix(r, "-")) {
			e.fault(fmt.Sprintf("regions.%d", i), "%q is not a country code (ISO 3166-1 alpha-2)", r)
		}
	}
	e.text("note", t.Note, limits{sentences: 3, letters: 320, mayShare: true})
	e.sourced(t.Sourced)
}

// topic checks an information topic.
func (l *linter) topic(e entry, t *Topic) {
	e.identity("id", "", plainID)
	if id := fileID(e.f); e.id != "" && id != e.id {
		e.fault("id", "the topic %q stands in a file called %s.toml", e.id, id)
	}
	e.bothNames("title", t.Title, t.Names)
	e.questions("questions.nl", t.Questions.NL)
	e.questions("questions.en", t.Questions.EN)
	e.text("answer", t.Answer, limits{needed: true, words: 120})
	e.steps(t)
	e.text("more", t.More, limits{words: 300})
	e.known("related", "topic", t.Related, func(id string) bool { return l.base.Topic(id) != nil }, true)
	e.sourced(t.Sourced)
	if len(t.Sources) == 1 {
		e.fault("sources", "one source, at least two")
	}
	for i, p := range t.Points {
		e.point(fmt.Sprintf("point.%d", i), p)
	}
}

// point checks what a topic or category says to one question. Without sources
// of its own it rests on those of the entry.
func (e entry) point(key string, p Point) {
	if len(p.Words.NL) == 0 || len(p.Words.EN) == 0 {
		e.fault(key+".words", "words are needed in nl and en")
	}
	e.questions(key+".words.nl", p.Words.NL)
	e.questions(key+".words.en", p.Words.EN)
	e.text(key+".text", p.Text, limits{needed: true, sentences: 3, letters: 320})
	if len(p.Sources) > 0 || p.Checked != (Date{}) {
		e.key = e.at(key)
		e.sourced(p.Sourced)
	}
}

// questions checks the ways in which people ask for a topic.
func (e entry) questions(sub string, list []string) {
	for i, q := range list {
		at := fmt.Sprintf("%s.%d", sub, i)
		switch {
		case Fold(q) == "":
			e.fault(at, "a question without words")
		case len(q) > maxName:
			e.fault(at, "a question of %d bytes, %d at most", len(q), maxName)
		case slices.Index(list, q) < i:
			e.fault(at, "the question %q twice", start(q))
		}
	}
}

// steps checks the things to do under a topic.
func (e entry) steps(t *Topic) {
	if len(t.Steps.NL) != len(t.Steps.EN) {
		e.fault("steps", "%d steps in nl, %d in en", len(t.Steps.NL), len(t.Steps.EN))
	}
	if n := len(t.Steps.NL); n < 3 || n > 5 {
		e.fault("steps", "%d steps, three to five", n)
	}
	for i, s := range t.Steps.NL {
		e.step(fmt.Sprintf("steps.nl.%d", i), "nl", s)
	}
	for i, s := range t.Steps.EN {
		e.step(fmt.Sprintf("steps.en.%d", i), "en", s)
	}
}

// lesson checks one of the five lessons.
func (l *linter) lesson(e entry, s *Lesson) {
	if s.Number < 1 || s.Number > 5 {
		e.fault("number", "a lesson has a number from 1 to 5")
	}
	e.identity("number", "", plainID)
	e.text("title", s.Title, limits{needed: true, letters: 80})
	e.text("text", s.Text, limits{needed: true, words: 120})
	e.text("do", s.Do, limits{needed: true, words: 40})
	e.command("command", "", s.Command)
	e.sourced(s.Sourced)
}

// tip checks a tip of the week.
func (l *linter) tip(e entry, t *Tip) {
	e.identity("id", "", plainID)
	if t.Lesson < 1 || t.Lesson > 5 {
		e.fault("lesson", "a lesson has a number from 1 to 5")
	}
	e.text("title", t.Title, limits{needed: true, letters: 80})
	e.text("text", t.Text, limits{needed: true, leastWord: 60, words: 110})
	e.text("command", t.Command, limits{letters: 60, isCommand: true})
	e.command("command.nl", lang.NL, t.Command.NL)
	e.command("command.en", lang.EN, t.Command.EN)
	e.sourced(t.Sourced)
}

// term checks a term of the glossary.
func (l *linter) term(e entry, t *Term) {
	e.identity("id", "", plainID)
	e.bothNames("name", t.Name, t.Names)
	e.text("text", t.Text, limits{needed: true, sentences: 3, letters: 500})
	there := func(id string) bool { return l.base.Term(id) != nil || l.base.Topic(id) != nil }
	e.known("related", "term or topic", t.Related, there, true)
	if t.Topic != "" && !l.isTopic(t.Topic) {
		e.fault("topic", "there is no topic %q", t.Topic)
	}
	e.sourced(t.Sourced)
}

// isTopic says whether id is an information topic, a category of alternatives
// or a lesson, as in `ask --json`.
func (l *linter) isTopic(id string) bool {
	if category, ok := strings.CutPrefix(id, "alt:"); ok {
		return l.base.Category(category) != nil
	}
	if number, ok := strings.CutPrefix(id, "tip:"); ok {
		n, err := strconv.Atoi(number)
		return err == nil && l.base.Lesson(n) != nil
	}
	return l.base.Topic(id) != nil
}

// searchWords checks words that lead to a topic. They are no facts and need
// no source.
func (l *linter) searchWords(e entry, w *SearchWords) {
	if !l.isTopic(w.Topic) {
		e.fault("topic", "there is no topic %q", w.Topic)
	}
	if len(w.Names.NL) == 0 || len(w.Names.EN) == 0 {
		e.fault("names", "words are needed in both languages")
	}
}

// askedNames are the names that questions about any entry of a kind may leave
// open, by the topic they stand under.
var askedNames = map[string][]string{
	AnyOf("alt"): {"{product}", "{category}"}, AnyOf("2fa"): {"{service}"}, AnyOf("check"): {"{domain}"},
	AnyOf("tip"): nil, AnyTopic: nil, NoTopic: nil,
}

// asked checks questions that the search learns from. They are no facts and
// need no source.
func (l *linter) asked(e entry, a *Asked) {
	names, isOpen := askedNames[a.Topic]
	if !isOpen && !l.isTopic(a.Topic) {
		e.fault("topic", "there is no topic %q", a.Topic)
	}
	if len(a.NL) == 0 || len(a.EN) == 0 {
		e.fault("", "questions are needed in both languages")
	}
	e.questions("nl", a.NL)
	e.questions("en", a.EN)
	for lang, list := range map[string][]string{"nl": a.NL, "en": a.EN} {
		for i, q := range list {
			for _, name := range askedName.FindAllString(q, -1) {
				if !slices.Contains(names, name) {
					e.fault(fmt.Sprintf("%s.%d", lang, i), "%s cannot be filled in under the topic %q", name, a.Topic)
				}
			}
		}
	}
}

// alike checks words that say much the same.
func (l *linter) alike(e entry, a *Alike) {
	if len(a.NL) == 0 || len(a.EN) == 0 {
		e.fault("", "words are needed in both languages")
	}
	e.questions("nl", a.NL)
	e.questions("en", a.EN)
}

var askedName = regexp.MustCompile(`\{[^}]*\}`)

// country checks a country.
func (l *linter) country(e entry, c *Country) {
	switch {
	case c.ID == "":
		e.fault("", "no id")
	case !isCountry(c.ID):
		e.fault("id", "%q is not a country code (ISO 3166-1 alpha-2)", c.ID)
	}
	key := fmt.Sprint(e.f.layer, "country", c.ID)
	if first, seen := l.ids[key]; seen {
		e.fault("id", "also at %s", first.where())
	}
	l.ids[key] = e
	e.text("name", c.Name, limits{needed: true, letters: longestName})
	e.text("from", c.From, limits{letters: longestName})
	if c.Group == "" {
		e.fault("", "no group")
	}
	e.oneOf("group", c.Group, "EU", "EEA", "CH", "GB", "US", "other")
	e.tri("adequate", c.Adequate)
	e.text("note", c.Note, limits{sentences: 3, letters: 400, mayShare: true})
	e.sourced(c.Sourced)
}

// source checks a publication.
func (l *linter) source(e entry, s *Source) {
	e.identity("id", "", plainID)
	if s.Name == "" {
		e.fault("", "no name")
	}
	if s.URL == "" {
		e.fault("", "no url")
	}
	e.link("url", s.URL)
	if s.Licence == "" {
		e.faultHint("", "an SPDX expression, or \"facts only\"", "no licence")
	}
	e.day("date", s.Date, false)
}
