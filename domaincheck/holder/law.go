package holder

import (
	"wolkwijs/knowledge"
	"wolkwijs/lang"
)

// unknownLaw is the jurisdiction of nobody we know.
const unknownLaw = "unknown"

// groups are the countries that share law on personal data, as the groups of
// countries.toml (a test keeps them the same). What is not here is "other".
var groups = map[string]string{
	"US": "US", "CH": "CH", "GB": "GB", "IS": "EEA", "LI": "EEA", "NO": "EEA", "EU": "EU",
	"AT": "EU", "BE": "EU", "BG": "EU", "CY": "EU", "CZ": "EU", "DE": "EU", "DK": "EU", "EE": "EU", "ES": "EU",
	"FI": "EU", "FR": "EU", "GR": "EU", "HR": "EU", "HU": "EU", "IE": "EU", "IT": "EU", "LT": "EU", "LU": "EU",
	"LV": "EU", "MT": "EU", "NL": "EU", "PL": "EU", "PT": "EU", "RO": "EU", "SE": "EU", "SI": "EU", "SK": "EU",
}

// Group returns the group of laws of a country: US, EU, EEA, CH, GB, other,
// or unknown for the empty string.
func Group(country string) string {
	if country == "" {
		return unknownLaw
	}
	if g := groups[country]; g != "" {
		return g
	}
	return "other"
}

// law says which group of laws reaches a provider and whether the CLOUD Act
// does. The company's own seat in the United States counts as much as its
// owner's: 18 U.S.C. § 2713 binds every provider that American courts have
// jurisdiction over, wherever the data is. Where the owner is not known, the
// law of the company's own seat applies at least, and whether the CLOUD Act
// does is unknown, unless that seat is American.
func law(p knowledge.Provider) (jurisdiction, cloudAct string) {
	jurisdiction = Group(p.OwnerCountry)
	if p.HQCountry == "US" || p.OwnerCountry == "" {
		jurisdiction = Group(p.HQCountry)
	}
	switch {
	case p.CloudAct == knowledge.Yes || p.CloudAct == knowledge.No:
		cloudAct = string(p.CloudAct)
	case jurisdiction == "US":
		cloudAct = string(knowledge.Yes)
	case p.OwnerCountry == "":
		cloudAct = string(knowledge.Unknown)
	default:
		cloudAct = string(knowledge.No)
	}
	return jurisdiction, cloudAct
}

// CloudActSource is the text of the law that [Function.CloudAct] is about.
const CloudActSource = "https://uscode.house.gov/view.xhtml?req=granuleid:USC-prelim-title18-section2713"

// Reason says in a sentence or two why American law can or cannot reach the
// provider, in our own words and names of companies that we know. It is no
// legal advice.
func (f Function) Reason() lang.Text {
	company := f.Name
	if company == "" {
		company = f.Network
	}
	switch {
	case f.Provider == None:
		return lang.Text{}
	case f.Provider == SelfHosted && f.CloudAct == string(knowledge.No):
		return lang.Text{
			NL: "De server is van het domein zelf, dus geldt de wet van wie hem beheert.",
			EN: "The server is the domain's own, so the law of whoever runs it applies.",
		}
	case f.CloudAct == string(knowledge.Yes) && f.Name == "" && (f.Stranger || f.Network == ""):
		return lang.Text{
			NL: "Het bedrijf van het netwerk waar de server in staat, ken ik niet. De CLOUD Act kan gelden.",
			EN: "I do not know the company whose network the server is in. The CLOUD Act can apply.",
		}
	case f.CloudAct == string(knowledge.Yes) && f.HQCountry != "US" && f.CompanyCountry != "US":
		return lang.Text{
			NL: company + " werkt ook vanuit de Verenigde Staten. De CLOUD Act kan dan gelden, waar de server ook staat.",
			EN: company + " also works from the United States. The CLOUD Act can then apply, wherever the server is.",
		}
	case f.CloudAct == string(knowledge.Yes):
		return lang.Text{
			NL: company + " valt onder Amerikaans recht. De CLOUD Act kan gelden, waar de server ook staat.",
			EN: company + " is under American law. The CLOUD Act can apply, wherever the server is.",
		}
	case f.CloudAct == string(knowledge.No):
		return lang.Text{
			NL: "Ik ken geen band met de VS waardoor de CLOUD Act geldt.",
			EN: "I know of no tie to the US that makes the CLOUD Act apply.",
		}
	case f.Owner != "":
		return lang.Text{
			NL: "Of de CLOUD Act geldt, weet ik niet.",
			EN: "Whether the CLOUD Act applies, I do not know.",
		}
	default:
		return lang.Text{
			NL: "Van wie het bedrijf is, weet ik niet, en dus ook niet of de CLOUD Act geldt.",
			EN: "I do not know who owns the company, so nor whether the CLOUD Act applies.",
		}
	}
}

// Places tells in one sentence where the server is registered, where the
// company has its seat and where its owner has: three facts that need not
// agree. What is not known is left out; the zero Text means that nothing is
// known. name gives the name of a country.
func (f Function) Places(name func(country string) lang.Text) lang.Text {
	company, owner := f.CompanyCountry, f.ownerCountry
	if f.Provider == SelfHosted {
		company, owner = "", ""
	}
	if f.ServerCountry != "" && f.ServerCountry == company && company == owner {
		n := name(owner)
		return lang.Text{
			NL: "Het adres van de server, het bedrijf en de eigenaar: alle drie in " + n.NL + ".",
			EN: "The server's address, the company and its owner: all three in " + n.EN + ".",
		}
	}
	var nl, en []string
	add := func(country, dutch, english string) {
		n := name(country)
		nl, en = append(nl, dutch+n.NL), append(en, english+n.EN)
	}
	if f.ServerCountry != "" {
		add(f.ServerCountry, "het adres van de server is geregistreerd in ", "the server's address is registered in ")
	}
	switch {
	case company != "" && company == owner:
		add(owner, "het bedrijf en de eigenaar zitten in ", "the company and its owner are in ")
	case company != "":
		add(company, "het bedrijf zit in ", "the company is in ")
	}
	switch {
	case owner != "" && company != owner:
		add(owner, "de eigenaar ("+f.Owner+") in ", "its owner ("+f.Owner+") in ")
	case owner == "" && company != "" && f.Owner != "":
		nl, en = append(nl, "is van "+f.Owner), append(en, "belongs to "+f.Owner)
	}
	if len(nl) == 0 {
		return lang.Text{}
	}
	text := lang.Text{NL: sentence(nl, " en "), EN: sentence(en, " and ")}
	if len(nl) == 2 && company == owner {
		text = lang.Text{NL: sentence(nl, "; "), EN: sentence(en, "; ")} // the second clause has an "and" of its own
	}
	return text
}

// sentence joins clauses into one sentence with a capital and a full stop.
func sentence(clauses []string, and string) string {
	s := clauses[0]
	for i, c := range clauses[1:] {
		if i == len(clauses)-2 {
			s += and + c
		} else {
			s += ", " + c
		}
	}
	return string(s[0]-'a'+'A') + s[1:] + "."
}
