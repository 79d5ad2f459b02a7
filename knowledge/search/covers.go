package search

import "math"

// covers knows which words each topic uses, to tell how much of a question a
// topic can be about.
type covers struct {
	ask, say map[string]map[string]bool // by topic, then by stem
	weight   map[string]float64         // of each stem: rarer words tell more
	unknown  float64                    // weight of a stem that no topic uses
}

// newCovers collects the words of the documents of the text index.
func newCovers(docs map[string]entry) *covers {
	c := &covers{ask: map[string]map[string]bool{}, say: map[string]map[string]bool{}, weight: map[string]float64{}}
	topics := map[string]int{}
	for topic, e := range docs {
		c.ask[topic], c.say[topic] = stems(e.AskNL, e.AskEN), stems(e.SayNL, e.SayEN)
		for s := range c.ask[topic] {
			topics[s]++
		}
		for s := range c.say[topic] {
			if !c.ask[topic][s] {
				topics[s]++
			}
		}
	}
	n := float64(len(docs))
	for s, count := range topics {
		c.weight[s] = math.Log(1 + n/float64(count))
	}
	c.unknown = math.Log(1 + n/2)
	return c
}

func stems(texts ...string) map[string]bool {
	all := map[string]bool{}
	for _, t := range texts {
		for _, w := range tokensOf(t, 1<<20) {
			if !stopWords[w] {
				all[plural(w)] = true
			}
		}
	}
	return all
}

// saidShare is what a word counts for that stands in the text of a topic only,
// not in the words people ask with.
const saidShare = 0.5

// A question says enough with words of this weight together; further words
// need not be met.
const enough = 20

// share is the part of the words of a question that a topic uses, weighted by
// how much each tells, from 0 to 1. A topic that uses them only in its text
// has less of a share: people do not ask for it with these words.
func (c *covers) share(topic string, content []string) float64 {
	all, met, asked := 0.0, 0.0, false
	for _, w := range content {
		s := plural(w)
		weight, known := c.weight[s]
		if !known {
			weight = c.unknown
		}
		all += weight
		switch {
		case c.ask[topic][s]:
			met += weight
			asked = true
		case c.say[topic][s]:
			met += saidShare * weight
		}
	}
	if all == 0 {
		return 0
	}
	if !asked {
		met *= saidShare
	}
	return min(1, met/min(all, enough))
}
