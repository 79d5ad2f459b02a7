package dnsq

import "runtime"

// AddServer lets the resolver ask one more plain server, as resolv.conf may
// name several; there they all have port 53, which tests cannot have.
func AddServer(r *Resolver, addr string) {
	u := newPlain(addr)
	u.slots = make(chan struct{}, defaultMaxInFlight)
	r.upstreams = append(r.upstreams, u)
}

// AsOverNetwork makes the resolver treat its loopback servers as any others:
// not believed, with sockets that rotate and names in mixed case.
func AsOverNetwork(r *Resolver) {
	for _, u := range r.upstreams {
		u.path, u.udp = false, newUDP(u.label, false)
	}
}

// Cached returns how many answers are in the cache.
func Cached(r *Resolver) int { return r.answers.len() }

// WaitForAskers returns once so many wait for the answer to a question that
// another asks.
func WaitForAskers(r *Resolver, text string, rrtype uint16, askers int) {
	n, _ := parseName(text)
	for {
		r.flights.mu.Lock()
		f := r.flights.all[question{n, rrtype}]
		waiting := f != nil && f.waiting == askers
		r.flights.mu.Unlock()
		if waiting {
			return
		}
		runtime.Gosched()
	}
}
