package bot

import (
	"context"
	"net"
	"os"
	"strconv"
	"time"
)

// notify tells the service manager about the bot's state (sd_notify(3)).
// Without one it does nothing.
func notify(state string) {
	socket := os.Getenv("NOTIFY_SOCKET")
	if socket == "" {
		return
	}
	if socket[0] == '@' {
		socket = "\x00" + socket[1:] // abstract namespace
	}
	conn, err := net.DialUnix("unixgram", nil, &net.UnixAddr{Name: socket, Net: "unixgram"})
	if err != nil {
		return // the service manager notices by itself
	}
	defer conn.Close()
	_, _ = conn.Write([]byte(state))
}

// watchdog tells the service manager that the bot is alive, twice in each
// period that it watches (sd_watchdog_enabled(3)). A loop that hangs does not
// report, so the service manager starts the bot anew. A homeserver that is
// away does not count: starting anew would not bring it back.
func (b *Bot) watchdog(ctx context.Context) {
	period, err := strconv.ParseInt(os.Getenv("WATCHDOG_USEC"), 10, 64)
	if err != nil || period <= 0 {
		return
	}
	for sleep(ctx, time.Duration(period)*time.Microsecond/2) {
		if time.Since(b.lastLoop()) < 2*time.Minute+2*b.times.maxBackoff {
			notify("WATCHDOG=1")
		}
	}
}

// lastLoop is when the sync loop last came by.
func (b *Bot) lastLoop() time.Time {
	at, _ := b.looped.Load().(time.Time)
	return at
}
