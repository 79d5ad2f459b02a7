package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"golang.org/x/term"
	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"

	"wolkwijs/e2e/peer"
)

// help is what the prompt shows first and at /help.
const help = `Write as in any Matrix client; !help shows what the bot can do.
  /dm     write in the direct message      /help   show this
  /club   write in the club room           /quit   end the demo (or Ctrl-D)
`

// prompt is the member's client on the terminal, until the person leaves or
// the stage ends.
func prompt(s *stage) error {
	in := int(os.Stdin.Fd())
	before, err := term.MakeRaw(in)
	if err != nil {
		return err
	}
	defer term.Restore(in, before)
	screen := term.NewTerminal(struct {
		io.Reader
		io.Writer
	}{os.Stdin, os.Stdout}, "")
	if width, height, err := term.GetSize(in); err == nil {
		if err := screen.SetSize(width, height); err != nil {
			return err
		}
	}
	fmt.Fprintf(screen, "\nThe bot %s is in an encrypted club room and an encrypted direct message with you.\n"+
		"Any other Matrix client on this machine can join in:\n"+
		"  homeserver  %s\n  user        %s\n  password    %s\n\n%s\n",
		s.botID, s.homeserver.URL, s.account.UserID, s.account.Password, help)

	seen := s.skipPast()
	left := make(chan error, 1)
	go func() { left <- s.converse(screen) }()
	go s.showMessages(screen, seen)
	select {
	case err := <-left:
		return err
	case <-s.ctx.Done():
		return context.Cause(s.ctx)
	}
}

// converse sends what the person types, until they leave.
func (s *stage) converse(screen *term.Terminal) error {
	room, name := s.club, "club"
	for {
		screen.SetPrompt(fmt.Sprintf("anna, %s> ", name))
		line, err := screen.ReadLine()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil && !errors.Is(err, term.ErrPasteIndicator) {
			return err
		}
		switch line = strings.TrimSpace(line); line {
		case "":
		case "/dm":
			room, name = s.dm, "dm"
		case "/club":
			room, name = s.club, "club"
		case "/help":
			fmt.Fprint(screen, help)
		case "/quit":
			return nil
		default:
			if _, err := s.member.Send(s.ctx, room, peer.Text(line)); err != nil {
				fmt.Fprintln(screen, err)
			}
		}
	}
}

// skipPast returns the events that are already there.
func (s *stage) skipPast() map[id.EventID]bool {
	seen := map[id.EventID]bool{}
	for _, room := range []id.RoomID{s.club, s.dm} {
		for _, e := range s.member.Timeline().Events(room) {
			seen[e.ID] = true
		}
	}
	return seen
}

// showMessages shows what others write until the stage ends.
func (s *stage) showMessages(screen *term.Terminal, seen map[id.EventID]bool) {
	for {
		e, err := s.member.Timeline().Await(s.ctx, func(e peer.Event) bool {
			return !seen[e.ID] && e.Sender != s.member.UserID() &&
				(e.Type == event.EventMessage.Type || e.Failure != "")
		})
		if err != nil {
			return
		}
		seen[e.ID] = true
		who, _, _ := strings.Cut(strings.TrimPrefix(string(e.Sender), "@"), ":")
		text := e.Body()
		if e.Failure != "" {
			text = "(cannot be decrypted: " + e.Failure + ")"
		}
		fmt.Fprintf(screen, "%s\n", said(who, text))
	}
}
