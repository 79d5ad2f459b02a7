package bot

import (
	"context"
	"errors"
	"time"

	"wolkwijs/store"
)

// errLeadLost means that another instance may work with the database now.
var errLeadLost = errors.New("the database no longer knows this instance as the leading one")

// Run logs in if need be and answers until ctx ends. What was asked before
// that is still answered, for ten seconds at most. The error says what a
// person must do; failures that pass by themselves are waited out.
//
// Of several instances on one PostgreSQL database one leads and the others
// stand by; when it ends or dies, another takes over.
func (b *Bot) Run(ctx context.Context) error {
	b.started = b.store.Now()
	b.metrics.Queue(b.depth)
	if address := b.cfg.Metrics.Listen; address != "" {
		serving, stop := context.WithCancel(context.WithoutCancel(ctx))
		defer stop()
		if err := b.serveHealth(serving, address, b.metrics); err != nil {
			return err
		}
	}
	for {
		err := b.lead(ctx)
		switch {
		case ctx.Err() != nil && errors.Is(err, context.Canceled):
			return nil
		case errors.Is(err, errLeadLost):
			b.log.Warn().Msg("Another instance may lead now; standing by")
			continue
		}
		return err
	}
}

// lead waits for its turn and works until that or ctx ends.
func (b *Bot) lead(ctx context.Context) error {
	var leading context.Context
	var release func()
	err := b.patiently(ctx, "Waiting for the database", func() (err error) {
		leading, release, err = b.store.Lead(ctx, func() {
			b.standby.Store(true)
			b.log.Info().Msg("Another instance leads; standing by")
			notify("READY=1")
		})
		if errors.Is(err, store.ErrBusy) {
			return final{err}
		}
		return err
	})
	if err != nil {
		return err
	}
	defer release()
	b.standby.Store(false)
	err = b.term(ctx, leading)
	if leading.Err() != nil && ctx.Err() == nil {
		return errLeadLost
	}
	return err
}

// term is the work from login to drained queues. When ctx ends it finishes
// what was asked; when the lead is lost it drops everything at once, because
// another instance goes on with it.
func (b *Bot) term(ctx, leading context.Context) error {
	work, stop := context.WithCancel(context.WithoutCancel(ctx))
	defer stop()
	dropped := context.AfterFunc(leading, func() {
		if ctx.Err() == nil {
			stop()
		}
	})
	defer dropped()
	b.work, b.stopping = work, leading
	b.keyless = newKeyless()
	b.queues = newQueues(func(in incoming) { b.handle(work, in) })
	b.seen.Store(b.queues)
	b.hearing.Store(false)

	if err := b.connect(leading); err != nil {
		return err
	}
	if err := b.setUpEncryption(leading); err != nil {
		return err
	}
	if err := b.resume(leading); err != nil {
		return err
	}
	b.introduce(leading)
	b.pendingInvites(leading)
	b.log.Info().Bool("encryption", b.crypto != nil).Msg("Ready")
	notify("READY=1")
	b.aside(b.watchdog)
	b.aside(b.tidy)
	b.aside(b.watchQueues)
	b.aside(b.describeAll)
	b.aside(b.fetchDevices)
	for _, fn := range b.also {
		b.aside(fn)
	}

	jobs := b.newJobs()
	b.jobs.Store(jobs)
	begun := make(chan struct{})
	until, stopJobs := context.WithCancel(leading)
	defer stopJobs()
	go func() {
		defer close(begun)
		jobs.untilDone(until)
	}()

	err := b.syncUntilDone(leading)
	notify("STOPPING=1")
	stopJobs()
	<-begun // nothing is put in the queues any more
	drained := make(chan struct{})
	go func() {
		b.queues.wait()
		close(drained)
	}()
	select {
	case <-drained:
	case <-time.After(b.times.drain):
		b.log.Warn().Msg("Some questions are still open; they are answered after the next start")
	}
	stop()
	<-drained
	b.helper.Wait()
	b.log.Info().Msg("Stopped")
	return err
}

// tidy forgets handled events whose time is up, now and then.
func (b *Bot) tidy(ctx context.Context) {
	for {
		if err := b.store.Expire(ctx, b.times.remember); err != nil && ctx.Err() == nil {
			b.log.Warn().Err(err).Msg("Cannot forget old events")
		}
		if !sleep(ctx, 6*time.Hour) {
			return
		}
	}
}

// depth is how many events wait for an answer.
func (b *Bot) depth() int {
	if q := b.seen.Load(); q != nil {
		return q.depth()
	}
	return 0
}
