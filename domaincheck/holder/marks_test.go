package holder_test

import (
	"net/netip"
	"slices"
	"strings"
	"testing"

	"wolkwijs/domaincheck/holder"
)

// TestNameServers knows operators by the names of their servers.
func TestNameServers(t *testing.T) {
	for _, row := range []struct{ ns, provider, country string }{
		{"ns0.transip.net", "transip", "BE"},
		{"ns1.transip.nl", "transip", "BE"},
		{"ns2.transip.eu", "transip", "BE"},
		{"ns1.hostnet.nl", "hostnet", "NL"},
		{"ns2.hostnetbv.com", "hostnet", "NL"},
		{"nsversio.nl", "versio", "NL"},
		{"ns1.yourhosting.nl", "yourhosting", "NL"},
		{"ns.true.nl", "true", "NL"},
		{"nsauth1.bit.nl", "bit", "NL"},
		{"ns1.previder.nl", "previder", "NL"},
		{"ns1.greenhost.net", "greenhost", "NL"},
		{"ns1.prolocation.net", "prolocation", "NL"},
		{"ns1.openprovider.nl", "openprovider", "NL"},
		{"ns1.xs4all.nl", "xs4all", "NL"},
		{"ns1.kpn.net", "kpn", "NL"},
		{"ns1.freedom.nl", "freedom", "NL"},
		{"ns1.surfnet.nl", "surf", "NL"},
		{"ns1.leaseweb.net", "leaseweb", "NL"},
		{"ns3.combell.net", "combell-teamblue-be", "BE"},
		{"ns1.easyhost.be", "easyhost", "BE"},
		{"hydrogen.ns.hetzner.com", "hetzner", "DE"},
		{"ns1.first-ns.de", "hetzner", "DE"},
		{"ns1045.ui-dns.org", "ionos", "DE"},
		{"docks02.rzone.de", "strato", "DE"},
		{"ns.udag.de", "united-domains", "DE"},
		{"ns5.kasserver.com", "all-inkl", "DE"},
		{"root-dns.netcup.net", "netcup", "AT"},
		{"ns1.desec.io", "desec", "DE"},
		{"ns.inwx.de", "inwx", "DE"},
		{"ns1.sedoparking.com", "sedo", "DE"},
		{"dns19.ovh.net", "ovh", "FR"},
		{"ns-97-a.gandi.net", "gandi", "FR"},
		{"ns0.online.net", "scaleway", "FR"},
		{"ns1.nameshield.net", "nameshield", "FR"},
		{"ns11.infomaniak.ch", "infomaniak", "CH"},
		{"ns.hostpoint.ch", "hostpoint", "CH"},
		{"ns1.exoscale.ch", "exoscale", "CH"},
		{"dns.technorail.com", "aruba", "IT"},
		{"ns1.register.it", "register-it", "IT"},
		{"dns1.servidoresdns.net", "arsys", "ES"},
		{"ns1.dondominio.com", "dondominio", "ES"},
		{"ns1.loopia.se", "loopia", "SE"},
		{"ns.wedos.net", "wedos", "CZ"},
		{"ns1.websupport.sk", "websupport", "SK"},
		{"dns.home.pl", "home.pl", "PL"},
		{"ns1.hyp.net", "domeneshop", "NO"},
		{"ns.zone.eu", "zone-ee", "EE"},
		{"ns1.dns-parking.com", "hostinger", "LT"},
		{"kiki.bunny.net", "bunny", "SI"},
		{"pns41.cloudns.net", "cloudns", "BG"},
		{"ns1.gcorelabs.net", "gcore", "LU"},
		{"ns1.eurodns.com", "eurodns", "LU"},
		{"ns2.rcode0.net", "rcodezero", "AT"},
		{"ada.ns.cloudflare.com", "cloudflare", "US"},
		{"ns-123.awsdns-15.com", "aws", "US"},
		{"ns-1536.awsdns-00.co.uk", "aws", "US"},
		{"ns-cloud-a1.googledomains.com", "google-cloud", "US"},
		{"ns1-06.azure-dns.com", "azure", "US"},
		{"ns1.bdm.microsoftonline.com", "microsoft", "US"},
		{"a1-64.akam.net", "akamai", "US"},
		{"pdns1.ultradns.net", "ultradns", "US"},
		{"ns1.p16.dynect.net", "dyn", "US"},
		{"ns1.dnsimple.com", "dnsimple", "US"},
		{"ns51.domaincontrol.com", "godaddy", "US"},
		{"dns1.registrar-servers.com", "namecheap", "US"},
		{"ns1.digitalocean.com", "digitalocean", "US"},
		{"ns1.vercel-dns.com", "vercel", "US"},
		{"ns1.wordpress.com", "wordpress", "US"},
		{"curitiba.ns.porkbun.com", "porkbun", "US"},
		{"ns1.he.net", "he", "US"},
		{"ns12.wixdns.net", "wix", "IL"},
		{"ns1.yandex.net", "yandex", "RU"},
	} {
		expectHolder(t, holder.DNS, holder.Signals{Domain: "example.org", NS: named(row.ns)}, row.ns, row.provider, row.country)
	}
}

// TestWebAliases knows web hosts and content delivery networks by the names
// that they have their customers point to.
func TestWebAliases(t *testing.T) {
	for _, row := range []struct{ alias, provider, country string }{
		{"example.org.cdn.cloudflare.net", "cloudflare", "US"},
		{"example.pages.dev", "cloudflare", "US"},
		{"d111111abcdef8.cloudfront.net", "aws", "US"},
		{"lb-1.eu-west-1.elb.amazonaws.com", "aws", "US"},
		{"example.azurewebsites.net", "azure", "US"},
		{"example.azurefd.net", "azure", "US"},
		{"example.trafficmanager.net", "azure", "US"},
		{"ghs.googlehosted.com", "google", "US"},
		{"example.web.app", "google-cloud", "US"},
		{"example.github.io", "github", "US"},
		{"cname.vercel-dns.com", "vercel", "US"},
		{"dualstack.j.sni.global.fastly.net", "fastly", "US"},
		{"e1234.a.akamaiedge.net", "akamai", "US"},
		{"www.example.org.edgekey.net", "akamai", "US"},
		{"abc.x.incapdns.net", "imperva", "US"},
		{"example.herokuapp.com", "heroku", "US"},
		{"proxy-ssl.webflow.com", "webflow", "US"},
		{"ext-sq.squarespace.com", "squarespace", "US"},
		{"example.wordpress.com", "wordpress", "US"},
		{"example.wpengine.com", "wpengine", "US"},
		{"example.ondigitalocean.app", "digitalocean", "US"},
		{"1234.hubspot.net", "hubspot", "US"},
		{"shops.myshopify.com", "shopify", "CA"},
		{"cdn1.wixdns.net", "wix", "IL"},
		{"example.b-cdn.net", "bunny", "SI"},
		{"cl-1234.gcdn.co", "gcore", "LU"},
		{"1234.rsc.cdn77.org", "cdn77", "GB"},
		{"example.ax4z.com", "myracloud", ""},
		{"cluster021.hosting.ovh.net", "ovh", "FR"},
		{"example.s3-website.nl-ams.scw.cloud", "scaleway", "FR"},
		{"www123.your-server.de", "hetzner", "DE"},
		{"w0123456.kasserver.com", "all-inkl", "DE"},
		{"example.jimdosite.com", "jimdo", "DE"},
		{"example.transip.me", "transip", "BE"},
	} {
		web := []holder.Host{{Name: "www.example.org", CNAMEs: []string{row.alias}}}
		expectHolder(t, holder.Web, holder.Signals{Domain: "example.org", Web: web}, row.alias, row.provider, row.country)
	}
}

// TestWebNetworks knows web hosts by their networks where there is no alias.
func TestWebNetworks(t *testing.T) {
	for _, row := range []struct {
		ip, provider string
		asn          uint32
	}{
		{"185.199.108.153", "github", 0},
		{"76.76.21.21", "vercel", 0},
		{"192.0.78.24", "wordpress", 0},
		{"192.0.2.1", "transip", 20857},
		{"192.0.2.1", "cloudflare", 13335},
		{"192.0.2.1", "unknown", 64500},
	} {
		web := []holder.Host{{Name: "example.org", Addresses: []holder.Address{{IP: netip.MustParseAddr(row.ip), ASN: row.asn}}}}
		got := rowOf(holder.Classify(table(t), holder.Signals{Domain: "example.org", Web: web}), holder.Web)
		if got.Provider != row.provider {
			t.Errorf("%s AS%d: got %s, want %s", row.ip, row.asn, got.Provider, row.provider)
		}
	}
}

// TestRegistries knows who runs a top-level domain.
func TestRegistries(t *testing.T) {
	for domain, want := range map[string]string{
		"example.nl": "sidn", "example.eu": "eurid", "example.be": "dnsbelgium", "example.de": "denic", "example.com": "verisign",
		"example.co.uk": "nominet", "example.fr": "afnic", "example.frl": "frl", "example.dev": "google-registry", "example.example": "unknown",
	} {
		if got := rowOf(holder.Classify(table(t), holder.Signals{Domain: domain}), holder.Registry); got.Provider != want {
			t.Errorf("%s: got %s, want %s", domain, got.Provider, want)
		}
	}
}

// TestNamesThatOnlyLookAlike never take a stranger's name for a company's.
func TestNamesThatOnlyLookAlike(t *testing.T) {
	for _, name := range []string{
		"ns1.nottransip.nl", "transip.nl.example.net", "ns-1.awsdns-.com", "ns-1.awsdns-15x.com", "ns-1.xawsdns-15.com",
		"awsdns-15.com.example.net", "cloudflare.com-example.net", ".", "..", "", "com",
	} {
		if got := rowOf(holder.Classify(table(t), holder.Signals{Domain: "example.org", NS: named(name)}), holder.DNS); got.Provider != holder.Unknown {
			t.Errorf("%q: got %s", name, got.Provider)
		}
	}
}

// rowOf is the first row of a function.
func rowOf(rows []holder.Function, function string) holder.Function {
	if i := slices.IndexFunc(rows, func(f holder.Function) bool { return f.Function == function }); i >= 0 {
		return rows[i]
	}
	return holder.Function{}
}

// expectHolder wants one function held by a provider, with certainty, and the
// country that the law follows.
func expectHolder(t *testing.T, function string, s holder.Signals, name, provider, country string) {
	t.Helper()
	got := rowOf(holder.Classify(table(t), s), function)
	if got.Provider != provider || got.Confidence != holder.High || got.HQCountry != country {
		t.Errorf("%s: got %s %s in %q, want %s in %q", name, got.Provider, got.Confidence, got.HQCountry, provider, country)
	}
}

// FuzzClassify wants a verdict for any names, of which only companies that
// are in the table are named, with evidence for every certainty.
func FuzzClassify(f *testing.F) {
	for _, seed := range []string{"mx.transip.email", "..", "", "a..b", "aspmx.l.google.com", strings.Repeat("a.", 300), "\x00.mimecast.com", "xn--", "例え.test"} {
		f.Add("example.org", seed)
		f.Add(seed, seed)
	}
	tab := table(f)
	f.Fuzz(func(t *testing.T, domain, name string) {
		s := holder.Signals{
			Domain: domain, MX: named(name, domain), NS: named(name), TXT: []string{name}, Autodiscover: []string{name},
			SPF:  holder.SPF{Domains: []string{name}, Macros: []string{name}},
			DKIM: []holder.DKIM{alias(name, name)}, Web: []holder.Host{{Name: domain, CNAMEs: []string{name}}},
		}
		for _, row := range holder.Classify(tab, s) {
			_, known := tab.Provider(row.Provider)
			if !known && row.Provider != holder.Unknown && row.Provider != holder.SelfHosted && row.Provider != holder.None {
				t.Errorf("%s: no provider %q", row.Function, row.Provider)
			}
			if row.Confidence == holder.High && row.Provider != holder.None && len(row.Evidence) == 0 {
				t.Errorf("%s: %s is certain without evidence", row.Function, row.Provider)
			}
		}
	})
}
