package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/rs/zerolog"

	"wolkwijs/answer"
	"wolkwijs/bot"
	"wolkwijs/commands"
	"wolkwijs/config"
	"wolkwijs/domaincheck"
	"wolkwijs/domaincheck/dnsq"
	"wolkwijs/knowledge"
	"wolkwijs/lang"
	"wolkwijs/metrics"
	"wolkwijs/schedule"
	"wolkwijs/store"
	"wolkwijs/tomlfile"
)

// runCmd is the bot itself.
type runCmd struct {
	Config      string `short:"c" default:"config.toml" placeholder:"FILE" help:"Configuration file."`
	Listen      string `placeholder:"ADDR" help:"Where to serve health and metrics if the configuration does not say (metrics.listen)."`
	ResetDevice bool   `help:"Log in anew first, for when the homeserver logged the bot out or its encryption keys are lost."`
}

// Run answers until the program is told to stop.
func (c runCmd) Run(p *program) error {
	cfg, log, err := configured(p, c.Config)
	if err != nil {
		return err
	}
	if cfg.Metrics.Listen == "" {
		cfg.Metrics.Listen = c.Listen
	}
	return c.serve(p, cfg, log)
}

// serve opens what the bot needs and runs it.
func (c runCmd) serve(p *program, cfg *config.Config, log zerolog.Logger) error {
	log.Info().Str("version", versionText()).Int("pid", os.Getpid()).Msg("Starting")
	kb, err := knowledge.Open(cfg.Knowledge.Dir)
	if err != nil {
		return wrongUse{err}
	}
	st, err := store.Open(p.ctx, cfg.Storage.Database)
	if err != nil {
		return err
	}
	defer st.Close()
	m := metrics.New(versionText())
	checker, end, err := c.checker(kb, cfg.DNS, m)
	if err != nil {
		return err
	}
	defer end()
	service := commands.New(commands.Options{
		Knowledge: kb,
		Checker:   checker,
		Prefix:    cfg.Bot.Prefix,
		Language:  cfg.Bot.Language,
		Version:   versionText(),
		TipRule:   schedule.Weekly(cfg.Schedule.Tip.Day, cfg.Schedule.Tip.Hour, cfg.Schedule.Tip.Minute),
		Zone:      cfg.Bot.Timezone.Location,
		Reaches:   reaches(cfg.DNS),
		SelfTest:  checker.SelfTest,
	})
	b := bot.New(cfg, st, service, log)
	b.PostTips(service)
	b.Watch(service)
	b.Count(m)
	if c.ResetDevice {
		if err := b.ResetDevice(p.ctx); err != nil {
			return err
		}
	}
	b.Also(func(ctx context.Context) { logResolver(ctx, checker.SelfTest, log) })
	if cfg.Knowledge.Dir != "" {
		b.Also(func(ctx context.Context) { watchKnowledge(ctx, kb, b, log) })
	}
	return b.Run(p.ctx)
}

// checker returns a checker as the configuration says, whose queries m counts,
// and what to call when it is no longer needed.
func (runCmd) checker(kb *knowledge.Store, cfg config.DNS, m *metrics.Metrics) (*domaincheck.Checker, func() error, error) {
	flags := resolverFlags{Resolver: cfg.Resolver, ASN: cfg.ASN, Policy: cfg.MTASTSPolicy, Anchor: cfg.TrustAnchorFile}
	return flags.checker(kb, dnsq.Config{
		Timeout: cfg.Timeout.Duration,
		Count:   func(rrtype string, came dnsq.Outcome) { m.DNS(rrtype, string(came)) },
	})
}

// logResolver tells the operator at the start what the DNS servers are good for.
func logResolver(ctx context.Context, selfTest func(context.Context) []dnsq.SelfTest, log zerolog.Logger) {
	for _, s := range selfTest(ctx) {
		if ctx.Err() != nil {
			return
		}
		level, message := zerolog.InfoLevel, "DNS resolver validates DNSSEC"
		switch {
		case !s.Reached:
			level, message = zerolog.WarnLevel, "DNS resolver does not answer: look at dns.resolver"
		case !s.SafePath:
			message = "DNS resolver is asked over the network in the clear: DNSSEC is validated here"
		case !s.Believed:
			message = "DNS resolver does not validate DNSSEC: that is done here"
		}
		log.WithLevel(level).Str("server", s.Server).Msg(message)
	}
}

// lookEvery is how often the operator's knowledge files are looked at.
const lookEvery = 2 * time.Second

// watchKnowledge reloads the operator's knowledge files when they change. A
// broken one is logged with its place and told to the bot's admins.
func watchKnowledge(ctx context.Context, kb *knowledge.Store, b *bot.Bot, log zerolog.Logger) {
	ticker := time.NewTicker(lookEvery)
	defer ticker.Stop()
	kb.Watch(ctx, ticker.C, func(refused error) {
		if refused == nil {
			log.Info().Msg("Knowledge reloaded")
			return
		}
		log.Error().Str("fault", knowledge.FirstFault(refused)).Msg("Changed knowledge refused; the old stays in use")
		key := "knowledge " + time.Now().Format(time.RFC3339)
		say := func(l lang.Code) *answer.Answer { return commands.KnowledgeRefused(l, refused) }
		if err := b.TellAdmins(ctx, key, say); err != nil && ctx.Err() == nil {
			log.Warn().Err(err).Msg("Cannot tell the admins")
		}
	})
}

// configured reads a configuration and starts the log as it says.
func configured(p *program, file string) (*config.Config, zerolog.Logger, error) {
	cfg, warnings, err := config.Load(file)
	if err != nil {
		if errors.As(err, new(tomlfile.Errors)) {
			fmt.Fprintln(p.errOut, err)
			err = fmt.Errorf("%s is not right yet", file)
		}
		return nil, zerolog.Nop(), wrongUse{err}
	}
	log := bot.NewLog(cfg.Log, p.errOut)
	for _, w := range warnings {
		log.Warn().Str("where", w).Msg("Configuration")
	}
	return cfg, log, nil
}
