package bot

import (
	"bytes"
	"errors"
	"net"
	"os"
	"path/filepath"
)

// notify is a service manager's end of the protocol by which a service tells
// that it is ready (sd_notify(3)).
type notify struct {
	dir   string
	conn  *net.UnixConn
	ready chan struct{} // closed when the service has told
}

// newNotify listens on a socket in a folder of its own: a socket's path may
// not be long.
func newNotify() (*notify, error) {
	dir, err := os.MkdirTemp("", "notify-")
	if err != nil {
		return nil, err
	}
	conn, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: filepath.Join(dir, "s"), Net: "unixgram"})
	if err != nil {
		return nil, errors.Join(err, os.RemoveAll(dir))
	}
	n := &notify{dir: dir, conn: conn, ready: make(chan struct{})}
	go n.listen()
	return n, nil
}

// env is the environment variable that tells the service about the socket.
func (n *notify) env() string { return "NOTIFY_SOCKET=" + filepath.Join(n.dir, "s") }

func (n *notify) listen() {
	message := make([]byte, 4096)
	for {
		size, err := n.conn.Read(message)
		if err != nil {
			return // closed
		}
		for line := range bytes.Lines(message[:size]) {
			if string(bytes.TrimSpace(line)) == "READY=1" {
				close(n.ready)
				return
			}
		}
	}
}

// close ends the listening. What the service tells later goes nowhere.
func (n *notify) close() {
	n.conn.Close()
	os.RemoveAll(n.dir)
}
