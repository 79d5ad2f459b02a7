package domaincheck

import "wolkwijs/domaincheck/dnsq"

// network starts looking up the network of the first address among the
// answers.
func (c *collector) network(named bool, answers ...dnsq.Answer) {
	if c.Networks == nil {
		return
	}
	for _, ip := range addresses(answers...) {
		if !reachable(ip) {
			continue
		}
		c.wait.Go(func() {
			n := c.Networks.Network(c.ctx, c.questions, ip, named)
			c.mu.Lock()
			defer c.mu.Unlock()
			if n.Name != "" || c.facts.Networks[ip].ASN == 0 {
				c.facts.Networks[ip] = n
			}
		})
		return
	}
}
