package schedule

import "fmt"

// Problem is what [Parse] cannot make sense of.
type Problem struct {
	Kind ProblemKind
	Word string // the word or words, as they were written; may be empty
}

// ProblemKind is the kind of a problem.
type ProblemKind uint8

// The kinds of problems.
const (
	UnknownWord  ProblemKind = iota + 1 // Word means nothing here
	BadTime                             // Word is no time of day
	BadZone                             // Word is no time zone
	Twice                               // Word says again, or otherwise, what was said
	NeedDay                             // no day was named
	NeedWhich                           // a month was named, but not which day of it
	TwoMeanings                         // "every second Friday": of each month, or each other one?
	TwoTimes                            // "half ten" is another time in Dutch than in English
	NotEachMonth                        // not every month has such a day
	TooRare                             // the pause would be too long
)

func (p *Problem) Error() string {
	return fmt.Sprintf("schedule: problem %d with %q", p.Kind, p.Word)
}
