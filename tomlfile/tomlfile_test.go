package tomlfile_test

import (
	"strings"
	"testing"

	"github.com/pelletier/go-toml/v2"

	"wolkwijs/tomlfile"
)

type room struct {
	Name  string   `toml:"name"`
	Langs []string `toml:"langs"`
}

type house struct {
	Title string         `toml:"title"`
	Born  toml.LocalDate `toml:"born"`
	Owner struct {
		Email string `toml:"email"`
		Since int    `toml:"since"`
	} `toml:"owner"`
	Rooms []room `toml:"room"`
}

func TestDecodeNamesTheFault(t *testing.T) {
	for _, tt := range []struct{ name, text, want string }{
		{"good", "title = 'x'\n[owner]\nemail = 'a'\n[[room]]\nname = 'r'\n", ""},
		{"misspelt key", "tilte = 'x'\n", `f.toml:1:1: tilte: unknown key; did you mean "title"?`},
		{"misspelt key in a table", "[owner]\nemial = 'a'\n", `f.toml:2:1: owner.emial: unknown key; did you mean "email"?`},
		{"key of another table", "[owner]\nlangs = []\n", `f.toml:2:1: owner.langs: unknown key; did you mean "room.langs"?`},
		{"misspelt table", "[ownr]\nemail = 'a'\n", `f.toml:1:2: ownr: unknown key; did you mean "owner"?`},
		{"nothing near", "[owner]\nqqqqqqqqqqq = 1\n", `f.toml:2:1: owner.qqqqqqqqqqq: unknown key; known here: email, since`},
		{"wrong type", "[owner]\nsince = 'x'\n", `f.toml:2:9: owner.since: got string: want a whole number`},
		{"array wanted", "[[room]]\nlangs = 3\n", `f.toml:2:9: room.langs: got integer: want an array`},
		{"open string", "title = 'x\n", `f.toml:1:`},
		{"twice", "title = 'x'\ntitle = 'y'\n", `f.toml:2:1: title: key title is already defined`},
		{"twice in a table", "[owner]\nemail = 'x'\n[[room]]\nname = 'r'\n[[room]]\nname = 'r'\nname = 's'\n", `f.toml:7:1: room.name: key name is already defined`},
		{"a date for a text", "title = 'x'\n[[room]]\nname = 2026-02-28\n", `f.toml:3:8: room.name: got local date: want a string in quotes`},
		{"a time for a list", "title = 'x'\n[[room]]\nlangs = 07:32:00\n", `f.toml:3:9: room.langs: got local time: want an array`},
		{"no such day", "title = 'x'\nborn = 2026-02-30\n", `f.toml:2:16: born: impossible date`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var v house
			got := ""
			if err := tomlfile.Decode("f.toml", []byte(tt.text), &v); err != nil {
				got = err.Error()
			}
			if got != tt.want && (tt.want == "" || !strings.HasPrefix(got, tt.want)) {
				t.Errorf("Decode(%q)\n got: %s\nwant: %s", tt.text, got, tt.want)
			}
		})
	}
}

func TestPositions(t *testing.T) {
	places := tomlfile.Positions([]byte("title = 'x'\n\n[owner]\nemail = 'a'\n\n[[room]]\nname = 'r'\nlangs = ['nl', 'en']\n[[room]]\nname.nl = 's'\nextra = {a = 1, b = [2]}\n"))
	for key, want := range map[string]tomlfile.Place{
		"title":          {1, 1},
		"owner":          {3, 2},
		"owner.email":    {4, 1},
		"room.0.name":    {7, 1},
		"room.0.langs.1": {8, 16},
		"room.1.name.nl": {10, 6},
		"room.1.extra.b": {11, 17},
	} {
		if got := places[key]; got != want {
			t.Errorf("place of %s = %v, want %v", key, got, want)
		}
	}
	if got, want := tomlfile.Find(places, "room.1.name.en"), (tomlfile.Place{Line: 10, Column: 1}); got != want {
		t.Errorf("Find of a missing key = %v, want its table's %v", got, want)
	}
}

func TestDistance(t *testing.T) {
	for _, tt := range []struct {
		a, b string
		want int
	}{{"", "", 0}, {"gmail", "gmail", 0}, {"gmial", "gmail", 1}, {"chek", "check", 1}, {"één", "een", 2}, {"abc", "", 3}} {
		if got := tomlfile.Distance(tt.a, tt.b); got != tt.want {
			t.Errorf("Distance(%q, %q) = %d, want %d", tt.a, tt.b, got, tt.want)
		}
	}
}

func FuzzDecode(f *testing.F) {
	f.Add("title = 'x'\n[[room]]\nname = 1\n")
	f.Add("[owner\n= 'x'")
	f.Fuzz(func(t *testing.T, text string) {
		var v house
		if err := tomlfile.Decode("f.toml", []byte(text), &v); err != nil && !strings.Contains(err.Error(), "f.toml") {
			t.Errorf("error without a file name: %v", err)
		}
		tomlfile.Positions([]byte(text))
	})
}
