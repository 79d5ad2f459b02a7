package commands

import (
	"slices"
	"strings"
	"unicode"

	"wolkwijs/answer"
)

// Words of which a greeting or thanks is made, and those without which it is
// none.
var (
	thanksWords   = strings.Fields("dank dankje dankjewel dankuwel bedankt merci thanks thank thx cheers")
	greetingWords = strings.Fields("hoi hallo hey hi hello dag goedemorgen goeiemorgen goedemiddag goedenavond morgen good morning afternoon evening moin")
	politeWords   = strings.Fields("je jij u you wel hoor fijn top super prima mooi goed a an lot very much veel heel erg hartelijk voor for de the hulp help alvast so is ben er are there daar wolkwijs bot weer again iedereen ok oke oké okay nou ja jou hartstikke reuze geweldig perfect great")
)

// smallTalk answers a greeting or thanks in a line, or returns nil if the
// question is more than that.
func smallTalk(c *call) *answer.Answer {
	words := strings.FieldsFunc(strings.ToLower(c.args), func(r rune) bool { return !unicode.IsLetter(r) && r != '\'' })
	if len(words) == 0 || len(words) > 7 {
		return nil
	}
	thanks, greeting := false, false
	for _, w := range words {
		switch {
		case slices.Contains(thanksWords, w):
			thanks = true
		case slices.Contains(greetingWords, w):
			greeting = true
		case !slices.Contains(politeWords, w):
			return nil
		}
	}
	var a *answer.Answer
	switch {
	case thanks:
		a = answer.New(c.lang, c.prose("Graag gedaan. Stel gerust nog een vraag.", "You are welcome. Do ask another question."))
	case greeting:
		a = answer.New(c.lang, c.prose("Hallo! Waar kan ik je mee helpen?", "Hello! What can I help you with?"))
		a.Para(c.prose(
			"Vraag bijvoorbeeld: \"iets anders dan Gmail\", \"wie host de mail van hcc.nl\" of \"2fa bij digid\". Met `!help` zie je alles wat ik kan.",
			"Ask for example: \"something other than Gmail\", \"who hosts the mail of hcc.nl\" or \"2fa at digid\". `!help` shows all I can do."))
	default:
		return nil
	}
	a.Topic = "bot-help"
	return a
}
