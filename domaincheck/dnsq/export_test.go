package dnsq

// AddServer lets the resolver ask one more plain server, as resolv.conf may
// name several; there they all have port 53, which tests cannot have.
func AddServer(r *Resolver, addr string) {
	u := newPlain(addr)
	u.slots = make(chan struct{}, defaultMaxInFlight)
	r.upstreams = append(r.upstreams, u)
}
