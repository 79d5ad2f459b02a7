package report

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"wolkwijs/domaincheck/holder"
	"wolkwijs/domaincheck/survey"
	"wolkwijs/lang"
)

// chart is a table with a bar in each row.
type chart struct {
	ID      string
	Title   string
	Note    string // under the title
	Columns [3]string
	Rows    []bar
	Legend  []segment // what the parts of the bars are; empty where they are one
}

// bar is a row of a chart.
type bar struct {
	Label, Sub string // the name, and what is said beside it in small
	Term       bool   // Sub is an explanation
	Segments   []segment
	Count      string // of how many
	Share      string
	Quiet      bool // no company, such as "all others"
}

// segment is a part of a bar. X and Width are percentages of the whole.
type segment struct {
	Class        string
	Label        string
	Count, Share string
	X, Width     string
	Shown        bool // it is large enough to be told in words
}

// share is a part of a whole in words: "85 %". It is 0 % only if there are
// none, and 100 % only if it is all.
func (r *Report) share(part, whole int) string {
	if whole == 0 {
		return "–"
	}
	text := strconv.Itoa((200*part + whole) / (2 * whole))
	switch {
	case part > 0 && text == "0":
		text = "<1"
	case part < whole && text == "100":
		text = ">99"
	}
	if r.o.Lang == lang.EN {
		return text + "%"
	}
	return text + "\u00a0%"
}

// number writes a number with a mark between the thousands.
func (r *Report) number(n int) string {
	s := strconv.Itoa(n)
	mark := "."
	if r.o.Lang == lang.EN {
		mark = ","
	}
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + mark + s[i:]
	}
	return s
}

// percent is a percentage for an attribute of SVG.
func percent(part, whole int) string {
	return strconv.FormatFloat(100*float64(part)/float64(max(whole, 1)), 'f', 2, 64) + "%"
}

// part is one of the parts that a bar is made of.
type part struct {
	class string
	label string
	n     int
}

// stack makes a bar of parts.
func (r *Report) stack(label, sub string, parts []part) bar {
	whole := 0
	for _, p := range parts {
		whole += p.n
	}
	b := bar{Label: label, Sub: sub, Count: r.number(whole)}
	at := 0
	for _, p := range parts {
		if p.n == 0 {
			continue
		}
		b.Segments = append(b.Segments, segment{
			Class: p.class, Label: p.label, Count: r.number(p.n), Share: r.share(p.n, whole),
			X: percent(at, whole), Width: percent(p.n, whole), Shown: true,
		})
		at += p.n
	}
	return b
}

// tally counts, for a function, the domains that have it by holder.
type tally struct {
	by   map[int]int // holder to domains
	all  int         // domains of which it could be looked up
	late int         // domains of which it could not
}

func (r *Report) tally(function int) tally {
	t := tally{by: map[int]int{}}
	for i := range r.domains {
		d := &r.domains[i]
		switch c := d.holders[function]; {
		case d.late[function]:
			t.late++
		case c != nobody:
			t.by[c]++
			t.all++
		}
	}
	return t
}

// byLaw counts a tally by law.
func (r *Report) byLaw(t tally) map[law]int {
	n := map[law]int{}
	for c, k := range t.by {
		n[r.companies[c].law] += k
	}
	return n
}

// lawChart says under whose law each function is.
func (r *Report) lawChart() chart {
	c := chart{ID: "law", Title: r.t("lawTitle"), Note: r.t("lawNote"), Columns: [3]string{r.t("function"), r.t("shares"), r.t("domains")}}
	for _, l := range laws {
		c.Legend = append(c.Legend, segment{Class: string(l), Label: r.t("law-" + string(l))})
	}
	for i, function := range survey.Functions {
		t := r.tally(i)
		if t.all == 0 {
			continue
		}
		n := r.byLaw(t)
		var parts []part
		for _, l := range laws {
			parts = append(parts, part{string(l), r.t("law-" + string(l)), n[l]})
		}
		b := r.stack(r.t("fn-"+function), r.late(t.late), parts)
		c.Rows = append(c.Rows, b)
	}
	return c
}

// late says how many could not be looked up.
func (r *Report) late(n int) string {
	if n == 0 {
		return ""
	}
	return r.f("late", r.number(n))
}

// shownCompanies is how many companies a chart names.
const shownCompanies = 15

// companyChart says which companies have a function, the largest first.
func (r *Report) companyChart(function int, title, note string) chart {
	t := r.tally(function)
	c := chart{ID: survey.Functions[function], Title: title, Note: note, Columns: [3]string{r.t("company"), r.t("bar"), r.t("domains")}}
	type line struct {
		name, country string
		law           law
		n             int
	}
	lines := map[string]*line{}
	own, unseen := 0, 0
	for i, h := range r.companies {
		n := t.by[i]
		switch {
		case h.id == holder.SelfHosted:
			own += n
			continue
		case h.name == "":
			unseen += n
			continue
		}
		if lines[h.name] == nil {
			lines[h.name] = &line{h.name, h.country, h.law, 0}
		}
		lines[h.name].n += n
	}
	var sorted []*line
	for _, l := range lines {
		sorted = append(sorted, l)
	}
	slices.SortFunc(sorted, func(a, b *line) int { return cmp.Or(b.n-a.n, strings.Compare(a.name, b.name)) })
	most := max(own, unseen)
	rest, others := 0, 0
	for i, l := range sorted {
		if i >= shownCompanies && len(sorted) > shownCompanies+1 {
			rest += l.n
			others++
		}
		most = max(most, l.n)
	}
	most = max(most, rest)
	add := func(label, sub, class string, n int, quiet bool) {
		if n == 0 {
			return
		}
		c.Rows = append(c.Rows, bar{
			Label: label, Sub: sub, Quiet: quiet, Count: r.number(n), Share: r.share(n, t.all),
			Segments: []segment{{Class: class, X: "0%", Width: percent(n, most)}},
		})
	}
	for i, l := range sorted {
		if i >= shownCompanies && others > 0 {
			break
		}
		add(l.name, cmp.Or(l.country, r.t("countryUnknown")), string(l.law), l.n, false)
	}
	add(r.f("others", r.number(others)), "", "rest", rest, true)
	add(r.t("law-own"), "", string(lawOwn), own, true)
	add(r.t("unseen"), "", string(lawUnknown), unseen, true)
	if t.late > 0 {
		c.Note = strings.TrimSpace(c.Note + " " + r.f("lateLong", r.number(t.late)))
	}
	return c
}

// protections are the rows of the chart on protection, by what they are for.
var protections = []struct {
	title    string
	subjects []string
}{
	{"against-forgery", []string{"spf", "dkim", "dmarc"}},
	{"against-tapping", []string{"mta-sts", "dane", "tls-rpt"}},
	{"names", []string{"dnssec", "caa"}},
	{"ipv6", []string{"ipv6-mx", "ipv6-web", "ipv6-ns"}},
}

var states = []survey.State{survey.OK, survey.Weak, survey.Broken, survey.Missing, survey.Unknown}

// protectionCharts say how the domains do on each subject.
func (r *Report) protectionCharts() []chart {
	var all []chart
	for _, p := range protections {
		c := chart{ID: p.title, Title: r.t(p.title), Columns: [3]string{r.t("subject"), r.t("shares"), r.t("domains")}}
		for _, name := range p.subjects {
			b := r.stack(r.t("s-"+name), r.t("x-"+name), r.stateParts(name))
			b.Term = true
			if len(b.Segments) > 0 {
				c.Rows = append(c.Rows, b)
			}
		}
		if len(c.Rows) > 0 {
			all = append(all, c)
		}
	}
	return all
}

// stateParts counts the states of a subject. DMARC is told by what it asks.
func (r *Report) stateParts(name string) []part {
	n := map[string]int{}
	i := subject(name)
	for k := range r.domains {
		d := &r.domains[k]
		switch s := d.states[i]; {
		case s == "":
		case name == "dmarc" && d.policy != "" && s != survey.Broken && s != survey.Unknown:
			n[d.policy]++
		default:
			n[string(s)]++
		}
	}
	var parts []part
	if name == "dmarc" {
		for _, p := range []string{"reject", "quarantine", "none"} {
			parts = append(parts, part{"p-" + p, r.t("policy-" + p), n[p]})
		}
	}
	for _, s := range states {
		parts = append(parts, part{string(s), r.t("state-" + string(s)), n[string(s)]})
	}
	return parts
}

// rate is how many of those that could be looked up have something.
type rate struct{ n, of int }

func (r *Report) rate(of func(*domain) (has, known bool)) rate {
	var x rate
	for i := range r.domains {
		if has, known := of(&r.domains[i]); known {
			x.of++
			if has {
				x.n++
			}
		}
	}
	return x
}

// american says whether the mailboxes are under American law.
func (r *Report) american(d *domain) (has, known bool) {
	c := d.holders[0]
	if c == nobody {
		return false, false
	}
	return r.companies[c].law == lawUS, true
}

func inOrder(name string) func(*domain) (has, known bool) {
	i := subject(name)
	return func(d *domain) (has, known bool) {
		s := d.states[i]
		return s == survey.OK, s != "" && s != survey.Unknown
	}
}

func enforces(d *domain) (has, known bool) {
	s := d.states[subject("dmarc")]
	return d.enforced() && s != survey.Broken, s != "" && s != survey.Unknown
}
