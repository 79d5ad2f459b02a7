package main

import (
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"testing"

	"go.mau.fi/util/dbutil"
	"maunium.net/go/mautrix/crypto"
	"maunium.net/go/mautrix/sqlstatestore"

	"wolkwijs/store"
)

// docs/privacy.md tells of every table that is in the bot's database, and of
// none that is not.
func TestEveryTableIsAccountedFor(t *testing.T) {
	st, err := store.Open(t.Context(), "sqlite:"+filepath.Join(t.TempDir(), "test.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer st.Close()
	if err := sqlstatestore.NewSQLStateStore(st.Database(), dbutil.NoopLogger, false).Upgrade(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := crypto.NewSQLCryptoStore(st.Database(), dbutil.NoopLogger, "test", "DEVICE", []byte("key")).DB.Upgrade(t.Context()); err != nil {
		t.Fatal(err)
	}
	rows, err := st.Database().Query(t.Context(), "SELECT name FROM sqlite_master WHERE type='table' AND name NOT LIKE 'sqlite_%'")
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	var tables []string
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			t.Fatal(err)
		}
		tables = append(tables, name)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}

	var told []string
	for _, row := range regexp.MustCompile("(?m)^\\| (`[a-z_*]+`.*?) \\|").FindAllStringSubmatch(read(t, "docs/privacy.md"), -1) {
		for _, name := range regexp.MustCompile("`([a-z_*]+)`").FindAllStringSubmatch(row[1], -1) {
			told = append(told, name[1])
		}
	}
	covers := func(pattern, table string) bool {
		ok, err := path.Match(pattern, table)
		return ok && err == nil
	}
	for _, table := range tables {
		if !slices.ContainsFunc(told, func(p string) bool { return covers(p, table) }) {
			t.Errorf("docs/privacy.md says nothing about the table %s", table)
		}
	}
	for _, pattern := range told {
		if !slices.ContainsFunc(tables, func(table string) bool { return covers(pattern, table) }) {
			t.Errorf("docs/privacy.md tells of %s, but there is no such table", pattern)
		}
	}
}
