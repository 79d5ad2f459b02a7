package search

import "wolkwijs/lang"

// language tells Dutch from English by the small words that only one of them
// has, and by the words that the knowledge base uses in only one of them.
// Where nothing tells, it is the default language.
func (v *vocabulary) language(words []string) lang.Code {
	english := 0.0
	for _, w := range words {
		switch {
		case dutchWords[w] && !englishWords[w]:
			english -= smallWord
		case englishWords[w] && !dutchWords[w], plainlyEnglish[w]:
			english += smallWord
		default:
			english += v.uses[w].englishness()
		}
	}
	if english > doubt {
		return lang.EN
	}
	return lang.Default
}

// A small word counts for this much in telling the language, a word of the
// knowledge base for at most 1. English needs more than doubt.
const (
	smallWord = 1.5
	doubt     = 0.9
)

// uses counts how often a word stands in texts of either language.
type uses struct{ dutch, english int }

// englishness is from -1, for a word of Dutch texts only, to 1, for one of
// English texts only; a word of both says nothing.
func (u uses) englishness() float64 {
	n := float64(u.english+u.dutch) + 1
	return float64(u.english-u.dutch) / n
}

var dutchWords = set(`de het een ik je jij jouw mijn wij we onze ons zij ze hun hoe wat waar wie waarom wanneer welke welk
	niet geen wel van voor met naar bij uit aan op dan dat die dit deze als of maar en ook nog al er zijn ben bent heb hebt heeft
	kan kun kunt mag moet wil wilt zou iets anders goed goede veilig veilige vervangen vervanger alternatief iemand alles mijnheer
	zonder tussen tegen hallo hoi dag graag aanzetten instellen gebruiken nodig beter beste zoek zoeken maken doen staat`)

var englishWords = set(`the a an i you your my we our they their how what where who why when which not no yes for with to from
	at on than that this these as or but and also there are am have has had can could may must want would something other
	good safe secure show give instead number tell log sign replace replacement alternative someone everything without between against hello hi please switch
	set use need better best find make do does it should get my new`)

// plainlyEnglish are words with a meaning of their own that tell the language:
// much of what is asked of a service holds no small word, as "is Signal free".
var plainlyEnglish = set(`encrypted encrypts free cost costs price pricing expensive cheap owns owned belongs belong private legit risks downsides part safer trustworthy reliable dangerous
	american dutch german french swiss british european russian chinese swedish norwegian belgian spanish italian canadian israeli finnish danish
	netherlands germany france switzerland europe sweden norway russia canada`)

// stopWords say nothing about what a question is about.
var stopWords = union(dutchWords, englishWords, set(`is in u uw me mij hem haar hen die er daar hier toch even eens gewoon
	heel erg veel meer weer te om door over onder naar toe tot zo dus want omdat terwijl nou nu eigenlijk misschien
	gaan gaat ga ging kom komt komen kwam doet deed word wordt worden werd laat laten krijg krijgt krijgen kreeg vind vindt
	zegt zei zeggen weet weten snap denk denkt wilde wou moest zal zult zullen hadden had was waren geweest
	jullie iedereen niemand niets niks iets ander andere zelf elke elk alle alleen altijd nooit soms vaak
	so if then just very much more too into about out up off only all any some will was were been being did does doing
	them him her his its us im dont its ive lets tell know think like really still already by
	tips tip help aub svp please dank bedankt thanks raad raden aanraden recommend kent ken
	app apps programma programmas program dienst diensten service services site website software tool iets ding
	voorbeeld example uitleg uitleggen explain explained betekent mean means meaning werkt work works kosten kost
	keer hoeveel much many
	europees europese nederlands nederlandse european dutch europa europe nederland netherlands eu gratis free
	amerikaans amerikaanse american amerikanen`))

func set(words string) map[string]bool {
	all := map[string]bool{}
	for _, w := range tokens(words) {
		all[w] = true
	}
	return all
}

func union(sets ...map[string]bool) map[string]bool {
	all := map[string]bool{}
	for _, s := range sets {
		for w := range s {
			all[w] = true
		}
	}
	return all
}
