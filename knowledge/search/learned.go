package search

import (
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"sync"

	"wolkwijs/knowledge"
)

// learned tells from the wording of a question which topic it is about: a
// linear classifier (multinomial logistic regression) over the words of a
// question and the kinds of names in it, learned when the index is built from
// the questions in the knowledge base. It sees "is <product> veilig" rather
// than "is dropbox veilig", so that a wording is learned once for all names.
type learned struct {
	classes  []string         // topics, or a prefix and "*" where a name in the question says which
	features map[string]int32 // row of each feature in weights
	weights  []float32        // a row of one weight per class for each feature
}

// How it is learned. The figures were chosen on the tune half of
// testdata/questions.jsonl; none of them matters much by itself.
const (
	passes      = 5
	rate        = 2.5
	forgetWords = 0.2
	forgetOther = 0.3
	sureEnough  = 0.95  // chance from which a question teaches nothing more
	surely      = 0.99  // chance from which it is left out of the next pass
	hardlyAny   = 0.004 // chance so small that it is not made smaller
	storyPart   = 3     // one in so many questions is also learned with a sentence before it
	mostWork    = 4e9   // multiplications at most, so that a large knowledge base loads in time too
)

// kind is what a feature is, as far as forgetting it goes.
type kind uint8

const (
	other     kind = iota
	word           // a word that is in no group of words alike
	alikeWord      // a word that is
)

// leastDeclined is how many questions to decline are needed: who has seen none
// takes everything for a question of ours. The built-in base has hundreds.
const leastDeclined = 20

// example is a question with the topic it is about.
type example struct {
	class    int32
	features []int32
	kinds    []kind // of the features
}

// newLearned learns from the questions in the knowledge base.
func (x *Index) newLearned() *learned {
	l := &learned{features: make(map[string]int32, 1<<15)}
	l.features[unknownWord] = 0
	var stories []string
	for _, a := range x.base.Asked {
		if a.Topic == knowledge.AnyTopic {
			stories = append(append(stories, a.NL...), a.EN...)
		}
	}
	byClass := map[string]int32{}
	var classes []int32
	var texts []string
	x.asked(func(topic, question string) {
		class, ok := byClass[topic]
		if !ok {
			class = int32(len(l.classes))
			byClass[topic] = class
			l.classes = append(l.classes, topic)
		}
		classes, texts = append(classes, class), append(texts, question)
		if n := len(texts); len(stories) > 0 && n%storyPart == 0 {
			classes, texts = append(classes, class), append(texts, stories[n/storyPart%len(stories)]+". "+question)
		}
	})
	examples := make([]example, len(texts))
	for i, names := range x.featuresOf(texts) {
		e := example{class: classes[i], features: make([]int32, len(names)), kinds: make([]kind, len(names))}
		for k, name := range names {
			row, ok := l.features[name]
			if !ok {
				row = int32(len(l.features))
				l.features[name] = row
			}
			e.features[k] = row
			switch {
			case isWord(name) && x.alike.has(name[len(wordFeature):]):
				e.kinds[k] = alikeWord
			case isWord(name):
				e.kinds[k] = word
			}
		}
		examples[i] = e
	}
	declined := 0
	for _, e := range examples {
		if l.classes[e.class] == None {
			declined++
		}
	}
	if declined < leastDeclined {
		return &learned{}
	}
	l.learn(examples)
	return l
}

// featuresOf are the features of each text, found on all processors.
func (x *Index) featuresOf(texts []string) [][]string {
	all := make([][]string, len(texts))
	var group sync.WaitGroup
	workers := runtime.GOMAXPROCS(0)
	for w := range workers {
		group.Go(func() {
			for i := w; i < len(texts); i += workers {
				all[i] = x.features(x.readWords(texts[i]))
			}
		})
	}
	group.Wait()
	return all
}

// learn sets the weights by stochastic gradient descent: each question moves
// the weights of what it holds, up for its topic and down for the others, by
// how wrong they were. The random numbers are always the same ones.
func (l *learned) learn(examples []example) {
	n := len(l.classes)
	l.weights = make([]float32, len(l.features)*n)
	random := rand.New(rand.NewPCG(1, 2))
	order := make([]int, len(examples))
	work := 0
	for i, e := range examples {
		order[i] = i
		work += 2 * n * len(e.features)
	}
	times := max(1, min(passes, int(mostWork)/max(work, 1)))
	p := make([]float32, n)
	known := make([]bool, len(examples)) // what was told right by far is left out once
	var seen, wrong []int32
	for pass := range times {
		random.Shuffle(len(order), func(i, j int) { order[i], order[j] = order[j], order[i] })
		step := float32(rate * (1 - float64(pass)/float64(times)))
		for _, i := range order {
			e := examples[i]
			if known[i] {
				known[i] = false
				continue
			}
			seen = seen[:0]
			for k, row := range e.features {
				switch chance := random.Float32(); {
				case e.kinds[k] == word && chance < forgetWords:
					seen = append(seen, 0)
				case e.kinds[k] == word || chance >= forgetOther:
					seen = append(seen, row)
				}
			}
			if len(seen) == 0 {
				continue
			}
			value := l.predict(seen, p)
			if p[e.class] > sureEnough {
				known[i] = p[e.class] > surely
				continue
			}
			p[e.class]--
			wrong = wrong[:0]
			for c, d := range p {
				if d > hardlyAny || d < 0 {
					wrong = append(wrong, int32(c))
				}
			}
			for _, row := range seen {
				w := l.weights[int(row)*n : int(row)*n+n]
				for _, c := range wrong {
					w[c] -= step * value * p[c]
				}
			}
		}
	}
}

// predict sets p to the chance of each class, given the rows of the features,
// and returns what each feature counts for.
func (l *learned) predict(rows []int32, p []float32) float32 {
	n := len(l.classes)
	clear(p)
	for _, row := range rows {
		weights := l.weights[int(row)*n : int(row)*n+n]
		p := p[:len(weights)] // spares the compiler a check for each
		for c, w := range weights {
			p[c] += w
		}
	}
	value := float32(1 / math.Sqrt(float64(len(rows))))
	top := slices.Max(p)
	sum := float32(0)
	for c := range p {
		p[c] = float32(math.Exp(float64((p[c] - top) * value)))
		sum += p[c]
	}
	for c := range p {
		p[c] /= sum
	}
	return value
}

// unknownWord stands for a word that no question has.
const unknownWord = "?"

// chances are the chances of each class for a question.
func (x *Index) chances(q *question) map[string]float64 {
	l := x.learned
	if l.weights == nil {
		return map[string]float64{}
	}
	if !slices.ContainsFunc(q.raw, func(w string) bool { return !hasDigit(w) }) && q.domain == "" {
		return map[string]float64{} // figures say nothing
	}
	var rows []int32
	for _, name := range x.features(q) {
		if row, ok := l.features[name]; ok {
			rows = append(rows, row)
		} else if isWord(name) && !hasDigit(name) && !x.alike.has(name[len(wordFeature):]) {
			rows = append(rows, 0)
		}
	}
	if len(rows) == 0 {
		return map[string]float64{}
	}
	p := make([]float32, len(l.classes))
	l.predict(rows, p)
	all := make(map[string]float64, len(p))
	for c, v := range p {
		if v > 0.001 {
			all[l.classes[c]] = float64(v)
		}
	}
	return all
}
