// Package bot speaks Matrix: it logs in, keeps in sync, encrypts, joins the
// rooms it may join, and turns events into [commands.Request] values and
// answers into messages. It knows nothing of what the answers are about.
//
// An event is answered exactly once. It is stored in the inbox together with
// the sync token, answered under a transaction ID derived from its event ID,
// and then marked as handled. Whatever is still unmarked at a start is looked
// up again on the homeserver, and answered unless an answer is already there.
// What a homeserver that crashed takes twice all the same is taken back.
//
// [New] and [Bot.Run] are all that a program needs.
//
// May import: commands, answer, schedule, store, config, metrics,
// maunium.net/go/mautrix, go.mau.fi/util, github.com/rs/zerolog,
// github.com/mattn/go-isatty.
package bot

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/rs/zerolog"
	"maunium.net/go/mautrix"
	"maunium.net/go/mautrix/crypto/cryptohelper"
	"maunium.net/go/mautrix/id"
	"maunium.net/go/mautrix/sqlstatestore"

	"wolkwijs/answer"
	"wolkwijs/commands"
	"wolkwijs/config"
	"wolkwijs/metrics"
	"wolkwijs/store"
)

// Answerer answers requests. A nil answer is silence.
type Answerer interface {
	Answer(ctx context.Context, r commands.Request) *answer.Answer
}

// Times that the bot waits. Tests change them.
type times struct {
	drain      time.Duration // for open questions at the end
	answering  time.Duration // for one answer to be found
	slow       time.Duration // until the asker is told that it takes longer
	typing     time.Duration // until the typing notice
	receipt    time.Duration // until the read receipt
	keyWait    time.Duration // for a key that is on its way
	keyRequest time.Duration // for a key that was asked for; Dendrite hands over after half a minute what it had queued when it was killed
	keyLate    time.Duration // for a key after the sender was told that it is not here
	arrival    time.Duration // for a message that was sent to show up, when its acknowledgement was lost
	backoff    time.Duration // first pause after a failure; it doubles
	maxBackoff time.Duration
	poll       time.Duration // of one /sync
	remember   time.Duration // how long handled events are kept
	stuck      time.Duration // one event being handled, until that is looked into
	jobPoll    time.Duration // between looks at what is due, at most
	jobTry     time.Duration // for one attempt at a job
	jobRetry   time.Duration // until the next attempt
}

var usualTimes = times{
	drain:      10 * time.Second,
	answering:  60 * time.Second,
	slow:       3 * time.Second,
	typing:     300 * time.Millisecond,
	receipt:    time.Second,
	keyWait:    3 * time.Second,
	keyRequest: 45 * time.Second,
	keyLate:    10 * time.Minute,
	arrival:    4 * time.Second,
	backoff:    500 * time.Millisecond,
	maxBackoff: time.Minute,
	poll:       30 * time.Second,
	remember:   30 * 24 * time.Hour,
	stuck:      2 * time.Minute,
	jobPoll:    time.Minute,
	jobTry:     10 * time.Minute,
	jobRetry:   5 * time.Minute,
}

// Bot is one account at work.
type Bot struct {
	cfg      *config.Config
	store    *store.Store
	jobStore jobStore // what of it is needed for jobs
	answerer Answerer
	log      zerolog.Logger
	times    times
	network  http.RoundTripper

	client  *mautrix.Client
	syncer  *mautrix.DefaultSyncer
	state   *sqlstatestore.SQLStateStore
	crypto  *cryptohelper.CryptoHelper // nil without encryption
	keys    *keyStore                  // nil without encryption
	gate    gate
	session *store.Session
	name    atomic.Pointer[string] // display name, to recognise mentions by old clients; nil: not known yet

	gaps     map[id.RoomID]int // how often a gap could not be filled, since the last /sync that was received
	queues   *queues
	keyless  *keyless
	seen     atomic.Pointer[queues] // the same, for those who look from outside
	limits   limits
	offers   offers
	topics   topics
	copies   copies
	receipts receipts
	work     context.Context // for answering and sending; outlives the sync at the end
	stopping context.Context // ends when the bot is told to stop, or loses the lead
	helper   sync.WaitGroup  // goroutines beside the queues
	also     []func(ctx context.Context)
	watches  *watches // nil: no domains are watched
	kinds    map[string]JobKind
	jobs     atomic.Pointer[jobs] // of the present term

	started  time.Time        // when it was told to run
	metrics  *metrics.Metrics // nil: nothing is counted
	hearing  atomic.Bool      // the last /sync went well
	lastSync atomic.Value     // time.Time of the homeserver's last answer
	looped   atomic.Value     // time.Time at which the sync loop last came by, or a gap was gone on with
	standby  atomic.Bool      // another instance leads
	fetching atomic.Bool      // devices of people are being asked for again

	plainRooms sync.Map   // id.RoomID → true where the homeserver said "not encrypted"
	joining    sync.Map   // id.RoomID → true while an invite is being answered
	following  sync.Map   // id.RoomID → *event.Event: its tombstone, while the room that replaces it is being joined
	describing sync.Mutex // one room's commands are described at a time
	joinedAt   sync.Map   // id.RoomID → when the bot joined it during this run, in Unix milliseconds
}

// Count has the bot count what it does. It must be called before Run.
func (b *Bot) Count(m *metrics.Metrics) { b.metrics = m }

// New returns a bot that answers with answerer.
func New(cfg *config.Config, st *store.Store, answerer Answerer, log zerolog.Logger) *Bot {
	network := http.DefaultTransport.(*http.Transport).Clone()
	network.MaxIdleConnsPerHost = maxWorkers
	return &Bot{cfg: cfg, store: st, jobStore: st, answerer: answerer, log: log, times: usualTimes, network: network, gate: newGate(), limits: limits{cfg: cfg.Limits}}
}

// resume puts what was not handled before the last stop in the queues again.
func (b *Bot) resume(ctx context.Context) error {
	unwelcomed, err := b.store.Unwelcomed(ctx)
	if err != nil {
		return err
	}
	for _, room := range unwelcomed {
		b.queues.push(incoming{room: room, task: func(ctx context.Context) { b.arrive(ctx, room) }})
	}
	pending, err := b.store.Pending(ctx)
	if err != nil {
		return err
	}
	for _, e := range pending {
		b.queues.push(incoming{room: e.Room, id: e.ID, again: true, backlog: true, begun: e.Begun})
	}
	b.takeBackCopies(ctx)
	if len(pending) > 0 {
		b.log.Info().Int("events", len(pending)).Msg("Going on with what was left")
	}
	return nil
}

// aside runs fn beside the queues until it returns or the bot stops.
func (b *Bot) aside(fn func(ctx context.Context)) {
	b.helper.Go(func() {
		defer func() {
			if p := recover(); p != nil {
				b.logPanic(p)
			}
		}()
		fn(b.work)
	})
}

// newClient returns a client of the homeserver at baseURL.
func (b *Bot) newClient(baseURL string) (*mautrix.Client, error) {
	client, err := mautrix.NewClient(baseURL, b.cfg.Matrix.UserID, "")
	if err != nil {
		return nil, fmt.Errorf("matrix.homeserver: %w", err)
	}
	client.Client = &http.Client{Timeout: 3 * time.Minute, Transport: b.network}
	client.UserAgent = "Wolkwijs " + mautrix.DefaultUserAgent
	client.Log = libraryLog(b.log)
	client.DefaultHTTPRetries = 4
	client.DefaultHTTPBackoff = time.Second
	client.MaxHTTPBackoff = time.Minute
	return client, nil
}

// permanent says whether asking the homeserver again would change nothing. That
// the session has ended is not for one request to say: the sync gets the token
// renewed, or ends the program.
func permanent(err error) bool {
	var http mautrix.HTTPError
	if !errors.As(err, &http) || http.Response == nil {
		return false
	}
	code := http.Response.StatusCode
	if code/100 == 2 {
		// The answer is whole and not of the form that it should have, such as
		// state that somebody made up. One that broke off is worth another try.
		var form *json.UnmarshalTypeError
		return errors.As(err, &form)
	}
	return code >= 400 && code < 500 && code != 429 && code != 408 && !loggedOut(err)
}

// byProxy says whether a refusal does not come from the homeserver, which
// gives each of its own an errcode, but from something in front of it. While
// the homeserver restarts, a proxy that has lost sight of it may well say that
// nothing is there (Traefik: "404 page not found"). What it says of the request
// itself, such as that it is too long, does not change when the homeserver is
// back.
func byProxy(err error) bool {
	var refusal mautrix.HTTPError
	if !errors.As(err, &refusal) || refusal.Response == nil || refusal.RespError != nil {
		return false
	}
	switch code := refusal.Response.StatusCode; code {
	case http.StatusUnauthorized, // a homeserver's, where it wants another proof of who asks
		http.StatusBadRequest, http.StatusRequestEntityTooLarge, http.StatusRequestURITooLong,
		http.StatusUnsupportedMediaType, http.StatusRequestHeaderFieldsTooLarge:
		return false
	default:
		return code >= 400 && code < 500
	}
}

// maxByProxy is how often a proxy may refuse a request while the /sync gets
// through, until that counts. With the pauses in between it takes longer than
// a /sync that hangs is believed to get through.
const maxByProxy = 12

// refused says whether a request has failed for good. before is how often a
// proxy has refused it while the /sync got through, and is counted on.
func (b *Bot) refused(err error, before *int) bool {
	if !permanent(err) || !byProxy(err) {
		return permanent(err)
	}
	if b.hearing.Load() {
		*before++
	}
	return *before >= maxByProxy
}

// isSelf says whether user is the bot.
func (b *Bot) isSelf(user id.UserID) bool { return user == b.client.UserID }
