package report_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"

	"wolkwijs/domaincheck"
	"wolkwijs/domaincheck/holder"
	"wolkwijs/domaincheck/survey"
	"wolkwijs/domaincheck/survey/report"
	"wolkwijs/lang"
)

// companies are some holders, by a short name.
var companies = map[string]holder.Function{
	"ms":    {Provider: "microsoft", Name: "Microsoft 365", Owner: "Microsoft", HQCountry: "US", Jurisdiction: "US", CloudAct: "yes", Confidence: "high"},
	"mime":  {Provider: "mimecast", Name: "Mimecast", HQCountry: "GB", Jurisdiction: "GB", CloudAct: "yes", Confidence: "high"},
	"tip":   {Provider: "transip", Name: "TransIP", HQCountry: "BE", Jurisdiction: "EU", CloudAct: "no", Confidence: "medium"},
	"swiss": {Provider: "proton", Name: "Proton", HQCountry: "CH", Jurisdiction: "CH", CloudAct: "no", Confidence: "high"},
	"own":   {Provider: holder.SelfHosted, Jurisdiction: "EU", CloudAct: "no", Confidence: "low"},
	"some":  {Provider: holder.Unknown, Name: "example.net", Jurisdiction: "unknown", CloudAct: "unknown", Confidence: "low", Evidence: []holder.Evidence{{Signal: "ns"}}},
	"late":  {Provider: holder.Unknown, Jurisdiction: "unknown", CloudAct: "unknown", Confidence: "low"},
	"none":  {Provider: holder.None, Jurisdiction: "unknown", CloudAct: "unknown", Confidence: "high"},
}

// row makes a row of a domain: who holds what, as "mail:ms dns:tip", and
// findings, as "spf-ok pass".
func row(domain, group, holders, findings string) *survey.Row {
	r := &domaincheck.Report{Domain: domain, Resolver: "127.0.0.1:53", CheckedAt: time.Date(2026, 11, 26, 5, 0, 0, 0, time.UTC)}
	for part := range strings.FieldsSeq(holders) {
		function, name, _ := strings.Cut(part, ":")
		f := companies[name]
		f.Function = function
		if name == "late" {
			r.Errors = []domaincheck.LookupError{{Name: domain, Type: "MX", Kind: "timeout"}}
			r.Partial = true
		}
		r.Functions = append(r.Functions, f)
	}
	for part := range strings.SplitSeq(findings, ",") {
		if id, status, ok := strings.Cut(strings.TrimSpace(part), " "); ok {
			r.Findings = append(r.Findings, domaincheck.Finding{ID: id, Status: domaincheck.Status(status)})
		}
	}
	if strings.Contains(findings, "dmarc-ok") {
		r.DMARCPolicy = "reject"
	} else if strings.Contains(findings, "dmarc-none") {
		r.DMARCPolicy = "none"
	}
	return &survey.Row{Input: domain, Group: group, Report: r}
}

// page makes a page of rows and returns it with its text, spaces folded.
func page(t testing.TB, o report.Options, rows ...*survey.Row) (source, text string) {
	t.Helper()
	r := report.New(o)
	for _, row := range rows {
		r.Add(survey.Summarise(row))
	}
	var b bytes.Buffer
	if err := r.Write(&b); err != nil {
		t.Fatal(err)
	}
	return b.String(), plain(t, b.String())
}

// plain is what a page says besides script and style, in one line.
func plain(t testing.TB, source string) string {
	t.Helper()
	doc, err := html.Parse(strings.NewReader(source))
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	for n := range doc.Descendants() {
		if n.Type == html.TextNode && n.Parent.Data != "script" && n.Parent.Data != "style" && n.Parent.Data != "noscript" {
			b.WriteString(n.Data + " ")
		}
	}
	return strings.Join(strings.Fields(b.String()), " ")
}

// some are rows of four domains that exist and are known, and of others.
func some() []*survey.Row {
	return []*survey.Row{
		row("a.nl", "Utrecht", "mail:ms mail-filter:mime dns:tip web:ms", "spf-ok pass, dmarc-ok pass, dnssec-ok pass, dane-missing info"),
		row("b.nl", "Utrecht", "mail:ms dns:tip web:tip", "spf-missing fail, dmarc-none warn, dnssec-missing warn, dane-ok pass"),
		row("c.nl", "Zeeland", "mail:own dns:some web:swiss", "spf-ok pass, dmarc-unknown unknown, dnssec-bogus fail, dane-unknown unknown"),
		row("d.nl", "Zeeland", "mail:late dns:tip web:late", "mx-unknown unknown, spf-weak warn, dmarc-missing fail, dnssec-ok pass"),
		row("e.nl", "Zeeland", "mail:none dns:tip web:tip", "null-mx info, spf-ok pass, dmarc-ok pass, dnssec-ok pass"),
		row("gone.nl", "Zeeland", "", "domain-not-found fail"),
		row("postbus.example", "Zeeland", "mail:ms", "mail-domain-of-provider info"),
		{Line: 9, Input: "no domain", Error: "I see a space in the domain name.", ErrorKind: survey.NoDomain},
		{Line: 10, Input: "silent.nl", Error: "no answer", ErrorKind: survey.NoAnswer},
	}
}

// The figures are of those domains alone that could be looked up.
func TestFigures(t *testing.T) {
	_, text := page(t, report.Options{Lang: lang.EN, GroupName: "province", Version: "1.2", NoRow: 3}, some()...)
	rest := text
	for _, want := range []string{
		"Who holds the mail, DNS and web of 8 domains?",
		"Of the 4 domains with mail, 3 (75%) have their mailboxes with a company under American law. The largest is Microsoft 365, with 3. In 2 of 4 domains (50%), DMARC asks",
		"Looked at on 26 November 2026",
		"75% of domains with mail have their mailboxes with a company under American law 3 of 4",
		"60% have DNSSEC in order, so that nobody can forge their DNS answers 3 of 5",
		"Under whose law",
		"Mailboxes plus 1 that could not be looked up American law 75% (3) own server 25% (1) 4",
		"Mail filter in front American law 100% (1) 1",
		"DNS EU 80% (4) unknown 20% (1) 5",
		"Website plus 1 that could not be looked up American law 25% (1) EU 50% (2) other EEA, Switzerland, UK 25% (1) 4",
		"Mailboxes Where the mailboxes are, also behind a filter. Could not be looked up, and so not counted here: 1. Mailboxes Company Number Domains Microsoft 365 US 3 75% own server 1 25%",
		"SPF who may send mail for the domain in order 60% (3) could be better 20% (1) missing 20% (1) 5",
		"DMARC what receivers do with forged mail reject 40% (2) do nothing (none) 20% (1) missing 20% (1) cannot be told 20% (1) 5",
		"DNSSEC signature under DNS answers in order 60% (3) broken 20% (1) missing 20% (1) 5",
		"Compared by province",
		"Zeeland 5 50% 50% 67% – – Microsoft 365 (50%)",
		"Utrecht 2 100% 50% 50% 50% – Microsoft 365 (100%)",
		"What cannot be told None of this counts as missing or unsafe.",
		"Lines of the list that have not been looked at yet 3 Lines in which there is no domain 1 Domains that do not exist 1",
		"Domains about which nothing could be looked up 1 Domains of which a part could not be looked up 1 Mail domains of a provider, of which only the mail was looked at 1",
		"Line Input Why not 9 no domain I see a space",
		"How this was measured",
		"looked up on 26 November 2026 through the resolver 127.0.0.1:53",
		"Confidence: 75% high, 0% medium, 25% low",
		"Made with Wolkwijs 1.2.",
	} {
		want = strings.ReplaceAll(want, "Line Input", "Line What it says")
		i := strings.Index(rest, want)
		if i < 0 {
			t.Errorf("no %q in the rest of\n%s", want, rest)
			continue
		}
		rest = rest[i+len(want):]
	}
}

func TestDutch(t *testing.T) {
	source, text := page(t, report.Options{Lang: lang.NL, Country: func(code string) string { return map[string]string{"US": "VS", "BE": "België"}[code] }}, some()...)
	for _, want := range []string{
		"Van 3 van de 4 domeinen met mail (75 %) staan de postvakken bij een bedrijf dat onder Amerikaans recht valt.",
		"Bekeken op 26 november 2026", "Microsoft 365 VS 3 75 %", "TransIP België 4 80 %", "weigeren (reject) 40 % (2)",
	} {
		if !strings.Contains(text, strings.ReplaceAll(want, " %", " %")) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
	if !strings.Contains(source, `<html lang="nl">`) {
		t.Error("the page does not say that it is in Dutch")
	}
	if strings.Contains(text, "%!") {
		t.Errorf("a text lacks an argument: %s", text)
	}
}

// Rows of one domain count once, and groups that are names are no groups.
func TestRepeatedAndNames(t *testing.T) {
	rows := []*survey.Row{row("a.nl", "A club", "mail:ms", ""), row("a.nl", "A club", "mail:ms", ""), row("b.nl", "B club", "mail:ms", "")}
	_, text := page(t, report.Options{Lang: lang.EN, GroupName: "name"}, rows...)
	for want, there := range map[string]bool{"of 2 domains?": true, "domain that is there already; each domain counts once 1": true, "Compared by": false, "Name": true} {
		if strings.Contains(text, want) != there {
			t.Errorf("%q: want %v in\n%s", want, there, text)
		}
	}
}

func TestEmpty(t *testing.T) {
	_, text := page(t, report.Options{Lang: lang.EN})
	if !strings.Contains(text, "of 0 domains?") || strings.Contains(text, "NaN") {
		t.Error(text)
	}
	_, text = page(t, report.Options{Lang: lang.EN, Title: "My clubs"}, some()[7:]...)
	if !strings.Contains(text, "My clubs") || !strings.Contains(text, "Domains about which nothing could be looked up 1") {
		t.Error(text)
	}
}

// hostile texts stay text wherever they stand.
var hostile = []string{
	`</script><script>alert(1)</script>`, `"><img src=x onerror=alert(1)>`, `<!--`, `]]>`, `&lt;b&gt;`, "\u202etxt.exe", "a\u2028b", `{{.Title}}`, `</style><b>`, "`code`", `%s %d`, `javascript:alert(1)`,
}

func TestHostileText(t *testing.T) {
	var rows []*survey.Row
	for i, h := range hostile {
		r := row(h, h, "", "")
		r.Resolver, r.Unicode = h, h
		for _, function := range survey.Functions {
			r.Functions = append(r.Functions, holder.Function{Function: function, Provider: holder.Unknown, Name: h, Owner: h, HQCountry: h, Jurisdiction: h, CloudAct: h, Confidence: h, Evidence: []holder.Evidence{{}}})
		}
		rows = append(rows, r, row(fmt.Sprint("x", i, ".nl"), h, "mail:ms", ""), &survey.Row{Line: 1, Input: h, Error: h, ErrorKind: survey.NoDomain})
	}
	source, text := page(t, report.Options{Lang: lang.EN, Title: hostile[0], GroupName: hostile[1], Version: hostile[2]}, rows...)
	doc, err := html.Parse(strings.NewReader(source))
	if err != nil {
		t.Fatal(err)
	}
	var scripts []*html.Node
	for n := range doc.Descendants() {
		switch n.Data {
		case "script":
			if n.Type == html.ElementNode {
				scripts = append(scripts, n)
			}
		case "img", "b", "iframe", "object":
			if n.Type == html.ElementNode && n.Parent.Data != "span" {
				t.Errorf("there is a <%s>", n.Data)
			}
		}
		for _, a := range n.Attr {
			if strings.HasPrefix(a.Key, "on") || a.Key == "style" || a.Key == "href" && !strings.HasPrefix(a.Val, "#") && a.Val != "data:," {
				t.Errorf("<%s %s=%q>", n.Data, a.Key, a.Val)
			}
		}
	}
	if len(scripts) != 2 {
		t.Fatalf("%d scripts", len(scripts))
	}
	var data struct {
		Rows   [][]any  `json:"rows"`
		Groups []string `json:"groups"`
	}
	if err := json.Unmarshal([]byte(scripts[0].FirstChild.Data), &data); err != nil {
		t.Fatal(err)
	}
	if len(data.Rows) != 2*len(hostile) || data.Rows[0][0] != hostile[0] {
		t.Errorf("%d rows, the first is %q", len(data.Rows), data.Rows[0])
	}
	if strings.ContainsAny(source, "\u202e\u2028") {
		t.Error("there are formatting characters")
	}
	if !strings.Contains(text, hostile[0]) {
		t.Error("the title is not there")
	}
}

// The page names nothing outside itself, and lets nothing else run.
func TestSelfContained(t *testing.T) {
	source, _ := page(t, report.Options{Lang: lang.NL}, some()...)
	if found := regexp.MustCompile(`(?i)(?:https?:)?//[a-z0-9]|@import|url\((?:[^#])`).FindAllString(strings.ReplaceAll(source, "http://www.w3.org/2000/svg", ""), -1); len(found) > 0 {
		t.Errorf("it names %q", found)
	}
	policy := regexp.MustCompile(`Content-Security-Policy" content="([^"]*)"`).FindStringSubmatch(source)
	if policy == nil || !strings.HasPrefix(policy[1], "default-src &#39;none&#39;; ") || strings.Contains(policy[1], "unsafe") || strings.Contains(policy[1], "*") {
		t.Errorf("the policy is %q", policy)
	}
}

// many are rows as a country has them.
func many(n int) []*survey.Row {
	names := []string{"ms", "ms", "ms", "tip", "swiss", "own", "some", "late"}
	finds := []string{"spf-ok pass, dmarc-ok pass, dnssec-ok pass, dane-missing info, mta-sts-missing info, ipv6-web-ok pass", "spf-weak warn, dmarc-none warn, dnssec-missing warn", "spf-missing fail, dmarc-missing fail, dnssec-ok pass"}
	rows := make([]*survey.Row, n)
	for i := range rows {
		h := fmt.Sprintf("mail:%s dns:%s web:%s", names[i%8], names[i/8%8], names[i/64%8])
		rows[i] = row(fmt.Sprintf("a-rather-long-domain-name-%d.example%d.nl", i, i%7), fmt.Sprint("Province ", i%12), h, finds[i%3])
	}
	return rows
}

func TestSize(t *testing.T) {
	source, _ := page(t, report.Options{Lang: lang.NL, GroupName: "province"}, many(10000)...)
	if len(source) > 5<<20 {
		t.Errorf("10,000 domains take %d octets", len(source))
	}
	t.Logf("%d octets", len(source))
}
