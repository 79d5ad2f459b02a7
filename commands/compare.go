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
	"wolkwijs/lang"
)

// maxCompared is how many domains one comparison may have: more columns fit
// no screen, and every column is a whole check.
const maxCompared = 5

func (s *Service) compareCommand() *command {
	return &command{
		nl:      []string{"vergelijk"},
		en:      []string{"compare"},
		args:    lang.Text{NL: "domein domein …", EN: "domain domain …"},
		summary: lang.Text{NL: "twee tot vijf domeinen naast elkaar", EN: "two to five domains side by side"},
		more: lang.Text{
			NL: "Ik kijk elk domein na zoals met `!check` en zet de uitkomsten in een tabel: wie de mail, de DNS en de website in handen heeft, en hoe goed het beschermd is.",
			EN: "I check each domain as with `!check` and put the outcomes in a table: who holds its mail, DNS and website, and how well it is protected.",
		},
		example: lang.Text{NL: "vergelijk hcc.nl seniorweb.nl", EN: "compare hcc.nl seniorweb.nl"},
		bare:    func(args string) bool { return len(domainsIn(args)) > 1 },
		run:     s.compare,
	}
}

// domainsIn are the domains named in args, each once, in the order given; nil
// if anything among them is no domain.
func domainsIn(args string) []string {
	var all []string
	for _, word := range strings.FieldsFunc(args, func(r rune) bool { return strings.ContainsRune(" ,;\n\t\u00a0", r) }) {
		if slices.Contains([]string{"en", "and", "met", "with"}, strings.ToLower(word)) {
			continue
		}
		t, err := domaincheck.Normalise(word)
		if err != nil {
			return nil
		}
		name := t.Domain
		if t.Host != "" {
			name = t.Host
		}
		if !slices.Contains(all, name) {
			all = append(all, name)
		}
	}
	return all
}

// compared is one domain of a comparison.
type compared struct {
	domain string
	report *domaincheck.Report
	err    error
}

// compare checks domains side by side and sets the outcomes out in a table.
func (s *Service) compare(ctx context.Context, c *call) *answer.Answer {
	domains := domainsIn(c.args)
	switch {
	case len(domains) < 2:
		return answer.New(c.lang, c.prose("Geef twee tot vijf domeinen, bijvoorbeeld `!vergelijk hcc.nl seniorweb.nl`.",
			"Give two to five domains, for example `!compare hcc.nl seniorweb.nl`."))
	case len(domains) > maxCompared:
		return answer.New(c.lang, c.prose("Vijf domeinen tegelijk is het meeste. Geef er wat minder.", "Five domains at a time is the most. Give a few less."))
	case s.Checker == nil:
		return failure(c, c.prose("Domeinen nakijken staat hier uit.", "Checking domains is switched off here."))
	}
	all := make([]compared, len(domains))
	var wait sync.WaitGroup
	for i, d := range domains {
		wait.Go(func() {
			all[i] = compared{domain: d}
			all[i].report, all[i].err = s.Checker.Check(ctx, d)
		})
	}
	wait.Wait()
	var done []compared
	var failed []answer.Text
	for _, d := range all {
		if why := notCompared(c, d); why != nil {
			failed = append(failed, answer.Join(answer.Code(d.domain), answer.Plain(": "), why))
			continue
		}
		d.domain = d.report.Unicode
		done = append(done, d)
	}
	if len(done) == 0 {
		return failure(c, c.prose("Ik kon geen van deze domeinen nakijken.", "I could check none of these domains.")).Bullets(failed...)
	}
	var names []answer.Text
	for _, d := range done {
		names = append(names, answer.Code(d.domain))
	}
	// The names in the order of the columns, for clients that show no table.
	a := answer.New(c.lang, answer.Join(answer.Bold(c.say("Naast elkaar: ", "Side by side: ")), enumerate(c, names)))
	a.Para(compareVerdict(c, done))
	a.Blocks = append(a.Blocks, compareTable(c, done))
	a.Bullets(failed...)
	for _, d := range done {
		a.Choices = append(a.Choices, answer.Choice{Label: answer.Join(answer.Plain(c.say("Alles over ", "All about ")), answer.Code(d.domain)), Command: "check " + d.report.Domain})
	}
	a.Source = answer.Plain(c.say("Bron: DNS, zojuist.", "Source: DNS, just now."))
	return a
}

// notCompared says why a domain has no column, or nothing if it has one.
func notCompared(c *call, d compared) answer.Text {
	var wrong *domaincheck.InputError
	switch {
	case errors.As(d.err, &wrong):
		return answer.Prose(wrong.Why.In(c.lang))
	case errors.Is(d.err, domaincheck.ErrResolver):
		return answer.Plain(c.say("mijn DNS-resolver antwoordt niet. Probeer het straks nog eens.", "my DNS resolver does not answer. Try again later."))
	case d.err != nil:
		return answer.Plain(c.say("het nakijken is niet gelukt. Probeer het straks nog eens.", "the check did not work. Try again later."))
	case finding(d.report, "domain-not-found").ID != "":
		return answer.Plain(c.say("dit domein bestaat niet in DNS. Kijk of je de naam goed hebt getypt.", "this domain does not exist in DNS. Check the spelling."))
	case finding(d.report, "mail-domain-of-provider").ID != "":
		return answer.Plain(fmt.Sprintf(c.say("een adres hier is een postvak bij %s, niet een eigen domein.", "an address here is a mailbox with %s, not a domain of its owner's own."), finding(d.report, "mail-domain-of-provider").Value))
	}
	return nil
}

// compareVerdict says in a sentence or two what the table shows: whose mail is
// under American law, and which domain is protected best.
func compareVerdict(c *call, all []compared) answer.Text {
	var american, unseen []answer.Text
	best, most, tie := 0, -1, false
	for i, d := range all {
		if mail, ok := function(d.report, holder.Mail); ok {
			switch {
			case mail.Jurisdiction == "US":
				american = append(american, answer.Code(d.domain))
			case mail.Provider == holder.Unknown:
				unseen = append(unseen, answer.Code(d.domain))
			}
		}
		switch n := protected(d.report); {
		case n > most:
			best, most, tie = i, n, false
		case n == most:
			tie = true
		}
	}
	var parts []answer.Text
	say := func(nl, en string, domains ...answer.Text) {
		if len(domains) > 0 {
			parts = append(parts, answer.Join(answer.Plain(c.say(nl, en)), enumerate(c, domains), answer.Plain(".")))
		}
	}
	say("Mail onder Amerikaans recht: ", "Mail under American law: ", american...)
	say("Waar de mail staat is niet te zien bij ", "Where the mail is kept cannot be seen of ", unseen...)
	if len(parts) == 0 {
		parts = append(parts, answer.Plain(c.say("Geen van deze domeinen heeft zijn mail bij een Amerikaans bedrijf.", "None of these domains has its mail with an American company.")))
	}
	if !tie && len(all) > 1 {
		say("Het best beschermd: ", "Best protected: ", answer.Code(all[best].domain))
	}
	var t answer.Text
	for i, p := range parts {
		if i > 0 {
			t = append(t, answer.Span{S: " "})
		}
		t = append(t, p...)
	}
	return t
}

// enumerate puts texts one after another as in a sentence.
func enumerate(c *call, items []answer.Text) answer.Text {
	var t answer.Text
	for i, item := range items {
		switch {
		case i > 0 && i == len(items)-1:
			t = append(t, answer.Span{S: c.say(" en ", " and ")})
		case i > 0:
			t = append(t, answer.Span{S: ", "})
		}
		t = append(t, item...)
	}
	return t
}

// comparedSubjects are the subjects of a comparison, by the titles of subjects.
var comparedSubjects = []string{"SPF", "DMARC", "DKIM", "DNSSEC", "DANE", "MTA-STS", "CAA", "IPv6"}

// protected is how many of the compared subjects are in order.
func protected(r *domaincheck.Report) int {
	n := 0
	for _, title := range comparedSubjects {
		if status, missing := worst(r, title); !missing && (status == domaincheck.Pass || status == domaincheck.Info) {
			n++
		}
	}
	return n
}

// worst is the worst status of the findings about a subject, and whether
// something is missing rather than wrong; "" if there is no finding.
func worst(r *domaincheck.Report, title string) (status domaincheck.Status, missing bool) {
	order := []domaincheck.Status{domaincheck.Fail, domaincheck.Unknown, domaincheck.Warn, domaincheck.Info, domaincheck.Pass}
	for _, f := range r.Findings {
		about := subjectOf(f.ID)
		if about == nil || about.title != title {
			continue
		}
		if status == "" || slices.Index(order, f.Status) < slices.Index(order, status) {
			status, missing = f.Status, strings.HasSuffix(f.ID, "-missing")
		}
	}
	return status, missing
}

// compareTable has a column for every domain.
func compareTable(c *call, all []compared) answer.Table {
	t := answer.Table{Head: []answer.Text{nil}}
	for _, d := range all {
		t.Head = append(t.Head, answer.Code(d.domain))
	}
	row := func(name string, cell func(*domaincheck.Report) answer.Text) {
		cells := []answer.Text{answer.Plain(name)}
		empty := true
		for _, d := range all {
			text := cell(d.report)
			if len(text) == 0 {
				text = answer.Plain("–")
			} else {
				empty = false
			}
			cells = append(cells, text)
		}
		if !empty {
			t.Rows = append(t.Rows, cells)
		}
	}
	say := func(nl, en string) answer.Text { return answer.Plain(c.say(nl, en)) }
	for _, n := range functionNames {
		row(n.name.In(c.lang), func(r *domaincheck.Report) answer.Text {
			f, ok := function(r, n.id)
			switch {
			case !ok:
				return nil
			case f.Provider == holder.None:
				return say("geen", "none")
			}
			return who(c, f)
		})
		if n.id != holder.Mail {
			continue
		}
		row(c.say("Eigenaar in", "Owner in"), func(r *domaincheck.Report) answer.Text {
			if f, ok := function(r, n.id); ok && f.HQCountry != "" {
				return answer.Plain(bareCountry(c, f.HQCountry))
			}
			return nil
		})
		row("CLOUD Act", func(r *domaincheck.Report) answer.Text {
			f, ok := function(r, n.id)
			if !ok || f.Provider == holder.None {
				return nil
			}
			return map[string]answer.Text{"yes": say("kan gelden", "can apply"), "no": say("niet bekend", "not known to"), "unknown": say("onbekend", "unknown")}[f.CloudAct]
		})
	}
	for _, title := range comparedSubjects {
		row(title, func(r *domaincheck.Report) answer.Text {
			status, missing := worst(r, title)
			switch {
			case missing && status != domaincheck.Unknown:
				return say("niet gevonden", "not found")
			case status == "":
				return nil
			}
			return map[domaincheck.Status]answer.Text{
				domaincheck.Pass: say("goed", "good"), domaincheck.Info: say("goed", "good"),
				domaincheck.Warn: say("kan beter", "could be better"), domaincheck.Fail: say("stuk", "broken"),
				domaincheck.Unknown: say("niet op te vragen", "no answer"),
			}[status]
		})
	}
	return t
}
