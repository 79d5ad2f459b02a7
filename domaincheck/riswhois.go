package domaincheck

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"strconv"
	"strings"
	"sync"
	"time"

	"wolkwijs/domaincheck/dnsq"
)

// RISWhois finds networks through the RIS whois service of the RIPE NCC, over
// a TCP connection per address block. As with [Cymru], no more of the address
// is sent than is needed.
type RISWhois struct {
	// Dial opens the connection; nil: net.Dialer.
	Dial func(ctx context.Context, network, address string) (net.Conn, error)

	mu    sync.Mutex
	known map[netip.Prefix]risEntry
}

type risEntry struct {
	network Network
	until   time.Time
}

const (
	risServer  = "riswhois.ripe.net:43"
	risTimeout = 3 * time.Second
	risTTL     = time.Hour // routes change seldom
	risEntries = 10000
	risReply   = 16 << 10 // bytes of a reply that are read
)

// Network implements [Networks]. The country is not known to this service.
func (r *RISWhois) Network(ctx context.Context, _ dnsq.Client, ip netip.Addr, _ bool) Network {
	block := blockOf(ip)
	now := time.Now()
	r.mu.Lock()
	e, ok := r.known[block]
	r.mu.Unlock()
	if ok && now.Before(e.until) {
		return e.network
	}
	n, err := r.ask(ctx, block)
	if err != nil {
		return Network{Failed: true}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.known == nil || len(r.known) >= risEntries {
		r.known = map[netip.Prefix]risEntry{}
	}
	r.known[block] = risEntry{n, now.Add(risTTL)}
	return n
}

// blockOf is the block of an address that is asked for: /24 or /48.
func blockOf(ip netip.Addr) netip.Prefix {
	ip = ip.Unmap()
	bits := 48
	if ip.Is4() {
		bits = 24
	}
	return netip.PrefixFrom(ip, bits).Masked()
}

// ask asks for one block: lines of "key: value", with "origin" as the number
// and "descr" as the name of the autonomous system.
func (r *RISWhois) ask(ctx context.Context, block netip.Prefix) (Network, error) {
	ctx, cancel := context.WithTimeout(ctx, risTimeout)
	defer cancel()
	dial := r.Dial
	if dial == nil {
		dial = (&net.Dialer{}).DialContext
	}
	conn, err := dial(ctx, "tcp", risServer)
	if err != nil {
		return Network{}, err
	}
	defer conn.Close()
	stop := context.AfterFunc(ctx, func() { conn.Close() })
	defer stop()
	if _, err := fmt.Fprintf(conn, "-1 -M %s\r\n", block.Addr()); err != nil {
		return Network{}, err
	}
	var n Network
	lines := bufio.NewScanner(io.LimitReader(conn, risReply))
	for lines.Scan() {
		key, value, _ := strings.Cut(lines.Text(), ":")
		value = strings.TrimSpace(value)
		switch {
		case key == "origin" && n.ASN == 0:
			asn, err := strconv.ParseUint(strings.TrimPrefix(value, "AS"), 10, 32)
			if err == nil {
				n.ASN = uint32(asn)
			}
		case key == "descr" && n.Name == "":
			n.Name = value
		}
	}
	if err := lines.Err(); err != nil {
		return Network{}, err
	}
	if ctx.Err() != nil {
		return Network{}, errors.New("riswhois: no answer in time")
	}
	return n, nil
}
