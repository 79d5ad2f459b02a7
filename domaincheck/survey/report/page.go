package report

import (
	"cmp"
	"crypto/sha256"
	_ "embed" // the page, its style and its script
	"encoding/base64"
	"fmt"
	"html/template"
	"io"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"wolkwijs/domaincheck/holder"
	"wolkwijs/domaincheck/survey"
	"wolkwijs/lang"
)

//go:embed page.html
var pageHTML string

//go:embed page.css
var pageCSS string

//go:embed page.js
var pageJS string

// page is what the template shows.
type page struct {
	*Report
	Policy     string // Content-Security-Policy
	CSS        template.CSS
	JS         template.JS
	Title      string
	When       string
	Lead       []string
	Keys       []keyFigure
	Law        chart
	Companies  []chart
	Protection []chart
	Compare    *comparison
	GroupName  string // of the groups, if there are any
	GroupTitle string // the same with a capital
	Data       data
	Laws       []law
	Signs      []sign
	Gaps       []gap
	Wrong      []wrong
	WrongNote  string
	How        []string
}

type keyFigure struct {
	Share, Text, Of string
}

// sign is how a state is shown in a cell of the table.
type sign struct{ Class, Mark, Text string }

type gap struct{ Count, Text string }

// data is what the script shows in the table of all domains. Its names are
// short because there are many rows.
type data struct {
	Rows      [][]any           `json:"rows"` // name, group, kind, four holders, states, policy
	Companies [][3]string       `json:"companies"`
	Groups    []string          `json:"groups"`
	Texts     map[string]string `json:"texts"`
	Lang      string            `json:"lang"`
}

// Write writes the page.
func (r *Report) Write(w io.Writer) error {
	t, err := template.New("page").Funcs(template.FuncMap{"t": r.t, "code": code, "filled": filled}).Parse(pageHTML)
	if err != nil {
		return err
	}
	p := &page{
		Report: r, CSS: template.CSS(pageCSS), JS: template.JS(pageJS),
		Policy: "default-src 'none'; style-src " + source(pageCSS) + "; script-src " + source(pageJS) +
			"; img-src data:; base-uri 'none'; form-action 'none'",
		Title: cmp.Or(clean(r.o.Title), r.f("title", r.number(len(r.domains)))),
		When:  r.when("dates", "dateSpan"),
		Law:   r.lawChart(), Protection: r.protectionCharts(), Compare: r.comparison(),
		Data: r.data(), Laws: laws, Gaps: r.gaps(), Wrong: r.wrong, How: r.how(),
	}
	for i, id := range []string{"mail", "filter", "dns", "web"} {
		if c := r.companyChart(i, r.t(id+"Title"), r.t(id+"Note")); len(c.Rows) > 0 {
			p.Companies = append(p.Companies, c)
		}
	}
	for _, s := range append(slices.Clone(states), "") {
		p.Signs = append(p.Signs, sign{cmp.Or(string(s), "none"), marks[s], r.t("state-" + cmp.Or(string(s), "none"))})
	}
	if len(r.groups) > 1 || len(r.groups) == 1 && r.groups[0] != "" {
		p.GroupName = cmp.Or(clean(r.o.GroupName), r.t("group"))
		first, size := utf8.DecodeRuneInString(p.GroupName)
		p.GroupTitle = string(unicode.ToUpper(first)) + p.GroupName[size:]
	}
	if r.wrongs > len(r.wrong) {
		p.WrongNote = r.f("wrongFirst", r.number(len(r.wrong)), r.number(r.wrongs))
	}
	p.lead()
	return t.Execute(w, p)
}

// filled puts what into a text.
func filled(what, text string) string { return fmt.Sprintf(text, what) }

// piece is a part of a text.
type piece struct {
	Text string
	Code bool // it stood between backticks
}

// code takes a text apart at its backticks.
func code(text string) []piece {
	var all []piece
	for i, part := range strings.Split(text, "`") {
		all = append(all, piece{part, i%2 == 1})
	}
	return all
}

// source is how a Content-Security-Policy names an inline text.
func source(text string) string {
	sum := sha256.Sum256([]byte(text))
	return "'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
}

// marks are the signs of the states in the table.
var marks = map[survey.State]string{
	survey.OK: "✓", survey.Weak: "~", survey.Broken: "✗", survey.Missing: "–", survey.Unknown: "?", "": "·",
}

// lead fills in what matters most.
func (p *page) lead() {
	us := p.rate(p.american)
	if us.of > 0 {
		p.Lead = append(p.Lead, p.f("lead", p.number(us.n), p.number(us.of), p.share(us.n, us.of)))
		p.Keys = append(p.Keys, keyFigure{p.share(us.n, us.of), p.t("k-us"), p.f("nOf", p.number(us.n), p.number(us.of))})
	}
	if name, n, all := p.top(); n > 0 {
		p.Lead = append(p.Lead, p.f("leadTop", name, p.number(n)))
		p.Keys = append(p.Keys, keyFigure{p.share(n, all), p.f("k-top", name), p.f("nOf", p.number(n), p.number(all))})
	}
	if x := p.rate(enforces); x.of > 0 {
		p.Lead = append(p.Lead, p.f("leadDMARC", p.number(x.n), p.number(x.of), p.share(x.n, x.of)))
		p.Keys = append(p.Keys, keyFigure{p.share(x.n, x.of), p.t("k-dmarc"), p.f("nOf", p.number(x.n), p.number(x.of))})
	}
	if x := p.rate(inOrder("dnssec")); x.of > 0 {
		p.Keys = append(p.Keys, keyFigure{p.share(x.n, x.of), p.t("k-dnssec"), p.f("nOf", p.number(x.n), p.number(x.of))})
	}
}

// top is the company that has most mailboxes.
func (r *Report) top() (name string, n, all int) {
	t := r.tally(0)
	by := map[string]int{}
	for i, c := range r.companies {
		if c.name != "" && c.id != holder.Unknown && c.id != holder.SelfHosted {
			by[c.name] += t.by[i]
		}
	}
	for k, v := range by {
		if v > n || v == n && v > 0 && k < name {
			name, n = k, v
		}
	}
	return name, n, t.all
}

// data is the table of all domains.
func (r *Report) data() data {
	d := data{Groups: r.groups, Lang: r.t("lang"), Texts: map[string]string{}, Rows: make([][]any, 0, len(r.domains)), Companies: [][3]string{}}
	if d.Groups == nil {
		d.Groups = []string{}
	}
	for _, c := range r.companies {
		name := c.name
		switch {
		case c.id == holder.SelfHosted:
			name = r.t("law-own")
		case name == "":
			name = r.t("unseen")
		}
		d.Companies = append(d.Companies, [3]string{name, string(c.law), c.country})
	}
	letters := map[survey.State]byte{survey.OK: 'o', survey.Weak: 'w', survey.Broken: 'b', survey.Missing: 'm', survey.Unknown: 'u', "": '.'}
	policies := map[string]int{"": 0, "none": 1, "quarantine": 2, "reject": 3}
	for i := range r.domains {
		x := &r.domains[i]
		var s [len(x.states)]byte
		for k, state := range x.states {
			s[k] = letters[state]
		}
		row := []any{x.name, x.group, x.kind}
		for k, h := range x.holders {
			if x.late[k] {
				h = -2
			}
			row = append(row, h)
		}
		d.Rows = append(d.Rows, append(row, string(s[:]), policies[x.policy]))
	}
	for _, id := range []string{"shown", "rows", "nothing", "kind-notFound", "kind-mailDomain", "kind-noAnswer", "state-unknown",
		"state-ok", "state-weak", "state-broken", "state-missing", "state-none", "noMail",
		"law-us", "law-eu", "law-near", "law-other", "law-own", "law-unknown",
		"short-us", "short-eu", "short-near", "short-other", "short-own", "short-unknown"} {
		d.Texts[id] = r.t(id)
	}
	return d
}

// gaps says what is in no percentage.
func (r *Report) gaps() []gap {
	kinds := map[byte]int{}
	for i := range r.domains {
		kinds[r.domains[i].kind]++
	}
	var all []gap
	for _, g := range []struct {
		n  int
		id string
	}{
		{r.o.NoRow, "g-norow"}, {r.wrongs, "g-wrong"}, {r.repeated, "g-repeated"}, {kinds[notFound], "g-notfound"},
		{kinds[noAnswer], "g-noanswer"}, {r.failed, "g-partial"}, {kinds[mailDomain], "g-maildomain"},
	} {
		if g.n > 0 {
			all = append(all, gap{r.number(g.n), r.t(g.id)})
		}
	}
	return all
}

// how says how it was measured, a paragraph each.
func (r *Report) how() []string {
	sure := 0
	for _, n := range r.sure {
		sure += n
	}
	all := []string{
		r.f("how-what", r.when("how-on", "how-span"), r.resolver()),
		r.f("how-holder", r.f("sure", r.share(r.sure["high"], sure), r.share(r.sure["medium"], sure), r.share(r.sure["low"], sure))),
	}
	for _, id := range []string{"how-law", "how-unknown", "knownOnly", "how-snapshot", "how-again"} {
		all = append(all, r.t(id))
	}
	return append(all, r.f("made", r.o.Version))
}

// resolver names the resolver that told most.
func (r *Report) resolver() string {
	best := ""
	for name, n := range r.resolvers {
		if best == "" || n > r.resolvers[best] || n == r.resolvers[best] && name < best {
			best = name
		}
	}
	switch {
	case best == "":
		return r.t("noResolver")
	case len(r.resolvers) > 1:
		return r.f("several", best, r.number(len(r.resolvers)-1))
	}
	return best
}

// when says when the domains were checked, with a text for one day and one
// for more.
func (r *Report) when(day, span string) string {
	if r.from.IsZero() {
		return ""
	}
	from, to := r.date(r.from), r.date(r.to)
	if from == to {
		return r.f(day, from)
	}
	return r.f(span, from, to)
}

var dutchMonths = strings.Fields("januari februari maart april mei juni juli augustus september oktober november december")

func (r *Report) date(t time.Time) string {
	t = t.UTC()
	month := dutchMonths[t.Month()-1]
	if r.o.Lang == lang.EN {
		month = t.Month().String()
	}
	return fmt.Sprintf("%d %s %d", t.Day(), month, t.Year())
}
