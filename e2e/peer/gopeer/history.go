package gopeer

import (
	"context"
	"fmt"
	"slices"

	"maunium.net/go/mautrix"
	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"
)

// historyPage is how many events a request brings. It is more than a room of
// a test has: Dendrite leaves out events between two pages where several
// members spoke at once.
const historyPage = 1000

// History returns all events of a room as the homeserver has them, oldest
// first, and not decrypted.
func (c *Client) History(ctx context.Context, room id.RoomID) ([]*event.Event, error) {
	var events []*event.Event
	from := ""
	for {
		page, err := c.matrix.Messages(ctx, room, from, "", mautrix.DirectionBackward, nil, historyPage)
		if err != nil {
			return nil, fmt.Errorf("read the history of %s: %w", room, err)
		}
		events = append(events, page.Chunk...)
		if len(page.Chunk) == 0 || page.End == "" || page.End == from {
			slices.Reverse(events)
			return events, nil
		}
		from = page.End
	}
}
