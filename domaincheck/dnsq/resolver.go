package dnsq

import (
	"context"
	"crypto/x509"
	"fmt"
	"strings"
	"time"
)

// Config says which resolver to ask and how. The zero value asks the system's
// resolver with the defaults given.
type Config struct {
	// Resolver is "system" (or empty), "host", "host:port", or
	// "tls://host:port#name" for DNS over TLS; ports may be left out.
	Resolver string
	// ResolvConf is where "system" finds the servers; empty means
	// /etc/resolv.conf.
	ResolvConf string
	// RootCAs are the certificate authorities believed for DNS over TLS; nil
	// means the system's.
	RootCAs *x509.CertPool
	// Timeout is how long one query may take in all, retries included; 0
	// means 5 s.
	Timeout time.Duration
	// TryTimeout is how long to wait for one reply before asking once more;
	// 0 means 1.5 s.
	TryTimeout time.Duration
	// MaxInFlight is how many queries may be under way to one server; 0 means
	// 256. Many more overflow a server's receive buffer.
	MaxInFlight int
	// Rate is how many queries per second one server gets at most, on average;
	// a check may send all of its own at once. 0 means no limit for servers on
	// this machine or in a private network and [PoliteRate] for others,
	// negative none for anybody.
	Rate float64
	// TotalRate is the same for all servers together; 0 means no limit.
	TotalRate float64
	// CacheOctets is how much memory the cache may take, estimated; 0 means
	// 48 MiB, some 50,000 answers.
	CacheOctets int
	// TrustAnchorFile holds DS or DNSKEY records in zone-file form; empty
	// means the anchors of the root zone.
	TrustAnchorFile string
	// BogusName is a name whose signatures are known to be wrong, for the
	// self-test; empty means dnssec-failed.org.
	BogusName string
	// Count is told of each query, retries included, once it is known what
	// came of it: the mnemonic of its RR type, or [OtherType], and the
	// outcome. It never learns a name. It is called from many goroutines and
	// must not wait; nil counts nothing.
	Count func(rrtype string, came Outcome)
	// Now is the clock of the cache and of signatures; nil means time.Now.
	Now func() time.Time
}

const (
	defaultTimeout     = 5 * time.Second
	defaultTryTimeout  = 1500 * time.Millisecond
	defaultMaxInFlight = 256
	defaultCacheOctets = 48 << 20
	defaultBogusName   = "dnssec-failed.org."
	// failureTTL is how long a failed look-up is remembered, so that nobody
	// asks a dead server in a loop (RFC 9520, section 3.2).
	failureTTL = 5 * time.Second
)

// Resolver is a Client that asks a resolver, with a cache that all share. It
// believes the AD bit of a resolver that validates if the path to it is safe;
// otherwise it validates by itself. Close it after use.
type Resolver struct {
	upstreams  []*upstream
	timeout    time.Duration
	tryTimeout time.Duration
	now        func() time.Time
	bogusName  name
	count      func(rrtype string, came Outcome) // nil counts nothing
	budget     *bucket                           // the limit for all servers together; nil for none

	// An answer is shared by all who ask for it, and so is never changed.
	answers   *cache[question, *Answer]
	flights   flights[question, *Answer]
	waiting   errands
	firstEDE  *cache[question, []EDE]
	validator *validator
}

// New returns a Resolver. It sends nothing yet. The error says which field of
// the configuration is wrong.
func New(cfg Config) (*Resolver, error) {
	setDefaults(&cfg)
	upstreams, err := newUpstreams(cfg)
	if err != nil {
		return nil, fmt.Errorf("dns resolver: %w", err)
	}
	trusted, err := loadAnchors(cfg.TrustAnchorFile)
	if err != nil {
		return nil, err
	}
	bogus, err := parseName(cfg.BogusName)
	if err != nil {
		return nil, fmt.Errorf("bogus name: %w", err)
	}
	r := &Resolver{
		upstreams: upstreams, timeout: cfg.Timeout, tryTimeout: cfg.TryTimeout,
		now: cfg.Now, bogusName: bogus, count: cfg.Count, budget: newBucket(cfg.TotalRate),
		waiting:  errands{patience: cfg.TryTimeout},
		answers:  newCache[question, *Answer](cfg.CacheOctets / 2),
		firstEDE: newCache[question, []EDE](cfg.CacheOctets / 32),
	}
	r.validator = newValidator(r, trusted, cfg.CacheOctets/2)
	return r, nil
}

func setDefaults(cfg *Config) {
	if cfg.ResolvConf == "" {
		cfg.ResolvConf = "/etc/resolv.conf"
	}
	if cfg.Timeout <= 0 {
		cfg.Timeout = defaultTimeout
	}
	if cfg.TryTimeout <= 0 {
		cfg.TryTimeout = min(defaultTryTimeout, cfg.Timeout)
	}
	if cfg.MaxInFlight <= 0 {
		cfg.MaxInFlight = defaultMaxInFlight
	}
	if cfg.CacheOctets <= 0 {
		cfg.CacheOctets = defaultCacheOctets
	}
	if cfg.BogusName == "" {
		cfg.BogusName = defaultBogusName
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
}

// Close ends all connections; questions under way fail.
func (r *Resolver) Close() error {
	for _, u := range r.upstreams {
		u.close()
	}
	return nil
}

// String returns the servers asked, for reports: "127.0.0.1:53", or several
// with commas, or the tls:// form.
func (r *Resolver) String() string {
	labels := make([]string, len(r.upstreams))
	for i, u := range r.upstreams {
		labels[i] = u.label
	}
	return strings.Join(labels, ", ")
}

// Query implements [Client]. Answers come from the cache as long as their TTL
// allows, failed ones for 5 s. The records are shared: do not change them.
func (r *Resolver) Query(ctx context.Context, name string, rrtype uint16) Answer {
	n, err := parseName(name)
	if err != nil {
		return badName(name, rrtype, err)
	}
	return *r.query(ctx, question{n, rrtype}, nil)
}

func badName(text string, rrtype uint16, err error) Answer {
	return Answer{Name: text, Type: rrtype}.fail(Refused, "not asked: "+err.Error())
}

func (r *Resolver) query(ctx context.Context, q question, t *tally) *Answer {
	if a := r.cached(q); a != nil {
		return a
	}
	a, err := r.flights.do(ctx, q, func() (*Answer, bool) {
		return r.conclude(ctx, q, func() (Answer, error) { return r.resolve(ctx, q, t, 0) })
	})
	if err != nil {
		f := failed(q, err)
		return &f
	}
	return a
}

// cached returns the answer from the cache, with the time it has left; nil if
// there is none.
func (r *Resolver) cached(q question) *Answer {
	now := r.now()
	kept, expires, ok := r.answers.get(q, now)
	if !ok {
		return nil
	}
	a := *kept
	a.TTL = expires.Sub(now)
	if a.Status == Failed {
		a.TTL = 0
	}
	return &a
}

// conclude makes an answer of what work comes to, keeps it, and says whether
// it holds for others who ask the same.
func (r *Resolver) conclude(ctx context.Context, q question, work func() (Answer, error)) (answer *Answer, holds bool) {
	a, err := work()
	if err != nil {
		a = failed(q, err)
	}
	if a.Failure != nil && gaveUp(ctx, err) {
		return &a, false
	}
	r.keep(q, &a)
	return &a, true
}

// gaveUp says whether a failure is the asker's own, whose time or number of
// queries is up, and so tells others nothing.
func gaveUp(ctx context.Context, err error) bool { return ctx.Err() != nil || isBudget(err) }

// keep puts the answer into the cache.
func (r *Resolver) keep(q question, a *Answer) {
	ttl := a.TTL
	if a.Status == Failed {
		ttl = failureTTL
	}
	if ttl <= 0 {
		return
	}
	weight := 512
	for _, rr := range a.Records {
		weight += 96 + 2*rr.Len()
	}
	r.answers.put(q, a, weight, r.now().Add(ttl))
}
