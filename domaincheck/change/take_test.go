package change_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"codeberg.org/miekg/dns"

	"wolkwijs/domaincheck"
	"wolkwijs/domaincheck/asn"
	"wolkwijs/domaincheck/change"
	"wolkwijs/domaincheck/change/changetest"
	"wolkwijs/domaincheck/dnsq"
	"wolkwijs/domaincheck/dnsq/dnstest"
	"wolkwijs/domaincheck/holder"
	"wolkwijs/knowledge"
)

// zones are the internet before anything changes.
var zones = changetest.Edit(changetest.Around+changetest.Club,
	"- @ TXT", `@ TXT "v=spf1 include:_spf.big.example include:own.club.nl ip4:203.0.113.9 ~all"`,
	`own TXT "v=spf1 a:mail.club.nl -all"`, "mail A 203.0.113.10", "@ A 192.0.2.80")

// edited are they after edits, one a line.
func edited(edits string) string { return changetest.Edit(zones, strings.Split(edits, "\n")...) }

// companies are those that the tests know.
func companies() []knowledge.Provider {
	return []knowledge.Provider{
		{ID: "big", Name: "Big Mail", Owner: "Big Inc.", OwnerCountry: "US", HQCountry: "US", Roles: []string{"mailbox"}, MX: []string{"big.example"}, SPF: []string{"_spf.big.example"}},
		{ID: "small", Name: "Small Mail", Owner: "Small B.V.", OwnerCountry: "NL", HQCountry: "NL", Roles: []string{"mailbox"}, MX: []string{"small.example"}, SPF: []string{"_spf.small.example"}},
		{ID: "filter", Name: "Zeef", Owner: "Zeef B.V.", OwnerCountry: "NL", HQCountry: "NL", Roles: []string{"gateway"}, MX: []string{"filter.example"}},
		{ID: "host", Name: "Hostery", Owner: "Hostery B.V.", OwnerCountry: "NL", HQCountry: "NL", Roles: []string{"dns", "web"}, NS: []string{"host.example"}, CNAME: []string{"host.example"}},
		{ID: "other", Name: "Other", Owner: "Other Inc.", OwnerCountry: "US", HQCountry: "US", Roles: []string{"dns", "web"}, NS: []string{"other.example"}, CNAME: []string{"other.example"}},
	}
}

// look takes a snapshot of club.nl as zone has it.
func look(t *testing.T, zone string, known []knowledge.Provider, opts ...dnstest.Option) (change.Snapshot, bool) {
	t.Helper()
	return lookWith(t, asn.Cymru{}, zone, known, opts...)
}

// lookWith is look with another source of networks, or none.
func lookWith(t *testing.T, networks asn.Source, zone string, known []knowledge.Provider, opts ...dnstest.Option) (change.Snapshot, bool) {
	t.Helper()
	srv := dnstest.New(t, zone, opts...)
	r, err := dnsq.New(dnsq.Config{Resolver: srv.Addr(), Timeout: 200 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	c := domaincheck.New(r, func() *holder.Table { return holder.NewTable(known) })
	c.Networks, c.Policies = networks, nil
	report, err := c.Recheck(t.Context(), "club.nl")
	if err != nil {
		t.Fatal(err)
	}
	return change.Take(report)
}

// tell writes changes as tests expect them.
func tell(changes []change.Change) string {
	var all []string
	for _, c := range changes {
		all = append(all, fmt.Sprintf("%s: %s → %s", c.Subject, items(c.Was), items(c.Is)))
	}
	return strings.Join(all, "\n")
}

func items(all []change.Item) string {
	var names []string
	for _, i := range all {
		name := i.Name
		if i.Law != "" {
			name += " " + i.Law
		}
		names = append(names, name)
	}
	return strings.Join(names, ", ")
}

var signed = dnstest.Secure("nl.", "example.", "club.nl.")

// TestChanges edits the zone of club.nl and tells what changed by that.
func TestChanges(t *testing.T) {
	for _, tt := range []struct {
		name  string
		edits string
		opts  []dnstest.Option
		want  string
	}{
		{"nothing", "", nil, ""},
		{"order", "- @ NS\n@ NS ns2.host.example.\n@ NS ns1.host.example.\n", nil, ""},
		{"case", "- @ NS\n@ NS NS1.Host.Example.\n@ NS ns2.host.example.\n", nil, ""},
		{"preferences", "- @ MX\n@ MX 1 mx1.big.example.\n@ MX 2 mx2.big.example.\n", nil, ""},
		{"serial number and TTL", "- @ SOA\n@ 60 SOA ns1.host.example. hostmaster 2 7200 3600 1209600 300\n", nil, ""},
		{"another address with the same company", "- @ A\n@ A 192.0.2.81\n@ A 192.0.2.82\n", nil, ""},
		{"a token for a search engine", "@ TXT \"google-site-verification=abc\"\n", nil, ""},
		{"the order of SPF, and spaces", "- @ TXT\n@ TXT \"v=spf1 ip4:203.0.113.9   include:own.club.nl include:_SPF.big.example ~all\"\n", nil, ""},
		{"what somebody else's SPF says", "- _spf.big.example.\n_spf.big.example. TXT \"v=spf1 ip4:192.0.2.0/25 -all\"\n", nil, ""},
		{"where DMARC reports go", "- _dmarc\n_dmarc TXT \"v=DMARC1; p=quarantine; rua=mailto:else@club.nl; fo=1\"\n", nil, ""},
		{"a service of another kind", "shop A 192.0.2.99\n_mta-sts TXT \"v=STSv1; id=1\"\n", nil, ""},
		{"MX cannot be looked up", "", []dnstest.Option{dnstest.ServFail("club.nl.", dns.TypeMX)}, ""},
		{"TXT cannot be looked up", "", []dnstest.Option{dnstest.ServFail("club.nl.", dns.TypeTXT)}, ""},
		{"NS is refused", "", []dnstest.Option{dnstest.Refused("club.nl.", dns.TypeNS)}, ""},
		{"DMARC does not answer", "", []dnstest.Option{dnstest.Drop("_dmarc.club.nl.", dns.TypeTXT)}, ""},
		{"an included record cannot be looked up", "", []dnstest.Option{dnstest.ServFail("_spf.big.example.", dns.TypeTXT)}, ""},
		{"a record of its own that is included cannot be looked up", "", []dnstest.Option{dnstest.ServFail("own.club.nl.", dns.TypeTXT)}, ""},
		{"addresses of servers cannot be looked up", "", []dnstest.Option{dnstest.ServFail("mx1.big.example.", dns.TypeANY), dnstest.ServFail("ns1.host.example.", dns.TypeANY)}, ""},
		{"the website cannot be looked up", "", []dnstest.Option{dnstest.ServFail("www.club.nl.", dns.TypeANY)}, ""},
		{"networks cannot be looked up", "", []dnstest.Option{dnstest.ServFail("0.2.0.192.origin.asn.cymru.com.", dns.TypeTXT)}, ""},
		{"DNSSEC cannot be told", "", []dnstest.Option{dnstest.NotValidating()}, ""},

		{"mail moves", "- @ MX\n- @ TXT\n@ MX 10 mx.small.example.\n@ TXT \"v=spf1 include:_spf.small.example include:own.club.nl ip4:203.0.113.9 ~all\"\n", nil,
			"mail: big US → small EU\nmx: mx1.big.example, mx2.big.example → mx.small.example\nsenders: 203.0.113.9/32, a:mail.club.nl, include:_spf.big.example → 203.0.113.9/32, a:mail.club.nl, include:_spf.small.example"},
		{"a filter in front", "- @ MX\n@ MX 10 mx.filter.example.\n@ TXT \"MS=ms1\"\n", nil,
			"filter:  → filter EU\nmx: mx1.big.example, mx2.big.example → mx.filter.example"},
		{"an exchange more", "@ MX 30 mx3.big.example.\n", nil, "mx: mx1.big.example, mx2.big.example → mx1.big.example, mx2.big.example, mx3.big.example"},
		{"no mail any more", "- @ MX\n@ MX 0 .\n", nil, "mail: big US → none unknown\nmx: mx1.big.example, mx2.big.example → ."},
		{"DNS moves", "- @ NS\n@ NS ns1.other.example.\n@ NS ns2.other.example.\n", nil,
			"dns: host EU → other US\nns: ns1.host.example, ns2.host.example → ns1.other.example, ns2.other.example"},
		{"a name server more", "@ NS ns3.host.example.\n", nil, "ns: ns1.host.example, ns2.host.example → ns1.host.example, ns2.host.example, ns3.host.example"},
		{"the website moves", "- www\nwww CNAME www.other.example.\n", nil, "web: AS64500 unknown, host EU → AS64500 unknown, other US"},
		{"DNSSEC off", "", []dnstest.Option{dnstest.Behave()}, "dnssec: signed → unsigned"},
		{"DNSSEC bogus", "", []dnstest.Option{dnstest.Bogus("club.nl.", 7, "expired")}, "dnssec: signed → bogus"},
		{"a sender more", "- @ TXT\n@ TXT \"v=spf1 include:_spf.big.example include:_spf.news.example include:own.club.nl ip4:203.0.113.9 ~all\"\n", nil,
			"senders: 203.0.113.9/32, a:mail.club.nl, include:_spf.big.example → 203.0.113.9/32, a:mail.club.nl, include:_spf.big.example, include:_spf.news.example"},
		{"a sender more in a record of its own", "- own\nown TXT \"v=spf1 a:mail.club.nl a:www.club.nl -all\"\n", nil,
			"senders: 203.0.113.9/32, a:mail.club.nl, include:_spf.big.example → 203.0.113.9/32, a:mail.club.nl, a:www.club.nl, include:_spf.big.example"},
		{"SPF stricter", "- @ TXT\n@ TXT \"v=spf1 include:_spf.big.example include:own.club.nl ip4:203.0.113.9 -all\"\n", nil, "spf: ~all → -all"},
		{"SPF gone", "- @ TXT\n", nil, "spf: ~all → missing"},
		{"SPF twice", "@ TXT \"v=spf1 -all\"\n", nil, "spf: ~all → multiple"},
		{"SPF broken", "- @ TXT\n@ TXT \"v=spf1 inclde:x ~all\"\n", nil, "spf: ~all → invalid"},
		{"SPF refers to nothing", "- _spf.big.example.\n", nil, "spf: ~all → invalid"},
		{"DMARC stricter", "- _dmarc\n_dmarc TXT \"v=DMARC1; p=reject\"\n", nil, "dmarc: p=quarantine → p=reject"},
		{"DMARC off for subdomains", "- _dmarc\n_dmarc TXT \"v=DMARC1; p=quarantine; sp=none\"\n", nil, "dmarc: p=quarantine → p=quarantine, sp=none"},
		{"DMARC on trial", "- _dmarc\n_dmarc TXT \"v=DMARC1; p=quarantine; t=y\"\n", nil, "dmarc: p=quarantine → p=none"},
		{"DMARC gone", "- _dmarc\n", nil, "dmarc: p=quarantine → missing"},
		{"gone altogether", "- @\n- own\n- www\n- _dmarc\n- mail\n", nil, "domain: exists → gone"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			before, ok := look(t, zones, companies(), signed)
			if !ok {
				t.Fatal("nothing could be looked up before")
			}
			after, ok := look(t, edited(tt.edits), companies(), append([]dnstest.Option{signed}, tt.opts...)...)
			if !ok {
				t.Fatal("nothing could be looked up after")
			}
			got := tell(change.Compare(before, after))
			if got != tt.want {
				t.Errorf("got\n%s\nwant\n%s", got, tt.want)
			}
			if size := len(after.String()); size > 2000 {
				t.Errorf("the snapshot has %d bytes", size)
			}
		})
	}
}

// A domain that is an alias for a name that does not exist is there itself.
func TestAliasForNothingIsNotGone(t *testing.T) {
	s, ok := look(t, edited("- @\n- own\n- www\n- _dmarc\n- mail\n@ CNAME gone.example."), companies())
	if !ok || items(s.Items(change.Domain)) != string(change.Exists) {
		t.Errorf("%v, %s", ok, s)
	}
}

// Addresses in two networks, in whatever order, are the same website.
func TestRoundRobinIsNoChange(t *testing.T) {
	a, _ := look(t, edited("- @ A\n@ A 192.0.2.80\n@ A 198.51.100.80\n@ AAAA 2001:db8::80"), companies())
	b, _ := look(t, edited("- @ A\n@ A 198.51.100.80\n@ A 192.0.2.80\n@ AAAA 2001:db8::80"), companies())
	if got := tell(change.Compare(a, b)); got != "" || len(a.Items(change.Web)) != 2 {
		t.Errorf("%s\n%s", got, a)
	}
}

// That networks are not looked up any more, or are from now on, is an
// operator's choice and says nothing of a domain.
func TestOtherSourceOfNetworksIsNoChange(t *testing.T) {
	zone := edited("- @ A\n- www\nwww CNAME web.small.example.\n- mx1.big.example.\nweb.small.example. A 198.51.100.88\nmx1.big.example. A 198.51.100.25")
	known := companies()
	known[1].ASNs, known[1].Roles = []uint32{64501}, []string{"mailbox", "web"}
	with, _ := look(t, zone, known)
	off, _ := lookWith(t, nil, zone, known)
	if w, o := items(with.Items(change.Web)), items(off.Items(change.Web)); w != "small EU" || o != "small.example unknown" {
		t.Errorf("the website is with %q, and without networks with %q", w, o)
	}
	for _, got := range [][]change.Change{change.Compare(with, off), change.Compare(off, with)} {
		if tell(got) != "" {
			t.Errorf("changed: %s", tell(got))
		}
	}
}
