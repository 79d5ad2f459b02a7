package domaincheck

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"codeberg.org/miekg/dns"

	"wolkwijs/domaincheck/dnsq"
	"wolkwijs/lang"
)

// dnssec judges whether the domain is signed, and how (RFC 4035; the
// algorithms by RFC 9904 and 9905, which followed RFC 8624; NSEC3 by RFC 9276).
func (j *judgement) dnssec() {
	state := j.Security()
	var failed *dnsq.Answer
	for _, a := range j.apex() {
		switch {
		case bogus(a):
			j.bogus(a)
			return
		case a.Status == dnsq.Failed:
			failed = &a
		}
	}
	keys, hasDS := j.keyAlgorithms(), j.DS.Status == dnsq.Found
	switch {
	case state == dnsq.Secure:
		if !j.dnssecWeak(keys) {
			j.add("dnssec-ok", AreaDNS, Pass, "RFC 4035, section 4.3", strings.Join(keys, ", "),
				say("DNSSEC klopt: niemand kan de DNS-antwoorden van dit domein vervalsen.", "DNSSEC is fine: nobody can forge DNS answers for this domain."), lang.Text{})
		}
	case state == dnsq.Insecure && hasDS && j.tooManyIterations():
		value := ""
		if n := j.iterations(); n > 0 {
			value = fmt.Sprintf("iterations %d", n)
		}
		j.add("dnssec-weak", AreaDNS, Warn, "RFC 9276, section 3.2", value,
			say("NSEC3 gebruikt te veel extra rondes. Veel resolvers rekenen dat niet na: wat er in dit domein niet bestaat, geldt voor hen als niet ondertekend.",
				"NSEC3 uses too many extra iterations. Many resolvers do not work through them: what does not exist in this domain counts as not signed for them."),
			say("Vraag je hoster om 0 rondes.", "Ask your hoster for 0 iterations."))
	case state == dnsq.Insecure && hasDS:
		j.add("dnssec-weak", AreaDNS, Warn, "RFC 4035, section 5.2", strings.Join(keys, ", "),
			say("Het domein is ondertekend met een algoritme dat resolvers niet (meer) kennen. Zo beschermt DNSSEC niet.", "The domain is signed with an algorithm that resolvers do not know (any more). Like this DNSSEC does not protect."),
			say("Vraag je hoster om een nieuwe sleutel met algoritme 13.", "Ask your hoster for a new key with algorithm 13."))
	case state == dnsq.Insecure && len(keys) > 0:
		j.add("dnssec-missing", AreaDNS, Warn, "RFC 4035, section 5.2", strings.Join(keys, ", "),
			say("De zone is ondertekend, maar het register weet er niet van (het DS-record ontbreekt). DNSSEC werkt dus niet.",
				"The zone is signed, but the registry does not know (the DS record is missing). So DNSSEC does not work."),
			say("Vraag de partij waar je domein geregistreerd staat om het DS-record te plaatsen.", "Ask the party where your domain is registered to publish the DS record."))
	case state == dnsq.Insecure:
		j.add("dnssec-missing", AreaDNS, Warn, "RFC 4035, section 4.3", "",
			say("Er is geen DNSSEC: DNS-antwoorden van dit domein zijn te vervalsen.", "There is no DNSSEC: DNS answers for this domain can be forged."),
			say("Vraag je hoster om DNSSEC aan te zetten. Vaak kost het niets en is het één knop.", "Ask your hoster to switch on DNSSEC. Often it costs nothing and is one button."))
	case failed != nil && j.DS.Status != dnsq.Found && len(keys) == 0:
		j.unknown("dnssec", AreaDNS, "RFC 4035, section 4.3", "DNSSEC", *failed)
	default:
		text := say("Of DNSSEC klopt, kon ik niet vaststellen: mijn resolver controleert het niet.", "I could not tell whether DNSSEC is right: my resolver does not validate it.")
		if hasDS {
			text = say("Dit domein is ondertekend. Of de handtekeningen kloppen, kon ik niet vaststellen: mijn resolver controleert het niet.",
				"This domain is signed. I could not tell whether the signatures are right: my resolver does not validate them.")
		}
		j.add("dnssec-indeterminate", AreaDNS, Unknown, "RFC 4035, section 4.3", strings.Join(keys, ", "), text, lang.Text{})
	}
}

func (j *judgement) bogus(a dnsq.Answer) {
	var why []string
	for _, e := range a.EDE {
		why = append(why, strings.TrimSpace(fmt.Sprintf("EDE %d %s", e.Code, e.Text)))
	}
	if len(why) == 0 && a.Failure != nil {
		why = append(why, a.Failure.Detail)
	}
	j.add("dnssec-bogus", AreaDNS, Fail, "RFC 4035, section 4.3", strings.Join(why, "; "),
		say("De DNSSEC-handtekeningen kloppen niet. Wie DNSSEC controleert, kan dit domein niet bereiken: geen website en geen mail.",
			"The DNSSEC signatures are wrong. Whoever validates DNSSEC cannot reach this domain: no website and no mail."),
		say("Bel je hoster nu. Vaak zijn handtekeningen verlopen of staat er een oud DS-record bij het register.", "Call your hoster now. Often signatures have expired, or an old DS record is still at the registry."))
}

// algorithms are the DNSSEC algorithms by number (IANA registry).
var algorithms = map[uint8]string{
	1: "RSAMD5", 3: "DSA", 5: "RSASHA1", 6: "DSA-NSEC3-SHA1", 7: "RSASHA1-NSEC3-SHA1", 8: "RSASHA256",
	10: "RSASHA512", 12: "ECC-GOST", 13: "ECDSAP256SHA256", 14: "ECDSAP384SHA384", 15: "ED25519", 16: "ED448", 23: "ECC-GOST12",
}

// outdated are the algorithms that must not be used to sign any more (RFC
// 9905 for those with SHA-1, RFC 9906 for GOST, RFC 9904 for the others).
var outdated = []uint8{1, 3, 5, 6, 7, 12}

// keyAlgorithms names the algorithms of the keys.
func (j *judgement) keyAlgorithms() []string {
	var all []string
	for _, rr := range j.DNSKEY.Records {
		if k, ok := rr.(*dns.DNSKEY); ok {
			if name := algorithmName(k.Algorithm); !slices.Contains(all, name) {
				all = append(all, name)
			}
		}
	}
	slices.Sort(all)
	return all
}

func algorithmName(n uint8) string {
	if name := algorithms[n]; name != "" {
		return fmt.Sprintf("%d (%s)", n, name)
	}
	return fmt.Sprint(n)
}

// soon is how long before their end signatures should have been renewed.
// Those that hold for a short time only are renewed later: less than a quarter
// of their time is late for them too.
const soon = 48 * time.Hour

// dnssecWeak judges keys, digests and denial of a domain that is secure, and
// says whether there is something to mend.
func (j *judgement) dnssecWeak(keys []string) bool {
	weak := false
	warn := func(status Status, rfc, value string, text, advice lang.Text) {
		weak = weak || status == Warn
		j.add("dnssec-weak", AreaDNS, status, rfc, value, text, advice)
	}
	for _, rr := range j.DNSKEY.Records {
		if k, ok := rr.(*dns.DNSKEY); ok && slices.Contains(outdated, k.Algorithm) {
			warn(Warn, "RFC 9905", algorithmName(k.Algorithm),
				say("DNSSEC gebruikt een verouderd algoritme. Sommige resolvers zien het domein daardoor als niet ondertekend.", "DNSSEC uses an outdated algorithm, so that some resolvers see the domain as not signed."),
				say("Vraag je hoster om een nieuwe sleutel met algoritme 13.", "Ask your hoster for a new key with algorithm 13."))
			break
		}
	}
	if left := j.Signatures.Until.Sub(j.now); !j.Signatures.Until.IsZero() && left < soon && left < j.Signatures.Until.Sub(j.Signatures.From)/4 {
		warn(Warn, "RFC 6781, section 4.4.2", j.Signatures.Until.UTC().Format(time.RFC3339),
			say("De DNSSEC-handtekeningen verlopen binnen twee dagen en zijn nog niet vernieuwd. Verlopen ze, dan is dit domein onbereikbaar.",
				"The DNSSEC signatures end within two days and have not been renewed yet. Once they have ended, this domain cannot be reached."),
			say("Vraag je hoster nu of het ondertekenen nog werkt.", "Ask your hoster now whether the signing still works."))
	}
	sha1, other := false, false
	for _, rr := range j.DS.Records {
		if ds, ok := rr.(*dns.DS); ok {
			sha1 = sha1 || ds.DigestType == 1
			other = other || ds.DigestType != 1
		}
	}
	if sha1 && !other {
		warn(Warn, "RFC 9905", "DS digest 1 (SHA-1)",
			say("Het DS-record bij het register gebruikt SHA-1. Dat is verouderd.", "The DS record at the registry uses SHA-1, which is outdated."),
			say("Vraag je hoster om een DS-record met SHA-256.", "Ask your hoster for a DS record with SHA-256."))
	}
	if n := j.iterations(); n > 0 {
		status := Info
		if n > manyIterations {
			status = Warn
		}
		warn(status, "RFC 9276, section 3.1", fmt.Sprintf("iterations %d", n),
			sayf("NSEC3 gebruikt %d extra rondes. Dat maakt DNS trager en niet veiliger; bij te veel zien resolvers het domein als niet ondertekend.",
				"NSEC3 uses %d extra iterations. That makes DNS slower and no safer; with too many, resolvers see the domain as not signed.", n),
			say("Vraag je hoster om 0 rondes.", "Ask your hoster for 0 iterations."))
	}
	return weak
}

// manyIterations is how much extra hashing of NSEC3 resolvers still do (RFC
// 9276, section 3.2, leaves the limit to them; they have lowered it since).
const manyIterations = 100

// iterations is the extra hashing of NSEC3 that the domain asks for.
func (j *judgement) iterations() int {
	most := 0
	for _, rr := range j.NSEC3.Records {
		if p, ok := rr.(*dns.NSEC3PARAM); ok {
			most = max(most, int(p.Iterations))
		}
	}
	return most
}

// tooManyIterations says whether the domain is insecure for its NSEC3: then
// what exists in it can be secure all the same, which it cannot be with an
// algorithm that is not known.
func (j *judgement) tooManyIterations() bool {
	n := j.iterations()
	for _, a := range j.apex() {
		if a.Problem != nil && a.Problem.Code == dnsq.TooManyIterations || n > 0 && a.Security == dnsq.Secure {
			return true
		}
	}
	return false
}
