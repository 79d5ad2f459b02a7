package dnsq

import (
	"context"
	"sync"
)

// flights make those who ask the same thing at the same time share one
// asking: the first does the work, the others wait for it.
type flights[K comparable, V any] struct {
	mu  sync.Mutex
	all map[K]*flight[V]
}

type flight[V any] struct {
	done    chan struct{} // nil as long as nobody waits
	value   V
	holds   bool // the value holds for those who wait too
	waiting int
}

// do returns what work returns for the key. work says whether its value holds
// for others, which it does not if the one who asked has given up: then one of
// those who wait does the work anew. The error is that of ctx, if it ends
// while waiting.
func (f *flights[K, V]) do(ctx context.Context, key K, work func() (value V, holds bool)) (V, error) {
	for {
		fl, led := f.join(key, nil)
		if led {
			func() {
				defer f.leave(key, fl) // those who wait must not wait for ever, whatever happens
				fl.value, fl.holds = work()
			}()
			return fl.value, nil
		}
		select {
		case <-fl.done:
			if fl.holds {
				return fl.value, nil
			}
		case <-ctx.Done():
			var none V
			return none, ctx.Err()
		}
	}
}

// join returns the flight for the key. led is true if it has to be flown; it
// is then own, or a new one if own is nil.
func (f *flights[K, V]) join(key K, own *flight[V]) (fl *flight[V], led bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if fl, ok := f.all[key]; ok {
		if fl.done == nil {
			fl.done = make(chan struct{})
		}
		fl.waiting++
		return fl, false
	}
	if f.all == nil {
		f.all = make(map[K]*flight[V])
	}
	if own == nil {
		own = new(flight[V])
	}
	f.all[key] = own
	return own, true
}

// leave ends a flight whose value is set.
func (f *flights[K, V]) leave(key K, fl *flight[V]) {
	f.mu.Lock()
	delete(f.all, key)
	done := fl.done
	f.mu.Unlock()
	if done != nil {
		close(done)
	}
}
