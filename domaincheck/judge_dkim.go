package domaincheck

import (
	"fmt"
	"strings"

	"wolkwijs/domaincheck/dkim"
	"wolkwijs/domaincheck/dnsq"
	"wolkwijs/lang"
)

// dkim judges the keys with which mail is signed (RFC 6376).
func (j *judgement) dkim() {
	d := &j.DKIM
	var good, names []string
	sound := true
	for _, s := range d.keys() {
		names = append(names, s.Name)
		if j.dkimKey(s) {
			good = append(good, s.Name)
		} else {
			sound = false
		}
	}
	switch {
	case len(good) > 0:
		if sound {
			j.add("dkim-ok", AreaMail, Pass, "RFC 6376, section 3.6.1", strings.Join(good, ", "),
				say("Er zijn goede DKIM-sleutels, waarmee mail ondertekend kan worden.", "There are good DKIM keys, with which mail can be signed."), lang.Text{})
		}
	case len(names) > 0:
	case j.dkimFailed() != nil:
		j.unknown("dkim", AreaMail, "RFC 6376, section 3.6.2", "DKIM", *j.dkimFailed())
	case d.wildcard():
		j.add("dkim-wildcard", AreaMail, Info, "RFC 6376, section 3.6.2", "*._domainkey",
			say("Elke DKIM-selector krijgt hetzelfde antwoord. Of er een echte sleutel is, is daardoor niet te zien.", "Every DKIM selector gets the same answer, so whether there is a real key cannot be seen."), lang.Text{})
	case j.use == NoMail, j.use == MailUnknown:
		// A domain that sends nothing needs no keys.
	case missing(d.Parent):
		j.add("dkim-missing", AreaMail, Warn, "RFC 6376, section 3.6.2", "",
			say("Er zijn geen DKIM-sleutels: mail van dit domein is niet te ondertekenen.", "There are no DKIM keys: mail from this domain cannot be signed."),
			say("Vraag je mailaanbieder om DKIM aan te zetten, en je hoster om de sleutel te plaatsen.", "Ask your mail provider to switch on DKIM, and your hoster to publish the key."))
	default:
		j.add("dkim-hidden", AreaMail, Info, "RFC 6376, section 3.6.2", "",
			say("Er zijn misschien DKIM-sleutels, maar niet onder de namen die ik ken. DNS geeft geen lijst.", "There may be DKIM keys, but not under the names that I know. DNS has no list of them."),
			say("Kijk in een bericht dat je zelf verstuurd hebt: achter `s=` in de kopregel `DKIM-Signature` staat de naam.", "Look at a message you sent yourself: the name is after `s=` in the header `DKIM-Signature`."))
	}
}

// dkimFailed returns an answer that failed and could have shown a key, or nil.
func (j *judgement) dkimFailed() *dnsq.Answer {
	all := []dnsq.Answer{j.DKIM.Parent, j.DKIM.Random}
	for _, s := range j.DKIM.Selectors {
		all = append(all, s.Answer)
	}
	for i := range all {
		if all[i].Status == dnsq.Failed {
			return &all[i]
		}
	}
	return nil
}

// dkimKey judges one key, and says whether it is good.
func (j *judgement) dkimKey(s Selector) bool {
	value := s.Name + ": " + shorten(s.Text, 120)
	if s.Key == nil {
		j.broken("dkim-invalid", AreaMail, "DKIM", value, s.Err,
			say("Vraag je hoster om de sleutel opnieuw te plaatsen, in zijn geheel.", "Ask your hoster to publish the key again, in full."))
		return false
	}
	renew := say("Vraag je mailaanbieder om een nieuwe sleutel van 2048 bits.", "Ask your mail provider for a new key of 2048 bits.")
	k := s.Key
	switch {
	case k.Revoked:
		j.add("dkim-revoked", AreaMail, Info, "RFC 6376, section 3.6.1", s.Name,
			say("Deze DKIM-sleutel is ingetrokken.", "This DKIM key has been revoked."), lang.Text{})
		return false
	case k.Type == "rsa" && k.Bits < dkim.MinBits:
		j.add("dkim-weak", AreaMail, Fail, "RFC 8301, section 3.2", value,
			sayf("Deze DKIM-sleutel is te kort (%d bits) en te kraken. Ontvangers mogen hem niet accepteren.", "This DKIM key is too short (%d bits) and can be broken. Receivers must not accept it.", k.Bits), renew)
		return false
	case k.OnlySHA1():
		j.add("dkim-weak", AreaMail, Fail, "RFC 8301, section 3.1", value,
			say("Deze DKIM-sleutel staat alleen SHA-1 toe. Ontvangers mogen dat niet accepteren.", "This DKIM key allows only SHA-1, which receivers must not accept."), renew)
		return false
	case k.Type == "rsa" && k.Bits < dkim.GoodBits:
		j.add("dkim-weak", AreaMail, Warn, "RFC 8301, section 3.2", value,
			sayf("Deze DKIM-sleutel is aan de korte kant (%d bits).", "This DKIM key is rather short (%d bits).", k.Bits), renew)
	case !k.ForMail():
		return true // for another service than mail (tag s)
	}
	if k.Testing {
		j.add("dkim-test", AreaMail, Info, "RFC 6376, section 3.6.1", s.Name,
			say("Deze DKIM-sleutel staat op proef (`t=y`): ontvangers hoeven er niets mee te doen.", "This DKIM key is on trial (`t=y`): receivers need not act on it."),
			say("Vraag je mailaanbieder om `t=y` weg te halen.", "Ask your mail provider to remove `t=y`."))
	}
	return k.Type != "rsa" || k.Bits >= dkim.GoodBits
}

// shorten cuts a record for showing, at n bytes or a little before.
func shorten(s string, n int) string {
	if len(s) <= n {
		return s
	}
	return strings.ToValidUTF8(s[:n], "") + fmt.Sprintf("… (%d)", len(s))
}
