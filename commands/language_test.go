package commands_test

import (
	"context"
	"errors"
	"testing"

	"wolkwijs/commands"
	"wolkwijs/lang"
)

func TestLanguageOfTheRoom(t *testing.T) {
	admin := commands.Rights{RoomAdmin: true}
	for _, tt := range []struct {
		name, text string
		kind       commands.RoomKind
		rights     commands.Rights
		room       lang.Code
		fails      bool
		stored     lang.Code
		want       string
	}{
		{name: "chosen in Dutch", text: "!taal nl", rights: admin, stored: lang.NL, want: "Goed, hier spreek ik voortaan Nederlands."},
		{name: "chosen in English", text: "!language en", rights: admin, stored: lang.EN, want: "All right, from now on I speak English here."},
		{name: "the answer is in the new language", text: "!taal en", rights: admin, room: lang.NL, stored: lang.EN, want: "All right, from now on I speak English here."},
		{name: "and back again", text: "!language nl", rights: admin, room: lang.EN, stored: lang.NL, want: "Goed, hier spreek ik voortaan Nederlands."},
		{name: "by its name", text: "!taal Engels", rights: admin, stored: lang.EN, want: "All right, from now on I speak English here."},
		{name: "without sign in a direct message", text: "language en", kind: commands.Direct, rights: admin, stored: lang.EN, want: "All right, from now on I speak English here."},
		{name: "none was chosen", text: "!taal", want: "Voor deze kamer is geen taal gekozen: ik antwoord in de taal van je vraag. Kiezen kan met !taal nl of !taal en."},
		{name: "none was chosen, in English", text: "!language", want: "No language is chosen for this room: I answer in the language of your question. Choose one with !language en or !language nl."},
		{name: "Dutch was chosen", text: "!language", room: lang.NL, want: "Hier spreek ik Nederlands. Voor Engels: !taal en."},
		{name: "English was chosen", text: "!taal", room: lang.EN, want: "I speak English here. For Dutch: !language nl."},
		{name: "without the power", text: "!taal en", want: "Dat mag alleen wie deze kamer beheert. Vraag het aan een beheerder, of stuur me een privébericht: daar kies je zelf."},
		{name: "without the power, in English", text: "!language nl", want: "Only those who manage this room may do that. Ask one of them, or send me a direct message: there you choose yourself."},
		{name: "no language of mine", text: "!taal fr", rights: admin, want: "Die taal spreek ik niet. Kies !taal nl voor Nederlands of !taal en voor Engels."},
		{name: "no language of mine, in English", text: "!language fr", rights: admin, want: "I do not speak that language. Choose !language en for English or !language nl for Dutch."},
		{name: "not stored", text: "!taal en", rights: admin, fails: true, want: "Ik kon de taal niet bewaren. Probeer het later nog eens."},
		{name: "not stored, in English", text: "!language nl", rights: admin, fails: true, want: "I could not store the language. Try again later."},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var stored lang.Code
			a := newService(t).Answer(context.Background(), commands.Request{
				Text: tt.text, Kind: tt.kind, Rights: tt.rights, Lang: tt.room,
				SetLanguage: func(_ context.Context, l lang.Code) error {
					if tt.fails {
						return errors.New("the disk is full")
					}
					stored = l
					return nil
				},
			})
			if got := headline(a); got != tt.want {
				t.Errorf("%q\n got %s\nwant %s", tt.text, got, tt.want)
			}
			if stored != tt.stored {
				t.Errorf("stored %q, want %q", stored, tt.stored)
			}
			if a != nil && a.Failed != tt.fails {
				t.Errorf("failed: %v, want %v", a.Failed, tt.fails)
			}
		})
	}
}

func TestLanguageNeedsARoom(t *testing.T) {
	for text, want := range map[string]string{
		"!taal en":     "Een taal kiezen kan alleen in een kamer in Matrix.",
		"!language nl": "A language can only be chosen in a room in Matrix.",
		"taal":         "Een taal kiezen kan alleen in een kamer in Matrix.",
	} {
		a := newService(t).Answer(context.Background(), commands.Request{Text: text, Kind: commands.Terminal, Rights: commands.Rights{RoomAdmin: true}})
		if got := headline(a); got != want {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
}
