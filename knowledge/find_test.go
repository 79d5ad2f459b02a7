package knowledge_test

import (
	"fmt"
	"strings"
	"testing"

	"wolkwijs/knowledge"
)

// ref writes a match as "kind id", for tables.
func ref(m knowledge.Match) string {
	kinds := map[knowledge.Kind]string{
		knowledge.KindCategory: "category", knowledge.KindProduct: "product", knowledge.KindService: "service",
		knowledge.KindTwoFactor: "2fa", knowledge.KindTopic: "topic", knowledge.KindTerm: "term", knowledge.KindProvider: "provider",
	}
	return kinds[m.Kind] + " " + m.ID
}

func TestFind(t *testing.T) {
	base, err := knowledge.Load(knowledge.Layer{FS: testBase(t)})
	if err != nil {
		t.Fatal(err)
	}
	const offers = knowledge.KindCategory | knowledge.KindProduct | knowledge.KindService
	for _, tt := range []struct {
		text  string
		kinds knowledge.Kind
		how   knowledge.How
		want  string
	}{
		// the name itself, however it is written
		{"gmail", offers, knowledge.Exact, "product gmail"},
		{"GMail", offers, knowledge.Exact, "product gmail"},
		{" g-mail ", offers, knowledge.Exact, "product gmail"},
		{"Google   Mail", offers, knowledge.Exact, "product gmail"},
		{"Góógle Mäil", offers, knowledge.Exact, "product gmail"},
		{"GOOGLEMAIL!", offers, knowledge.Exact, "product gmail"},
		{"outlook.com", offers, knowledge.Exact, "product outlook"},
		{"e‑mail", offers, knowledge.Exact, "category email"},
		{"ｇｍａｉｌ", offers, knowledge.Exact, "product gmail"},
		{"g\u200bmail", offers, knowledge.Exact, "product gmail"},
		// number and size
		{"agenda's", offers, knowledge.Form, "category calendar"},
		{"kalenders", offers, knowledge.Form, "category calendar"},
		{"wachtwoordkluizen", offers, knowledge.Form, "category passwords"},
		{"wachtwoordkluisje", offers, knowledge.Form, "category passwords"},
		{"password managers", offers, knowledge.Form, "category passwords"},
		{"diaries", knowledge.KindTerm, knowledge.Exact, ""},
		// the beginning of names
		{"proton", offers, knowledge.Begins, "service proton-calendar, service proton-mail"},
		{"google", knowledge.KindProduct, knowledge.Begins, "product gmail, product google-workspace, product google-calendar"},
		// in other words
		{"iets anders dan gmail", offers, knowledge.Exact, "product gmail"},
		{"een goed alternatief voor google mail", offers, knowledge.Exact, "product gmail"},
		{"something else than google calendar please", offers, knowledge.Exact, "product google-calendar"},
		{"mijn oude hotmail opheffen", offers, knowledge.Part, "product outlook"},
		// tied together
		{"mailapp", offers, knowledge.Part, "category email"},
		{"gmailaccount", offers, knowledge.Part, "product gmail"},
		{"agendaprogramma's", offers, knowledge.Part, "category calendar"},
		// typing errors
		{"gmial", offers, knowledge.Typo, "product gmail"},
		{"hotmial", offers, knowledge.Typo, "product outlook"},
		{"wachtwordkluis", offers, knowledge.Typo, "category passwords"},
		{"paswordmanger", offers, knowledge.Typo, "category passwords"},
		{"iets voor gmial", offers, knowledge.Typo, "product gmail"},
		{"spff", knowledge.KindTerm, knowledge.Form, "term spf"},
		{"spx", knowledge.KindTerm, knowledge.Exact, ""},
		// only the kinds asked for
		{"tuta", knowledge.KindCategory, knowledge.Exact, ""},
		{"2fa", knowledge.KindTopic, knowledge.Exact, "topic 2fa"},
		{"gmail.com", knowledge.KindTwoFactor, knowledge.Exact, "2fa google.com"},
		// nothing
		{"", knowledge.AnyKind, knowledge.Exact, ""},
		{"   ", knowledge.AnyKind, knowledge.Exact, ""},
		{"🤷", knowledge.AnyKind, knowledge.Exact, ""},
		{"qxzwv", knowledge.AnyKind, knowledge.Exact, ""},
		{strings.Repeat("gmail", 2000), knowledge.AnyKind, knowledge.Exact, ""},
	} {
		t.Run(fmt.Sprintf("%.40s", tt.text), func(t *testing.T) {
			var got []string
			for _, m := range base.Find(tt.text, tt.kinds) {
				got = append(got, ref(m))
				if m.How != tt.how {
					t.Errorf("%s is found in way %d, want %d", ref(m), m.How, tt.how)
				}
			}
			if s := strings.Join(got, ", "); s != tt.want {
				t.Errorf("Find(%q) = %q, want %q", tt.text, s, tt.want)
			}
		})
	}
}

func TestNearest(t *testing.T) {
	base, err := knowledge.Load(knowledge.Layer{FS: testBase(t)})
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		text string
		want string
	}{
		{"startpost", "service startmail, service posteo"},
		{"googel calender", "product google-calendar, category calendar"},
		{"protonpost", "service proton-mail, service proton-calendar"},
		{"qxzwv", ""},
		{"", ""},
	} {
		var got []string
		for _, m := range base.Nearest(tt.text, knowledge.KindCategory|knowledge.KindProduct|knowledge.KindService, 2) {
			got = append(got, ref(m))
		}
		if s := strings.Join(got, ", "); s != tt.want {
			t.Errorf("Nearest(%q) = %q, want %q", tt.text, s, tt.want)
		}
	}
}

func TestTwoFactorOf(t *testing.T) {
	base, err := knowledge.Load(knowledge.Layer{FS: testBase(t)})
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct{ domain, want string }{
		{"bol.com", "bol.com"},
		{"BOL.com.", "bol.com"},
		{"mijn.bol.com", "bol.com"},
		{"cloud.google.com", "cloud.google.com"}, // not its parent
		{"www.youtube.com", "google.com"},        // another domain of it
		{"notbol.com", ""},
		{"com", ""},
		{"", ""},
		{"...", ""},
	} {
		got := ""
		if f := base.TwoFactorOf(tt.domain); f != nil {
			got = f.Domain
		}
		if got != tt.want {
			t.Errorf("TwoFactorOf(%q) = %q, want %q", tt.domain, got, tt.want)
		}
	}
}
