package search_test

import (
	"slices"
	"strings"
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
		{"is signal veilig", search.Trust, []string{"signal"}},
		{"kan ik dropbox vertrouwen", search.Trust, []string{"dropbox"}},
		{"does whatsapp sell my data", search.Trust, []string{"whatsapp"}},
		{"is telegram versleuteld", search.Encryption, []string{"telegram"}},
		{"waar staat mijn data bij dropbox", search.DataPlace, []string{"dropbox"}},
		{"what does proton vpn cost", search.Price, []string{"proton-vpn"}},
		{"is signal gratis", search.Price, []string{"signal"}},
		{"is bitwarden open source", search.Source, []string{"bitwarden"}},
		{"is deepl in het nederlands", search.Dutch, []string{"deepl"}},
		{"can i self host nextcloud", search.SelfHost, []string{"nextcloud"}},
		{"wat vind je van threema", search.Opinion, []string{"threema"}},
		{"wat is veiliger, signal of threema", search.Difference, []string{"signal", "threema"}},
		{"signal of threema", search.Difference, []string{"signal", "threema"}},
		{"can google read my gmail", search.Encryption, []string{"gmail", "google-search"}},
		{"hoi, weet je of signal veilig is?", search.Trust, []string{"signal"}},
		{"Is de Signal app wel echt veilig?", search.Trust, []string{"signal"}},
		{"is signal net zo makkelijk als whatsapp", search.Difference, []string{"signal", "whatsapp"}},
		{"staan mijn foto's bij icloud in europa", search.DataPlace, []string{"icloud"}},
		{"leest google mijn mail", search.Encryption, []string{"gmail"}},
		{"kan google mijn foto's zien", search.Encryption, []string{"google-photos"}},
		{"zijn instagram berichten versleuteld", search.Encryption, []string{"instagram"}},
		{"kan microsoft mijn onedrive bestanden zien", search.Encryption, []string{"onedrive"}},
		{"is teams van microsoft veilig", search.Trust, []string{"microsoft-teams"}},
		{"zijn whatsapp en instagram veilig", search.Trust, []string{"whatsapp", "instagram"}},
		{"is whatsapp gratis", search.Price, []string{"whatsapp"}},
	} {
		got := x.Ask(tt.question, "")
		var named []string
		for _, ref := range got.Asked.Named {
			named = append(named, ref.ID)
		}
		if got.Asked.Aspect != tt.aspect || !slices.Equal(named, tt.named) {
			t.Errorf("%q: aspect %d of %q, want %d of %q", tt.question, got.Asked.Aspect, named, tt.aspect, tt.named)
		}
	}
}

// TestNoAspect says which questions are about something else, though they name
// a product and hold the same words.
func TestNoAspect(t *testing.T) {
	x := index(t)
	for _, question := range strings.Split(strings.TrimSpace(`
gratis alternatief voor zoom
is er een veilige vervanger voor dropbox
ik wil van gmail af, is dat veilig
hoe zet ik 2fa aan bij dropbox
mijn facebook is gehackt, is dat gevaarlijk
zoom
gratis vpn voor iphone
welke browser is veilig op android
nederlandse vpn voor windows
best free email app for iphone
is signal op android veilig
is overzetten van lastpass naar bitwarden veilig
hoe kan ik mijn gmail lezen in thunderbird
gmail maar dan europees
nederlandse whatsapp
ik wil iets veiligers dan whatsapp
wat is beter dan zoom
hoe zet ik signal in het nederlands
i cannot read my mail in outlook
is deze mail van paypal veilig
is een link via whatsapp veilig
is tiktok verboden in europa
does tiktok send data to china
is netflix in het engels
is signal niet amerikaans
is deepl nederlands of duits
kost whatsapp veel batterij
kan ik met apple pay betalen bij ah
wat kost een iphone
is amazon van jeff bezos te vertrouwen als baas
is dropbox te duur
dropbox is te duur
ik wil niet meer betalen voor word en excel
is deze link veilig
is dat mailtje te vertrouwen
van wie is deze bot
kost dat veel tijd
is het oorlog in amerika
waar staat dat in de instellingen
is that free of ads
`), "\n") {
		if got := x.Ask(question, ""); got.Asked.Aspect != search.NoAspect {
			t.Errorf("%q: aspect %d of %v", question, got.Asked.Aspect, got.Asked)
		}
	}
}

// TestAgain says which questions go on about what was named before.
func TestAgain(t *testing.T) {
	x := index(t)
	for question, want := range map[string]search.Asked{
		"is het gratis?":             {Aspect: search.Price, Again: search.ByPronoun},
		"en is dat open source":      {Aspect: search.Source, Again: search.ByPronoun},
		"van wie is het":             {Aspect: search.Owner, Again: search.ByPronoun},
		"is dat amerikaans":          {Aspect: search.Owner, Again: search.ByPronoun, Country: "US"},
		"who owns it":                {Aspect: search.Owner, Again: search.ByPronoun},
		"how much is it?":            {Aspect: search.Price, Again: search.ByPronoun},
		"en in het nederlands?":      {Aspect: search.Dutch, Again: search.ByNothing},
		"nederlands?":                {Aspect: search.Dutch, Again: search.ByNothing},
		"en gratis":                  {Aspect: search.Price, Again: search.ByNothing},
		"van wie?":                   {Aspect: search.Owner, Again: search.ByNothing},
		"kan ik het zelf draaien":    {Aspect: search.SelfHost, Again: search.ByPronoun},
		"is die laatste veilig":      {},
		"ik heb dat gratis gekregen": {},
	} {
		got := x.Ask(question, "").Asked
		if got.Aspect != want.Aspect || got.Again != want.Again || got.Country != want.Country {
			t.Errorf("%q: %+v, want %+v", question, got, want)
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
		if got := x.Ask(question, ""); (len(got.Asked.Brand) > 1) != known {
			t.Errorf("%q: may mean %v, want several: %v", question, got.Asked.Brand, known)
		}
	}
}
