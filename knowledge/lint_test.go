package knowledge_test

import (
	"io/fs"
	"os"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"wolkwijs/knowledge"
)

// day is the day by which the tests judge dates.
var day = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

// testBase reads the small test base into memory.
func testBase(t testing.TB) fstest.MapFS {
	t.Helper()
	m := fstest.MapFS{}
	root := os.DirFS("testdata/base")
	err := fs.WalkDir(root, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := fs.ReadFile(root, name)
		m[name] = &fstest.MapFile{Data: data}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// placeOf returns line and column, from 1, of the only place where text is.
func placeOf(t *testing.T, data, text string) (line, column int) {
	t.Helper()
	if n := strings.Count(data, text); n != 1 {
		t.Fatalf("%q stands in the file %d times, want once", text, n)
	}
	before, _, _ := strings.Cut(data, text)
	return 1 + strings.Count(before, "\n"), len(before) - strings.LastIndexByte("\n"+before, '\n') + 1
}

func TestTheTestBaseHasNoFaults(t *testing.T) {
	found, err := knowledge.Lint(day, knowledge.Layer{FS: testBase(t)})
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range knowledge.Failures(found) {
		t.Error(f)
	}
}

func TestWhatIsBuiltInHasNoFaults(t *testing.T) {
	found, err := knowledge.Lint(day, knowledge.Builtin())
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range knowledge.Failures(found) {
		t.Error(f)
	}
}

// planted are faults put into the test base one at a time: in file the text
// old becomes text new. Lint must find a fault with the words msg under key,
// at the place where the text at stands.
var planted = []struct {
	name, file, old, new string
	key, at, msg         string
	warning              bool
}{
	// what TOML itself refuses
	{name: "open string", file: "products.toml", old: `id = "gmail"`, new: `id = "gmail`,
		key: "product.id", at: "\nname = \"Gmail\"", msg: "cannot have new lines"},
	{name: "unknown key", file: "alternatives/email.toml", old: `dutch_ui = "yes"
self_host = "no"
price`, new: `duch_ui = "yes"
self_host = "no"
price`, key: "service.duch_ui", at: `duch_ui`, msg: `did you mean "dutch_ui"?`},
	{name: "unknown table", file: "glossary.toml", old: "[[term]]\nid = \"dane\"", new: "[[trem]]\nid = \"dane\"",
		key: "trem", at: "trem]]", msg: `did you mean "term"?`},
	{name: "text for a number", file: "tips.toml", old: "number = 2", new: `number = "2"`,
		key: "lesson.number", at: `"2"`, msg: "want a whole number"},
	{name: "number for a text", file: "products.toml", old: `owner = "Microsoft"`, new: "owner = 3",
		key: "product.owner", at: "3\nowner_country", msg: "want a string"},
	{name: "text for a list", file: "products.toml", old: `names = ["g suite"]`, new: `names = "g suite"`,
		key: "product.names", at: `"g suite"`, msg: "want an array"},
	{name: "text for a date", file: "sources.toml", old: "date = 2026-03-01", new: `date = "maart"`,
		key: "source.date", at: `"maart"`, msg: "YYYY-MM-DD"},
	{name: "no such day", file: "sources.toml", old: "date = 2026-03-01", new: "date = 2026-02-30",
		key: "source.date", at: "30\n\n[[source]]", msg: "impossible date"},
	{name: "the same key twice", file: "disclaimer.toml", old: `sources = [`, new: "checked = 2026-03-02\nsources = [",
		key: "checked", at: "checked = 2026-03-01\n", msg: "already defined"},
	{name: "a file that has no place", file: "tips.toml", old: "", new: "", key: "", at: "", msg: "not the name of a knowledge file"},

	// questions
	{name: "questions of no topic", file: "questions/all.toml", old: `topic = "passwords"`, new: `topic = "password"`,
		key: "asked.1.topic", at: `topic = "password"`, msg: `there is no topic "password"`},
	{name: "questions in one language", file: "questions/all.toml", old: `en = ["how do i remember all this"]`, new: "",
		key: "asked.1", at: "asked]]\ntopic = \"passwords\"", msg: "both languages"},
	{name: "a name that cannot be filled in", file: "questions/all.toml", old: `["hoe onthoud ik dit allemaal"]`, new: `["hoe onthoudt {product} dit allemaal"]`,
		key: "asked.1.nl.0", at: `"hoe onthoudt {product} dit allemaal"`, msg: "{product} cannot be filled in"},
	{name: "a question twice", file: "questions/all.toml", old: `["hoe laat is het"]`, new: `["wat nu", "wat nu"]`,
		key: "asked.2.nl.1", at: `"wat nu"]`, msg: `"wat nu" twice`},

	// identity
	{name: "no id", file: "glossary.toml", old: "id = \"metadata\"\n", new: "",
		key: "term.2", at: "term]]\nname = { nl = \"Metadata\"", msg: "no id"},
	{name: "id with capitals", file: "glossary.toml", old: `id = "metadata"`, new: `id = "MetaData"`,
		key: "term.2.id", at: `id = "MetaData"`, msg: "not lower case"},
	{name: "the same id twice", file: "products.toml", old: `id = "outlook"`, new: `id = "gmail" # again`,
		key: "product.3.id", at: `id = "gmail" # again`, msg: "also at products.toml:1"},
	{name: "domain with a path", file: "twofactor.toml", old: `domain = "bol.com"`, new: `domain = "bol.com/nl"`,
		key: "service.1.domain", at: `domain = "bol.com/nl"`, msg: "not a domain name"},
	{name: "category in another file", file: "alternatives/calendar.toml", old: `id = "calendar"`, new: `id = "agenda"`,
		key: "category.id", at: `id = "agenda"`, msg: "stands in a file called calendar.toml"},
	{name: "topic in another file", file: "topics/passwords.toml", old: `id = "passwords"`, new: `id = "password"`,
		key: "topic.id", at: `id = "password"`, msg: "stands in a file called passwords.toml"},

	// names
	{name: "no name", file: "alternatives/email.toml", old: "name = \"Posteo\"\n", new: "",
		key: "service.2", at: "service]]\nid = \"posteo\"", msg: "no name"},
	{name: "a name twice in one list", file: "products.toml", old: `"googlemail", "g-mail"`, new: `"googlemail", "googlemail", "g-mail"`,
		key: "product.0.names.2", at: `"googlemail", "g-mail"`, msg: `the name "googlemail" twice`},
	{name: "a name of another product", file: "products.toml", old: `["hotmail", "outlook.com"]`, new: `["hotmail", "Google-Mail"]`,
		key: "product.3.names.1", at: `"Google-Mail"`, msg: "has capitals"},
	{name: "a name that clashes", file: "products.toml", old: `["hotmail", "outlook.com"]`, new: `["hotmail", "google-mail"]`,
		key: "product.3.names.1", at: `"google-mail"`, msg: `is also that of "gmail" at products.toml:1`},
	{name: "a name without letters", file: "glossary.toml", old: `["metagegevens"]`, new: `["metagegevens", "..."]`,
		key: "term.2.names.nl.1", at: `"..."`, msg: "without letters"},

	// texts
	{name: "no English", file: "alternatives/email.toml", old: `, en = "Well known, with a calendar and storage. Your own domain costs money." }`, new: " }",
		key: "service.1.text", at: "text = { nl = \"Bekend", msg: "no text in en"},
	{name: "no Dutch", file: "topics/2fa.toml", old: `nl = "Tweestapsverificatie", en`, new: "en",
		key: "topic.title", at: "title =", msg: "no text in nl"},
	{name: "no text at all", file: "alternatives/calendar.toml", old: "first_step = {", new: "price = {",
		key: "category.price", at: "price", msg: "unknown key"},
	{name: "no first step", file: "alternatives/passwords.toml", old: "first_step = { nl = \"Zet eerst het wachtwoord van je mail in de kluis.\", en = \"Put the password of your mailbox in the vault first.\" }\n", new: "",
		key: "category.first_step", at: "category]", msg: "no first_step"},
	{name: "English in the Dutch text", file: "topics/passwords.toml", old: `answer = { nl = "Een lang wachtwoord is beter dan een moeilijk wachtwoord. Gebruik voor elke site een ander."`,
		new: `answer = { nl = "This is the text and it has not been translated for you."`,
		key: "topic.answer.nl", at: `nl = "This is`, msg: "this text is in English"},
	{name: "the same text in both", file: "alternatives/email.toml", old: `caution = { nl = "De moedermaatschappij is Amerikaans.", en = "The parent company is American." }`,
		new: `caution = { nl = "System Example, Delaware, USA", en = "System Example, Delaware, USA" }`,
		key: "service.3.caution.en", at: `en = "System Example`, msg: "the same text in both languages"},
	{name: "three sentences", file: "alternatives/email.toml", old: "De mailbox is klein.", new: "De mailbox is klein. Hij zit snel vol.",
		key: "service.5.text.nl", at: `nl = "Van een vereniging`, msg: "3 sentences, 2 at most"},
	{name: "too long a sentence", file: "glossary.toml", old: "De inhoud zelf hoort er niet bij.", new: "De inhoud zelf hoort er niet bij omdat die iets anders is dan de gegevens over het bericht en dus ook anders wordt bewaard en anders moet worden beschermd.",
		key: "term.2.text.nl", at: `nl = "Gegevens over`, msg: "a sentence of 29 words, 25 at most"},
	{name: "too long a text", file: "alternatives/email.toml", old: "Je kunt geen eigen domein gebruiken.", new: "Je kunt geen eigen domein gebruiken" + strings.Repeat("; ook dit staat er nog bij", 12) + ".",
		key: "service.2.text.nl", at: `nl = "Klein bedrijf`, msg: "characters, 320 at most"},
	{name: "too short a tip", file: "tips.toml", old: " Nearly every service shows you those codes once. Many people click that screen away. This week you do it the other way round.", new: "",
		key: "weekly.0.text.en", at: `en = "If you lose`, msg: "at least 60"},
	{name: "too few steps", file: "topics/passwords.toml", old: `"Kies een wachtwoordkluis.", `, new: "",
		key: "topic.steps", at: "steps =", msg: "2 steps"},
	{name: "a point without words", file: "topics/passwords.toml", old: "checked = 2026-03-01\n",
		new: "checked = 2026-03-01\n\n[[topic.point]]\nwords = { nl = [\"boekje\"] }\ntext = { nl = \"Een boekje mag.\", en = \"A notebook is fine.\" }\n",
		key: "topic.point.0.words", at: `words =`, msg: "words are needed in nl and en"},
	{name: "a point without English", file: "topics/passwords.toml", old: "checked = 2026-03-01\n",
		new: "checked = 2026-03-01\n\n[[topic.point]]\nwords = { nl = [\"boekje\"], en = [\"notebook\"] }\ntext = { nl = \"Een boekje mag.\" }\n",
		key: "topic.point.0.text", at: `text =`, msg: "no text in en"},
	{name: "a point with a date and no source", file: "topics/passwords.toml", old: "checked = 2026-03-01\n",
		new: "checked = 2026-03-01\n\n[[topic.point]]\nwords = { nl = [\"boekje\"], en = [\"notebook\"] }\ntext = { nl = \"Een boekje mag.\", en = \"A notebook is fine.\" }\nchecked = 2026-03-01\n",
		key: "topic.point.0", at: "point]]", msg: "no source"},
	{name: "left to be written", file: "tips.toml", old: "Know what you depend on", new: "TODO: know",
		key: "lesson.0.title.en", at: `en = "TODO`, msg: `left to be written: "TODO"`},
	{name: "left to be filled in", file: "alternatives/email.toml", old: "vanaf 4 euro", new: "vanaf {prijs} euro",
		key: "service.1.price.nl", at: `nl = "Gratis, of`, msg: `left to be filled in: "{prijs}"`},
	{name: "a Markdown link", file: "disclaimer.toml", old: "check important things", new: "[check](https://example.org) important things",
		key: "text.en", at: `en = "Volunteers`, msg: "a Markdown link"},
	{name: "HTML", file: "disclaimer.toml", old: "check important things", new: "<b>check</b> important things",
		key: "text.en", at: `en = "Volunteers`, msg: `left to be filled in: "<b>"`},
	{name: "half a pair of marks", file: "topics/2fa.toml", old: "Begin bij je mail.", new: "Begin bij je `mail.",
		key: "topic.steps.nl.0", at: "\"Begin bij je `mail.\"", msg: "without its second half"},
	{name: "a direction character", file: "glossary.toml", old: "De inhoud zelf", new: "De \u202einhoud zelf",
		key: "term.2.text.nl", at: `nl = "Gegevens over`, msg: "control or direction character"},
	{name: "two spaces", file: "glossary.toml", old: "wie, met wie", new: "wie,  met wie",
		key: "term.2.text.nl", at: `nl = "Gegevens over`, msg: "two spaces"},
	{name: "a sentence of another entry", file: "alternatives/passwords.toml", old: "Je zorgt zelf voor een kopie op je telefoon.", new: "Van een vereniging die leden helpt bij het overstappen.",
		key: "service.0.text.nl", at: `nl = "Bewaart je`, msg: `also stands at alternatives/email.toml:`},
	{name: "a command that finds nothing", file: "topics/2fa.toml", old: "Begin bij je mail.", new: "Begin met `!alt fax`.",
		key: "topic.steps.nl.0", at: "\"Begin met `!alt fax`.\"", msg: `the command "alt fax" finds nothing`, warning: true},

	{name: "a command of the other language", file: "tips.toml", old: `command = { nl = "2fa", en = "2fa" }`, new: `command = { nl = "explain dane", en = "explain dane" }`,
		key: "weekly.0.command.nl", at: `nl = "explain dane"`, msg: `in nl this command is called "uitleg"`},

	// sources and dates
	{name: "no source", file: "glossary.toml", old: "sources = [\"https://www.example.org/metadata\"]\n", new: "",
		key: "term.2", at: "term]]\nid = \"metadata\"", msg: "no source"},
	{name: "an owner without a source", file: "alternatives/email.toml", old: "owner_country = \"US\"\nfree = \"no\"\ncaution = { nl = \"De moedermaatschappij is Amerikaans.\", en = \"The parent company is American.\" }\nsources = [\"catalogue\"]\n",
		new: "owner_country = \"US\"\nfree = \"no\"\n",
		key: "service.3.owner", at: `owner = "System Example"`, msg: "an owner or seat without a source"},
	{name: "a source that is not there", file: "glossary.toml", old: `sources = ["https://www.example.org/metadata"]`, new: `sources = ["catalogeu"]`,
		key: "term.2.sources.0", at: `"catalogeu"`, msg: `did you mean "catalogue"?`},
	{name: "a source by http", file: "glossary.toml", old: `"https://www.example.org/metadata"`, new: `"http://www.example.org/metadata"`,
		key: "term.2.sources.0", at: `"http://www.example.org/metadata"`, msg: "not an https URL"},
	{name: "one source under a topic", file: "topics/2fa.toml", old: `, "https://digid.example.nl/app"]`, new: "]",
		key: "topic.sources", at: "sources =", msg: "one source, at least two"},
	{name: "no date", file: "disclaimer.toml", old: "checked = 2026-03-01\n", new: "",
		key: "", at: "text =", msg: "no date"},
	{name: "tomorrow", file: "disclaimer.toml", old: "checked = 2026-03-01", new: "checked = 2026-11-24",
		key: "checked", at: "checked =", msg: "2026-11-24 is in the future"},
	{name: "a slip in the year", file: "disclaimer.toml", old: "checked = 2026-03-01", new: "checked = 0206-03-01",
		key: "checked", at: "checked =", msg: "too long ago"},
	{name: "an old fact", file: "disclaimer.toml", old: "checked = 2026-03-01", new: "checked = 2025-10-01",
		key: "checked", at: "checked =", msg: "more than 12 months ago", warning: true},

	// values
	{name: "no such openness", file: "alternatives/email.toml", old: `open_source = "none"`, new: `open_source = "closed"`,
		key: "service.2.open_source", at: `open_source = "closed"`, msg: "use one of: full, partial, none, unknown"},
	{name: "no such encryption", file: "alternatives/email.toml", old: `e2ee = "optional"`, new: `e2ee = "yes"`,
		key: "service.2.e2ee", at: `e2ee = "yes"`, msg: "none of its values"},
	{name: "neither yes nor no", file: "alternatives/calendar.toml", old: `self_host = "yes"`, new: `self_host = "ja"`,
		key: "service.1.self_host", at: `self_host = "ja"`, msg: "use one of: yes, no, unknown"},
	{name: "a country in lower case", file: "products.toml", old: "owner = \"Microsoft\"\nowner_country = \"US\"", new: "owner = \"Microsoft\"\nowner_country = \"us\"",
		key: "product.3.owner_country", at: `owner_country = "us"`, msg: `did you mean "US"?`},
	{name: "a country that is none", file: "alternatives/email.toml", old: `hosting = ["CH", "DE"]`, new: `hosting = ["CH", "UK"]`,
		key: "service.1.hosting.1", at: `"UK"`, msg: `did you mean "GB"?`},
	{name: "a conflict of one", file: "alternatives/email.toml", old: `hq_conflict = ["CH", "FR"]`, new: `hq_conflict = ["CH"]`,
		key: "service.4.hq_conflict", at: `hq_conflict =`, msg: "needs two countries"},
	{name: "a seat in spite of a conflict", file: "alternatives/email.toml", old: `hq_conflict = ["CH", "FR"]`, new: "hq_conflict = [\"CH\", \"FR\"]\nhq_country = \"FR\"",
		key: "service.4.hq_country", at: `hq_country = "FR"`, msg: "must be left out"},
	{name: "a link by http", file: "alternatives/email.toml", old: `url = "https://posteo.example.com/"`, new: `url = "http://posteo.example.com/"`,
		key: "service.2.url", at: `url = "http://posteo`, msg: "not an https URL"},
	{name: "no URL at all", file: "twofactor.toml", old: `docs = "https://paypal.example.com/help"`, new: `docs = "see the site"`,
		key: "service.0.docs", at: `docs =`, msg: "is not a URL"},
	{name: "no such method", file: "twofactor.toml", old: `methods = ["custom-hardware", "email"]`, new: `methods = ["custom-hardware", "mail"]`,
		key: "service.4.methods.1", at: `"mail"`, msg: "use one of: passkey"},
	{name: "an app without the method", file: "twofactor.toml", old: `methods = ["passkey", "u2f", "totp", "sms", "custom-software"]`, new: `methods = ["passkey"]`,
		key: "service.2.software", at: `software =`, msg: "no method custom-software"},
	{name: "a lesson that is none", file: "tips.toml", old: "lesson = 1", new: "lesson = 6",
		key: "weekly.0.lesson", at: "lesson = 6", msg: "from 1 to 5"},
	{name: "no such group", file: "countries.toml", old: `group = "CH"`, new: `group = "CHE"`,
		key: "country.0.group", at: `group = "CHE"`, msg: "use one of: EU, EEA"},

	// references
	{name: "no such product", file: "alternatives/email.toml", old: `replaces = ["outlook"]`, new: `replaces = ["outlok"]`,
		key: "service.6.replaces.0", at: `"outlok"`, msg: `there is no product "outlok"`},
	{name: "no such category", file: "products.toml", old: `categories = ["email", "calendar"]`, new: `categories = ["email", "diary"]`,
		key: "product.1.categories.1", at: `"diary"`, msg: `there is no category "diary"`},
	{name: "no such related category", file: "alternatives/email.toml", old: `related = ["calendar"]`, new: `related = ["fax"]`,
		key: "category.related.0", at: `"fax"`, msg: `there is no category "fax"`},
	{name: "no such topic", file: "topics/2fa.toml", old: `related = ["passwords"]`, new: `related = ["password"]`,
		key: "topic.related.0", at: `"password"`, msg: `there is no topic "password"`},
	{name: "no such term", file: "glossary.toml", old: `related = ["dane", "2fa"]`, new: `related = ["dane", "3fa"]`,
		key: "term.0.related.1", at: `"3fa"`, msg: `there is no term or topic "3fa"`},
	{name: "no such sign-in", file: "twofactor-nl.toml", old: `via = "digid.nl"`, new: `via = "eherkenning.nl"`,
		key: "service.1.via", at: `via =`, msg: `there is no service "eherkenning.nl"`},
	{name: "no such country", file: "alternatives/calendar.toml", old: `owner_country = "CH"`, new: `owner_country = "AT"`,
		key: "service.0.owner_country", at: `owner_country = "AT"`, msg: `countries.toml has no "AT"`},

	// providers
	{name: "a mark of one label", file: "providers.toml", old: `ns = ["ns.hostco.example"]`, new: `ns = ["hostco"]`,
		key: "provider.0.ns.0", at: `"hostco"]`, msg: "a single label"},
	{name: "a mark with a dot in front", file: "providers.toml", old: `mx = ["mx.hostco.example"]`, new: `mx = [".hostco.example"]`,
		key: "provider.0.mx.0", at: `".hostco.example"`, msg: "not a name in DNS"},
	{name: "no such role", file: "providers.toml", old: `roles = ["mailbox", "dns"]`, new: `roles = ["mailbox", "dns", "mail"]`,
		key: "provider.0.roles.2", at: `"mail"]`, msg: "none of its values"},
	{name: "bits outside the mask", file: "providers.toml", old: `"192.0.2.0/24"`, new: `"192.0.2.1/24"`,
		key: "provider.0.networks.0", at: `"192.0.2.1/24"`, msg: `did you mean "192.0.2.0/24"?`},
	{name: "no network", file: "providers.toml", old: `"192.0.2.0/24"`, new: `"192.0.2.0-255"`,
		key: "provider.0.networks.0", at: `"192.0.2.0-255"`, msg: "not an address block"},
	{name: "an owner's country without owner", file: "providers.toml", old: "owner = \"Hostco BV\"\n", new: "",
		key: "provider.0.owner_country", at: `owner_country =`, msg: "who is not named"},
}

func TestLintFindsPlantedFaults(t *testing.T) {
	for _, tt := range planted {
		t.Run(tt.name, func(t *testing.T) {
			m := testBase(t)
			file := tt.file
			if tt.old == "" {
				file = "odd/" + tt.file
				m[file] = m[tt.file]
			} else {
				data := string(m[file].Data)
				if n := strings.Count(data, tt.old); n < 1 {
					t.Fatalf("%q is not in %s", tt.old, file)
				}
				m[file] = &fstest.MapFile{Data: []byte(strings.Replace(data, tt.old, tt.new, 1))}
			}
			found, err := knowledge.Lint(day, knowledge.Layer{FS: m})
			if err != nil {
				t.Fatal(err)
			}
			for _, f := range found {
				if f.File != file || (tt.key != "" && f.Key != tt.key) || !strings.Contains(f.String(), tt.msg) {
					continue
				}
				if f.Warning != tt.warning {
					t.Errorf("warning: %v, want %v", f.Warning, tt.warning)
				}
				if tt.at != "" {
					line, column := placeOf(t, string(m[file].Data), tt.at)
					if f.Line != line || f.Column != column {
						t.Errorf("found at %d:%d, want %d:%d\n%s", f.Line, f.Column, line, column, f)
					}
				} else if f.Line == 0 && tt.old != "" {
					t.Errorf("found without a place: %s", f)
				}
				return
			}
			t.Errorf("not found; lint said:")
			for _, f := range found {
				if f.File == file {
					t.Log(f)
				}
			}
		})
	}
}
