package bot

import (
	"context"
	"sync"
	"time"

	"go.mau.fi/util/dbutil"
	"maunium.net/go/mautrix"
	"maunium.net/go/mautrix/crypto/cryptohelper"
	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"

	"wolkwijs/store"
)

// intake goes with the context in which the libraries handle one /sync. It
// keeps what belongs to the Olm message being decrypted until that is all
// there, and notes whether the database failed: the libraries would only log
// that and go on.
type intake struct {
	mu     sync.Mutex
	puts   []func(context.Context) error
	adds   bool // one of them adds an Olm session; the account follows
	closed bool // it is over: goroutines that got the context write for themselves
	failed error
}

type intakeKey struct{}

// withIntake returns a context for handling one /sync.
func withIntake(ctx context.Context) (context.Context, *intake) {
	in := &intake{}
	return context.WithValue(ctx, intakeKey{}, in), in
}

func intakeOf(ctx context.Context) *intake {
	in, _ := ctx.Value(intakeKey{}).(*intake)
	return in
}

// keep keeps something to be written, unless the intake is over.
func (in *intake) keep(put func(context.Context) error) bool {
	in.mu.Lock()
	defer in.mu.Unlock()
	if in.closed {
		return false
	}
	in.puts = append(in.puts, put)
	return true
}

// take hands out what was kept.
func (in *intake) take() []func(context.Context) error {
	in.mu.Lock()
	defer in.mu.Unlock()
	puts := in.puts
	in.puts, in.adds = nil, false
	return puts
}

// expect notes that the account is going to be written too.
func (in *intake) expect() {
	in.mu.Lock()
	defer in.mu.Unlock()
	in.adds = !in.closed
}

// expected says whether the account now written is the one that was expected.
func (in *intake) expected() bool {
	in.mu.Lock()
	defer in.mu.Unlock()
	adds := in.adds
	in.adds = false
	return adds
}

// fail notes that the database failed in a way that may pass.
func (in *intake) fail(err error) {
	in.mu.Lock()
	defer in.mu.Unlock()
	if in.failed == nil {
		in.failed = err
	}
}

// end returns the failure of the database, if there was one. From now on the
// context is one like any other.
func (in *intake) end() error {
	in.mu.Lock()
	defer in.mu.Unlock()
	in.closed = true
	return in.failed
}

// noting is a database's log in which failures while a /sync is handled are
// noted in its intake. It logs nothing.
type noting struct{ dbutil.DatabaseLogger }

// QueryTiming implements [dbutil.DatabaseLogger].
func (noting) QueryTiming(ctx context.Context, _, _ string, _ []any, _ int, _ time.Duration, err error) {
	if in := intakeOf(ctx); in != nil && store.Passing(err) {
		in.fail(err)
	}
}

// gate lets many encrypt, or one decrypt what devices sent. An Olm session is
// for both ways: were an answer to use it while a message that came by it is
// not stored yet, it would be written as if that message had been.
type gate chan struct{}

const gateWidth = 2 * maxWorkers

func newGate() gate { return make(gate, gateWidth) }

// pass runs fn beside others that pass.
func (g gate) pass(ctx context.Context, fn func() error) error {
	select {
	case g <- struct{}{}:
	case <-ctx.Done():
		return ctx.Err()
	}
	defer func() { <-g }()
	return fn()
}

// close runs fn while nobody passes. Only one at a time may close the gate.
func (g gate) close(ctx context.Context, fn func() error) error {
	for n := range gateWidth {
		select {
		case g <- struct{}{}:
		case <-ctx.Done():
			g.open(n)
			return ctx.Err()
		}
	}
	defer g.open(gateWidth)
	return fn()
}

func (g gate) open(n int) {
	for range n {
		<-g
	}
}

// gated encrypts what passes the gate.
type gated struct {
	*cryptohelper.CryptoHelper
	gate gate
}

// Encrypt implements [mautrix.CryptoHelper].
func (c gated) Encrypt(ctx context.Context, room id.RoomID, t event.Type, content any) (encrypted *event.EncryptedEventContent, err error) {
	err = c.gate.pass(ctx, func() error {
		encrypted, err = c.CryptoHelper.Encrypt(ctx, room, t, content)
		return err
	})
	return encrypted, err
}

// queryDevice asks for the keys of one device.
func queryDevice(user id.UserID, device id.DeviceID) *mautrix.ReqQueryKeys {
	return &mautrix.ReqQueryKeys{DeviceKeys: mautrix.DeviceKeysRequest{user: {device}}}
}
