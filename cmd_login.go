package main

import (
	"fmt"

	"wolkwijs/bot"
	"wolkwijs/store"
)

// loginCmd makes the bot's session by OAuth 2.0. Where the homeserver takes
// passwords `wolkwijs run` does that by itself.
type loginCmd struct {
	Config string `short:"c" default:"config.toml" placeholder:"FILE" help:"Configuration file."`
}

// Run shows where to confirm the login and waits until that is done.
func (c loginCmd) Run(p *program) error {
	cfg, log, err := configured(p, c.Config)
	if err != nil {
		return err
	}
	st, err := store.Open(p.ctx, cfg.Storage.Database)
	if err != nil {
		return err
	}
	defer st.Close()
	err = bot.New(cfg, st, nil, log).LogIn(p.ctx, func(address, code string) {
		fmt.Fprintf(p.errOut, "Open this address, log in as %s and confirm the code %s:\n\n    %s\n\nWaiting…\n", cfg.Matrix.UserID, code, address)
	})
	if err != nil {
		return err
	}
	fmt.Fprintln(p.out, "Logged in. Start the bot with `wolkwijs run`.")
	return nil
}
