package dnsq

import (
	"testing"
	"time"
)

// TestWhatIsSharedStays puts much that nobody asks for again into a cache.
func TestWhatIsSharedStays(t *testing.T) {
	c := newCache[int, string](100)
	now := time.Now()
	put := func(key int) { c.put(key, "", 1, now.Add(time.Hour)) }
	has := func(key int) bool { _, _, ok := c.get(key, now); return ok }
	for key := range 50 {
		put(key)
		has(key)
	}
	for key := 1000; key < 2000; key++ {
		put(key)
	}
	for key := range 50 {
		if !has(key) {
			t.Fatalf("%d was asked for twice, and is gone", key)
		}
	}
	if !has(1999) || has(1900) || c.len() != 100 {
		t.Errorf("of the others the newest: %v %v, %d in all", has(1999), has(1900), c.len())
	}
	for key := 3000; key < 3200; key++ { // all known: the oldest of them go
		put(key)
		has(key)
	}
	if !has(3199) || has(0) || c.len() != 100 {
		t.Errorf("%v %v, %d in all", has(3199), has(0), c.len())
	}
	if c.clear(); c.len() != 0 || has(3199) {
		t.Error("not clear")
	}
}
