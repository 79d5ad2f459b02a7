package spf_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"codeberg.org/miekg/dns"

	"wolkwijs/domaincheck/dnsq"
	"wolkwijs/domaincheck/dnsq/dnstest"
	"wolkwijs/domaincheck/spf"
)

// walk walks the tree of example.nl in a zone.
func walk(t *testing.T, zone string, opts ...dnstest.Option) *spf.Tree {
	t.Helper()
	srv := dnstest.New(t, "$TTL 60\n$ORIGIN example.nl.\n@ SOA a b 1 7200 3600 1209600 300\n"+zone, opts...)
	r, err := dnsq.New(dnsq.Config{Resolver: srv.Addr()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { r.Close() })
	return spf.Walk(t.Context(), r, "example.nl", r.Query(t.Context(), "example.nl", dns.TypeTXT))
}

const leaf = "leaf TXT \"v=spf1 ip4:192.0.2.0/24 -all\"\nhost A 192.0.2.1\nmx MX 1 host\n"

// TestLookups counts as RFC 7208, section 4.6.4, says.
func TestLookups(t *testing.T) {
	for _, tt := range []struct {
		name, zone string
		want       int
		atLeast    bool
	}{
		{"none", `@ TXT "v=spf1 ip4:192.0.2.1 ip6:2001:db8::1 -all"`, 0, false},
		{"each kind", `@ TXT "v=spf1 a:host.example.nl mx:mx.example.nl ptr exists:host.example.nl include:leaf.example.nl -all"`, 5, false},
		{"a look-up that fails to match counts too", `@ TXT "v=spf1 -a:gone.example.nl ~mx:gone.example.nl -all"`, 2, false},
		{"exp does not count", `@ TXT "v=spf1 -all exp=host.example.nl"`, 0, false},
		{"after all nothing counts", `@ TXT "v=spf1 -all a mx include:leaf.example.nl"`, 0, false},
		{"redirect counts with what it leads to", "@ TXT \"v=spf1 a:host.example.nl redirect=more.example.nl\"\nmore TXT \"v=spf1 mx:mx.example.nl -all\"", 3, false},
		{"redirect beside all does not", `@ TXT "v=spf1 a:host.example.nl redirect=leaf.example.nl -all"`, 1, false},
		{"redirect before the mechanisms comes last", `@ TXT "v=spf1 redirect=leaf.example.nl a:host.example.nl"`, 2, false},
		{"the same include twice counts twice", `@ TXT "v=spf1 include:leaf.example.nl include:leaf.example.nl -all"`, 2, false},
		{"includes of includes", "@ TXT \"v=spf1 include:more.example.nl -all\"\nmore TXT \"v=spf1 include:leaf.example.nl a:host.example.nl -all\"", 3, false},
		{"a macro that depends on the domain is followed", "@ TXT \"v=spf1 include:leaf.%{d} exists:%{d1r}.host.example.nl -all\"", 2, false},
		{"one that depends on the message is not", `@ TXT "v=spf1 include:%{i}.example.nl -all"`, 1, true},
		{"a failed include", `@ TXT "v=spf1 include:fails.example.nl -all"`, 1, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			tree := walk(t, leaf+tt.zone, dnstest.ServFail("fails.example.nl.", dns.TypeTXT))
			if tree.Lookups != tt.want || tree.AtLeast != tt.atLeast {
				t.Errorf("%d look-ups, at least %v; want %d, %v", tree.Lookups, tree.AtLeast, tt.want, tt.atLeast)
			}
		})
	}
}

func TestVoidCountsEachQuery(t *testing.T) {
	tree := walk(t, "@ TXT \"v=spf1 a include:one.example.nl include:two.example.nl -all\"\none TXT \"v=spf1 a -all\"\ntwo TXT \"v=spf1 a a:one.example.nl -all\"\n")
	if got := strings.Join(tree.Void, " "); got != "a a a a:one.example.nl" {
		t.Errorf("void: %s", got)
	}
}

// TestNamesSenders tells domains that name senders from those that name nobody.
func TestNamesSenders(t *testing.T) {
	for _, tt := range []struct {
		name, zone   string
		names, known bool
	}{
		{"none", "", false, true},
		{"nobody", `@ TXT "v=spf1 -all"`, false, true},
		{"nobody for sure", `@ TXT "v=spf1 ~all"`, false, true},
		{"somebody who may not", `@ TXT "v=spf1 -ip4:192.0.2.1 -all"`, false, true},
		{"everybody", `@ TXT "v=spf1 +all"`, true, true},
		{"somebody", `@ TXT "v=spf1 ~ip4:192.0.2.1 -all"`, true, true},
		{"an unknown modifier", `@ TXT "v=spf1 unknown=leaf.example.nl -all"`, false, true},
		{"redirect to somebody", `@ TXT "v=spf1 redirect=leaf.example.nl"`, true, true},
		{"redirect to nobody", "@ TXT \"v=spf1 redirect=no.example.nl\"\nno TXT \"v=spf1 -all\"", false, true},
		{"redirect beside all", `@ TXT "v=spf1 redirect=leaf.example.nl -all"`, false, true},
		{"redirect by a macro", `@ TXT "v=spf1 redirect=%{i}.example.nl"`, true, true},
		{"redirect to nothing", `@ TXT "v=spf1 redirect=gone.example.nl"`, true, true},
		{"redirect that failed", `@ TXT "v=spf1 redirect=fails.example.nl"`, false, false},
		{"broken", `@ TXT "v=spf1 ipv4:192.0.2.1 -all"`, false, false},
		{"broken, with somebody", `@ TXT "v=spf1 ipv4:192.0.2.1 ~MX -all"`, true, true},
		{"broken, with somebody who may not", `@ TXT "v=spf1 ipv4:192.0.2.1 -mx -all"`, false, false},
		{"two", "@ TXT \"v=spf1 -all\"\n@ TXT \"v=spf1 ~all\"", false, false},
		{"two, with somebody", "@ TXT \"v=spf1 -all\"\n@ TXT \"v=spf1 include:leaf.example.nl -all\"", true, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			tree := walk(t, leaf+tt.zone, dnstest.ServFail("fails.example.nl.", dns.TypeTXT))
			if names, known := tree.NamesSenders(); names != tt.names || known != tt.known {
				t.Errorf("%v, known %v; want %v, %v", names, known, tt.names, tt.known)
			}
		})
	}
}

func TestVoid(t *testing.T) {
	for _, tt := range []struct {
		term string
		void bool
	}{
		{"a:host.example.nl", false},
		{"a:six.example.nl", false},
		{"a:gone.example.nl", true},
		{"a:text.example.nl", true},
		{"mx:mx.example.nl", false},
		{"mx:host.example.nl", true},
		{"exists:host.example.nl", false},
		{"exists:six.example.nl", true}, // exists asks for A alone (RFC 7208, section 5.7)
		{"a:" + strings.Repeat("x", 64) + ".example.nl", true},
		{"exists:%{i}.example.nl", false}, // not to be seen without a message
	} {
		tree := walk(t, leaf+"six AAAA 2001:db8::1\ntext TXT hello\n@ TXT \"v=spf1 "+tt.term+" -all\"")
		if got := slices.Contains(tree.Void, tt.term); got != tt.void {
			t.Errorf("%s: void %v, want %v", tt.term, got, tt.void)
		}
	}
}

func TestProblemsOfNodes(t *testing.T) {
	zone := leaf + `
@ TXT "v=spf1 include:none.example.nl include:gone.example.nl include:two.example.nl include:bad.example.nl include:back.example.nl include:fails.example.nl include:%{l}.example.nl include:leaf.example.nl -all"
none TXT "hello"
two TXT "v=spf1 -all"
two TXT "v=spf1 ~all"
bad TXT "v=spf1 al"
back TXT "v=spf1 include:EXAMPLE.nl -all"
`
	tree := walk(t, zone, dnstest.ServFail("fails.example.nl.", dns.TypeTXT))
	got := map[string]spf.Problem{}
	for _, n := range tree.All() {
		got[n.Via] = n.Problem
	}
	want := map[string]spf.Problem{
		"": "", "include:none.example.nl": spf.NoRecord, "include:gone.example.nl": spf.NoName, "include:two.example.nl": spf.Multiple,
		"include:bad.example.nl": spf.Invalid, "include:back.example.nl": "", "include:EXAMPLE.nl": spf.Loop,
		"include:fails.example.nl": spf.Failed, "include:%{l}.example.nl": spf.Macro, "include:leaf.example.nl": "",
	}
	for via, problem := range want {
		if got[via] != problem {
			t.Errorf("%s is %q, want %q", via, got[via], problem)
		}
	}
	if len(got) != len(want) {
		t.Errorf("%d nodes, want %d", len(got), len(want))
	}
}

func TestDefaultAndAllowsAll(t *testing.T) {
	for _, tt := range []struct {
		record  string
		end     byte
		allowed string
	}{
		{"v=spf1 -all", '-', ""},
		{"v=spf1 ~all", '~', ""},
		{"v=spf1 ?all", '?', ""},
		{"v=spf1 mx:mx.example.nl", '?', ""},
		{"v=spf1 all", '+', "all"},
		{"v=spf1 redirect=leaf.example.nl", '-', ""},
		{"v=spf1 redirect=open.example.nl", '+', "redirect=open.example.nl"},
		{"v=spf1 redirect=gone.example.nl", 0, ""},
		{"v=spf1 include:open.example.nl -all", '-', "include:open.example.nl"},
		{"v=spf1 -include:open.example.nl -all", '-', ""},
		{"v=spf1 ip4:0.0.0.0/0 -all", '-', "ip4:0.0.0.0/0"},
		{"v=spf1 ip6:::/1 -all", '-', "ip6:::/1"},
		{"v=spf1 -ip4:0.0.0.0/0 -all", '-', ""},
	} {
		tree := walk(t, leaf+"open TXT \"v=spf1 +all\"\n"+fmt.Sprintf("@ TXT %q", tt.record))
		if tree.Default() != tt.end || tree.AllowsAll() != tt.allowed {
			t.Errorf("%s: ends in %q, allows all by %q; want %q, %q", tt.record, tree.Default(), tree.AllowsAll(), tt.end, tt.allowed)
		}
	}
}
