package domaincheck_test

import (
	"os"
	"regexp"
	"slices"
	"testing"

	"wolkwijs/domaincheck"
)

// TestFindingsAreDocumented holds docs/check.md to the list of IDs.
func TestFindingsAreDocumented(t *testing.T) {
	text, err := os.ReadFile("../docs/check.md")
	if err != nil {
		t.Fatal(err)
	}
	row := regexp.MustCompile("(?m)^\\| [^|]+ \\|( `[a-z0-9-]+`)+ \\|")
	var documented []string
	for _, line := range row.FindAllString(string(text), -1) {
		for _, id := range regexp.MustCompile("`([a-z0-9-]+)`").FindAllStringSubmatch(line, -1) {
			documented = append(documented, id[1])
		}
	}
	for _, id := range domaincheck.IDs() {
		if !slices.Contains(documented, id) {
			t.Errorf("%s is not in docs/check.md", id)
		}
	}
	for _, id := range documented {
		if !slices.Contains(domaincheck.IDs(), id) {
			t.Errorf("docs/check.md has %s, which is no finding", id)
		}
	}
}
