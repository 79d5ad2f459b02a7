// Demo lets anybody talk to the bot in real encrypted rooms with nothing but
// this source tree: it starts a homeserver of its own on loopback, the real
// bot, and a client of a club member. On a terminal it gives a prompt;
// without one it plays a tour and exits with 0 only if each question was
// answered. `make demo` runs it. With -pictures it plays two conversations and
// has Chromium draw them (`make screenshots`). Whatever happens, it leaves no process and
// no file behind.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"golang.org/x/term"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	resolver := flag.String("resolver", "system", "the `address` of the resolver that the bot asks")
	pictures := flag.String("pictures", "", "make pictures of two conversations in this `folder`, and no tour")
	flag.Parse()
	err := run(ctx, *resolver, *pictures)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "demo:", err)
		os.Exit(1)
	}
}

// run sets the stage, plays, and clears the stage.
func run(ctx context.Context, resolver, pictures string) (err error) {
	if pictures != "" {
		zone, err := startZone()
		if err != nil {
			return err
		}
		defer zone.Stop()
		resolver = zone.Addr()
	}
	s, err := newStage(ctx, resolver)
	if err != nil {
		return err
	}
	s.offline = pictures != ""
	defer func() {
		if err != nil && !errors.Is(err, errInterrupted) {
			fmt.Fprintf(os.Stderr, "demo: the bot's log ended with:\n%s", s.log)
		}
		err = errors.Join(err, s.clear())
	}()
	if err := s.set(); err != nil {
		return s.reason(err)
	}
	if pictures != "" {
		return s.reason(draw(s, pictures))
	}
	if term.IsTerminal(int(os.Stdin.Fd())) && term.IsTerminal(int(os.Stdout.Fd())) {
		return s.reason(prompt(s))
	}
	return s.reason(tour(s, os.Stdout))
}
