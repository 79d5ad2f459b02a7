// Package proxy stands between the bot and its homeserver and breaks what
// goes through it: connections are reset, answers come late, and requests are
// refused for being too many. It listens on the loopback interface alone.
package proxy

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"
)

// Proxy is a running proxy.
type Proxy struct {
	URL string // base URL for clients, without a slash at the end

	target    string
	server    *http.Server
	transport *http.Transport

	mu     sync.Mutex
	conns  map[net.Conn]bool
	delay  time.Duration
	refuse time.Duration // Retry-After of refusals; 0: nothing is refused
	count  Counts
}

// Counts says how often something was done to a request.
type Counts struct {
	Passed, Delayed, Refused, Reset int
}

// Start starts a proxy for the homeserver at the base URL target.
func Start(target string) (*Proxy, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("start the proxy: %w", err)
	}
	p := &Proxy{
		URL:       "http://" + listener.Addr().String(),
		target:    target,
		transport: &http.Transport{MaxIdleConnsPerHost: 64},
		conns:     map[net.Conn]bool{},
	}
	p.server = &http.Server{Handler: p, ConnState: p.note}
	go p.server.Serve(listener) // ends with Close
	return p, nil
}

// Close ends the proxy and all that goes through it.
func (p *Proxy) Close() error {
	err := p.server.Close()
	p.transport.CloseIdleConnections()
	return err
}

// note keeps the list of open connections.
func (p *Proxy) note(c net.Conn, state http.ConnState) {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch state {
	case http.StateNew:
		p.conns[c] = true
	case http.StateClosed, http.StateHijacked:
		delete(p.conns, c)
	}
}

// Reset resets all connections (RST): requests that are on their way arrive,
// and their answers do not.
func (p *Proxy) Reset() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for c := range p.conns {
		if tcp, ok := c.(*net.TCPConn); ok {
			_ = tcp.SetLinger(0)
		}
		c.Close()
		p.count.Reset++
	}
}

// Delay has every answer come later by d, from now on.
func (p *Proxy) Delay(d time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.delay = d
}

// Refuse refuses every request as one too many, asking for a pause in whole
// seconds; 0 lets them through again.
func (p *Proxy) Refuse(pause time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.refuse = pause
}

// Counts returns what was done so far.
func (p *Proxy) Counts() Counts {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.count
}

// plan decides what happens to a request.
func (p *Proxy) plan() (delay, refuse time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch {
	case p.refuse > 0:
		p.count.Refused++
	case p.delay > 0:
		p.count.Delayed++
	default:
		p.count.Passed++
	}
	return p.delay, p.refuse
}

// ServeHTTP implements [http.Handler].
func (p *Proxy) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	delay, refuse := p.plan()
	if refuse > 0 {
		w.Header().Set("Retry-After", fmt.Sprint(int(refuse.Seconds())))
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusTooManyRequests)
		fmt.Fprintf(w, `{"errcode":"M_LIMIT_EXCEEDED","error":"Too many requests","retry_after_ms":%d}`, refuse.Milliseconds())
		return
	}
	resp, err := p.forward(r)
	if err != nil {
		http.Error(w, "Bad Gateway", http.StatusBadGateway) // as proxies say it, which is not JSON
		return
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	timer := time.NewTimer(delay)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-r.Context().Done():
		return
	}
	maps.Copy(w.Header(), resp.Header)
	w.WriteHeader(resp.StatusCode)
	_, _ = w.Write(body)
}

// forward sends a request on. The homeserver carries it out also when the
// client has gone, unless it is one that only asks.
func (p *Proxy) forward(r *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	ctx := r.Context()
	if r.Method != http.MethodGet {
		ctx = context.WithoutCancel(ctx)
	}
	out, err := http.NewRequestWithContext(ctx, r.Method, p.target+r.URL.RequestURI(), bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	for name, values := range r.Header {
		if !strings.EqualFold(name, "Connection") {
			out.Header[name] = values
		}
	}
	return p.transport.RoundTrip(out)
}
