package commands

import (
	"context"
	"fmt"
	"strings"

	"wolkwijs/answer"
	"wolkwijs/lang"
)

// RoomInfo is what an admin is told of a room.
type RoomInfo struct {
	ID        string
	Language  lang.Code // empty if none was chosen
	Encrypted bool
	Direct    bool
	Tip       bool // it gets the tip of the week
	Watches   int  // domains
}

func (s *Service) roomsCommand() *command {
	return &command{
		en:      []string{"rooms"},
		nl:      []string{"kamers"},
		admin:   true,
		summary: lang.Text{NL: "in welke kamers de bot is; de lijst komt alleen in een privébericht", EN: "which rooms the bot is in; the list only comes in a direct message"},
		run:     s.rooms,
	}
}

// rooms counts the rooms and, where nobody else reads along, lists them.
func (s *Service) rooms(ctx context.Context, c *call) *answer.Answer {
	if c.Operator == nil {
		return answer.New(c.lang, c.prose("Hier draait geen bot.", "There is no bot here."))
	}
	rooms, err := c.Operator.Rooms(ctx)
	if err != nil {
		return notStored(c)
	}
	direct, encrypted := 0, 0
	for _, r := range rooms {
		if r.Direct {
			direct++
		}
		if r.Encrypted {
			encrypted++
		}
	}
	a := answer.New(c.lang, answer.Plain(fmt.Sprintf(c.say("Kamers: %d. Privéberichten: %d. Versleuteld: %d.", "Rooms: %d. Direct messages: %d. Encrypted: %d."), len(rooms), direct, encrypted)))
	if c.Kind != Direct {
		return a.Para(c.prose("Welke dat zijn, zeg ik alleen in een privébericht: `!kamers`.", "I only say which in a direct message: `!rooms`."))
	}
	var items []answer.Text
	for _, r := range rooms {
		words := []string{c.say("groep", "group")}
		if r.Direct {
			words[0] = c.say("privé", "direct")
		}
		if !r.Encrypted {
			words = append(words, c.say("niet versleuteld", "not encrypted"))
		}
		if r.Language != "" {
			words = append(words, string(r.Language))
		}
		if r.Tip {
			words = append(words, c.say("tip van de week", "tip of the week"))
		}
		switch r.Watches {
		case 0:
		case 1:
			words = append(words, c.say("volgt 1 domein", "watches 1 domain"))
		default:
			words = append(words, fmt.Sprintf(c.say("volgt %d domeinen", "watches %d domains"), r.Watches))
		}
		items = append(items, answer.Join(answer.Code(r.ID), answer.Plain(": "+strings.Join(words, ", "))))
	}
	return a.Bullets(items...)
}
