package knowledge_test

import (
	"encoding/json"
	"maps"
	"strings"
	"testing"

	"wolkwijs/knowledge"
)

func TestStats(t *testing.T) {
	base, err := knowledge.Load(knowledge.Layer{FS: testBase(t)})
	if err != nil {
		t.Fatal(err)
	}
	s := base.Stats(day)
	wantEntries := map[string]int{
		"categories": 3, "alternatives": 10, "products": 4, "twofactor": 7, "topics": 2, "lessons": 2, "tips": 1,
		"terms": 3, "countries": 6, "providers": 1, "sources": 2,
	}
	if !maps.Equal(s.Entries, wantEntries) {
		t.Errorf("entries %v, want %v", s.Entries, wantEntries)
	}
	if want := (knowledge.CategoryStats{ID: "email", Services: 7, European: 6, Dutch: 1}); s.Categories[1] != want {
		t.Errorf("%+v, want %+v", s.Categories[1], want)
	}
	for field, want := range map[string]knowledge.Known{
		"hq_country": {Known: 7, Unknown: 2, Disputed: 1},
		"owner":      {Known: 4, Unknown: 6},
		"hosting":    {Known: 1, Unknown: 9},
		"caution":    {Known: 1, Unknown: 9},
	} {
		if got := s.Fields[field]; got != want {
			t.Errorf("%s %+v, want %+v", field, got, want)
		}
	}
	if s.Languages["nl"] == 0 || s.Sources["catalogue"] == 0 || s.Sources["posteo.example.com"] != 1 || s.Countries["DE"] != 3 || s.Countries["disputed"] != 1 {
		t.Errorf("languages %v, sources %v, countries %v", s.Languages, s.Sources, s.Countries)
	}
	if s.Methods["none"] != 1 || s.Methods["via"] != 1 || s.Methods["totp"] != 3 {
		t.Errorf("methods %v", s.Methods)
	}
	if s.WithoutSource != 0 || s.WithoutDate != 0 || s.Stale != 2 {
		t.Errorf("%d without source, %d without date, %d stale", s.WithoutSource, s.WithoutDate, s.Stale)
	}
}

func TestExportHasTheKeysOfTheFiles(t *testing.T) {
	base, err := knowledge.Load(knowledge.Layer{FS: testBase(t)})
	if err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	if err := base.Export(&out); err != nil {
		t.Fatal(err)
	}
	var got struct {
		Alternatives []struct {
			Category struct{ ID string }
			Service  []struct {
				ID         string
				HQConflict []string `json:"hq_conflict"`
				Text       struct{ NL, EN string }
				Checked    string
			}
		}
		TwoFactor []struct {
			Domain string
			Via    string
		}
	}
	if err := json.Unmarshal([]byte(out.String()), &got); err != nil {
		t.Fatal(err)
	}
	hidemail := got.Alternatives[1].Service[4]
	if hidemail.ID != "hidemail" || strings.Join(hidemail.HQConflict, " ") != "CH FR" || hidemail.Checked != "2026-03-01" || hidemail.Text.EN == "" {
		t.Errorf("%+v", hidemail)
	}
	if last := got.TwoFactor[len(got.TwoFactor)-1]; last.Domain != "mijnoverheid.nl" || last.Via != "digid.nl" {
		t.Errorf("%+v", last)
	}
	if strings.Contains(out.String(), `""`) {
		t.Error("what is empty is printed")
	}
}
