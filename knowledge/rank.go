package knowledge

import (
	"cmp"
	"slices"
	"strings"
	"time"
)

// The points of the ranking. docs/knowledge.md and `!help alt` say them too.
const (
	pointsEU        = 30 // the owner (or else the seat) is in the EU or EEA
	pointsCH        = 25 // … in Switzerland
	pointsGB        = 20 // … in the United Kingdom
	pointsAdequate  = 10 // … in another country with an adequacy decision, not under US law
	pointsUnknown   = 8  // … not known
	pointsE2EE      = 20 // end-to-end encrypted by default
	pointsE2EEOpt   = 10 // … if you switch it on
	pointsOpen      = 20 // all source code is open
	pointsOpenPart  = 10 // some of it
	pointsDutch     = 10 // speaks Dutch
	pointsFree      = 8  // has a free version that is of use
	pointsFresh     = 7  // checked within the last twelve months
	pointsCaution   = -10
	pointsExpert    = -20 // asks for a server of your own or for technical skill
	pointsBeside    = -20 // works beside a service that one keeps, as a mail program does
	pointsPick      = 10  // the editors' first choice in the category; each next one two less
	pointsNotStated = 2   // for what no source states: E2EE, openness, Dutch, free
)

// Points is the score by which [Base.Rank] orders services on the day now:
// the higher, the earlier.
func (b *Base) Points(s *Service, now time.Time) int {
	points := b.ownerPoints(s)
	switch s.E2EE {
	case E2EEDefault:
		points += pointsE2EE
	case E2EEOptional:
		points += pointsE2EEOpt
	case "", E2EE(Unknown):
		points += pointsNotStated
	}
	switch s.OpenSource {
	case OpenFull:
		points += pointsOpen
	case OpenPartial:
		points += pointsOpenPart
	case "", Openness(Unknown):
		points += pointsNotStated
	}
	points += triPoints(s.DutchUI, pointsDutch) + triPoints(s.Free, pointsFree)
	if s.Checked != (Date{}) && !s.Checked.AsTime(time.UTC).AddDate(1, 0, 0).Before(now) {
		points += pointsFresh
	}
	if !s.Caution.IsZero() {
		points += pointsCaution
	}
	if s.Expert {
		points += pointsExpert
	}
	if s.Beside {
		points += pointsBeside
	}
	return points + b.pickPoints(s)
}

// pickPoints are for the place that the editors gave a service: the order of
// a file is theirs.
func (b *Base) pickPoints(s *Service) int {
	if placed := b.placeOf(s); placed != nil {
		return max(0, pointsPick-2*placed.Place)
	}
	return 0
}

// placeOf is where a service of this base stands; nil if it is of none.
func (b *Base) placeOf(s *Service) *Placed {
	for i, placed := range b.services[s.ID] {
		if placed.Service == s {
			return &b.services[s.ID][i]
		}
	}
	return nil
}

// IsMoot says whether a property of services, such as "e2ee", says nothing in
// the category in which s stands, so that it is not worth telling that no
// source states it.
func (b *Base) IsMoot(s *Service, property string) bool {
	placed := b.placeOf(s)
	return placed != nil && slices.Contains(placed.Category.Moot, property)
}

func triPoints(t Tri, yes int) int {
	switch t {
	case Yes:
		return yes
	case "", Unknown:
		return pointsNotStated
	}
	return 0
}

// ownerPoints looks at the owner's country, or else the seat; where sources
// disagree on the seat the least favourable counts.
func (b *Base) ownerPoints(s *Service) int {
	if s.OwnerCountry != "" {
		return b.countryPoints(s.OwnerCountry)
	}
	if len(s.HQConflict) > 0 {
		least := pointsEU
		for _, c := range s.HQConflict {
			least = min(least, b.countryPoints(c))
		}
		return least
	}
	return b.countryPoints(s.HQCountry)
}

func (b *Base) countryPoints(id string) int {
	if id == "" {
		return pointsUnknown
	}
	c := b.countries[id]
	if c == nil {
		return 0
	}
	switch c.Group {
	case "EU", "EEA":
		return pointsEU
	case "CH":
		return pointsCH
	case "GB":
		return pointsGB
	case "US":
		return 0
	}
	if c.Adequate == Yes {
		return pointsAdequate
	}
	return 0
}

// Rank returns services ordered best first by [Base.Points] on the day now,
// equal ones by name.
func (b *Base) Rank(services []*Service, now time.Time) []*Service {
	ranked := slices.Clone(services)
	points := make(map[*Service]int, len(ranked))
	for _, s := range ranked {
		points[s] = b.Points(s, now)
	}
	slices.SortStableFunc(ranked, func(x, y *Service) int {
		return cmp.Or(cmp.Compare(points[y], points[x]), strings.Compare(strings.ToLower(x.Name), strings.ToLower(y.Name)))
	})
	return ranked
}
