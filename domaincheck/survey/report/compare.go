package report

import (
	"cmp"
	"sort"

	"wolkwijs/domaincheck/holder"
)

// measures are what groups are compared by.
func (r *Report) measures() []measure {
	return []measure{
		{"m-us", "us", r.american},
		{"m-dmarc", "ok", enforces},
		{"m-dnssec", "ok", inOrder("dnssec")},
		{"m-dane", "ok", inOrder("dane")},
		{"m-mta-sts", "ok", inOrder("mta-sts")},
	}
}

type measure struct {
	text, class string
	of          func(*domain) (has, known bool)
}

// The page compares groups if there are some, but not if nearly each domain
// is a group of its own, as with a column of names.
const (
	maxGroups   = 60
	minPerGroup = 2 // domains, on average
)

// comparison is the table of groups.
type comparison struct {
	Measures []string
	Rows     []groupRow
}

type groupRow struct {
	Name     string
	Count    string
	N        int
	Company  string
	Measures []groupCell
}

type groupCell struct {
	Class, Share, Width string
	Value               int    // in thousandths, to sort by; -1 for nothing known
	Of                  string // n of m
}

func (r *Report) comparison() *comparison {
	if len(r.groups) < 2 || len(r.groups) > maxGroups || len(r.domains) < minPerGroup*len(r.groups) {
		return nil
	}
	c := &comparison{}
	for _, m := range r.measures() {
		c.Measures = append(c.Measures, r.t(m.text))
	}
	for g, name := range r.groups {
		row := groupRow{Name: cmp.Or(name, r.t("noGroup"))}
		for i := range r.domains {
			if r.domains[i].group == g {
				row.N++
			}
		}
		row.Count = r.number(row.N)
		row.Company = r.largest(g)
		for _, m := range r.measures() {
			x := r.rate(func(d *domain) (bool, bool) {
				has, known := m.of(d)
				return has, known && d.group == g
			})
			cell := groupCell{Class: m.class, Share: r.share(x.n, x.of), Width: percent(x.n, x.of), Value: -1, Of: r.f("nOf", r.number(x.n), r.number(x.of))}
			if x.of > 0 {
				cell.Value = 1000 * x.n / x.of
			}
			row.Measures = append(row.Measures, cell)
		}
		c.Rows = append(c.Rows, row)
	}
	sort.SliceStable(c.Rows, func(i, j int) bool { return c.Rows[i].N > c.Rows[j].N })
	return c
}

// largest names the company that has most of a group's mail, with its share.
func (r *Report) largest(group int) string {
	n, all := map[string]int{}, 0
	for i := range r.domains {
		d := &r.domains[i]
		if d.group != group || d.holders[0] == nobody {
			continue
		}
		all++
		c := r.companies[d.holders[0]]
		name := c.name
		if c.id == holder.SelfHosted {
			name = r.t("law-own")
		}
		if name != "" {
			n[name]++
		}
	}
	best := ""
	for name, k := range n {
		if best == "" || k > n[best] || k == n[best] && name < best {
			best = name
		}
	}
	if best == "" {
		return "–"
	}
	return best + " (" + r.share(n[best], all) + ")"
}
