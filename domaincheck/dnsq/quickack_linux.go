package dnsq

import (
	"net"
	"syscall"
)

// quickConn is a TCP connection that acknowledges what it reads at once. A
// server that has Nagle's algorithm on (as Unbound has) waits for the
// acknowledgement of one reply before it sends the next; delayed, that is
// 40 ms for each reply. The kernel resets the option, so each read sets it.
type quickConn struct {
	net.Conn
	raw syscall.RawConn
}

func quickAck(c net.Conn) net.Conn {
	tcp, ok := c.(*net.TCPConn)
	if !ok {
		return c
	}
	raw, err := tcp.SyscallConn()
	if err != nil {
		return c
	}
	return &quickConn{c, raw}
}

func (c *quickConn) Read(b []byte) (int, error) {
	n, err := c.Conn.Read(b)
	c.raw.Control(func(fd uintptr) {
		syscall.SetsockoptInt(int(fd), syscall.IPPROTO_TCP, syscall.TCP_QUICKACK, 1)
	})
	return n, err
}
