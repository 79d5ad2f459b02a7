package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"maunium.net/go/mautrix/id"

	"wolkwijs/e2e/bot"
	"wolkwijs/e2e/homeserver"
	"wolkwijs/e2e/peer"
	"wolkwijs/e2e/peer/gopeer"
	"wolkwijs/e2e/proc"
)

// patience is how long a step may take before something must be wrong.
const patience = time.Minute

var (
	errInterrupted = errors.New("interrupted")
	errBot         = errors.New("the bot ended by itself")
	errHomeserver  = errors.New("the homeserver ended by itself")
)

// stage is the demo's world: a homeserver, the bot, and a member with two
// rooms.
type stage struct {
	ctx        context.Context // ends on Ctrl-C and when a part ends by itself
	cancel     context.CancelCauseFunc
	dir        string     // of everything that is written
	resolver   string     // that the bot asks
	offline    bool       // it may ask nobody else
	log        *proc.Tail // the bot's
	homeserver *homeserver.Homeserver
	bot        *bot.Bot
	botID      id.UserID
	account    homeserver.Account // the member's
	member     *gopeer.Client
	club, dm   id.RoomID
}

// newStage makes the folder that everything goes into.
func newStage(ctx context.Context, resolver string) (*stage, error) {
	dir, err := os.MkdirTemp("", "wolkwijs-demo-")
	if err != nil {
		return nil, err
	}
	s := &stage{dir: dir, resolver: resolver, log: &proc.Tail{}}
	inner, cancel := context.WithCancelCause(context.WithoutCancel(ctx))
	s.ctx, s.cancel = inner, cancel
	context.AfterFunc(ctx, func() { cancel(errInterrupted) })
	return s, nil
}

// set starts everything, and returns when the bot is in both rooms.
func (s *stage) set() error {
	program, err := homeserver.Build(s.ctx, os.Stderr)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(s.ctx, patience)
	defer cancel()
	data, err := s.folder("homeserver")
	if err != nil {
		return err
	}
	if s.homeserver, err = homeserver.Start(ctx, homeserver.Options{Program: program, Dir: data}); err != nil {
		return err
	}
	s.watch(s.homeserver.Done(), errHomeserver)
	if err := s.startBot(ctx); err != nil {
		return err
	}
	if s.account, err = s.homeserver.Register(ctx, "anna"); err != nil {
		return err
	}
	s.member, err = gopeer.Start(ctx, peer.Login{
		Homeserver: s.homeserver.URL,
		UserID:     id.UserID(s.account.UserID),
		Password:   s.account.Password,
	}, gopeer.Options{})
	if err != nil {
		return err
	}
	if s.club, err = s.room(ctx, peer.Room{Name: "Computerclub", Encrypted: true}); err != nil {
		return err
	}
	s.dm, err = s.room(ctx, peer.Room{Encrypted: true, Direct: true})
	return err
}

// startBot registers and starts the bot.
func (s *stage) startBot(ctx context.Context) error {
	account, err := s.homeserver.Register(ctx, "wolkwijs")
	if err != nil {
		return err
	}
	s.botID = id.UserID(account.UserID)
	dir, err := s.folder("bot")
	if err != nil {
		return err
	}
	settings := map[string]string{
		"dns.resolver": "'" + s.resolver + "'",
		// One person asks on behalf of a whole club here.
		"limits.per_user": "'60/min'",
		"limits.per_room": "'60/min'",
	}
	if s.offline {
		settings["dns.mta_sts_policy"] = "false"
	}
	s.bot, err = bot.Start(ctx, bot.Options{
		Homeserver: s.homeserver.URL,
		Account:    account,
		Dir:        dir,
		Settings:   settings,
		Log:        s.log,
	})
	if err != nil {
		return err
	}
	s.watch(s.bot.Done(), errBot)
	return nil
}

// room has the member make a room and invite the bot, and waits for the bot.
func (s *stage) room(ctx context.Context, room peer.Room) (id.RoomID, error) {
	room.Invite = []id.UserID{s.botID}
	roomID, err := s.member.CreateRoom(ctx, room)
	if err != nil {
		return "", err
	}
	return roomID, peer.AwaitJoin(ctx, s.member, roomID, s.botID)
}

// folder makes a folder for one part.
func (s *stage) folder(name string) (string, error) {
	dir := filepath.Join(s.dir, name)
	return dir, os.Mkdir(dir, 0o700)
}

// watch ends the demo when a part ends by itself.
func (s *stage) watch(done <-chan struct{}, why error) {
	go func() {
		<-done
		s.cancel(why)
	}()
}

// reason returns why the stage ended, if it did, rather than what that led to.
func (s *stage) reason(err error) error {
	if cause := context.Cause(s.ctx); err != nil && cause != nil {
		return cause
	}
	return err
}

// clear stops everything and removes all that was written.
func (s *stage) clear() error {
	var errs []error
	if s.member != nil {
		errs = append(errs, s.member.Close())
	}
	if s.bot != nil && !errors.Is(context.Cause(s.ctx), errBot) {
		errs = append(errs, s.bot.Stop())
	}
	if s.homeserver != nil {
		errs = append(errs, s.homeserver.Stop())
	}
	errs = append(errs, os.RemoveAll(s.dir))
	if err := errors.Join(errs...); err != nil {
		return fmt.Errorf("clear up: %w", err)
	}
	return nil
}
