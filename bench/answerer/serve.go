package answerer

import (
	"context"
	"encoding/binary"
	"io"
	"net"
	"sync"
	"time"
)

// Serve answers over UDP on conn until ctx ends, each query after delay; with
// no delay by one goroutine alone.
func (a *Answers) Serve(ctx context.Context, conn *net.UDPConn, delay time.Duration) error {
	conn.SetReadBuffer(4 << 20) // best effort
	conn.SetWriteBuffer(4 << 20)
	stop := context.AfterFunc(ctx, func() { conn.Close() })
	defer stop()
	in, out := make([]byte, 65535), make([]byte, 0, 65535)
	for {
		n, from, err := conn.ReadFromUDPAddrPort(in)
		if ctx.Err() != nil {
			return nil
		}
		if err != nil {
			return err
		}
		if delay > 0 {
			reply := a.Reply(nil, in[:n], udpSize(in[:n]))
			time.AfterFunc(delay, func() { conn.WriteToUDPAddrPort(reply, from) })
			continue
		}
		if out = a.Reply(out[:0], in[:n], udpSize(in[:n])); out != nil {
			conn.WriteToUDPAddrPort(out, from)
		} else {
			out = make([]byte, 0, 65535)
		}
	}
}

// udpSize returns the largest reply that a query takes; its OPT is last.
func udpSize(query []byte) int {
	const opt = 11
	if len(query) > headerOctets+opt && query[11] == 1 && query[len(query)-opt+2] == 41 {
		return max(512, int(binary.BigEndian.Uint16(query[len(query)-opt+3:])))
	}
	return 512
}

// ServeStream answers over TCP, or TLS if the listener speaks that, until ctx
// ends: pipelined queries, each after delay (RFC 7766).
func (a *Answers) ServeStream(ctx context.Context, l net.Listener, delay time.Duration) error {
	stop := context.AfterFunc(ctx, func() { l.Close() })
	defer stop()
	for {
		conn, err := l.Accept()
		if ctx.Err() != nil {
			return nil
		}
		if err != nil {
			return err
		}
		go a.serveConn(ctx, conn, delay)
	}
}

func (a *Answers) serveConn(ctx context.Context, conn net.Conn, delay time.Duration) {
	stop := context.AfterFunc(ctx, func() { conn.Close() })
	defer stop()
	defer conn.Close()
	var write sync.Mutex
	for {
		var length [2]byte
		if _, err := io.ReadFull(conn, length[:]); err != nil {
			return
		}
		query := make([]byte, binary.BigEndian.Uint16(length[:]))
		if _, err := io.ReadFull(conn, query); err != nil {
			return
		}
		time.AfterFunc(delay, func() {
			reply := a.Reply(make([]byte, 2, 512), query, 65535)
			if reply == nil {
				return
			}
			binary.BigEndian.PutUint16(reply, uint16(len(reply)-2))
			write.Lock()
			defer write.Unlock()
			conn.Write(reply) // who has gone needs none
		})
	}
}
