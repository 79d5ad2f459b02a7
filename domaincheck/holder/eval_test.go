package holder_test

import (
	"bufio"
	"encoding/json"
	"fmt"
	"net/netip"
	"os"
	"slices"
	"sort"
	"strings"
	"testing"

	"wolkwijs/domaincheck/holder"
)

// labelled is a row of the labelled data that lies beside a checkout of this
// repository where there is one. The data is not ours to publish.
type labelled struct {
	Domain  string `json:"domain"`
	Country string `json:"country"`
	Records struct {
		MX          []string          `json:"MX"`
		TXT         []string          `json:"TXT"`
		CNAME       map[string]string `json:"CNAME"`
		SRV         map[string]string `json:"SRV"`
		ASN         []uint32          `json:"mx_asn"`
		IPCountry   []string          `json:"mx_ip_country"`
		SPFIncludes []string          `json:"spf_includes"`
		SPFResolved string            `json:"spf_resolved"`
	} `json:"records"`
	Provider     string `json:"expected_provider"`
	Gateway      string `json:"expected_gateway"`
	Jurisdiction string `json:"expected_jurisdiction"`
}

// readLabelled reads a file of labelled rows, or skips the test.
func readLabelled(t *testing.T, name string) []labelled {
	t.Helper()
	f, err := os.Open("../../../shared/data/" + name)
	if err != nil {
		t.Skip("no labelled data here")
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
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
	return rows
}

// signals are what a check would have collected.
func (r labelled) signals() holder.Signals {
	s := holder.Signals{Domain: r.Domain}
	for i, name := range r.Records.MX {
		h := holder.Host{Name: strings.ToLower(name), Preference: uint16(10 * (i + 1))}
		if len(r.Records.ASN) == 1 || i == 0 && len(r.Records.ASN) > 0 {
			h.Addresses = []holder.Address{{ASN: r.Records.ASN[0], IP: netip.MustParseAddr("192.0.2.1")}}
			if len(r.Records.IPCountry) > 0 {
				h.Addresses[0].Country = r.Records.IPCountry[0]
			}
		}
		s.MX = append(s.MX, h)
	}
	for _, txt := range append(r.Records.TXT, r.Records.SPFResolved) {
		if !strings.HasPrefix(strings.ToLower(txt), "v=spf1") {
			if txt != "" {
				s.TXT = append(s.TXT, txt)
			}
			continue
		}
		for _, term := range strings.Fields(txt) {
			term = strings.ToLower(strings.TrimLeft(term, "+-~?"))
			switch {
			case strings.Contains(term, "%"):
				s.SPF.Macros = append(s.SPF.Macros, term)
			case strings.HasPrefix(term, "include:"), strings.HasPrefix(term, "redirect="):
				s.SPF.Domains = append(s.SPF.Domains, term[strings.IndexAny(term, ":=")+1:])
			case strings.HasPrefix(term, "ip4:"), strings.HasPrefix(term, "ip6:"):
				if p, err := netip.ParsePrefix(term[4:]); err == nil {
					s.SPF.Networks = append(s.SPF.Networks, p)
				} else if a, err := netip.ParseAddr(term[4:]); err == nil {
					s.SPF.Networks = append(s.SPF.Networks, netip.PrefixFrom(a, a.BitLen()))
				}
			}
		}
	}
	s.SPF.Domains = append(s.SPF.Domains, r.Records.SPFIncludes...)
	for name, target := range r.Records.CNAME {
		if selector, _, ok := strings.Cut(name, "._domainkey."); ok {
			s.DKIM = append(s.DKIM, holder.DKIM{Selector: selector, CNAMEs: []string{strings.ToLower(target)}, Key: true})
		}
		if strings.HasPrefix(name, "autodiscover.") {
			s.Autodiscover = append(s.Autodiscover, strings.ToLower(target))
		}
	}
	for _, target := range r.Records.SRV {
		s.Autodiscover = append(s.Autodiscover, strings.ToLower(target))
	}
	return s
}

// class is the coarse split of mailbox providers.
func class(tab *holder.Table, provider string) string {
	switch provider {
	case "microsoft", "google", "aws":
		return provider
	}
	if p, ok := tab.Provider(provider); ok && (p.OwnerCountry == "US" || p.HQCountry == "US") {
		return "other American"
	}
	return "rest"
}

// TestLabelledDomains measures the classification against labelled domains
// and prints the confusion table and every miss.
func TestLabelledDomains(t *testing.T) {
	rows := readLabelled(t, "mail_providers_dev.jsonl")
	tab := table(t)
	var exact, coarse, american, gateways, gatewayRows, sureWrong int
	confusion := map[string]int{}
	levels := map[string][2]int{}
	for _, r := range rows {
		got := holder.Classify(tab, r.signals())
		mail := got[0]
		filter := ""
		if i := slices.IndexFunc(got, func(f holder.Function) bool { return f.Function == holder.MailFilter }); i >= 0 {
			filter = got[i].Provider
		}
		want := r.Provider
		switch want {
		case "unknown-behind-gateway":
			want = holder.Unknown
		case "none-no-mail":
			want = holder.None
		}
		have := mail.Provider
		if want == "aws" && filter == "aws" {
			have = "aws"
		}
		right := have == want
		l := levels[mail.Confidence]
		l[0]++
		if right {
			exact++
			l[1]++
		} else {
			t.Logf("%s: want %s, got %s (%s) %v", r.Domain, want, have, mail.Confidence, mail.Evidence)
			if mail.Confidence == holder.High {
				sureWrong++
			}
		}
		levels[mail.Confidence] = l
		wantClass, haveClass := class(tab, want), class(tab, have)
		confusion[wantClass+" → "+haveClass]++
		if wantClass == haveClass {
			coarse++
		}
		if (wantClass == "rest") == (haveClass == "rest") {
			american++
		}
		if r.Gateway != "" {
			gatewayRows++
			if filter == r.Gateway {
				gateways++
			} else {
				t.Logf("%s: want filter %s, got %s", r.Domain, r.Gateway, filter)
			}
		} else if filter != "" && filter != "aws" {
			t.Logf("%s: filter %s where none is labelled", r.Domain, filter)
		}
	}
	n := float64(len(rows))
	var cells []string
	for k, v := range confusion {
		cells = append(cells, fmt.Sprintf("%4d  %s", v, k))
	}
	sort.Strings(cells)
	t.Logf("\n%s", strings.Join(cells, "\n"))
	t.Logf("confidence (rows, right): %v", levels)
	for _, m := range []struct {
		name      string
		got, want float64
	}{
		{"exact", float64(exact) / n, 0.97},
		{"split", float64(coarse) / n, 0.99},
		{"American or not", float64(american) / n, 0.995},
		{"gateway", float64(gateways) / float64(gatewayRows), 0.98},
	} {
		t.Logf("%s: %.2f %% (at least %.1f %%)", m.name, 100*m.got, 100*m.want)
		if m.got < m.want {
			t.Errorf("%s is too low", m.name)
		}
	}
	if sureWrong > 0 {
		t.Errorf("%d rows are wrong with high confidence", sureWrong)
	}
}

// TestDutchMunicipalities wants Microsoft found wherever an autodiscover name,
// a DKIM key or an MX leads there, and a filter named where one is known.
func TestDutchMunicipalities(t *testing.T) {
	microsoft := []string{"outlook.com", "outlook.office.com", "onmicrosoft.com", "dkim.mail.microsoft", "mail.protection.outlook.com", "mx.microsoft"}
	leads := func(name string) bool {
		return slices.ContainsFunc(microsoft, func(m string) bool { return name == m || strings.HasSuffix(name, "."+m) })
	}
	rows := readLabelled(t, "nl_gemeenten_dev.jsonl")
	tab := table(t)
	found := 0
	for _, r := range rows {
		s := r.signals()
		want := slices.ContainsFunc(s.Autodiscover, leads)
		for _, h := range s.MX {
			want = want || leads(h.Name)
		}
		for _, k := range s.DKIM {
			want = want || slices.ContainsFunc(k.CNAMEs, leads)
		}
		got := holder.Classify(tab, s)
		filter := ""
		if i := slices.IndexFunc(got, func(f holder.Function) bool { return f.Function == holder.MailFilter }); i >= 0 {
			filter = got[i].Provider
		}
		if want {
			found++
			if got[0].Provider != "microsoft" {
				t.Errorf("%s: got %s (%s)", r.Domain, got[0].Provider, got[0].Confidence)
			}
		} else {
			t.Logf("%s: no Microsoft record: %s (%s), filter %q, MX %v", r.Domain, got[0].Provider, got[0].Confidence, filter, r.Records.MX)
		}
		if r.Gateway != "" && filter != r.Gateway {
			t.Errorf("%s: want filter %s, got %q", r.Domain, r.Gateway, filter)
		}
		if filter == "" && got[0].Provider == "microsoft" && !leads(s.MX[0].Name) {
			t.Logf("%s: Microsoft (%s) behind %v", r.Domain, got[0].Confidence, r.Records.MX)
		}
	}
	t.Logf("%d of %d municipalities show a Microsoft record", found, len(rows))
}
