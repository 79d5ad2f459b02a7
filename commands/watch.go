package commands

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"wolkwijs/answer"
	"wolkwijs/domaincheck"
	"wolkwijs/domaincheck/change"
	"wolkwijs/lang"
)

// MaxWatches is how many domains one room may watch.
const MaxWatches = 10

// Watches are the domains that a room watches.
type Watches interface {
	// List returns them by name.
	List(ctx context.Context) ([]Watch, error)
	// Add adds a domain, with what was found of it just now, and returns when
	// it is looked at next.
	Add(ctx context.Context, domain string, w Watched) (next time.Time, err error)
	// Drop removes a domain, if it is there.
	Drop(ctx context.Context, domain string) error
}

// Watch is one domain that a room watches.
type Watch struct {
	Domain  string // as A-labels
	Watched Watched
	Next    time.Time // when it is looked at next
}

func (s *Service) watchCommand() *command {
	return &command{
		nl:      []string{"volg"},
		en:      []string{"watch"},
		args:    lang.Text{NL: "[domein]", EN: "[domain]"},
		summary: lang.Text{NL: "volgt een domein voor deze kamer en meldt wat er verandert", EN: "watches a domain for this room and tells what changes"},
		more: lang.Text{
			NL: "Ik kijk elke week opnieuw. Heeft een ander de mail, DNS of website, of zijn MX, naamservers, DNSSEC, SPF of DMARC veranderd, dan kijk ik na een uur nog eens en meld het hier. Zonder domein zie je wat deze kamer volgt: hoogstens tien. In een groep bepaalt wie de kamer beheert. Stoppen: `!ontvolg`.",
			EN: "I look again every week. If somebody else has the mail, DNS or website, or if MX, name servers, DNSSEC, SPF or DMARC changed, I look once more after an hour and tell it here. Without a domain you see what this room watches: ten at most. In a group, those who manage the room decide. To stop: `!unwatch`.",
		},
		example: lang.Text{NL: "volg hcc.nl", EN: "watch hcc.nl"},
		bare:    func(args string) bool { return len(strings.Fields(args)) == 1 && bareCheck(args) },
		run:     s.watch,
	}
}

func (s *Service) unwatchCommand() *command {
	return &command{
		nl:      []string{"ontvolg"},
		en:      []string{"unwatch"},
		args:    lang.Text{NL: "domein of alles", EN: "domain or all"},
		summary: lang.Text{NL: "stopt met volgen van een domein, of van alle", EN: "stops watching a domain, or all of them"},
		example: lang.Text{NL: "ontvolg hcc.nl", EN: "unwatch hcc.nl"},
		bare:    func(args string) bool { return isAll(args) || len(strings.Fields(args)) == 1 && bareCheck(args) },
		run:     s.unwatch,
	}
}

// isAll says whether args mean every domain.
func isAll(args string) bool {
	return slices.Contains([]string{"all", "alles", "alle", "everything"}, strings.ToLower(args))
}

// noRoom says that there is no room to watch a domain for.
func noRoom(c *call) *answer.Answer {
	return answer.New(c.lang, c.prose(
		"Een domein volgen kan alleen in een kamer in Matrix. Nakijken kan hier wel: `!check hcc.nl`.",
		"A domain can only be watched in a room in Matrix. You can check one here: `!check hcc.nl`."))
}

// notAllowed says that only those who manage the room may do that.
func notAllowed(c *call) *answer.Answer {
	return answer.New(c.lang, c.prose(
		"Dat mag alleen wie deze kamer beheert. Vraag het aan een beheerder, of stuur me een privébericht: daar mag je zelf een domein volgen.",
		"Only those who manage this room may do that. Ask one of them, or send me a direct message: there you can watch a domain yourself."))
}

// notStored says that the database failed.
func notStored(c *call) *answer.Answer {
	return failure(c, c.prose("Ik kan nu niet bij wat ik bewaar. Probeer het later nog eens.", "I cannot get at what I store now. Try again later."))
}

// watch lists what the room watches, or adds a domain for those who may. A
// watch begins with a look: it is known then that there is something to watch.
func (s *Service) watch(ctx context.Context, c *call) *answer.Answer {
	if c.Watches == nil {
		return noRoom(c)
	}
	all, err := c.Watches.List(ctx)
	if err != nil {
		return notStored(c)
	}
	if c.args == "" {
		return s.listWatches(c, all)
	}
	if !c.Rights.RoomAdmin {
		return notAllowed(c)
	}
	target, err := domaincheck.Normalise(c.args)
	var wrong *domaincheck.InputError
	if errors.As(err, &wrong) {
		return wrongDomain(c, wrong, c.say("volg ", "watch "), "")
	}
	for _, w := range all {
		if w.Domain == target.Host || w.Domain == target.Domain && target.Host == "" {
			return s.alreadyWatched(c, w)
		}
	}
	if len(all) >= MaxWatches {
		return answer.New(c.lang, answer.Plain(fmt.Sprintf(c.say("Deze kamer volgt al %d domeinen, en meer kan niet.", "This room already watches %d domains, and it can have no more."), len(all)))).
			Para(c.prose("Stop eerst met een ander: `!volg` laat ze zien, `!ontvolg hcc.nl` haalt er een weg.", "First stop another one: `!watch` shows them, `!unwatch hcc.nl` removes one."))
	}
	if s.Checker == nil {
		return failure(c, c.prose("Domeinen nakijken staat hier uit.", "Checking domains is switched off here."))
	}
	return s.addWatch(ctx, c, all)
}

// addWatch takes the first look at the domain in the arguments, and adds it.
func (s *Service) addWatch(ctx context.Context, c *call, all []Watch) *answer.Answer {
	r, err := s.Checker.Check(ctx, c.args)
	if a := notChecked(c, r, err, c.say("volg ", "watch "), ""); a != nil {
		return a
	}
	for _, w := range all {
		if w.Domain == r.Domain {
			return s.alreadyWatched(c, w)
		}
	}
	name := answer.Code(r.Unicode)
	seen, ok := change.Take(r)
	switch {
	case finding(r, "mail-domain-of-provider").ID != "":
		return answer.New(c.lang, answer.Join(name, answer.Plain(c.say(" is het maildomein van een aanbieder. Daaraan valt voor jou niets te volgen.", " is the mail domain of a provider. There is nothing in it for you to watch.")))).
			Para(c.prose("Heb je een eigen domein, volg dan dat.", "If you have a domain of your own, watch that."))
	case ok && one(seen.Items(change.Domain)) == change.Gone:
		return answer.New(c.lang, answer.Join(name, answer.Plain(c.say(" bestaat niet in DNS. Kijk of je de naam goed hebt getypt; ik volg het niet.", " does not exist in DNS. Check the spelling; I do not watch it."))))
	case !ok:
		return failure(c, answer.Join(answer.Plain(c.say("Over ", "I could look up nothing about ")), name,
			answer.Plain(c.say(" kon ik niets opvragen, dus weet ik niet waarmee ik later moet vergelijken. Probeer het straks nog eens.", ", so I do not know what to compare with later. Try again later."))))
	}
	next, err := c.Watches.Add(ctx, r.Domain, Watched{Seen: change.State{Seen: seen}, LastLook: s.Now().UTC().Truncate(time.Second)})
	if err != nil {
		return notStored(c)
	}
	a := answer.New(c.lang, answer.Join(answer.Plain(c.say("Goed, ik volg ", "All right, I watch ")), name, answer.Plain(c.say(" voor deze kamer.", " for this room."))))
	a.Topic = "check:" + r.Domain
	a.Para(answer.Join(answer.Plain(c.say("Nu zie ik: ", "What I see now: ")), seenNow(c, seen), answer.Plain(".")))
	a.Para(answer.Plain(fmt.Sprintf(c.say(
		"Ik kijk elke week opnieuw, de volgende keer op %s. Verandert er iets aan wie het in handen heeft, waar de mail heen gaat of hoe het beschermd is, dan meld ik het hier. Verder zeg ik niets.",
		"I look again every week, next on %s. If anything changes in who holds it, where its mail goes or how it is protected, I say so here. Otherwise I stay silent."), s.day(c.lang, next))))
	return a.Para(answer.Join(answer.Plain(c.say("Stoppen: ", "To stop: ")), answer.Code(c.say("!ontvolg ", "!unwatch ")+r.Unicode)))
}

// alreadyWatched says that the room watches a domain already.
func (s *Service) alreadyWatched(c *call, w Watch) *answer.Answer {
	return answer.New(c.lang, answer.Join(answer.Plain(c.say("Deze kamer volgt ", "This room already watches ")), answer.Code(domaincheck.Unicode(w.Domain)),
		answer.Plain(fmt.Sprintf(c.say(" al. Ik kijk weer op %s.", ". I look again on %s."), s.day(c.lang, w.Next)))))
}

// listWatches lists what the room watches.
func (s *Service) listWatches(c *call, all []Watch) *answer.Answer {
	switch len(all) {
	case 0:
		return answer.New(c.lang, c.prose("Deze kamer volgt nog geen domein.", "This room does not watch a domain yet.")).
			Para(c.prose("Met `!volg hcc.nl` kijk ik elke week en meld ik wat er verandert.", "With `!watch hcc.nl` I look every week and tell what changes."))
	case 1:
		return answer.New(c.lang, c.prose("Deze kamer volgt één domein:", "This room watches one domain:")).Bullets(s.watchLine(c, all[0]))
	}
	var items []answer.Text
	for _, w := range all {
		items = append(items, s.watchLine(c, w))
	}
	return answer.New(c.lang, answer.Plain(fmt.Sprintf(c.say("Deze kamer volgt %d domeinen:", "This room watches %d domains:"), len(all)))).Bullets(items...)
}

// watchLine tells of one domain when it was looked at and what was found.
func (s *Service) watchLine(c *call, w Watch) answer.Text {
	t := answer.Join(answer.Code(domaincheck.Unicode(w.Domain)), answer.Plain(": "))
	switch {
	case w.Watched.Failures > 0:
		t = answer.Join(t, answer.Plain(fmt.Sprintf(c.say("sinds %s niet op te vragen; daarvoor: ", "cannot be looked up since %s; before that: "), s.day(c.lang, w.Watched.FailingSince))), seenNow(c, w.Watched.Seen.Seen))
	case w.Watched.LastLook.IsZero():
		t = answer.Join(t, answer.Plain(c.say("nog niet bekeken", "not looked at yet")))
	default:
		t = answer.Join(t, answer.Plain(fmt.Sprintf(c.say("gezien op %s: ", "seen on %s: "), s.day(c.lang, w.Watched.LastLook))), seenNow(c, w.Watched.Seen.Seen))
	}
	if w.Watched.Seen.Pending != nil {
		t = answer.Join(t, answer.Plain(c.say(". Er lijkt iets veranderd; dat kijk ik nog een keer na", ". Something seems to have changed; I look once more to be sure")))
	}
	return answer.Join(t, answer.Plain(fmt.Sprintf(c.say(". Volgende keer: %s.", ". Next: %s."), s.day(c.lang, w.Next))))
}

// unwatch removes a domain, or all, for those who may.
func (s *Service) unwatch(ctx context.Context, c *call) *answer.Answer {
	if c.Watches == nil {
		return noRoom(c)
	}
	all, err := c.Watches.List(ctx)
	switch {
	case err != nil:
		return notStored(c)
	case c.args == "" && len(all) == 0:
		return s.listWatches(c, all)
	case c.args == "":
		a := answer.New(c.lang, c.prose("Welk domein? Kies er een, of typ `!ontvolg alles`.", "Which domain? Choose one, or type `!unwatch all`."))
		for _, w := range all[:min(len(all), 9)] {
			a.Choices = append(a.Choices, answer.Choice{Label: answer.Code(domaincheck.Unicode(w.Domain)), Command: c.say("ontvolg ", "unwatch ") + w.Domain})
		}
		return a
	case !c.Rights.RoomAdmin:
		return notAllowed(c)
	}
	var going []Watch
	for _, w := range all {
		if isAll(c.args) || meant(c.args, w.Domain) {
			going = append(going, w)
		}
	}
	if len(going) == 0 {
		if isAll(c.args) {
			return s.listWatches(c, all)
		}
		return answer.New(c.lang, answer.Join(answer.Plain(c.say("Deze kamer volgt ", "This room does not watch ")), answer.Code(short(c.args, 60)), answer.Plain(c.say(" niet.", ".")))).
			Para(c.prose("Met `!volg` zie je wat deze kamer volgt.", "`!watch` shows what this room watches."))
	}
	for _, w := range going {
		if err := c.Watches.Drop(ctx, w.Domain); err != nil {
			return notStored(c)
		}
	}
	if isAll(c.args) {
		return answer.New(c.lang, c.prose("Goed, deze kamer volgt geen domeinen meer. Wat ik ervan onthield, is weg.", "All right, this room watches no domains any more. What I remembered of them is gone."))
	}
	return answer.New(c.lang, answer.Join(answer.Plain(c.say("Goed, ik volg ", "All right, I no longer watch ")), answer.Code(domaincheck.Unicode(going[0].Domain)),
		answer.Plain(c.say(" niet meer. Wat ik ervan onthield, is weg.", ". What I remembered of it is gone."))))
}

// meant says whether what somebody typed means a watched domain.
func meant(args, domain string) bool {
	t, err := domaincheck.Normalise(args)
	if err != nil {
		return strings.EqualFold(args, domain)
	}
	return domain == t.Host || t.Host == "" && domain == t.Domain
}

// day is a day as people write it: "26 november". A day of another year has
// that too.
func (s *Service) day(l lang.Code, t time.Time) string {
	t, now := t.In(s.Zone), s.Now().In(s.Zone)
	text := fmt.Sprintf("%d %s", t.Day(), months(l)[t.Month()-1])
	if t.Year() != now.Year() {
		text += fmt.Sprintf(" %d", t.Year())
	}
	return text
}
