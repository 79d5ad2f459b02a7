package knowledge_test

import (
	"os"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"testing/fstest"

	"wolkwijs/knowledge"
)

// guide reads the editor's guide.
func guide(t *testing.T) string {
	t.Helper()
	data, err := os.ReadFile("../docs/knowledge.md")
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// tomlBlock is a block of TOML in the guide, with the file it belongs in.
var tomlBlock = regexp.MustCompile("(?s)```toml\n# (\\S+)\n(.*?)```")

func TestTheWorkedExampleIsRight(t *testing.T) {
	example := fstest.MapFS{}
	for _, m := range tomlBlock.FindAllStringSubmatch(guide(t), -1) {
		if m[1] != "config.toml" {
			// The heading stays, so that the lines are those of the guide's reader.
			example[m[1]] = &fstest.MapFile{Data: []byte("# " + m[1] + "\n" + m[2])}
		}
	}
	if len(example) != 1 {
		t.Fatalf("%d examples", len(example))
	}
	lint := func() (own []knowledge.Finding) {
		found, err := knowledge.Lint(day, knowledge.Builtin(), knowledge.Layer{FS: example, Name: "own"})
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range found {
			if strings.HasPrefix(f.File, "own/") {
				own = append(own, f)
			}
		}
		return own
	}
	for _, f := range lint() {
		t.Error(f)
	}
	file := example["alternatives/email.toml"]
	file.Data = []byte(strings.Replace(string(file.Data), `hq_country = "NL"`, `hq_country = "Holland"`, 1))
	if found := lint(); len(found) != 1 || !strings.Contains(guide(t), found[0].String()) {
		t.Errorf("the mistake made on purpose is reported as %v, which the guide does not say", found)
	}
}

func TestTheGuideNamesEveryKey(t *testing.T) {
	text := guide(t)
	seen := map[reflect.Type]bool{}
	var check func(typ reflect.Type)
	check = func(typ reflect.Type) {
		for typ.Kind() == reflect.Slice {
			typ = typ.Elem()
		}
		if typ.Kind() != reflect.Struct || seen[typ] || typ.PkgPath() != "wolkwijs/knowledge" {
			return
		}
		seen[typ] = true
		for f := range typ.Fields() {
			key := f.Tag.Get("toml")
			if key != "" && !strings.Contains(text, "`"+key+"`") && !strings.Contains(text, "["+key+"]") {
				t.Errorf("the guide does not name %s of %s", key, typ.Name())
			}
			check(f.Type)
		}
	}
	for _, file := range []any{
		knowledge.AlternativesFile{}, knowledge.ProductsFile{}, knowledge.TwoFactorFile{}, knowledge.TopicFile{}, knowledge.TipsFile{},
		knowledge.GlossaryFile{}, knowledge.CountriesFile{}, knowledge.SourcesFile{}, knowledge.ProvidersFile{}, knowledge.DisclaimerFile{},
	} {
		check(reflect.TypeOf(file))
	}
}
