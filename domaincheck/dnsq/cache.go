package dnsq

import (
	"sync"
	"time"
)

// cache keeps values until they expire, at most so many, and drops those not
// used for longest first. Values that nobody has asked for a second time give
// way to the others as long as they fill more than a quarter: a survey of many
// domains, each with its own names, does not push out what they share. It is
// safe for concurrent use.
type cache[K comparable, V any] struct {
	mu    sync.Mutex
	max   int // weight of all values together
	items map[K]*item[K, V]
	fresh ring[K, V] // asked for once
	known ring[K, V] // asked for again
}

type item[K comparable, V any] struct {
	key     K
	value   V
	expires time.Time
	weight  int

	in           *ring[K, V]
	newer, older *item[K, V]
}

// ring has items in the order of their last use.
type ring[K comparable, V any] struct {
	weight         int // of all items together
	newest, oldest *item[K, V]
}

func newCache[K comparable, V any](maxWeight int) *cache[K, V] {
	return &cache[K, V]{max: maxWeight, items: make(map[K]*item[K, V])}
}

// get returns the value and when it expires.
func (c *cache[K, V]) get(key K, now time.Time) (value V, expires time.Time, ok bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	it, ok := c.items[key]
	if !ok {
		return value, expires, false
	}
	if !now.Before(it.expires) {
		c.remove(it)
		return value, expires, false
	}
	if c.known.newest != it {
		it.in.unlink(it)
		c.known.push(it)
	}
	return it.value, it.expires, true
}

// put keeps the value until it expires or room is needed.
func (c *cache[K, V]) put(key K, value V, weight int, expires time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	in := &c.fresh
	if it, ok := c.items[key]; ok {
		in = it.in
		c.remove(it)
	}
	if weight > c.max {
		return
	}
	it := &item[K, V]{key: key, value: value, expires: expires, weight: weight}
	c.items[key] = it
	in.push(it)
	for c.fresh.weight+c.known.weight > c.max {
		if c.fresh.weight > c.max/4 || c.known.oldest == nil {
			c.remove(c.fresh.oldest)
		} else {
			c.remove(c.known.oldest)
		}
	}
}

func (c *cache[K, V]) remove(it *item[K, V]) {
	it.in.unlink(it)
	delete(c.items, it.key)
}

// clear forgets everything.
func (c *cache[K, V]) clear() {
	c.mu.Lock()
	defer c.mu.Unlock()
	clear(c.items)
	for _, r := range []*ring[K, V]{&c.fresh, &c.known} {
		r.weight, r.newest, r.oldest = 0, nil, nil
	}
}

// len returns how many values are kept, expired ones included.
func (c *cache[K, V]) len() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.items)
}

func (r *ring[K, V]) push(it *item[K, V]) {
	it.in, it.newer, it.older = r, nil, r.newest
	if r.newest == nil {
		r.oldest = it
	} else {
		r.newest.newer = it
	}
	r.newest = it
	r.weight += it.weight
}

func (r *ring[K, V]) unlink(it *item[K, V]) {
	if it.newer == nil {
		r.newest = it.older
	} else {
		it.newer.older = it.older
	}
	if it.older == nil {
		r.oldest = it.newer
	} else {
		it.older.newer = it.newer
	}
	r.weight -= it.weight
	it.newer, it.older = nil, nil
}
