// Package homeserver runs Dendrite, a real Matrix homeserver, on a free port
// of the loopback interface with its data in a folder of the caller. It
// speaks to nobody: federation is off, it knows no other servers, and its
// message queue lives inside its process.
package homeserver

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"wolkwijs/e2e/proc"
)

// ServerName is the name the homeserver goes by: the part of a user ID after
// the colon. RFC 2606 reserves it, so it is nobody's.
const ServerName = "club.example"

const (
	startTimeout = 60 * time.Second // from start to the first answer, on a busy machine
	stopGrace    = 20 * time.Second // from SIGTERM to SIGKILL
	pollInterval = 10 * time.Millisecond
)

// Options are what callers may want otherwise.
type Options struct {
	// Program is the path of Dendrite, as from [Build].
	Program string
	// Dir is an existing folder for its data. Stop leaves it: removing it is
	// for whoever made it.
	Dir string
	// RateLimit switches on rate limiting as public homeservers have it.
	// Registered admins are exempt.
	RateLimit RateLimit
	// Log receives the log; nil: it is thrown away.
	Log io.Writer
}

// RateLimit is how Dendrite limits each user's requests.
type RateLimit struct {
	Threshold int           // requests at once; 0 switches limiting off
	Cooloff   time.Duration // until a request counts no more
}

// Homeserver is a running Dendrite.
type Homeserver struct {
	URL string // base URL for clients, without a slash at the end

	options Options
	secret  string
	process *proc.Process
}

// Start starts Dendrite and waits until it answers.
func Start(ctx context.Context, o Options) (*Homeserver, error) {
	secret, err := randomHex(16)
	if err != nil {
		return nil, err
	}
	h := &Homeserver{options: o, secret: secret}
	if err := h.writeFiles(); err != nil {
		return nil, fmt.Errorf("start the homeserver: %w", err)
	}
	// Between finding a free port and Dendrite taking it, another program
	// may take it; then the next port has to do.
	for range 3 {
		var addr string
		if addr, err = freeAddress(); err != nil {
			break
		}
		if err = h.run(ctx, addr); err == nil || ctx.Err() != nil {
			break
		}
	}
	if err != nil {
		return nil, fmt.Errorf("start the homeserver: %w", err)
	}
	return h, nil
}

// Restart starts a stopped or killed homeserver again, at the same URL and
// with the same data.
func (h *Homeserver) Restart(ctx context.Context) error {
	if err := h.run(ctx, h.URL[len("http://"):]); err != nil {
		return fmt.Errorf("restart the homeserver: %w", err)
	}
	return nil
}

// run starts the process on addr and waits until it answers.
func (h *Homeserver) run(ctx context.Context, addr string) error {
	ctx, cancel := context.WithTimeout(ctx, startTimeout)
	defer cancel()
	p, err := proc.Start(proc.Command{
		Path: h.options.Program,
		Args: []string{"-config", configName, "-http-bind-address", addr},
		Dir:  h.options.Dir,
		Out:  h.options.Log,
		Err:  h.options.Log,
	})
	if err != nil {
		return err
	}
	url := "http://" + addr
	if err := waitUntilUp(ctx, p, url); err != nil {
		return errors.Join(err, p.Kill())
	}
	h.process, h.URL = p, url
	return nil
}

// waitUntilUp asks until the homeserver answers as Matrix servers do. Nothing
// tells when a listener is ready, so it has to be asked again and again.
func waitUntilUp(ctx context.Context, p *proc.Process, url string) error {
	ticker := time.NewTicker(pollInterval)
	defer ticker.Stop()
	for {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, url+"/_matrix/client/versions", nil)
		if err != nil {
			return err
		}
		if resp, err := http.DefaultClient.Do(req); err == nil {
			resp.Body.Close()
			if resp.StatusCode == http.StatusOK {
				return nil
			}
		}
		select {
		case <-ticker.C:
		case <-p.Done():
			return fmt.Errorf("it ended before it answered: %w", p.Err())
		case <-ctx.Done():
			return fmt.Errorf("it did not answer: %w", ctx.Err())
		}
	}
}

// Stop shuts the homeserver down and waits for its end.
func (h *Homeserver) Stop() error {
	if err := h.process.Stop(stopGrace); err != nil {
		return fmt.Errorf("stop the homeserver: %w", err)
	}
	return nil
}

// Kill ends the homeserver as a power cut would.
func (h *Homeserver) Kill() error { return h.process.Kill() }

// Done is closed when the homeserver has ended, for whatever reason.
func (h *Homeserver) Done() <-chan struct{} { return h.process.Done() }

// freeAddress returns a loopback address on which nothing listens.
func freeAddress() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", fmt.Errorf("find a free port: %w", err)
	}
	return l.Addr().String(), l.Close()
}

// writeFiles writes Dendrite's configuration and signing key.
func (h *Homeserver) writeFiles() error {
	key, err := signingKey()
	if err != nil {
		return err
	}
	config, err := h.config()
	if err != nil {
		return err
	}
	return errors.Join(
		os.WriteFile(filepath.Join(h.options.Dir, keyName), key, 0o600),
		os.WriteFile(filepath.Join(h.options.Dir, configName), config, 0o600))
}
