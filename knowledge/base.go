package knowledge

import "strings"

// Base is the whole knowledge base as it was at one moment. It never changes
// after loading, so any number of readers may share it; [Store] hands out the
// newest one.
//
// The lists are in the order of the files, files in the order of their names.
// The tags are the keys of [Base.Export].
type Base struct {
	Alternatives []*AlternativesFile `toml:"alternatives"`
	Products     []*Product          `toml:"products"`
	TwoFactor    []*TwoFactor        `toml:"twofactor"`
	Topics       []*Topic            `toml:"topics"`
	Lessons      []*Lesson           `toml:"lessons"`
	Weekly       []*Tip              `toml:"weekly"`
	Terms        []*Term             `toml:"terms"`
	Search       []*SearchWords      `toml:"search"`
	Asked        []*Asked            `toml:"asked"`
	Alike        []*Alike            `toml:"alike"`
	Countries    []*Country          `toml:"countries"`
	Providers    []*Provider         `toml:"providers"`
	Sources      []*Source           `toml:"sources"`
	Disclaimer   *DisclaimerFile     `toml:"disclaimer"`

	categories map[string]*AlternativesFile
	products   map[string]*Product
	domains    map[string]*TwoFactor // by domain and by each of its other domains
	topics     map[string]*Topic
	terms      map[string]*Term
	countries  map[string]*Country
	sources    map[string]*Source
	providers  map[string]*Provider
	services   map[string][]Placed // by service ID
	names      *names
}

// Placed is a service in the category it stands in.
type Placed struct {
	Category *Category
	Service  *Service
	Place    int // in the editors' order, from 0
}

// Category returns the alternatives of a category by its ID, or nil.
func (b *Base) Category(id string) *AlternativesFile { return b.categories[id] }

// Product returns a product by its ID, or nil.
func (b *Base) Product(id string) *Product { return b.products[id] }

// Service returns a service in each of the categories in which it stands; the
// first is the one whose file comes first.
func (b *Base) Service(id string) []Placed { return b.services[id] }

// TwoFactorOf returns what is known of two-step verification at a domain, or
// nil. A domain below a known one counts as that one: mijn.bol.com as bol.com.
func (b *Base) TwoFactorOf(domain string) *TwoFactor {
	domain = strings.TrimSuffix(strings.ToLower(domain), ".")
	for {
		if t := b.domains[domain]; t != nil {
			return t
		}
		_, parent, ok := strings.Cut(domain, ".")
		if !ok {
			return nil
		}
		domain = parent
	}
}

// Topic returns an information topic by its ID, or nil.
func (b *Base) Topic(id string) *Topic { return b.topics[id] }

// Term returns a term of the glossary by its ID, or nil.
func (b *Base) Term(id string) *Term { return b.terms[id] }

// Country returns a country by its ISO 3166-1 alpha-2 code in upper case (or
// "EU"), or nil.
func (b *Base) Country(id string) *Country { return b.countries[id] }

// Source returns a publication by its ID, or nil.
func (b *Base) Source(id string) *Source { return b.sources[id] }

// Provider returns a provider by its ID, or nil.
func (b *Base) Provider(id string) *Provider { return b.providers[id] }

// Lesson returns the lesson with a number from 1 to 5, or nil.
func (b *Base) Lesson(number int) *Lesson {
	for _, l := range b.Lessons {
		if l.Number == number {
			return l
		}
	}
	return nil
}

// Tip returns the tip of the week with that ID, or nil.
func (b *Base) Tip(id string) *Tip {
	for _, t := range b.Weekly {
		if t.ID == id {
			return t
		}
	}
	return nil
}
