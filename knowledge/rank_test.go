package knowledge_test

import (
	"testing"

	"wolkwijs/knowledge"
	"wolkwijs/lang"
)

// TestPoints follows the table of docs/knowledge.md, line by line.
func TestPoints(t *testing.T) {
	base, err := knowledge.Load(knowledge.Layer{FS: testBase(t)})
	if err != nil {
		t.Fatal(err)
	}
	const nothing = 8 + 2 + 2 + 2 + 2 // a service of which no source states anything
	for _, tt := range []struct {
		name   string
		change func(*knowledge.Service)
		want   int
	}{
		{"nothing known", func(*knowledge.Service) {}, nothing},
		{"owner in the EU", func(s *knowledge.Service) { s.OwnerCountry = "DE" }, nothing - 8 + 30},
		{"seat in the EU, owner unknown", func(s *knowledge.Service) { s.HQCountry = "NL" }, nothing - 8 + 30},
		{"seat in the EU, owner American", func(s *knowledge.Service) { s.HQCountry, s.OwnerCountry = "NL", "US" }, nothing - 8},
		{"Swiss", func(s *knowledge.Service) { s.HQCountry = "CH" }, nothing - 8 + 25},
		{"European project", func(s *knowledge.Service) { s.HQCountry = "EU" }, nothing - 8 + 30},
		{"sources disagree", func(s *knowledge.Service) { s.HQConflict = []string{"DE", "CH"} }, nothing - 8 + 25},
		{"sources disagree on America", func(s *knowledge.Service) { s.HQConflict = []string{"DE", "US"} }, nothing - 8},
		{"encrypted", func(s *knowledge.Service) { s.E2EE = knowledge.E2EEDefault }, nothing - 2 + 20},
		{"encrypted if you wish", func(s *knowledge.Service) { s.E2EE = knowledge.E2EEOptional }, nothing - 2 + 10},
		{"not encrypted", func(s *knowledge.Service) { s.E2EE = knowledge.E2EENone }, nothing - 2},
		{"said to be unknown", func(s *knowledge.Service) { s.E2EE = "unknown" }, nothing},
		{"open", func(s *knowledge.Service) { s.OpenSource = knowledge.OpenFull }, nothing - 2 + 20},
		{"partly open", func(s *knowledge.Service) { s.OpenSource = knowledge.OpenPartial }, nothing - 2 + 10},
		{"closed", func(s *knowledge.Service) { s.OpenSource = knowledge.OpenNone }, nothing - 2},
		{"Dutch", func(s *knowledge.Service) { s.DutchUI = knowledge.Yes }, nothing - 2 + 10},
		{"free", func(s *knowledge.Service) { s.Free = knowledge.Yes }, nothing - 2 + 8},
		{"paid", func(s *knowledge.Service) { s.Free = knowledge.No }, nothing - 2},
		{"fresh", func(s *knowledge.Service) { s.Checked = knowledge.Date{Year: 2025, Month: 11, Day: 24} }, nothing + 7},
		{"a year old", func(s *knowledge.Service) { s.Checked = knowledge.Date{Year: 2025, Month: 11, Day: 22} }, nothing},
		{"a caution", func(s *knowledge.Service) { s.Caution = lang.Text{NL: "x", EN: "x"} }, nothing - 10},
		{"for experts", func(s *knowledge.Service) { s.Expert = true }, nothing - 20},
		{"beside a service", func(s *knowledge.Service) { s.Beside = true }, nothing - 20},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := &knowledge.Service{Name: "X"}
			tt.change(s)
			if got := base.Points(s, day); got != tt.want {
				t.Errorf("%d points, want %d", got, tt.want)
			}
		})
	}
}

// What says nothing in a category is not worth telling that no source states
// it; elsewhere it is.
func TestMoot(t *testing.T) {
	base, err := knowledge.Load(knowledge.Builtin())
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		category, property string
		moot               bool
	}{
		{"search", "e2ee", true},
		{"browser", "hosting", true},
		{"browser", "dutch_ui", false},
		{"chat", "e2ee", false},
	} {
		for i := range base.Category(tt.category).Services {
			s := &base.Category(tt.category).Services[i]
			if got := base.IsMoot(s, tt.property); got != tt.moot {
				t.Errorf("%s of %s in %s: moot %v, want %v", tt.property, s.Name, tt.category, got, tt.moot)
			}
		}
	}
	if base.IsMoot(&knowledge.Service{}, "e2ee") {
		t.Error("moot for a service of no category")
	}
}
