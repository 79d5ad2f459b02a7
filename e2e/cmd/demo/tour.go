package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"maunium.net/go/mautrix/id"

	"wolkwijs/e2e/peer"
)

// scene is one question of the tour.
type scene struct {
	inDM bool
	text string
}

// scenes are the questions of the tour.
var scenes = []scene{
	{false, "!help"},
	{false, "!alt video"},
	{false, "!2fa"},
	{false, "!tip"},
	{false, "!check hcc.nl"},
	{true, "Hoe kies ik een goed wachtwoord?"},
}

// tour asks each question and prints both sides of the conversation. The
// error says which questions were not answered.
func tour(s *stage, w io.Writer) error {
	fmt.Fprintf(w, "%s talks to %s on a homeserver at %s.\n", s.account.UserID, s.botID, s.homeserver.URL)
	unanswered := 0
	for _, scene := range scenes {
		place, room := "the encrypted club room", s.club
		if scene.inDM {
			place, room = "the encrypted direct message", s.dm
		}
		fmt.Fprintf(w, "\n── in %s\n%s\n", place, said("anna", scene.text))
		began := time.Now()
		answer, err := s.ask(room, scene.text)
		if err != nil {
			if s.ctx.Err() != nil {
				return err
			}
			unanswered++
			fmt.Fprintf(w, "   not answered: %v\n", err)
			continue
		}
		fmt.Fprintf(w, "%s\n   (%d ms)\n", said("wolkwijs", answer.Body()), time.Since(began).Milliseconds())
	}
	if unanswered > 0 {
		return fmt.Errorf("%d of %d questions were not answered", unanswered, len(scenes))
	}
	fmt.Fprintf(w, "\nAll %d questions were answered.\n", len(scenes))
	return nil
}

// ask has the member ask in room and returns the bot's answer, which must
// have come encrypted.
func (s *stage) ask(room id.RoomID, text string) (peer.Event, error) {
	ctx, cancel := context.WithTimeout(s.ctx, patience)
	defer cancel()
	question, err := s.member.Send(ctx, room, peer.Text(text))
	if err != nil {
		return peer.Event{}, err
	}
	answer, err := peer.AwaitReply(ctx, s.member, question)
	switch {
	case err != nil:
	case answer.Failure != "":
		err = fmt.Errorf("the answer could not be decrypted: %s", answer.Failure)
	case !answer.Encrypted:
		err = errors.New("the answer came unencrypted")
	case strings.TrimSpace(answer.Body()) == "":
		err = errors.New("the answer is empty")
	}
	return answer, err
}

// said shows what somebody said, with the lines below each other.
func said(who, text string) string {
	const width = len("wolkwijs")
	indent := "\n" + strings.Repeat(" ", width) + "│ "
	return fmt.Sprintf("%*s│ %s", width, who, strings.ReplaceAll(strings.TrimSpace(text), "\n", indent))
}
