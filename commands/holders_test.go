package commands_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"wolkwijs/answer"
	"wolkwijs/commands"
	"wolkwijs/domaincheck"
	"wolkwijs/domaincheck/asn"
	"wolkwijs/domaincheck/dnsq"
	"wolkwijs/domaincheck/dnsq/dnstest"
	"wolkwijs/knowledge"
	"wolkwijs/lang"
)

// TestHolders plays the transcripts of testdata/holders: a comment that says
// what the case is, the zone, the command, and the answers in both languages
// from the knowledge base as it is.
func TestHolders(t *testing.T) {
	files, err := filepath.Glob("testdata/holders/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatalf("no transcripts: %v", err)
	}
	store, err := knowledge.OpenLayers(knowledge.Builtin())
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txt"), func(t *testing.T) {
			data, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			question, _, ok := strings.Cut(string(data), "-- nl --\n")
			head, command, two := strings.Cut(question, "-- command --\n")
			if !ok || !two {
				t.Fatal("want the parts zone, command and nl")
			}
			_, zone, _ := strings.Cut(head, "-- zone --\n")
			srv := dnstest.New(t, ". SOA a. b. 1 2 3 4 300\n"+zone)
			r, err := dnsq.New(dnsq.Config{Resolver: srv.Addr(), Timeout: 2 * time.Second})
			if err != nil {
				t.Fatal(err)
			}
			defer r.Close()
			checker := domaincheck.New(r, commands.Companies(store))
			checker.Networks, checker.Policies = asn.Cymru{}, nil
			s := newService(t, func(o *commands.Options) { o.Knowledge, o.Checker = store, checker })
			got := question
			for _, l := range []lang.Code{lang.NL, lang.EN} {
				a := s.Answer(t.Context(), commands.Request{Text: strings.TrimSpace(command), Lang: l, Kind: commands.Group})
				a.Source = nil // the number of queries depends on what the other language asked
				got += "-- " + string(l) + " --\n" + answer.Body(a, answer.Options{}) + "\n"
			}
			golden(t, file, got)
		})
	}
}

// TestCompareArguments takes two to five domains.
func TestCompareArguments(t *testing.T) {
	store, err := knowledge.OpenLayers(knowledge.Builtin())
	if err != nil {
		t.Fatal(err)
	}
	srv := dnstest.New(t, `
. SOA a. b. 1 7200 3600 1209600 300
example.nl. SOA ns.example.nl. host.example.nl. 1 7200 3600 1209600 300
example.nl. MX 0 .
gmail.com. MX 5 gmail-smtp-in.l.google.com.
`)
	r, err := dnsq.New(dnsq.Config{Resolver: srv.Addr(), Timeout: 2 * time.Second})
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	checker := domaincheck.New(r, commands.Companies(store))
	checker.Networks, checker.Policies = nil, nil
	s := newService(t, func(o *commands.Options) { o.Knowledge, o.Checker = store, checker })
	for _, tt := range []struct{ text, headline string }{
		{"!compare", "Give two to five domains, for example !compare hcc.nl seniorweb.nl."},
		{"!compare example.nl", "Give two to five domains, for example !compare hcc.nl seniorweb.nl."},
		{"!compare example.nl www.example.nl", "Give two to five domains, for example !compare hcc.nl seniorweb.nl."},
		{"!compare example.nl and localhost", "Give two to five domains, for example !compare hcc.nl seniorweb.nl."},
		{"!compare a.nl b.nl c.nl d.nl e.nl f.nl", "Five domains at a time is the most. Give a few less."},
		{"!compare gone.nl away.nl", "I could check none of these domains."},
		{"!compare example.nl gmail.com", "Side by side: example.nl"},
	} {
		if got := headline(s.Answer(t.Context(), commands.Request{Text: tt.text, Kind: commands.Group})); got != tt.headline {
			t.Errorf("%s\n got %s\nwant %s", tt.text, got, tt.headline)
		}
	}
	s = newService(t, func(o *commands.Options) { o.Knowledge = store })
	if got := s.Answer(t.Context(), commands.Request{Text: "!compare a.nl b.nl"}); !got.Failed {
		t.Errorf("without a checker: %s", headline(got))
	}
}
