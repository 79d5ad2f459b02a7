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
	Err    error    // the record cannot be used: a *syntax.Error
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
// itself, else that of the nearest name above it (RFC 9989, sections 4.10 and
// 4.10.1). All names are asked side by side.
//
// A record above a domain counts only where the domain is in the organization
// of it or under a public suffix with psd=y. A public suffix that could not be
// looked up is taken for one without such a record, as nearly all are: the
// domain's own record is known not to be there.
func Discover(ctx context.Context, client dnsq.Client, domain string) Found {
	names := walkNames(domain)
	answers := make([]dnsq.Answer, len(names))
	var wait sync.WaitGroup
	for i, name := range names {
		wait.Go(func() { answers[i] = client.Query(ctx, "_dmarc."+name, dns.TypeTXT) })
	}
	wait.Wait()
	var found Found
	for i, a := range answers {
		if a.Status == dnsq.Failed && i > 0 && record.IsPublicSuffix(names[i]) {
			return found
		}
		if a.Status == dnsq.Failed {
			found.Failed = a.Failure
			return found
		}
		var records, other []string
		for _, txt := range record.TXT(a) {
			if Is(txt) {
				records = append(records, txt)
			} else {
				other = append(other, txt)
			}
		}
		if i == 0 {
			found.Other = other
		}
		if len(records) == 0 || (i > 0 && len(records) > 1) {
			continue
		}
		if len(records) > 1 {
			found.Domain, found.Many = names[i], records
			return found
		}
		r, err := Parse(records[0])
		if i > 0 && (err != nil || r.PSD != "y" && isTop(names[i])) {
			continue
		}
		found.Domain, found.Text, found.Record, found.Err = names[i], records[0], r, err
		return found
	}
	return found
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
