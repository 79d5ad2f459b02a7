package gopeer

import (
	"context"
	"fmt"
	"net/http"

	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"

	"wolkwijs/e2e/peer"
)

// Upgrade replaces a room by one of another version (Matrix specification,
// client-server API, "Room Upgrades") and returns when the client has seen the
// new one.
func (c *Client) Upgrade(ctx context.Context, room id.RoomID, version string) (id.RoomID, error) {
	var resp struct {
		Replacement id.RoomID `json:"replacement_room"`
	}
	url := c.matrix.BuildClientURL("v3", "rooms", room, "upgrade")
	if _, err := c.matrix.MakeRequest(ctx, http.MethodPost, url, map[string]string{"new_version": version}, &resp); err != nil {
		return "", fmt.Errorf("upgrade a room: %w", err)
	}
	seen := []func(peer.Event) bool{c.joined}
	for _, e := range c.timeline.Events(room) {
		if e.IsState(event.StateEncryption) {
			seen = append(seen, func(e peer.Event) bool { return e.IsState(event.StateEncryption) })
			break
		}
	}
	return resp.Replacement, c.await(ctx, resp.Replacement, seen...)
}
