package dnsq

import (
	"container/list"
	"sync"
	"time"
)

// cache keeps values until they expire, at most so many, and drops those not
// used for longest first. It is safe for concurrent use.
type cache[K comparable, V any] struct {
	mu     sync.Mutex
	max    int // weight of all values together
	weight int
	items  map[K]*list.Element
	recent *list.List // of *item[K, V], the last used first
}

type item[K comparable, V any] struct {
	key     K
	value   V
	expires time.Time
	weight  int
}

func newCache[K comparable, V any](maxWeight int) *cache[K, V] {
	return &cache[K, V]{max: maxWeight, items: make(map[K]*list.Element), recent: list.New()}
}

// get returns the value and when it expires.
func (c *cache[K, V]) get(key K, now time.Time) (value V, expires time.Time, ok bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	e, ok := c.items[key]
	if !ok {
		return value, expires, false
	}
	it := e.Value.(*item[K, V])
	if !now.Before(it.expires) {
		c.remove(e)
		return value, expires, false
	}
	c.recent.MoveToFront(e)
	return it.value, it.expires, true
}

// put keeps the value until it expires or room is needed.
func (c *cache[K, V]) put(key K, value V, weight int, expires time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if e, ok := c.items[key]; ok {
		c.remove(e)
	}
	if weight > c.max {
		return
	}
	c.items[key] = c.recent.PushFront(&item[K, V]{key, value, expires, weight})
	for c.weight += weight; c.weight > c.max; {
		c.remove(c.recent.Back())
	}
}

func (c *cache[K, V]) remove(e *list.Element) {
	it := c.recent.Remove(e).(*item[K, V])
	delete(c.items, it.key)
	c.weight -= it.weight
}

// clear forgets everything.
func (c *cache[K, V]) clear() {
	c.mu.Lock()
	defer c.mu.Unlock()
	clear(c.items)
	c.recent.Init()
	c.weight = 0
}

// len returns how many values are kept, expired ones included.
func (c *cache[K, V]) len() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.items)
}
