package change

import (
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"slices"
	"strings"

	"codeberg.org/miekg/dns"

	"wolkwijs/domaincheck"
	"wolkwijs/domaincheck/dmarc"
	"wolkwijs/domaincheck/dnsq"
	"wolkwijs/domaincheck/holder"
	"wolkwijs/domaincheck/record"
	"wolkwijs/domaincheck/spf"
)

// Take makes the snapshot of a report. ok is false if nothing could be looked
// up, or if the domain is one in which a company hands out mailboxes, of which
// nothing but the mail is looked up.
func Take(r *domaincheck.Report) (s Snapshot, ok bool) {
	f := r.Facts
	if f == nil || f.CutOff || f.MailDomainOf != "" {
		return Snapshot{}, false
	}
	t := taking{report: r, facts: f, signals: f.Signals(), values: map[Subject]Value{}}
	switch exists := f.Existence(); {
	case exists == domaincheck.NoSuchDomain:
		t.word(Domain, Gone)
	case exists == domaincheck.MayExist && f.Security() != dnsq.Bogus:
		return Snapshot{}, false
	case exists == domaincheck.MayExist:
		t.dnssec() // all is refused for its signatures
	default:
		t.word(Domain, Exists)
		t.holders()
		t.servers()
		t.dnssec()
		t.spf()
		t.dmarc()
	}
	return Snapshot{Version: version, Values: t.values}.canonical(), true
}

// taking is the work on one snapshot.
type taking struct {
	report  *domaincheck.Report
	facts   *domaincheck.Facts
	signals holder.Signals
	values  map[Subject]Value
}

// word gives a subject a value of one word.
func (t *taking) word(s Subject, word string) { t.names(s, []string{word}) }

// names gives a subject a value of names.
func (t *taking) names(s Subject, names []string) {
	var v Value
	for _, n := range names {
		v.Items = append(v.Items, Item{Name: n})
	}
	t.values[s] = v
}

// holders takes who holds what. A company is not known where a look-up that
// tells of it failed, and where it cannot be seen.
func (t *taking) holders() {
	s := t.signals
	if !s.Failed["mx"] && !s.Failed["spf"] && !s.Failed["dkim"] && !s.Failed["autodiscover"] && !s.Failed["txt"] && !s.Failed["tenant"] && t.mailPlaced() {
		marks := t.mailMarks()
		t.held(Mail, holder.Mail, marks, false)
		t.held(Filter, holder.MailFilter, marks, true)
	}
	if !s.Failed["ns"] {
		t.held(DNS, holder.DNS, marksOf(s.NS), true)
	}
	if t.facts.A.Status != dnsq.Failed && t.facts.WWWA.Status != dnsq.Failed && t.webPlaced() {
		t.held(Web, holder.Web, marksOf(s.Web), true)
	}
}

// held takes the companies of one function. none says whether no row means
// nobody, rather than nothing known.
func (t *taking) held(s Subject, function, marks string, none bool) {
	v := Value{Marks: marks}
	for _, f := range t.report.Functions {
		if f.Function != function {
			continue
		}
		name := f.Provider
		if name == holder.Unknown {
			name = nameless(f)
		}
		if name == "" {
			return
		}
		v.Items = append(v.Items, Item{Name: name, Law: f.Jurisdiction, Country: f.HQCountry})
	}
	if len(v.Items) > 0 || none {
		t.values[s] = v
	}
}

// nameless is what there is to call a company that the knowledge base does
// not have: the domain of its servers or the network they are in.
func nameless(f holder.Function) string {
	if f.Name != "" || f.Function == holder.Mail || f.Function == holder.MailFilter {
		return f.Name
	}
	for _, e := range f.Evidence {
		if e.Signal == "asn" {
			as, _, _ := strings.Cut(e.Value, " ")
			return as
		}
	}
	return ""
}

// mailPlaced says whether the network of the first mail exchange is known, or
// does not matter because the exchange is known by its name.
func (t *taking) mailPlaced() bool {
	if len(t.signals.MX) == 0 || t.placed(t.signals.MX[0]) {
		return true
	}
	return slices.ContainsFunc(t.report.Functions, func(f holder.Function) bool {
		return (f.Function == holder.Mail || f.Function == holder.MailFilter) && f.Confidence == holder.High
	})
}

// webPlaced is mailPlaced for the website.
func (t *taking) webPlaced() bool {
	placed := !slices.ContainsFunc(t.signals.Web, func(h holder.Host) bool { return !t.placed(h) })
	return placed || !slices.ContainsFunc(t.report.Functions, func(f holder.Function) bool {
		return f.Function == holder.Web && f.Confidence != holder.High
	})
}

// placed says whether the network of a host is known, or was not asked for.
func (t *taking) placed(h holder.Host) bool {
	asked := false
	for _, a := range h.Addresses {
		if a.ASN != 0 {
			return true
		}
		_, was := t.facts.Networks[a.IP]
		asked = asked || was
	}
	return !asked
}

// mailMarks are the records that tell who keeps the mailboxes. DKIM is left
// out, because which selectors are asked for depends on the knowledge base,
// and so are TXT records, which come and go: a move that shows in these alone
// is taken over without a word.
func (t *taking) mailMarks() string {
	s := t.signals
	return marksOf(s.MX, append(append(s.Autodiscover, s.SPF.Domains...), fmt.Sprint(s.NullMX, s.Tenant))...)
}

// marksOf are the names and networks of hosts, and other names: a hash of the
// names, a stroke, and a hash of the networks, or nothing where these were not
// looked up.
func marksOf(hosts []holder.Host, names ...string) string {
	var networks []string
	for _, h := range hosts {
		names = append(append(names, h.Name), h.CNAMEs...)
		for _, a := range h.Addresses {
			if a.ASN != 0 {
				networks = append(networks, fmt.Sprint(a.ASN))
			}
		}
	}
	return hash(names) + "/" + hash(networks)
}

// hash tells sets of words apart. That of none is empty.
func hash(words []string) string {
	if len(words) == 0 {
		return ""
	}
	words = slices.Clone(words)
	slices.Sort(words)
	sum := sha256.Sum256([]byte(strings.Join(slices.Compact(words), "\n")))
	return base64.RawURLEncoding.EncodeToString(sum[:9])
}

// servers takes the mail exchanges and the name servers. Preferences are left
// out: renumbering them changes nothing.
func (t *taking) servers() {
	if f := t.facts; f.MX.Status != dnsq.Failed {
		var names []string
		if f.NullRecord {
			names = append(names, NullMX)
		}
		for _, h := range f.MailHosts {
			names = append(names, h.Name)
		}
		t.names(MX, names)
	}
	if t.facts.NS.Status != dnsq.Failed {
		var names []string
		for _, rr := range t.facts.NS.Records {
			if ns, ok := rr.(*dns.NS); ok {
				names = append(names, record.Name(ns.Ns))
			}
		}
		t.names(NS, names)
	}
}

// dnssec takes whether the domain is signed.
func (t *taking) dnssec() {
	switch t.facts.Security() {
	case dnsq.Secure:
		t.word(DNSSEC, Signed)
	case dnsq.Insecure:
		t.word(DNSSEC, Unsigned)
	case dnsq.Bogus:
		t.word(DNSSEC, Bogus)
	}
}

// spf takes what the SPF record says of those it does not name, and whom it
// names. A record that breaks off lets nobody be told apart.
func (t *taking) spf() {
	root := t.facts.SPF.Root
	switch root.Problem {
	case spf.Failed:
	case spf.NoRecord, spf.NoName:
		t.word(SPF, Missing)
	case spf.Multiple:
		t.word(SPF, Multiple)
	case spf.Invalid:
		t.word(SPF, Invalid)
	default:
		t.spfPolicy()
		if senders, known := t.senders(); known {
			t.names(Senders, senders)
		}
	}
}

// spfPolicy takes how the record ends, unless part of it could not be looked
// up.
func (t *taking) spfPolicy() {
	broken := false
	for _, f := range t.report.Findings {
		if strings.HasPrefix(f.ID, "spf-") {
			if f.Status == domaincheck.Unknown {
				return
			}
			broken = broken || f.Status == domaincheck.Fail && f.ID != "spf-allows-all"
		}
	}
	switch end := t.facts.SPF.Default(); {
	case broken:
		t.word(SPF, Invalid)
	case t.facts.SPF.AllowsAll() != "":
		t.word(SPF, "+all")
	case end != 0:
		t.word(SPF, string(end)+"all")
	}
}

// senders are the terms of the record that let somebody send, with those of
// records of the domain's own that it includes. A record of somebody else is
// one sender, whatever it says. known is false if one of the domain's own
// records could not be looked up.
func (t *taking) senders() (senders []string, known bool) {
	known = true
	var networks []string
	var add func(n *spf.Node)
	add = func(n *spf.Node) {
		if n.Record == nil {
			known = known && n.Problem != spf.Failed
			return
		}
		terms := n.Record.Reached()
		if n.Record.Redirect != nil && n.Record.All() == nil {
			terms = append(slices.Clone(terms), *n.Record.Redirect)
		}
		for _, term := range terms {
			i := slices.IndexFunc(n.Children, func(c *spf.Node) bool { return c.Via == term.Text })
			switch {
			case term.Qualifier == '-', term.Name == "all":
			case i >= 0 && t.own(n.Children[i].Domain):
				add(n.Children[i])
			case term.Network.IsValid():
				networks = append(networks, term.Network.Masked().String())
			default:
				senders = append(senders, strings.ToLower(strings.TrimPrefix(term.Text, "+")))
			}
		}
	}
	add(t.facts.SPF.Root)
	slices.Sort(networks)
	if networks = slices.Compact(networks); len(networks) > maxNetworks {
		// So many are written by a program, which changes them by itself.
		networks = []string{ManyNetworks}
	}
	return append(senders, networks...), known
}

// own says whether a name is in the domain itself.
func (t *taking) own(name string) bool {
	d := t.facts.Target.Domain
	return name == d || strings.HasSuffix(name, "."+d)
}

// dmarc takes what receivers are asked to do, also for subdomains where that
// is less.
func (t *taking) dmarc() {
	d := t.facts.DMARC
	switch {
	case d.Domain == "" && d.Failed != nil:
	case len(d.Many) > 0:
		t.word(DMARC, Multiple)
	case d.Err != nil:
		t.word(DMARC, Invalid)
	case d.Record == nil:
		t.word(DMARC, Missing)
	default:
		effective := d.Effective(t.facts.Target.Domain)
		word := "p=" + string(effective)
		if sub := d.Record.SP; sub == dmarc.None && effective != dmarc.None {
			word += ", sp=none"
		}
		t.word(DMARC, word)
	}
}
