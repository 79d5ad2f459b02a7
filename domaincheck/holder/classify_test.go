package holder_test

import (
	"net/netip"
	"slices"
	"testing"

	"wolkwijs/domaincheck/holder"
)

// at is a mail exchange or server of the given name in a network.
func at(name string, asn uint32, country string) holder.Host {
	return holder.Host{Name: name, Addresses: []holder.Address{{IP: netip.MustParseAddr("192.0.2.25"), ASN: asn, Country: country}}}
}

// named are servers of which nothing but the names is known.
func named(names ...string) []holder.Host {
	var hosts []holder.Host
	for i, n := range names {
		hosts = append(hosts, holder.Host{Name: n, Preference: uint16(10 * (i + 1))})
	}
	return hosts
}

// alias is a DKIM selector that is an alias for target.
func alias(selector, target string) holder.DKIM {
	return holder.DKIM{Selector: selector, CNAMEs: []string{target}, Key: true}
}

const (
	kpn     = 1136  // an access provider
	azureAS = 8075  // rents out servers; Microsoft's own services are in it too
	ciscoAS = 30238 // everything in it filters mail
	tenant  = "selector1-example-org._domainkey.example.onmicrosoft.com"
	newKey  = "selector1-example-org._domainkey.example.b-v1.dkim.mail.microsoft"
	outlook = "autodiscover.outlook.com"
	exo     = "spf.protection.outlook.com"
)

// TestMailbox tells where the mailboxes of example.org are, and who filters.
func TestMailbox(t *testing.T) {
	for _, row := range []struct {
		name    string
		signals holder.Signals
		mail    string // provider and confidence
		filter  string // "" if none is seen
	}{
		{"plain Microsoft", holder.Signals{MX: named("example-org.mail.protection.outlook.com")}, "microsoft high", ""},
		{"Microsoft with DANE", holder.Signals{MX: named("example-org.b-v1.mx.microsoft")}, "microsoft high", ""},
		{"Google", holder.Signals{MX: named("aspmx.l.google.com", "alt1.aspmx.l.google.com")}, "google high", ""},
		{"a Dutch hoster", holder.Signals{MX: named("mx.transip.email")}, "transip high", ""},
		{"an alias for a provider's exchange", holder.Signals{MX: []holder.Host{{Name: "mx.example.org", CNAMEs: []string{"mx.transip.email"}}}}, "transip high", ""},
		{"null MX", holder.Signals{NullMX: true}, "none high", ""},
		{"neither MX nor address", holder.Signals{}, "none high", ""},
		{"no MX, but a website at the domain itself", holder.Signals{Web: []holder.Host{at("example.org", kpn, "NL")}}, "unknown low", ""},

		{"Microsoft behind Mimecast, by DKIM and autodiscover", holder.Signals{
			MX: named("eu-smtp-inbound-1.mimecast.com"), DKIM: []holder.DKIM{alias("selector1", tenant)}, Autodiscover: []string{outlook},
		}, "microsoft high", "mimecast"},
		{"Microsoft behind Barracuda, by the new DKIM name alone", holder.Signals{
			MX: named("d1.a.ess.de.barracudanetworks.com"), DKIM: []holder.DKIM{alias("selector1", newKey)},
		}, "microsoft medium", "barracuda"},
		{"Microsoft behind SpamExperts, by SPF alone", holder.Signals{
			MX: named("mx.spamexperts.com"), SPF: holder.SPF{Domains: []string{exo}},
		}, "microsoft low", "spamexperts"},
		{"Microsoft behind a filter that stands before a later exchange", holder.Signals{
			MX: named("mx01.hornetsecurity.com", "example-org.mail.protection.outlook.com"),
		}, "microsoft medium", "hornetsecurity"},
		{"Microsoft behind E-Zorg, by the name in Exchange Online and SPF", holder.Signals{
			MX: named("mailfilter01.ezorg.nl"), Tenant: true, SPF: holder.SPF{Domains: []string{exo}},
		}, "microsoft medium", "ezorg"},
		{"Google behind a filter, by the selector called google", holder.Signals{
			MX: named("mx1.hc1-1.eu.iphmx.com"), DKIM: []holder.DKIM{{Selector: "google", Key: true}}, SPF: holder.SPF{Domains: []string{"_spf.google.com"}},
		}, "google high", "cisco"},
		{"unknown behind a filter", holder.Signals{MX: named("mx1.topsec.com")}, "unknown low", "topsec"},
		{"a search console proves nothing", holder.Signals{
			MX: named("mx1.topsec.com"), TXT: []string{"google-site-verification=abc"},
		}, "unknown low", "topsec"},
		{"a Microsoft token may be Teams only", holder.Signals{MX: named("mx1.topsec.com"), TXT: []string{"MS=ms12345678"}}, "unknown low", "topsec"},
		{"a wildcard answers for every selector", holder.Signals{
			MX: named("mx1.topsec.com"), WildcardDKIM: true, DKIM: []holder.DKIM{alias("selector1", tenant), {Selector: "google", Key: true}},
		}, "unknown low", "topsec"},
		{"a selector that is an alias for the domain is a wildcard too", holder.Signals{
			MX: named("mx1.topsec.com"), DKIM: []holder.DKIM{{Selector: "google", CNAMEs: []string{"example.org"}, Key: true}},
		}, "unknown low", "topsec"},
		{"a web host's SPF behind a filter is for the website", holder.Signals{
			MX: named("mx1.topsec.com"), SPF: holder.SPF{Domains: []string{"_spf.transip.email"}},
		}, "unknown low", "topsec"},
		{"a flattened SPF record shows networks", holder.Signals{
			MX: named("mx1.topsec.com"), TXT: []string{"MS=ms1"},
			SPF: holder.SPF{Networks: []netip.Prefix{netip.MustParsePrefix("40.92.0.0/15"), netip.MustParsePrefix("104.47.0.0/17")}},
		}, "microsoft medium", "topsec"},

		{"Amazon's relay says only that Amazon receives", holder.Signals{MX: named("inbound-smtp.eu-west-1.amazonaws.com"), SPF: holder.SPF{Domains: []string{"amazonses.com"}}}, "unknown low", "aws"},
		{"Amazon WorkMail", holder.Signals{
			MX: named("inbound-smtp.eu-west-1.amazonaws.com"), Autodiscover: []string{"autodiscover.mail.eu-west-1.awsapps.com"},
		}, "aws medium", "aws"},
		{"a rented server at Amazon is no relay", holder.Signals{MX: []holder.Host{at("mail.example.org", 16509, "IE")}}, "self-hosted low", ""},

		{"own server at home", holder.Signals{MX: []holder.Host{at("mail.example.org", kpn, "NL")}}, "self-hosted medium", ""},
		{"own server in a network of its own", holder.Signals{MX: []holder.Host{at("mail.example.org", 64500, "NL")}}, "self-hosted medium", ""},
		{"own server, network unknown", holder.Signals{MX: named("mail.example.org")}, "self-hosted low", ""},
		{"own name, but all of it leads to Microsoft", holder.Signals{
			MX: []holder.Host{at("mx.example.org", kpn, "NL")}, DKIM: []holder.DKIM{alias("selector1", tenant)}, Autodiscover: []string{outlook},
		}, "microsoft medium", ""},
		{"own name and only an SPF include", holder.Signals{
			MX: []holder.Host{at("mx.example.org", kpn, "NL")}, SPF: holder.SPF{Domains: []string{exo}},
		}, "self-hosted low", ""},
		{"own name in a filter's network", holder.Signals{
			MX: []holder.Host{at("mx1.example.org", ciscoAS, "NL")}, Autodiscover: []string{outlook}, SPF: holder.SPF{Domains: []string{exo}},
		}, "microsoft high", "cisco"},
		{"own name in Azure is a rented server", holder.Signals{MX: []holder.Host{at("mx.example.org", azureAS, "NL")}}, "self-hosted low", ""},
		{"own name at a hoster that its SPF names", holder.Signals{
			MX: []holder.Host{at("mail.example.org", 24940, "DE")}, SPF: holder.SPF{Domains: []string{"your-server.de"}},
		}, "hetzner medium", ""},
		{"an access provider's SPF is for its relay", holder.Signals{
			MX: []holder.Host{at("mail.example.org", kpn, "NL")}, SPF: holder.SPF{Domains: []string{"kpnmail.nl"}},
		}, "self-hosted medium", ""},
		{"a stranger's exchange", holder.Signals{MX: []holder.Host{at("mx.example.net", 64500, "NL")}}, "unknown low", ""},
		{"a stranger's exchange before Microsoft", holder.Signals{
			MX: named("mx.example.net"), SPF: holder.SPF{Domains: []string{exo}}, TXT: []string{"MS=ms1"},
		}, "microsoft low", ""},

		{"mixed: the first exchange counts", holder.Signals{MX: named("mx.transip.email", "aspmx.l.google.com")}, "transip medium", ""},
		{"a hoster's exchange, and strong marks of Microsoft", holder.Signals{
			MX: named("mx1.ovh.net"), DKIM: []holder.DKIM{alias("selector1", tenant)}, Autodiscover: []string{outlook},
		}, "microsoft medium", "ovh"},
		{"a hoster's exchange and one mark that may be left over", holder.Signals{
			MX: named("mx1.ovh.net"), Autodiscover: []string{outlook},
		}, "ovh medium", ""},
		{"shared IT that receives for a cloud", holder.Signals{
			MX: named("mx.kempengemeenten.nl"), DKIM: []holder.DKIM{alias("selector1", tenant)},
		}, "microsoft medium", "public-it:kempengemeenten"},
		{"shared IT with nothing behind it", holder.Signals{MX: named("mx.kempengemeenten.nl")}, "public-it:kempengemeenten medium", ""},
		{"a public body's name in a filter's network", holder.Signals{
			MX: []holder.Host{at("mx1.irvn.nl", ciscoAS, "NL")}, DKIM: []holder.DKIM{alias("selector1", tenant)},
		}, "microsoft medium", "cisco"},

		{"MX could not be looked up", holder.Signals{Failed: map[string]bool{"mx": true}}, "unknown low", ""},
		{"MX could not be looked up, the rest leads to Microsoft", holder.Signals{
			Failed: map[string]bool{"mx": true}, DKIM: []holder.DKIM{alias("selector1", tenant)}, Autodiscover: []string{outlook},
		}, "microsoft medium", ""},
		{"DKIM could not be looked up", holder.Signals{
			Failed: map[string]bool{"dkim": true}, MX: named("mx1.topsec.com"), Autodiscover: []string{outlook}, SPF: holder.SPF{Domains: []string{exo}},
		}, "microsoft medium", "topsec"},
		{"own server, SPF could not be looked up", holder.Signals{
			Failed: map[string]bool{"spf": true}, MX: []holder.Host{at("mail.example.org", kpn, "NL")},
		}, "self-hosted low", ""},
		{"no MX, address could not be looked up", holder.Signals{Failed: map[string]bool{"web": true}}, "unknown low", ""},

		{"the end of another name is no mark", holder.Signals{MX: []holder.Host{at("mx.evilmimecast.com", 64500, "NL")}}, "unknown low", ""},
		{"a mark in the middle is no mark", holder.Signals{MX: []holder.Host{at("mail.protection.outlook.com.example.net", 64500, "NL")}}, "unknown low", ""},
		{"a mark under the own domain is the own domain", holder.Signals{MX: []holder.Host{at("mail.protection.outlook.com.example.org", kpn, "NL")}}, "self-hosted medium", ""},
	} {
		t.Run(row.name, func(t *testing.T) {
			row.signals.Domain = "example.org"
			got := holder.Classify(table(t), row.signals)
			if mail := got[0].Provider + " " + got[0].Confidence; got[0].Function != holder.Mail || mail != row.mail {
				t.Errorf("mail: got %s, want %s; evidence %v", mail, row.mail, got[0].Evidence)
			}
			filter := ""
			if i := slices.IndexFunc(got, func(f holder.Function) bool { return f.Function == holder.MailFilter }); i >= 0 {
				filter = got[i].Provider
			}
			if filter != row.filter {
				t.Errorf("filter: got %q, want %q", filter, row.filter)
			}
		})
	}
}

// TestSending lists who may send for example.org.
func TestSending(t *testing.T) {
	s := holder.Signals{
		Domain: "example.org",
		MX:     named("example-org.mail.protection.outlook.com"),
		SPF: holder.SPF{
			Domains:  []string{"_spf.laposta.nl", "servers.mcsv.net", exo, "example.powerspf.com", "mail.example.net"},
			Networks: []netip.Prefix{netip.MustParsePrefix("54.240.0.0/18"), netip.MustParsePrefix("192.0.2.0/24")},
			Macros:   []string{"%{i}._ip.%{h}._ehlo.%{d}._spf.example.net"},
		},
		DKIM: []holder.DKIM{alias("k2", "dkim2.mcsv.net")},
	}
	want := []string{"microsoft medium", "mailchimp high", "laposta medium", "amazon-ses low", "unknown low"}
	var got []string
	for _, f := range holder.Classify(table(t), s) {
		if f.Function == holder.MailSending {
			got = append(got, f.Provider+" "+f.Confidence)
		}
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

// TestNoRows wants no rows for what was not asked, and "unknown" for what
// could not be looked up.
func TestNoRows(t *testing.T) {
	functions := func(s holder.Signals) (all []string) {
		s.Domain = "example.org"
		for _, f := range holder.Classify(table(t), s) {
			all = append(all, f.Function+" "+f.Provider)
		}
		return all
	}
	if got, want := functions(holder.Signals{}), []string{"mail none", "registry pir"}; !slices.Equal(got, want) {
		t.Errorf("nothing asked: got %q, want %q", got, want)
	}
	failed := map[string]bool{"mx": true, "spf": true, "ns": true, "web": true}
	want := []string{"mail unknown", "mail-sending unknown", "dns unknown", "web unknown", "registry pir"}
	if got := functions(holder.Signals{Failed: failed}); !slices.Equal(got, want) {
		t.Errorf("all failed: got %q, want %q", got, want)
	}
}
