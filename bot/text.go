package bot

import "wolkwijs/lang"

// The bot's own sentences, for what happens before or after an answer is
// looked for. Commands in them begin with "!": [Bot.sentence] puts the real
// prefix in.
var (
	textBroken = lang.Text{
		NL: "Er ging bij mij iets mis met deze vraag. De fout staat in het logboek. Probeer het later nog eens, of stel je vraag anders.",
		EN: "Something went wrong on my side with this question. The fault is in the log. Try again later, or ask it differently.",
	}
	textBusy = lang.Text{
		NL: "Het ging te snel voor mij: de laatste berichten heb ik overgeslagen. Stuur ze over een minuut nog eens.",
		EN: "That was too fast for me: I skipped the last messages. Send them again in a minute.",
	}
	textTooMuch = lang.Text{
		NL: "Dat zijn veel vragen tegelijk. Ik moet even op adem komen: probeer het over een minuut nog eens.",
		EN: "Those are many questions at once. I need a moment: try again in a minute.",
	}
	textTooLong = lang.Text{
		NL: "Dat is te lang voor mij. Stel je vraag in een paar zinnen, dan help ik je graag.",
		EN: "That is too long for me. Ask your question in a few sentences and I will gladly help.",
	}
	textWorking = lang.Text{
		NL: "⏳ bezig",
		EN: "⏳ working on it",
	}
	textNoKey = lang.Text{
		NL: "Ik kan dit bericht niet lezen: ik kreeg er geen sleutel voor. Stuur het nog eens. Lukt dat niet, start je app dan opnieuw, of verifieer dit apparaat in je app.",
		EN: "I cannot read this message: I was given no key for it. Send it again. If that does not help, restart your app, or verify this device in it.",
	}
	textWelcomeGroup = lang.Text{
		NL: "Hallo, ik ben Wolkwijs. Ik help met privacy en veilig online. Probeer bijvoorbeeld `!alt whatsapp`, `!tip` of `!check` met je eigen domein. Wat ik nog meer kan: `!help`. Wat ik bewaar: `!privacy`. (`!language en` for English.)",
		EN: "Hello, I am Wolkwijs. I help with privacy and staying safe online. Try for example `!alt whatsapp`, `!tip`, or `!check` with your own domain. What else I can do: `!help`. What I keep: `!privacy`. (`!taal nl` voor Nederlands.)",
	}
	textWelcomeDirect = lang.Text{
		NL: "Hallo, ik ben Wolkwijs. Ik help met privacy en veilig online. Stel gewoon je vraag, bijvoorbeeld: “iets anders dan Gmail”, “hoe kies ik een goed wachtwoord?” of “check” met je eigen domein. Wat ik bewaar: `privacy`. (`language en` for English.)",
		EN: "Hello, I am Wolkwijs. I help with privacy and staying safe online. Just ask, for example: “something other than Gmail”, “how do I choose a good password?”, or “check” with your own domain. What I keep: `privacy`. (`taal nl` voor Nederlands.)",
	}
	textDeclined = lang.Text{
		NL: "Ik mag alleen meedoen als iemand van onze vereniging mij uitnodigt.",
		EN: "I may only join when someone of our club invites me.",
	}
	textFollowing = lang.Text{ // also what a join is recognised by
		NL: "Deze kamer vervangt een kamer waar ik in zit.",
		EN: "This room replaces one that I am in.",
	}
)
