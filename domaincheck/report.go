// Package domaincheck looks at a domain through live DNS: who holds its mail,
// DNS and web, and how well it is protected. A check goes one way: normalise
// the input, collect the records (everything that can, side by side), derive
// facts, judge them into findings, and name the holders. The result is a
// [Report], the same value for chat, terminal and JSON.
//
// A look-up that failed gives a finding of status unknown and a row in
// Errors; it is never taken for a missing record.
//
// May import: domaincheck, codeberg.org/miekg/dns, golang.org/x/net.
package domaincheck

import (
	"time"

	"wolkwijs/domaincheck/holder"
	"wolkwijs/lang"
)

// Report is what one check found: the object of `check --json`.
type Report struct {
	Domain     string            `json:"domain"` // the domain checked, as A-labels
	CheckedAt  time.Time         `json:"checked_at"`
	Resolver   string            `json:"resolver"`
	Queries    int               `json:"queries"` // DNS queries this check caused
	DurationMS int64             `json:"duration_ms"`
	Functions  []holder.Function `json:"functions"`
	Findings   []Finding         `json:"findings"`
	Errors     []LookupError     `json:"errors"`
	Advice     []string          `json:"advice"` // finding IDs, most useful first, at most three

	Unicode string `json:"unicode"`        // the domain with U-labels, for people
	Host    string `json:"host,omitempty"` // the host name that was given, if it is more than the domain
	Partial bool   `json:"partial"`        // the check ended before all was looked up

	// DMARCPolicy is what receivers do with forged mail: none, quarantine or
	// reject; empty without a DMARC record that counts.
	DMARCPolicy string `json:"dmarc_policy,omitempty"`

	Facts *Facts `json:"-"` // what the findings rest on
}

// Area is what part of a domain a finding is about.
type Area string

// The areas of findings.
const (
	AreaMail        Area = "mail"
	AreaDNS         Area = "dns"
	AreaWeb         Area = "web"
	AreaSovereignty Area = "sovereignty"
)

// Status is the judgement of a finding.
type Status string

// The judgements. Unknown means that it could not be looked up.
const (
	Pass    Status = "pass"
	Info    Status = "info"
	Warn    Status = "warn"
	Fail    Status = "fail"
	Unknown Status = "unknown"
)

// Finding is one judgement with the record it rests on. Value and At are a
// stranger's text: a renderer escapes it. Text and Advice are our own.
type Finding struct {
	ID     string    `json:"id"` // a contract
	Area   Area      `json:"area"`
	Status Status    `json:"status"`
	Value  string    `json:"value"`
	At     string    `json:"at,omitempty"` // the part of Value that Text is about
	Text   lang.Text `json:"text"`         // what was found, in a sentence or two
	Advice lang.Text `json:"advice"`       // what to do, and what to ask of whom; empty where all is well
	RFC    string    `json:"rfc"`
}

// LookupError is a look-up that failed.
type LookupError struct {
	Name   string `json:"name"`
	Type   string `json:"type"`
	Kind   string `json:"kind"` // timeout, servfail, bogus or refused
	Detail string `json:"detail"`
}
