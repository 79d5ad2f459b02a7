package main

import (
	"fmt"
	"time"

	"wolkwijs/knowledge"
)

// knowledgeCmd is about the knowledge base.
type knowledgeCmd struct {
	Lint knowledgeLintCmd `cmd:"" help:"Say what is wrong with the knowledge base, with file, line and column."`
}

// knowledgeFlags choose which knowledge base a sub-command is about.
type knowledgeFlags struct {
	Dir string `type:"existingdir" placeholder:"FOLDER" help:"A folder with files that add to or replace what is built in."`
}

// layers are the built-in knowledge and the folder, if any.
func (f knowledgeFlags) layers() []knowledge.Layer {
	layers := []knowledge.Layer{knowledge.Builtin()}
	if f.Dir != "" {
		layers = append(layers, knowledge.Dir(f.Dir))
	}
	return layers
}

// knowledgeLintCmd checks the knowledge base.
type knowledgeLintCmd struct {
	knowledgeFlags
	Errors bool `help:"Leave out the warnings."`
}

// Run prints every finding and, last, how many there are. Faults give exit
// code 1; warnings alone do not.
func (c knowledgeLintCmd) Run(p *program) error {
	found, err := knowledge.Lint(time.Now(), c.layers()...)
	if err != nil {
		return err
	}
	faults := len(knowledge.Failures(found))
	for _, f := range found {
		if !f.Warning || !c.Errors {
			fmt.Fprintln(p.out, f)
		}
	}
	fmt.Fprintf(p.errOut, "knowledge: %d faults, %d warnings\n", faults, len(found)-faults)
	if faults > 0 {
		return fmt.Errorf("the knowledge base has %d faults", faults)
	}
	return nil
}
