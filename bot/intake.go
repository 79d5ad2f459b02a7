package bot

import (
	"context"
	"sync"
	"time"

	"go.mau.fi/util/dbutil"
	"maunium.net/go/mautrix"
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

// queryDevice asks for the keys of one device.
func queryDevice(user id.UserID, device id.DeviceID) *mautrix.ReqQueryKeys {
	return &mautrix.ReqQueryKeys{DeviceKeys: mautrix.DeviceKeysRequest{user: {device}}}
}
