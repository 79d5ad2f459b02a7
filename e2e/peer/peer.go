// Package peer is a club member's Matrix client as the demo and the tests use
// it. There are two, each with end-to-end encryption and a cross-signed
// device: package gopeer on mautrix, and package jspeer on matrix-js-sdk, the
// client that shares nothing with the bot but the specification.
package peer

import (
	"context"
	"encoding/json"
	"fmt"

	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"
)

// Client is a logged-in client that syncs until it is closed.
type Client interface {
	UserID() id.UserID
	// CreateRoom makes a room and returns when the client itself has seen it,
	// so that what is sent next is encrypted if the room is.
	CreateRoom(ctx context.Context, room Room) (id.RoomID, error)
	// Join accepts an invite and returns when the client has seen the room.
	Join(ctx context.Context, room id.RoomID) error
	// Invite invites user to a room.
	Invite(ctx context.Context, room id.RoomID, user id.UserID) error
	// Leave leaves a room.
	Leave(ctx context.Context, room id.RoomID) error
	// Send sends an m.room.message event, encrypted where the room is.
	Send(ctx context.Context, room id.RoomID, content *event.MessageEventContent) (id.EventID, error)
	// Reads says whether the client has the key of an event that came from
	// somebody else's client, as it is on the homeserver.
	Reads(ctx context.Context, raw json.RawMessage) (bool, error)
	// Timeline holds what the client has seen so far.
	Timeline() *Timeline
	// Close stops syncing and lets go of everything the client holds.
	Close() error
}

// Login says who logs in where.
type Login struct {
	Homeserver string // base URL
	UserID     id.UserID
	Password   string
}

// Room says what kind of room to create.
type Room struct {
	Name      string // empty for none
	Alias     string // localpart of the alias by which anybody may join; empty for none
	Encrypted bool
	Rotation  int  // after how many messages a key is replaced; 0: the client's default
	Direct    bool // invites say that it is a direct message
	Equal     bool // those invited have the creator's power
	Invite    []id.UserID
}

// Text returns the content of a plain text message.
func Text(body string) *event.MessageEventContent {
	return &event.MessageEventContent{MsgType: event.MsgText, Body: body}
}

// Reply returns the content of a text message that replies to an event.
func Reply(body string, to id.EventID) *event.MessageEventContent {
	content := Text(body)
	content.RelatesTo = (&event.RelatesTo{}).SetReplyTo(to)
	return content
}

// InThread returns the content of a text message in the thread that begins
// with the event root.
func InThread(body string, root id.EventID) *event.MessageEventContent {
	content := Text(body)
	content.RelatesTo = (&event.RelatesTo{}).SetThread(root, root)
	return content
}

// Edit returns the content of a message that replaces the event edited.
func Edit(body string, edited id.EventID) *event.MessageEventContent {
	content := Text(body)
	content.SetEdit(edited)
	return content
}

// AwaitReply waits until somebody other than c has replied to the event
// question, in a message that c can read, and returns the first reply.
func AwaitReply(ctx context.Context, c Client, question id.EventID) (Event, error) {
	e, err := c.Timeline().Await(ctx, func(e Event) bool {
		return e.Sender != c.UserID() && e.InReplyTo() == question
	})
	if err != nil {
		return e, fmt.Errorf("no reply to %s: %w", question, err)
	}
	return e, nil
}

// AwaitJoin waits until c sees that user has joined room.
func AwaitJoin(ctx context.Context, c Client, room id.RoomID, user id.UserID) error {
	_, err := c.Timeline().Await(ctx, func(e Event) bool {
		return e.Room == room && e.Membership(user) == event.MembershipJoin
	})
	if err != nil {
		return fmt.Errorf("%s did not join: %w", user, err)
	}
	return nil
}
