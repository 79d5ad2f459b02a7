package commands_test

import (
	"strings"
	"testing"

	"wolkwijs/answer"
	"wolkwijs/commands"
	"wolkwijs/knowledge"
)

// builtin answers from the knowledge base of the program, with what blank
// takes out of it.
func builtin(t *testing.T, blank func(*knowledge.Base)) *commands.Service {
	t.Helper()
	store, err := knowledge.Open("")
	if err != nil {
		t.Fatal(err)
	}
	if blank != nil {
		blank(store.Base())
	}
	return commands.New(commands.Options{Knowledge: store})
}

// TestVerdict says which questions that suppose an owner or a country are
// answered with yes or no, and how their answers begin.
func TestVerdict(t *testing.T) {
	s := builtin(t, nil)
	for question, want := range map[string]string{
		"is whatsapp van meta":              "Ja. WhatsApp is van Meta",
		"is whatsapp van google":            "Nee. WhatsApp is van Meta",
		"is chrome van google?":             "Ja. Google Chrome is van Alphabet (Google)",
		"is windows van microsoft":          "Ja. Microsoft Windows is van Microsoft",
		"is thunderbird van mozilla":        "Ja. Thunderbird",
		"does instagram belong to meta":     "Yes. Instagram belongs to Meta",
		"is instagram van whatsapp":         "Instagram is van Meta", // both are Meta's
		"is whatsapp van facebook":          "WhatsApp is van Meta",
		"is openai van microsoft":           "ChatGPT is van OpenAI",
		"is zoom van elon musk":             "Zoom is van Zoom",
		"is signal amerikaans":              "Ja. Signal is van",
		"is signal nog wel europees":        "Nee. Signal is van",
		"is proton mail zwitsers":           "Ja. Proton Mail is van",
		"is proton mail europees":           "Ja. Proton Mail is van",
		"is proton mail uit de eu":          "Nee. Proton Mail is van",
		"is jitsi europees":                 "Deels. Jitsi Meet komt uit Frankrijk en is van 8x8, uit de Verenigde Staten.",
		"is startpage dutch":                "Partly. Startpage is from the Netherlands",
		"is opera noors":                    "Opera is van Kunlun", // where a product is made is not known
		"is signal niet amerikaans":         "",
		"is deepl nederlands of duits":      "",
		"is tiktok verboden in europa":      "",
		"is de muziek van signal duits":     "",
		"is whatsapp van telefoon te halen": "",
	} {
		a := s.Answer(t.Context(), commands.Request{Text: question, Kind: commands.Direct})
		got, _, _ := strings.Cut(answer.Body(a, answer.Options{}), "\n")
		isVerdict := strings.HasPrefix(got, "Ja. ") || strings.HasPrefix(got, "Nee. ") || strings.HasPrefix(got, "Deels. ") || strings.HasPrefix(got, "Yes. ") || strings.HasPrefix(got, "No. ")
		if !strings.HasPrefix(got, want) || want == "" && isVerdict {
			t.Errorf("%q: %q, want %q", question, got, want)
		}
	}
}

// TestNamedThatIsGone asks about entries that a base does not have (any more),
// or of which it says nothing.
func TestNamedThatIsGone(t *testing.T) {
	s := builtin(t, func(base *knowledge.Base) {
		for _, p := range base.Products {
			p.Note.NL, p.Note.EN, p.Owner, p.OwnerCountry = " ", " ", "", ""
		}
		base.Countries = nil
	})
	for _, question := range []string{"is whatsapp veilig", "leest google mijn gmail", "van wie is zoom", "is zoom van microsoft", "whatsapp of telegram", "is signal amerikaans", "is het gratis", "waar staan mijn foto's bij icloud"} {
		if a := s.Answer(t.Context(), commands.Request{Text: question, Kind: commands.Direct, Room: "room"}); a == nil || len(a.Headline) == 0 {
			t.Errorf("%q: no answer", question)
		}
	}
}

// TestBlankTexts answers from a base whose texts say nothing: an operator's
// folder may have such entries until somebody runs the lint.
func TestBlankTexts(t *testing.T) {
	s := builtin(t, func(base *knowledge.Base) {
		for _, topic := range base.Topics {
			topic.Answer.NL = " "
			for i := range topic.Points {
				topic.Points[i].Text.NL = " "
			}
		}
		for _, term := range base.Terms {
			term.Text.NL = "\n"
		}
	})
	for _, question := range []string{"wat is phishing", "is wifi in een hotel veilig om te bankieren", "wat is dnssec", "dat snap ik niet"} {
		s.Answer(t.Context(), commands.Request{Text: question, Kind: commands.Direct, Room: "room"})
	}
}
