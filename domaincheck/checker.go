package domaincheck

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"time"

	"codeberg.org/miekg/dns"

	"wolkwijs/domaincheck/asn"
	"wolkwijs/domaincheck/dnsq"
	"wolkwijs/domaincheck/holder"
	"wolkwijs/domaincheck/mtasts"
	"wolkwijs/domaincheck/record"
)

// Checker checks domains. It is safe for concurrent use; the fields are not
// changed after the first check.
type Checker struct {
	Questions func() Questions     // called once per check; must be set
	Companies func() *holder.Table // the companies and their marks; nil: nobody is named
	Networks  asn.Source           // nil: networks are not looked up
	Policies  PolicyFetcher        // nil: MTA-STS policies are not fetched
	Now       func() time.Time     // nil: time.Now
	// SelfTest tells what is known of the DNS servers that are asked; nil if
	// Questions are not those of a resolver.
	SelfTest func(context.Context) []dnsq.SelfTest
}

// Questions are the questions of one check: each name and type is asked once,
// and no more than a check may ask. *dnsq.Check is one.
type Questions interface {
	dnsq.Client
	// Start asks questions about a name without waiting for the answers, which
	// Query then gives.
	Start(ctx context.Context, name string, rrtypes ...uint16)
	// Begin waits until the limits on queries allow one more check; End says
	// that the check is over.
	Begin(ctx context.Context) error
	End()
	// Validity returns in which time the signatures of an RRset hold, if they
	// could be looked up.
	Validity(ctx context.Context, name string, rrtype uint16) (dnsq.Validity, bool)
	Queries() int            // sent so far
	Failures() []dnsq.Answer // so far
	String() string          // the resolver, for reports
}

// New returns a checker that asks through r and knows the companies that
// companies returns.
func New(r *dnsq.Resolver, companies func() *holder.Table) *Checker {
	return &Checker{
		Questions: func() Questions { return r.Check() },
		Companies: companies,
		Networks:  asn.Cymru{},
		Policies:  &mtasts.Fetcher{Public: mayConnect},
		SelfTest:  r.SelfTest,
	}
}

// PolicyFetcher fetches MTA-STS policies; *mtasts.Fetcher does.
type PolicyFetcher interface {
	// Fetch returns the text of the policy of domain. client asks DNS on the
	// account of the check. The error is a *mtasts.FetchError.
	Fetch(ctx context.Context, client dnsq.Client, domain string) (string, error)
}

const (
	// maxTime is how long a check may take.
	maxTime = 15 * time.Second
	// probeTime is how long the resolver gets to show that it is there, once
	// nothing about a domain could be looked up.
	probeTime = 700 * time.Millisecond
)

// ErrResolver says that the resolver does not answer at all.
var ErrResolver = errors.New("the DNS resolver does not answer: check its address, or name another one")

// Check checks the domain in input: a domain, a URL or a mail address. The
// error is an *InputError if there is none in it, and ErrResolver if the
// resolver does not answer; a domain of which nothing can be looked up is no
// error but a report that says so.
func (c *Checker) Check(ctx context.Context, input string) (*Report, error) {
	target, err := Normalise(input)
	if err != nil {
		return nil, err
	}
	return c.check(ctx, target, true)
}

// Recheck checks once more the domain of an earlier report: that very name,
// even if it has no mail any more and [Checker.Check] would take it for a host
// of another domain. The error is as that of Check.
func (c *Checker) Recheck(ctx context.Context, domain string) (*Report, error) {
	target, err := Normalise(domain)
	if err != nil {
		return nil, err
	}
	if target.Host != "" {
		target = target.itself()
	}
	return c.check(ctx, target, false)
}

// check checks a target, narrowed to a name below it or not.
func (c *Checker) check(ctx context.Context, target Target, narrow bool) (*Report, error) {
	now := time.Now
	if c.Now != nil {
		now = c.Now
	}
	work := &check{Checker: c, questions: c.Questions(), table: c.table()}
	if err := work.questions.Begin(ctx); err != nil {
		return nil, err
	}
	defer work.questions.End()
	start := now()
	limited, cancel := context.WithTimeout(ctx, maxTime)
	defer cancel()
	if narrow {
		var err error
		if target, err = work.narrow(limited, target); err != nil {
			return nil, err
		}
	}
	f := work.facts(limited, target)
	if f.MailDomainOf == "" && f.Existence() != Exists {
		if root := work.root(ctx); root == dnsq.Failed && f.Existence() == MayExist {
			return nil, ErrResolver
		} else if root == dnsq.NXDomain {
			f.CutOff = true
		}
	}
	r := &Report{
		Domain: target.Domain, Unicode: target.Unicode, Host: target.Host,
		CheckedAt: start.UTC().Truncate(time.Second), Resolver: work.questions.String(),
		Queries: work.questions.Queries(), DurationMS: now().Sub(start).Milliseconds(),
		Functions: work.functions(f), Errors: failures(work.questions, f), Facts: f,
		DMARCPolicy: string(f.dmarcPolicy()),
	}
	r.Partial = len(r.Errors) > 0
	r.Findings = judge(f, r.Functions, start)
	r.Advice = rank(r.Findings)
	return r, nil
}

// check is the work on one domain.
type check struct {
	*Checker
	questions Questions
	table     *holder.Table // may be nil
}

// table is the companies and their marks of this moment.
func (c *Checker) table() *holder.Table {
	if c.Companies == nil {
		return nil
	}
	return c.Companies()
}

// facts looks up what there is to know of the target.
func (c *check) facts(ctx context.Context, t Target) *Facts {
	if c.table != nil {
		if p, ok := c.table.MailDomain(t.Domain); ok {
			return c.collectMailDomain(ctx, t, p.Name)
		}
	}
	return c.collect(ctx, t)
}

// root asks a question that every resolver can answer, when there is nothing
// to say of a domain.
func (c *check) root(ctx context.Context) dnsq.Status {
	ctx, cancel := context.WithTimeout(ctx, probeTime)
	defer cancel()
	return c.questions.Query(ctx, ".", dns.TypeNS).Status
}

// functions says who holds what.
func (c *check) functions(f *Facts) []holder.Function {
	if c.table == nil || f.Existence() == NoSuchDomain {
		return []holder.Function{}
	}
	rows := holder.Classify(c.table, f.Signals())
	if f.MailDomainOf != "" {
		rows = rows[:1] // only MX was looked up: it says nothing of the others
	}
	for i := range rows {
		if rows[i].Evidence == nil {
			rows[i].Evidence = []holder.Evidence{}
		}
		if rows[i].Sources == nil {
			rows[i].Sources = []string{}
		}
	}
	return rows
}

// failures are the questions without an answer, in order of name and type,
// and a policy that could not be fetched.
func failures(q Questions, f *Facts) []LookupError {
	rows := []LookupError{}
	var fetch *mtasts.FetchError
	if errors.As(f.MTASTS.Err, &fetch) && fetch.Temporary {
		rows = append(rows, LookupError{Name: mtasts.Host(f.Target.Domain), Type: "policy", Kind: string(dnsq.Timeout), Detail: fetch.Why.EN})
	}
	if f.CutOff {
		rows = append(rows, LookupError{Name: ".", Type: "NS", Kind: string(dnsq.Refused), Detail: "the resolver says that the root of DNS does not exist: it seems to be cut off from the internet"})
	}
	for _, a := range q.Failures() {
		rows = append(rows, LookupError{
			Name: record.Name(a.Name), Type: dns.TypeToString[a.Type],
			Kind: string(a.Failure.Kind), Detail: a.Failure.Detail,
		})
	}
	slices.SortFunc(rows, func(a, b LookupError) int {
		return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.Type, b.Type))
	})
	return rows
}
