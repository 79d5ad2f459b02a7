package gopeer

import (
	"context"
	"encoding/json"
	"fmt"

	"maunium.net/go/mautrix"
	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"
)

// historyLimit is more events than a room of a test has.
const historyLimit = 5000

// History returns all events of a room that are not state, as the homeserver
// has them, oldest first and not decrypted. It asks as a client does that has
// just logged in: Dendrite's /messages leaves out events here and there when
// several members speak at once.
func (c *Client) History(ctx context.Context, room id.RoomID) ([]*event.Event, error) {
	filter, err := json.Marshal(&mautrix.Filter{Room: &mautrix.RoomFilter{
		Rooms:    []id.RoomID{room},
		Timeline: &mautrix.FilterPart{Limit: historyLimit},
	}})
	if err != nil {
		return nil, err
	}
	news, err := c.matrix.FullSyncRequest(ctx, mautrix.ReqSync{FilterID: string(filter)})
	if err != nil {
		return nil, fmt.Errorf("read the history of %s: %w", room, err)
	}
	joined := news.Rooms.Join[room]
	if joined == nil || joined.Timeline.Limited {
		return nil, fmt.Errorf("read the history of %s: not all of it came", room)
	}
	for _, evt := range joined.Timeline.Events {
		evt.RoomID = room
	}
	return joined.Timeline.Events, nil
}
