package main

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"text/tabwriter"
	"time"

	"wolkwijs/knowledge"
)

// knowledgeCmd is about the knowledge base.
type knowledgeCmd struct {
	Lint   knowledgeLintCmd   `cmd:"" help:"Say what is wrong with the knowledge base, with file, line and column."`
	Stats  knowledgeStatsCmd  `cmd:"" help:"Count what the knowledge base holds."`
	Export knowledgeExportCmd `cmd:"" help:"Print the whole knowledge base as JSON."`
}

// knowledgeFlags choose which knowledge base a sub-command is about.
type knowledgeFlags struct {
	Dir string `type:"path" placeholder:"FOLDER" help:"A folder with files that add to or replace what is built in."`
}

// layers are the built-in knowledge and the folder, if any.
func (f knowledgeFlags) layers() ([]knowledge.Layer, error) {
	layers := []knowledge.Layer{knowledge.Builtin()}
	if f.Dir == "" {
		return layers, nil
	}
	if info, err := os.Stat(f.Dir); err != nil || !info.IsDir() {
		return nil, wrongUse{fmt.Errorf("--dir: %s is not a folder", f.Dir)}
	}
	return append(layers, knowledge.Dir(f.Dir)), nil
}

// load reads the knowledge base that the flags choose.
func (f knowledgeFlags) load() (*knowledge.Base, error) {
	layers, err := f.layers()
	if err != nil {
		return nil, err
	}
	return knowledge.Load(layers...)
}

// knowledgeLintCmd checks the knowledge base.
type knowledgeLintCmd struct {
	knowledgeFlags
	Errors bool `help:"Leave out the warnings."`
}

// Run prints every finding and, last, how many there are. Faults give exit
// code 1; warnings alone do not.
func (c knowledgeLintCmd) Run(p *program) error {
	layers, err := c.layers()
	if err != nil {
		return err
	}
	found, err := knowledge.Lint(time.Now(), layers...)
	if err != nil {
		return err
	}
	faults := len(knowledge.Failures(found))
	for _, f := range found {
		if !f.Warning || !c.Errors {
			fmt.Fprintln(p.out, f)
		}
	}
	if faults > 0 {
		return fmt.Errorf("the knowledge base has %d faults and %d warnings", faults, len(found)-faults)
	}
	fmt.Fprintf(p.errOut, "The knowledge base has no faults and %d warnings.\n", len(found))
	return nil
}

// knowledgeStatsCmd counts the knowledge base.
type knowledgeStatsCmd struct {
	knowledgeFlags
	JSON bool `name:"json" help:"Print JSON."`
}

// Run prints the counts.
func (c knowledgeStatsCmd) Run(p *program) error {
	base, err := c.load()
	if err != nil {
		return err
	}
	stats := base.Stats(time.Now())
	if c.JSON {
		enc := json.NewEncoder(p.out)
		enc.SetIndent("", "  ")
		return enc.Encode(stats)
	}
	return printStats(p.out, stats)
}

// printStats prints the counts that an editor looks at first.
func printStats(out io.Writer, s knowledge.Stats) error {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	for _, kind := range slices.Sorted(maps.Keys(s.Entries)) {
		fmt.Fprintf(w, "%s\t%d\n", kind, s.Entries[kind])
	}
	fmt.Fprintf(w, "european alternatives\t%d\n", s.European)
	fmt.Fprintf(w, "texts\tnl %d\ten %d\n", s.Languages["nl"], s.Languages["en"])
	fmt.Fprintf(w, "entries\twithout source %d\twithout date %d\tolder than a year %d\n", s.WithoutSource, s.WithoutDate, s.Stale)
	fmt.Fprintln(w, "\ncategory\tservices\tEuropean\tDutch")
	for _, c := range s.Categories {
		fmt.Fprintf(w, "%s\t%d\t%d\t%d\n", c.ID, c.Services, c.European, c.Dutch)
	}
	fmt.Fprintln(w, "\nfact\tknown\tunknown\tdisputed")
	for _, f := range slices.Sorted(maps.Keys(s.Fields)) {
		fmt.Fprintf(w, "%s\t%d\t%d\t%d\n", f, s.Fields[f].Known, s.Fields[f].Unknown, s.Fields[f].Disputed)
	}
	return w.Flush()
}

// knowledgeExportCmd prints the knowledge base.
type knowledgeExportCmd struct{ knowledgeFlags }

// Run prints the merged knowledge base as one JSON object.
func (c knowledgeExportCmd) Run(p *program) error {
	base, err := c.load()
	if err != nil {
		return err
	}
	return base.Export(p.out)
}
