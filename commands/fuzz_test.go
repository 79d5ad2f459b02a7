package commands_test

import (
	"context"
	"strings"
	"testing"

	"wolkwijs/answer"
	"wolkwijs/commands"
)

// FuzzAnswer holds the commands to this: whatever is written, there is no
// panic, an answer says something, and it offers at most nine choices.
func FuzzAnswer(f *testing.F) {
	for _, seed := range []string{
		"!alt gmail", "!alt", "!alt <b>", "!2fa https://[::1]:99/@", "!tip 99999999999999999999", "!uitleg \u202e", "!help !help",
		"meer", "2", "!", "!!", "!alt " + strings.Repeat("a ", 300), "!2fa a@b@c", "hoe weet ik of mijn mail bij microsoft staat?", "!\u00e9\u0301\x00",
	} {
		f.Add(seed)
	}
	s := newService(f)
	f.Fuzz(func(t *testing.T, text string) {
		for _, kind := range []commands.RoomKind{commands.Group, commands.Direct} {
			a := s.Answer(context.Background(), commands.Request{Text: text, Kind: kind, Room: "room"})
			if a == nil {
				if kind != commands.Group {
					t.Error("silence in a direct message")
				}
				continue
			}
			if strings.TrimSpace(answer.Body(a, answer.Options{})) == "" {
				t.Error("an answer without words")
			}
			if len(a.Choices) > 9 {
				t.Errorf("%d choices", len(a.Choices))
			}
		}
	})
}
