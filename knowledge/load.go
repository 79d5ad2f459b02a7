package knowledge

import (
	"path"
	"strings"

	"wolkwijs/tomlfile"
)

// Load reads the layers into one knowledge base. Any fault refuses the whole:
// the error is then a tomlfile.Errors that names each with its place. Load
// looks at form only; [Lint] also reads what the entries say.
func Load(layers ...Layer) (*Base, error) {
	files, faults, err := read(layers)
	if err != nil {
		return nil, err
	}
	if len(faults) > 0 {
		return nil, faults
	}
	return build(files), nil
}

// merged is a list of entries in which a later entry takes the place of an
// earlier one with the same ID.
type merged[T any] struct {
	list []*T
	at   map[string]int
}

func (m *merged[T]) put(id string, e *T) {
	if m.at == nil {
		m.at = map[string]int{}
	}
	if i, seen := m.at[id]; seen {
		m.list[i] = e
		return
	}
	m.at[id] = len(m.list)
	m.list = append(m.list, e)
}

func (m *merged[T]) byID() map[string]*T {
	all := make(map[string]*T, len(m.list))
	for id, i := range m.at {
		all[id] = m.list[i]
	}
	return all
}

// build joins files, of which each content is known, into a base.
func build(files []*file) *Base {
	var (
		products  merged[Product]
		twofactor merged[TwoFactor]
		topics    merged[Topic]
		lessons   merged[Lesson]
		weekly    merged[Tip]
		terms     merged[Term]
		countries merged[Country]
		sources   merged[Source]
		providers merged[Provider]
		services  = map[string]*merged[Service]{} // by category
		cats      merged[AlternativesFile]
		b         Base
	)
	for _, f := range files {
		switch c := f.content.(type) {
		case *AlternativesFile:
			id := c.categoryID(f.name)
			if services[id] == nil || c.Category.ID != "" { // new, or a later layer says something about the category itself
				category := c.Category
				category.ID = id
				cats.put(id, &AlternativesFile{Category: category})
			}
			if services[id] == nil {
				services[id] = &merged[Service]{}
			}
			for i := range c.Services {
				services[id].put(c.Services[i].ID, &c.Services[i])
			}
		case *ProductsFile:
			putAll(&products, c.Products, func(e *Product) string { return e.ID })
		case *TwoFactorFile:
			putAll(&twofactor, c.Services, func(e *TwoFactor) string { return e.Domain })
		case *TopicFile:
			topics.put(c.Topic.ID, &c.Topic)
		case *TipsFile:
			putAll(&lessons, c.Lessons, func(e *Lesson) string { return string(rune('0' + e.Number)) })
			putAll(&weekly, c.Weekly, func(e *Tip) string { return e.ID })
		case *GlossaryFile:
			putAll(&terms, c.Terms, func(e *Term) string { return e.ID })
		case *SearchFile:
			for i := range c.Words { // words add to each other, also across layers
				b.Search = append(b.Search, &c.Words[i])
			}
		case *AskedFile:
			for i := range c.Asked {
				b.Asked = append(b.Asked, &c.Asked[i])
			}
			for i := range c.Alike {
				b.Alike = append(b.Alike, &c.Alike[i])
			}
		case *CountriesFile:
			putAll(&countries, c.Countries, func(e *Country) string { return e.ID })
		case *SourcesFile:
			putAll(&sources, c.Sources, func(e *Source) string { return e.ID })
		case *ProvidersFile:
			putAll(&providers, c.Providers, func(e *Provider) string { return e.ID })
		case *DisclaimerFile:
			b.Disclaimer = c
		}
	}
	for _, c := range cats.list {
		for _, s := range services[c.Category.ID].list {
			c.Services = append(c.Services, *s)
		}
	}
	b.Alternatives, b.categories = cats.list, cats.byID()
	b.Products, b.products = products.list, products.byID()
	b.TwoFactor = twofactor.list
	b.Topics, b.topics = topics.list, topics.byID()
	b.Lessons, b.Weekly = lessons.list, weekly.list
	b.Terms, b.terms = terms.list, terms.byID()
	b.Countries, b.countries = countries.list, countries.byID()
	b.Sources, b.sources = sources.list, sources.byID()
	b.Providers, b.providers = providers.list, providers.byID()
	b.index()
	return &b
}

func putAll[T any](m *merged[T], entries []T, id func(*T) string) {
	for i := range entries {
		m.put(id(&entries[i]), &entries[i])
	}
}

// categoryID is the ID that the category gives itself, or else the name of
// the file: a file that only adds services needs no [category].
func (c *AlternativesFile) categoryID(name string) string {
	if c.Category.ID != "" {
		return c.Category.ID
	}
	return strings.TrimSuffix(path.Base(name), ".toml")
}

// index fills what is looked up by something other than an ID.
func (b *Base) index() {
	b.services = map[string][]Placed{}
	for _, c := range b.Alternatives {
		for i := range c.Services {
			s := &c.Services[i]
			b.services[s.ID] = append(b.services[s.ID], Placed{&c.Category, s, i})
		}
	}
	b.domains = make(map[string]*TwoFactor, 2*len(b.TwoFactor))
	for _, t := range b.TwoFactor {
		for _, d := range t.Domains {
			b.domains[d] = t
		}
	}
	for _, t := range b.TwoFactor { // a service's own domain counts for more than another's second one
		b.domains[t.Domain] = t
	}
	b.names = newNames(b)
}

// Faults returns the faults in an error of [Load] one by one, or nil if the
// error is of another kind.
func Faults(err error) tomlfile.Errors {
	faults, _ := err.(tomlfile.Errors)
	return faults
}
