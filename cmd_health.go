package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"wolkwijs/config"
)

// healthCmd asks a running bot how it is, for those who look after a
// container: an image with one program in it has no other to ask with.
type healthCmd struct {
	Config string `short:"c" default:"config.toml" placeholder:"FILE" help:"Configuration file."`
	Listen string `default:"127.0.0.1:9464" placeholder:"ADDR" help:"Where to ask if the configuration does not say (metrics.listen)."`
}

// healthFor is how long the bot may take to answer.
const healthFor = 5 * time.Second

// Run prints the bot's word on /healthz. A bot that is not well, or does not
// answer, gives exit code 1.
func (c healthCmd) Run(p *program) error {
	cfg, _, err := config.Load(c.Config)
	if err != nil {
		return wrongUse{err}
	}
	address := cfg.Metrics.Listen
	if address == "" {
		address = c.Listen
	}
	ctx, cancel := context.WithTimeout(p.ctx, healthFor)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+address+"/healthz", nil)
	if err != nil {
		return wrongUse{fmt.Errorf("metrics.listen: %w", err)}
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return fmt.Errorf("the bot does not answer at %s (does it run, and with metrics.listen or --listen?): %w", address, err)
	}
	defer resp.Body.Close()
	said, err := io.ReadAll(io.LimitReader(resp.Body, 1024))
	if err != nil {
		return fmt.Errorf("the bot broke off its answer: %w", err)
	}
	word := strings.TrimSpace(string(said))
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("the bot is not well: %s", word)
	}
	fmt.Fprintln(p.out, word)
	return nil
}
