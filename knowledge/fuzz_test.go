package knowledge_test

import (
	"strings"
	"testing"
	"testing/fstest"

	"wolkwijs/knowledge"
)

// FuzzLoad holds the loader and lint to this: whatever stands in a file, there
// is no panic; what is refused is refused with a file name, and what is
// accepted can be looked up, counted and printed.
func FuzzLoad(f *testing.F) {
	names := []string{"products.toml", "alternatives/email.toml", "topics/x.toml", "twofactor.toml", "tips.toml", "glossary.toml", "providers.toml", "sources.toml", "countries.toml", "disclaimer.toml"}
	for i, name := range names {
		if file, ok := testBase(f)[name]; ok {
			f.Add(byte(i), string(file.Data))
		}
	}
	f.Add(byte(0), "[[product]]\nnames = [\"\", \"\\u0000\"]\nchecked = 2026-02-30\n")
	f.Add(byte(3), "[[service]]\ndomain = \"..\"\ndomains = [\".\", \"a\"]\nvia = \"..\"\n")
	f.Fuzz(func(t *testing.T, which byte, text string) {
		name := names[int(which)%len(names)]
		layer := knowledge.Layer{FS: fstest.MapFS{name: &fstest.MapFile{Data: []byte(text)}}, Name: "fuzz"}
		if _, err := knowledge.Lint(day, layer); err != nil {
			t.Fatal(err)
		}
		base, err := knowledge.Load(layer)
		if err != nil {
			if faults := knowledge.Faults(err); len(faults) == 0 || faults[0].File != "fuzz/"+name {
				t.Fatalf("refused without a place: %v", err)
			}
			return
		}
		base.Find("gmail", knowledge.AnyKind)
		base.Stats(day)
		var out strings.Builder
		if err := base.Export(&out); err != nil {
			t.Fatal(err)
		}
	})
}

// FuzzFind holds the matcher to this: whatever is looked up, there is no
// panic; each entry comes once and is of the kinds asked for; and a name is
// found under itself.
func FuzzFind(f *testing.F) {
	base, err := knowledge.Load(knowledge.Layer{FS: testBase(f)})
	if err != nil {
		f.Fatal(err)
	}
	for _, seed := range []string{"gmail", "iets anders dan google mail", "wachtwoordkluisjes", "Gööglé–Mail", "’s", "e\u0301\u0301", "\xff\xfe", strings.Repeat("ab", 5000), "👩‍👩‍👧", "İı", "proton"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		for _, kinds := range []knowledge.Kind{knowledge.AnyKind, knowledge.KindProduct, knowledge.KindTwoFactor | knowledge.KindTerm} {
			seen := map[knowledge.Ref]bool{}
			for _, m := range base.Find(text, kinds) {
				if m.Kind&kinds == 0 || seen[m.Ref] {
					t.Errorf("found %v for %q among %v", m, text, kinds)
				}
				seen[m.Ref] = true
				if self := base.Find(m.Name, m.Kind); len(self) == 0 || self[0].How != knowledge.Exact {
					t.Errorf("the name %q does not find itself", m.Name)
				}
			}
			if near := base.Nearest(text, kinds, 2); len(near) > 2 {
				t.Errorf("%d nearest", len(near))
			}
		}
	})
}
