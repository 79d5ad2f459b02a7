package survey

import (
	"strings"

	"wolkwijs/domaincheck"
	"wolkwijs/domaincheck/holder"
)

// Functions are the functions that a summary names the holder of, in the order
// of its columns.
var Functions = []string{holder.Mail, holder.MailFilter, holder.DNS, holder.Web}

// Subjects are what a summary has a state of, in the order of its columns: the
// first part of the IDs of findings.
var Subjects = []string{
	"mx", "spf", "dkim", "dmarc", "mta-sts", "tls-rpt", "dane", "bimi",
	"dnssec", "caa", "ipv6-mx", "ipv6-web", "ipv6-ns",
}

// State is how a domain does on a subject.
type State string

// The states. The empty state means that the subject does not apply: a domain
// without mail needs no DANE.
const (
	OK      State = "ok"
	Weak    State = "weak"    // it is there, and could be better
	Broken  State = "broken"  // it is there, and does not work
	Missing State = "missing" // it is not there
	Unknown State = "unknown" // it could not be looked up, or cannot be seen in DNS
)

// Summary is a row in short, the same for CSV and report.
type Summary struct {
	*Row
	NotFound    bool                       // the domain does not exist
	MailDomain  bool                       // a provider hands out mailboxes in it: the rest was not looked at
	Holders     map[string]holder.Function // the first of each function; absent: it has none
	States      map[string]State           // by subject; absent: it does not apply
	Provisional map[string]bool            // functions whose holder is unknown because a look-up failed
}

// Summarise sums up a row.
func Summarise(row *Row) *Summary {
	s := &Summary{Row: row, Holders: map[string]holder.Function{}, States: map[string]State{}, Provisional: map[string]bool{}}
	if row.Report == nil {
		return s
	}
	has := map[string]bool{}
	for _, f := range row.Findings {
		has[f.ID] = true
	}
	s.NotFound, s.MailDomain = has["domain-not-found"], has["mail-domain-of-provider"]
	for _, f := range row.Functions {
		if _, later := s.Holders[f.Function]; later {
			continue
		}
		s.Holders[f.Function] = f
		// Of what could not be looked up there is no evidence.
		s.Provisional[f.Function] = f.Provider == holder.Unknown && len(f.Evidence) == 0 && len(row.Errors) > 0
	}
	if s.NotFound || s.MailDomain {
		return s
	}
	for _, subject := range Subjects {
		if state := stateOf(subject, row.Findings, has); state != "" {
			s.States[subject] = state
		}
	}
	return s
}

// unseen are findings after which, if they are alone, nobody can say how a
// domain does on their subject.
var unseen = map[string]bool{
	"dkim-hidden": true, "dkim-revoked": true, "dkim-wildcard": true, "mta-sts-unchecked": true, "dnssec-indeterminate": true,
}

// aside are findings that do not tell whether a subject is in order.
var aside = map[string]bool{"dmarc-external-report": true, "dmarc-external-report-unknown": true}

// ofMail are subjects that only a domain with mail has. Where the mail servers
// could not be looked up, they may or may not apply.
var ofMail = map[string]bool{"dkim": true, "mta-sts": true, "tls-rpt": true, "dane": true, "bimi": true, "ipv6-mx": true}

// stateOf is the state of a subject. A finding -ok or -missing says it all;
// else the worst that is known does.
func stateOf(subject string, findings []domaincheck.Finding, has map[string]bool) State {
	switch {
	case has[subject+"-ok"]:
		return OK
	case has[subject+"-missing"]:
		return Missing
	case subject == "mx" && has["null-mx"]:
		return "" // it wants no mail
	}
	worst, hidden := map[State]bool{}, false
	for _, f := range findings {
		if !about(f.ID, subject) || aside[f.ID] {
			continue
		}
		switch {
		case f.Status == domaincheck.Fail:
			worst[Broken] = true
		case f.Status == domaincheck.Unknown:
			worst[Unknown] = true
		case unseen[f.ID]:
			hidden = true
		case strings.HasSuffix(f.ID, "-invalid"):
			worst[Broken] = true
		default:
			worst[Weak] = true
		}
	}
	for _, state := range []State{Broken, Unknown, Weak} {
		if worst[state] {
			return state
		}
	}
	if hidden || ofMail[subject] && has["mx-unknown"] {
		return Unknown
	}
	return ""
}

// about says whether a finding is about the subject. The names of the mail
// servers being signed is another matter than the domain being so.
func about(id, subject string) bool {
	return strings.HasPrefix(id, subject+"-") && !(subject == "dnssec" && strings.HasPrefix(id, "dnssec-mx-"))
}
