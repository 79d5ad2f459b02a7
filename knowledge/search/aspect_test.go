package search_test

import (
	"slices"
	"testing"

	"wolkwijs/knowledge/search"
)

// TestAspect says what questions want to know, and of what.
func TestAspect(t *testing.T) {
	x := index(t)
	for _, tt := range []struct {
		question string
		aspect   search.Aspect
		named    []string
	}{
		{"van wie is zoom", search.Owner, []string{"zoom"}},
		{"is signal amerikaans", search.Owner, []string{"signal"}},
		{"is startpage dutch", search.Owner, []string{"startpage"}},
		{"komt ecosia uit duitsland", search.Owner, []string{"ecosia"}},
		{"is whatsapp van facebook", search.Owner, []string{"whatsapp", "facebook"}},
		{"is signal veilig", search.Safety, []string{"signal"}},
		{"kan ik dropbox vertrouwen", search.Safety, []string{"dropbox"}},
		{"does whatsapp sell my data", search.Safety, []string{"whatsapp"}},
		{"is telegram versleuteld", search.Encryption, []string{"telegram"}},
		{"waar staat mijn data bij dropbox", search.Place, []string{"dropbox"}},
		{"what does proton vpn cost", search.Price, []string{"proton-vpn"}},
		{"is signal gratis", search.Price, []string{"signal"}},
		{"is bitwarden open source", search.Source, []string{"bitwarden"}},
		{"is deepl in het nederlands", search.Dutch, []string{"deepl"}},
		{"can i self host nextcloud", search.SelfHost, []string{"nextcloud"}},
		{"wat vind je van threema", search.Opinion, []string{"threema"}},
		{"wat is veiliger, signal of threema", search.Difference, []string{"signal", "threema"}},
		{"signal of threema", search.Difference, []string{"signal", "threema"}},
		{"is signal net zo makkelijk als whatsapp", search.Difference, []string{"signal", "whatsapp"}},
		{"is proton echt beter dan gmail", search.Difference, []string{"gmail", "proton-mail"}},
		{"wie kan die beelden zien van mijn ring deurbel", search.Encryption, []string{"ring"}},
		{"is nordvpn goed?", search.Safety, []string{"nordvpn"}},
		{"kan libreoffice mijn oude word documenten openen", search.Opinion, []string{"libreoffice"}},
		// Who wants something else does not ask about what they have.
		{"gratis alternatief voor zoom", search.NoAspect, []string{"zoom"}},
		{"is er een veilige vervanger voor dropbox", search.NoAspect, []string{"dropbox"}},
		{"ik wil van gmail af, is dat veilig", search.NoAspect, []string{"gmail"}},
		{"hoe zet ik 2fa aan bij dropbox", search.NoAspect, []string{"dropbox"}},
		{"mijn facebook is gehackt, is dat gevaarlijk", search.NoAspect, []string{"facebook"}},
		{"skype stopt, wat anders", search.NoAspect, []string{"skype"}},
		{"zoom", search.NoAspect, []string{"zoom"}},
	} {
		got := x.Ask(tt.question, "")
		var named []string
		for _, ref := range got.Named {
			named = append(named, ref.ID)
		}
		if got.Aspect != tt.aspect || !slices.Equal(named, tt.named) {
			t.Errorf("%q: aspect %d of %q, want %d of %q", tt.question, got.Aspect, named, tt.aspect, tt.named)
		}
	}
}

// TestBrand says what questions are about that name only what several products
// have in common.
func TestBrand(t *testing.T) {
	x := index(t)
	for question, known := range map[string]bool{
		"is proton betrouwbaar":         true,
		"who owns proton":               true,
		"is microsoft te vertrouwen":    true,
		"is het weer betrouwbaar":       false,
		"is public wifi safe":           false,
		"wat is de wortel van negen":    false,
		"wat kost een iphone 17":        false,
		"is open wifi gevaarlijk thuis": false,
	} {
		if got := x.Ask(question, ""); (len(got.Brand) > 1) != known {
			t.Errorf("%q: may mean %v, want several: %v", question, got.Brand, known)
		}
	}
}
