package main

import (
	"fmt"
	"io"
	"math"
	"slices"
	"strings"
)

// row is a line of the table: something measured several times, and what is
// asked of it.
type row struct {
	part, what string
	unit       string
	values     []float64 // one for each time it was measured
	goal       string    // "≤ 1.15", "≥ 3000", "< 300"; empty: it is only told
	note       string    // why there is no value, or what it is beside
}

// median is the middle value.
func (r row) median() float64 {
	s := slices.Sorted(slices.Values(r.values))
	if len(s) == 0 {
		return math.NaN()
	}
	return (s[(len(s)-1)/2] + s[len(s)/2]) / 2
}

// verdict says whether the median reaches the goal.
func (r row) verdict() string {
	sign, number, ok := strings.Cut(r.goal, " ")
	if !ok || len(r.values) == 0 {
		return ""
	}
	var goal float64
	if _, err := fmt.Sscan(number, &goal); err != nil {
		return ""
	}
	m := r.median()
	if map[string]bool{"≤": m <= goal, "<": m < goal, "≥": m >= goal, ">": m > goal}[sign] {
		return "yes"
	}
	return "no"
}

// figure writes a number with three figures or so.
func figure(v float64) string {
	switch a := math.Abs(v); {
	case math.IsNaN(v):
		return "–"
	case a >= 100:
		return fmt.Sprintf("%.0f", v)
	case a >= 10:
		return fmt.Sprintf("%.1f", v)
	}
	return fmt.Sprintf("%.2f", v)
}

// write writes the rows as a Markdown table.
func write(w io.Writer, rows []row) {
	fmt.Fprintln(w, "| part | what | median | lowest – highest | goal | reached |")
	fmt.Fprintln(w, "|---|---|---|---|---|---|")
	for _, r := range rows {
		value, spread := "–", r.note
		if len(r.values) > 0 {
			value = strings.TrimSpace(figure(r.median()) + " " + r.unit)
			spread = figure(slices.Min(r.values)) + " – " + figure(slices.Max(r.values))
			if len(r.values) == 1 {
				spread = ""
			}
			if r.note != "" {
				spread = strings.TrimSpace(spread + " (" + r.note + ")")
			}
		}
		fmt.Fprintf(w, "| %s | %s | %s | %s | %s | %s |\n", r.part, r.what, value, spread, r.goal, r.verdict())
	}
}
