package commands_test

import (
	"context"
	"errors"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"wolkwijs/answer"
	"wolkwijs/commands"
	"wolkwijs/domaincheck/dnsq"
	"wolkwijs/lang"
)

// panel is a bot for admins to look at.
type panel struct {
	status commands.Status
	rooms  []commands.RoomInfo
	err    error
}

func (p panel) Status(context.Context) (commands.Status, error)    { return p.status, p.err }
func (p panel) Rooms(context.Context) ([]commands.RoomInfo, error) { return p.rooms, p.err }

// TestAdminTranscripts are what !status and !rooms say, in testdata/status.
func TestAdminTranscripts(t *testing.T) {
	well := commands.Status{
		Up: 75 * time.Hour, LastSync: 12 * time.Second, InSync: true, Queue: 3, Encryption: true, Rooms: 14,
		Jobs:     []commands.JobStatus{{Kind: "tip", Active: 5, Paused: 1}, {Kind: "watch", Active: 23, Overdue: 2, Lag: 4 * time.Minute}},
		Feedback: []commands.Feedback{{Topic: "alt:chat", Up: 12, Down: 1}, {Topic: "passkeys", Up: 2, Down: 4}},
	}
	behind, silent, unheard := well, well, well
	behind.Jobs = []commands.JobStatus{{Kind: "watch", Active: 2300, Overdue: 900, Lag: 26 * time.Hour}}
	silent.InSync, silent.LastSync, silent.Feedback = false, 9*time.Minute, nil
	unheard.InSync, unheard.LastSync, unheard.Encryption, unheard.Up, unheard.Jobs, unheard.Feedback = false, -1, false, time.Second, nil, nil
	rooms := []commands.RoomInfo{
		{ID: "!club:example.org", Language: lang.NL, Encrypted: true, Tip: true, Watches: 3},
		{ID: "!open:example.org", Watches: 1},
		{ID: "!v12roomidwithoutserver", Encrypted: true, Direct: true, Language: lang.EN},
	}
	validating := []dnsq.SelfTest{{Server: "127.0.0.1:53", SafePath: true, Reached: true, AD: true, Believed: true, GivesReasons: dnsq.Yes}}
	for _, tt := range []struct {
		name, text string
		kind       commands.RoomKind
		panel      commands.Operator
		servers    []dnsq.SelfTest
		member     bool
	}{
		{"well", "!status", commands.Direct, panel{status: well}, validating, false},
		{"behind", "!status", commands.Direct, panel{status: behind}, []dnsq.SelfTest{{Server: "192.0.2.53:53", Reached: true}}, false},
		{"silent-homeserver", "!status", commands.Group, panel{status: silent}, validating, false},
		{"just-started", "!status", commands.Direct, panel{status: unheard}, []dnsq.SelfTest{{Server: "127.0.0.1:53", SafePath: true, Reached: true}}, false},
		{"no-resolver", "!status", commands.Direct, panel{status: well}, []dnsq.SelfTest{{Server: "tls://192.0.2.53:853"}}, false},
		{"database-fails", "!status", commands.Direct, panel{err: errors.New("the disk is full")}, nil, false},
		{"member", "!status", commands.Group, nil, nil, true},
		{"terminal", "!status", commands.Terminal, nil, nil, false},
		{"rooms", "!rooms", commands.Direct, panel{rooms: rooms}, nil, false},
		{"rooms-in-a-group", "!rooms", commands.Group, panel{rooms: rooms}, nil, false},
		{"rooms-member", "!kamers", commands.Direct, nil, nil, true},
		{"rooms-none", "!rooms", commands.Direct, panel{}, nil, false},
		{"rooms-database-fails", "!rooms", commands.Direct, panel{err: errors.New("the disk is full")}, nil, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := newService(t, func(o *commands.Options) {
				o.SelfTest = func(context.Context) []dnsq.SelfTest { return tt.servers }
			})
			got := "> " + tt.text + "\n"
			for _, l := range []lang.Code{lang.NL, lang.EN} {
				a := s.Answer(t.Context(), commands.Request{Text: tt.text, Lang: l, Kind: tt.kind, Rights: commands.Rights{RoomAdmin: true, BotAdmin: !tt.member}, Operator: tt.panel})
				got += "-- " + string(l) + " --\n" + answer.Body(a, answer.Options{}) + "\n"
			}
			golden(t, filepath.Join("testdata", "status", tt.name+".golden"), got)
		})
	}
}

// Room IDs are for admins alone: in a group others read along.
func TestRoomIDsStayPrivate(t *testing.T) {
	s := newService(t)
	p := panel{rooms: []commands.RoomInfo{{ID: "!secret:example.org"}}}
	for _, r := range []commands.Request{
		{Text: "!rooms", Kind: commands.Group, Rights: commands.Rights{BotAdmin: true}, Operator: p},
		{Text: "!rooms", Kind: commands.Direct, Operator: p},
		{Text: "!rooms", Kind: commands.Group, Rights: commands.Rights{RoomAdmin: true}, Operator: p},
	} {
		if body := answer.Body(s.Answer(t.Context(), r), answer.Options{}); strings.Contains(body, "secret") {
			t.Errorf("%+v: %s", r.Rights, body)
		}
	}
}
