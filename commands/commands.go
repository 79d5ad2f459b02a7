// Package commands answers people. A [Request] goes in, an [answer.Answer]
// comes out; nothing here knows Matrix, a terminal or HTML, and nothing here
// opens a connection of its own: what is known comes from package knowledge,
// what is looked up from package domaincheck.
//
// Each command lives in the file that bears its name (alt.go, check.go …).
// [Service.Answer] finds the command that a text means, or treats the text as
// a question where everything is for the bot.
//
// May import: answer, knowledge, domaincheck, schedule, tomlfile; not net, net/http.
package commands

import (
	"context"

	"wolkwijs/lang"
	"wolkwijs/schedule"
)

// RoomKind is the kind of place a request comes from.
type RoomKind uint8

// The kinds of places.
const (
	Group    RoomKind = iota // a room with others: only commands and mentions are for the bot
	Direct                   // a direct message: everything is for the bot
	Terminal                 // `wolkwijs chat`: as Direct
)

// Rights is what the asker may do.
type Rights struct {
	RoomAdmin bool // may change the room's settings (in a direct message: always)
	BotAdmin  bool // is listed under bot.admins
}

// Request is one thing asked.
type Request struct {
	// Text is what was written, without the mention of the bot. In a group
	// it starts with the command prefix unless the bot was mentioned.
	Text string
	// Mentioned says that the bot was addressed by a mention.
	Mentioned bool
	// Lang is the language set for the room; empty if none was set.
	Lang lang.Code
	Kind RoomKind
	// Room tells conversations apart, for follow-up questions. It is opaque
	// and only kept in memory. Empty means that nothing is remembered.
	Room   string
	Rights Rights
	// SetLanguage stores the language of the room. It is nil where there is
	// no room to keep it for.
	SetLanguage func(ctx context.Context, l lang.Code) error
	// Tip keeps the tip of the week of the room. It is nil where there is no
	// room to keep it for.
	Tip TipKeeper
	// Watches are the domains that the room watches. It is nil where there is
	// no room to watch them for.
	Watches Watches
	// Operator tells the bot's admins how it is. It is nil for anybody else,
	// and where there is no bot.
	Operator Operator
}

// TipKeeper keeps the tip of the week of one room.
type TipKeeper interface {
	// Get returns the tip, or nil if the room gets none.
	Get(ctx context.Context) (*schedule.Tip, error)
	// Set stores the tip, and has it come when it says. Nil switches it off.
	Set(ctx context.Context, t *schedule.Tip) error
	// Request tells this request from all others, also when it is made again
	// after a crash.
	Request() string
}
