package search

import (
	"slices"
	"strings"

	"wolkwijs/knowledge"
)

// Intent is what a question wants, as far as its wording tells.
type Intent uint8

// The intents.
const (
	Any         Intent = iota // the wording does not tell
	Alternative               // something instead of something else
	TwoFactor                 // how to sign in safely somewhere
	Check                     // who holds a domain, or how well it is protected
	What                      // what a thing is or how it works
	Safe                      // whether something is safe
	Emergency                 // something is going wrong now
)

// cues are the wordings of each intent, in the order in which they are tried.
// They are compared after typing errors are mended.
var cues = []struct {
	intent  Intent
	phrases []string
}{
	{Emergency, lines(`
		is gehackt|ben gehackt|gehackt|is overgenomen|account overgenomen|zit in mijn account|in mijn facebook gekomen|kan niet meer inloggen
		kan zelf niet meer inloggen|op de link geklikt|op een link geklikt|op een verkeerde link|link geklikt|gegevens ingevuld|opgelicht|gephisht
		was hacked|been hacked|got hacked|is hacked|taken over|clicked the link|clicked a link|clicked on a link|entered my|i was phished|scammed`)},
	{TwoFactor, lines(`
		2fa|mfa|tweestaps|tweestapsverificatie|twee staps|tweefactor|tweefactorauthenticatie|twee factor|tweetraps|in twee stappen|tweede stap|extra beveiliging bij
		verificatie in twee|verificatiecode|inlogcode|inlogstap|inlog stap|extra stap|extra code|met een code|beveilig ik mijn|account beveiligen|sms code bij|passkey bij|passkeys bij
		two step|two factor|second step|extra step|login step|second factor|2 step|2 factor|login code|secure my account|passkey at|passkeys at|extra security at`)},
	{Check, lines(`
		wie host|wie heeft de mail|wie beheert|waar staat de mail|waar staat mijn mail|nakijken|controleer|controleren|check|checken|beveiligd|goed beveiligd|goed ingesteld
		mx|spf|dkim|dmarc|dnssec|dane|bij microsoft|bij google|wie zit achter|waar draait|waar die mail staat|opvragen|testen|test
		who hosts|who has the mail|where is the mail|where that mail|look up|look at|well protected|protected|at microsoft|hosted`)},
	{Alternative, lines(`
		wat is een goed|wat is een goede|wat is een fijne|wat is een veilige|wat is de beste|wat is het beste|wat is de veiligste|wat is de fijnste|beste|aanrader
		wat kan ik nemen|waar moet ik heen|kan ik beter|opzeggen|stoppen met|wil geen|wat nu|wat dan
		what is a good|what is the best|best|recommend|what can i use|quit|ditch|instead|keep up without
		alternatief|alternatieven|in plaats van|ipv|plaats van|anders dan|vervangen|vervanger|vervanging|vervang|weg van|weg bij|af van|wil af|vanaf|afscheid van|overstappen van
		beter dan|zonder google|zonder microsoft|zonder amazon|zonder meta|zonder facebook|zonder zoom|zonder youtube|zonder gmail|niet van google|niet van facebook
		ik zoek|zoek een|welke|welk|is er een|is er iets|iets als|kan ik ergens|waar kan ik|waarmee|programma|app voor|een app|dienst|aanbieder|provider
		alternative|alternatives|instead of|other than|replace|replacement|get rid of|leave|leaving|move away from|better than|without google|without microsoft
		i need a|looking for|which|is there a|is there another|an app|app for|software|provider|service`)},
	{Safe, lines(`is veilig|veilig|veilige|te vertrouwen|betrouwbaar|gevaarlijk|kwaad|safe|secure|trust|dangerous|nadelen|wat is er mis`)},
	{What, lines(`
		wat is|wat zijn|wat betekent|wat was|wat doet|hoe werkt|hoe zit|waarom|uitleg|uitleggen|leg uit|verschil|verschil tussen|moet ik|mag|kan|is het|klopt
		what is|what are|what was|what does|how does|why|explain|explained|difference|should i|may i|can|does|do i`)},
}

// signInCues mean two-step verification where a service is named: "yubikey
// with Amazon" asks about Amazon, "which yubikey" does not.
var signInCues = lines(`authenticator|authenticator app|yubikey|beveiligingssleutel|sleutel|passkey|passkeys|pincode|inlogbeveiliging|inloggen met|beveiligen met|veilig in bij|veilig inloggen|sms code|zonder smartphone|zonder mobiel
	security key|hardware key|log in with|login security|sign in with|sign in safely|log in safely|text message code|without a smartphone`)

// namesSite says whether a service of the table of two-step verification is
// named, other than as an app that makes the codes.
func (q *question) namesSite() bool {
	for _, p := range q.phrases {
		if p.is(knowledge.KindTwoFactor) {
			return true
		}
	}
	return false
}

// cueWords are the words of cues, so that a misspelt cue is mended.
var cueWords = func() map[string]bool {
	all := map[string]bool{}
	for _, c := range cues {
		for _, p := range c.phrases {
			for _, w := range strings.Fields(p) {
				if len(w) > 3 {
					all[w] = true
				}
			}
		}
	}
	return all
}()

// lines splits a table of phrases.
func lines(table string) []string {
	var all []string
	for _, line := range strings.Split(table, "\n") {
		for _, p := range strings.Split(line, "|") {
			if p = strings.TrimSpace(p); p != "" {
				all = append(all, p)
			}
		}
	}
	return all
}

// intentOf returns the first intent whose wording is in the question.
func intentOf(q *question) Intent {
	for _, c := range cues {
		if c.intent == Check && q.domain == "" {
			continue
		}
		if c.intent == TwoFactor && (q.namesSite() && q.has(signInCues...)) {
			return TwoFactor
		}
		if q.has(c.phrases...) || c.intent == Alternative && q.leaves() {
			return c.intent
		}
	}
	return Any
}

// leaves says whether the question wants to get away from something: "van …
// af", with what is left in between.
func (q *question) leaves() bool {
	from := slices.Index(q.words, "van")
	return from >= 0 && slices.Contains(q.words[from:], "af")
}

// offLimits says whether a question must be declined whatever it is about:
// it is after somebody else's data, tries to change what the bot does, or
// only scolds.
func (q *question) offLimits() (Reason, bool) {
	raw := " " + strings.Join(q.raw, " ") + " "
	has := func(list []string) bool {
		for _, p := range list {
			if strings.Contains(raw, " "+p+" ") {
				return true
			}
		}
		return false
	}
	switch {
	case has(injections):
		return Injection, true
	case has(others) && has(breakIn) || has(others) && has(whereabouts) || has(crimes):
		return OffLimits, true
	case len(q.raw) < 8 && has(scolds):
		return Unfriendly, true
	}
	return NotKnown, false
}

var (
	injections = lines(`
		negeer alle|negeer je|negeer de vorige|negeer vorige|vergeet je regels|vergeet alle regels|vergeet je instructies|systeemprompt|doe alsof|je bent nu|vorige instructies
		ignore all|ignore previous|ignore your|forget your rules|forget all|system prompt|pretend you|pretend to be|you are now|previous instructions|developer mode|jailbreak`)
	others = lines(`
		mijn vrouw|mijn man|mijn ex|mijn vriend|mijn vriendin|mijn buurman|mijn buurvrouw|mijn baas|mijn collega|mijn dochter|mijn zoon|iemand|iemands|iemand anders|mijn kind|mijn partner|mijn moeder|mijn vader|de buren|een collega|van een ander|de beheerder|van mijn ex|jan jansen
		my wife|my wifes|my husband|my husbands|my ex|my exs|my girlfriend|my boyfriend|my neighbour|my neighbor|my boss|my colleague|someone else|somebody else|someone elses|somebody elses|my partner|my kid|my sister|my brother|the neighbours|the neighbors|a colleague|the admin|john smith`)
	breakIn = lines(`
		hack|hacken|aftappen|afluisteren|meelezen|inbreken|kom ik in|wachtwoord van|het wachtwoord|bespioneren|volgen|stiekem|lezen van
		tap|spy|spy on|break into|get into|password of|the password|track|secretly|read my wifes|messages|read`)
	whereabouts = lines(`woont|waar woont|adres van|telefoonnummer|telefoonnummer van|lives|where does|address of|phone number`)
	crimes      = lines(`een bom|bom maken|hoe hack ik|how do i hack|how to hack|hoe kraak ik|how do i crack|drugs kopen|wapen kopen|creditcards kopen|hack het account|hack een account|a bomb|buy drugs|buy a gun|hack the account|hack an account|telefoonnummer van jan jansen`)
	scolds      = lines(`stom|stomme|dom|domme|idioot|rot op|hou je mond|kutbot|klootzak|waardeloos|stupid|idiot|shut up|useless|fuck|fuck you|dumb`)
)

// offTopic are words of fields in which the bot gives no advice or knows
// nothing. A question about one of them needs a clear name of ours to be
// answered.
var offTopic = set(`
	weer weerbericht regen sneeuw zon spaargeld belasting recept taart appeltaart koken eten eet ajax voetbal wedstrijd sport speelt mop grap gedicht
	medicijn medicijnen dokter pijn ziek hoofdpijn knie griep dieet calorieen aandelen beleggen investering investeren bitcoin crypto hypotheek
	lening rente salaris aanklagen advocaat rechter scheiden scheid erfenis huurcontract huisbaas verkiezingen stemmen politiek partij
	auto fiets bus vliegtuig vakantiehuis film serie tv televisie stofzuiger wasmachine tomaten kat hond tuin planten
	hoofdstad koning president liefde liefhebben kleur lievelingskleur zin leven spelletje rijk melk pasen kerst vergelijking
	printer luidsprekers scherm toner belastingteruggave parijs rome
	weather rain snow christmas sun savings recipe pancakes cook food football match joke poem doctor medicine pain headache diet shares invest investment
	mortgage loan salary sue lawyer judge divorce election vote politics car bike train plane movie vacuum tomatoes cat dog garden
	capital king love colour color life game rich milk easter equation speakers universe spanish times tax`)
