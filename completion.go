package main

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/alecthomas/kong"
)

// completionCmd prints what a shell needs to complete the program's commands.
type completionCmd struct {
	Shell string `arg:"" enum:"bash,fish" help:"The shell: ${enum}."`
}

// Run prints the script.
func (c completionCmd) Run(p *program, k *kong.Kong) error {
	if c.Shell == "fish" {
		return fishCompletion(p.out, k.Model)
	}
	return bashCompletion(p.out, k.Model)
}

// words are what may follow on a command line, by the words before it:
// sub-commands and, for those that do something, flags.
func words(model *kong.Application) map[string][]string {
	next := map[string][]string{}
	add := func(before, word string) {
		if !slices.Contains(next[before], word) {
			next[before] = append(next[before], word)
		}
	}
	for _, c := range model.Leaves(true) {
		before := ""
		for word := range strings.FieldsSeq(commandPath(c)) {
			add(before, word)
			before = strings.TrimSpace(before + " " + word)
		}
		for _, f := range flagsOf(c) {
			add(before, "--"+f.Name)
			if f.Tag.Negatable != "" {
				add(before, "--no-"+f.Name)
			}
		}
		for _, a := range c.Positional {
			for _, value := range values(a) {
				add(before, value)
			}
		}
	}
	return next
}

// values are the values a flag or an argument may have, if they are a list.
func values(v *kong.Value) []string {
	if v.Enum == "" {
		return nil
	}
	return v.EnumSlice()
}

// choices are the flags with a list of values.
func choices(model *kong.Application) map[string][]string {
	all := map[string][]string{}
	for _, c := range model.Leaves(true) {
		for _, f := range flagsOf(c) {
			for _, v := range values(f.Value) {
				if name := "--" + f.Name; !slices.Contains(all[name], v) {
					all[name] = append(all[name], v)
				}
			}
		}
	}
	return all
}

// bashCompletion writes a script for bash.
func bashCompletion(out io.Writer, model *kong.Application) error {
	var b strings.Builder
	b.WriteString("# Completion of wolkwijs; made by `wolkwijs completion`.\n_wolkwijs() {\n" +
		"\tlocal word=${COMP_WORDS[COMP_CWORD]} last=${COMP_WORDS[COMP_CWORD-1]} before= i\n\tCOMPREPLY=()\n" +
		"\tfor ((i = 1; i < COMP_CWORD; i++)); do\n" +
		"\t\tcase ${COMP_WORDS[i]} in -*) break ;; esac\n" +
		"\t\tcase \"${before:+$before }${COMP_WORDS[i]}\" in\n\t\t")
	next := words(model)
	paths := sortedKeys(next)
	for i, path := range paths[1:] {
		if i > 0 {
			b.WriteString(" | ")
		}
		fmt.Fprintf(&b, "'%s'", path)
	}
	b.WriteString(") before=${before:+$before }${COMP_WORDS[i]} ;;\n\t\t*) [ -n \"$before\" ] || return 0; break ;;\n\t\tesac\n\tdone\n\tlocal words=\n\tcase $last in\n")
	lists := choices(model)
	for _, flag := range sortedKeys(lists) {
		fmt.Fprintf(&b, "\t%s) words='%s' ;;\n", flag, strings.Join(lists[flag], " "))
	}
	b.WriteString("\t*)\n\t\tcase $before in\n")
	for _, path := range paths {
		fmt.Fprintf(&b, "\t\t'%s') words='%s' ;;\n", path, strings.Join(next[path], " "))
	}
	b.WriteString("\t\tesac\n\t\t;;\n\tesac\n\tCOMPREPLY=($(compgen -W \"$words\" -- \"$word\"))\n}\ncomplete -o default -F _wolkwijs wolkwijs\n")
	_, err := io.WriteString(out, b.String())
	return err
}

// fishCompletion writes a script for fish.
func fishCompletion(out io.Writer, model *kong.Application) error {
	var b strings.Builder
	b.WriteString("# Completion of wolkwijs; made by `wolkwijs completion`.\n")
	for _, c := range model.Leaves(true) {
		path := strings.Fields(commandPath(c))
		condition := "__fish_use_subcommand"
		if len(path) > 1 {
			fmt.Fprintf(&b, "complete -c wolkwijs -n %s -a %s -d %s\n", condition, path[0], quote(c.Parent.Help))
			condition = fmt.Sprintf("'__fish_seen_subcommand_from %s'", path[0])
		}
		fmt.Fprintf(&b, "complete -c wolkwijs -n %s -a %s -d %s\n", condition, path[len(path)-1], quote(c.Help))
		for _, f := range flagsOf(c) {
			fmt.Fprintf(&b, "complete -c wolkwijs -n '__fish_seen_subcommand_from %s' -l %s -d %s", path[len(path)-1], f.Name, quote(f.Help))
			if list := values(f.Value); list != nil {
				fmt.Fprintf(&b, " -x -a %s", quote(strings.Join(list, " ")))
			}
			b.WriteString("\n")
		}
	}
	_, err := io.WriteString(out, b.String())
	return err
}

// quote quotes s for fish.
func quote(s string) string {
	return "'" + strings.NewReplacer(`\`, `\\`, "'", `\'`).Replace(s) + "'"
}

func sortedKeys(m map[string][]string) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}
