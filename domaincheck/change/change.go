// Package change tells what of a domain has changed between two checks, and
// what has not. [Take] makes of a report a small [Snapshot] of what matters:
// who holds the domain and under whose law, where its mail goes, who answers
// for it, and how it is protected. [Compare] tells two of them apart, and
// [State] decides when a difference is worth telling.
//
// What changes by itself or says nothing is no change: the order and the TTL
// of records, addresses, what an included SPF record of somebody else says, a
// look-up that failed, and a company that the knowledge base has come to know
// under records that stayed the same.
//
// May import: domaincheck, codeberg.org/miekg/dns.
package change

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Subject is what a change is about.
type Subject string

// The subjects, the weightiest first.
const (
	Domain  Subject = "domain"  // whether it exists
	Mail    Subject = "mail"    // who keeps the mailboxes
	Filter  Subject = "filter"  // who receives the mail in front of them
	MX      Subject = "mx"      // the mail exchanges
	DNS     Subject = "dns"     // who runs the name servers
	NS      Subject = "ns"      // the name servers
	DNSSEC  Subject = "dnssec"  // whether it is signed
	SPF     Subject = "spf"     // what its SPF record says of others
	Senders Subject = "senders" // whom its SPF record lets send
	DMARC   Subject = "dmarc"   // what receivers are to do with forged mail
	Web     Subject = "web"     // who holds the website
)

// subjects are all subjects, in that order.
var subjects = []Subject{Domain, Mail, Filter, MX, DNS, NS, DNSSEC, SPF, Senders, DMARC, Web}

// Names of an [Item] that are our own words, not those of a record.
const (
	Gone     = "gone"     // of Domain: the name does not exist
	Exists   = "exists"   // of Domain
	Signed   = "signed"   // of DNSSEC
	Unsigned = "unsigned" // of DNSSEC
	Bogus    = "bogus"    // of DNSSEC: the signatures are wrong
	Missing  = "missing"  // of SPF and DMARC: there is no record
	Multiple = "multiple" // of SPF and DMARC: there are several, so that none counts
	Invalid  = "invalid"  // of SPF and DMARC: the record cannot be read, or breaks off
	NullMX   = "."        // of MX: the domain says that it receives no mail (RFC 7505)
	// ManyNetworks is a Senders item that stands for all networks of a record
	// with more than [maxNetworks] of them.
	ManyNetworks = "ip"
)

// version is the form of a Snapshot. One of another form is not compared.
const version = 1

// Snapshot is what matters of a domain at one moment. A subject that is not
// in Values could not be looked up. It is kept as JSON.
type Snapshot struct {
	Version int               `json:"v"`
	Values  map[Subject]Value `json:"is"`
}

// Value is what is known of a subject. No items means that it is known that
// there is nothing.
type Value struct {
	Items []Item `json:"items,omitempty"`
	// Marks tells apart the records by which the holder is known, whatever
	// the knowledge base makes of them: see marksOf.
	Marks string `json:"marks,omitempty"`
}

// Item is a company, a server, a part of a record, or one of our own words.
type Item struct {
	// Name is the ID of a company, the name of a server or part of a record: a
	// stranger's text, unless the subject is about companies.
	Name    string `json:"name"`
	Law     string `json:"law,omitempty"`     // of a company: its jurisdiction, as in a report
	Country string `json:"country,omitempty"` // of a company: its owner's, as in a report
}

// unknownLaw is the jurisdiction of a company of which that is not known.
const unknownLaw = "unknown"

// Limits on a snapshot, so that no domain makes a large one.
const (
	maxItems    = 40
	maxName     = 255 // bytes
	maxNetworks = 10
)

// ErrVersion means that a snapshot has another form than this program's.
var ErrVersion = errors.New("the snapshot has another version")

// Parse reads a snapshot from JSON. The error is ErrVersion, or says why the
// text cannot be read; either way the domain has to be looked at anew.
func Parse(text string) (Snapshot, error) {
	var s Snapshot
	if err := json.Unmarshal([]byte(text), &s); err != nil {
		return Snapshot{}, fmt.Errorf("reading a snapshot: %w", err)
	}
	if s.Version != version {
		return Snapshot{}, ErrVersion
	}
	return s.canonical(), nil
}

// String is the snapshot as JSON.
func (s Snapshot) String() string {
	text, err := json.Marshal(s)
	if err != nil {
		panic(fmt.Sprintf("a snapshot is always JSON: %v", err))
	}
	return string(text)
}

// Known says whether a subject could be looked up.
func (s Snapshot) Known(subject Subject) bool {
	_, ok := s.Values[subject]
	return ok
}

// Items returns what is known of a subject.
func (s Snapshot) Items(subject Subject) []Item { return s.Values[subject].Items }

// canonical is the snapshot with its items in order and each once, and
// without what is no subject.
func (s Snapshot) canonical() Snapshot {
	c := Snapshot{Version: s.Version, Values: make(map[Subject]Value, len(s.Values))}
	for subject, v := range s.Values {
		if slices.Contains(subjects, subject) {
			c.Values[subject] = v.canonical()
		}
	}
	return c
}

func (v Value) canonical() Value {
	items := make([]Item, 0, len(v.Items))
	for _, i := range v.Items {
		if len(i.Name) > maxName {
			i.Name = i.Name[:maxName]
		}
		i.Name = strings.ToValidUTF8(i.Name, "\ufffd")
		items = append(items, i)
	}
	slices.SortFunc(items, func(a, b Item) int {
		return strings.Compare(a.Name+"\x00"+a.Law+"\x00"+a.Country, b.Name+"\x00"+b.Law+"\x00"+b.Country)
	})
	items = slices.CompactFunc(items, func(a, b Item) bool { return a.Name == b.Name })
	if len(items) > maxItems {
		items = items[:maxItems]
	}
	if len(items) == 0 {
		items = nil
	}
	return Value{Items: items, Marks: v.Marks}
}

// clone is a copy that can be changed.
func (s Snapshot) clone() Snapshot {
	c := s
	c.Values = maps.Clone(s.Values)
	if c.Values == nil {
		c.Values = map[Subject]Value{}
	}
	return c
}
