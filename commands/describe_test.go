package commands_test

import (
	"slices"
	"testing"

	"wolkwijs/commands"
	"wolkwijs/lang"
)

func TestDescribe(t *testing.T) {
	s := newService(t)
	find := func(l lang.Code, name string) *commands.Description {
		all := s.Describe(l)
		i := slices.IndexFunc(all, func(d commands.Description) bool { return d.Name == name })
		if i < 0 {
			return nil
		}
		return &all[i]
	}
	for _, tt := range []struct {
		l                    lang.Code
		name, alias          string
		argument, inTheOther string
		optional             bool
	}{
		{lang.NL, "alt", "alternatief", "soort of product", "kind or product", false},
		{lang.EN, "alt", "alternatief", "soort of product", "kind or product", false},
		{lang.NL, "taal", "language", "nl|en", "nl|en", true},
		{lang.EN, "language", "taal", "nl|en", "nl|en", true},
		{lang.NL, "check", "controleer", "domein [onderdeel]", "domain [subject]", false},
		{lang.NL, "privacy", "", "", "", true},
	} {
		d := find(tt.l, tt.name)
		switch {
		case d == nil:
			t.Errorf("%s: no %s", tt.l, tt.name)
		case tt.alias != "" && !slices.Contains(d.Aliases, tt.alias), slices.Contains(d.Aliases, tt.name),
			d.Argument != lang.Text{NL: tt.argument, EN: tt.inTheOther}, d.Optional != tt.optional, d.Summary.NL == "" || d.Summary.EN == "":
			t.Errorf("%s %s: %+v", tt.l, tt.name, d)
		}
	}
	if d := find(lang.EN, "reload"); d != nil {
		t.Errorf("a command of the admins is described: %+v", d)
	}
}
