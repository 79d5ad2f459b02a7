//go:build !linux

package dnsq

import "net"

// quickAck does nothing where the kernel has no such option.
func quickAck(c net.Conn) net.Conn { return c }
