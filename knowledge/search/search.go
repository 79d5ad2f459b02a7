// Package search finds what a question in plain Dutch or English is about. It
// knows the names in the knowledge base (products, services, categories,
// topics, words), reads the intent of a sentence ("instead of", "how do I
// switch on", "who hosts", "what is"), forgives typing errors, takes Dutch
// compounds apart, and declines what the knowledge base does not know.
//
// It uses no language model and no network: a question is answered from an
// index that is built in memory when the knowledge base is loaded. Ranking of
// running text is done by bleve with its Dutch and English analysers; ours is
// what the knowledge base adds to that. [New] builds the index, [Index.Ask]
// answers.
//
// May import: knowledge, tomlfile, github.com/blevesearch/bleve/v2,
// golang.org/x/text, golang.org/x/net.
package search

import (
	"cmp"
	"fmt"
	"slices"
	"sync"

	"github.com/blevesearch/bleve/v2"

	"wolkwijs/knowledge"
	"wolkwijs/lang"
)

// Result is what a question is about.
type Result struct {
	Lang  lang.Code
	Topic string  // topic ID as in `ask --json`; None if the question is declined
	Score float64 // how sure, from 0 to 1
	// Others are further topics the question may mean, most likely first.
	Others []Scored
	// Product, Service and Domain name what was recognised in the question;
	// empty if nothing was.
	Product, Service, Domain string
	Intent                   Intent
	Asked                    Asked // what it wants to know of what it names, if it is a plain question about that
	// Reason says why a question is declined; it is only set with None.
	Reason Reason
}

// Scored is a topic with how sure the engine is of it, from 0 to 1.
type Scored struct {
	Topic string  `json:"topic"`
	Score float64 `json:"score"`
}

// None is the topic of a question that the knowledge base cannot answer.
const None = "none"

// Reason is why a question is declined.
type Reason uint8

// The reasons to decline.
const (
	NotKnown   Reason = iota // nothing in the knowledge base is near it
	OffLimits                // it asks for other people's data or for help to break in
	Injection                // it tries to change what the bot does
	Unfriendly               // it scolds
)

// threshold is the score from which a question counts as known. It was chosen
// on the tune half of testdata/questions.jsonl; `make eval` prints what it
// does to the test half.
const threshold = 0.5

// Index answers questions about one knowledge base. It is safe for concurrent
// use and never changes.
type Index struct {
	base      *knowledge.Base
	text      bleve.Index
	phrases   *phrases
	vocab     *vocabulary
	brands    map[string][]knowledge.Ref // products and services by the first word that several share
	countries map[string]string          // IDs by what countries are called, folded
	covers    *covers
	alike     alike
	learned   *learned
}

// New builds the index of base. The error is bleve's, wrapped.
func New(base *knowledge.Base) (*Index, error) {
	x := &Index{base: base, phrases: newPhrases(base)}
	x.vocab = newVocabulary(base, x.phrases)
	x.brands, x.countries = newBrands(base, x.phrases), newCountries(base)
	docs := entries(base)
	var err error
	var group sync.WaitGroup
	group.Go(func() { x.text, err = newText(docs) })
	x.covers = newCovers(docs)
	x.alike = newAlike(base)
	x.learned = x.newLearned()
	group.Wait()
	if err != nil {
		return nil, fmt.Errorf("index the knowledge base: %w", err)
	}
	return x, nil
}

// Close frees the index. Questions under way are answered first.
func (x *Index) Close() error { return x.text.Close() }

// Ask says what a question is about. l is the language to answer in; empty:
// that of the question.
func (x *Index) Ask(question string, l lang.Code) Result {
	q := x.read(question)
	if l != "" {
		q.lang = l
	}
	r := Result{Lang: q.lang, Intent: q.intent, Domain: q.domain, Product: q.ref(knowledge.KindProduct), Service: q.ref(knowledge.KindService)}
	if reason, off := q.offLimits(); off {
		r.Topic, r.Reason, r.Score = None, reason, 1
		return r
	}
	scores := x.score(q)
	all := make([]Scored, 0, len(scores))
	for topic, s := range scores {
		all = append(all, Scored{topic, certainty(s)})
	}
	slices.SortFunc(all, func(a, b Scored) int { return cmp.Or(cmp.Compare(b.Score, a.Score), cmp.Compare(a.Topic, b.Topic)) })
	if len(all) == 0 || all[0].Score < threshold {
		r.Topic = None
		if len(q.content()) > 0 {
			r.Others = all[:min(len(all), 2)]
		}
		if len(all) > 0 {
			r.Score = 1 - all[0].Score
		} else {
			r.Score = 1
		}
		x.about(q, &r)
		return r
	}
	x.urgentFirst(all)
	r.Topic, r.Score = all[0].Topic, all[0].Score
	for _, other := range all[1:min(len(all), 3)] {
		if other.Score >= threshold {
			r.Others = append(r.Others, other)
		}
	}
	x.about(q, &r)
	return r
}

// urgentFirst puts a topic of something that goes wrong now before that of what
// the bot can do: who tells such a story and asks for help wants that help.
func (x *Index) urgentFirst(all []Scored) {
	if all[0].Topic != "bot-help" {
		return
	}
	for i, other := range all[1:] {
		if t := x.base.Topic(other.Topic); t != nil && t.Urgent && other.Score >= threshold {
			copy(all[1:], all[:i+1])
			all[0] = Scored{other.Topic, max(other.Score, all[1].Score)}
			return
		}
	}
}

// certainty turns points into a number from 0 to 1: half of it at one point.
func certainty(points float64) float64 { return points / (points + 1) }
