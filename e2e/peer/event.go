package peer

import (
	"encoding/json"
	"strings"

	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"
)

// Event is one event of a room as a client saw it, decrypted if it was
// encrypted.
type Event struct {
	Room     id.RoomID
	ID       id.EventID
	Sender   id.UserID
	Type     string // "m.room.message"; "m.room.encrypted" if it could not be decrypted
	StateKey *string
	Raw      json.RawMessage // the content

	Encrypted bool   // it came encrypted
	Failure   string // why it could not be decrypted; empty if it could
	// Shield is the client's warning about who sent an encrypted event, as
	// people see it beside the message; empty if there is none to show.
	Shield string
}

// Message returns the content of a message; the zero content if the event is
// of another kind.
func (e Event) Message() *event.MessageEventContent {
	content := &event.MessageEventContent{}
	if e.Type != event.EventMessage.Type || json.Unmarshal(e.Raw, content) != nil {
		return &event.MessageEventContent{}
	}
	return content
}

// Body returns the text of a message, without HTML.
func (e Event) Body() string { return e.Message().Body }

// InReplyTo returns the event that a message replies to. The fallback of a
// thread, which points at the thread's last message, is no reply.
func (e Event) InReplyTo() id.EventID { return e.Message().RelatesTo.GetNonFallbackReplyTo() }

// Thread returns the root of the thread that a message is in.
func (e Event) Thread() id.EventID { return e.Message().RelatesTo.GetThreadParent() }

// Replaces returns the event that a message is an edit of.
func (e Event) Replaces() id.EventID { return e.Message().RelatesTo.GetReplaceID() }

// Membership returns the membership of user that the event sets; empty if it
// sets none.
func (e Event) Membership(user id.UserID) event.Membership {
	if e.Type != event.StateMember.Type || e.StateKey == nil || *e.StateKey != string(user) {
		return ""
	}
	var content event.MemberEventContent
	if json.Unmarshal(e.Raw, &content) != nil {
		return ""
	}
	return content.Membership
}

// IsState says whether the event is of this state type.
func (e Event) IsState(t event.Type) bool { return e.StateKey != nil && e.Type == t.Type }

// FirstLine returns the first line of a message's text.
func (e Event) FirstLine() string {
	line, _, _ := strings.Cut(e.Body(), "\n")
	return line
}
