package holder_test

import (
	"os"
	"path/filepath"
	"testing"

	"wolkwijs/domaincheck/holder"
	"wolkwijs/knowledge"
	"wolkwijs/tomlfile"
)

// providers are those of the knowledge base.
func providers(tb testing.TB) []knowledge.Provider {
	tb.Helper()
	files, err := filepath.Glob("../../knowledge/data/providers/*.toml")
	if err != nil || len(files) == 0 {
		tb.Fatalf("no provider files: %v", err)
	}
	var all []knowledge.Provider
	for _, name := range files {
		data, err := os.ReadFile(name)
		if err != nil {
			tb.Fatal(err)
		}
		var f knowledge.ProvidersFile
		if err := tomlfile.Decode(name, data, &f); err != nil {
			tb.Fatal(err)
		}
		all = append(all, f.Providers...)
	}
	return all
}

// compiled is the table, made when the first test needs it.
var compiled *holder.Table

// table is the compiled table of the knowledge base.
func table(tb testing.TB) *holder.Table {
	tb.Helper()
	if compiled == nil {
		compiled = holder.NewTable(providers(tb))
	}
	return compiled
}
