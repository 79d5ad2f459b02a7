// Package echo has bots that answer every message with its own text: what a
// bot takes at least.
package echo

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"

	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"

	"wolkwijs/e2e/peer"
)

// Raw is an echo bot of HTTP requests and JSON, without a library.
type Raw struct {
	user  id.UserID
	base  string
	token string
	http  *http.Client
	stop  context.CancelFunc
	ended chan struct{}
}

// StartRaw logs in and answers until Close.
func StartRaw(ctx context.Context, login peer.Login) (*Raw, error) {
	r := &Raw{user: login.UserID, base: login.Homeserver + "/_matrix/client/v3", http: &http.Client{Transport: &http.Transport{}}, ended: make(chan struct{})}
	var in struct {
		Token string `json:"access_token"`
	}
	err := r.do(ctx, http.MethodPost, "/login", map[string]any{
		"type": "m.login.password", "password": login.Password,
		"identifier": map[string]string{"type": "m.id.user", "user": string(login.UserID)},
	}, &in)
	if err != nil {
		return nil, fmt.Errorf("start the raw echo bot: %w", err)
	}
	r.token = in.Token
	since, err := r.sync(ctx, "")
	if err != nil {
		return nil, fmt.Errorf("start the raw echo bot: %w", err)
	}
	syncing, stop := context.WithCancel(context.WithoutCancel(ctx))
	r.stop = stop
	go func() {
		defer close(r.ended)
		for err == nil {
			since, err = r.sync(syncing, since)
		}
	}()
	return r, nil
}

// Join accepts an invite.
func (r *Raw) Join(ctx context.Context, room id.RoomID) error {
	return r.do(ctx, http.MethodPost, "/join/"+url.PathEscape(string(room)), map[string]any{}, nil)
}

// Close ends the bot.
func (r *Raw) Close() {
	r.stop()
	<-r.ended
	r.http.CloseIdleConnections()
}

// sync waits for news, answers what is asked in it, and returns where it ends.
func (r *Raw) sync(ctx context.Context, since string) (string, error) {
	query := url.Values{"timeout": {"30000"}}
	if since != "" {
		query.Set("since", since)
	}
	var news struct {
		Next  string `json:"next_batch"`
		Rooms struct {
			Join map[id.RoomID]struct {
				Timeline struct {
					Events []struct {
						ID      id.EventID `json:"event_id"`
						Type    string     `json:"type"`
						Sender  id.UserID  `json:"sender"`
						Content struct {
							Body string `json:"body"`
						} `json:"content"`
					} `json:"events"`
				} `json:"timeline"`
			} `json:"join"`
		} `json:"rooms"`
	}
	if err := r.do(ctx, http.MethodGet, "/sync?"+query.Encode(), nil, &news); err != nil {
		return since, err
	}
	for room, in := range news.Rooms.Join {
		for _, e := range in.Timeline.Events {
			if since == "" || e.Type != "m.room.message" || e.Sender == r.user {
				continue
			}
			path := fmt.Sprintf("/rooms/%s/send/m.room.message/%s", url.PathEscape(string(room)), url.PathEscape("echo"+string(e.ID)))
			if err := r.do(ctx, http.MethodPut, path, notice(e.Content.Body, e.ID), nil); err != nil {
				return since, err
			}
		}
	}
	return news.Next, nil
}

// notice is the content of an answer.
func notice(body string, to id.EventID) *event.MessageEventContent {
	content := peer.Reply(body, to)
	content.MsgType = event.MsgNotice
	return content
}

// do sends a request with in as JSON, if any, and reads the answer into out.
func (r *Raw) do(ctx context.Context, method, path string, in, out any) error {
	var body io.Reader
	if in != nil {
		data, err := json.Marshal(in)
		if err != nil {
			return err
		}
		body = bytes.NewReader(data)
	}
	req, err := http.NewRequestWithContext(ctx, method, r.base+path, body)
	if err != nil {
		return err
	}
	if r.token != "" {
		req.Header.Set("Authorization", "Bearer "+r.token)
	}
	resp, err := r.http.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	data, err := io.ReadAll(resp.Body)
	if err != nil {
		return err
	}
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("%s %s: %s: %s", method, path, resp.Status, data)
	}
	if out == nil {
		return nil
	}
	return json.Unmarshal(data, out)
}

// Mautrix answers with a client on mautrix until stop is called.
func Mautrix(ctx context.Context, c peer.Client) (stop func()) {
	ctx, cancel := context.WithCancel(ctx)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		seen := map[id.EventID]bool{}
		for {
			e, err := c.Timeline().Await(ctx, func(e peer.Event) bool {
				return e.Type == "m.room.message" && e.Sender != c.UserID() && !seen[e.ID]
			})
			if err != nil {
				return
			}
			seen[e.ID] = true
			var content event.MessageEventContent
			if json.Unmarshal(e.Raw, &content) == nil {
				c.Send(ctx, e.Room, notice(content.Body, e.ID)) // a lost answer is noticed by who asked
			}
		}
	}()
	return func() { cancel(); <-ended }
}
