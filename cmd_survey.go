package main

import (
	"bufio"
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime/debug"
	"strings"

	"codeberg.org/miekg/dns"

	"wolkwijs/domaincheck"
	"wolkwijs/domaincheck/asn"
	"wolkwijs/domaincheck/dnsq"
	"wolkwijs/domaincheck/survey"
	"wolkwijs/domaincheck/survey/report"
	"wolkwijs/knowledge"
	"wolkwijs/lang"
)

const (
	surveyMemory = 220 << 20 // octets; beyond it garbage is collected more often
	surveyCache  = 16 << 20  // octets of DNS answers: those that domains share
)

// surveyCmd checks many domains, or makes something of rows that are there.
type surveyCmd struct {
	resolverFlags
	Concurrency int          `default:"100" help:"Domains under way at once (${default})."`
	Rate        *float64     `placeholder:"N" help:"DNS queries a second to each server; 0: no limit. By default no limit on this machine and in private networks, and 100 elsewhere."`
	TotalRate   float64      `placeholder:"N" help:"DNS queries a second to all servers together; by default no limit."`
	MaxInFlight int          `placeholder:"N" help:"DNS queries under way at once to each server; by default 256."`
	Format      string       `enum:"jsonl,csv,html" default:"jsonl" help:"Format of the output: ${enum}."`
	Output      string       `short:"o" placeholder:"FILE" help:"Write here, and go on where an earlier run ended; else to standard output."`
	Resume      *bool        `negatable:"" help:"Go on where an earlier run of -o ended, as is the default; --no-resume refuses a file that has rows."`
	Shard       survey.Shard `placeholder:"N/OF" help:"Check only this part of the list, such as 2/8; the parts together are the list."`
	Group       string       `placeholder:"COLUMN" help:"Column to group by, by name or number; by default the one after the domain; none: no groups."`
	From        []string     `placeholder:"FILE" sep:"none" help:"Look nothing up, but take these rows (JSON lines); may be given several times. With a list, in its order and with its groups."`
	Lang        lang.Code    `enum:"nl,en" default:"nl" help:"Language of the HTML report: ${enum}."`
	Title       string       `help:"Title of the HTML report."`
	Knowledge   string       `placeholder:"DIR" help:"Folder with extra or overriding knowledge files."`
	File        string       `arg:"" optional:"" help:"List of domains, one a line, with perhaps a second column to group by; else from standard input."`
}

// Run does the survey. It fails if it was broken off, or if for some domains
// the resolver did not answer.
func (c surveyCmd) Run(p *program) error {
	if err := c.check(); err != nil {
		return wrongUse{err}
	}
	kb, err := knowledge.Open(c.Knowledge)
	if err != nil {
		return wrongUse{err}
	}
	if len(c.From) > 0 {
		return c.derive(p, kb)
	}
	networks, err := c.networks()
	if err != nil {
		return wrongUse{err}
	}
	list, err := c.list(p)
	if err != nil {
		return err
	}
	list.Items = c.Shard.Take(list.Items)
	if c.Format != "html" {
		return c.survey(p, kb, networks, list, c.Output)
	}
	if err := mayReplace(c.Output); err != nil {
		return wrongUse{err}
	}
	rows, err := c.rowsFile(p)
	if err != nil {
		return err
	}
	// A report is made also where some domains had no answer; not if the
	// survey was broken off.
	err = c.survey(p, kb, networks, list, rows)
	if err != nil && !errors.Is(err, errNotAll) {
		return c.brokenOff(rows, err)
	}
	if c.Output == "" {
		defer os.Remove(rows)
	}
	c.From = []string{rows}
	return errors.Join(err, c.join(p, kb, list))
}

func (c surveyCmd) check() error {
	switch {
	case c.Concurrency < 1 || c.Concurrency > 1000:
		return errors.New("--concurrency must be from 1 to 1000")
	case c.Rate != nil && (*c.Rate < 0 || *c.Rate > 0 && *c.Rate < 1):
		return errors.New("--rate must be 1 or more, or 0 for no limit")
	case c.TotalRate < 0 || c.TotalRate > 0 && c.TotalRate < 1:
		return errors.New("--total-rate must be 1 or more")
	case c.MaxInFlight < 0 || c.MaxInFlight > 10000:
		return errors.New("--max-in-flight must be from 1 to 10000")
	case c.Resume != nil && c.Output == "":
		return errors.New("--resume goes with -o FILE: the file that has the rows so far")
	case len(c.From) > 0 && c.Shard.Of > 0:
		return errors.New("--shard does not go with --from: rows that are there need no look-ups")
	}
	return nil
}

// list reads the list to its end.
func (c surveyCmd) list(p *program) (*survey.List, error) {
	in := p.in
	if c.File != "" {
		f, err := os.Open(c.File)
		if err != nil {
			return nil, wrongUse{err}
		}
		defer f.Close()
		in = f
	}
	list, err := survey.ReadList(input(p.ctx, in), c.Group)
	if errors.Is(err, errInterrupted) {
		return nil, errInterrupted
	}
	if err != nil {
		return nil, wrongUse{err}
	}
	if list.Repeated > 0 {
		fmt.Fprintf(p.errOut, "%d lines say the same as an earlier one and are left out.\n", list.Repeated)
	}
	return list, nil
}

// rowsFile is where the rows behind a report are kept: beside it, so that
// another report costs no other survey.
func (c surveyCmd) rowsFile(p *program) (string, error) {
	if c.Output == "" {
		f, err := os.CreateTemp("", "wolkwijs-survey-*.jsonl")
		if err != nil {
			return "", err
		}
		return f.Name(), f.Close()
	}
	name := strings.TrimSuffix(c.Output, filepath.Ext(c.Output)) + ".jsonl"
	if name == c.Output {
		return "", wrongUse{fmt.Errorf("the rows behind a report are kept in %s: give the report another name, such as report.html", name)}
	}
	fmt.Fprintf(p.errOut, "The rows are kept in %s.\n", name)
	return name, nil
}

// formatOf returns the form of the rows; those behind a report are JSON lines.
func (c surveyCmd) formatOf() survey.Format {
	if c.Format == "csv" {
		return survey.CSV{}
	}
	return survey.JSONL{}
}

// survey looks the items of the list up and writes their rows to a file, or to
// standard output if name is empty.
func (c surveyCmd) survey(p *program, kb *knowledge.Store, networks asn.Source, list *survey.List, name string) error {
	checker, resolver, err := c.bulkChecker(p, kb, networks, len(list.Items))
	if err != nil {
		return err
	}
	defer resolver.Close()
	s := &survey.Survey{Checker: checker, Concurrency: c.Concurrency, Patience: survey.Patience, Reachable: reachable(resolver)}
	format := c.formatOf()
	if name == "" {
		if _, err := p.out.Write(format.Header()); err != nil {
			return err
		}
		return c.run(p, s, list.Items, 0, format, p.out, "")
	}
	out, err := survey.Resume(name, format)
	if err != nil {
		return wrongUse{err}
	}
	if c.Resume != nil && !*c.Resume && out.Rows > 0 {
		return errors.Join(wrongUse{fmt.Errorf("%s has %d rows: leave out --no-resume to go on with them, or give another file", name, out.Rows)}, out.Close())
	}
	if err := out.Mend(); err != nil {
		return errors.Join(err, out.Close())
	}
	left := out.Left(list.Items)
	before := len(list.Items) - len(left)
	if extra := out.Rows - before; extra > 0 {
		fmt.Fprintf(p.errOut, "%s also has %d rows of inputs that are not in this list; they stay.\n", name, extra)
	}
	return errors.Join(c.run(p, s, left, before, format, out, name), out.Close())
}

// asnHint is from how many domains on Team Cymru should be spared.
const asnHint = 1000

// bulkChecker returns a checker that asks no server more than the flags allow.
func (c surveyCmd) bulkChecker(p *program, kb *knowledge.Store, networks asn.Source, items int) (*domaincheck.Checker, *dnsq.Resolver, error) {
	// What a check leaves behind is soon garbage, and little of it is kept: to
	// collect it less often saves a sixth of the processor time. The limit
	// keeps memory within bounds all the same.
	debug.SetGCPercent(400)
	debug.SetMemoryLimit(surveyMemory)
	r, err := c.resolver(dnsq.Config{Rate: limit(c.Rate), TotalRate: c.TotalRate, MaxInFlight: c.MaxInFlight, CacheOctets: surveyCache})
	if err != nil {
		return nil, nil, err
	}
	if c.Rate == nil && r.Rate() > 0 {
		fmt.Fprintf(p.errOut, "%s is not on this machine or in a private network: it gets at most %.0f queries a second (--rate). A resolver of your own is faster and more private.\n", r, r.Rate())
	}
	if _, cymru := networks.(asn.Cymru); cymru && items >= asnHint {
		fmt.Fprintln(p.errOut, "For a list this long, please leave Team Cymru in peace: look networks up in a table (--asn-table), or not at all (--asn off).")
	}
	return c.checkerOf(kb, r, networks), r, nil
}

// limit is what the resolver takes for --rate: 0 to choose by itself, less for
// no limit.
func limit(rate *float64) float64 {
	switch {
	case rate == nil:
		return 0
	case *rate == 0:
		return -1
	}
	return *rate
}

// reachable says whether DNS can be asked about names below a top-level
// domain: a name that nobody can have asked before does not come from a cache.
func reachable(r *dnsq.Resolver) func(context.Context, string) bool {
	return func(ctx context.Context, domain string) bool {
		name := strings.ToLower(rand.Text()) + domain[strings.LastIndexByte(domain, '.'):]
		return r.Query(ctx, name, dns.TypeA).Status != dnsq.Failed
	}
}

// run checks items and tells how it went. name is the file that the rows are
// in, empty for standard output; before is how many of the list it had.
func (c surveyCmd) run(p *program, s *survey.Survey, items []survey.Item, before int, format survey.Format, out io.Writer, name string) error {
	meter := newMeter(p.errOut, len(items), before)
	s.Progress = meter.show
	n, err := s.Run(p.ctx, items, format, out)
	meter.end()
	switch {
	case err == nil:
	case errors.Is(err, context.Canceled) && p.ctx.Err() != nil:
		err = fmt.Errorf("%w%s", errInterrupted, c.again(name))
	case errors.Is(err, domaincheck.ErrResolver):
		err = fmt.Errorf("%w%s", err, c.again(name))
	}
	fmt.Fprintf(p.errOut, "%d checked, %d done before, %d without a domain in it, %d with look-ups that failed.\n", n.Done, before, n.Wrong, n.Partial)
	if err == nil && n.Unanswered > 0 {
		err = fmt.Errorf("%w: for %d domains the resolver did not answer; their rows say so", errNotAll, n.Unanswered)
	}
	return err
}

// again says how to go on with the rows that are in a file, or went to
// standard output.
func (c surveyCmd) again(name string) string {
	switch {
	case name == "":
		return "; with -o FILE instead of standard output another run could go on from here"
	case c.Output == "":
		return "" // brokenOff says it
	}
	return "; the same command goes on from here: all rows in " + name + " are whole"
}

// brokenOff returns why there is no report. What was looked up for one to
// standard output is kept, and the error says where.
func (c surveyCmd) brokenOff(rows string, err error) error {
	if c.Output != "" {
		return err
	}
	if info, statErr := os.Stat(rows); statErr != nil || info.Size() == 0 {
		os.Remove(rows)
		return err
	}
	return fmt.Errorf("%w; the rows so far are kept: go on with `--format jsonl -o %s`, and make the report with `--format html --from %s`", err, rows, rows)
}

// derive makes something of rows that are there.
func (c surveyCmd) derive(p *program, kb *knowledge.Store) error {
	var list *survey.List
	if c.File != "" {
		var err error
		if list, err = c.list(p); err != nil {
			return err
		}
	}
	if c.Format == "html" {
		if err := mayReplace(c.Output); err != nil {
			return wrongUse{err}
		}
	} else if info, err := os.Stat(c.Output); c.Output != "" && err == nil && info.Size() > 0 {
		return wrongUse{fmt.Errorf("%s is there already: give another file", c.Output)}
	}
	return c.join(p, kb, list)
}

// join writes the rows of the files in c.From as the flags say, in the order
// of the list if there is one.
func (c surveyCmd) join(p *program, kb *knowledge.Store, list *survey.List) error {
	rows, err := survey.Join(c.From)
	if err != nil {
		return wrongUse{err}
	}
	defer rows.Close()
	for _, name := range rows.CutOff {
		fmt.Fprintf(p.errOut, "%s: the last row is cut off, and left out.\n", name)
	}
	groupName, noRow := c.Group, 0
	switch {
	case list == nil && c.Group == survey.NoGroup:
		rows.Ungroup()
		groupName = ""
	case list != nil:
		noRow = len(rows.Arrange(list))
		groupName = list.GroupName
		if rows.Extra > 0 {
			fmt.Fprintf(p.errOut, "%d rows are of inputs that are not in the list, and left out.\n", rows.Extra)
		}
	}
	write := func(w io.Writer) error { return writeRows(w, c.formatOf(), rows) }
	if c.Format == "html" {
		r := report.New(report.Options{
			Lang: c.Lang, Title: c.Title, GroupName: groupName, Version: versionText(), NoRow: noRow,
			Country: func(code string) string { return countryName(kb.Base(), code, c.Lang) },
		})
		if err := rows.Each(func(row *survey.Row) error { r.Add(survey.Summarise(row)); return nil }); err != nil {
			return err
		}
		write = r.Write
	}
	if c.Output == "" {
		err = write(p.out)
	} else {
		err = replaceFile(c.Output, write)
	}
	if err == nil && noRow > 0 {
		err = fmt.Errorf("%w: %d inputs of the list have no row", errNotAll, noRow)
	}
	return err
}

func writeRows(w io.Writer, format survey.Format, rows *survey.Joined) error {
	buffered := bufio.NewWriter(w)
	buffered.Write(format.Header()) // an error shows at Flush
	err := rows.Each(func(row *survey.Row) error {
		text, err := format.Row(row)
		if err == nil {
			_, err = buffered.Write(text)
		}
		return err
	})
	return errors.Join(err, buffered.Flush())
}

// countryName names a country as short as people do.
func countryName(kb *knowledge.Base, code string, l lang.Code) string {
	switch {
	case code == "US":
		return lang.Text{NL: "VS", EN: "US"}.In(l)
	case code == "GB":
		return lang.Text{NL: "VK", EN: "UK"}.In(l)
	}
	k := kb.Country(code)
	if k == nil {
		return code
	}
	return k.Bare(l)
}

// mayReplace says whether a report may take the place of a file: only of
// another report.
func mayReplace(name string) error {
	if name == "" {
		return nil
	}
	f, err := os.Open(name)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	defer f.Close()
	const begin = "<!doctype html>"
	head := make([]byte, len(begin))
	n, err := io.ReadFull(f, head)
	if n > 0 && !bytes.EqualFold(head[:n], []byte(begin)) {
		return fmt.Errorf("%s is there already and is no report: give another file", name)
	}
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		return err
	}
	return nil
}

// replaceFile writes a file so that it is there in full or, after a failure,
// as it was.
func replaceFile(name string, write func(io.Writer) error) error {
	f, err := os.CreateTemp(filepath.Dir(name), filepath.Base(name)+".*")
	if err != nil {
		return err
	}
	err = errors.Join(write(f), f.Chmod(0o644), f.Close())
	if err == nil {
		err = os.Rename(f.Name(), name)
	}
	if err != nil {
		os.Remove(f.Name())
	}
	return err
}
