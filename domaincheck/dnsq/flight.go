package dnsq

import (
	"context"
	"sync"
)

// flights makes those who ask the same thing at the same time share one
// asking. The work has a context of its own, so that one who gives up does
// not fail the others; it ends when all have given up.
type flights[K comparable, V any] struct {
	mu  sync.Mutex
	all map[K]*flight[V]
}

type flight[V any] struct {
	done    chan struct{}
	value   V
	waiting int
	cancel  context.CancelFunc
}

// do returns what work returns for the key. led is true for the one whose
// work it was. The error is that of ctx, if it ends first.
func (f *flights[K, V]) do(ctx context.Context, key K, work func(context.Context) V) (value V, led bool, err error) {
	f.mu.Lock()
	if f.all == nil {
		f.all = make(map[K]*flight[V])
	}
	fl, ok := f.all[key]
	if !ok {
		own, cancel := context.WithCancel(context.WithoutCancel(ctx))
		fl = &flight[V]{done: make(chan struct{}), cancel: cancel}
		f.all[key] = fl
		led = true
		go func() {
			v := work(own)
			f.mu.Lock()
			fl.value = v
			f.forget(key, fl)
			f.mu.Unlock()
			cancel()
			close(fl.done)
		}()
	}
	fl.waiting++
	f.mu.Unlock()

	select {
	case <-fl.done:
		return fl.value, led, nil
	case <-ctx.Done():
		f.mu.Lock()
		if fl.waiting--; fl.waiting == 0 {
			fl.cancel()
			f.forget(key, fl) // one who comes now starts anew
		}
		f.mu.Unlock()
		return value, led, ctx.Err()
	}
}

// forget removes the flight, unless another has taken its place.
func (f *flights[K, V]) forget(key K, fl *flight[V]) {
	if f.all[key] == fl {
		delete(f.all, key)
	}
}
