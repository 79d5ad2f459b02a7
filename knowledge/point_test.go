package knowledge_test

import (
	"strings"
	"testing"

	"wolkwijs/knowledge"
	"wolkwijs/lang"
)

func TestPointTo(t *testing.T) {
	points := []knowledge.Point{
		{Words: lang.Texts{NL: []string{"boekje", "schrift"}, EN: []string{"notebook"}}, Text: lang.Text{NL: "papier"}},
		{Words: lang.Texts{NL: []string{"wachtwoord verander", "hoe vaak"}}, Text: lang.Text{NL: "vaak"}},
		{Words: lang.Texts{NL: []string{"verander boekje wachtwoord"}}, Text: lang.Text{NL: "alle drie"}},
		{Words: lang.Texts{NL: []string{"nas"}}, Text: lang.Text{NL: "nas"}},
	}
	for _, c := range []struct {
		question string
		lang     lang.Code
		want     string
	}{
		{"mag het in een Schriftje?", lang.NL, "papier"},
		{"moet ik mijn wachtwoorden elk jaar veranderen", lang.NL, "vaak"},
		{"hoe vaak moet dat", lang.NL, "vaak"},
		{"is een notebook ok", lang.EN, "papier"},
		{"is een notebook ok", lang.NL, ""},
		{"wachtwoorden in mijn boekje veranderen", lang.NL, "alle drie"},
		{"ik heb een nasleep", lang.NL, ""}, // a short word is met as it is
		{"ik heb een NAS.", lang.NL, "nas"},
		{"wat is een wachtwoord", lang.NL, ""},
		{"", lang.NL, ""},
		{strings.Repeat("een lang verhaal over van alles ", 40) + "mag een boekje?", lang.NL, "papier"},
	} {
		got := ""
		if p := knowledge.PointTo(c.question, points, c.lang); p != nil {
			got = p.Text.NL
		}
		if got != c.want {
			t.Errorf("PointTo(%q, %s) = %q, want %q", c.question[max(0, len(c.question)-60):], c.lang, got, c.want)
		}
	}
}
