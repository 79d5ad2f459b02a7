package main

import (
	"errors"
	"fmt"
	"os"

	"wolkwijs/config"
	"wolkwijs/domaincheck/dnsq"
	"wolkwijs/knowledge"
	"wolkwijs/tomlfile"
)

// configCmd is about the configuration file.
type configCmd struct {
	Check configCheckCmd `cmd:"" help:"Say what is wrong with a configuration, with file, line and column."`
}

// configCheckCmd checks a configuration without starting anything.
type configCheckCmd struct {
	Config string `short:"c" default:"config.toml" placeholder:"FILE" help:"Configuration file."`
}

// Run prints every fault, or that there is none. Faults give exit code 2.
func (c configCheckCmd) Run(p *program) error {
	cfg, warnings, err := config.Load(c.Config)
	if err == nil {
		err = c.opens(cfg)
	}
	for _, w := range warnings {
		fmt.Fprintln(p.errOut, "warning:", w)
	}
	var faults tomlfile.Errors
	switch {
	case errors.As(err, &faults):
		for _, f := range faults {
			fmt.Fprintln(p.errOut, f)
		}
		return wrongUse{fmt.Errorf("%s: %d to mend", c.Config, len(faults))}
	case err != nil:
		return wrongUse{err}
	}
	fmt.Fprintf(p.out, "%s is fine.\n", c.Config)
	return nil
}

// opens opens what the bot would at its start. The error says what of it
// cannot be read, with the place that names it.
func (c configCheckCmd) opens(cfg *config.Config) error {
	data, err := os.ReadFile(c.Config)
	if err != nil {
		return err
	}
	places := tomlfile.Positions(data)
	var faults tomlfile.Errors
	fault := func(key string, err error) {
		at := tomlfile.Find(places, key)
		faults = append(faults, &tomlfile.Error{File: c.Config, Line: at.Line, Column: at.Column, Key: key, Msg: err.Error()})
	}
	_, err = knowledge.Open(cfg.Knowledge.Dir)
	if inside := knowledge.Faults(err); len(inside) > 0 {
		faults = append(faults, inside...) // with places of their own
	} else if err != nil {
		fault("knowledge.dir", err)
	}
	resolver, err := dnsq.New(dnsq.Config{Resolver: cfg.DNS.Resolver, TrustAnchorFile: cfg.DNS.TrustAnchorFile})
	switch {
	case err == nil:
		err = resolver.Close()
	case cfg.DNS.TrustAnchorFile != "":
		fault("dns.trust_anchor_file", err)
	default:
		fault("dns.resolver", err)
	}
	if len(faults) > 0 {
		faults.Sort()
		return faults
	}
	return err
}
