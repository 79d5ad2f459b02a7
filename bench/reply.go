package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"

	"maunium.net/go/mautrix/id"

	"wolkwijs/bench/echo"
	"wolkwijs/e2e/bot"
	"wolkwijs/e2e/homeserver"
	"wolkwijs/e2e/peer"
	"wolkwijs/e2e/peer/gopeer"
)

const (
	warmUp     = 2                       // turns of each bot before it counts
	perRound   = 5                       // turns of each bot in a round
	perTurn    = 5                       // questions in a turn
	turnPause  = 1500 * time.Millisecond // after a turn
	replyPause = 30 * time.Second
)

// asked is somebody who answers, in a room.
type asked struct {
	name     string
	question string
	room     id.RoomID
	took     []time.Duration
	p50      []float64 // of each round, in milliseconds
}

// reply measures how long an answer takes on Dendrite: of two echo bots and
// of Wolkwijs, in turns of some questions.
func reply(ctx context.Context, b *bench) ([]row, error) {
	dir := filepath.Join(b.dir, "reply")
	if err := os.MkdirAll(filepath.Join(dir, "bot"), 0o700); err != nil {
		return nil, err
	}
	program, err := homeserver.Build(ctx, b.log)
	if err != nil {
		return nil, err
	}
	hs, err := homeserver.Start(ctx, homeserver.Options{Program: program, Dir: dir})
	if err != nil {
		return nil, err
	}
	defer hs.Stop()
	var accounts []homeserver.Account
	for _, name := range []string{"asker", "wolkwijs", "raw", "mautrix"} {
		a, err := hs.Register(ctx, name)
		if err != nil {
			return nil, err
		}
		accounts = append(accounts, a)
	}
	login := func(i int) peer.Login {
		return peer.Login{Homeserver: hs.URL, UserID: id.UserID(accounts[i].UserID), Password: accounts[i].Password}
	}
	asker, err := gopeer.Start(ctx, login(0), gopeer.Options{})
	if err != nil {
		return nil, err
	}
	defer asker.Close()
	wolkwijs, err := bot.Start(ctx, bot.Options{Homeserver: hs.URL, Account: accounts[1], Dir: filepath.Join(dir, "bot"), Settings: unlimited})
	if err != nil {
		return nil, err
	}
	defer wolkwijs.Kill()
	raw, err := echo.StartRaw(ctx, login(2))
	if err != nil {
		return nil, err
	}
	defer raw.Close()
	library, err := gopeer.Start(ctx, login(3), gopeer.Options{})
	if err != nil {
		return nil, err
	}
	defer library.Close()
	stop := echo.Mautrix(ctx, library)
	defer stop()

	plain := peer.Room{}
	encrypted := peer.Room{Encrypted: true}
	all := []*asked{
		{name: "raw echo bot", question: "hallo"},
		{name: "mautrix echo bot", question: "hallo"},
		{name: "Wolkwijs, !tip", question: "!tip"},
		{name: "mautrix echo bot, encrypted", question: "hallo"},
		{name: "Wolkwijs, !tip, encrypted", question: "!tip"},
	}
	for i, who := range []int{2, 3, 1, 3, 1} {
		room := plain
		if i >= 3 {
			room = encrypted
		}
		user := id.UserID(accounts[who].UserID)
		room.Invite = []id.UserID{user}
		if all[i].room, err = asker.CreateRoom(ctx, room); err != nil {
			return nil, err
		}
		switch who {
		case 2:
			err = raw.Join(ctx, all[i].room)
		case 3:
			err = library.Join(ctx, all[i].room)
		}
		if err == nil {
			err = peer.AwaitJoin(ctx, asker, all[i].room, user)
		}
		if err != nil {
			return nil, err
		}
	}
	for round := range b.rounds + 1 {
		n := perRound
		if round == 0 {
			n = warmUp
		}
		for range n {
			for _, a := range all {
				for range perTurn {
					if err := a.ask(ctx, asker); err != nil {
						return nil, fmt.Errorf("%s: %w", a.name, err)
					}
				}
				// What a bot leaves to be done afterwards, such as its read
				// receipt, is not to fall in the time of the next one.
				wait(ctx, turnPause)
			}
		}
		for _, a := range all {
			slices.Sort(a.took)
			if round > 0 {
				a.p50 = append(a.p50, float64(a.took[len(a.took)/2].Microseconds())/1000)
			}
			a.took = nil
		}
	}
	var rows []row
	for _, a := range all {
		rows = append(rows, row{what: "p50, " + a.name, unit: "ms", values: a.p50})
	}
	return append(rows,
		row{what: "mautrix echo bot ÷ raw echo bot", values: ratio(all[1].p50, all[0].p50)},
		row{what: "Wolkwijs ÷ raw echo bot", values: ratio(all[2].p50, all[0].p50), goal: "≤ 1.15"},
		row{what: "Wolkwijs encrypted ÷ raw echo bot", values: ratio(all[4].p50, all[0].p50), goal: "≤ 1.5"},
		row{what: "Wolkwijs ÷ mautrix echo bot, both encrypted", values: ratio(all[4].p50, all[3].p50)}), nil
}

// unlimited are the settings of a bot that is asked without a pause.
var unlimited = map[string]string{"limits.per_user": "'100000/min'", "limits.per_room": "'100000/min'", "limits.global": "'100000/min'"}

// ask asks once and waits for the answer.
func (a *asked) ask(ctx context.Context, asker peer.Client) error {
	ctx, cancel := context.WithTimeout(ctx, replyPause)
	defer cancel()
	start := time.Now()
	question, err := asker.Send(ctx, a.room, peer.Text(a.question))
	if err != nil {
		return err
	}
	if _, err := peer.AwaitReply(ctx, asker, question); err != nil {
		return err
	}
	a.took = append(a.took, time.Since(start))
	return nil
}

// ratio divides the values of one by those of another, round by round.
func ratio(of, by []float64) []float64 {
	var out []float64
	for i := range min(len(of), len(by)) {
		out = append(out, of[i]/by[i])
	}
	return out
}
