package dnstest

import (
	"encoding/binary"
	"io"
	"net"
	"time"

	"codeberg.org/miekg/dns"
)

// forwardTimeout is how long a real server may take.
const forwardTimeout = 5 * time.Second

// buildReply returns the octets of the reply to q, or nil for none.
func buildReply(q *dns.Msg, came Question, wire []byte, act action, z *zones, kn knobs) []byte {
	if act.raw != nil {
		return act.raw(wire)
	}
	k := key{came.Name, came.Type}
	r := reply(q)
	r.Authoritative, r.RecursionAvailable = kn.authority, !kn.authority
	switch {
	case act.rcode != 0:
		r.Rcode = act.rcode
	case act.truncate:
		r.Truncated = true
	case kn.forward != "":
		if r = forward(wire, came.Network, kn.forward); r == nil {
			return nil
		}
	case kn.bogus[bogusZone(k.name, kn)] != nil && !q.CheckingDisabled:
		r.Rcode = dns.RcodeServerFailure
		act.ede = append(act.ede, kn.bogus[bogusZone(k.name, kn)])
	default:
		z.resolve(r, k, q.Security)
		if kn.noFollow && len(r.Answer) > 0 && dns.RRToType(r.Answer[0]) == dns.TypeCNAME {
			r.Answer, r.Ns, r.Rcode = r.Answer[:1], nil, dns.RcodeSuccess
		}
		r.AuthenticatedData = kn.authentic(q, r, k)
	}
	for _, e := range act.ede {
		if q.UDPSize > 0 { // EDE needs EDNS (RFC 8914, section 3)
			r.Pseudo = append(r.Pseudo, e)
		}
	}
	if kn.change != nil {
		kn.change(came, r)
	}
	if err := r.Pack(); err != nil {
		return nil
	}
	limit := dns.MaxMsgSize
	if came.Network == "udp" {
		limit = max(dns.MinMsgSize, int(q.UDPSize))
	}
	if len(r.Data) > limit {
		short := reply(q)
		short.Truncated = true
		short.Rcode = r.Rcode
		if err := short.Pack(); err != nil {
			return nil
		}
		return short.Data
	}
	return r.Data
}

// forward asks a real server; nil if it does not answer.
func forward(wire []byte, network, addr string) *dns.Msg {
	conn, err := net.DialTimeout(network, addr, forwardTimeout)
	if err != nil {
		return nil
	}
	defer conn.Close()
	conn.SetDeadline(time.Now().Add(forwardTimeout))
	if network == "tcp" {
		wire = append(binary.BigEndian.AppendUint16(nil, uint16(len(wire))), wire...)
	}
	if _, err := conn.Write(wire); err != nil {
		return nil
	}
	reply := make([]byte, dns.MaxMsgSize)
	var n int
	if network == "tcp" {
		var length [2]byte
		if _, err := io.ReadFull(conn, length[:]); err != nil {
			return nil
		}
		n, err = io.ReadFull(conn, reply[:binary.BigEndian.Uint16(length[:])])
	} else {
		n, err = conn.Read(reply)
	}
	m := &dns.Msg{Data: reply[:n]}
	if err != nil || m.Unpack() != nil {
		return nil
	}
	return m
}

// reply starts the response to q: same ID and question (in the asker's
// spelling, for those who mix upper and lower case as a nonce).
func reply(q *dns.Msg) *dns.Msg {
	r := new(dns.Msg)
	r.ID, r.Question = q.ID, q.Question
	r.Response, r.RecursionAvailable = true, true
	r.RecursionDesired, r.CheckingDisabled = q.RecursionDesired, q.CheckingDisabled
	if q.UDPSize > 0 {
		r.UDPSize, r.Security = 4096, q.Security
	}
	return r
}
