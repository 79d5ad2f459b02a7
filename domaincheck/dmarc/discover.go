package dmarc

import (
	"context"
	"strings"
	"sync"

	"codeberg.org/miekg/dns"

	"wolkwijs/domaincheck/dnsq"
	"wolkwijs/domaincheck/record"
)

// Found is the outcome of the search for a policy record.
type Found struct {
	Domain string // where the record is; empty if there is none
	Text   string
	Record *Record
	Err    error    // the record is not valid: a *syntax.Error; Record is nil then
	Many   []string // more than one DMARC record at Domain, so that none counts
	Other  []string // TXT records at the domain's own _dmarc that are no DMARC records
	// Failed is set if a look-up failed whose answer could change the outcome.
	Failed *dnsq.Failure
}

// Effective is the policy for domain as receivers act on it, where a record
// was found that can be read. A record of a name above the domain speaks of it
// as a subdomain.
func (f Found) Effective(domain string) Policy {
	r := *f.Record
	if f.Domain != domain {
		r.P = r.SP
	}
	return r.Effective()
}

// maxWalk is the number of names that a walk asks at most (RFC 9989, section
// 4.10).
const maxWalk = 8

// Discover finds the policy record for mail from domain: that of the domain
// itself, else that of its organization, else that of a public suffix with
// psd=y (RFC 9989, sections 4.10 and 4.10.1). All names are asked side by side.
//
// A public suffix that could not be looked up is taken for one without such a
// record, as nearly all are: the domain's own record is known not to be there.
func Discover(ctx context.Context, client dnsq.Client, domain string) Found {
	names := walkNames(domain)
	answers := make([]dnsq.Answer, len(names))
	var wait sync.WaitGroup
	for i, name := range names {
		wait.Go(func() { answers[i] = client.Query(ctx, "_dmarc."+name, dns.TypeTXT) })
	}
	wait.Wait()
	if answers[0].Status == dnsq.Failed {
		return Found{Failed: answers[0].Failure}
	}
	records, other := dmarcRecords(answers[0])
	switch len(records) {
	case 0:
		found := above(names[1:], answers[1:])
		found.Other = other
		return found
	case 1:
		r, err := Parse(records[0])
		return Found{Domain: domain, Text: records[0], Record: r, Err: err, Other: other}
	}
	return Found{Domain: domain, Many: records, Other: other}
}

// above finds the record among those of the names above a domain, nearest
// first: the walk ends at the first that says psd=n, which is the
// organization, or psd=y, just below which the organization is. Where none
// says so, the organization is the last name that has a record (RFC 9989,
// section 4.10.2). A record of any other name does not count.
func above(names []string, answers []dnsq.Answer) Found {
	var found Found // the last record so far
	at := -1        // the name it is of
	for i, a := range answers {
		if a.Status == dnsq.Failed && record.IsPublicSuffix(names[i]) {
			return found
		}
		if a.Status == dnsq.Failed {
			return Found{Failed: a.Failure}
		}
		records, _ := dmarcRecords(a)
		if len(records) != 1 {
			continue
		}
		r, minor, fatal := parse(records[0])
		switch {
		case fatal != nil, r.PSD != "y" && isTop(names[i]):
			continue
		case r.PSD == "y" && i > 0 && at == i-1:
			return found
		}
		at, found = i, Found{Domain: names[i], Text: records[0], Record: r}
		if minor != nil {
			found.Record, found.Err = nil, minor
		}
		if r.PSD != "u" {
			return found
		}
	}
	return found
}

// dmarcRecords are the DMARC records of an answer, and what else is there.
func dmarcRecords(a dnsq.Answer) (records, other []string) {
	for _, txt := range record.TXT(a) {
		if Is(txt) {
			records = append(records, txt)
		} else {
			other = append(other, txt)
		}
	}
	return records, other
}

// isTop says whether name is a single label: only a public suffix operator's
// record can apply from there.
func isTop(name string) bool { return !strings.Contains(name, ".") }

// walkNames are the names whose records may apply to domain, nearest first:
// of a name of more than eight labels the domain itself, then the last seven
// labels and shorter (RFC 9989, section 4.10).
func walkNames(domain string) []string {
	labels := strings.Split(domain, ".")
	names := []string{domain}
	rest := labels[1:]
	if len(labels) > maxWalk {
		rest = labels[len(labels)-(maxWalk-1):]
	}
	for i := range rest {
		names = append(names, strings.Join(rest[i:], "."))
	}
	return names
}
