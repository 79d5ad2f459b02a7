package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"

	"golang.org/x/term"

	"wolkwijs/answer"
	"wolkwijs/commands"
	"wolkwijs/domaincheck"
	"wolkwijs/domaincheck/asn"
	"wolkwijs/domaincheck/dnsq"
	"wolkwijs/knowledge"
	"wolkwijs/lang"
)

// resolverFlags are the flags of those sub-commands that look domains up.
type resolverFlags struct {
	Resolver string `default:"system" placeholder:"ADDR" help:"host[:port], tls://host[:port]#name or system."`
	ASN      string `name:"asn" enum:"cymru,riswhois,off" default:"cymru" help:"Who tells the network of an address: ${enum}."`
	ASNTable string `name:"asn-table" placeholder:"FILE" help:"Look networks up in this table instead, of lines: prefix, AS number, country, name."`
	Policy   bool   `name:"mta-sts-policy" default:"true" negatable:"" help:"Fetch MTA-STS policies over HTTPS."`
	Anchor   string `name:"trust-anchor" placeholder:"FILE" help:"DS or DNSKEY records to trust instead of those of the root zone."`
}

// checker returns a checker that looks up as the flags say, for the rest as
// cfg says, and what to call when it is no longer needed. Faults in the flags
// are wrong use.
func (f resolverFlags) checker(kb *knowledge.Store, cfg dnsq.Config) (*domaincheck.Checker, func() error, error) {
	networks, err := f.networks()
	if err != nil {
		return nil, nil, wrongUse{err}
	}
	r, err := f.resolver(cfg)
	if err != nil {
		return nil, nil, err
	}
	return f.checkerOf(kb, r, networks), r.Close, nil
}

// resolver returns the resolver of the flags, for the rest as cfg says.
func (f resolverFlags) resolver(cfg dnsq.Config) (*dnsq.Resolver, error) {
	cfg.Resolver, cfg.TrustAnchorFile = f.Resolver, f.Anchor
	r, err := dnsq.New(cfg)
	if err != nil {
		return nil, wrongUse{err}
	}
	return r, nil
}

// checkerOf returns a checker that asks r.
func (f resolverFlags) checkerOf(kb *knowledge.Store, r *dnsq.Resolver, networks asn.Source) *domaincheck.Checker {
	c := domaincheck.New(r, commands.Companies(kb))
	c.Networks = networks
	if !f.Policy {
		c.Policies = nil
	}
	return c
}

// networks returns who tells the network of an address; nil for nobody.
func (f resolverFlags) networks() (asn.Source, error) {
	switch {
	case f.ASNTable != "":
		return asn.LoadTable(f.ASNTable)
	case f.ASN == "off":
		return nil, nil
	case f.ASN == "riswhois":
		return &asn.RISWhois{}, nil
	}
	return asn.Cymru{}, nil
}

// checkCmd checks domains.
type checkCmd struct {
	JSON bool      `name:"json" help:"One JSON object per line."`
	Lang lang.Code `enum:"nl,en" default:"nl" help:"Language of the answers: ${enum}."`
	resolverFlags
	Knowledge string   `placeholder:"DIR" help:"Folder with extra or overriding knowledge files."`
	Domains   []string `arg:"" name:"domain" help:"Domains, URLs or mail addresses."`
}

// Run checks the domains one after another. A domain that cannot be checked
// does not keep the others from it. Where only some look-ups failed there is a
// report that says which, and nothing has failed.
func (c checkCmd) Run(p *program) error {
	kb, err := knowledge.Open(c.Knowledge)
	if err != nil {
		return wrongUse{err}
	}
	checker, end, err := c.checker(kb, dnsq.Config{})
	if err != nil {
		return err
	}
	defer end()
	for _, d := range c.Domains {
		if _, err := domaincheck.Normalise(d); err != nil {
			return wrongUse{c.explain(d, err)}
		}
	}
	if c.JSON {
		return c.json(p, checker)
	}
	service := commands.New(commands.Options{Knowledge: kb, Checker: checker, Language: c.Lang, Version: versionText()})
	look := looks(p.out)
	failed := false
	for _, d := range c.Domains {
		a := service.Answer(p.ctx, commands.Request{Text: "!check " + d, Lang: c.Lang, Kind: commands.Terminal})
		fmt.Fprintln(p.out, answer.Render(a, look))
		failed = failed || a.Failed
	}
	if failed {
		return errNotAll
	}
	return nil
}

var errNotAll = errors.New("not everything could be checked")

// looks says how answers look on w: wrapped and coloured on a terminal.
func looks(w io.Writer) answer.Options {
	f, ok := w.(*os.File)
	if !ok || !term.IsTerminal(int(f.Fd())) {
		return answer.Options{}
	}
	width, _, err := term.GetSize(int(f.Fd()))
	if err != nil {
		width = 80
	}
	return answer.Options{Width: min(width, 100), Colour: os.Getenv("NO_COLOR") == ""}
}

// json prints a report per line.
func (c checkCmd) json(p *program, checker *domaincheck.Checker) error {
	out := json.NewEncoder(p.out)
	var failures []error
	for _, d := range c.Domains {
		report, err := checker.Check(p.ctx, d)
		switch {
		case errors.As(err, new(*domaincheck.InputError)):
			failures = append(failures, wrongUse{c.explain(d, err)})
		case err != nil:
			failures = append(failures, fmt.Errorf("%s: %w", d, err))
		default:
			if err := out.Encode(report); err != nil {
				return err
			}
			if report.Facts.CutOff {
				failures = append(failures, fmt.Errorf("%s: the DNS resolver knows no name at all, and is probably cut off from the internet: try another one", d))
			}
		}
	}
	return errors.Join(failures...)
}

// explain says in the language of the answers why an input is no domain.
func (c checkCmd) explain(input string, err error) error {
	var wrong *domaincheck.InputError
	if !errors.As(err, &wrong) {
		return err
	}
	text := wrong.Why.In(c.Lang)
	if wrong.Suggest != "" {
		text += " " + lang.Text{NL: "Bedoel je ", EN: "Did you mean "}.In(c.Lang) + wrong.Suggest + "?"
	}
	return fmt.Errorf("%q: %s", input, text)
}
