package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/alecthomas/kong"
)

// manCmd prints the manual page, for those who make packages.
type manCmd struct{}

// Run prints the page as roff with man macros (groff_man(7)).
func (manCmd) Run(p *program, k *kong.Kong) error {
	return manual(p.out, k.Model)
}

// manual writes the manual page of the command line that model describes.
func manual(out io.Writer, model *kong.Application) error {
	m := &roff{out: out}
	m.line(`.TH WOLKWIJS 1 "" "Wolkwijs" "User commands"`)
	m.section("NAME")
	m.text("wolkwijs - privacy advice and domain checks")
	m.section("SYNOPSIS")
	m.line(".B wolkwijs")
	m.text("COMMAND [FLAG ...] [ARGUMENT ...]")
	m.section("DESCRIPTION")
	m.text(model.Help)
	m.text("The knowledge base is in the program; a folder of TOML files can add to it. Domains are looked up in live DNS.")
	m.section("COMMANDS")
	for _, c := range model.Leaves(true) {
		m.line(".SS " + escape(commandLine(c)))
		m.text(c.Help)
		for _, f := range flagsOf(c) {
			m.line(".TP")
			m.line(".B " + escape(flagName(f)))
			m.text(f.Help)
		}
	}
	m.section("EXIT STATUS")
	for _, s := range [][2]string{{"0", "Fine."}, {"1", "The work failed."}, {"2", "Wrong use or configuration."}} {
		m.line(".TP")
		m.line(".B " + s[0])
		m.text(s[1])
	}
	m.section("ENVIRONMENT")
	m.line(".TP")
	m.line(".B WOLKWIJS_PASSWORD")
	m.text("The password of the bot's account, instead of a file with it.")
	m.line(".TP")
	m.line(".B NO_COLOR")
	m.text("If set to anything, answers in a terminal have no colours.")
	m.section("FILES")
	m.line(".TP")
	m.line(".I config.toml")
	m.text("The configuration, in the current folder unless --config names another. The key files and the database are where it says.")
	return m.err
}

// roff writes lines and remembers the first failure.
type roff struct {
	out io.Writer
	err error
}

func (m *roff) line(s string) {
	if m.err == nil {
		_, m.err = fmt.Fprintln(m.out, s)
	}
}

func (m *roff) section(name string) { m.line(".SH " + name) }

// text writes running text. A line must not begin with a dot or an
// apostrophe, which would make it a macro.
func (m *roff) text(s string) { m.line(`\&` + escape(s)) }

// escape makes roff show s to the letter, with hyphens that can be copied.
func escape(s string) string {
	return strings.NewReplacer(`\`, `\e`, "-", `\-`).Replace(s)
}

// flagsOf returns the flags of a sub-command that people see.
func flagsOf(n *kong.Node) []*kong.Flag {
	var all []*kong.Flag
	for _, group := range n.AllFlags(true) {
		all = append(all, group...)
	}
	return all
}

// commandLine is how a sub-command is called, such as "check <domain> ...".
func commandLine(n *kong.Node) string {
	line := commandPath(n)
	for _, a := range n.Positional {
		line += " " + a.Summary()
	}
	return line
}

// commandPath is the words of a sub-command, such as "config check".
func commandPath(n *kong.Node) string {
	if n.Parent == nil || n.Parent.Type == kong.ApplicationNode {
		return n.Name
	}
	return commandPath(n.Parent) + " " + n.Name
}

// flagName is how a flag is written, such as "-c, --config=FILE".
func flagName(f *kong.Flag) string {
	name := "--" + f.Name
	if f.Tag.Negatable != "" {
		name = "--[no-]" + f.Name
	}
	if !f.IsBool() {
		name += "=" + f.FormatPlaceHolder()
	}
	if f.Short != 0 {
		name = "-" + string(f.Short) + ", " + name
	}
	return name
}
