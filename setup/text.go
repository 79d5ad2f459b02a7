package setup

import "wolkwijs/lang"

// The questions.
var (
	textLanguage = lang.Text{
		NL: "Taal / Language (nl, en)",
		EN: "Taal / Language (nl, en)",
	}
	textHomeserver = lang.Text{
		NL: "Homeserver van de bot (zoals example.org of https://matrix.example.org)",
		EN: "The bot's homeserver (such as example.org or https://matrix.example.org)",
	}
	textUser = lang.Text{
		NL: "Account van de bot (zoals @wolkwijs:example.org)",
		EN: "The bot's account (such as @wolkwijs:example.org)",
	}
	textPassword = lang.Text{
		NL: "Wachtwoord van dat account",
		EN: "Password of that account",
	}
	textRecoveryKey = lang.Text{
		NL: "Herstelsleutel van dat account (leeg: later)",
		EN: "Recovery key of that account (empty: later)",
	}
	textRoom = lang.Text{
		NL: "Clubkamer (zoals #club:example.org; leeg: geen)",
		EN: "Club room (such as #club:example.org; empty: none)",
	}
	textAdmin = lang.Text{
		NL: "Je eigen account, om de bot te beheren (zoals @anna:example.org; leeg: niemand)",
		EN: "Your own account, to look after the bot (such as @anna:example.org; empty: nobody)",
	}
	textResolver = lang.Text{
		NL: "DNS-server (zoals 127.0.0.1 of tls://9.9.9.9#dns.quad9.net; leeg: later)",
		EN: "DNS resolver (such as 127.0.0.1 or tls://9.9.9.9#dns.quad9.net; empty: later)",
	}
	textStart = lang.Text{
		NL: "De bot nu starten?",
		EN: "Start the bot now?",
	}
	textReplace = lang.Text{
		NL: "Er is al iets: %s. Vervangen? Het oude blijft bewaard als .old.",
		EN: "There is something already: %s. Replace it? The old is kept as .old.",
	}
)

// What comes first.
var textIntroduction = lang.Text{
	NL: "Een paar vragen; elk antwoord probeer ik meteen. Pas als alles klopt, schrijf ik iets. Ctrl-C stopt.",
	EN: "A few questions; I try each answer at once. Only when all is right do I write anything. Ctrl-C stops.",
}

// What was found to be right.
var (
	textHomeserverGood = lang.Text{
		NL: "Er antwoordt een Matrix-homeserver op %s.",
		EN: "A Matrix homeserver answers at %s.",
	}
	textLoggedIn = lang.Text{
		NL: "Inloggen als %s lukt.",
		EN: "Logging in as %s works.",
	}
	textRecoveryGood = lang.Text{
		NL: "De sleutel past.",
		EN: "The key fits.",
	}
	textJoined = lang.Text{
		NL: "De bot is nu lid van %s.",
		EN: "The bot is a member of %s now.",
	}
	textWritten = lang.Text{
		NL: "Geschreven: %s",
		EN: "Written: %s",
	}
)

// What is worth knowing.
var (
	textPlain = lang.Text{
		NL: "  ! Let op: de verbinding is http. Het wachtwoord is dan onderweg te lezen. Neem liever https.",
		EN: "  ! Mind: the connection is http. The password can be read on the way. Better use https.",
	}
	textOAuth = lang.Text{
		NL: "  Deze homeserver neemt geen wachtwoorden aan. Aan het eind log je in met een browser.",
		EN: "  This homeserver takes no passwords. At the end you log in with a browser.",
	}
	textOtherDevices = lang.Text{
		NL: "  ! Dit account is op %d andere apparaten in gebruik. Is het van een mens? Geef de bot dan een account voor zichzelf.",
		EN: "  ! This account is in use on %d other devices. Is it a person's? Then give the bot an account of its own.",
	}
	textRecovery = lang.Text{
		NL: "  Dit account is eerder met versleuteling gebruikt. Alleen met de herstelsleutel vertrouwen anderen de bot.",
		EN: "  This account was used with encryption before. Only with its recovery key do others trust the bot.",
	}
	textInviteLater = lang.Text{
		NL: "  De bot mag daar nog niet in. Nodig %s straks uit in de kamer.",
		EN: "  The bot may not enter yet. Invite %s into the room later.",
	}
	textResolverLater = lang.Text{
		NL: "  ! De DNS-server van deze computer antwoordt niet. Tot dat anders is, werkt !check niet: zie dns.resolver in config.toml.",
		EN: "  ! The DNS resolver of this machine does not answer. Until it does, !check does not work: see dns.resolver in config.toml.",
	}
	textStillIn = lang.Text{
		NL: "  ! Uitloggen lukte niet. Haal de sessie “Wolkwijs setup” weg in de lijst van sessies van het account.",
		EN: "  ! Logging out failed. Remove the session “Wolkwijs setup” from the account's list of sessions.",
	}
)

// What is wrong, and what to do.
var (
	textNeeded = lang.Text{
		NL: "Dit moet ik weten. (Ctrl-C stopt; er is nog niets geschreven.)",
		EN: "I need to know this. (Ctrl-C stops; nothing is written yet.)",
	}
	textLanguageWrong = lang.Text{
		NL: "Kies nl of en.",
		EN: "Choose nl or en.",
	}
	textThere = lang.Text{
		NL: "Er is al iets: %s. Geef --overwrite om het te vervangen; het oude blijft bewaard als .old.",
		EN: "There is something already: %s. Give --overwrite to replace it; the old is kept as .old.",
	}
	textKept = lang.Text{
		NL: "Er is niets veranderd. Kies andere bestanden met --config en --unit.",
		EN: "Nothing was changed. Choose other files with --config and --unit.",
	}
	textHomeserverWrong = lang.Text{
		NL: "Dat is geen servernaam en geen adres. Schrijf bijvoorbeeld example.org of https://matrix.example.org.",
		EN: "That is no server name and no address. Write for example example.org or https://matrix.example.org.",
	}
	textUserWrong = lang.Text{
		NL: "Dat is geen Matrix-account. Schrijf het als @naam:example.org.",
		EN: "That is no Matrix account. Write it as @name:example.org.",
	}
	textAdminIsBot = lang.Text{
		NL: "Dat is het account van de bot. Noem je eigen account, of laat het leeg.",
		EN: "That is the bot's account. Name your own, or leave it empty.",
	}
	textRoomWrong = lang.Text{
		NL: "Dat is geen kamer. Schrijf het adres als #club:example.org; je app toont het bij de instellingen van de kamer.",
		EN: "That is no room. Write its address as #club:example.org; your app shows it in the room's settings.",
	}
	textRecoveryNeeded = lang.Text{
		NL: "Dit account is eerder met versleuteling gebruikt. Zet zijn herstelsleutel in %s (chmod 600) en begin opnieuw.",
		EN: "This account was used with encryption before. Put its recovery key in %s (chmod 600) and start again.",
	}
	textWrongKey = lang.Text{
		NL: "Deze sleutel past niet bij het account. Hij bestaat uit groepjes van vier tekens; kijk of hij heel is.",
		EN: "This key does not fit the account. It is groups of four characters; see whether it is whole.",
	}
	textResolverWrong = lang.Text{
		NL: "“%s” is geen DNS-server. Schrijf system, een adres, of tls://adres#naam.",
		EN: "“%s” is no DNS resolver. Write system, an address, or tls://address#name.",
	}
	textResolverSilent = lang.Text{
		NL: "DNS-server %s antwoordt niet. Zonder werkt !check niet. Controleer het adres en de verbinding, of noem een andere.",
		EN: "DNS resolver %s does not answer. Without one !check does not work. Check the address and the connection, or name another.",
	}
	textNoSuchHost = lang.Text{
		NL: "%s bestaat niet in DNS. Controleer de spelling.",
		EN: "%s does not exist in DNS. Check the spelling.",
	}
	textUnreachable = lang.Text{
		NL: "%s antwoordt niet. Controleer het adres en de internetverbinding. Staat de homeserver op een andere naam, noem dan die: https://matrix.example.org.",
		EN: "%s does not answer. Check the address and the internet connection. If the homeserver has another name, give that: https://matrix.example.org.",
	}
	textCertificate = lang.Text{
		NL: "Het certificaat van %s klopt niet, dus ik kan niet zien of het de echte server is. Controleer de naam, en de klok van deze computer.",
		EN: "The certificate of %s is not right, so I cannot tell whether it is the real server. Check the name, and this machine's clock.",
	}
	textNotMatrix = lang.Text{
		NL: "Op %s antwoordt wel iets, maar geen Matrix-homeserver. Noem het adres van de homeserver zelf, zoals https://matrix.example.org.",
		EN: "Something answers at %s, but no Matrix homeserver. Give the address of the homeserver itself, such as https://matrix.example.org.",
	}
	textNoLogin = lang.Text{
		NL: "Op %s kan een bot niet inloggen: niet met een wachtwoord, en niet met een code in de browser. Neem een andere homeserver, of een access token (access_token_file in config.toml).",
		EN: "A bot cannot log in at %s: not with a password, and not with a code in a browser. Use another homeserver, or an access token (access_token_file in config.toml).",
	}
	textRefused = lang.Text{
		NL: "De homeserver kent %s niet met dit wachtwoord. Probeer beide nog eens. Nog geen account? Maak er eerst een, met een gewone Matrix-app.",
		EN: "The homeserver does not know %s with this password. Try both again. No account yet? Make one first, with any Matrix app.",
	}
	textTooMany = lang.Text{
		NL: "De homeserver vindt het te veel pogingen. Wacht een minuut en probeer het nog eens.",
		EN: "The homeserver says that there were too many tries. Wait a minute and try again.",
	}
	textNotFound = lang.Text{
		NL: "De homeserver kent %s niet. Controleer de spelling.",
		EN: "The homeserver does not know %s. Check the spelling.",
	}
)
