package domaincheck_test

import (
	"bufio"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"wolkwijs/domaincheck"
	"wolkwijs/domaincheck/asn"
	"wolkwijs/domaincheck/dnsq"
	"wolkwijs/domaincheck/dnsq/dnstest"
	"wolkwijs/domaincheck/holder"
	"wolkwijs/knowledge"
	"wolkwijs/tomlfile"
)

// labelled is a row of the labelled data that lies beside a checkout of this
// repository where there is one. The data is not ours to publish.
type labelled struct {
	Domain  string `json:"domain"`
	Records struct {
		MX        []string          `json:"MX"`
		TXT       []string          `json:"TXT"`
		CNAME     map[string]string `json:"CNAME"`
		SRV       map[string]string `json:"SRV"`
		ASN       []uint32          `json:"mx_asn"`
		IPCountry []string          `json:"mx_ip_country"`
		Includes  []string          `json:"spf_includes"`
	} `json:"records"`
	Provider string `json:"expected_provider"`
	Gateway  string `json:"expected_gateway"`
}

// zoneOf writes the records of the rows as a zone file, with a made-up address
// in a network of its own for every mail exchange.
func zoneOf(rows []labelled) string {
	var b strings.Builder
	b.WriteString(". SOA a.root. host.root. 1 2 3 4 300\n")
	networks := map[string]string{}
	hosts := map[string]bool{}
	network := func(asn uint32, country string) string {
		key := fmt.Sprint(asn, " ", country)
		if networks[key] == "" {
			n := len(networks)
			networks[key] = fmt.Sprintf("11.%d.%d.25", n/256, n%256)
			fmt.Fprintf(&b, "0.%d.%d.11.origin.asn.cymru.com. TXT \"%d | 11.%d.%d.0/24 | %s | ripencc | 2001-02-03\"\n", n%256, n/256, asn, n/256, n%256, country)
		}
		return networks[key]
	}
	for _, r := range rows {
		d := r.Domain + "."
		fmt.Fprintf(&b, "%s SOA ns.example.net. host.example.net. 1 2 3 4 300\n", d)
		txts := r.Records.TXT
		if len(r.Records.Includes) > 0 && len(txts) == 0 {
			txts = []string{"v=spf1 include:" + strings.Join(r.Records.Includes, " include:") + " -all"}
		}
		for i, mx := range r.Records.MX {
			mx = strings.ToLower(mx) + "."
			fmt.Fprintf(&b, "%s MX %d %s\n", d, 10*(i+1), mx)
			if len(r.Records.ASN) == 0 || hosts[mx] {
				continue
			}
			hosts[mx] = true
			country := "NL"
			if len(r.Records.IPCountry) > 0 {
				country = r.Records.IPCountry[0]
			}
			fmt.Fprintf(&b, "%s A %s\n", mx, network(r.Records.ASN[0], country))
		}
		for _, txt := range txts {
			fmt.Fprintf(&b, "%s TXT", d)
			for txt != "" {
				n := min(len(txt), 200)
				fmt.Fprintf(&b, " %q", txt[:n])
				txt = txt[n:]
			}
			b.WriteString("\n")
		}
		for _, name := range slices.Sorted(maps.Keys(r.Records.CNAME)) {
			fmt.Fprintf(&b, "%s. CNAME %s.\n", name, r.Records.CNAME[name])
		}
		for _, name := range slices.Sorted(maps.Keys(r.Records.SRV)) {
			fmt.Fprintf(&b, "%s. SRV 0 0 443 %s.\n", name, r.Records.SRV[name])
		}
	}
	return b.String()
}

// providersOf reads the companies of the knowledge base.
func providersOf(t *testing.T) *holder.Table {
	t.Helper()
	files, err := filepath.Glob("../knowledge/data/providers/*.toml")
	if err != nil || len(files) == 0 {
		t.Fatalf("no provider files: %v", err)
	}
	var all []knowledge.Provider
	for _, name := range files {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		var f knowledge.ProvidersFile
		if err := tomlfile.Decode(name, data, &f); err != nil {
			t.Fatal(err)
		}
		all = append(all, f.Providers...)
	}
	return holder.NewTable(all)
}

// TestLabelledDomains checks labelled domains from their own zone, from the
// question to the verdict. What the verdicts are worth is measured in package
// holder; here none may be lost on the way.
func TestLabelledDomains(t *testing.T) {
	f, err := os.Open("../../shared/data/mail_providers_dev.jsonl")
	if err != nil || testing.Short() {
		t.Skip("no labelled data here, or a short run")
	}
	defer f.Close()
	var rows []labelled
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 1<<24)
	for lines.Scan() {
		var r labelled
		if err := json.Unmarshal(lines.Bytes(), &r); err != nil {
			t.Fatal(err)
		}
		rows = append(rows, r)
	}
	server := dnstest.New(t, zoneOf(rows))
	r, err := dnsq.New(dnsq.Config{Resolver: server.Addr()})
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	table := providersOf(t)
	checker := &domaincheck.Checker{
		Questions: func() domaincheck.Questions { return r.Check() },
		Companies: func() *holder.Table { return table },
		Networks:  asn.Cymru{},
	}
	var mu sync.Mutex
	var wait sync.WaitGroup
	right, filters, filtered, sureWrong := 0, 0, 0, 0
	work := make(chan labelled)
	for range 8 {
		wait.Go(func() {
			for row := range work {
				report, err := checker.Check(t.Context(), row.Domain)
				if err != nil {
					t.Errorf("%s: %v", row.Domain, err)
					continue
				}
				mail, filter := report.Functions[0], ""
				for _, f := range report.Functions {
					if f.Function == holder.MailFilter {
						filter = f.Provider
					}
				}
				want := row.Provider
				if want == "unknown-behind-gateway" {
					want = holder.Unknown
				}
				mu.Lock()
				ok := mail.Provider == want || want == "aws" && filter == "aws"
				if ok {
					right++
				} else {
					t.Logf("%s: got %s (%s), want %s: %v", row.Domain, mail.Provider, mail.Confidence, want, mail.Evidence)
					if mail.Confidence == holder.High {
						sureWrong++
					}
				}
				if row.Gateway != "" {
					filtered++
					if filter == row.Gateway {
						filters++
					}
				}
				mu.Unlock()
			}
		})
	}
	for _, row := range rows {
		work <- row
	}
	close(work)
	wait.Wait()
	t.Logf("%d of %d mailboxes, %d of %d filters, %d wrong with high confidence", right, len(rows), filters, filtered, sureWrong)
	if right*100 < len(rows)*97 || filters*100 < filtered*98 || sureWrong > 0 {
		t.Error("the whole check does worse than its goals")
	}
}
