// Package jspeer is a Matrix client on matrix-js-sdk, which shares no code
// with the bot. It runs under Node.js as a process of its own that e2e/js
// describes; this package speaks to it.
package jspeer

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sync"
	"time"

	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"

	"wolkwijs/e2e/peer"
	"wolkwijs/e2e/proc"
	"wolkwijs/e2e/tree"
)

// stopGrace is how long the program may take to end.
const stopGrace = 10 * time.Second

// Options are what callers may want otherwise.
type Options struct {
	// OnlySignedDevices makes the client exchange encrypted messages only
	// with devices that their owners cross-signed (MSC4153).
	OnlySignedDevices bool
	// Second says that the account has a device already, which alone can sign
	// this one: it stays unsigned.
	Second bool
}

// Client is a [peer.Client].
type Client struct {
	userID   id.UserID
	timeline *peer.Timeline
	process  *proc.Process
	in       io.WriteCloser
	errs     *proc.Tail

	mu      sync.Mutex
	last    int // ID of the last request
	waiting map[int]chan<- response
}

var _ peer.Client = (*Client)(nil)

// response is what the program answers to a request.
type response struct {
	ID     int             `json:"id"`
	Result json.RawMessage `json:"result"`
	Error  string          `json:"error"`
	Event  *wireEvent      `json:"event"` // instead of the others
}

// wireEvent is an event as the program tells it.
type wireEvent struct {
	RoomID    id.RoomID       `json:"room_id"`
	EventID   id.EventID      `json:"event_id"`
	Sender    id.UserID       `json:"sender"`
	Type      string          `json:"type"`
	StateKey  *string         `json:"state_key"`
	Content   json.RawMessage `json:"content"`
	Encrypted bool            `json:"encrypted"`
	Failure   string          `json:"failure"`
	Shield    string          `json:"shield"`
}

// Start logs in on a new device that it cross-signs, and begins to sync. The
// packages must be there, see [Install]. ctx limits the start alone.
func Start(ctx context.Context, login peer.Login, o Options) (*Client, error) {
	c, err := start(ctx, login, o)
	if err != nil {
		return nil, fmt.Errorf("start the matrix-js-sdk client of %s: %w", login.UserID, err)
	}
	return c, nil
}

func start(ctx context.Context, login peer.Login, o Options) (*Client, error) {
	root, err := tree.Root()
	if err != nil {
		return nil, err
	}
	node, err := Node(ctx)
	if err != nil {
		return nil, err
	}
	inRead, inWrite, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	defer inRead.Close()
	outRead, outWrite, err := os.Pipe()
	if err != nil {
		return nil, errors.Join(err, inWrite.Close())
	}
	c := &Client{
		userID:   login.UserID,
		timeline: peer.NewTimeline(),
		in:       inWrite,
		errs:     &proc.Tail{},
		waiting:  map[int]chan<- response{},
	}
	c.process, err = proc.Start(proc.Command{
		Path: node,
		Args: []string{"driver.mjs"},
		Dir:  filepath.Join(root, "e2e", "js"),
		In:   inRead,
		Out:  outWrite,
		Err:  c.errs,
	})
	outWrite.Close()
	if err != nil {
		return nil, errors.Join(err, inWrite.Close(), outRead.Close())
	}
	go c.read(outRead)
	err = c.call(ctx, "login", map[string]any{
		"homeserver":          login.Homeserver,
		"user_id":             login.UserID,
		"password":            login.Password,
		"only_signed_devices": o.OnlySignedDevices,
		"second":              o.Second,
	}, nil)
	if err != nil {
		return nil, errors.Join(err, c.Close())
	}
	return c, nil
}

// read hands out what the program says until it ends.
func (c *Client) read(out io.ReadCloser) {
	defer out.Close()
	lines := bufio.NewReader(out)
	for {
		line, err := lines.ReadBytes('\n')
		if err != nil {
			break
		}
		var r response
		if err := json.Unmarshal(line, &r); err != nil {
			c.timeline.Fail(fmt.Errorf("it said %q: %w", line, err))
			continue
		}
		if r.Event != nil {
			c.timeline.Add(r.Event.event())
			continue
		}
		c.mu.Lock()
		waiting := c.waiting[r.ID]
		delete(c.waiting, r.ID)
		c.mu.Unlock()
		if waiting != nil {
			waiting <- r
		}
	}
	<-c.process.Done()
	c.timeline.Fail(fmt.Errorf("it ended (%v); it said last:\n%s", c.process.Err(), c.errs))
}

func (e *wireEvent) event() peer.Event {
	return peer.Event{
		Room:      e.RoomID,
		ID:        e.EventID,
		Sender:    e.Sender,
		Type:      e.Type,
		StateKey:  e.StateKey,
		Raw:       e.Content,
		Encrypted: e.Encrypted,
		Failure:   e.Failure,
		Shield:    e.Shield,
	}
}

// call asks for method and reads its result into result, unless that is nil.
func (c *Client) call(ctx context.Context, method string, params, result any) error {
	answer := make(chan response, 1)
	c.mu.Lock()
	c.last++
	n := c.last
	c.waiting[n] = answer
	line, err := json.Marshal(map[string]any{"id": n, "method": method, "params": params})
	if err == nil {
		_, err = c.in.Write(append(line, '\n'))
	}
	c.mu.Unlock()
	if err != nil {
		return fmt.Errorf("%s: %w", method, err)
	}
	select {
	case r := <-answer:
		switch {
		case r.Error != "":
			return fmt.Errorf("%s: %s", method, r.Error)
		case result == nil:
			return nil
		}
		return json.Unmarshal(r.Result, result)
	case <-c.process.Done():
		return fmt.Errorf("%s: the program ended (%v); it said last:\n%s", method, c.process.Err(), c.errs)
	case <-ctx.Done():
		return fmt.Errorf("%s: %w; it said last:\n%s", method, context.Cause(ctx), c.errs)
	}
}

// UserID implements [peer.Client].
func (c *Client) UserID() id.UserID { return c.userID }

// Timeline implements [peer.Client].
func (c *Client) Timeline() *peer.Timeline { return c.timeline }

// CreateRoom implements [peer.Client].
func (c *Client) CreateRoom(ctx context.Context, room peer.Room) (id.RoomID, error) {
	invite := room.Invite
	if invite == nil {
		invite = []id.UserID{}
	}
	var made struct {
		RoomID id.RoomID `json:"room_id"`
	}
	err := c.call(ctx, "create_room", map[string]any{
		"name":      room.Name,
		"alias":     room.Alias,
		"encrypted": room.Encrypted,
		"direct":    room.Direct,
		"equal":     room.Equal,
		"rotation":  room.Rotation,
		"invite":    invite,
	}, &made)
	return made.RoomID, err
}

// Join implements [peer.Client].
func (c *Client) Join(ctx context.Context, room id.RoomID) error {
	return c.call(ctx, "join", map[string]any{"room_id": room}, nil)
}

// Invite implements [peer.Client].
func (c *Client) Invite(ctx context.Context, room id.RoomID, user id.UserID) error {
	return c.call(ctx, "invite", map[string]any{"room_id": room, "user_id": user}, nil)
}

// Leave implements [peer.Client].
func (c *Client) Leave(ctx context.Context, room id.RoomID) error {
	return c.call(ctx, "leave", map[string]any{"room_id": room}, nil)
}

// Send implements [peer.Client].
func (c *Client) Send(ctx context.Context, room id.RoomID, content *event.MessageEventContent) (id.EventID, error) {
	var sent struct {
		EventID id.EventID `json:"event_id"`
	}
	err := c.call(ctx, "send", map[string]any{"room_id": room, "content": content}, &sent)
	return sent.EventID, err
}

// Reads implements [peer.Client].
func (c *Client) Reads(ctx context.Context, raw json.RawMessage) (bool, error) {
	var reads struct {
		Reads bool `json:"reads"`
	}
	err := c.call(ctx, "reads", map[string]any{"event": raw}, &reads)
	return reads.Reads, err
}

// Close implements [peer.Client]. The end of its input ends the program.
func (c *Client) Close() error {
	err := c.in.Close()
	timer := time.NewTimer(stopGrace)
	defer timer.Stop()
	select {
	case <-c.process.Done():
	case <-timer.C:
		err = errors.Join(err, errors.New("the matrix-js-sdk client did not stop"), c.process.Kill())
	}
	return err
}
