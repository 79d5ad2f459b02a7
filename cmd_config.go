package main

import (
	"errors"
	"fmt"

	"wolkwijs/config"
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
	_, warnings, err := config.Load(c.Config)
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
