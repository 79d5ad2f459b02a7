// Package knowledge is what Wolkwijs knows: TOML files that a volunteer can
// read and edit, embedded in the binary and, where an operator wishes,
// overridden or added to from a folder. It loads, checks, looks up and
// searches them; it knows nothing of chat and nothing of DNS.
//
// The types in this file are the files: one struct per table, one field per
// key. docs/knowledge.md explains them to editors.
//
// May import: tomlfile, github.com/pelletier/go-toml/v2, golang.org/x/text.
package knowledge

import (
	"strings"

	"github.com/pelletier/go-toml/v2"

	"wolkwijs/lang"
)

// Date is a day without a time zone, as TOML's local date.
type Date = toml.LocalDate

// Openness says how much of a service's source code is open.
type Openness string

// The degrees of openness. The empty string means Unknown in a file.
const (
	OpenFull    Openness = "full"
	OpenPartial Openness = "partial" // for example the apps but not the server
	OpenNone    Openness = "none"
)

// E2EE says whether a service encrypts end to end.
type E2EE string

// The degrees of end-to-end encryption.
const (
	E2EEDefault  E2EE = "default"
	E2EEOptional E2EE = "optional"
	E2EENone     E2EE = "none"
)

// Tri is yes, no or unknown (the empty string and "unknown" are the same).
type Tri string

// The values of a Tri.
const (
	Yes     Tri = "yes"
	No      Tri = "no"
	Unknown Tri = "unknown" // also of Openness and E2EE
)

// Sourced is what every entry carries: where its facts come from and the day
// on which the source said so. A source is the ID of a row in sources.toml or
// an https: URL.
type Sourced struct {
	Sources []string `toml:"sources"`
	Checked Date     `toml:"checked"`
}

// AlternativesFile is alternatives/<category>.toml.
type AlternativesFile struct {
	Category Category  `toml:"category"`
	Services []Service `toml:"service"`
}

// Category is a kind of service, such as "email".
type Category struct {
	ID        string     `toml:"id"`
	Name      lang.Text  `toml:"name"`       // for a heading: "e-mail"
	Names     lang.Texts `toml:"names"`      // other words for it, singular and plural
	Intro     lang.Text  `toml:"intro"`      // what to look at when choosing, one or two sentences
	FirstStep lang.Text  `toml:"first_step"` // the first step to move, one or two sentences
	Related   []string   `toml:"related"`    // IDs of neighbouring categories
	Moot      []string   `toml:"moot"`       // keys of services that say nothing here, such as "e2ee" of a search engine: they are not told to be unknown
	Points    []Point    `toml:"point"`      // what comes first where a question is about that
	Sourced
}

// Service is one alternative in one category.
type Service struct {
	ID           string    `toml:"id"` // unique in its category, the same for one service everywhere
	Name         string    `toml:"name"`
	Aliases      []string  `toml:"aliases"` // other spellings and old names
	URL          string    `toml:"url"`
	Expert       bool      `toml:"expert"`      // asks for a server of your own or for technical skill
	Beside       bool      `toml:"beside"`      // works beside a service that one keeps, as a mail program does
	Replaces     []string  `toml:"replaces"`    // product IDs; empty: all of the category
	Text         lang.Text `toml:"text"`        // what it is good for and where it falls short
	HQCountry    string    `toml:"hq_country"`  // ISO 3166-1 alpha-2 upper case, or "EU" for a pan-European project without a seat; empty: unknown
	HQConflict   []string  `toml:"hq_conflict"` // countries named by disagreeing sources; then hq_country is empty
	Owner        string    `toml:"owner"`       // the legal person or project behind it; empty: unknown
	OwnerCountry string    `toml:"owner_country"`
	Hosting      []string  `toml:"hosting"` // countries in which the data is
	OpenSource   Openness  `toml:"open_source"`
	E2EE         E2EE      `toml:"e2ee"`
	Free         Tri       `toml:"free"` // has a free tier that is of use
	DutchUI      Tri       `toml:"dutch_ui"`
	SelfHost     Tri       `toml:"self_host"`
	Price        lang.Text `toml:"price"`   // what it costs, if a source says so, with the year
	Caution      lang.Text `toml:"caution"` // ownership, hosting or other facts that must be said
	Sourced
}

// ProductsFile is products.toml.
type ProductsFile struct {
	Products []Product `toml:"product"`
}

// Product is something people use today and may want to leave, under the
// names they type.
type Product struct {
	ID           string    `toml:"id"`
	Name         string    `toml:"name"`  // as its maker writes it
	Names        []string  `toml:"names"` // as people write it, old and Dutch names too, lower case
	Owner        string    `toml:"owner"` // the parent company
	OwnerCountry string    `toml:"owner_country"`
	Categories   []string  `toml:"categories"` // most fitting first
	Note         lang.Text `toml:"note"`       // what to know of it: what it encrypts, who can read it, what helps; optional
	Sourced
}

// TwoFactorFile is twofactor.toml or twofactor-nl.toml; a service in the
// latter overrides the same domain in the former.
type TwoFactorFile struct {
	Services []TwoFactor `toml:"service"`
}

// TwoFactor is what a service offers for two-step verification.
type TwoFactor struct {
	Domain   string    `toml:"domain"` // its ID
	Name     string    `toml:"name"`
	Names    []string  `toml:"names"`   // other names people type, lower case
	Domains  []string  `toml:"domains"` // other domains of it
	Methods  []string  `toml:"methods"` // passkey (sign-in without password), passkey-2fa, u2f, totp, custom-software, custom-hardware, sms, call, email; empty: none
	Software []string  `toml:"software"`
	Hardware []string  `toml:"hardware"`
	Via      string    `toml:"via"` // signs in through another service, such as "digid.nl"
	Docs     string    `toml:"docs"`
	Recovery string    `toml:"recovery"`
	Settings string    `toml:"settings"`
	Required Tri       `toml:"required"`
	Regions  []string  `toml:"regions"` // ISO 3166-1 alpha-2 upper case; "-US": everywhere but there; empty: everywhere
	Kinds    []string  `toml:"kinds"`   // the directory's categories
	Note     lang.Text `toml:"note"`
	Sourced
}

// TopicFile is topics/<id>.toml.
type TopicFile struct {
	Topic Topic `toml:"topic"`
}

// Topic is an information topic with a short answer.
type Topic struct {
	ID        string     `toml:"id"`
	Title     lang.Text  `toml:"title"`
	Names     lang.Texts `toml:"names"`     // words and phrases people use for it
	Questions lang.Texts `toml:"questions"` // ways people ask it, for search
	Answer    lang.Text  `toml:"answer"`    // at most 120 words
	Steps     lang.Texts `toml:"steps"`     // three things to do
	More      lang.Text  `toml:"more"`      // the rest, for "more"; optional
	Related   []string   `toml:"related"`   // topic IDs
	Urgent    bool       `toml:"urgent"`    // the steps come first: something is going wrong now
	Points    []Point    `toml:"point"`     // what comes first where a question is about that
	Sourced
}

// Point is what a topic or a category has to say to one question about it, such
// as how often to make a copy.
type Point struct {
	Words lang.Texts `toml:"words"` // each: words that must all be in the question, in any order
	Text  lang.Text  `toml:"text"`  // one to three sentences
	Sourced
}

// TipsFile is tips.toml.
type TipsFile struct {
	Lessons []Lesson `toml:"lesson"` // the five, in the article's order
	Weekly  []Tip    `toml:"weekly"` // one thing to do in a week
}

// Lesson is one of the five lessons of the club's article.
type Lesson struct {
	Number  int       `toml:"number"` // 1 to 5
	Title   lang.Text `toml:"title"`
	Text    lang.Text `toml:"text"`
	Do      lang.Text `toml:"do"`      // one thing to do
	Command string    `toml:"command"` // a command that helps further, without prefix
	Sourced
}

// Tip is a tip of the week.
type Tip struct {
	ID      string    `toml:"id"`
	Lesson  int       `toml:"lesson"`
	Title   lang.Text `toml:"title"`
	Text    lang.Text `toml:"text"`    // 60 to 110 words, with one thing to do
	Command lang.Text `toml:"command"` // a command that helps further, without prefix
	Sourced
}

// GlossaryFile is glossary.toml.
type GlossaryFile struct {
	Terms []Term `toml:"term"`
}

// Term is a word explained.
type Term struct {
	ID      string     `toml:"id"`
	Name    lang.Text  `toml:"name"`
	Names   lang.Texts `toml:"names"`
	Text    lang.Text  `toml:"text"`    // one to three sentences
	Related []string   `toml:"related"` // term IDs or topic IDs
	Topic   string     `toml:"topic"`   // the topic that says more about it, as in `ask --json`: a topic ID or alt:<category>; optional
	Sourced
}

// SearchFile is search.toml: how people ask.
type SearchFile struct {
	Words []SearchWords `toml:"words"`
}

// SearchWords are words that lead to a topic without being a name of it. They
// are never shown.
type SearchWords struct {
	Topic string     `toml:"topic"` // as in `ask --json`: a topic ID or alt:<category>
	Names lang.Texts `toml:"names"`
}

// AskedFile is questions/*.toml: what people ask, for the search to learn
// wordings from.
type AskedFile struct {
	Asked []Asked `toml:"asked"`
	Alike []Alike `toml:"alike"`
}

// Alike are words that say much the same in a question, in both languages.
// They are never shown.
type Alike struct {
	NL []string `toml:"nl"`
	EN []string `toml:"en"`
}

// Asked are questions that lead to a topic. They are never shown.
type Asked struct {
	// Topic is as in `ask --json`, or AnyOf a kind of topic, NoTopic or AnyTopic.
	Topic string   `toml:"topic"`
	NL    []string `toml:"nl"` // may leave a name open: {product}, {category}, {service} or {domain}
	EN    []string `toml:"en"`
}

// The topics of questions that are about no entry of their own.
const (
	NoTopic  = "none" // what Wolkwijs does not answer
	AnyTopic = "*"    // sentences that people put before a question about anything
)

// AnyOf is the topic of questions that fit any topic of a kind, "alt", "2fa",
// "check" or "tip": a name in the question says which.
func AnyOf(kind string) string { return kind + ":*" }

// CountriesFile is countries.toml.
type CountriesFile struct {
	Countries []Country `toml:"country"`
}

// Country is what the law of a country means for data held there.
type Country struct {
	ID       string    `toml:"id"` // ISO 3166-1 alpha-2 upper case, or "EU"
	Name     lang.Text `toml:"name"`
	From     lang.Text `toml:"from"`     // as an adjective for a company: "Nederlands", "Dutch"
	Group    string    `toml:"group"`    // EU, EEA, CH, GB, US or other: as `jurisdiction` in check --json
	Adequate Tri       `toml:"adequate"` // adequacy decision of the European Commission (GDPR, article 45)
	Note     lang.Text `toml:"note"`     // what else to know, such as the scope of the decision
	Sourced
}

// Bare is the name of a country without its article: "Verenigde Staten".
func (k *Country) Bare(l lang.Code) string {
	name := k.Name.In(l)
	for _, article := range []string{"de ", "het ", "the "} {
		name = strings.TrimPrefix(name, article)
	}
	return name
}

// SourcesFile is sources.toml.
type SourcesFile struct {
	Sources []Source `toml:"source"`
}

// Source is a publication that several entries rest on.
type Source struct {
	ID      string `toml:"id"`
	Name    string `toml:"name"` // as shown under an answer
	URL     string `toml:"url"`
	Licence string `toml:"licence"` // SPDX expression, or "facts only"
	Date    Date   `toml:"date"`    // of the version that was read
}

// DisclaimerFile is disclaimer.toml: the club's disclaimer in our words.
type DisclaimerFile struct {
	Text lang.Text `toml:"text"`
	Sourced
}
