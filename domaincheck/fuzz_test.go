package domaincheck_test

import (
	"context"
	"encoding/json"
	"strings"
	"testing"

	"codeberg.org/miekg/dns"
	"codeberg.org/miekg/dns/rdata"

	"wolkwijs/domaincheck"
	"wolkwijs/domaincheck/dnsq"
)

// beginnings are what records of each kind begin with, by where they are.
var beginnings = map[string]string{
	"example.nl TXT":                    "v=spf1 ",
	"_spf.mail.example TXT":             "v=spf1 ",
	"_dmarc.example.nl TXT":             "v=DMARC1; ",
	"house1._domainkey.example.nl TXT":  "v=DKIM1; ",
	"default._domainkey.example.nl TXT": "",
	"_mta-sts.example.nl TXT":           "v=STSv1; ",
	"_smtp._tls.example.nl TXT":         "v=TLSRPTv1; ",
	"default._bimi.example.nl TXT":      "v=BIMI1; ",
}

// FuzzRecords puts a stranger's text into every TXT record at once: a check
// ends, its report is JSON, and no sentence has a word of the stranger.
func FuzzRecords(f *testing.F) {
	c, _ := newChecker(f, around+sound, secure)
	rec := &recorder{Questions: c.Questions(), answers: map[string]dnsq.Answer{}}
	c.Questions = func() domaincheck.Questions { return rec }
	report(f, c)
	const mark = "qzxq" // in no sentence of ours
	for _, s := range []string{
		"-all", "include:example.nl redirect=example.nl", "a:%{d} mx ptr exists:%{ir}.x.example ?all", "p=none; rua=mailto:a@b.example!1g; pct=1",
		"p=; t=y; k=ed25519", "id=1", "rua=https://a.example,mailto:b@c.example", "l=https://a.example/x.svg; a=;", "\x00\xff;=;;", "<b>@room</b> %s %n `x` **y**",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		answers := map[string]dnsq.Answer{}
		for q, a := range rec.answers {
			answers[q] = a
		}
		for q, begin := range beginnings {
			a := rec.answers["example.nl TXT"]
			a.Status = dnsq.Found
			a.Records = []dns.RR{&dns.TXT{TXT: rdata.TXT{Txt: []string{strings.ReplaceAll(begin+mark+s, `\`, `\\`)}}}}
			if len(s)%2 == 0 {
				a.Records = []dns.RR{&dns.TXT{TXT: rdata.TXT{Txt: []string{strings.ReplaceAll(begin+s+mark, `\`, `\\`)}}}}
			}
			answers[q] = a
		}
		c := &domaincheck.Checker{Questions: func() domaincheck.Questions { return replay(answers, 0) }, Companies: companies}
		c.Policies = policies{text: s}
		r, err := c.Check(context.Background(), "example.nl")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := json.Marshal(r); err != nil {
			t.Fatal(err)
		}
		for _, f := range r.Findings {
			for _, sentence := range []string{f.Text.NL, f.Text.EN, f.Advice.NL, f.Advice.EN, f.RFC, f.ID} {
				if strings.Contains(sentence, mark) || strings.Contains(sentence, "%!") {
					t.Fatalf("%s says %q", f.ID, sentence)
				}
			}
		}
	})
}
