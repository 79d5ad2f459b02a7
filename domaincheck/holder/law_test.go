package holder_test

import (
	"os"
	"testing"

	"wolkwijs/domaincheck/holder"
	"wolkwijs/knowledge"
	"wolkwijs/lang"
	"wolkwijs/tomlfile"
)

// countries are those of the knowledge base.
func countries(t *testing.T) []knowledge.Country {
	t.Helper()
	const name = "../../knowledge/data/countries.toml"
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	var f knowledge.CountriesFile
	if err := tomlfile.Decode(name, data, &f); err != nil {
		t.Fatal(err)
	}
	return f.Countries
}

// TestGroups are the groups of the knowledge base.
func TestGroups(t *testing.T) {
	for _, c := range countries(t) {
		if got := holder.Group(c.ID); got != c.Group {
			t.Errorf("%s: got %s, want %s", c.ID, got, c.Group)
		}
	}
	if got := holder.Group(""); got != "unknown" {
		t.Errorf("no country: got %s", got)
	}
}

// mailFrom is the mail row of example.org at a made-up provider.
func mailFrom(p knowledge.Provider, server string) holder.Function {
	p.ID, p.Name, p.Roles, p.MX = "hostco", "Hostco", []string{knowledge.RoleMailbox}, []string{"hostco.example"}
	s := holder.Signals{Domain: "example.org", MX: []holder.Host{at("mx.hostco.example", 64500, server)}}
	return holder.Classify(holder.NewTable([]knowledge.Provider{p}), s)[0]
}

// TestLaw follows the owner and the company's own seat, never the server.
func TestLaw(t *testing.T) {
	for _, row := range []struct {
		name           string
		provider       knowledge.Provider
		server         string
		law, cloudAct  string
		dutch, english string // where server, company and owner are
		reason         string // whether the CLOUD Act applies
	}{
		{
			"American through and through", knowledge.Provider{Owner: "Hostco Inc.", OwnerCountry: "US", HQCountry: "US"}, "NL", "US", "yes",
			"Het adres van de server is geregistreerd in Nederland; het bedrijf en de eigenaar zitten in de Verenigde Staten.",
			"The server's address is registered in the Netherlands; the company and its owner are in the United States.",
			"Hostco is under American law. The CLOUD Act can apply, wherever the server is.",
		},
		{
			"Dutch company of an American owner", knowledge.Provider{Owner: "Bigco", OwnerCountry: "US", HQCountry: "NL"}, "NL", "US", "yes",
			"Het adres van de server is geregistreerd in Nederland, het bedrijf zit in Nederland en de eigenaar (Bigco) in de Verenigde Staten.",
			"The server's address is registered in the Netherlands, the company is in the Netherlands and its owner (Bigco) in the United States.",
			"Hostco is under American law. The CLOUD Act can apply, wherever the server is.",
		},
		{
			"American company of a German owner", knowledge.Provider{Owner: "Grossco", OwnerCountry: "DE", HQCountry: "US"}, "", "US", "yes",
			"Het bedrijf zit in de Verenigde Staten en de eigenaar (Grossco) in Duitsland.",
			"The company is in the United States and its owner (Grossco) in Germany.",
			"Hostco is under American law. The CLOUD Act can apply, wherever the server is.",
		},
		{
			"all in one country", knowledge.Provider{Owner: "Hostco BV", OwnerCountry: "NL", HQCountry: "NL"}, "NL", "EU", "no",
			"Het adres van de server, het bedrijf en de eigenaar: alle drie in Nederland.",
			"The server's address, the company and its owner: all three in the Netherlands.",
			"I know of no tie to the US that makes the CLOUD Act apply.",
		},
		{
			"a European company that also works from America", knowledge.Provider{Owner: "Hostco BV", OwnerCountry: "NL", HQCountry: "NL", CloudAct: knowledge.Yes}, "", "EU", "yes",
			"Het bedrijf en de eigenaar zitten in Nederland.",
			"The company and its owner are in the Netherlands.",
			"Hostco also works from the United States. The CLOUD Act can then apply, wherever the server is.",
		},
		{
			"owner unknown", knowledge.Provider{HQCountry: "CH"}, "", "CH", "unknown",
			"Het bedrijf zit in Zwitserland.",
			"The company is in Switzerland.",
			"I do not know who owns the company, so nor whether the CLOUD Act applies.",
		},
		{
			"owner known, its country not", knowledge.Provider{Owner: "Bigco and Smallco", HQCountry: "NL"}, "NL", "EU", "unknown",
			"Het adres van de server is geregistreerd in Nederland, het bedrijf zit in Nederland en is van Bigco and Smallco.",
			"The server's address is registered in the Netherlands, the company is in the Netherlands and belongs to Bigco and Smallco.",
			"Whether the CLOUD Act applies, I do not know.",
		},
		{"nothing known", knowledge.Provider{}, "", "unknown", "unknown", "", "", "I do not know who owns the company, so nor whether the CLOUD Act applies."},
	} {
		t.Run(row.name, func(t *testing.T) {
			names := map[string]lang.Text{}
			for _, c := range countries(t) {
				names[c.ID] = c.Name
			}
			name := func(country string) lang.Text { return names[country] }
			f := mailFrom(row.provider, row.server)
			if f.Jurisdiction != row.law || f.CloudAct != row.cloudAct {
				t.Errorf("got %s, CLOUD Act %s; want %s, %s", f.Jurisdiction, f.CloudAct, row.law, row.cloudAct)
			}
			if got := f.Places(name); got != (lang.Text{NL: row.dutch, EN: row.english}) {
				t.Errorf("places:\n got %q\n     %q", got.NL, got.EN)
			}
			if got := f.Reason().EN; got != row.reason {
				t.Errorf("reason: got %q", got)
			}
		})
	}
}

// TestOwnServer has the law of the country of its address, or that of the
// company the server is rented from.
func TestOwnServer(t *testing.T) {
	for _, row := range []struct {
		asn      uint32
		country  string
		law, act string
	}{
		{kpn, "NL", "EU", "no"},
		{azureAS, "NL", "US", "yes"},
		{64500, "", "unknown", "unknown"},
	} {
		s := holder.Signals{Domain: "example.org", MX: []holder.Host{at("mail.example.org", row.asn, row.country)}}
		f := holder.Classify(table(t), s)[0]
		if f.Provider != holder.SelfHosted || f.Jurisdiction != row.law || f.CloudAct != row.act {
			t.Errorf("AS%d: got %s, %s, %s", row.asn, f.Provider, f.Jurisdiction, f.CloudAct)
		}
	}
}
