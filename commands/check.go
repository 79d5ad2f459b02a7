package commands

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	"wolkwijs/answer"
	"wolkwijs/domaincheck"
	"wolkwijs/domaincheck/holder"
	"wolkwijs/knowledge"
	"wolkwijs/lang"
)

// Checker checks domains; *domaincheck.Checker does.
type Checker interface {
	// Check checks the domain in input: see domaincheck.Checker.
	Check(ctx context.Context, input string) (*domaincheck.Report, error)
	// Recheck checks the domain of an earlier report once more.
	Recheck(ctx context.Context, domain string) (*domaincheck.Report, error)
}

// Companies returns the companies of the knowledge base of the moment, in the
// form that a check needs. It is safe for concurrent use.
func Companies(store *knowledge.Store) func() *holder.Table {
	var mu sync.Mutex
	var of *knowledge.Base
	var table *holder.Table
	return func() *holder.Table {
		kb := store.Base()
		mu.Lock()
		defer mu.Unlock()
		if kb != of {
			providers := make([]knowledge.Provider, len(kb.Providers))
			for i, p := range kb.Providers {
				providers[i] = *p
			}
			of, table = kb, holder.NewTable(providers)
		}
		return table
	}
}

func (s *Service) checkCommand() *command {
	return &command{
		names:   []string{"check"},
		nl:      []string{"controleer"},
		args:    lang.Text{NL: "domein [onderdeel]", EN: "domain [subject]"},
		summary: lang.Text{NL: "wie een domein in handen heeft, en hoe goed het beschermd is", EN: "who holds a domain, and how well it is protected"},
		more: lang.Text{
			NL: "Een webadres of mailadres mag ook. Ik kijk in de openbare DNS: mail, DNS en website. Voor uitleg over één onderdeel zet je het erachter: " + subjectList(lang.NL) + ". Wie mijn vragen ziet, staat bij `!privacy`.",
			EN: "A web address or mail address will do too. I look at public DNS: mail, DNS and website. For one subject in full, put it after the domain: " + subjectList(lang.EN) + ". Who sees my questions is told by `!privacy`.",
		},
		example: lang.Text{NL: "check hcc.nl", EN: "check hcc.nl"},
		bare:    bareCheck,
		run:     s.check,
	}
}

// bareCheck says whether args are a domain, and perhaps a subject.
func bareCheck(args string) bool {
	words := strings.Fields(args)
	if len(words) == 0 || len(words) > 2 {
		return false
	}
	_, err := domaincheck.Normalise(words[0])
	return err == nil
}

// check looks a domain up and answers with who holds it, how well it is
// protected and what to do.
func (s *Service) check(ctx context.Context, c *call) *answer.Answer {
	if c.args == "" {
		return answer.New(c.lang, c.prose("Geef een domein, bijvoorbeeld `!check hcc.nl`. Een webadres of mailadres mag ook.",
			"Give a domain, for example `!check hcc.nl`. A web address or mail address will do too."))
	}
	if s.Checker == nil {
		return failure(c, c.prose("Domeinen nakijken staat hier uit.", "Checking domains is switched off here."))
	}
	input, about := splitSubject(c.args)
	r, err := s.Checker.Check(ctx, input)
	follow := ""
	if about != nil {
		follow = " " + about.names[0]
	}
	switch a := notChecked(c, r, err, "check ", follow); {
	case a != nil:
		return a
	case about != nil:
		return subjectAnswer(c, r, about)
	}
	return checkAnswer(c, r)
}

// notChecked says why a check gave no report, or nothing if it gave one.
// before and after surround the domain in the command that is suggested.
func notChecked(c *call, r *domaincheck.Report, err error, before, after string) *answer.Answer {
	var wrong *domaincheck.InputError
	switch {
	case errors.As(err, &wrong):
		return wrongDomain(c, wrong, before, after)
	case errors.Is(err, domaincheck.ErrResolver), err == nil && r.Facts != nil && r.Facts.CutOff:
		return failure(c, c.prose("Ik kan nu niets opvragen: mijn DNS-resolver antwoordt niet. Probeer het straks nog eens; de beheerder kan `dns.resolver` in de configuratie nakijken.",
			"I cannot look anything up now: my DNS resolver does not answer. Try again later; the operator can look at `dns.resolver` in the configuration."))
	case err != nil:
		return failure(c, c.prose("Het nakijken is niet gelukt. Probeer het straks nog eens.", "The check did not work. Try again later."))
	}
	return nil
}

// failure is an answer that says that the work was not done.
func failure(c *call, headline answer.Text) *answer.Answer {
	a := answer.New(c.lang, headline)
	a.Failed = true
	return a
}

// splitSubject takes a subject off the end of the arguments.
func splitSubject(args string) (input string, about *subject) {
	words := strings.Fields(args)
	if len(words) < 2 {
		return args, nil
	}
	last := strings.ToLower(words[len(words)-1])
	for i := range subjects {
		if slices.Contains(subjects[i].names, last) {
			return strings.Join(words[:len(words)-1], " "), &subjects[i]
		}
	}
	return args, nil
}

// wrongDomain says why an input cannot be checked, and what may be meant.
// before and after surround the domain in the command that is suggested.
func wrongDomain(c *call, e *domaincheck.InputError, before, after string) *answer.Answer {
	why := answer.Prose(e.Why.In(c.lang))
	if e.Suggest == "" {
		return answer.New(c.lang, why)
	}
	a := answer.New(c.lang, answer.Join(answer.Plain(c.say("Bedoel je ", "Did you mean ")), answer.Code(e.Suggest), answer.Plain("? "), why))
	a.Choices = []answer.Choice{{Label: answer.Plain(c.say("Ja", "Yes")), Command: before + e.Suggest + after}}
	return a
}

// checkAnswer is the short answer about a domain.
func checkAnswer(c *call, r *domaincheck.Report) *answer.Answer {
	a := answer.New(c.lang, answer.Join(answer.Code(r.Unicode), answer.Plain(": "), verdict(c, r)))
	a.Topic = "check:" + r.Domain
	a.Source = sourceLine(c, r)
	if finding(r, "domain-not-found").ID != "" {
		return a
	}
	if f := finding(r, "mail-domain-of-provider"); f.ID != "" {
		a.Choices = choices(c, r)
		return a.Para(law(c, r)).Para(notes(c, r)).Para(answer.Prose(f.Advice.In(c.lang)))
	}
	if r.Facts.Existence() == domaincheck.MayExist {
		return a
	}
	if r.Host != "" {
		a.Para(answer.Join(answer.Plain(c.say("Ik keek naar het domein, niet alleen naar ", "I looked at the domain, not only at ")), answer.Code(r.Host), answer.Plain(".")))
	}
	if t := holders(c, r); len(t.Rows) > 0 {
		a.Blocks = append(a.Blocks, t)
	}
	a.Para(law(c, r)).Para(notes(c, r))
	if len(r.Advice) > 0 {
		a.Para(answer.Bold(c.say("Doe dit eerst", "Do this first")))
		var steps []answer.Text
		for _, id := range r.Advice {
			f := finding(r, id)
			step := f.Text.In(c.lang) + " " + f.Advice.In(c.lang)
			if f.Area == domaincheck.AreaSovereignty {
				step = f.Advice.In(c.lang) // the text above says the rest
			}
			steps = append(steps, answer.Prose(step))
		}
		a.Steps(steps...)
	}
	a.Para(suggest(c, r))
	a.Para(summaryLine(c, r))
	a.Para(notSeen(c, r))
	if d := details(c, r); len(d.Blocks) > 0 {
		a.Blocks = append(a.Blocks, d)
	}
	a.Choices = choices(c, r)
	return a
}

// choices offers more about what the advice is about.
func choices(c *call, r *domaincheck.Report) []answer.Choice {
	var all []answer.Choice
	for _, id := range r.Advice {
		about := subjectOf(id)
		switch {
		case id == "cloud-act-mail", id == "mail-domain-of-provider":
			all = append(all, answer.Choice{Label: answer.Plain(c.say("Andere mailaanbieders", "Other mail providers")), Command: "alt email"})
		case about != nil:
			all = append(all, answer.Choice{
				Label:   answer.Plain(fmt.Sprintf(c.say("Meer over %s", "More about %s"), about.title)),
				Command: "check " + r.Domain + " " + about.names[0],
			})
		}
	}
	return all
}

// finding returns the first finding with the given ID.
func finding(r *domaincheck.Report, id string) domaincheck.Finding {
	for _, f := range r.Findings {
		if f.ID == id {
			return f
		}
	}
	return domaincheck.Finding{}
}

// sourceLine says where the answer comes from.
func sourceLine(c *call, r *domaincheck.Report) answer.Text {
	t := answer.Plain(queries(c, r.Queries))
	if finding(r, "mail-domain-of-provider").ID != "" || finding(r, "domain-not-found").ID != "" {
		return t
	}
	return answer.Join(t, answer.Plain(c.say(" Meer over één onderdeel: ", " More about one subject: ")), answer.Code("!check "+r.Unicode+" spf"))
}

// queries says what a check asked. Answers that somebody else asked for a
// moment ago cost nothing.
func queries(c *call, n int) string {
	switch n {
	case 0:
		return c.say("Bron: DNS, kort geleden gevraagd.", "Source: DNS, asked a short while ago.")
	case 1:
		return c.say("Bron: DNS, zojuist, 1 vraag.", "Source: DNS, just now, 1 query.")
	}
	return fmt.Sprintf(c.say("Bron: DNS, zojuist, %d vragen.", "Source: DNS, just now, %d queries."), n)
}
