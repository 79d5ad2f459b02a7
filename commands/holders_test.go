package commands_test

import (
	"os"
	"path/filepath"
	"regexp"
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

// TestStrangersNamesAreCode holds that what strangers put in DNS of companies
// and networks that we do not know is shown as code, and can be no link, no
// mention and no HTML: in each answer about a domain, in every rendering.
func TestStrangersNamesAreCode(t *testing.T) {
	store, err := knowledge.OpenLayers(knowledge.Builtin())
	if err != nil {
		t.Fatal(err)
	}
	const zone = `
. SOA a. b. 1 7200 3600 1209600 300
own.nl. SOA ns.evil-login.com. host.own.nl. 1 7200 3600 1209600 300
own.nl. NS ns.evil-login.com.
own.nl. MX 10 mx.own.nl.
own.nl. A 203.0.113.80
own.nl. TXT "v=spf1 mx include:mx.evil-login.com -all"
mx.own.nl. A 203.0.113.25
theirs.nl. SOA ns.evil-login.com. host.own.nl. 1 7200 3600 1209600 300
theirs.nl. NS ns.evil-login.com.
theirs.nl. MX 10 mx.evil-login.com.
www.theirs.nl. CNAME web.evil-login.com.
mx.evil-login.com. A 203.0.113.25
ns.evil-login.com. A 203.0.113.53
web.evil-login.com. A 203.0.113.80
0.113.0.203.origin.asn.cymru.com. TXT "64511 | 203.0.113.0/24 | COUNTRY | ripencc | "
as64511.asn.cymru.com. TXT "64511 | NL | ripencc | 2001-02-03 | EVIL"
`
	for _, evil := range []string{
		"X https://evil.example @alice:hs.example, NL", "<a href=https://evil.example>@room</a>", "https://matrix.to/#/@alice:evil.example", "`**evil**` %s mailto:a@evil.example",
	} {
		for _, country := range []string{"NL", "US"} {
			srv := dnstest.New(t, strings.NewReplacer("EVIL", evil, "COUNTRY", country).Replace(zone))
			r, err := dnsq.New(dnsq.Config{Resolver: srv.Addr(), Timeout: 2 * time.Second})
			if err != nil {
				t.Fatal(err)
			}
			defer r.Close()
			checker := domaincheck.New(r, commands.Companies(store))
			checker.Networks, checker.Policies = asn.Cymru{}, nil
			s := newService(t, func(o *commands.Options) { o.Knowledge, o.Checker = store, checker })
			for _, text := range []string{"!check own.nl", "!check theirs.nl", "!check own.nl spf", "!compare own.nl theirs.nl"} {
				for _, l := range []lang.Code{lang.NL, lang.EN} {
					a := s.Answer(t.Context(), commands.Request{Text: text, Lang: l, Kind: commands.Group})
					body, formatted := answer.Matrix(a, answer.Options{})
					if !strings.Contains(body, "evil") {
						t.Fatalf("%s: nothing to look for in\n%s", text, body)
					}
					for _, out := range []string{body, formatted, answer.Render(a, answer.Options{Width: 80})} {
						if found := regexp.MustCompile(`://|@(room|alice)|mailto:|matrix\.to|u\{2060\}`).FindString(out); found != "" {
							t.Errorf("%s, %q: %q is in\n%s", text, evil, found, out)
						}
					}
					prose := regexp.MustCompile(`<code>.*?</code>`).ReplaceAllString(formatted, "")
					if found := regexp.MustCompile(`.{0,60}(evil|<a ).{0,60}`).FindString(prose); found != "" {
						t.Errorf("%s, %q: as prose: …%s…", text, evil, found)
					}
				}
			}
		}
	}
}
