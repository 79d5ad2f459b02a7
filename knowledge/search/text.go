package search

import (
	"strings"

	"github.com/blevesearch/bleve/v2"
	_ "github.com/blevesearch/bleve/v2/analysis/lang/en" // the English analyser
	_ "github.com/blevesearch/bleve/v2/analysis/lang/nl" // the Dutch analyser
	"github.com/blevesearch/bleve/v2/mapping"
	"github.com/blevesearch/bleve/v2/search/query"

	"wolkwijs/knowledge"
	"wolkwijs/lang"
)

// entry is a document of the text index: what the knowledge base says of one
// topic. Ask are the words and sentences people use for it, Say what it says.
type entry struct {
	AskNL, AskEN, SayNL, SayEN string
}

// newText indexes everything that answers a question by its words.
func newText(docs map[string]entry) (bleve.Index, error) {
	index, err := bleve.NewMemOnly(textMapping())
	if err != nil {
		return nil, err
	}
	batch := index.NewBatch()
	for topic, e := range docs {
		if err := batch.Index(topic, e); err != nil {
			return nil, err
		}
	}
	return index, index.Batch(batch)
}

// textMapping reads each field with the analyser of its language and stores
// nothing but what ranking needs.
func textMapping() mapping.IndexMapping {
	field := func(analyzer string) *mapping.FieldMapping {
		f := bleve.NewTextFieldMapping()
		f.Analyzer, f.Store, f.IncludeInAll, f.IncludeTermVectors, f.DocValues = analyzer, false, false, false, false
		return f
	}
	doc := bleve.NewDocumentStaticMapping()
	doc.AddFieldMappingsAt("AskNL", field("nl"))
	doc.AddFieldMappingsAt("SayNL", field("nl"))
	doc.AddFieldMappingsAt("AskEN", field("en"))
	doc.AddFieldMappingsAt("SayEN", field("en"))
	m := bleve.NewIndexMapping()
	m.DefaultMapping = doc
	return m
}

// entries are the documents by topic ID.
func entries(base *knowledge.Base) map[string]entry {
	all := map[string]entry{}
	list := func(parts ...[]string) string {
		var flat []string
		for _, p := range parts {
			flat = append(flat, p...)
		}
		return strings.Join(flat, " . ")
	}
	for _, t := range base.Topics {
		all[t.ID] = entry{
			AskNL: list([]string{t.Title.NL}, t.Names.NL, t.Questions.NL), AskEN: list([]string{t.Title.EN}, t.Names.EN, t.Questions.EN),
			SayNL: t.Answer.NL, SayEN: t.Answer.EN,
		}
	}
	for _, c := range base.Alternatives {
		e := entry{
			AskNL: list([]string{c.Category.Name.NL}, c.Category.Names.NL), AskEN: list([]string{c.Category.Name.EN}, c.Category.Names.EN),
			SayNL: c.Category.Intro.NL, SayEN: c.Category.Intro.EN,
		}
		for i := range c.Services {
			e.SayNL += " " + c.Services[i].Text.NL
			e.SayEN += " " + c.Services[i].Text.EN
		}
		all[altPrefix+c.Category.ID] = e
	}
	for _, t := range base.Terms {
		all[explainPrefix+t.ID] = entry{
			AskNL: list([]string{t.Name.NL}, t.Names.NL), AskEN: list([]string{t.Name.EN}, t.Names.EN),
			SayNL: t.Text.NL, SayEN: t.Text.EN,
		}
	}
	for _, w := range base.Search {
		if e, ok := all[w.Topic]; ok {
			e.AskNL += " . " + list(w.Names.NL)
			e.AskEN += " . " + list(w.Names.EN)
			all[w.Topic] = e
		}
	}
	return all
}

// textHits is how many documents the text index returns.
const textHits = 8

// textScores ranks the topics by the words of the question.
func (x *Index) textScores(q *question) map[string]float64 {
	words := q.content()
	if len(words) == 0 {
		return nil
	}
	text := strings.Join(words, " ")
	ask, say := "AskNL", "SayNL"
	if q.lang == lang.EN {
		ask, say = "AskEN", "SayEN"
	}
	match := func(field string, boost float64) query.Query {
		m := bleve.NewMatchQuery(text)
		m.SetField(field)
		m.SetBoost(boost)
		return m
	}
	request := bleve.NewSearchRequest(bleve.NewDisjunctionQuery(match(ask, 3), match(say, 1)))
	request.Size = textHits
	found, err := x.text.Search(request)
	if err != nil || len(found.Hits) == 0 {
		return nil
	}
	scores := make(map[string]float64, len(found.Hits))
	for _, h := range found.Hits {
		scores[h.ID] = h.Score
	}
	return scores
}
