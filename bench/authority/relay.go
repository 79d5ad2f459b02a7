package authority

import (
	"context"
	"encoding/binary"
	"net"
	"net/netip"
	"sync"
	"time"
)

// relay passes UDP queries for a name server on to it, and its answers back
// after delay. Nothing of this world needs TCP.
func relay(ctx context.Context, server string, delay time.Duration) error {
	in, err := net.ListenUDP("udp", &net.UDPAddr{IP: net.ParseIP(server), Port: 53})
	if err != nil {
		return err
	}
	out, err := net.DialUDP("udp", nil, &net.UDPAddr{IP: net.ParseIP(server), Port: 5353})
	if err != nil {
		in.Close()
		return err
	}
	defer context.AfterFunc(ctx, func() { in.Close(); out.Close() })()
	type asker struct {
		addr netip.AddrPort
		id   uint16
	}
	var mu sync.Mutex
	waiting := map[uint16]asker{}
	go func() {
		buf := make([]byte, 65535)
		for {
			n, err := out.Read(buf)
			if err != nil {
				return
			}
			if n < 12 {
				continue
			}
			id := binary.BigEndian.Uint16(buf)
			mu.Lock()
			to, ok := waiting[id]
			delete(waiting, id)
			mu.Unlock()
			if !ok {
				continue
			}
			reply := append([]byte(nil), buf[:n]...)
			binary.BigEndian.PutUint16(reply, to.id)
			time.AfterFunc(delay, func() { in.WriteToUDPAddrPort(reply, to.addr) })
		}
	}()
	buf := make([]byte, 65535)
	for next := uint16(0); ; next++ {
		n, from, err := in.ReadFromUDPAddrPort(buf)
		if err != nil {
			return err
		}
		if n < 12 {
			continue
		}
		mu.Lock()
		waiting[next] = asker{from, binary.BigEndian.Uint16(buf)}
		mu.Unlock()
		binary.BigEndian.PutUint16(buf, next)
		if _, err := out.Write(buf[:n]); err != nil {
			return err
		}
	}
}
