package search

import (
	"regexp"
	"strings"
)

// The forms of questions about a name. A question that has another form is
// about something else, however much of this stands in it: "hoe zet ik Signal
// in het Nederlands", "gratis vpn voor iPhone". X stands for a name, N for
// something that is in it, C for a country and O for an owner.
var forms = []struct {
	aspect Aspect
	match  *regexp.Regexp
}{
	{Difference, form(`
		(?:(?:wat|welke|wie) is (?:beter|veiliger|fijner|slimmer|privacyvriendelijker) |(?:liever|kies ik|moet ik|kan ik beter) )?X(?: (?:of|or|vs|versus) X)+(?: (?:wat|welke) is (?:beter|veiliger))?
		(?:wat is )?(?:het )?verschil tussen X en X
		wat zijn de verschillen tussen X en X
		is X (?:beter|veiliger|slechter|privacyvriendelijker|net zo (?:goed|veilig|makkelijk)) (?:dan|als) X
		vergelijk X (?:met|en) X|X en X|X and X
		(?:which|what) is (?:better|safer|more private) X or X|X or X (?:which|what) is (?:better|safer)
		(?:what is )?(?:the )?difference between X and X
		is X (?:better|safer|worse|more private) than X|is X as (?:good|safe|easy) as X
		compare X (?:with|and|to) X|should i (?:use|choose|take) X or X`)},
	{Dutch, form(`
		(?:is|bestaat) X (?:er )?(?:in het nederlands|nederlandstalig)|is er een nederlandse versie van X|(?:kan|spreekt) X nederlands|heeft X een nederlandse versie
		is X (?:available )?in dutch|does X (?:come in|support|speak) dutch|is there a dutch version of X`)},
	{Owner, form(`
		van (?:wie|welk bedrijf) is X|van wie X is|wie is (?:de )?eigenaar van X|wie zit (?:er )?achter X|wie maakt X|wie heeft X gemaakt|welk bedrijf (?:maakt|zit achter|heeft) X|welk bedrijf is X
		(?:uit welk land|waar) komt X(?: vandaan)?|uit welk land is X|waar (?:zit|is) X gevestigd|is X een C (?:bedrijf|dienst|app|programma|product|aanbieder|provider)
		is X (?:van|eigendom van) O|hoort X bij O|(?:is|komt) X uit (?:de |het )?C|is X (?:een )?C
		who (?:owns|makes|runs|made|is behind) X|who is the owner of X|(?:which|what) company (?:owns|makes|is behind) X|(?:which|what) country is X from|where is X (?:from|based)|where does X come from
		(?:is|does) X (?:owned by|belong to|part of|made by) O|(?:is|does) X (?:come )?from (?:the )?C|is X (?:a |an )?C(?: (?:company|app|service|product))?`)},
	{Price, form(`
		wat kost X|hoeveel kost X|hoe duur is X|is X (?:gratis|betaald|duur|kosteloos)|moet ik (?:voor X betalen|betalen voor X)|kost X (?:geld|iets)|kun je X gratis gebruiken|heeft X een gratis versie|wat zijn de kosten van X|wat kosten X|zijn X (?:gratis|betaald|duur)
		what does X cost|how much (?:is|does) X(?: cost)?|is X (?:free|paid|expensive)(?: of charge)?|do i have to pay for X|does X cost (?:money|anything)|is there a free version of X|does X have a free version|how much are X|what do X cost|are X (?:free|paid|expensive)`)},
	{Source, form(`
		is X open ?source|is X opensource|is de (?:bron)?code van X open|is X open bron
		is the (?:source )?code of X open|is the source of X open`)},
	{SelfHost, form(`
		(?:kan|kun) (?:ik|je|men) X zelf (?:hosten|draaien|installeren)|(?:kan|kun) (?:ik|je) X op (?:een |mijn |je )?(?:eigen )?(?:server|nas|raspberry pi) (?:draaien|zetten|installeren)|is X zelf te (?:hosten|draaien)
		can (?:i|you|we) (?:self host|host|run) X(?: (?:myself|yourself|ourselves|at home))?(?: on (?:my|a|our) (?:own )?(?:server|nas|raspberry pi))?|can X be self hosted|is X self hosted`)},
	{DataPlace, form(`
		waar (?:staan|staat) (?:de servers|(?:mijn|je|onze|de|al mijn) N) (?:bij|van|in|op) X|waar (?:bewaart|slaat|zet) X (?:mijn|je|onze|de|al mijn)? ?N(?: op)?|waar worden (?:mijn|de|onze) N (?:bij|van|in|op) X (?:bewaard|opgeslagen)|in welk land staan (?:mijn|de|onze) N (?:bij|van|in|op) X
		(?:staan|staat|zijn|is) (?:mijn|onze|de) N (?:bij|van|in|op) X in (?:de |het )?C|(?:staan|staat|zijn|is) de servers van X in (?:de |het )?C|bewaart X (?:mijn|onze|de) N in (?:de |het )?C
		where (?:is|are) (?:my|our|the) N (?:with|at|in|on|of) X(?: (?:stored|kept))?|where does X (?:keep|store) (?:my|our|the) N|where (?:is|are) X (?:hosted|stored)|where are the servers of X|is X hosted in (?:the )?C
		(?:is|are) (?:my|our|the) N (?:with|at|in|on|of) X (?:stored |kept )?in (?:the )?C`)},
	{Encryption, form(`
		(?:is|zijn) (?:mijn )?X(?: N)? (?:eind tot eind |end to end )?(?:versleuteld|encrypted|e2ee|e2e)|is X end to end|versleutelt X(?: (?:mijn|onze|alle) N)?|gebruikt X (?:eind tot eind|end to end)? ?(?:versleuteling|encryptie)
		(?:leest|kijkt|luistert) X mee|kan X (?:meelezen|meekijken|meeluisteren)|(?:kan|kunnen) X (?:mijn|onze|je) (?:X N|N|X) (?:lezen|zien|inzien)|(?:leest|ziet|scant) X (?:mijn|onze|je) (?:X N|N|X)|wie kan (?:bij |in )?mijn X(?: lezen| zien| inzien)?
		are (?:my )?X N encrypted|can X (?:read|see) (?:my|our) (?:X N|N|X)|does X (?:read|scan) (?:my|our) (?:X N|N|X)|can X (?:listen in|read along)|who can (?:read|see) my X|(?:wie kan|kan iemand) (?:die|de|mijn) (?:beelden|video) (?:zien van|van) (?:mijn )?X(?: zien| deurbel)?|does X (?:use )?(?:encrypt|encryption)(?: my N)?|is my X encrypted`)},
	{Trust, form(`
		is X (?:veilig|onveilig|te vertrouwen|betrouwbaar|onbetrouwbaar|gevaarlijk|privacyvriendelijk|privacy vriendelijk|goed voor (?:mijn |je |de )?privacy|slecht voor (?:mijn |je |de )?privacy)(?: om te gebruiken| te gebruiken)?|zijn X (?:en X )?(?:veilig|te vertrouwen|betrouwbaar)
		hoe (?:veilig|betrouwbaar|privacyvriendelijk|privacy vriendelijk) is X|(?:kan|kun) (?:ik|je|jij|men|we) X vertrouwen|verkoopt X (?:mijn|je|onze|al mijn)? ?(?:gegevens|data|informatie)|wat is er mis met X|wat zijn de (?:nadelen|risicos|gevaren) van X|waarom is X (?:slecht|onveilig)|wat doet X met (?:mijn|je|onze) (?:gegevens|data)
		is X (?:safe|secure|private|trustworthy|reliable|dangerous|legit|unsafe|insecure|good for (?:my )?privacy|bad for (?:my )?privacy)(?: to use)?|are X (?:and X )?(?:safe|secure)|how (?:safe|secure|private|trustworthy|reliable) is X|can (?:i|we|you) trust X|does X sell (?:my|our|your) (?:data|information)|what is wrong with X|(?:what are )?(?:the )?(?:downsides|drawbacks|risks) of X|X risks|what does X do with my data`)},
	{Opinion, form(`
		wat is X|wat is X voor iets|wat voor (?:app|programma|dienst) is X|wat (?:vind|vinden|vindt|denk|denken|weet|weten) (?:je|jij|jullie|u) (?:van|over) X|(?:ken|kent) (?:je|jij|u) X|is X (?:goed|iets|wat|een goede keus|een goede keuze|aan te raden|een aanrader|de moeite waard)|hoe goed is X|vertel (?:iets |eens iets |wat |meer )?(?:over|van) X|iets over X|meer over X
		what is X|what do you (?:think|know) (?:of|about) X|do you know X|is X (?:good|any good|a good choice|recommended|worth it)|how good is X|tell me (?:something |more )?about X|more about X`)},
}

// noun is what stands for N: things that people have with a service.
const noun = `(?:data|gegevens|bestanden|files|documenten|documents|fotos|photos|pictures|berichten|messages|mail|mails|email|emails|e mail|e mails|berichtjes|chats|gesprekken|calls|wachtwoorden|passwords|agenda|calendar|contacten|contacts|notities|notes|backup|back up|informatie|information|spullen)`

// form reads a table of forms, one or more on a line.
func form(table string) *regexp.Regexp {
	var all []string
	for line := range strings.Lines(table) {
		if line = strings.TrimSpace(line); line != "" {
			all = append(all, line)
		}
	}
	s := strings.Join(all, "|")
	s = regexp.MustCompile(`\bN\b`).ReplaceAllString(s, noun)
	s = regexp.MustCompile(`\bC\b`).ReplaceAllString(s, `(\w+(?: \w+)?)`)
	s = regexp.MustCompile(`\bO\b`).ReplaceAllString(s, `((?:de |het |the )?\w+(?: \w+)?)`)
	return regexp.MustCompile(`^(?:` + s + `)$`)
}

// formWords are the words of forms: they are no typing errors of others.
var formWords = func() map[string]bool {
	all := map[string]bool{}
	for _, f := range forms {
		for _, w := range regexp.MustCompile(`[a-z]{3,}`).FindAllString(f.match.String(), -1) {
			all[w] = true
		}
	}
	return all
}()

// What people put around a question, and what changes nothing in it.
var (
	fillers  = set(`wel nog nou nu eigenlijk echt toch ook even precies alweer helemaal gewoon dus zomaar allemaal really actually still just exactly currently even also completely`)
	openings = regexp.MustCompile(`^(?:(?:en|and|maar|but|oh|ok|oke|hoi|hallo|hi|hello|hey|dag|vraag|vraagje|goedemorgen|goedemiddag|goedenavond|zeg|so) )+`)
	closings = regexp.MustCompile(`(?: (?:aub|svp|alsjeblieft|alstublieft|please|thanks|hoor|he|vandaag|tegenwoordig|nowadays|today|voor mij|for me))+$`)
	asides   = regexp.MustCompile(`^(?:weet (?:je|jij|u|iemand) of|kun je (?:me )?zeggen of|ik vraag me af of|ik wil (?:graag )?weten of|do you know (?:if|whether)|can you tell me (?:if|whether)|i wonder (?:if|whether)|i want to know (?:if|whether)) (.*)$`)
	lateVerb = regexp.MustCompile(`^(X) (.+) (is|zijn|kost)$`)
	midVerb  = regexp.MustCompile(`^(X) (is|does|can) (.+)$`)
	ofMaker  = regexp.MustCompile(`\bX (?:van|by|from) (?:X|microsoft|google|apple|amazon|meta|facebook|samsung) (\w)`)
	things   = regexp.MustCompile(`\b(?:(?:de|het|the) )?(?:(?:app|programma|dienst|site|website|service|program) )?X(?: (?:app|site|website))?\b`)
)
