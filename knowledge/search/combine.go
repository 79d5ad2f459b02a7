package search

import (
	"strings"

	"wolkwijs/knowledge"
)

// score gathers for each topic what the names in the question and the words
// of the texts say (the evidence) and what its wording says (the chances). In
// a long story what it ends with counts for most: that is where people put
// the question.
func (x *Index) score(q *question) map[string]float64 {
	evidence := x.evidenceOf(q)
	if x.learned.weights == nil {
		return evidence
	}
	s := combine(evidence, x.chancesOf(q))
	service := x.signInOf(q)
	if len(q.content()) == 0 {
		for topic := range s {
			s[topic] *= littleSaid
		}
	}
	for topic := range s {
		isAlt := strings.HasPrefix(topic, altPrefix)
		switch {
		case q.intent == Emergency && isAlt,
			q.intent == TwoFactor && service != "" && !strings.HasPrefix(topic, twoFAPrefix):
			s[topic] *= besideIntent
		}
	}
	return s
}

// littleSaid is the part of the points that is left where a question has only
// words that say little, such as "and for free?": "what can you do" must be
// clear to count.
const littleSaid = 0.5

// besideIntent is the part of the points that is left of what the wording of a
// question plainly does not want: other services for who has been hacked, the
// company for who asks how to sign in there.
const besideIntent = 0.6

// What evidence and chances count for, and how much of the points the chance
// takes away that a question is none of ours.
const (
	evidenceWeight = 0.6
	chanceWeight   = 2.5
	noneWeight     = 0.7
)

// combine joins evidence and chances into points.
func combine(evidence, chances map[string]float64) map[string]float64 {
	s := make(map[string]float64, len(evidence)+len(chances))
	for topic, points := range evidence {
		s[topic] = evidenceWeight * points
	}
	for topic, p := range chances {
		s[topic] += chanceWeight * p
	}
	known := 1 - noneWeight*chances[None]
	delete(s, None)
	for topic := range s {
		s[topic] *= known
	}
	return s
}

// evidenceOf gathers the evidence of a question, and of the end of a story.
func (x *Index) evidenceOf(q *question) map[string]float64 {
	s := x.evidence(q)
	if q.end == nil {
		return s
	}
	for topic := range s {
		s[topic] *= storyWeight
	}
	for topic, points := range x.evidence(q.end) {
		s[topic] += endWeight * points
	}
	return s
}

// chancesOf are the chances of each topic: those of classes that leave the
// name open go to the name in the question.
func (x *Index) chancesOf(q *question) map[string]float64 {
	p := x.chances(q)
	if q.end != nil {
		end := x.chances(q.end)
		most := map[string]float64{}
		for _, part := range q.parts {
			for c, v := range x.chances(part) {
				most[c] = max(most[c], v)
			}
		}
		for c := range p {
			p[c] *= wholeChance
		}
		for c, v := range end {
			p[c] += endChance * v
		}
		for c, v := range most {
			if c != None {
				p[c] += partChance * v
			}
		}
		p[None] *= storyNone
	}
	move := func(class, topic string) {
		if v, ok := p[class]; ok {
			delete(p, class)
			if topic != "" {
				p[topic] += v
			}
		}
	}
	move(tipPrefix+"*", tipPrefix+anyTip)
	move(checkPrefix+"*", prefixed(checkPrefix, q.domain))
	service := x.signInOf(q)
	if service == "" {
		move(twoFAPrefix+"*", "2fa")
	} else {
		move(twoFAPrefix+"*", twoFAPrefix+service)
	}
	term := q.ref(knowledge.KindTerm)
	if t := x.base.Term(term); t != nil && t.Topic != "" {
		move(explainPrefix+"*", t.Topic)
	} else {
		move(explainPrefix+"*", prefixed(explainPrefix, term))
	}
	return p
}

// What the whole of a story, its end and the best of its sentences count for
// in its chances, and how much of the chance stays that it is none of ours:
// much of a story is about nothing.
const (
	wholeChance = 0.8
	endChance   = 0.3
	partChance  = 0.5
	storyNone   = 0.6
)

func prefixed(prefix, id string) string {
	if id == "" {
		return ""
	}
	return prefix + id
}

// What the whole of a story and its end count for in its evidence.
const (
	storyWeight = 0.6
	endWeight   = 0.5
)
