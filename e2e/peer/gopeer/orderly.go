package gopeer

import (
	"context"
	"sync"

	"maunium.net/go/mautrix/crypto"
	"maunium.net/go/mautrix/id"
)

// orderly is the library's store of keys, in which one caller at a time looks
// for sessions with devices. The library takes a database connection and the
// lock of its cache in one order to list sessions and in the other to find the
// latest one: with one connection the two can wait for each other for ever.
type orderly struct {
	crypto.Store
	turn sync.Mutex // before the lock and before a connection
}

func (o *orderly) GetSessions(ctx context.Context, key id.SenderKey) (crypto.OlmSessionList, error) {
	o.turn.Lock()
	defer o.turn.Unlock()
	return o.Store.GetSessions(ctx, key)
}

func (o *orderly) GetLatestSession(ctx context.Context, key id.SenderKey) (*crypto.OlmSession, error) {
	o.turn.Lock()
	defer o.turn.Unlock()
	return o.Store.GetLatestSession(ctx, key)
}

func (o *orderly) AddSession(ctx context.Context, key id.SenderKey, session *crypto.OlmSession) error {
	o.turn.Lock()
	defer o.turn.Unlock()
	return o.Store.AddSession(ctx, key, session)
}
